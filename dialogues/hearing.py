"""What a message does: danger first, then the open question, then what else was asked for.

The order is that of a good receptionist. Danger is looked for even when a person has taken over; an answer to the
open question comes before a change of subject; a change of subject is served and then led back to the very question.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from dialogues import filling
from dialogues.conversation import Pending
from dialogues.flows import Flow, Step
from dialogues.options import find_option, fold
from dialogues.repair import find_choices
from dialogues.turn import Alarm
from dialogues.walk import MAX_PENDING, MAX_WORDS, Walk
from intents.understanding import Request, Understanding

DANGER = {"report_emergency": "emergency", "express_crisis": "crisis"}
CONTROL = frozenset({"stop_task", "talk_to_human", "repeat_last"})
"""What may be said at any question and is never its answer."""
ANSWERS = frozenset({"affirm", "deny"})
SMALL = (
    ANSWERS
    | CONTROL
    | {"greet", "goodbye", "thank", "chitchat", "out_of_scope", "ask_bot", "change_language"}
)
QUESTIONS = ("ask_", "query_")

# Confidence is calibrated: of all messages given 0.8, eight in ten are right.
DANGER_SURE = 0.35  # a needless 120 costs less than a missed one
SURE = 0.45  # enough to begin what was asked for
DIGRESS = 0.55  # enough to leave an open question for something else
QUESTION_SURE = 0.75  # enough to take as a question a message that could also be the answer
HOPELESS = 0.12  # below this not even worth a question back
CLOSE = 0.12  # two intents nearer than this are asked about, unless the first is surer than CLEAR
CLEAR = 0.6
FAQ_SURE = 0.8  # an FAQ entry that fits so well is answered whatever the intent
FILLERS = re.compile("[那就要想我是改换成到去的吧呢吗啊呀了约挂号看]")
"""What may stand beside a value without asking for anything."""
FREE_TEXT_CONTROL = 12
"""Letters up to which 「算了」 or 「转人工」 is a word of control at a question that takes the whole message."""


def hear(walk: Walk, understood: Understanding) -> None:
    """One message of the patient."""
    requests = understood.requests or (
        Request(understood.intent.name, understood.intent.confidence, understood.slots, understood.text),
    )
    kind = find_danger(understood, requests)
    if kind:
        interrupt(walk, kind, understood)
        return
    if walk.paused:
        return
    if understood.truncated:
        walk.say("utter_truncated")
    if not understood.text.strip():
        walk.say("utter_empty")
        walk.run()
        return
    speak_their_language(walk, understood)
    waiting = walk.waiting
    if waiting is None:
        request(walk, understood, requests)
    else:
        listen(walk, waiting[1], understood, requests)
    walk.run()
    if waiting is None and walk.pending and walk.waiting:
        first, second = (
            walk.book.titles.get(name, "") for name in (requests[0].intent, walk.pending[0].intent)
        )
        walk.replies.insert(0, walk.reply("utter_two_requests", {"first": first, "second": second}))


def speak_their_language(walk: Walk, understood: Understanding) -> None:
    """Answers in the language of the message, if the replies know it. Chinese is what is assumed where nothing tells
    (a number, a name), so it takes a sentence of it to change back."""
    chinese = sum("\u4e00" <= letter <= "\u9fff" for letter in understood.text)
    if understood.language in walk.book.wording.languages and (understood.language != "zh" or chinese >= 4):
        walk.language = understood.language


# danger


def find_danger(understood: Understanding, requests: Sequence[Request]) -> str | None:
    intents = [(understood.intent.name, understood.intent.confidence)]
    intents += [(one.intent, one.confidence) for one in requests]
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


# while a question is open


def listen(walk: Walk, step: Step, understood: Understanding, requests: Sequence[Request]) -> None:
    main = requests[0]
    value = understood.answer.get(step.name, understood.slots.get(step.name))
    if value is None or step.free_text:
        chosen = find_option(understood.text, walk.before.options, loosely=not step.free_text)
        if chosen is not None and press_option(walk, chosen):
            return
    if main.intent in CONTROL and main.confidence >= DIGRESS and _may_control(step, understood.text):
        digress(walk, main, understood)
        return
    if step.free_text:
        filling.answer(walk, step, understood.text.strip())
        return
    own = own_intents(walk)
    brought = filling.find_changes(walk, understood.slots, besides=step.name)
    absorbed = frozenset(intent for frame in walk.chain() for intent in walk.flow_of(frame).absorbs)
    if not _says_only_values(walk, understood, brought) and _leaves(walk, main, own, brought, value):
        serve_aside(walk, requests, understood)
        return
    if _is_corrected(walk, step, value, brought):
        filling.apply_changes(walk, brought)
        return
    if value is not None and filling.answer(walk, step, value):
        filling.apply_changes(walk, brought)
        rest = (
            [one for one in requests if _is_another(walk, one, own | absorbed)] if len(requests) > 1 else []
        )
        _keep_for_later(walk, rest, understood)
        return
    if main.intent == "affirm" and main.confidence >= DIGRESS and filling.keep_known(walk, step):
        return
    if main.intent == "deny" and main.confidence >= DIGRESS and step.optional:
        filling.skip(walk, step)
        return
    if brought or filling.says_nothing_new(walk, understood.slots):
        filling.apply_changes(walk, brought)
        return
    fail_to_understand(walk, understood)


def _may_control(step: Step, text: str) -> bool:
    return not step.free_text or len(text.strip()) <= FREE_TEXT_CONTROL


def own_intents(walk: Walk) -> frozenset[str]:
    """The intents that speak of the running flow itself."""
    chain = [walk.flow_of(frame) for frame in walk.chain()]
    return frozenset(intent for flow in chain for intent, _ in flow.triggers)


def _leaves(walk: Walk, main: Request, own: frozenset[str], brought: Mapping[str, Any], value: Any) -> bool:
    """Whether the message changes the subject."""
    if main.intent in own or main.intent in ANSWERS or main.confidence < DIGRESS or has_no_words(main.text):
        return False
    chain = [walk.flow_of(frame) for frame in walk.chain()]
    absorbed = any(main.intent in flow.absorbs for flow in chain)
    if absorbed and (value is not None or any(name in flow.mentioned for name in brought for flow in chain)):
        return False
    if value is not None:
        return main.intent.startswith(QUESTIONS) and main.confidence >= QUESTION_SURE
    return main.intent in walk.book.titles and main.intent != "out_of_scope"


def _says_only_values(walk: Walk, understood: Understanding, brought: Mapping[str, Any]) -> bool:
    """「后天上午」, 「换成下午」 name values of the running flow and no subject, whatever the intent is taken for."""
    if not any(name in walk.flow_of(frame).mentioned for frame in walk.chain() for name in brought):
        return False
    rest = understood.text
    for one in sorted(understood.entities, key=lambda one: one.start, reverse=True):
        rest = rest[: one.start] + rest[one.end :]
    return not fold(FILLERS.sub("", rest))


def _is_corrected(walk: Walk, step: Step, value: Any, brought: Mapping[str, Any]) -> bool:
    """「不对，是后天」 at 「确认吗？」: a new date makes the yes or no to the old one worthless."""
    is_yes_or_no = walk.book.slots[step.name].type == "bool"
    earlier = any(walk.get(name) is not None for name in brought)
    return earlier and (value is None or is_yes_or_no)


def _is_another(walk: Walk, one: Request, own: frozenset[str]) -> bool:
    """Whether a request said beside an answer is one of its own."""
    return one.intent not in own and one.intent not in SMALL and one.confidence >= DIGRESS


def serve_aside(walk: Walk, requests: Sequence[Request], understood: Understanding) -> None:
    """The subject is changed: served now, on top of what waits; a second request of the message after it."""
    own = own_intents(walk)
    rest = [one for one in requests[1:] if _is_another(walk, one, own)]
    _keep_for_later(walk, rest, understood)
    digress(walk, requests[0], understood)


def _keep_for_later(walk: Walk, rest: Sequence[Request], understood: Understanding) -> None:
    depth = len(walk.stack)
    later = [
        Pending(one.intent, _with_faq(walk, one, understood), one.text or understood.text, depth)
        for one in rest
    ]
    walk.pending = [*later, *walk.pending][:MAX_PENDING]


def digress(walk: Walk, wanted: Request, understood: Understanding) -> None:
    """Another flow on top of the one that waits, or back to one that was left earlier."""
    slots = _with_faq(walk, wanted, understood)
    flow = walk.find_flow(wanted.intent, slots, confidence=wanted.confidence)
    if flow is None:
        search(walk, wanted.intent, slots)
        return
    earlier = _find_left(walk, flow)
    if earlier is not None:
        walk.drop(earlier)
        filling.apply_changes(walk, filling.find_changes(walk, slots))
        return
    begin(walk, flow, slots)


def _find_left(walk: Walk, flow: Flow) -> int | None:
    """Above which frame everything must go, so that this flow, left earlier, is on top again."""
    for at, frame in enumerate(walk.stack):
        if frame.flow == flow.id and at < walk.owner():
            end = at + 1
            while end < len(walk.stack) and walk.stack[end].called:
                end += 1
            return end
    return None


def fail_to_understand(walk: Walk, understood: Understanding) -> None:
    """Neither an answer nor anything else: perhaps a known question, else once more, and at last a person."""
    if understood.faq and understood.faq[0].score >= FAQ_SURE:
        search(walk, understood.intent.name, {"faq": understood.faq[0].id})
    elif not walk.count_try():
        walk.say("utter_not_understood")


# when nothing is open


def has_no_words(text: str) -> bool:
    """「65」, 「……」: nothing in it can ask for anything, whatever the intent says."""
    return bool(text) and not any(letter.isalpha() for letter in text)


def request(walk: Walk, understood: Understanding, requests: Sequence[Request]) -> None:
    """Begins what is asked for; asks back where two meanings are near; says what is possible where there is none."""
    chosen = find_option(understood.text, walk.before.options)
    if chosen is not None and press_option(walk, chosen):
        return
    main = requests[0]
    slots = _with_faq(walk, main, understood)
    if len(requests) == 1:
        slots = {**understood.slots, **slots}
    faq = understood.faq[0] if understood.faq and understood.faq[0].score >= FAQ_SURE else None
    flow = walk.find_flow(main.intent, slots, confidence=main.confidence)
    unsure = main.confidence < SURE or has_no_words(main.text)
    if faq and (unsure or main.intent == "out_of_scope"):
        search(walk, main.intent, {**slots, "faq": faq.id})
    elif main.intent == "out_of_scope" and not unsure:
        walk.push("pattern_cannot_handle", context={"reason": "out_of_scope"})
    elif choices := _find_near(walk, understood, requests):
        walk.push("pattern_clarification", context={"choices": find_choices(walk, choices, understood.slots)})
    elif unsure:
        walk.push("pattern_cannot_handle", context={"reason": "not_understood"})
    else:
        own = frozenset({main.intent})
        _keep_for_later(walk, [one for one in requests[1:] if _is_another(walk, one, own)], understood)
        if flow is None:
            search(walk, main.intent, slots)
        else:
            begin(walk, flow, slots)


def _find_near(walk: Walk, understood: Understanding, requests: Sequence[Request]) -> list[str]:
    """The intents to choose from, where the first is not sure enough alone."""
    confidence = requests[0].confidence
    if len(requests) > 1 or confidence >= CLEAR:
        return []
    able = [one for one in understood.ranking if one.name not in SMALL and one.confidence >= HOPELESS]
    near = [one for one in able[:3] if able[0].confidence - one.confidence < CLOSE]
    if len(near) > 1 and len({_leads_to(walk, one.name) for one in near}) > 1:
        return [one.name for one in near]
    return [one.name for one in able[:3]] if confidence < SURE else []


def _leads_to(walk: Walk, intent: str) -> str:
    flow = walk.find_flow(intent)
    return flow.id if flow else intent


def begin(walk: Walk, flow: Flow, slots: Mapping[str, Any]) -> None:
    """「有没有别的医生」 inside a booking means its department: ``inherits`` is not asked again."""
    inherited = {name: walk.get(name) for name in flow.inherits if name not in slots}
    walk.push(flow.id, slots={**inherited, **slots})


def search(walk: Walk, intent: str, slots: Mapping[str, Any]) -> None:
    """No flow serves this intent here: the hospital's own answers do."""
    walk.intent = intent
    walk.push("pattern_search", slots=slots, context={"request": intent})


def _with_faq(walk: Walk, wanted: Request, understood: Understanding) -> dict[str, Any]:
    """The request's slots and, if an entry of its intent matches, which."""
    slots = dict(wanted.slots)
    for match in understood.faq:
        if walk.book.faq_intents.get(match.id) == wanted.intent:
            slots["faq"] = match.id
            break
    return slots


def press_option(walk: Walk, payload: str) -> bool:
    """The words name one of the buttons: the same as pressing it."""
    from dialogues.pressing import press

    return press(walk, payload)
