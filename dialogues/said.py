"""One message held against the open question: the value it gives, and what else it brings."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from dialogues import filling
from dialogues.flows import Step
from dialogues.foreseeing import Foreseen, foresee
from dialogues.help_matters import asks_nobody
from dialogues.line_starts import is_asking
from dialogues.misfits import find_misfit, says_only_a_day
from dialogues.options import fold
from dialogues.requesting import (
    ANSWERS,
    AT_ONCE,
    CONTROL,
    DIGRESS,
    has_no_words,
    own_intents,
    tells_facts,
)
from dialogues.slots import ANY
from dialogues.walk import Walk
from intents.answers import leaves_open, read_yes_or_no
from intents.slots.people import has_surname
from intents.understanding import Request, Understanding

QUESTIONS = ("ask_", "query_")
VOICE = frozenset({"file_complaint", "give_suggestion", "give_praise", "describe_symptom"})
"""What the patient has on his mind, though a word in it might answer a later question."""
QUESTION_SURE = 0.75
"""Enough to take as a question a message that could also be the answer."""
BACK = frozenset({"cancel_appointment", "cancel_escort"})
GIVES_BACK = re.compile("退|取消|huỷ|hủy|huy ")
TALK_SURE = 0.85
TALK = frozenset({"chitchat", "greet", "goodbye"})
"""「随便」 to a question is no talk of its own, unless it surely is."""
COMPANY = frozenset({"request_escort"})
"""「我一个人来」 told beside something else asks for nobody yet."""
BARE_CHANGE = re.compile(
    "(?:那|我|想|要|再|还是|帮我|给我)*(?:改|换)(?:一?下|一改|个)?(?:吧|了|啊|呗)*[。！!]?"
)
FILLERS = re.compile("[那就要想我是改换成到去的吧呢吗啊呀了约挂号看]")
"""What may stand beside a value without asking for anything."""
ASSENT = re.compile("^(?:是|对|嗯|系|就是|vang|dung)")
CONSENTS = re.compile("同意|可以|好|行|愿意|đồng ý|dong y|được|duoc", re.IGNORECASE)
HAPPENED = re.compile("(?:摔|跌|晕|住|做|开|看|查|检查|手术|动|生|痛|疼|来|去|发作|骨折).{0,4}[过了]")
"""「上个月摔倒过」: what a day in the past is told with."""
DENIAL = re.compile("不|没|别|唔|莫|冇|否|错|khong")


class Said:
    """Made for one message at one question. ``value`` is what answers it (in no type yet), ``heard`` says that the question
    itself read it, which is nearer than any intent; the rest is worked out when it is looked at."""

    def __init__(
        self, walk: Walk, step: Step, understood: Understanding, requests: Sequence[Request]
    ) -> None:
        self.walk, self.step, self.understood, self.requests = walk, step, understood, requests
        self.main = requests[0]
        self.text = understood.text.strip()
        self.slot = walk.book.slots[step.name]
        self.misfit = find_misfit(walk, self.slot, understood, self.main)
        self.heard = False
        self.value = self._find_value()
        if self.value is None and self.slot.type == "bool" and not understood.waits:
            self.value = walk.read_answer(step.ask)
            self.heard = self.value is not None
            if not self.heard and self.misfit is None:
                self.value = self._take_yes_or_no()

    def _find_value(self) -> Any:
        """What was understood as the slot's value, where it can be one."""
        name = self.step.name
        value = self.understood.answer.get(name, self.understood.slots.get(name))
        if value is None or self._is_misfit(value) or not filling.suits(self.walk, self.step, value):
            return None
        if name == "date" and self._looks_back(value):
            return None
        if name == "patient_name" and not has_surname(str(value)) and self.ahead:
            return None  # 「报销」 says what the copy is for
        if value in (True, False, ANY) and read_yes_or_no(self.text) is None and self.ahead:
            return None  # 「不吸氧」 to the question of falls, 「随便哪个医生」 to that of the hour
        return value

    def _is_misfit(self, value: Any) -> bool:
        """Whether the value is the whole message, and the message no value; a bare 「好」 says neither of two ways."""
        if self.misfit is None:
            return False
        return isinstance(value, bool) or (
            isinstance(value, str) and fold(value) == fold(self.understood.text)
        )

    def _take_yes_or_no(self) -> bool | None:
        """A yes or no by its intent. Facts that are known already (「是我自己」 where that was said) confirm, and what belongs
        to a later question (「不吸氧」) says nothing of this one."""
        understood = self.understood
        if self.step.name == "consent" and leaves_open(self.text):
            return None  # 「随便」 leaves a choice to us, and agrees to nothing
        if (
            self.step.name == "consent" and understood.entities
        ):  # 「系我自己」 says whose it is, and agrees to nothing
            return not DENIAL.search(self.text) if CONSENTS.search(self.text) else None
        if self.main.intent not in ANSWERS or self.main.confidence < DIGRESS or self.ahead:
            return None
        facts = understood.entities and filling.says_nothing_new(self.walk, understood.slots)
        if facts and not filling.find_changes(self.walk, understood.slots) and not DENIAL.search(self.text):
            return True if ASSENT.match(self.text) else None
        return self.main.intent == "affirm"

    def is_read(self) -> bool:
        """Whether the question itself makes more of the words than the words."""
        value = None if self.step.free_text else self.walk.read_answer(self.step.ask)
        return value is not None and fold(str(value)) != fold(self.text)

    def read_by_question(self) -> None:
        """The asking action reads the words, where nothing else has found a value in them."""
        if self.step.free_text or self.value is not None:
            return
        if has_no_words(self.text) and not self.text.isdigit():
            return
        value = self.walk.read_answer(self.step.ask)
        if value is None or self._is_misfit(value):
            return
        words = value[0] if isinstance(value, list) and len(value) == 1 else value
        self.heard = fold(str(words)) != fold(self.text)
        if self.heard or not (self.ahead or self.foreseen.again):
            self.value = value  # words taken as they are, unless they surely belong to another question

    @cached_property
    def foreseen(self) -> Foreseen:
        return foresee(self.walk, self.step)

    @property
    def ahead(self) -> Mapping[str, Any]:
        """What the words surely say for questions still to come."""
        return self.foreseen.ahead

    @property
    def turns_back(self) -> bool:
        """Whether it changes what was answered before."""
        return any(self.walk.get(name) != one for name, one in self.foreseen.again.items())

    @cached_property
    def brought(self) -> dict[str, Any]:
        """What is new for other questions, asked already or still to come."""
        others = dict(self.understood.slots)
        if self.misfit is not None:
            others.pop(self.step.name, None)
        if self.value is not None and self.step.name not in others:
            # 「住院楼正门」 to 「您在哪里」 is no new destination
            others = {name: other for name, other in others.items() if other != self.value}
        brought = filling.find_changes(
            self.walk, {**others, **self.foreseen.again, **self.ahead}, besides=self.step.name
        )
        if self._looks_back(brought.get("date")):
            brought.pop("date")  # 「上周」 to a question for a name, 「上个月摔倒过」: no day to come on
        return brought

    def _looks_back(self, date: Any) -> bool:
        """Whether the day is one of the past, and told rather than asked for."""
        if not isinstance(date, str) or date.rpartition("/")[2] >= self.walk.desk.now.date().isoformat():
            return False
        if self.misfit == "day":
            return True
        wanted = any("date" in self.walk.flow_of(frame).collected for frame in self.walk.chain())
        return wanted and HAPPENED.search(self.text) is not None

    @cached_property
    def own(self) -> frozenset[str]:
        """The intents that speak of the running flow itself."""
        return own_intents(self.walk)

    @cached_property
    def absorbed(self) -> frozenset[str]:
        """The intents that the running flow takes for more of its own."""
        return frozenset(i for frame in self.walk.chain() for i in self.walk.flow_of(frame).absorbs)

    @cached_property
    def tells_values(self) -> bool:
        """Whether it gives facts and asks for nothing, whatever its intent is taken for."""
        if self.heard:
            return True
        if self.main.intent in CONTROL | TALK | AT_ONCE | COMPANY and tells_facts(self.understood):
            return True
        if self.main.intent in AT_ONCE and asks_nobody(self.walk, self.text):
            return True
        aside = self.main.intent.startswith(QUESTIONS) or self.main.intent in VOICE
        if (
            (self.ahead or self.foreseen.again)
            and not is_asking(self.text)
            and (self.value is None or not aside)
        ):
            return True
        return self._says_only_values()

    def _says_only_values(self) -> bool:
        """「后天上午」, 「门诊楼正门」 name values of the running flow and no subject."""
        told = self.brought if self.value is None else {**self.brought, self.step.name: self.value}
        if not any(
            name in self.walk.flow_of(frame).mentioned for frame in self.walk.chain() for name in told
        ):
            return False
        rest = self.understood.text
        if any(fold(str(value)) == fold(rest) for value in told.values()):
            return True  # a name, to 「请告诉我姓名」
        for one in sorted(self.understood.entities, key=lambda one: one.start, reverse=True):
            rest = rest[: one.start] + rest[one.end :]
        return not fold(FILLERS.sub("", rest))

    def changes_subject(self) -> bool:
        """Whether what it asks for is something else than what is being done."""
        main, walk = self.main, self.walk
        if main.intent in self.own | ANSWERS or main.confidence < DIGRESS or has_no_words(main.text):
            return False
        if self.value is None and says_only_a_day(self.understood):
            return False  # 「后天就要」 asks for nothing
        if BARE_CHANGE.fullmatch(self.text):
            return False  # 「要改一下」 names nothing else
        if main.intent in self.absorbed and self._is_absorbed():
            return False
        if self.value is not None:  # 「退了21号的号」 to 「哪一天」 takes a day back and gives none
            other = main.intent.startswith(QUESTIONS) or (
                main.intent in BACK and GIVES_BACK.search(self.text)
            )
            return bool(other) and main.confidence >= QUESTION_SURE
        if main.intent in TALK and main.confidence < TALK_SURE:
            return False
        return main.intent in walk.book.titles and main.intent != "out_of_scope"

    def _is_absorbed(self) -> bool:
        walk = self.walk
        if self.main.intent == "describe_symptom" and walk.get("department"):
            return True  # where he goes is settled: more of what hurts is for the doctor
        if self.value is not None or filling.says_nothing_new(walk, self.understood.slots):
            return True
        flows = [walk.flow_of(frame) for frame in walk.chain()]
        return any(name in flow.mentioned for name in self.brought for flow in flows)
