"""What a board is: the values a page draws and the two things it may ask for."""

from __future__ import annotations

import datetime as dt
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from bot.console.lists import Hatch
from bot.console.names import name_staff
from knowledge import Hospital
from services import Desk
from services.database import Record
from services.errors import NotFound
from services.history import StateChange, list_changes

CALM, SOON, LATE, DONE = "calm", "soon", "late", "done"
CHINESE = re.compile(r"[\u4e00-\u9fff]")
CHANGES = {
    "taken": "接手",
    "corrected": "更正，重新告诉患者",
    "rated": "患者打分",
    "added words": "患者又补充了",
    "made anonymous": "患者改成匿名",
    "announced pictures": "患者要发照片",
    "changed kind": "转为咨询",
    "changed team": "转办",
    "asked companion": "叫了一位值班的",
    "asked the head": "请组长",
    "place": "说清了地点",
    "the patient still waits": "患者还在等",
    "reminded": "提醒了患者",
    "undone step": "点错了，退回一步",
    "telephoned": "打了电话",
    "not reached": "电话没打通",
}
"""How the house notes a change that leaves the state as it is → what staff read."""


@dataclass(frozen=True, slots=True)
class Field:
    """Something a move wants to know."""

    name: str
    label: str
    required: bool = False
    kind: str = "line"
    """``line``, ``text``, ``choice``, ``date`` or ``time``."""
    choices: tuple[str, ...] = ()
    value: str = ""


@dataclass(frozen=True, slots=True)
class Move:
    """A stage that may follow, and what it needs."""

    stage: str
    label: str
    fields: tuple[Field, ...] = ()
    grave: bool = False
    """It ends the matter against the patient's wish: drawn apart."""


@dataclass(frozen=True, slots=True)
class Column:
    stage: str
    name: str
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    at: dt.datetime
    name: str
    who: str
    note: str = ""
    """What staff wrote with it."""


@dataclass(frozen=True, slots=True)
class Card:
    id: int
    stage: str
    number: str
    title: str
    text: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    """Label and value, for the opened card."""
    tags: tuple[str, ...] = ()
    urgent: bool = False
    at: dt.datetime | None = None
    due: str = ""
    """Until when, in words."""
    tone: str = CALM
    holder: str = ""
    holder_id: int | None = None
    contact_id: int | None = None
    """Empty where staff must not know who it is."""
    patient_id: int | None = None
    secrets: tuple[tuple[str, str, str], ...] = ()
    """Label, field of the record and how it looks masked: what may be revealed, with a reason."""
    moves: tuple[Move, ...] = ()
    pictures: tuple[int, ...] = ()
    """Ids of what `Board.open_picture` opens."""
    drawing: str = ""
    """An SVG that we drew."""
    keys: tuple[str, ...] = ()
    """By what else it is found, and never shown: a name or a phone in full."""

    def answers_to(self, words: str) -> bool:
        """Whether somebody who looks for these words looks for this card: each must stand in something of it."""
        known = (self.number, self.title, self.text, self.holder, *self.tags, *self.keys)
        return all(any(word in one.lower() for one in known) for word in words.lower().split())


class Board(ABC):
    name: ClassVar[str]
    title: ClassVar[str]
    permission: ClassVar[str]
    about: ClassVar[str]
    takes: ClassVar[bool] = False
    """A card belongs to whoever takes it first."""
    quotes: ClassVar[bool] = False
    """A card's text is what somebody said: shown in full when it is opened."""
    hatch: ClassVar[Hatch | None] = None
    """The list that staff may hand in here."""
    kinds: ClassVar[tuple[tuple[str, str], ...]]
    """Ways to look at it: value and name; the first is the usual one."""

    def list_kinds(self, hospital: Hospital) -> tuple[tuple[str, str], ...]:
        """As `kinds`, or more where the hospital's own files name them."""
        return self.kinds

    @abstractmethod
    def columns(self, desk: Desk) -> tuple[Column, ...]: ...

    def name_stage(self, desk: Desk, *, record: Record, stage: str) -> str:
        """What a stage in the life of this record is called: as its column, unless the record has stages of its own."""
        return next((one.name for one in self.columns(desk) if one.stage == stage), stage)

    @abstractmethod
    def cards(self, desk: Desk, *, kind: str) -> tuple[Card, ...]: ...

    @abstractmethod
    def record(self, desk: Desk, *, card_id: int) -> Record: ...

    @abstractmethod
    def move(
        self, desk: Desk, *, card_id: int, stage: str, fields: Mapping[str, Any], staff_id: int, role: str
    ) -> None:
        """Moves the record on in the caller's transaction; raises a ``ServiceError`` where that may not be."""

    def opening(self, hospital: Hospital) -> Move | None:
        """What staff may begin here for somebody who never wrote, and what it needs; its ``stage`` is not used."""
        return None

    def begin(self, desk: Desk, *, fields: Mapping[str, Any]) -> None:
        """Begins it in the caller's transaction; raises a ``ServiceError`` where that may not be."""
        raise NotFound("opening", field="board", value=self.name)

    def open_picture(self, desk: Desk, *, picture_id: int) -> bytes:
        """A card's picture as JPEG; that somebody looks is written down in the caller's transaction."""
        raise NotFound("picture", field="picture", value=picture_id)


def read_steps(desk: Desk, board: Board, *, card_id: int) -> tuple[Step, ...]:
    """The life of a card, oldest first."""
    names, record = name_staff(desk), board.record(desk, card_id=card_id)
    steps = []
    for one in list_changes(desk, record=record):
        if one.old == one.new:
            word = _name_change(one.reason or "")
        else:
            word = board.name_stage(desk, record=record, stage=one.new)
        steps.append(Step(one.created_at, word, name_actor(one.actor, names), _find_note(one)))
    return tuple(steps)


def _name_change(reason: str) -> str:
    """A change that leaves the state as it is."""
    return next((word for start, word in CHANGES.items() if reason.startswith(start)), "改动")


def _find_note(change: StateChange) -> str:
    """A person's own words; what the house notes for itself begins with a word of ours and stays unseen."""
    reason = change.reason or ""
    if any(reason.startswith(f"{start}: ") for start in CHANGES):
        reason = reason.partition(": ")[2]
    return reason if change.actor.startswith("staff") and CHINESE.search(reason[:4]) else ""


def name_actor(actor: str, names: Mapping[str, str]) -> str:
    if actor in names:
        return names[actor]
    if actor.startswith("contact:"):
        return "患者"
    if actor.startswith("duty:"):
        return "值班人员（链接）"
    if actor.startswith("api:"):
        return f"外部系统 {actor[4:]}"
    return {"assistant": "助手", "clock": "系统", "api": "外部系统"}.get(actor, "系统")
