"""The small language of ``if`` in flows: ``slots.date is null and not slots.period in ["noon", "evening"]``.

It is the part of Rasa's predicates that a flow needs, parsed once at load into closures. What a value lacks makes a
comparison false, never an error: ``slots.age < 14`` with no age is false.

    or := and ("or" and)*          and := not ("and" not)*          not := "not" not | test
    test := value [("==" | "=" | "is" | "!=" | "is not" | "<" | "<=" | ">" | ">=" | "in" | "not in" | "contains"
            | "matches") value | "is [not] null" | "is [not] empty"]
    value := slots.name | context.name | "text" | number | true | false | null | [value, …] | ( or )
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Scope = Mapping[str, Any]
Evaluate = Callable[[Scope, Scope], Any]


class ConditionError(ValueError):
    """The text is no condition."""


@dataclass(frozen=True, slots=True)
class Condition:
    text: str
    evaluate: Evaluate
    slots: frozenset[str]
    context: frozenset[str]
    literals: tuple[tuple[str, Any], ...]
    """Each literal compared with a slot, to be checked against the hospital's names: ``("department", "骨科")``."""

    def holds(self, slots: Scope, context: Scope) -> bool:
        return bool(self.evaluate(slots, context))


_TOKEN = re.compile(
    r"""\s*(?:(?P<number>-?\d+(?:\.\d+)?)|(?P<text>"[^"]*"|'[^']*')|(?P<name>[A-Za-z_][\w.]*)"""
    r"""|(?P<sign>==|!=|<=|>=|<|>|=|\(|\)|\[|\]|\{|\}|,))"""
)
_EMPTY: tuple[Any, ...] = (None, "", [], ())
_WORDS = {"true": True, "false": False, "null": None, "none": None, "undefined": None}


def parse_condition(text: str) -> Condition:
    """Raises `ConditionError` with what was not understood."""
    return _Parser(text).parse()


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def safely(a: Any, b: Any) -> bool:
        try:
            return a is not None and b is not None and compare(a, b)
        except TypeError:
            return False

    return safely


def _contains(whole: Any, part: Any) -> bool:
    try:
        return whole is not None and part is not None and part in whole
    except TypeError:
        return False


def _matches(text: Any, pattern: Any) -> bool:
    return isinstance(text, str) and re.search(str(pattern), text) is not None


_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "=": operator.eq,
    "is": operator.eq,
    "!=": operator.ne,
    "is not": operator.ne,
    "<": _ordered(operator.lt),
    "<=": _ordered(operator.le),
    ">": _ordered(operator.gt),
    ">=": _ordered(operator.ge),
    "in": lambda part, whole: _contains(whole, part),
    "not in": lambda part, whole: not _contains(whole, part),
    "contains": _contains,
    "matches": _matches,
}


@dataclass(frozen=True, slots=True)
class _Value:
    evaluate: Evaluate
    slot: str | None = None
    literal: Any = ...


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = self._split(text)
        self.at = 0
        self.slots: set[str] = set()
        self.context: set[str] = set()
        self.literals: list[tuple[str, Any]] = []

    @staticmethod
    def _split(text: str) -> list[tuple[str, str]]:
        tokens, at = [], 0
        while at < len(text.rstrip()):
            found = _TOKEN.match(text, at)
            if not found:
                raise ConditionError(f"cannot read {text[at:].strip()!r} in {text!r}")
            kind = found.lastgroup or ""
            tokens.append((kind, found.group(kind)))
            at = found.end()
        return tokens

    def parse(self) -> Condition:
        if not self.tokens:
            raise ConditionError("the condition is empty")
        value = self._either()
        if self.at < len(self.tokens):
            raise ConditionError(f"cannot read {self.tokens[self.at][1]!r} in {self.text!r}")
        return Condition(
            self.text, value.evaluate, frozenset(self.slots), frozenset(self.context), tuple(self.literals)
        )

    def _peek(self) -> str:
        if self.at >= len(self.tokens):
            return ""
        kind, text = self.tokens[self.at]
        return text.lower() if kind == "name" else text if kind == "sign" else ""

    def _take(self, *words: str) -> bool:
        for offset, word in enumerate(words):
            self.at += offset
            if self._peek() != word:
                self.at -= offset
                return False
            self.at -= offset
        self.at += len(words)
        return True

    def _either(self) -> _Value:
        parts = [self._all()]
        while self._take("or"):
            parts.append(self._all())
        if len(parts) == 1:
            return parts[0]
        tests = [part.evaluate for part in parts]
        return _Value(lambda slots, context: any(test(slots, context) for test in tests))

    def _all(self) -> _Value:
        parts = [self._negation()]
        while self._take("and"):
            parts.append(self._negation())
        if len(parts) == 1:
            return parts[0]
        tests = [part.evaluate for part in parts]
        return _Value(lambda slots, context: all(test(slots, context) for test in tests))

    def _negation(self) -> _Value:
        if self._take("not"):
            test = self._negation().evaluate
            return _Value(lambda slots, context: not test(slots, context))
        return self._test()

    def _test(self) -> _Value:
        left = self._value()
        read = left.evaluate
        if self._take("is", "not", "empty"):
            return _Value(lambda slots, context: read(slots, context) not in _EMPTY)
        if self._take("is", "empty"):
            return _Value(lambda slots, context: read(slots, context) in _EMPTY)
        sign = self._comparison()
        if sign is None:
            return left
        right = self._value()
        for one, other in ((left, right), (right, left)):
            if one.slot and other.literal is not ...:
                found = other.literal if isinstance(other.literal, list) else [other.literal]
                self.literals.extend((one.slot, literal) for literal in found)
        compare, other_side = _COMPARE[sign], right.evaluate
        return _Value(lambda slots, context: compare(read(slots, context), other_side(slots, context)))

    def _comparison(self) -> str | None:
        for words in (("is", "not"), ("not", "in")):
            if self._take(*words):
                return " ".join(words)
        word = self._peek()
        if word in _COMPARE:
            self.at += 1
            return word
        return None

    def _value(self) -> _Value:
        if self.at >= len(self.tokens):
            raise ConditionError(f"{self.text!r} ends too early")
        kind, text = self.tokens[self.at]
        self.at += 1
        if kind == "number":
            return _literal(float(text) if "." in text else int(text))
        if kind == "text":
            return _literal(text[1:-1])
        if kind == "sign" and text == "(":
            inner = self._either()
            if not self._take(")"):
                raise ConditionError(f"a bracket is not closed in {self.text!r}")
            return inner
        if kind == "sign" and text in "[{":
            return self._list("]" if text == "[" else "}")
        if kind == "name" and text.lower() in _WORDS:
            return _literal(_WORDS[text.lower()])
        if kind == "name" and text.startswith("slots."):
            name = text[6:]
            self.slots.add(name)
            return _Value(lambda slots, context: slots.get(name), slot=name)
        if kind == "name" and text.startswith("context."):
            name = text[8:]
            self.context.add(name)
            return _Value(lambda slots, context: context.get(name))
        raise ConditionError(
            f"cannot read {text!r} in {self.text!r} (slots.… or context.… or a text in quotes?)"
        )

    def _list(self, closing: str) -> _Value:
        items: list[Any] = []
        while not self._take(closing):
            value = self._value()
            if value.literal is ...:
                raise ConditionError(f"a list in {self.text!r} holds something that is no literal")
            items.append(value.literal)
            self._take(",")
        return _literal(items)


def _literal(value: Any) -> _Value:
    return _Value(lambda slots, context: value, literal=value)
