"""Pictures on their way in: decoded and cleaned beside the writer, kept in the turn's transaction."""

from __future__ import annotations

import asyncio
import base64
import binascii
import datetime as dt
from collections.abc import Sequence
from typing import Any

from dialogues.actions.line_questions import SENT, name_slot
from dialogues.conversation import Conversation
from dialogues.payload import number_payload, set_slots
from knowledge import Hospital
from services import Desk
from services.complaints import get_complaint, list_complaints
from services.errors import Invalid, NotAllowed
from services.line_records import list_line_requests
from services.parcels import ParcelTicket, list_tickets
from services.pictures import Picture, clean_picture, keep_picture
from services.requests import ServiceRequest

SHOWN = "（图片）"
"""Stands where a message was nothing but pictures."""
MOST = 3
"""With one message."""
TELLING = frozenset({"file_complaint", "report_parcel"})
"""Flows at whose end something is filed to which pictures belong."""


async def read_pictures(hospital: Hospital, encoded: Sequence[Any]) -> tuple[Picture, ...]:
    """Base64 as it came over the line, also as a data URI; raises ``Invalid`` with field ``picture``."""
    if len(encoded) > MOST:
        raise Invalid("too_many", field="picture", limit=MOST)
    return tuple([await asyncio.to_thread(_read, hospital, one) for one in encoded])


async def clean_pictures(hospital: Hospital, contents: Sequence[bytes]) -> tuple[Picture, ...]:
    """As a platform handed them over; raises ``Invalid`` with field ``picture``."""
    return tuple([await asyncio.to_thread(clean_picture, hospital, one) for one in contents])


def _read(hospital: Hospital, encoded: Any) -> Picture:
    if not isinstance(encoded, str):
        raise Invalid("picture", field="picture")
    try:
        content = base64.b64decode(
            encoded.partition(",")[2] if encoded.startswith("data:") else encoded, validate=True
        )
    except (binascii.Error, ValueError):
        raise Invalid("picture", field="picture") from None
    return clean_picture(hospital, content)


def keep_pictures(desk: Desk, conversation: Conversation, pictures: Sequence[Picture]) -> dict[str, Any]:
    """Keeps them with the complaint, the broken parcel or the service line's request being told, or told last; the slots of
    ``picture_received``."""
    wanting = {line.id for line in desk.hospital.lines if line.takes_photo}
    telling = any(frame.flow in TELLING or frame.flow in wanting for frame in conversation.stack)
    ticket = None if telling else _find_ticket(desk, conversation.contact_id)
    request = None if telling or ticket else _find_request(desk, conversation.contact_id)
    opened = (ticket.id, ticket.created_at) if ticket else None
    kept = None
    for one in pictures:
        try:
            kept = keep_picture(
                desk,
                contact_id=conversation.contact_id,
                picture=one,
                for_next=telling,
                ticket=opened,
                request_id=request.id if request else None,
            )
        except NotAllowed:
            return {"outcome": "too_many"}
    if kept is not None and kept.complaint_id is not None:
        complaint = get_complaint(desk, complaint_id=kept.complaint_id)
        return {"outcome": "attached", "order_number": complaint.order_number}
    if kept is not None and ticket is not None and kept.ticket_id is not None:
        return {"outcome": "with_parcel", "order_number": ticket.order_number}
    if kept is not None and request is not None:
        return {"outcome": "with_request", "order_number": request.order_number}
    return {"outcome": "kept" if telling else "alone"}


def answer_with_picture(hospital: Hospital, conversation: Conversation) -> str | None:
    """The payload that answers an open question for a photo; ``None`` where no such question is open."""
    for line in hospital.lines:
        for question in line.collect:
            slot = name_slot(line, question)
            if question.answered_as == "photo" and slot == conversation.requested_slot:
                return number_payload(set_slots(**{slot: SENT}), conversation.stack[-1].question)
    return None


def _find_request(desk: Desk, contact_id: int) -> ServiceRequest | None:
    """The newest of a line that takes photos, as young as a complaint whose pictures are still taken, and none told since."""
    since = desk.now - dt.timedelta(hours=desk.hospital.complaints.pictures.hours)
    for one in list_line_requests(desk, contact_id=contact_id, under_way=True, limit=5):
        line = desk.hospital.find_line(one.line)
        if line is not None and line.takes_photo and one.created_at > since:
            told = list_complaints(desk, contact_id=contact_id, limit=1)
            return None if told and told[0].created_at > one.created_at else one
    return None


def _find_ticket(desk: Desk, contact_id: int) -> ParcelTicket | None:
    """The newest that is open and as young as a complaint whose pictures are still taken."""
    since = desk.now - dt.timedelta(hours=desk.hospital.complaints.pictures.hours)
    found = list_tickets(desk, contact_id=contact_id, open_only=True, limit=1)
    return found[0] if found and found[0].created_at > since else None
