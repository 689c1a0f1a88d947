"""How an action speaks: by the names of replies and of words, never in words of its own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rasa_sdk.executor import CollectingDispatcher

from dialogues.reply import Button
from dialogues.words import Words, read_words
from services.desk import Desk


class Speaker:
    """``say("utter_booked", date=…)``; then ``say.buttons``, ``say.image`` and ``say.custom`` add to what was said
    last. Values are shown as a placeholder of that slot would be: a date as 3月13日（周五）. What a button says is
    ``say.word("route_to", place=…)`` or ``say.name("period", "morning")`` of ``dialogues/words.yml``."""

    __slots__ = ("_dispatcher", "_words", "desk", "language")

    def __init__(self, dispatcher: CollectingDispatcher, desk: Desk, *, language: str) -> None:
        self._dispatcher = dispatcher
        self._words: Words = read_words()
        self.desk = desk
        self.language = language

    def __call__(self, reply: str, **values: Any) -> Speaker:
        self._dispatcher.utter_message(response=reply, **values)
        return self

    def word(self, name: str, /, **values: Any) -> str:
        """The word of this name in the patient's language, its placeholders filled."""
        return self._words.word(name, language=self.language, **values)

    def name(self, table: str, key: str | None, default: str | None = None) -> str:
        """What a table calls a key in the patient's language; ``default`` (else the key) where it has no word for it."""
        return self._words.name(table, key, language=self.language, default=default)

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
