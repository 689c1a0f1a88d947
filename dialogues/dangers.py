"""Emergency and crisis: found first, said first, and staff alarmed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from dialogues.turn import Alarm
from dialogues.walk import MAX_WORDS, Walk
from intents.understanding import Request, Understanding

DANGER = {"report_emergency": "emergency", "express_crisis": "crisis"}
DANGER_SURE = 0.35
"""A needless 120 costs less than a missed one."""
COMPLAINS = 0.3
"""So surely it is a complaint besides."""
COMPLAINT_SLOTS = ("complaint_text", "complaint_category", "place", "department", "anonymous", "phone")
GRAVE = re.compile(
    "流血|出血|昏|晕[倒死]|抽搐|叫不醒|chảy máu|chay mau|ngất|ngat|co giật|co giat", re.IGNORECASE
)
"""To whoever was asked where he is: no place, and not taken for a no."""
SHORT = 6
"""Letters of an answer in which an intent alone, without words of danger, is no danger."""


def find_danger(
    understood: Understanding, requests: Sequence[Request], *, asked: str | None = None
) -> str | None:
    """``emergency``, ``crisis`` or ``None``; ``asked`` is the slot of the open question."""
    intents = [(understood.intent.name, understood.intent.confidence)]
    intents += [(one.intent, one.confidence) for one in requests]
    relation = asked is not None and any(
        one.slot == "relation" for one in understood.entities
    )  # 「对，我自己」
    bodily = asked == "risk"  # 「走得很稳」 to 「走路要人扶吗」
    answering = understood.answer or ((relation or bodily) and not understood.danger)
    if answering and len(understood.text.strip()) <= SHORT:
        intents = []  # 「我自己」 answers 「就诊人是您的什么人」; danger in so few letters has words of its own
    found = {DANGER[name] for name, confidence in intents if name in DANGER and confidence >= DANGER_SURE}
    if "crisis" in found:
        return "crisis"
    hurt = asked == "place" and any(
        one.slot == "symptom" and GRAVE.search(one.text) for one in understood.entities
    )
    return "emergency" if found or understood.danger or hurt else None


def interrupt(walk: Walk, kind: str, understood: Understanding) -> None:
    """Whatever is running is laid aside; staff are alarmed; what to do comes first."""
    pattern = f"pattern_{kind}"
    interrupted = walk.find_interrupted()
    complaint = _find_complaint(walk, understood)
    words = understood.danger or (understood.text[:MAX_WORDS],)
    walk.alarms.append(Alarm(kind, words, interrupted.id if interrupted else None))
    walk.pending.clear()
    if walk.paused:  # a person is with the patient: say what to do, and leave everything as it lies
        walk.say(f"utter_{kind}")
        if kind == "emergency":
            walk.act("action_help_in_danger")
        return
    walk.remove(pattern)
    walk.push(pattern, context={"words": "、".join(words), "complaint": bool(complaint)}, slots=complaint)
    walk.run()


def _find_complaint(walk: Walk, understood: Understanding) -> dict[str, Any]:
    """What is also complained of, in the slots of ``file_complaint``: it is filed at once, for whoever is in danger does
    not come back to answer where it was and what his number is."""
    telling = next((frame for frame in reversed(walk.stack) if frame.flow == "file_complaint"), None)
    scores = [(one.name, one.confidence) for one in understood.ranking]
    scores += [(one.intent, one.confidence) for one in understood.requests]
    complains = any(name == "file_complaint" and score >= COMPLAINS for name, score in scores) or any(
        word in understood.text for word in walk.book.hospital.complaints.grievance_words
    )
    if telling is None and not complains:
        return {}
    known = {name: telling.slots.get(name) for name in COMPLAINT_SLOTS} if telling else {}
    said = {name: understood.slots.get(name) for name in COMPLAINT_SLOTS}
    text = "\n".join(one for one in (known.get("complaint_text"), understood.text.strip()) if one)
    return {name: known.get(name) or said[name] for name in COMPLAINT_SLOTS} | {"complaint_text": text}
