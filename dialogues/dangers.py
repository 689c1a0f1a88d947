"""Emergency and crisis: found first, said first, and staff alarmed."""

from __future__ import annotations

from collections.abc import Sequence

from dialogues.turn import Alarm
from dialogues.walk import MAX_WORDS, Walk
from intents.understanding import Request, Understanding

DANGER = {"report_emergency": "emergency", "express_crisis": "crisis"}
DANGER_SURE = 0.35
"""A needless 120 costs less than a missed one."""
SHORT = 6
"""Letters of an answer in which an intent alone, without words of danger, is no danger."""


def find_danger(understood: Understanding, requests: Sequence[Request]) -> str | None:
    intents = [(understood.intent.name, understood.intent.confidence)]
    intents += [(one.intent, one.confidence) for one in requests]
    if understood.answer and len(understood.text.strip()) <= SHORT:
        intents = []  # 「我自己」 answers 「就诊人是您的什么人」; danger in so few letters has words of its own
    found = {DANGER[name] for name, confidence in intents if name in DANGER and confidence >= DANGER_SURE}
    if "crisis" in found:
        return "crisis"
    return "emergency" if found or understood.danger else None


def interrupt(walk: Walk, kind: str, understood: Understanding) -> None:
    """Whatever is running is laid aside; staff are alarmed; what to do comes first."""
    pattern = f"pattern_{kind}"
    interrupted = walk.find_interrupted()
    words = understood.danger or (understood.text[:MAX_WORDS],)
    walk.alarms.append(Alarm(kind, words, interrupted.id if interrupted else None))
    walk.pending.clear()
    if walk.paused:  # a person is with the patient: say what to do, and leave everything as it lies
        walk.say(f"utter_{kind}")
        return
    walk.remove(pattern)
    walk.push(pattern, context={"words": "、".join(words)})
    walk.run()
