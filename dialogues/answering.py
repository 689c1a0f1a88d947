"""What a message does at an open question: it answers, corrects, changes the subject, or is not understood."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from dialogues import filling
from dialogues.flows import Step
from dialogues.line_starts import find_fee_asked
from dialogues.options import find_option, fold, is_ordinal, is_title
from dialogues.pressing import press
from dialogues.requesting import (
    ANSWERS,
    AT_ONCE,
    CONTROL,
    DIGRESS,
    answers_question,
    digress,
    find_sure_faq,
    has_no_words,
    is_another,
    keep_for_later,
    own_intents,
    search,
    serve_aside,
    tells_facts,
)
from dialogues.walk import Walk
from intents.understanding import Request, Understanding

QUESTIONS = ("ask_", "query_")
VOICE = frozenset({"file_complaint", "give_suggestion", "give_praise", "describe_symptom"})
"""What the patient has on his mind, though a word in it might answer a later question."""
QUESTION_SURE = 0.75
"""Enough to take as a question a message that could also be the answer."""
TALK_SURE = 0.85
TALK = frozenset({"chitchat", "greet", "goodbye"})
"""「随便」 to a question is no talk of its own, unless it surely is."""
FILLERS = re.compile("[那就要想我是改换成到去的吧呢吗啊呀了约挂号看]")
"""What may stand beside a value without asking for anything."""
TURNED = re.compile(r"还是|改成?|换成?|\bthôi\b.*\b(?:gửi|lấy|đổi)\b", re.IGNORECASE)
"""Another choice than before follows."""
FREE_TEXT_CONTROL = 12
"""Letters up to which 「算了」 or 「转人工」 is a word of control at a question that takes the whole message."""


def listen(walk: Walk, step: Step, understood: Understanding, requests: Sequence[Request]) -> None:
    main = requests[0]
    value = understood.answer.get(step.name, understood.slots.get(step.name))
    if value is None and main.intent in ANSWERS and main.confidence >= DIGRESS:
        value = main.intent == "affirm" if walk.book.slots[step.name].type == "bool" else None
    if value is not None and not filling.suits(walk, step, value):
        value = None
    named = is_ordinal(understood.text) or is_title(understood.text, walk.before.options)
    if value is None or step.free_text or named:
        chosen = find_option(understood.text, walk.before.options, loosely=not step.free_text)
        if chosen is not None and press(walk, chosen):
            return
    if value is None and understood.waits and not step.free_text:
        walk.say("utter_take_your_time")
        walk.may_ask_again = False
        return
    controls = main.intent in CONTROL and main.confidence >= DIGRESS and value is not True
    if controls and value is None and TURNED.search(understood.text) and not step.free_text:
        value = walk.read_answer(step.ask)  # 「算了还是寄吧」 gives nothing up
        controls = value is None
    facts = main.intent in CONTROL | TALK and tells_facts(understood)
    if controls and not facts and _may_control(step, understood.text):  # 「继续」 is a yes first
        digress(walk, main, understood)
        return
    if (value is None or step.free_text) and (line := find_fee_asked(walk, understood.text)):
        walk.push("line_fee", slots={"line": line.id})
        return
    if step.free_text:
        filling.answer(walk, step, understood.text.strip())
        return
    if value is None and (not has_no_words(understood.text) or understood.text.strip().isdigit()):
        value = walk.read_answer(step.ask)
    own = own_intents(walk)
    others = understood.slots
    if value is not None and step.name not in others:  # 「住院楼正门」 to 「您在哪里」 is no new destination
        others = {name: other for name, other in others.items() if other != value}
    brought = filling.find_changes(walk, others, besides=step.name)
    aside = filling.find_changes(walk, walk.hear_aside(step.ask), besides=step.name)
    brought |= aside
    absorbed = frozenset(intent for frame in walk.chain() for intent in walk.flow_of(frame).absorbs)
    faq = find_sure_faq(understood)
    if value is None and faq and answers_question(walk, understood, faq):
        search(walk, main.intent, {"faq": faq})
        return
    told = brought if value is None else {**brought, step.name: value}
    facts = facts or (main.intent in AT_ONCE and tells_facts(understood))
    facts = facts or (bool(aside) and not main.intent.startswith(QUESTIONS) and main.intent not in VOICE)
    if not (facts or _says_only_values(walk, understood, told)) and _leaves(walk, main, own, brought, value):
        serve_aside(walk, requests, understood)
        return
    if _is_corrected(walk, step, value, brought):
        filling.apply_changes(walk, brought)
        return
    if value is not None and filling.answer(walk, step, value):
        filling.apply_changes(walk, brought)
        rest = [one for one in requests if is_another(walk, one, own | absorbed)] if len(requests) > 1 else []
        keep_for_later(walk, rest, understood)
        return
    if main.intent == "affirm" and main.confidence >= DIGRESS and filling.keep_known(walk, step):
        return
    if main.intent == "deny" and main.confidence >= DIGRESS and step.optional:
        filling.skip(walk, step)
        return
    if brought or filling.says_nothing_new(walk, understood.slots):
        corrected = filling.apply_changes(walk, brought)
        if not corrected and brought and (aside or walk.book.slots[step.name].type == "bool"):
            walk.say("utter_noted")  # facts told before the yes: kept, and the yes is still wanted
        return
    fail_to_understand(walk, understood)


def _may_control(step: Step, text: str) -> bool:
    return not step.free_text or len(text.strip()) <= FREE_TEXT_CONTROL


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
    if main.intent in TALK and main.confidence < TALK_SURE:
        return False
    return main.intent in walk.book.titles and main.intent != "out_of_scope"


def _says_only_values(walk: Walk, understood: Understanding, told: Mapping[str, Any]) -> bool:
    """「后天上午」, 「门诊楼正门」 name values of the running flow and no subject, whatever the intent is taken for."""
    if not any(name in walk.flow_of(frame).mentioned for frame in walk.chain() for name in told):
        return False
    rest = understood.text
    if any(fold(str(value)) == fold(rest) for value in told.values()):
        return True  # a name, to 「请告诉我姓名」
    for one in sorted(understood.entities, key=lambda one: one.start, reverse=True):
        rest = rest[: one.start] + rest[one.end :]
    return not fold(FILLERS.sub("", rest))


def _is_corrected(walk: Walk, step: Step, value: Any, brought: Mapping[str, Any]) -> bool:
    """「不对，是后天」 at 「确认吗？」: a new date makes the yes or no to the old one worthless."""
    is_yes_or_no = walk.book.slots[step.name].type == "bool"
    earlier = any(walk.get(name) is not None for name in brought)
    return earlier and (value is None or is_yes_or_no)


def fail_to_understand(walk: Walk, understood: Understanding) -> None:
    """Neither an answer nor anything else: perhaps a known question, else once more, and at last a person."""
    faq = find_sure_faq(understood)
    if faq:
        search(walk, understood.intent.name, {"faq": faq})
    elif not walk.count_try() and "no_such_day" not in understood.slots:  # what was wrong is said instead
        walk.say("utter_not_understood")
