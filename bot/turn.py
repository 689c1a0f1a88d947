"""One transaction a message: the heart of the house.

Everything a turn does commits together. If anything fails, nothing of the turn remains but the message: it is kept
as failed, a person is called and the patient gets an honest sentence, in a second transaction. A message id seen
before is answered from the record, so a webhook delivered three times acts once.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import structlog
from prometheus_client import Counter, Histogram
from sqlmodel import Session

from bot.channels.message import Message
from bot.pictures import answer_with_picture, keep_pictures
from bot.sentences import say
from bot.writers import Busy
from dialogues import Turn
from dialogues.conversation import Conversation
from dialogues.payload import parse_payload
from dialogues.reply import Reply
from intents.language import detect_language
from services import Desk, messages, outbox
from services.alarms import raise_alarm
from services.contacts import get_contact, keep_wishes
from services.handovers import call_person

if TYPE_CHECKING:
    from bot.house import House

log = structlog.get_logger()

TURNS = Counter("wenjin_turns", "Messages handled", ["channel", "outcome"])
SECONDS = Histogram(
    "wenjin_turn_seconds",
    "Duration of a turn, waiting for the writer not included",
    buckets=(0.002, 0.004, 0.008, 0.015, 0.03, 0.06, 0.12, 0.25, 0.5, 1, 2.5, 5, 10),
)


class Turns:
    """Handles messages and everything else that makes the assistant speak, one transaction each."""

    def __init__(self, house: House):
        self.house = house

    async def answer(self, message: Message) -> list[Reply]:
        """``handle`` from the event loop: the work runs in the writing thread."""
        return await self.house.writers.run(lambda: self.handle(message))

    def handle(self, message: Message) -> list[Reply]:
        """What the patient is told now. Never raises: what goes wrong becomes an honest sentence."""
        began = time.perf_counter()
        outcome = "answered"
        if message.message_id is None:  # named here, not at each try, so that a try again is the same message
            message = message.named(f"-{uuid.uuid4().hex}")
        try:
            return self.house.writers.transaction(lambda session: self._take(session, message))
        except Busy:
            outcome = "busy"
            log.warning("turn_busy", channel=message.channel)
            return [say("busy", hospital=self.house.hospital, language=message.language)]
        except Exception as error:
            outcome = "failed"
            log.error("turn_failed", channel=message.channel, exc_info=error)
            return self._apologise(message, error)
        finally:
            TURNS.labels(message.channel, outcome).inc()
            SECONDS.observe(time.perf_counter() - began)
            if not self._is_direct(message.channel):
                self.house.bell.ring()

    def start(self, desk: Desk, *, contact_id: int, flow: str, slots: Mapping[str, Any]) -> Turn:
        """Begins a flow in a contact's conversation, in the caller's transaction (the clock, staff, a webhook).

        Replies are queued; a direct channel gives them with its next answer.
        """
        conversation = self._load(desk, contact_id)
        turn = self.house.assistant.start(conversation, flow, slots, desk=desk)
        if (
            self._waits_to_be_asked(conversation.channel)
            and turn.conversation.question > conversation.question
        ):
            unseen = conversation.unseen or conversation.question + 1
            turn = replace(turn, conversation=turn.conversation.having(unseen=unseen))
        self._keep(desk, turn, status=outbox.QUEUED)
        return turn

    def pause(self, desk: Desk, *, contact_id: int, name: str) -> None:
        """A person takes over: the assistant only listens for danger, and the patient is told so by the house's sentence
        of that name, in the caller's transaction.
        """
        conversation = self._load(desk, contact_id).having(paused=True)
        self._keep(desk, Turn(conversation), status=outbox.QUEUED)
        told = say(name, hospital=self.house.hospital, language=conversation.language)
        outbox.post(desk, contact_id=contact_id, replies=[told.to_json()])

    def resume(self, desk: Desk, *, contact_id: int) -> Turn:
        """A person hands back: the open question is asked again, in the caller's transaction."""
        turn = self.house.assistant.resume(self._load(desk, contact_id), desk=desk)
        self._keep(desk, turn, status=outbox.QUEUED)
        return turn

    def _take(self, session: Session, message: Message) -> list[Reply]:
        house = self.house
        desk = house.desk(session)
        direct = self._is_direct(message.channel)
        arrival = self._receive(desk, message)
        if not arrival.new:
            return [Reply.from_json(one) for one in arrival.replies]
        waiting = (
            outbox.take_queued(desk, contact_id=arrival.contact_id, inbox_id=arrival.inbox_id)
            if direct
            else ()
        )
        before = _open(arrival, message)
        conversation = _told(before, message)
        asked = conversation if _answers_nothing_unseen(conversation, message) else None
        if asked:  # a message is no answer to a question that is only given with this turn's replies
            conversation = house.assistant.lay_aside(asked)
        conversation = conversation.having(unseen=0)
        desk = desk.acting_as(f"contact:{arrival.contact_id}")
        turn = self._hear(desk, conversation, message)
        if asked:
            turn = house.assistant.take_up(turn, asked)
        self._keep(desk, turn, inbox_id=arrival.inbox_id, status=outbox.SENT if direct else outbox.QUEUED)
        if _wishes(turn.conversation) != _wishes(before):
            language, large_type = _wishes(turn.conversation)
            keep_wishes(desk, contact_id=arrival.contact_id, language=language, large_type=large_type)
        earlier = [Reply.from_json(one) for one in waiting]
        late = turn.alarms or asked  # danger comes first, and the open question last
        return [*turn.replies, *earlier] if late else [*earlier, *turn.replies]

    def _hear(self, desk: Desk, conversation: Conversation, message: Message) -> Turn:
        """Words, a button, or pictures; of pictures with words the words are answered."""
        assistant, seen = self.house.assistant, None
        if message.pictures:
            kept = keep_pictures(desk, conversation, message.pictures)
            answer = answer_with_picture(self.house.hospital, conversation)
            if answer and kept["outcome"] == "kept" and not conversation.paused:
                turn = assistant.press(conversation, answer, desk=desk)
                if turn is not None:
                    return turn
            if not message.text.strip() and not conversation.paused:
                return assistant.start(conversation, "picture_received", kept, desk=desk)
            if kept["outcome"] == "too_many":
                seen = assistant.start(conversation, "picture_received", kept, desk=desk)
                conversation = seen.conversation
        turn = assistant.press(conversation, message.text, desk=desk)
        if turn is None:
            understanding = self.house.interpreter.understand(
                message.text, now=desk.now, context=assistant.context(conversation)
            )
            turn = assistant.step(conversation, understanding, desk=desk)
        return turn if seen is None else replace(turn, replies=(*turn.replies, *seen.replies))

    def _keep(self, desk: Desk, turn: Turn, *, status: str, inbox_id: int | None = None) -> None:
        """Conversation, alarms and replies, in the turn's transaction."""
        contact_id = turn.conversation.contact_id
        for alarm in turn.alarms:
            raise_alarm(desk, contact_id=contact_id, kind=alarm.kind, words=alarm.words, flow=alarm.flow)
        messages.keep_conversation(desk, contact_id=contact_id, state=turn.conversation.to_json())
        outbox.post(
            desk,
            contact_id=contact_id,
            inbox_id=inbox_id,
            replies=[reply.to_json() for reply in turn.replies],
            status=status,
            author="assistant",
        )

    def _apologise(self, message: Message, error: Exception) -> list[Reply]:
        """The second transaction of a failed turn: the message, the honest sentence, a person called."""

        def record(session: Session) -> list[Reply]:
            desk = self.house.desk(session)
            arrival = self._receive(desk, message, status="failed")
            if not arrival.new:
                return [Reply.from_json(one) for one in arrival.replies]
            language = _told(_open(arrival, message), message).language
            if arrival.conversation is None and language == "zh":
                language = detect_language(message.text.lower())
            apology = say("failed", hospital=self.house.hospital, language=language)
            direct = self._is_direct(message.channel)
            outbox.post(
                desk,
                contact_id=arrival.contact_id,
                inbox_id=arrival.inbox_id,
                replies=[apology.to_json()],
                status=outbox.SENT if direct else outbox.QUEUED,
            )
            call_person(
                desk,
                contact_id=arrival.contact_id,
                reason=f"turn_failed:{type(error).__name__}",
                urgent=False,
            )
            return [apology]

        try:
            return self.house.writers.transaction(record)
        except Exception as second:
            log.error("apology_not_recorded", channel=message.channel, exc_info=second)
            return [say("busy", hospital=self.house.hospital, language=message.language)]

    def _receive(self, desk: Desk, message: Message, *, status: str = "handled") -> messages.Arrival:
        body: dict[str, Any] = {"text": message.text}
        if message.place_code:
            body["place_code"] = message.place_code
        if message.pictures:
            body["pictures"] = len(message.pictures)
        assert message.message_id is not None
        return messages.receive(
            desk,
            channel=message.channel,
            sender=message.sender,
            message_id=message.message_id,
            body=body,
            status=status,
        )

    def _load(self, desk: Desk, contact_id: int) -> Conversation:
        state = messages.load_conversation(desk, contact_id=contact_id, lock=True)
        if state is not None:
            return Conversation.from_json(state)
        contact = get_contact(desk, contact_id=contact_id)
        return Conversation(
            contact_id,
            contact.channel,
            contact.sender,
            language=contact.language,
            language_chosen=contact.language != "zh",
            large_type=contact.large_type,
        )

    def _is_direct(self, name: str) -> bool:
        channel = self.house.channels.get(name)
        return channel is None or channel.direct

    def _waits_to_be_asked(self, name: str) -> bool:
        """A channel whose contacts see what was queued only with the answer to their next message."""
        channel = self.house.channels.get(name)
        return channel is not None and channel.direct


