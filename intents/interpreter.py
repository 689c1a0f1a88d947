"""From a patient's words to their `Understanding`: normalise, cut into words, read slots, classify, look for danger."""

from __future__ import annotations

import gc
import re
import unicodedata
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np

from intents.answers import asks_for_time, read_answer
from intents.classifier import Classifier
from intents.danger import DangerRules
from intents.faq import FaqIndex
from intents.language import detect_language
from intents.naming import name_parts
from intents.normalise import Normalised, normalise
from intents.requests import find_requests
from intents.slots.corrections import find_refused
from intents.slots.enumerations import TARGETS, WHEN, inherit_when, split_enumeration
from intents.slots.found import Found
from intents.slots.reader import SlotReader
from intents.slots.relations import read_relations
from intents.slots.settling import collect, settle
from intents.slots.several_people import Share, share_out
from intents.tokens import Segmenter
from intents.understanding import Context, Entity, IntentScore, Request, SlotValue, Understanding
from knowledge import Hospital

MODEL = Path(__file__).parent / "model"
"""Where `load_interpreter` looks for the model that `training.train` builds."""
NOTHING_SAID = 0.99
ORDINAL = re.compile(
    r"(?:那|就|要|选|我|嗯|还是|是)*第(?:\d{1,2}|[一二两三四五六七八九十])[个项条](?:吧|的|啦|咯|了|嘛|哦)*[。.!！]?"
)
"""「就第二个」 where nothing was offered is no yes and no no."""
HARMLESS = frozenset(
    {
        "out_of_scope",
        "chitchat",
        "ask_bot",
        "greet",
        "goodbye",
        "thank",
        "affirm",
        "deny",
        "stop_task",
        "repeat_last",
    }
)
"""What starts nothing of a hospital's."""
PERSONAL = frozenset(
    {"book_appointment", "cancel_appointment", "reschedule_appointment", "join_waitlist", "request_escort"}
)
"""Done for one person at a time."""
BRIEF = 8
"""Characters up to which what is said at an open question is no danger, unless the rules hear one: 「不想给」, 「别写我名字」."""
ESCORTED = re.compile("陪诊|陪护|人陪")
"""Said of a person as a department is: 「我爸看骨科，我妈要陪诊」."""
OWN_ERRAND = 0.8
"""How plain what is wanted for the next person must be to be another errand than the one for the first."""
CAUTION = 3
"""How much worse it is to start something nobody asked for than to ask again. Measured on messages kept apart and on
public requests of other domains: 5 in 100 more of the latter kept out, 1 in 1,000 of the former lost."""


class Interpreter:
    """Pure: the same text, ``now`` and context give the same answer. One for the process; safe to share."""

    def __init__(self, hospital: Hospital, classifier: Classifier, folder: Path) -> None:
        self._reader = SlotReader(hospital)
        self._segmenter = Segmenter(self._reader.words(), folder)
        self.classifier = classifier
        self._caution = _be_cautious(classifier)
        self._danger = DangerRules(hospital)
        self._faq = FaqIndex(hospital)

    def understand(self, text: str, *, now: datetime, context: Context | None = None) -> Understanding:
        plain = normalise(text)
        language = detect_language(plain.text, context.language if context else None)
        found = self._reader.read(plain.text, today=now.date(), language=language)
        name = name_parts(self._segmenter, plain.text, found)
        odds = self._judge(plain.text, name(0, len(plain.text)))
        if context and not context.options and ORDINAL.fullmatch(plain.text):
            odds = self._as_nothing(odds)
        asked = context.requested_slot if context else None
        if asked and asked in find_refused(plain.text, found):  # named to be turned down is no answer
            found = [one for one in found if one.slot != asked]
        waits = asked is not None and asks_for_time(plain.text)
        danger, ranking = self._danger.weigh(
            plain.text, self.classifier.order(odds), suspect=not asked or len(plain.text) > BRIEF
        )
        main = ranking[0]
        requests = self._requests(plain, ranking[0], odds, found, None if danger else name)
        if requests[0].intent != main.name:  # what was said first is the main intent
            main = IntentScore(requests[0].intent, requests[0].confidence)
            ranking = (main, *(one for one in ranking if one.name != main.name))
        slots = collect(found, main.name, ranking)
        if len(requests) > 1 and len({one.intent for one in requests}) == 1:
            slots = dict(requests[0].slots)  # 眼科 and the day of 口腔科 are not to be mixed
        answer = read_answer(plain.text, asked, slots, written=plain.original) if asked and not waits else {}
        return Understanding(
            text=plain.original,
            intent=main,
            ranking=ranking[:10],
            entities=tuple(_entity(one, plain) for one in settle(found, main.name, ranking)),
            slots=slots,
            requests=requests,
            answer=answer,
            waits=waits,
            danger=danger.evidence if danger else (),
            faq=self._faq.rank(plain.text, intents=[one.name for one in ranking[:3]]),
            language=language,
            truncated=plain.truncated,
        )

    def with_classifier(self, classifier: Classifier) -> Interpreter:
        """The same readers and rules with another model: what an evaluation judges phrases left out by."""
        other = copy(self)
        other.classifier = classifier
        other._caution = _be_cautious(classifier)
        return other

    def _judge(self, text: str, names: Sequence[str]) -> np.ndarray:
        """How likely each intent is; of what holds neither a letter nor a figure, that nothing of ours is meant."""
        odds = self.classifier.odds(self.classifier.score(self.classifier.find(names)))
        odds = odds * self._caution
        odds /= odds.sum()
        return odds if _says(text) else self._as_nothing(odds)

    def _judge_errand(self, text: str, names: Sequence[str], whole: tuple[str, float]) -> tuple[str, float]:
        """「帮我妈约眼科，再给我爸约个陪诊」 are two errands; 「我妈也要一个」 is that of the whole message."""
        odds = self._judge(text, names)
        place = int(odds.argmax())
        if self.classifier.intents[place] in PERSONAL and odds[place] >= OWN_ERRAND:
            return self.classifier.intents[place], round(float(odds[place]), 4)
        return whole

    def _as_nothing(self, odds: np.ndarray) -> np.ndarray:
        if "out_of_scope" not in self.classifier.intents:
            return odds
        place = self.classifier.intents.index("out_of_scope")
        odds = odds * (1 - NOTHING_SAID) / max(1e-6, 1 - odds[place])
        odds[place] = NOTHING_SAID
        return odds

    def _requests(
        self,
        plain: Normalised,
        main: IntentScore,
        odds: np.ndarray,
        found: Sequence[Found],
        name: Callable[[int, int], list[str]] | None,
    ) -> tuple[Request, ...]:
        text = plain.text
        if name is None:  # danger is one thing, whatever else is said
            spans = [(main.name, main.confidence, 0, len(text))]
        else:
            spans = find_requests(
                self.classifier,
                text,
                (main.name, main.confidence),
                odds,
                name,
                [(one.start, one.end) for one in found],
            )
        requests = []
        for intent, confidence, start, end in spans:
            mine = found if len(spans) == 1 else [one for one in found if start <= one.start < end]
            mine = [replace(one, start=one.start - start, end=one.end - start) for one in mine]
            shares, taken = _part(text[start:end], intent, mine) if name else ([], [])
            whole = [Share(0, end - start, None)] if len(spans) == 1 else [_find_whose(text[start:end])]
            for one, when in zip(shares or whole, taken or [{}], strict=True):
                own = (intent, confidence)
                first, last = start + one.start, start + one.end
                held = [each for each in mine if one.start <= each.start < one.end] if shares else mine
                if name and one.relation and one.end - one.start < end - start:
                    own = self._judge_errand(text[first:last], name(first, last), own)
                slots = collect(held, own[0]) | ({"relation": one.relation} if one.relation else {})
                if own[0] == intent:
                    slots = when | slots
                first, last = plain.span(first, last)
                requests.append(Request(*own, slots, plain.original[first:last]))
        return tuple(requests)


