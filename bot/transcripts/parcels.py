"""世界 words for parcels of herbs: what the courier says of the newest one, and what the pharmacy answers."""

from __future__ import annotations

from services import Desk
from services.contacts import Contact
from services.couriers import Tracking, take_tracking
from services.herbs import list_deliveries
from services.parcels import advance_ticket, list_tickets


def report(desk: Desk, contact: Contact, *, state: str, note: str) -> None:
    """The courier's state by kuaidi100's number, with its last words, said this minute."""
    one = next(iter(list_deliveries(desk, contact_id=contact.id, limit=1)), None)
    if one is None or one.tracking_number is None:
        raise ValueError("the delivery has no tracking number: 中药 到 已交快递 顺丰速运 SF12345678 first")
    tracking = Tracking(one.courier_code or "", one.tracking_number, state, note, desk.now)
    take_tracking(desk.acting_as("courier"), tracking)


def answer(desk: Desk, contact: Contact, *, remedy: str, text: str) -> None:
    """The pharmacy looks into the newest ticket and answers it: 补寄, 退费 or 不补."""
    remedies = {"补寄": "resend", "退费": "refund", "不补": "none"}
    tickets = list_tickets(desk, contact_id=contact.id, open_only=True, limit=1)
    if not tickets:
        raise ValueError(f"{contact.sender} has no parcel ticket that is open")
    desk, ticket = desk.acting_as("staff:0"), tickets[0]
    advance_ticket(desk, ticket_id=ticket.id, status="investigating")
    advance_ticket(desk, ticket_id=ticket.id, status="answered", answer=text, remedy=remedies[remedy])
