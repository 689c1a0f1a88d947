"""Every name in flows, replies and actions exists: a name that does not stops the start, with the nearest right one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from dialogues.book import Book
from dialogues.flows import Flow, Step
from dialogues.payload import parse_payload
from dialogues.reading import Code, Saying, read_code
from dialogues.slots import WrongValue
from dialogues.wording import DEFAULT_LANGUAGE, PLACEHOLDER, Variant, find_placeholders
from dialogues.words import Words, read_words
from knowledge.errors import Problem, find_nearest

CONTEXT = frozenset(
    {
        "interrupted_flow",
        "interrupted_name",
        "flow_name",
        "changes",
        "complaint",
        "cancelled",
        "reason",
        "words",
        "request",
    }
    | {"title", "value", "first", "second", "flow", "asked", "code"}
)
"""What the engine tells a pattern in its context."""
TWIN: Mapping[str, Callable[[Iterable[Variant]], frozenset[Any]]] = {
    "占位符": find_placeholders,
    "按钮": lambda variants: frozenset(
        payload for one in variants for payload in [button.payload for button in one.buttons] or [""]
    ),
    "大字": lambda variants: frozenset([any(one.large for one in variants)]),
    "附加数据": lambda variants: frozenset(
        (key, value) for one in variants for key, value in one.custom.items() if not isinstance(value, str)
    ),
}
"""What must be the same in every language of a reply."""
Places = Mapping[tuple[str, str], tuple[str, int]]


def check(book: Book, places: Places) -> list[Problem]:
    return list(_Check(book, places).run())


class _Check:
    def __init__(self, book: Book, places: Places) -> None:
        self.book = book
        self.places = places
        self.code = read_code(book.actions.values())
        self.words: Words = read_words()
        self.said: dict[str, list[frozenset[str] | None]] = {}
        """Reply → for each place in an action's code that says it, the values it gives (``None``: computed)."""
        for code in self.code:
            for saying in code.says:
                self.said.setdefault(saying.reply, []).append(saying.values)

    def run(self) -> Iterator[Problem]:
        for flow in self.book.flows.values():
            yield from self._flow(flow)
        for name in self.book.wording.replies:
            yield from self._reply(name)
        for code in self.code:
            yield from self._code(code)

    # names

    def _name(
        self, kind: str, name: str, known: Iterable[str], file: str, line: int, where: str
    ) -> Iterator[Problem]:
        known = set(known)
        if name not in known:
            yield Problem(file, line, f"{where}: 没有{kind}「{name}」", _nearest(name, known))

    def _act(self, name: str, file: str, line: int, where: str) -> Iterator[Problem]:
        if name.startswith("utter_"):
            yield from self._name("回复", name, self.book.wording.replies, file, line, where)
        else:
            yield from self._name("动作", name, {*self.book.actions, *self.book.builtin}, file, line, where)

    def _literal(self, slot: str, value: Any, file: str, line: int, where: str) -> Iterator[Problem]:
        """A value written in a file suits the slot, and is a name of the hospital's where the slot holds one."""
        known = self.book.slots.get(slot)
        if known is None or value is None or (isinstance(value, str) and PLACEHOLDER.search(value)):
            return
        try:
            known.cast(value)
        except WrongValue:
            yield Problem(
                file, line, f"{where}: 「{slot}」不能是「{value}」", find_nearest(str(value), known.values)
            )
            return
        if known.names and isinstance(value, str):
            names = [one.name for one in getattr(self.book.hospital, known.names)]
            if names:
                kind = {"departments": "科室", "doctors": "医生", "places": "地点"}[known.names]
                yield from self._name(kind, value, names, file, line, where)

    # flows

    def _flow(self, flow: Flow) -> Iterator[Problem]:
        here = (flow.file, flow.line, flow.id)
        for intent, _ in flow.triggers:
            yield from self._name("意图", intent, self.book.titles, *here)
        for intent in flow.absorbs | flow.yields:
            yield from self._name("意图", intent, self.book.titles, *here)
        for slot in (*flow.kept, *flow.inherits, *flow.repeats):
            yield from self._name("槽位", slot, self.book.slots, *here)
        if flow.on_cancel:
            yield from self._act(flow.on_cancel, *here)
        if flow.fee:
            yield from self._name("流程", flow.fee, self.book.flows, *here)
        if flow.guard:
            yield from self._condition(flow.guard, *here)
        for step in flow.steps.values():
            yield from self._step(flow, step)

    def _step(self, flow: Flow, step: Step) -> Iterator[Problem]:
        here = (flow.file, step.line, flow.id)
        match step.verb:
            case "collect":
                yield from self._name("槽位", step.name, self.book.slots, *here)
                yield from self._act(step.ask, *here)
            case "action":
                yield from self._act(step.name, *here)
            case "call" | "link":
                yield from self._name("流程", step.name, self.book.flows, *here)
        for slot, value in step.values:
            yield from self._name("槽位", slot, self.book.slots, *here)
            yield from self._literal(slot, value, *here)
        for refusal in step.refusals:
            yield from self._act(refusal.utter, *here)
            yield from self._condition(refusal.condition, *here)
        for way in step.ways:
            if way.condition:
                yield from self._condition(way.condition, *here)

    def _condition(self, condition: Any, file: str, line: int, where: str) -> Iterator[Problem]:
        for slot in condition.slots:
            yield from self._name("槽位", slot, self.book.slots, file, line, where)
        for name in condition.context:
            yield from self._name("上下文", name, CONTEXT, file, line, where)
        for slot, value in condition.literals:
            yield from self._literal(slot, value, file, line, where)

    # replies

    def _reply(self, name: str) -> Iterator[Problem]:
        file, line = self.places.get(("reply", name), ("replies", 0))
        by_language = self.book.wording.replies[name]
        if "zh" not in by_language:
            yield Problem(file, line, f"回复「{name}」没有中文")
        known = {*self.book.slots, *self.book.house, *CONTEXT}
        for placeholder in sorted(self.book.wording.placeholders(name) - known):
            given = self.said.get(name, [])
            if not given:
                yield Problem(
                    file,
                    line,
                    f"「{name}」里的 {{{placeholder}}} 没有谁给出",
                    _nearest(placeholder, known),
                )
            elif not all(values is None or placeholder in values for values in given):
                yield Problem(file, line, f"「{name}」里的 {{{placeholder}}} 有动作没有给出")
        for language, variants in by_language.items():
            yield from self._twin(name, language, file, line)
            for variant in variants:
                yield from self._buttons(name, variant, file, line)

    def _twin(self, name: str, language: str, file: str, line: int) -> Iterator[Problem]:
        """Another language says of a reply just what the Chinese says: the same placeholders, buttons and signs."""
        by_language = self.book.wording.replies[name]
        if language == DEFAULT_LANGUAGE or DEFAULT_LANGUAGE not in by_language:
            return
        chinese, other = by_language[DEFAULT_LANGUAGE], by_language[language]
        for what, look in TWIN.items():
            wanted, found = look(chinese), look(other)
            if wanted != found:
                told = "、".join(sorted(map(str, wanted ^ found)))
                yield Problem(file, line, f"「{name}」的 {language} 与中文的{what}不同：{told}")

    def _buttons(self, name: str, variant: Variant, file: str, line: int) -> Iterator[Problem]:
        for button in variant.buttons:
            payload = parse_payload(button.payload)
            if payload is None:
                yield Problem(
                    file, line, f"「{name}」的按钮「{button.title}」的 payload 写法不对：{button.payload}"
                )
                continue
            if payload.intent:
                yield from self._name("意图", payload.intent, self.book.titles, file, line, name)
            for slot, value in payload.slots.items():
                yield from self._name("槽位", slot, self.book.slots, file, line, name)
                yield from self._literal(slot, value, file, line, name)

    # actions

    def _code(self, code: Code) -> Iterator[Problem]:
        for saying in code.says:
            yield from self._name(
                "回复", saying.reply, self.book.wording.replies, code.file, saying.line, "动作"
            )
        for slot, line in code.slots:
            yield from self._name("槽位", slot, self.book.slots, code.file, line, "动作")
        for table, line in code.tables:
            yield from self._name("词表", table, self.words.tables, code.file, line, "动作")
        for word in code.words:
            yield from self._word(word, code.file)

    def _word(self, word: Saying, file: str) -> Iterator[Problem]:
        yield from self._name("词", word.reply, self.words.words, file, word.line, "动作")
        for language, text in self.words.words.get(word.reply, {}).items():
            missing = set(PLACEHOLDER.findall(text)) ^ (word.values or frozenset())
            if word.values is not None and missing:
                told = "、".join(sorted(missing))
                yield Problem(
                    file, word.line, f"词「{word.reply}」（{language}）的占位符与动作给的不同：{told}"
                )


def _nearest(name: str, known: Iterable[str]) -> str | None:
    """Nearer than for words of knowledge: half of these names begin with utter_ask_."""
    found = get_close_matches(name, list(known), n=1, cutoff=0.8 if name.isascii() else 0.5)
    return found[0] if found else None
