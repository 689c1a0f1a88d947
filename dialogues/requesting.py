"""What is asked for is begun: a flow, an answer from the FAQ, a question back; a second request waits."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from dialogues import filling
from dialogues.conversation import Pending
from dialogues.flows import Flow
from dialogues.grievances import may_complain
from dialogues.help_matters import asks_nobody, tells_where
from dialogues.known_matters import COMPLAINING, find_escort_due, find_matter
from dialogues.line_matters import DEEDS, UNKNOWN, find_line_meant, is_answer_of
from dialogues.line_starts import find_by_intent, find_line_named, fold, is_question
from dialogues.nearness import EARLY, find_near
from dialogues.repair import find_choices
from dialogues.walk import MAX_PENDING, Walk
from intents.understanding import Request, Understanding

CONTROL = frozenset({"stop_task", "talk_to_human", "repeat_last", "stop_followup"})
"""What may be said at any question and is never its answer."""
ANSWERS = frozenset({"affirm", "deny"})
SMALL = (
    ANSWERS
    | CONTROL
    | {"greet", "goodbye", "thank", "chitchat", "out_of_scope", "ask_bot", "change_language"}
)

HELP = "request_onsite_help"
AT_ONCE = frozenset({HELP})
"""Sends somebody running: the name of a place alone (「我在门诊三楼」) asks for no such thing."""
WAY = "ask_route"
BEGINS = ("book_", "request_", "join_", "register_", "borrow_", "copy_")
TURNED_DOWN = re.compile(
    r"(?:我|也|就|先|又|但|并)*(?:不想|不用|不要|不需要|用不着|懒得)(?:再|去|先)?(?!.*了$)"
)
FACT_NAME = 2
"""Letters that name a fact before its value: 「电话」, 「我叫」, 「我在」."""

# Confidence is calibrated: of all messages given 0.8, eight in ten are right.
SURE = 0.45  # enough to begin what was asked for
DIGRESS = 0.55  # enough to leave an open question for something else
HOPELESS = 0.12  # below this not even worth a question back
WORTH = 0.25  # a single guess less sure than this is no question back
CLOSE = 0.12  # two intents nearer than this are asked about, unless the first is surer than CLEAR
CLEAR = 0.6
FAQ_SURE = 0.8  # an FAQ entry that fits so well is answered where the intent is not sure
TOLD_WITH = frozenset({"query_doctor", "query_schedule", "query_appointment"})
"""「会诊几点，有哪些专家」 after one's own registration is one question."""
_QUESTION = re.compile(r"[吗么呢?？几哪]|怎|多少|多久|能不能|要不要|会不会|有没有|是不是|可不可以")


def request(walk: Walk, understood: Understanding, requests: Sequence[Request]) -> None:
    """Begins what is asked for; asks back where two meanings are near; says what is possible where there is none."""
    main = find_line_meant(walk, requests[0], understood.text)
    settled = main.intent in DEEDS  # of what is on record
    if not settled and (len(requests) == 1 or all(one.intent in COMPLAINING for one in requests)):
        meant = find_matter(walk, main, understood.text)
        if len(requests) == 1 or meant.intent == "appeal_absence":
            main, requests = meant, requests[:1]
    known = main is not requests[0]  # by what is on record: somebody waits for help
    slots = _with_faq(walk, requests[0] if main.intent == UNKNOWN else main, understood)
    slots = {**main.slots, **slots}
    if asks_about_line(walk, main, understood):
        search(walk, requests[0].intent, _with_sure_faq(slots, understood))
        return
    if len(requests) == 1:
        slots = {**understood.slots, **slots}
    faq = find_sure_faq(understood)
    if not faq and not settled and main.intent in ("out_of_scope", "ask_payment"):
        priced = find_line_named(walk, main.intent, understood.text)
        if priced is not None:
            walk.push("line_fee", slots={"line": priced.id})
            return
    flow = walk.find_flow(main.intent, slots, confidence=main.confidence)
    unsure = main.confidence < SURE or has_no_words(main.text)
    begun = flow is not None and any(name in flow.mentioned for name in slots)  # 「厕所在哪」 says where to
    asked = not begun and faq is not None and answers_question(walk, understood, faq)
    if faq and not settled and (unsure or main.intent == "out_of_scope" or asked):
        search(walk, main.intent, {**slots, "faq": faq})
    elif len(requests) == 1 and may_complain(main, understood):
        walk.push("offer_complaint", slots={**slots, "complaint_text": understood.text})
    elif main.intent == "out_of_scope" and not unsure:
        walk.push("pattern_cannot_handle", context={"reason": "out_of_scope"})
    elif main == requests[0] and (choices := _find_near(walk, understood, requests)):
        walk.push("pattern_clarification", context={"choices": find_choices(walk, choices, understood.slots)})
    elif unsure:
        walk.push("pattern_cannot_handle", context={"reason": "not_understood"})
    elif len(requests) == 1 and (due := find_escort_due(walk, main, understood)):
        walk.push("offer_escort", slots=due)
    elif not known and _says_only_where(walk, main, understood):
        _ask_what_for(walk, main, slots)
    else:
        own = frozenset({main.intent}) | (flow.absorbs if flow else frozenset())
        line = getattr(walk.book.hospital, "find_line", lambda name: None)(flow.id if flow else None)
        others = [one for one in requests[1:] if is_another(walk, one, own) or one.intent == main.intent]
        others = [one for one in others if line is None or not is_answer_of(line, one.text)]
        others = [one for one in others if not is_turned_down(one)]
        others = [one for one in others if not settled or one.intent not in TOLD_WITH]
        keep_for_later(walk, others, understood, first=flow)
        if not others:  # 「我想睇牙，礼拜六有冇得睇」: both halves speak of one errand
            slots = {**understood.slots, **slots}
        if flow is None:
            search(walk, main.intent, slots)
        else:
            begin(walk, flow, slots)


