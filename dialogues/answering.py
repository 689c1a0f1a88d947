"""What a message does at an open question: it answers, corrects, changes the subject, or is not understood."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from dialogues import filling
from dialogues.flows import Step
from dialogues.foreseeing import asks_one_more, foresee, is_asking, keep_until_done
from dialogues.line_starts import find_fee_asked
from dialogues.misfits import find_misfit, says_only_a_day
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
from dialogues.slots import ANY
from dialogues.walk import Walk
from intents.answers import read_yes_or_no
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
GIVES_UP = re.compile(
    "^(?:那|算|就|我|先|就先|那就|那我)*了?[，,]?(?:不|唔|莫|冇)(?:挂|约|看|办|弄|搞)(?:号|病)?(?:了|啦|咯|喇|先)[。！!]*$"
)
MOST_MISFITS = 2
"""At the second answer that cannot be one a person is offered."""
ASSENT = re.compile("^(?:是|对|嗯|系|就是|vang|dung)")
DENIAL = re.compile("不|没|别|唔|莫|冇|否|错|khong")
FREE_TEXT_CONTROL = 12
"""Letters up to which 「算了」 or 「转人工」 is a word of control at a question that takes the whole message."""


def listen(walk: Walk, step: Step, understood: Understanding, requests: Sequence[Request]) -> None:
    main, text = requests[0], understood.text.strip()
    slot = walk.book.slots[step.name]
    misfit = find_misfit(walk, slot, understood, main)
    value = understood.answer.get(step.name, understood.slots.get(step.name))
    if value is not None and (_is_misfit(misfit, value, understood) or not filling.suits(walk, step, value)):
        value = None
    if value in (True, False, ANY) and read_yes_or_no(text) is None and foresee(walk, step):
        value = None  # 「不吸氧」 to the question of falls, 「随便哪个医生」 to that of the hour
    heard = False  # read by the question itself: nearer than any intent
    if value is None and slot.type == "bool" and not understood.waits:
        value = walk.read_answer(step.ask)
        heard = value is not None
        value = value if heard else _take_yes_or_no(walk, step, understood, main)
    named = is_ordinal(text) or is_title(text, walk.before.options)
    if value is None or step.free_text or named:
        chosen = find_option(text, walk.before.options, loosely=not step.free_text)
        if chosen is not None and press(walk, chosen):
            return
    if value is None and understood.waits and not step.free_text:
        walk.say("utter_take_your_time")
        walk.may_ask_again = False
        return
    if value is None and GIVES_UP.match(text):
        digress(walk, replace(main, intent="stop_task", confidence=1.0), understood)
        return
    controls = main.intent in CONTROL and main.confidence >= DIGRESS and value is not True
    if controls and (value is None or heard) and TURNED.search(understood.text) and not step.free_text:
        value = value if heard else walk.read_answer(step.ask)  # 「算了还是寄吧」 gives nothing up
        controls = value is None
    facts = main.intent in CONTROL | TALK and tells_facts(understood)
    if controls and not facts and _may_control(step, understood.text):  # 「继续」 is a yes first
        digress(walk, main, understood)
        return
    if (value is None or step.free_text) and (line := find_fee_asked(walk, understood.text)):
        walk.push("line_fee", slots={"line": line.id})
        return
    if step.free_text and misfit is None:
        filling.answer(walk, step, understood.text.strip())
        return
    if not step.free_text and value is None and (not has_no_words(text) or text.isdigit()):
        value = walk.read_answer(step.ask)
        if value is not None and _is_misfit(misfit, value, understood):
            value = None
        heard = value is not None and fold(str(value)) != fold(text)
    own = own_intents(walk)
    if main.intent in own and asks_one_more(walk, understood):
        keep_until_done(walk, main, understood)
        return
    others = {name: one for name, one in understood.slots.items() if misfit is None or name != step.name}
    if value is not None and step.name not in others:  # 「住院楼正门」 to 「您在哪里」 is no new destination
        others = {name: other for name, other in others.items() if other != value}
    brought = filling.find_changes(walk, others, besides=step.name)
    aside = filling.find_changes(walk, walk.hear_aside(step.ask), besides=step.name)
    brought |= aside
    if misfit == "day" and str(brought.get("date", "")).rpartition("/")[2] < walk.desk.now.date().isoformat():
        brought.pop("date", None)  # 「上周」 to a question for a name: no day to come on
    absorbed = frozenset(intent for frame in walk.chain() for intent in walk.flow_of(frame).absorbs)
    faq = find_sure_faq(understood)
    if value is None and faq and answers_question(walk, understood, faq):
        search(walk, main.intent, {"faq": faq})
        return
    told = brought if value is None else {**brought, step.name: value}
    facts = facts or (main.intent in AT_ONCE and tells_facts(understood))
    facts = facts or (bool(aside) and not main.intent.startswith(QUESTIONS) and main.intent not in VOICE)
    ahead = foresee(walk, step) if value is None else {}
    early = bool(ahead) and not is_asking(text)
    values_only = facts or heard or early or _says_only_values(walk, understood, told)
    if not values_only and _leaves(walk, main, own, brought, value, understood):
        serve_aside(walk, requests, understood)
        return
    if ahead:
        for name, one in {**brought, **ahead}.items():
            walk.put(name, one)
        walk.say("utter_noted")
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
    ours = any(name in walk.flow_of(frame).mentioned for frame in walk.chain() for name in brought)
    strange = says_only_a_day(understood) and not ours  # a day, where nobody asks for one
    if not strange and (brought or filling.says_nothing_new(walk, understood.slots)):
        corrected = filling.apply_changes(walk, brought)
        if not corrected and brought and (aside or slot.type == "bool" or misfit is not None):
            walk.say("utter_noted")  # facts told before the yes: kept, and the yes is still wanted
        return
    if misfit is not None:
        refuse(walk)
    else:
        fail_to_understand(walk, understood)


def _is_misfit(misfit: str | None, value: Any, understood: Understanding) -> bool:
    """Whether the value is the whole message, and the message no value."""
    return misfit is not None and isinstance(value, str) and fold(value) == fold(understood.text)


def _take_yes_or_no(walk: Walk, step: Step, understood: Understanding, main: Request) -> bool | None:
    """A yes or no by its intent. Facts that are known already (「是我自己」 where that was said) confirm, and what belongs
    to a later question (「不吸氧」) says nothing of this one."""
    if main.intent not in ANSWERS or main.confidence < DIGRESS or foresee(walk, step):
        return None
    facts = understood.entities and filling.says_nothing_new(walk, understood.slots)
    if facts and not filling.find_changes(walk, understood.slots) and not DENIAL.search(understood.text):
        return True if ASSENT.match(understood.text) else None
    return main.intent == "affirm"


def refuse(walk: Walk) -> None:
    """No value of the slot: asked once more, gently; the second time a person is offered."""
    if not walk.count_try(most=MOST_MISFITS):
        walk.say("utter_not_noted")


def _may_control(step: Step, text: str) -> bool:
    return not step.free_text or len(text.strip()) <= FREE_TEXT_CONTROL


def _leaves(
    walk: Walk,
    main: Request,
    own: frozenset[str],
    brought: Mapping[str, Any],
    value: Any,
    understood: Understanding,
) -> bool:
    """Whether the message changes the subject."""
    if main.intent in own or main.intent in ANSWERS or main.confidence < DIGRESS or has_no_words(main.text):
        return False
    if value is None and says_only_a_day(understood):
        return False  # 「后天就要」 asks for nothing
    chain = [walk.flow_of(frame) for frame in walk.chain()]
    absorbed = any(main.intent in flow.absorbs for flow in chain)
    if absorbed and main.intent == "describe_symptom" and walk.get("department"):
        return False  # where he goes is settled: more of what hurts is for the doctor
    if absorbed and value is None and filling.says_nothing_new(walk, understood.slots):
        return False
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
