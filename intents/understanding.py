"""What the patient means: the value that the intents room hands to the dialogues room.

Everything is frozen and made of plain JSON types (dates are ISO 8601 strings), so it can be logged, compared
and sent over HTTP as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

SlotValue = str | int | bool | list[str]


@dataclass(frozen=True, slots=True)
class IntentScore:
    name: str
    confidence: float
    """Calibrated: of all messages given 0.8, eight in ten are right."""


@dataclass(frozen=True, slots=True)
class Entity:
    """One thing found in the text; ``start`` and ``end`` index the text as the patient wrote it."""

    slot: str
    value: SlotValue
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Request:
    """One of the things asked for in a message, with the slots that belong to it."""

    intent: str
    confidence: float
    slots: Mapping[str, SlotValue] = field(default_factory=dict)
    text: str = ""


@dataclass(frozen=True, slots=True)
class FaqMatch:
    """An FAQ entry that may answer the message; ``score`` is 0 to 1."""

    id: str
    score: float


@dataclass(frozen=True, slots=True)
class Option:
    """A button that stood under the question just asked."""

    title: str
    payload: str


@dataclass(frozen=True, slots=True)
class Context:
    """What the understanding may know of the conversation: only the question just asked."""

    requested_slot: str | None = None
    flow: str | None = None
    options: tuple[Option, ...] = ()
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Understanding:
    text: str
    intent: IntentScore
    ranking: tuple[IntentScore, ...] = ()
    entities: tuple[Entity, ...] = ()
    slots: Mapping[str, SlotValue] = field(default_factory=dict)
    """Normalised values of the whole message, by the slot names of the contract."""
    requests: tuple[Request, ...] = ()
    """At least one, in the order in which they were said; the first is the main intent."""
    answer: Mapping[str, SlotValue] = field(default_factory=dict)
    """The message read as an answer to ``Context.requested_slot``: ``{requested_slot: value}``, else empty."""
    waits: bool = False
    """The person is thinking or looking for something and will answer the question in a moment."""
    danger: tuple[str, ...] = ()
    """The words that make it an emergency or a crisis; empty where it is none."""
    faq: tuple[FaqMatch, ...] = ()
    language: str = "zh"
    truncated: bool = False
    """The message was longer than 2,000 characters; only its first part was read."""