def _says_only_where(walk: Walk, main: Request, understood: Understanding) -> bool:
    """Where he stands and no more: nobody is sent, and no way shown to where he is already."""
    if main.intent == WAY:
        return "origin" not in understood.slots and tells_where(walk, understood.text)
    return main.intent in AT_ONCE and (tells_facts(understood) or asks_nobody(walk, understood.text))


def _ask_what_for(walk: Walk, main: Request, slots: Mapping[str, Any]) -> None:
    """The way told a moment ago is wanted from there; else it is asked what he needs."""
    way = walk.find_flow(WAY)
    if way and walk.slots.get("way_to"):
        begin(walk, way, slots)
    else:
        choices = find_choices(walk, [WAY, HELP], slots)
        walk.push("pattern_clarification", context={"choices": choices})


def asks_about_line(walk: Walk, wanted: Request, understood: Understanding) -> bool:
    """「复印病历要带什么」: the FAQ answers, with a button that begins the line. A button pressed has no words."""
    lines = getattr(walk.book.hospital, "lines", ())
    if not lines or not understood.text or not is_question(wanted.text or understood.text):
        return False
    line = walk.book.hospital.find_line(wanted.intent)
    if line is not None:
        return line.faq is not None
    return bool(find_by_intent(lines, wanted.intent)) and wanted.confidence >= SURE


def _find_near(walk: Walk, understood: Understanding, requests: Sequence[Request]) -> list[str]:
    """The intents to choose from, where the first is not sure enough alone."""
    confidence = requests[0].confidence
    if len(requests) > 1 or confidence >= CLEAR:
        return []
    able = [one for one in understood.ranking if one.name not in SMALL and one.confidence >= HOPELESS]
    near = [one for one in able[:3] if able[0].confidence - one.confidence < CLOSE]
    if len(near) > 1 and len({_leads_to(walk, one.name) for one in near}) > 1:
        return [one.name for one in near]
    worth = len(able) > 1 or (bool(able) and able[0].confidence >= WORTH)
    return [one.name for one in able[:3]] if confidence < SURE and worth else []


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


def own_intents(walk: Walk) -> frozenset[str]:
    """The intents that speak of the running flow itself."""
    chain = [walk.flow_of(frame) for frame in walk.chain()]
    return frozenset(intent for flow in chain for intent, _ in flow.triggers)


def serve_aside(walk: Walk, requests: Sequence[Request], understood: Understanding) -> None:
    """The subject is changed: served now, on top of what waits; a second request of the message after it."""
    own = own_intents(walk)
    rest = [one for one in requests[1:] if is_another(walk, one, own)]
    keep_for_later(walk, rest, understood)
    digress(walk, requests[0], understood)


def digress(walk: Walk, wanted: Request, understood: Understanding) -> None:
    """Another flow on top of the one that waits, or back to one that was left earlier."""
    asked, wanted = wanted, find_line_meant(walk, wanted, wanted.text or understood.text)
    if wanted.intent not in DEEDS:
        wanted = find_matter(walk, wanted, wanted.text or understood.text)
    near = find_near(walk, wanted, wanted.text or understood.text)
    if near is not None and near.intent == EARLY:
        walk.push(EARLY, slots=near.slots)
        return
    wanted = near or wanted
    slots = _with_faq(walk, wanted, understood)
    if asks_about_line(walk, wanted, understood):
        search(walk, asked.intent, _with_sure_faq(slots, understood))
        return
    flow = walk.find_flow(wanted.intent, slots, confidence=wanted.confidence)
    if flow is None:
        search(walk, wanted.intent, slots)
        return
    if (
        walk.stack[walk.owner()].flow == flow.id
    ):  # 「我想撤销刚才的投诉」 to 「要撤回吗」: asked again, not twice
        filling.apply_changes(walk, filling.find_changes(walk, slots))
        return
    earlier = _find_left(walk, flow)
    if earlier is not None:
        walk.drop(earlier)
        filling.apply_changes(walk, filling.find_changes(walk, slots))
        return
    running = walk.owner()
    if wanted.intent in walk.flow_of(walk.stack[running]).yields or _ends_change(walk, wanted.intent):
        kept = {name: walk.get(name) for name in ("record", *flow.inherits)}
        walk.drop(running)
        slots = {**kept, **slots}
    begin(walk, flow, slots)


