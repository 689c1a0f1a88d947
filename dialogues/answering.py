"""What a message does at an open question: it answers, corrects, changes the subject, or is not understood.

A chain of small readings, each of which serves the message or leaves it to the next; their order is the rule.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from dialogues import filling
from dialogues.controls import PERSON
from dialogues.flows import Step
from dialogues.foreseeing import asks_one_more, keep_until_done
from dialogues.line_starts import FEE, find_fee_asked, find_fee_entry, fold
from dialogues.misfits import says_only_a_day
from dialogues.nearness import EARLY, find_line_asked
from dialogues.options import find_option, is_ordinal, is_title
from dialogues.pressing import press
from dialogues.requesting import (
    CONTROL,
    DIGRESS,
    answers_question,
    begin,
    digress,
    find_line_meant,
    find_sure_faq,
    is_another,
    keep_for_later,
    search,
    serve_aside,
    tells_facts,
)
from dialogues.said import Said
from dialogues.unmade_matters import ASKED, CHANGED, GIVEN_UP, ask_when_again, echoes_fee, find_meaning
from dialogues.walk import Walk
from intents.understanding import Request, Understanding

REPEAT = "repeat_last"
TURNED = re.compile(r"还是|改成?|换成?|\bthôi\b.*\b(?:gửi|lấy|đổi)\b", re.IGNORECASE)
"""Another choice than before follows."""
GIVES_UP = re.compile(
    "^(?:那|算|就|我|先|就先|那就|那我)*了?[，,]?(?:不|唔|莫|冇)(?:挂|约|看|办|弄|搞)(?:号|病)?(?:了|啦|咯|喇|先)[。！!]*$"
)
HEALTH = re.compile(
    "(?:他|她|孩子|小孩|宝宝|我)?(?:都|也)?(?:没有?|冇|不)(?:再|怎么|什么)?(?:抽|吐|呕|发?烧|发热|拉|泻|痛|疼|咳|晕|喘|流血|出血|怕冷|昏|哭)"
)
NONE = "none"
"""What an asking action reads where nothing of what it offers is wanted."""
ECHO = "confirmation"
"""The question that says all that is settled, and is asked again where somebody asks for a part of it."""
REPEAT = "repeat_last"
MOST_MISFITS = 2
"""At the second answer that cannot be one a person is offered."""
SHORT_CHOICE = 6
"""Letters up to which a choice of a later question is nothing else."""
FREE_TEXT_CONTROL = 12
"""Letters up to which 「算了」 or 「转人工」 is a word of control at a question that takes the whole message."""


def listen(walk: Walk, step: Step, understood: Understanding, requests: Sequence[Request]) -> None:
    """The first reading that fits serves the message; where none does, it was not understood."""
    said = Said(walk, step, understood, requests)
    if any(serve(said) for serve in BEFORE_READING):
        return
    said.read_by_question()
    keep_for_others(said)
    if not any(serve(said) for serve in READINGS):
        refuse(walk) if said.misfit is not None else fail_to_understand(walk, understood)


def keep_for_others(said: Said) -> None:
    """「我爸妈都要挂」: what is being done is for the first, and is done for the others when it has ended."""
    others = [one for one in said.requests[1:] if one.intent == said.main.intent]
    if said.main.intent not in said.own or not others:
        return
    at = said.walk.owner()
    running = said.walk.flow_of(said.walk.stack[at])
    keep_for_later(said.walk, others, said.understood, first=running, depth=at)
    said.walk.say("utter_one_by_one")


# before the question itself reads the words


def _presses(said: Said) -> bool:
    """A button by its title or its number."""
    named = is_ordinal(said.text) or is_title(said.text, said.walk.before.options)
    if said.value is not None and not said.step.free_text and not named:
        return False
    chosen = find_option(said.text, said.walk.before.options, loosely=not said.step.free_text)
    return chosen is not None and press(said.walk, chosen)


def _waits(said: Said) -> bool:
    """「等一下」, 「我找找」: granted, and nothing is asked again."""
    if said.value is not None or not said.understood.waits or said.step.free_text:
        return False
    said.walk.say("utter_take_your_time")
    said.walk.may_ask_again = False
    return True


def _declines(said: Said) -> bool:
    """「算了」, 「不约了」 where the question itself hears in it that none of what it offers is wanted: that is settled, and not
    only left."""
    given_up = GIVES_UP.match(said.text) or (
        said.main.intent == "stop_task" and said.main.confidence >= DIGRESS
    )
    if said.value is not None or said.step.free_text or not given_up:
        return False
    return said.walk.read_answer(said.step.ask) == NONE and filling.answer(said.walk, said.step, NONE)


def _gives_up(said: Said) -> bool:
    if said.value is not None or not GIVES_UP.match(said.text):
        return False
    digress(said.walk, replace(said.main, intent="stop_task", confidence=1.0), said.understood)
    return True


def _controls(said: Said) -> bool:
    """「算了」, 「转人工」: but 「算了还是寄吧」 gives nothing up, and 「继续」 is a yes first."""
    main, free = said.main, said.step.free_text
    if main.intent not in CONTROL or main.confidence < DIGRESS or said.value is True:
        return False
    if said.turns_back or (main.intent == REPEAT and said.is_read()):
        return (
            False  # 「血糖不查了」 gives up one of several, 「没带」 to 「拍一张」 wants nothing said again
        )
    if said.value is not None and (not said.heard or (main.intent == PERSON and said.slot.type == "bool")):
        return False  # 「打我电话吧」 to 「匿名还是留电话」 calls nobody now
    if TURNED.search(said.understood.text) and not free:
        said.value = said.value if said.heard else said.walk.read_answer(said.step.ask)
        if said.value is not None:
            return False
    if main.intent == REPEAT and said.ahead:
        return False  # 「走得太快，我爸跟不上」 to 「陪得怎么样」
    if tells_facts(said.understood) or (free and len(said.text) > FREE_TEXT_CONTROL):
        return False
    digress(said.walk, main, said.understood)
    return True


def _asks_fee(said: Said) -> bool:
    asked = said.slot.type == "bool" and FEE.search(fold(said.text))  # 「贵不贵」 is no no
    if said.value is not None and not said.step.free_text and not asked:
        return False
    walk, text = said.walk, said.understood.text
    line = find_fee_asked(walk, text)
    if line is not None:
        walk.push("line_fee", slots={"line": line.id})
        return True
    told = next((fee for frame in walk.chain() if (fee := walk.flow_of(frame).fee)), None)
    if told is not None and FEE.search(fold(text)):
        begin(walk, walk.book.flows[told], {})
        return True
    if said.step.name == ECHO and echoes_fee(walk) and FEE.search(fold(text)):
        return True
    faq = None if said.step.free_text else find_fee_entry(walk, text, said.own)
    if faq is not None:
        search(walk, said.main.intent, {"faq": faq})
    return faq is not None


def _asks_too_early(said: Said) -> bool:
    """「几时可以来拿」 of what is being registered, where the intent is no sure one: it has no hour yet."""
    if said.value is not None or said.step.free_text or said.main.confidence >= DIGRESS:
        return False
    line = find_line_asked(said.walk, said.text)
    if line is None or said.understood.slots:
        return False
    said.walk.push(EARLY, slots={"line": line})
    return True


def _tells_freely(said: Said) -> bool:
    """A question that takes the whole message."""
    if not said.step.free_text or said.misfit is not None:
        return False
    if said.ahead and len(said.text) <= SHORT_CHOICE:
        return False  # 「寄家里」 to 「哪几种药」 is no medicine
    filling.answer(said.walk, said.step, said.text)
    return True


BEFORE_READING = (
    _presses,
    _waits,
    _declines,
    _gives_up,
    _controls,
    _asks_fee,
    _asks_too_early,
    _tells_freely,
)


# with all that the message says


def _names_line(said: Said) -> bool:
    """「多学科会诊怎么约」 inside a booking: a service line of its own, though the intent is that of the booking."""
    if said.main.intent not in said.own or said.value is not None:
        return False
    meant = find_line_meant(said.walk, said.main, said.text)
    running = said.walk.stack[said.walk.owner()].flow
    if meant.intent in said.own or said.walk.book.hospital.find_line(running):
        return False
    digress(said.walk, meant, said.understood)
    return True


def _wants_one_more(said: Said) -> bool:
    if said.main.intent not in said.own or not asks_one_more(said.walk, said.understood):
        return False
    keep_until_done(said.walk, said.main, said.understood)
    return True


def _asks(said: Said) -> bool:
    """A question that the hospital's own answers surely know."""
    faq = find_sure_faq(said.understood)
    if said.value is not None or not faq or not answers_question(said.walk, said.understood, faq):
        return False
    search(said.walk, said.main.intent, {"faq": faq})
    return True


