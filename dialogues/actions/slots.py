"""The slots as an action reads them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rasa_sdk import Tracker

_NOTHING: Mapping[str, Any] = {}


class Slots(Mapping[str, Any]):
    """Read-only; an empty slot is ``None``. Beside the slots stand a few facts of the turn as attributes."""

    __slots__ = ("_tracker", "_values")

    def __init__(self, tracker: Tracker) -> None:
        self._tracker = tracker
        self._values: Mapping[str, Any] = tracker.slots or _NOTHING

    def __getitem__(self, name: str) -> Any:
        return self._values.get(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    @property
    def contact_id(self) -> int:
        return int(self._values["contact_id"])

    @property
    def channel(self) -> str:
        return str(self._values.get("channel") or "")

    @property
    def place_code(self) -> str | None:
        """The 吐槽码 through which the patient came, if any."""
        return self._values.get("place_code")

    @property
    def language(self) -> str:
        return str(self._values.get("language") or "zh")

    @property
    def latest_text(self) -> str:
        """What the patient wrote in the message being served."""
        return str(self._tracker.latest_message.get("text") or "")

    def list_latest(self, name: str) -> list[Any]:
        """Every value of a slot said in the message being served, in order: 「怀孕，一个人来」 names two needs."""
        return [
            one["value"]
            for one in self._tracker.latest_message.get("entities") or ()
            if one["entity"] == name
        ]

    @property
    def latest_intent(self) -> str:
        return str((self._tracker.latest_message.get("intent") or _NOTHING).get("name") or "")