def _ends_change(walk: Walk, intent: str) -> bool:
    """「取消吧」 while a registration is being changed: there is nothing to come back to."""
    changing = getattr(walk.book.hospital, "find_line", lambda name: None)(walk.stack[walk.owner()].flow)
    return intent == "cancel_request" and changing is not None and walk.get("record") is not None


def _find_left(walk: Walk, flow: Flow) -> int | None:
    """Above which frame everything must go, so that this flow, left earlier, is on top again."""
    for at, frame in enumerate(walk.stack):
        if frame.flow == flow.id and at < walk.owner():
            end = at + 1
            while end < len(walk.stack) and walk.stack[end].called:
                end += 1
            return end
    return None


def keep_for_later(
    walk: Walk,
    rest: Sequence[Request],
    understood: Understanding,
    *,
    first: Flow | None = None,
    depth: int | None = None,
) -> None:
    """``first`` is the flow begun now, or (``depth``) running: a request of the same is its errand once more (「我爸妈都要
    挂」)."""
    depth = len(walk.stack) if depth is None else depth
    whose = {
        name: understood.slots[name] for name in ("relation", "patient_name") if name in understood.slots
    }
    meant = [find_line_meant(walk, one, one.text or understood.text) for one in rest]
    later = [
        Pending(
            one.intent,
            whose | _with_faq(walk, one, understood),
            one.text or understood.text,
            depth,
            first.id if first and walk.find_flow(one.intent, one.slots) is first else "",
        )
        for one in meant
    ]
    walk.pending = [*later, *walk.pending][:MAX_PENDING]


def _with_faq(walk: Walk, wanted: Request, understood: Understanding) -> dict[str, Any]:
    """The request's slots and, if an entry of its intent matches, which."""
    slots = dict(wanted.slots)
    for match in understood.faq:
        entry = walk.book.faq.get(match.id)
        if entry is not None and entry.intent == wanted.intent:
            slots["faq"] = match.id
            break
    line = walk.book.hospital.find_line(wanted.intent) if hasattr(walk.book.hospital, "lines") else None
    if line is not None and line.faq and "faq" not in slots:
        slots["faq"] = line.faq
    return slots


def _with_sure_faq(slots: Mapping[str, Any], understood: Understanding) -> dict[str, Any]:
    """An entry that fits so well answers, whatever the intent: 「挂号要带什么」 is no question of the ward."""
    faq = find_sure_faq(understood)
    return {**slots, "faq": faq} if faq else dict(slots)


def is_another(walk: Walk, one: Request, own: frozenset[str]) -> bool:
    """Whether a request said beside an answer is one of its own."""
    return one.intent not in own and one.intent not in SMALL and one.confidence >= DIGRESS


def has_no_words(text: str) -> bool:
    """「65」, 「……」: nothing in it can ask for anything, whatever the intent says."""
    return bool(text) and not any(letter.isalpha() for letter in text)


def find_sure_faq(understood: Understanding) -> str | None:
    return understood.faq[0].id if understood.faq and understood.faq[0].score >= FAQ_SURE else None


def answers_question(walk: Walk, understood: Understanding, faq: str) -> bool:
    """「能帮家里人挂号吗」 wants an answer and not a booking: a question that an entry of its own answers. A general
    entry is left to the flow: 「怎么挂号」 is best answered by beginning."""
    entry = walk.book.faq.get(faq)
    return entry is not None and not entry.general and _QUESTION.search(understood.text) is not None


def is_turned_down(one: Request) -> bool:
    """「不想挂号」 beside what is wanted asks for no booking."""
    return one.intent.startswith(BEGINS) and TURNED_DOWN.match(one.text.strip()) is not None


def tells_facts(understood: Understanding) -> bool:
    """「电话10000001234」 gives a number and calls nobody."""
    rest = understood.text
    for one in sorted(understood.entities, key=lambda one: one.start, reverse=True):
        rest = rest[: one.start] + rest[one.end :]
    return bool(understood.entities) and len(fold(rest)) <= FACT_NAME
