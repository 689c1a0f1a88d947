"""Pictures that belong to a complaint, to what is wrong with a parcel or to a request of a service line: looked at, cleaned,
encrypted, and shown to staff who deal with these only.

A picture is decoded and written anew before it is kept: that it is one is then certain, and what a phone writes into it
(where and when it was taken, on which phone) is gone, so that an anonymous complaint stays anonymous. It lies in the
database like everything else of the patient's: no folder that a web server could show, one backup, one erasure.
"""

from __future__ import annotations

import datetime as dt
import io
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa
from PIL import Image, ImageOps, UnidentifiedImageError
from sqlmodel import Field, col, select

from knowledge import Hospital
from services.cipher import seal, unseal
from services.database import Record
from services.desk import Desk
from services.errors import Invalid, NotAllowed, NotFound
from services.finding import get_record
from services.grievances import Complaint
from services.history import list_changes, note_reveal, record_change

FORMATS = ("JPEG", "PNG", "WEBP")
"""What phones and browsers send; others are refused by their content, whatever they are called."""
PURPOSE = "picture"
MOST_PIXELS = 50_000_000
"""A larger one is a mistake or an attack: a few bytes may unfold to gigabytes."""


class ComplaintPicture(Record, table=True):
    __tablename__ = "complaint_picture"

    contact_id: int = Field(foreign_key="contact.id", index=True)
    complaint_id: int | None = Field(default=None, foreign_key="complaint.id", index=True)
    """Empty until the complaint is filed."""
    ticket_id: int | None = Field(default=None, foreign_key="parcel_ticket.id", index=True)
    """Of a parcel that is broken or wrong: its ticket."""
    request_id: int | None = Field(default=None, foreign_key="service_request.id", index=True)
    """Of a service line that takes one (the old prescription, the invoice): its request."""
    width: int
    height: int
    size: int
    """Bytes of the JPEG."""
    body: bytes = Field(sa_type=sa.LargeBinary)
    """Sealed JPEG."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that has been looked at: JPEG, nothing in it but what one sees."""

    jpeg: bytes
    width: int
    height: int


def clean_picture(hospital: Hospital, content: bytes) -> Picture:
    """Reads and rewrites what was sent. Raises ``Invalid`` with field ``picture``: ``too_large`` (bytes or pixels),
    ``picture`` (none, or of a kind not taken). Takes some ten milliseconds: call it beside the writer.
    """
    rules = hospital.complaints.pictures
    if len(content) > rules.megabytes << 20:
        raise Invalid("too_large", field="picture", limit=rules.megabytes)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=FORMATS) as opened:
                if opened.width * opened.height > MOST_PIXELS:
                    raise Invalid("too_large", field="picture", limit=rules.megabytes)
                opened.draft("RGB", (rules.pixels, rules.pixels))  # a large JPEG is decoded small at once
                seen = ImageOps.exif_transpose(opened).convert("RGB")
    except Invalid:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Invalid("too_large", field="picture", limit=rules.megabytes) from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, MemoryError):
        raise Invalid("picture", field="picture") from None
    seen.thumbnail((rules.pixels, rules.pixels))
    written = io.BytesIO()
    seen.save(written, "JPEG", quality=82)
    return Picture(written.getvalue(), seen.width, seen.height)


def keep_picture(
    desk: Desk,
    *,
    contact_id: int,
    picture: Picture,
    for_next: bool = False,
    ticket: tuple[int, dt.datetime] | None = None,
    request_id: int | None = None,
) -> ComplaintPicture:
    """Keeps it with the contact's complaint of the last hours, or with the parcel's ``ticket`` (its id and when it was
    opened) where that is the later, or with a service line's request; else (or ``for_next``) for what is about to be filed.

    Raises ``NotAllowed("too_many")`` with field ``picture`` where there are as many as the rules take.
    """
    rules = desk.hospital.complaints.pictures
    since = desk.now - dt.timedelta(hours=rules.hours)
    complaint = None if for_next or request_id else _find_spoken_of(desk, contact_id, since)
    if ticket is not None and (for_next or (complaint and complaint.created_at > ticket[1])):
        ticket = None
    if ticket is not None:
        complaint = None
    waiting = (
        sa.select(sa.func.count())
        .select_from(ComplaintPicture)
        .where(col(ComplaintPicture.contact_id) == contact_id, col(ComplaintPicture.created_at) > since)
    )
    if desk.session.execute(waiting).scalar_one() >= rules.most:
        raise NotAllowed("too_many", field="picture", limit=rules.most)
    one = ComplaintPicture(
        hospital_id=desk.hospital_id,
        created_at=desk.now,
        contact_id=contact_id,
        complaint_id=complaint.id if complaint else None,
        ticket_id=ticket[0] if ticket else None,
        request_id=request_id,
        width=picture.width,
        height=picture.height,
        size=len(picture.jpeg),
        body=seal(picture.jpeg, PURPOSE),
    )
    desk.session.add(one)
    desk.session.flush()
    record_change(desk, record=one, old="", new="kept", reason="sent")
    desk.session.flush()
    return one


