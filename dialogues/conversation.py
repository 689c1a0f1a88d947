"""The state of one conversation: a frozen, versioned value that survives JSON.

It holds only what the next turn needs, so turn 10,000 costs what turn 10 costs; what was said is kept by the
inbox and the outbox.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

VERSION = 1


@dataclass(frozen=True, slots=True)
class Frame:
    """One flow in progress, the topmost last on the stack."""

    id: int
    flow: str
    step: str
    kind: str = "flow"
    """``flow``, ``pattern`` (repair) or ``interrupt`` (emergency, crisis)."""
    slots: Mapping[str, Any] = field(default_factory=dict)
    """Values that live as long as this frame (``call`` shares them with the caller, ``persisted_slots`` outlive it)."""
    called: bool = False
    """Entered by ``call``: at its END the caller goes on; it reads and fills the caller's slots."""
    context: Mapping[str, Any] = field(default_factory=dict)
    """What the engine tells the flow (``context.reason`` in a condition)."""
    question: int = 0
    """The number of the question it waits for an answer to; 0 where it does not wait."""
    answered: tuple[str, ...] = ()
    """Facts that the patient was asked for in this flow and told."""
    spared: tuple[str, ...] = ()
    """After a correction: the facts that an ``ask_before_filling`` need not ask a second time."""
    asked: int = 0
    """How many questions it has asked."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A request said earlier in the same message and not begun yet."""

    intent: str
    slots: Mapping[str, Any] = field(default_factory=dict)
    text: str = ""
    depth: int = 0
    """It begins when no more frames than these are on the stack."""
    follows: str = ""
    """The flow that it is once more, for another person."""


@dataclass(frozen=True, slots=True)
class Conversation:
    contact_id: int
    channel: str
    sender: str
    language: str = "zh"
    language_chosen: bool = False
    """The patient asked for this language: it stays, whatever language the words are in."""
    large_type: bool = False
    slots: Mapping[str, Any] = field(default_factory=dict)
    """Slots that outlive their flow (which patient, which place the code named …)."""
    stack: tuple[Frame, ...] = ()
    pending: tuple[Pending, ...] = ()
    requested_slot: str | None = None
    question: int = 0
    """Counts questions asked; a button carries the number of its question, so an old press is known as old."""
    unseen: int = 0
    """The first question of those that wait in the outbox of a channel nothing can be sent to; 0 where all were given."""
    options: tuple[Mapping[str, str], ...] = ()
    """The buttons under the question just asked: ``{"title", "payload"}``."""
    last_replies: tuple[Mapping[str, Any], ...] = ()
    """What was last said, for 「再说一遍」; as many replies as one turn gave."""
    paused: bool = False
    """A person of the hospital has taken over; the assistant listens for danger only."""
    next_frame: int = 1
    tries: int = 0
    """How often in a row the open question was not answered."""
    turns: int = 0
    version: int = VERSION

    def having(self, **changes: Any) -> Self:
        return replace(self, **changes)

    def to_json(self) -> dict[str, Any]:
        """Plain dicts and lists; slot values are shared with this value, not copied."""
        data = _spread(self)
        data["stack"] = [_spread(frame) for frame in self.stack]
        data["pending"] = [_spread(one) for one in self.pending]
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Rebuilds the value; a state of an older version is brought forward here."""
        known = {name: data[name] for name in cls.__dataclass_fields__ if name in data}
        stack = (_build(Frame, frame) for frame in known.get("stack", ()))
        known["stack"] = tuple(
            replace(frame, answered=tuple(frame.answered), spared=tuple(frame.spared)) for frame in stack
        )
        known["pending"] = tuple(_build(Pending, one) for one in known.get("pending", ()))
        known["version"] = VERSION
        for name in ("options", "last_replies"):
            known[name] = tuple(known.get(name, ()))
        return cls(**known)


def _build(kind: Any, data: Mapping[str, Any]) -> Any:
    return kind(**{name: data[name] for name in kind.__dataclass_fields__ if name in data})


def _spread(value: Any) -> dict[str, Any]:
    found = {name: getattr(value, name) for name in value.__dataclass_fields__}
    return {name: list(one) if isinstance(one, tuple) else one for name, one in found.items()}
