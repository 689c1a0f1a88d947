"""At every waiting step of every flow: 取消, 人工, an empty message, gibberish and a red-flag symptom.

The transcripts lead to the waiting steps; at each the disturbance is tried on the very database and conversation,
in a transaction that is rolled back (`test_transcripts` plays them once for both).
"""

from __future__ import annotations

from collections.abc import Callable

from sqlmodel import Session, select

from bot.channels.message import Message
from bot.transcripts import Player
from bot.transcripts.script import Step
from dialogues.conversation import Conversation
from dialogues.reply import Reply
from services import messages
from services.alarms import list_alarms
from services.appointments import Appointment
from services.contacts import find_contact
from services.handovers import find_open

Waiting = tuple[str, str]
"""A flow and the step at which it waits."""


class After:
    """What a disturbance left behind, before it is rolled back."""

    def __init__(
        self, player: Player, session: Session, speaker: str, before: Conversation, text: str
    ) -> None:
        house = player.house
        self.before = before
        self.booked_before = len(session.exec(select(Appointment.id)).all())
        self.replies: list[Reply] = house.turns._take(
            session,
            Message(channel=player.channel, sender=speaker, text=text, message_id=f"disturbance-{text}"),
        )
        session.flush()
        desk = house.desk(session)
        self.booked = len(session.exec(select(Appointment.id)).all())
        state = messages.load_conversation(desk, contact_id=before.contact_id)
        assert state is not None
        self.conversation = Conversation.from_json(state)
        self.alarms = list_alarms(desk, contact_id=before.contact_id)
        self.handover = find_open(desk, contact_id=before.contact_id)

    @property
    def words(self) -> str:
        return "\n".join(reply.text for reply in self.replies)


def still_asks(after: After) -> str | None:
    top = after.conversation.stack[-1] if after.conversation.stack else None
    was = after.before.stack[-1]
    if not after.words:
        return "nothing was said"
    if top is None or (top.flow, top.step) != (was.flow, was.step):
        return f"it no longer waits at {was.step}, but at {top.flow + '/' + top.step if top else 'nothing'}"
    return None


def something_is_said(after: After) -> str | None:
    return None if after.words else "nothing was said"


def the_flow_is_left(after: After) -> str | None:
    was = after.before.stack[-1]
    if not after.words:
        return "nothing was said"
    if any(frame.id == was.id and frame.kind == "flow" for frame in after.conversation.stack) and (
        after.conversation.stack[-1].id == was.id
    ):
        return "the flow goes on as if nothing had been said"
    return None


def a_person_is_called(after: After) -> str | None:
    if after.handover is None:
        return "no person was called"
    return None if after.words else "nothing was said"


def danger_comes_first(after: After) -> str | None:
    if "120" not in after.replies[0].text:
        return f"the first words are {after.replies[0].text!r}"
    if not after.alarms:
        return "no alarm was raised"
    if after.booked != after.booked_before:
        return "something was booked"
    return None


DISTURBANCES: dict[str, tuple[str, Callable[[After], str | None]]] = {
    "cancel": ("取消", the_flow_is_left),
    "person": ("人工", a_person_is_called),
    "empty": ("", still_asks),
    "gibberish": ("%&@#^~", something_is_said),
    "red flag": ("我爸突然昏倒在地上，叫不醒了", danger_comes_first),
}


class DisturbingPlayer(Player):
    """Plays a transcript; at each waiting step not seen before it tries all disturbances."""

    seen: dict[Waiting, str]
    failures: list[str]

    def _do(self, step: Step, done) -> None:  # type: ignore[no-untyped-def]
        super()._do(step, done)
        for speaker in "甲乙丙":
            self._disturb(speaker, step)

    def _disturb(self, speaker: str, step: Step) -> None:
        conversation = self._conversation(speaker)
        if conversation is None or not conversation.stack or conversation.requested_slot is None:
            return
        top = conversation.stack[-1]
        if (top.flow, top.step) in self.seen:
            return
        self.seen[top.flow, top.step] = f"{self.script.name}:{step.line}"
        for name, (text, check) in DISTURBANCES.items():
            with Session(self.house.engine) as session:
                wrong = check(After(self, session, speaker, conversation, text))
                session.rollback()
            if wrong:
                self.failures.append(
                    f"{top.flow}/{top.step} ({self.script.name}, line {step.line}), {name}: {wrong}"
                )

    def _conversation(self, speaker: str) -> Conversation | None:
        def read(desk) -> Conversation | None:  # type: ignore[no-untyped-def]
            contact = find_contact(desk, channel=self.channel, sender=speaker)
            state = messages.load_conversation(desk, contact_id=contact.id) if contact else None
            return Conversation.from_json(state) if state else None

        return self.house.read_now(read)
