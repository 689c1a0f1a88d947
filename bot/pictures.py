"""Pictures on their way in: decoded and cleaned beside the writer, kept in the turn's transaction."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Sequence
from typing import Any

from dialogues.conversation import Conversation
from knowledge import Hospital
from services import Desk
from services.complaints import get_complaint
from services.errors import Invalid, NotAllowed
from services.pictures import Picture, clean_picture, keep_picture

SHOWN = "（图片）"
"""Stands where a message was nothing but pictures."""
MOST = 3
"""With one message."""


async def read_pictures(hospital: Hospital, encoded: Sequence[Any]) -> tuple[Picture, ...]:
    """Base64 as it came over the line, also as a data URI; raises ``Invalid`` with field ``picture``."""
    if len(encoded) > MOST:
        raise Invalid("too_many", field="picture", limit=MOST)
    return tuple([await asyncio.to_thread(_read, hospital, one) for one in encoded])


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
    """Keeps them with the complaint being told, or the one told last; the slots of ``picture_received``."""
    telling = any(frame.flow == "file_complaint" for frame in conversation.stack)
    kept = None
    for one in pictures:
        try:
            kept = keep_picture(desk, contact_id=conversation.contact_id, picture=one, for_next=telling)
        except NotAllowed:
            return {"outcome": "too_many"}
    if kept is not None and kept.complaint_id is not None:
        complaint = get_complaint(desk, complaint_id=kept.complaint_id)
        return {"outcome": "attached", "order_number": complaint.order_number}
    return {"outcome": "kept" if telling else "alone"}
