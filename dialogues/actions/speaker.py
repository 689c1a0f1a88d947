"""How an action speaks: by the names of replies, never in words of its own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rasa_sdk.executor import CollectingDispatcher

from dialogues.reply import Button


class Speaker:
    """``say("utter_booked", date=…)``; then ``say.buttons``, ``say.image`` and ``say.custom`` add to what was said
    last. Values are shown as a placeholder of that slot would be: a date as 3月13日（周五）."""

    __slots__ = ("_dispatcher",)

    def __init__(self, dispatcher: CollectingDispatcher) -> None:
        self._dispatcher = dispatcher

    def __call__(self, reply: str, **values: Any) -> Speaker:
        self._dispatcher.utter_message(response=reply, **values)
        return self

    def buttons(self, buttons: Iterable[Button | tuple[str, str]]) -> Speaker:
        """Adds buttons: ``(title, payload)`` with a payload of `dialogues.payload`."""
        found = [one if isinstance(one, Button) else Button(*one) for one in buttons]
        self._last()["buttons"].extend({"title": one.title, "payload": one.payload} for one in found)
        return self

    def image(self, path: str) -> Speaker:
        """A picture below the server's root: ``/maps/OPD/1F.png?from=…&to=…``."""
        self._last()["image"] = path
        return self

    def custom(self, data: dict[str, Any]) -> Speaker:
        self._last()["custom"].update(data)
        return self

    def _last(self) -> dict[str, Any]:
        if not self._dispatcher.messages:
            raise RuntimeError("say a reply before adding to it")
        return self._dispatcher.messages[-1]
