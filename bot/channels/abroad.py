"""A platform abroad: the patient is told so once, and asked before a word of theirs is read or kept.

Until they agree, of a message only its number is recorded, so that the same one is not answered twice. Personal
information that leaves the country needs its own informed consent (Personal Information Protection Law, Art. 39).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import yaml

from bot.channels.message import Message
from dialogues.reply import Button, Reply
from services import Desk, messages, outbox
from services.contacts import find_contact
from services.patients import give_consent, has_consent, withdraw_consent

if TYPE_CHECKING:
    from bot.house import House

PURPOSE = "platform_abroad"
WORDING = "abroad.notice/1"
YES, NO = "/abroad_yes", "/abroad_no"
_AGREE = {"同意", "我同意", "同意的", "đồng ý"}
_WITHDRAW = {"撤回同意", "我要撤回同意", "我想撤回同意", "收回同意", "取消同意", "rút lại đồng ý"}


class Border:
    """Stands between a platform abroad and the house."""

    def __init__(self, house: House, *, channel: str, platform: str):
        self.house, self.channel, self.platform = house, channel, platform

    def say(self, name: str, *, language: str | None = None) -> str:
        words = _words()[name]
        return words.get(language or "zh", words["zh"]).format(
            hospital=self.house.hospital.short_name,
            phone=self.house.hospital.phone,
            address=self.house.settings.address,
            platform=self.platform,
        )

    async def stands(self, sender: str) -> Literal["unasked", "asked", "open"]:
        """``open``: the contact has agreed and not withdrawn."""

        def look(desk: Desk) -> Literal["unasked", "asked", "open"]:
            contact = find_contact(desk, channel=self.channel, sender=sender)
            if contact is None or contact.id is None:
                return "unasked"
            return "open" if has_consent(desk, contact_id=contact.id, purpose=PURPOSE) else "asked"

        return await self.house.read(look)

    async def ask(self, message: Message, *, reply_to: int | None = None) -> None:
        """Tells and asks; the second time in fewer words. The message's text is not kept."""

        def tell(desk: Desk) -> None:
            known = find_contact(desk, channel=self.channel, sender=message.sender) is not None
            buttons = (
                Button(self.say("accept", language=message.language), YES),
                Button(self.say("refuse", language=message.language), NO),
            )
            text = self.say("again" if known else "notice", language=message.language)
            custom = {"reply_to": reply_to} if reply_to else {}
            self._record(desk, message, {"withheld": True}, Reply(text=text, buttons=buttons, custom=custom))

        await self.house.write(tell, actor="assistant")

    async def agree(self, message: Message) -> None:
        def note(desk: Desk) -> None:
            arrival = self._record(
                desk,
                message,
                {"text": self.say("accept", language=message.language)},
                Reply(text=self.say("agreed", language=message.language)),
            )
            give_consent(desk, contact_id=arrival.contact_id, purpose=PURPOSE, wording=WORDING)

        await self.house.write(note, actor="assistant")

    async def decline(self, message: Message) -> None:
        reply = Reply(text=self.say("declined", language=message.language))
        body = {"text": self.say("refuse", language=message.language)}
        await self.house.write(lambda desk: self._record(desk, message, body, reply), actor="assistant")

    async def withdraw(self, message: Message) -> None:
        def note(desk: Desk) -> None:
            reply = Reply(text=self.say("withdrawn", language=message.language))
            arrival = self._record(desk, message, {"text": message.text}, reply)
            withdraw_consent(desk, contact_id=arrival.contact_id, purpose=PURPOSE)

        await self.house.write(note, actor="assistant")

    async def say_text_only(self, message: Message) -> None:
        """To a voice message, a video, a sticker."""
        await self.reply(message, Reply(text=self.say("text_only", language=message.language)))

    async def reply(self, message: Message, reply: Reply) -> None:
        """Answers without the house having heard anything."""
        named = replace(message, text="")
        await self.house.write(lambda desk: self._record(desk, named, {"text": ""}, reply), actor="assistant")

    def _record(
        self, desk: Desk, message: Message, body: Mapping[str, object], reply: Reply
    ) -> messages.Arrival:
        """The message's number and the answer to it, once."""
        assert message.message_id is not None
        arrival = messages.receive(
            desk, channel=self.channel, sender=message.sender, message_id=message.message_id, body=body
        )
        if arrival.new:
            outbox.post(
                desk, contact_id=arrival.contact_id, inbox_id=arrival.inbox_id, replies=[reply.to_json()]
            )
        return arrival


def says_yes(text: str) -> bool:
    return text.strip(" 。.！!").lower() in _AGREE


def takes_back(text: str) -> bool:
    return text.strip(" 。.！!").lower() in _WITHDRAW


@cache
def _words() -> dict[str, dict[str, str]]:
    return yaml.safe_load(Path(__file__).with_name("abroad.yml").read_text(encoding="utf-8"))