def _speaks_of_unmade(said: Said) -> bool:
    """「退了」, 「改第二日」, 「在哪里碰头」 said of what is being made."""
    if said.tells_values or said.value is not None or not said.changes_subject():
        return False
    meaning = find_meaning(said.walk, said.main)
    if meaning == GIVEN_UP:
        digress(said.walk, replace(said.main, intent="stop_task", confidence=1.0), said.understood)
        return True
    if meaning == CHANGED and not said.brought:
        return ask_when_again(said.walk)
    return meaning == ASKED  # the question is asked again, with all that is settled


def _leaves(said: Said) -> bool:
    if said.tells_values or not said.changes_subject():
        return False
    serve_aside(said.walk, said.requests, said.understood)
    return True


def _answers_early(said: Said) -> bool:
    """The answer to a later question: kept, and this one is asked again."""
    if said.value is not None or not said.ahead:
        return False
    for name, one in {**said.brought, **said.ahead}.items():
        said.walk.put(name, one)
    said.walk.say("utter_noted")
    return True


def _corrects(said: Said) -> bool:
    """「不对，是后天」 at 「确认吗？」: a new date makes the yes or no to the old one worthless."""
    earlier = any(said.walk.get(name) is not None for name in said.brought)
    if not earlier or not (said.value is None or said.slot.type == "bool"):
        return False
    turned = [name for name in said.foreseen.again if name in said.brought]
    if not filling.apply_changes(said.walk, said.brought) and turned:
        said.walk.say("utter_corrected", changes=filling.describe(said.walk, turned))
    return True