def _find_spoken_of(desk: Desk, contact_id: int, since: dt.datetime) -> Complaint | None:
    """The contact's newest complaint under way, if he filed it or spoke of it since."""
    query = select(Complaint).where(
        Complaint.hospital_id == desk.hospital_id,
        Complaint.contact_id == contact_id,
        Complaint.status != "closed",
    )
    found = desk.session.exec(query.order_by(col(Complaint.id).desc()).limit(1)).first()
    if found is None or found.created_at > since:
        return found
    mine = f"contact:{contact_id}"
    spoken = any(one.actor == mine and one.created_at > since for one in list_changes(desk, record=found))
    return found if spoken else None


def attach_pictures(
    desk: Desk,
    *,
    contact_id: int,
    complaint_id: int | None = None,
    ticket_id: int | None = None,
    request_id: int | None = None,
) -> int:
    """What the contact sent just before belongs to the complaint, ticket or request now opened; returns how many."""
    since = desk.now - dt.timedelta(hours=desk.hospital.complaints.pictures.hours)
    change = sa.update(ComplaintPicture).where(
        col(ComplaintPicture.contact_id) == contact_id,
        col(ComplaintPicture.complaint_id).is_(None),
        col(ComplaintPicture.ticket_id).is_(None),
        col(ComplaintPicture.request_id).is_(None),
        col(ComplaintPicture.created_at) > since,
    )
    change = change.values(complaint_id=complaint_id, ticket_id=ticket_id, request_id=request_id)
    done = desk.session.execute(change.execution_options(synchronize_session=False))
    return int(done.rowcount)  # type: ignore[attr-defined]


def drop_unclaimed(desk: Desk, *, limit: int = 50) -> int:
    """For the clock: a picture to which nothing was filed in time is deleted."""
    since = desk.now - dt.timedelta(hours=desk.hospital.complaints.pictures.hours)
    query = select(ComplaintPicture).where(
        ComplaintPicture.hospital_id == desk.hospital_id,
        col(ComplaintPicture.complaint_id).is_(None),
        col(ComplaintPicture.ticket_id).is_(None),
        col(ComplaintPicture.request_id).is_(None),
        ComplaintPicture.created_at <= since,
    )
    gone = list(desk.session.exec(query.order_by(col(ComplaintPicture.id)).limit(limit)))
    for one in gone:
        record_change(desk, record=one, old="kept", new="dropped", reason="unclaimed")
        desk.session.delete(one)
    desk.session.flush()
    return len(gone)


def list_pictures(
    desk: Desk,
    *,
    complaint_ids: Sequence[int] = (),
    ticket_ids: Sequence[int] = (),
    request_ids: Sequence[int] = (),
) -> dict[int, list[int]]:
    """The ids of the pictures of each complaint, ticket or request, oldest first; their content stays where it is."""
    wanted = {"ticket": ticket_ids, "request": request_ids}
    of = next((name for name, ids in wanted.items() if ids), "complaint")
    owner = OWNERS[of]
    query = select(owner, ComplaintPicture.id).where(
        ComplaintPicture.hospital_id == desk.hospital_id, owner.in_(wanted.get(of, complaint_ids))
    )
    found: dict[int, list[int]] = {}
    for owner_id, picture_id in desk.session.exec(query.order_by(col(ComplaintPicture.id))):
        found.setdefault(owner_id or 0, []).append(picture_id)
    return found


def open_picture(
    desk: Desk, *, picture_id: int, of: Literal["complaint", "ticket", "request"] = "complaint"
) -> bytes:
    """The JPEG, after writing down who looks; ``NotFound`` where it belongs to what another team deals with."""
    one = get_record(desk, ComplaintPicture, picture_id)
    belongs = "ticket" if one.ticket_id else "request" if one.request_id else "complaint"
    if of != belongs:
        raise NotFound("picture", field="picture", value=picture_id)
    note_reveal(desk, record=one, field="picture", reason=of)
    return unseal(one.body, PURPOSE)


OWNERS = {
    "complaint": col(ComplaintPicture.complaint_id),
    "ticket": col(ComplaintPicture.ticket_id),
    "request": col(ComplaintPicture.request_id),
}
"""The column by which a picture knows whose it is."""
