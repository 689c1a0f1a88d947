"""What a flow does besides asking: thin `rasa_sdk.Action`s that call a service and say what came of it.

    class FindSlots(DeskAction, name="action_find_slots"):
        def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
            free = schedules.find_free_slots(desk, department=slots["department"], date=slots["date"])
            ...
            say("utter_fully_booked", next_date=free[0].date)
            return {"alternative": free[0].id}

The same class runs in process (the engine calls ``run``) and under the action server of a hospital that runs Rasa.
Neither passes a desk: it lies in `desk_at_work` for the length of a turn or of a request.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from dialogues.actions.slots import Slots
from dialogues.actions.speaker import Speaker
from services.desk import Desk

__all__ = ["REGISTRY", "Desk", "DeskAction", "Slots", "Speaker", "desk_at_work"]

desk_at_work: ContextVar[Desk] = ContextVar("desk_at_work")
"""Set by the engine for a turn, by the action server for a request."""

REGISTRY: dict[str, type[DeskAction]] = {}
_NAME = re.compile(r"action_[a-z][a-z0-9_]*")


class DeskAction(Action):
    """An action of ours. A subclass gives its name in the class line and does its work in `perform`."""

    action_name = ""
    atomic = False
    """Whether what the action wrote is taken back if a service refuses half-way: set it where an action calls more
    than one service that writes (a savepoint costs too much to have everywhere)."""
    replies: tuple[str, ...] = ()
    """Replies said by a computed name, which the check cannot see in the code."""

    def __init_subclass__(cls, *, name: str | None = None, **rest: Any) -> None:
        super().__init_subclass__(**rest)
        if name is None:
            return  # a common base of several actions
        if not _NAME.fullmatch(name):
            raise TypeError(
                f"{cls.__qualname__}: an action's name is action_… in small letters, not {name!r}"
            )
        other = REGISTRY.get(name)
        if other and (other.__module__, other.__qualname__) != (cls.__module__, cls.__qualname__):
            raise TypeError(f"two actions are named {name}: {other.__qualname__} and {cls.__qualname__}")
        cls.action_name = name
        REGISTRY[name] = cls

    def name(self) -> str:
        return self.action_name

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> Mapping[str, Any] | None:
        """Does the work and returns the slots to set (``None`` empties one). May raise `services.errors.ServiceError`:
        the patient then gets the words of ``pattern_internal_error``."""
        raise NotImplementedError

    def read(self, desk: Desk, slots: Slots) -> Any:
        """Of an action that asks: the value that ``slots.latest_text`` means among what it offers, ``None`` where it is
        none of them. Only asked where neither the understanding nor a button's title has found an answer."""
        return None

    def foresee(self, desk: Desk, slots: Slots) -> Mapping[str, Any] | None:
        """Of an action that asks: the slots that ``slots.latest_text`` surely fills although another question of the same
        flow is open. Only what the words name: nothing is guessed here."""
        return None

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        desk = desk_at_work.get()
        slots = Slots(tracker)
        say = Speaker(dispatcher, desk, language=slots.language)
        if self.atomic:
            with desk.session.begin_nested():
                changes = self.perform(desk, slots, say)
        else:
            changes = self.perform(desk, slots, say)
        return [
            {"event": "slot", "timestamp": None, "name": name, "value": value}
            for name, value in (changes or {}).items()
        ]


def build_actions() -> dict[str, Action]:
    """One instance of every registered action."""
    return {name: kind() for name, kind in REGISTRY.items()}
