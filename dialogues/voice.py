"""Speaking and acting: replies rendered in the patient's language, actions run in process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from dialogues.actions.slots import Slots
from dialogues.reply import Button, Reply
from dialogues.stack import Stack
from dialogues.wording import DEFAULT_LANGUAGE

_SAID = frozenset({"text", "buttons", "elements", "custom", "template", "response", "image", "attachment"})


class Voice(Stack):
    def speak(self, name: str) -> None:
        """A reply, or an action that speaks."""
        if name.startswith("utter_"):
            self.say(name)
        else:
            self.act(name)

    def act(self, name: str) -> None:
        """Runs an action, takes over the slots it sets and says what it says."""
        if name.startswith("utter_"):
            self.say(name)
            return
        builtin = self.book.builtin.get(name)
        if builtin is not None:
            builtin(self)
            return
        dispatcher = CollectingDispatcher()
        events = _finish(self.book.actions[name].run(dispatcher, self._tracker(), {}))
        for event in events or ():
            if event.get("event") == "slot":
                slot = self.book.slots.get(event["name"])
                if slot is None:
                    raise KeyError(f"{name} sets the slot {event['name']!r}, which does not exist")
                self.put(slot.name, slot.cast(event["value"]))
        for message in dispatcher.messages:
            self.replies.append(self._render(message))

    def read_answer(self, name: str) -> Any:
        """The patient's words as an answer to what the asking action offers; ``None`` where they are none."""
        read = getattr(self.book.actions.get(name), "read", None)
        return read(self.desk, Slots(self._tracker())) if read else None

    def foresee(self, name: str) -> dict[str, Any]:
        """What the patient's words say for the question of this asking action before it is asked: slots to set."""
        foreseen = getattr(self.book.actions.get(name), "foresee", None)
        return dict(foreseen(self.desk, Slots(self._tracker())) or {}) if foreseen else {}

    def _tracker(self) -> Tracker:
        slots = self.values()
        slots["contact_id"] = self.before.contact_id
        slots["channel"] = self.before.channel
        slots["language"] = self.language
        entities = [{"entity": one.slot, "value": one.value} for one in self.entities]
        message = {"text": self.text, "intent": {"name": self.intent}, "entities": entities}
        sender = f"{self.before.channel}:{self.before.sender}"
        return Tracker(sender, slots, message, [], self.paused, None, {}, None)

    def _render(self, message: Mapping[str, Any]) -> Reply:
        if message.get("response"):
            values = {name: value for name, value in message.items() if name not in _SAID}
            reply = self.reply(message["response"], values)
        else:
            reply = Reply(text=message.get("text") or "")
        buttons = tuple(Button(one["title"], one["payload"]) for one in message.get("buttons", ()))
        return replace(
            reply,
            buttons=(*reply.buttons, *buttons),
            image=message.get("image") or reply.image,
            custom={**reply.custom, **message["custom"]} if message.get("custom") else reply.custom,
        )

    def say(self, name: str, **values: Any) -> None:
        self.replies.append(self.reply(name, values))

    def reply(self, name: str, values: Mapping[str, Any]) -> Reply:
        context = self.stack[-1].context if self.stack else {}

        def find(placeholder: str) -> Any:
            for place in (values, context, self.book.house):
                if placeholder in place:
                    return place[placeholder]
            return self.get(placeholder)

        def show(placeholder: str) -> str:
            return self.show(placeholder, find(placeholder))

        def raw(placeholder: str) -> str:
            value = find(placeholder)
            return "" if value is None else str(value)

        variant = self.book.wording.get_variant(name, language=self.language, turn=self.turn)
        return variant.fill(show, raw, large=self.large_type)

    def show(self, slot: str, value: Any) -> str:
        """A value in the patient's words."""
        if value is None:
            return ""
        known = self.book.slots.get(slot)
        if known is None:
            return str(value)
        if known.names == "departments" and isinstance(value, str) and self.language != DEFAULT_LANGUAGE:
            department = self.book.hospital.find_department(value)
            if department is not None and department.name == value:
                return department.title(self.language)
        return known.display(value, language=self.language, year=self.desk.now.year)


def _finish(result: Any) -> Any:
    """What an action returned; one written as a coroutine (as Rasa allows) must not wait for anything outside."""
    if not hasattr(result, "send"):
        return result
    try:
        result.send(None)
    except StopIteration as stopped:
        return stopped.value
    raise RuntimeError("an action run in process may not wait for network or disk")