def _part(text: str, intent: str, found: Sequence[Found]) -> tuple[list[Share], list[dict[str, SlotValue]]]:
    """What is wanted for each of several people or of several things, and what each takes over of when; nothing where
    one is wanted for one."""
    if intent in PERSONAL:
        plain = text
        for one in found:
            if one.slot in WHEN:  # 「我妈明天下午看眼科」 says as much of her as 「我妈看眼科」
                plain = f"{plain[: one.start]}{'·' * (one.end - one.start)}{plain[one.end :]}"
        targets = [(one.start, one.end) for one in found if one.slot in TARGETS and not one.weak]
        targets = sorted({*targets, *(match.span() for match in ESCORTED.finditer(text))})
        shares = share_out(plain, targets)
        if shares and shares[0].end == len(text):
            return shares, [{} for _ in shares]
        if shares:
            return shares, inherit_when(text, found, [(one.start, one.end) for one in shares])
    parts = split_enumeration(text, found, intent)
    if len(parts) == 1:
        return [], []
    return [Share(*part, None) for part in parts], inherit_when(text, found, parts)


def _find_whose(text: str) -> Share:
    """All of a request beside others, and the person whom it names: 「我爸挂骨科，我妈约个陪诊」."""
    named = read_relations(text)
    return Share(0, len(text), str(named[0].value) if named else None)


def _be_cautious(classifier: Classifier) -> np.ndarray:
    return np.array([CAUTION if intent in HARMLESS else 1.0 for intent in classifier.intents])


def _says(text: str) -> bool:
    """Letters and figures say something, and so do pictures (👌)."""
    return any(char.isalnum() or unicodedata.category(char) == "So" for char in text)


def _first(intent: str, ranking: Sequence[IntentScore]) -> tuple[IntentScore, ...]:
    return (IntentScore(intent, 0.99), *(one for one in ranking if one.name != intent))


def _entity(one: Found, plain: Normalised) -> Entity:
    start, end = plain.span(one.start, one.end)
    return Entity(one.slot, one.value, plain.original[start:end], start, end)


def load_interpreter(hospital: Hospital, model_dir: Path | None = None) -> Interpreter:
    """The interpreter with the model in ``model_dir``. Raises ``FileNotFoundError`` where none was built yet."""
    folder = model_dir or MODEL
    collecting = gc.isenabled()
    gc.disable()  # half a million objects that stay: looking through them takes as long as a hundred messages
    try:
        interpreter = Interpreter(hospital, Classifier.load(folder / "model.bin"), folder)
        for text in ("挂号", "ngày mai"):  # the first patient of each language does not wait for the tables
            interpreter.understand(text, now=datetime(2026, 1, 1))
    finally:
        if collecting:
            gc.enable()
    gc.freeze()  # nor is any patient to wait while they are looked through
    return interpreter
