"""What staff do in a conversation: take over, write, hand back, and read identity data with a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.console.veil import find_veil, read_words
from services import Desk, handovers, messages, outbox, talk
from services.contacts import get_contact
from services.errors import Invalid, Taken, WrongState
from services.history import reveal
from services.patients import get_patient

if TYPE_CHECKING:
    from bot.house import House

MOST_WORDS = 2000


def take_over(
    desk: Desk, house: House, *, contact_id: int, staff_id: int, instead: bool = False
) -> handovers.Handover:
    """The person speaks from now on and the patient is told so, all in one transaction.

    Raises ``Taken`` where a colleague has the conversation; with ``instead`` it is taken from the colleague. Taken by
    oneself already, nothing happens.
    """
    get_contact(desk, contact_id=contact_id)
    before = handovers.find_open(desk, contact_id=contact_id)
    held = before is not None and before.status == handovers.IN_PROGRESS
    if held and before is not None and before.staff_id == staff_id:
        return before
    if held and instead:
        handovers.hand_back(desk, contact_id=contact_id)
    handover = handovers.take_over(desk, contact_id=contact_id, staff_id=staff_id)
    if not held:
        house.turns.pause(desk, contact_id=contact_id, name="person_here")
    return handover


def write(desk: Desk, *, contact_id: int, staff_id: int, text: str) -> None:
    """The person's words to the patient, at once where the channel can. Raises ``WrongState`` where nobody has taken
    over, ``Taken`` where a colleague has, ``Invalid`` for nothing or too much.
    """
    text = text.strip()
    if not text:
        raise Invalid("missing", field="text")
    if len(text) > MOST_WORDS:
        raise Invalid("too_long", field="text", limit=MOST_WORDS)
    _hold(desk, contact_id, staff_id)
    outbox.post(desk, contact_id=contact_id, replies=[{"text": text}])


def hand_back(desk: Desk, house: House, *, contact_id: int, staff_id: int) -> None:
    """The assistant takes up the conversation at the very step it was left at. Raises as ``write`` does."""
    _hold(desk, contact_id, staff_id)
    handovers.hand_back(desk, contact_id=contact_id)
    house.turns.resume(desk, contact_id=contact_id)


def _hold(desk: Desk, contact_id: int, staff_id: int) -> None:
    handover = handovers.find_open(desk, contact_id=contact_id)
    if handover is None or handover.status != handovers.IN_PROGRESS:
        raise WrongState("not_taken_over", field="contact", value=contact_id)
    if handover.staff_id != staff_id:
        raise Taken("taken_over", field="handover", value=handover.id, staff_id=handover.staff_id)


def reveal_patient(desk: Desk, *, contact_id: int, patient_id: int, field: str, reason: str) -> str:
    """A patient's ``name``, ``phone`` or ``id_number`` in full, written down with the reason."""
    if field not in ("name", "phone", "id_number"):
        raise Invalid("field", field="field", value=field)
    patient = get_patient(desk, patient_id=patient_id, contact_id=contact_id)
    return reveal(desk, record=patient, field=field, reason=reason) or ""


def reveal_line(desk: Desk, *, contact_id: int, key: str, reason: str) -> str:
    """One line as it was written, written down with the reason; what was said anonymously stays covered."""
    lines = talk.list_lines(desk, contact_id=contact_id, limit=500)
    for line, words in zip(lines, read_words(lines), strict=True):
        if f"{line.direction}:{line.id}" == key:
            table: type[Any] = messages.InboxMessage if line.direction == "in" else outbox.OutboxMessage
            reveal(desk, record=desk.session.get_one(table, line.id), field="body", reason=reason)
            return find_veil(desk, contact_id=contact_id).bare(words)
    raise Invalid("line", field="key", value=key)


def reveal_sender(desk: Desk, *, contact_id: int, reason: str) -> str:
    """The contact's id on the channel, to find the account on the platform."""
    contact = get_contact(desk, contact_id=contact_id)
    return reveal(desk, record=contact, field="sender", reason=reason) or ""