def _answers_nothing_unseen(conversation: Conversation, message: Message) -> bool:
    """Whether the open question is one not seen yet; who presses its very button has seen it (in the tracker)."""
    if not conversation.unseen or not conversation.stack:
        return False
    payload = parse_payload(message.text)
    seen = payload is not None and (payload.question or 0) >= conversation.unseen
    return not seen and conversation.stack[-1].question >= conversation.unseen


def _open(arrival: messages.Arrival, message: Message) -> Conversation:
    if arrival.conversation is not None:
        return Conversation.from_json(arrival.conversation)
    return Conversation(
        arrival.contact_id,
        message.channel,
        message.sender,
        language=arrival.language if arrival.language != "zh" else message.language or "zh",
        language_chosen=arrival.language != "zh",
        large_type=arrival.large_type,
    )


def _wishes(conversation: Conversation) -> tuple[str, bool]:
    """What the contact asked to be remembered: a language only where it was chosen."""
    return conversation.language if conversation.language_chosen else "zh", conversation.large_type


def _told(conversation: Conversation, message: Message) -> Conversation:
    """The conversation with what the channel said beside the words: the place scanned, the language chosen."""
    if message.place_code and conversation.slots.get("place_code") != message.place_code:
        conversation = conversation.having(slots={**conversation.slots, "place_code": message.place_code})
    if message.language and not conversation.language_chosen:
        conversation = conversation.having(language=message.language)
    if message.large_type is not None and message.large_type != conversation.large_type:
        conversation = conversation.having(large_type=message.large_type)
    if message.anonymous is not None and conversation.slots.get("anonymous") != (message.anonymous or None):
        conversation = conversation.having(
            slots={**conversation.slots, "anonymous": message.anonymous or None}
        )
    return conversation
