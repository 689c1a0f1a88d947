"""Flows as the engine walks them: compiled once at load, frozen, every name already checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from dialogues.conditions import Condition

END = "END"


@dataclass(frozen=True, slots=True)
class Way:
    """Where a step leads if ``condition`` holds (or always, where there is none)."""

    condition: Condition | None
    target: str


@dataclass(frozen=True, slots=True)
class Refusal:
    condition: Condition
    utter: str


@dataclass(frozen=True, slots=True)
class Step:
    id: str
    verb: Literal["collect", "action", "set_slots", "call", "link", "noop"]
    name: str
    """The slot collected, the action run, the flow called or linked."""
    ways: tuple[Way, ...]
    place: int
    """Position in the file's order, by which a correction knows what comes after."""
    line: int
    values: tuple[tuple[str, Any], ...] = ()
    ask: str = ""
    """What asks: the step's ``utter`` if it has one, else ``action_ask_<slot>`` if it exists, else ``utter_ask_<slot>``."""
    refusals: tuple[Refusal, ...] = ()
    ask_before_filling: bool = False
    keep: bool = False
    """The slot outlives the flow (``reset_after_flow_ends: false``)."""
    free_text: bool = False
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Flow:
    id: str
    name: str
    names: Mapping[str, str]
    description: str
    kind: Literal["flow", "pattern", "interrupt"]
    first: str
    steps: Mapping[str, Step]
    guard: Condition | None
    triggers: tuple[tuple[str, float | None], ...]
    kept: frozenset[str]
    """Slots that outlive the flow."""
    collected: Mapping[str, str]
    """Slot → id of the first step that collects it."""
    mentioned: frozenset[str]
    """Slots collected, set or asked about in a condition."""
    absorbs: frozenset[str]
    inherits: tuple[str, ...]
    repeats: tuple[str, ...]
    yields: frozenset[str]
    on_cancel: str | None
    fee: str | None
    voids: frozenset[str]
    ask_again: bool
    file: str
    line: int
