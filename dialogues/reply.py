"""What the assistant says: a channel-independent reply."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Button:
    title: str
    payload: str
    """``/SetSlots(slot=value)#question``, ``/intent`` or ``/intent{"slot": "value"}``: see dialogues/payload.py."""


@dataclass(frozen=True, slots=True)
class Reply:
    text: str = ""
    buttons: tuple[Button, ...] = ()
    image: str | None = None
    """Path below the server's root, e.g. ``/maps/OPD/1F.png?from=…&to=…``."""
    custom: Mapping[str, Any] = field(default_factory=dict)
    """For channels that can do more (large type, a phone link, a map); plain channels leave it out."""

    def to_json(self) -> dict[str, Any]:
        data: dict[str, Any] = {}
        if self.text:
            data["text"] = self.text
        if self.buttons:
            data["buttons"] = [{"title": one.title, "payload": one.payload} for one in self.buttons]
        if self.image:
            data["image"] = self.image
        if self.custom:
            data["custom"] = dict(self.custom)
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Reply:
        return cls(
            text=data.get("text", ""),
            buttons=tuple(Button(one["title"], one["payload"]) for one in data.get("buttons", ())),
            image=data.get("image"),
            custom=data.get("custom", {}),
        )


OFFER = re.compile(r"(?<=[。！])[^。！？\n]{1,24}吗[？?]$|(?<=[.!]) [^.!?\n]{1,60} (?:không|nhé)\?$")
"""「没有还没完成的陪诊。要约一次吗？」: what is asked at the end beside the answer."""


def leave_question_out(reply: Reply) -> Reply:
    """Where an open question follows, a yes is to answer that one alone: what was offered stays as a button."""
    return replace(reply, text=OFFER.sub("", reply.text)) if reply.buttons else reply