def _answers(said: Said) -> bool:
    """The value, what else came with it, and what else was asked for."""
    walk = said.walk
    if said.value is None or not filling.answer(walk, said.step, said.value):
        return False
    filling.apply_changes(walk, said.brought)
    others = [one for one in said.requests if is_another(walk, one, said.own | said.absorbed)]
    if len(said.requests) > 1:
        keep_for_later(walk, others, said.understood)
    return True


def _denies_symptom(said: Said) -> bool:
    """「没有抽，精神还行」 to what is offered for an illness tells how he is, and turns nothing down."""
    if said.value is not None or "describe_symptom" not in said.own or not said.step.optional:
        return False
    if HEALTH.match(said.text) is None:
        return False
    said.walk.say("utter_noted")
    return True


def _agrees(said: Said) -> bool:
    """A yes to what was offered, a no to what need not be."""
    if said.main.confidence < DIGRESS:
        return False
    if said.main.intent == "affirm":
        return filling.keep_known(said.walk, said.step)
    if said.main.intent == "deny" and said.step.optional:
        filling.skip(said.walk, said.step)
        return True
    return False


def _tells(said: Said) -> bool:
    """Facts for other questions, told again or anew. A day, where nobody asks for one, is none."""
    walk, brought = said.walk, said.brought
    ours = any(name in walk.flow_of(frame).mentioned for frame in walk.chain() for name in brought)
    if says_only_a_day(said.understood) and not ours:
        return False
    if not brought and not said.foreseen.again and not filling.says_nothing_new(walk, said.understood.slots):
        return False
    corrected = filling.apply_changes(walk, brought)
    if corrected:
        return True
    if said.foreseen.again or (brought and (said.slot.type == "bool" or said.misfit is not None)):
        walk.say("utter_noted")  # told before the yes: kept, and the yes is still wanted
    return True


READINGS = (
    _names_line,
    _wants_one_more,
    _asks,
    _speaks_of_unmade,
    _leaves,
    _answers_early,
    _corrects,
    _answers,
    _denies_symptom,
    _agrees,
    _tells,
)


def refuse(walk: Walk) -> None:
    """No value of the slot: asked once more, gently; the second time a person is offered."""
    if not walk.count_try(most=MOST_MISFITS):
        walk.say("utter_not_noted")


def fail_to_understand(walk: Walk, understood: Understanding) -> None:
    """Neither an answer nor anything else: perhaps a known question, else once more, and at last a person."""
    faq = find_sure_faq(understood)
    if faq:
        search(walk, understood.intent.name, {"faq": faq})
    elif not walk.count_try() and "no_such_day" not in understood.slots:  # what was wrong is said instead
        walk.say("utter_not_understood")
