"""A phone is confirmed by a code sent to it 手机验证码: made here, sent by whatever the hospital has (``bot/codes.py``).

The code lies encrypted until it is sent, used or over; only its keyed hash is compared. It never enters a log, an
error or a history. Limits by phone and by contact keep anybody from having strangers' telephones ring.
"""

from __future__ import annotations

import datetime as dt
import hmac
import math
import secrets

import sqlalchemy as sa
from pydantic import NaiveDatetime
from sqlalchemy import Index
from sqlmodel import Field, col, select

from services.database import Encrypted, Record, blind
from services.desk import Desk
from services.errors import Invalid, NotAllowed, NotFound, WrongState
from services.finding import get_record
from services.history import record_change
from services.identity import mask_phone, parse_phone
from services.patients import Patient

QUEUED, SENT, FAILED = "queued", "sent", "failed"
CONFIRMED, REPLACED, EXPIRED = "confirmed", "replaced", "expired"
OPEN = (QUEUED, SENT, FAILED)
QUEUED_NOW = sa.text("status IN ('queued', 'sent', 'failed')")
"""Written out as in the index: SQLite does not use it for bound values."""


class PhoneCode(Record, table=True):
    __tablename__ = "phone_code"
    __table_args__ = (
        Index("ix_phone_code_phone", "phone_index", "created_at"),
        Index("ix_phone_code_contact", "contact_id", "created_at"),
        Index(
            "ix_phone_code_open",
            "hospital_id",
            "status",
            sqlite_where=QUEUED_NOW,
            postgresql_where=QUEUED_NOW,
        ),
    )

    contact_id: int = Field(foreign_key="contact.id")
    phone: str = Field(sa_type=Encrypted("phone_code.phone"))
    phone_index: str = Field(max_length=40)
    code: str | None = Field(default=None, sa_type=Encrypted("phone_code.code"))
    """Until it is over: the sender needs it, and where nothing sends (demonstration) the console shows it."""
    code_index: str = Field(max_length=40)
    status: str = Field(default=QUEUED, max_length=10)
    expires_at: NaiveDatetime
    wrong: int = 0
    ended_at: NaiveDatetime | None = None

    @property
    def masked_phone(self) -> str:
        return mask_phone(self.phone)


def send_code(desk: Desk, *, contact_id: int, phone: str) -> PhoneCode:
    """Makes a code for a phone and queues it; the one before is worth nothing from now on.

    Raises ``Invalid`` with field ``phone`` and ``NotAllowed`` with code ``code_wait`` (``seconds``), ``too_many_codes``
    (of this phone or this contact today) or ``confirmed`` (nothing to do).
    """
    rules = desk.hospital.registration.phone_code
    phone = parse_phone(phone)
    index = blind(phone, "phone")
    if is_confirmed(desk, contact_id=contact_id, phone=phone):
        raise NotAllowed("confirmed", field="phone")
    today = dt.datetime.combine(desk.now.date(), dt.time.min)
    sent = select(PhoneCode).where(PhoneCode.hospital_id == desk.hospital_id, PhoneCode.created_at >= today)
    mine = list(desk.session.exec(sent.where(PhoneCode.contact_id == contact_id)))
    of_phone = list(desk.session.exec(sent.where(PhoneCode.phone_index == index)))
    last = max((one.created_at for one in of_phone), default=None)
    if last is not None and desk.now < last + dt.timedelta(seconds=rules.wait_seconds):
        left = (last + dt.timedelta(seconds=rules.wait_seconds) - desk.now).total_seconds()
        raise NotAllowed("code_wait", field="phone", seconds=math.ceil(left))
    if len(of_phone) >= rules.per_phone_per_day or len(mine) >= rules.per_contact_per_day:
        raise NotAllowed("too_many_codes", field="phone")
    for one in mine:
        if one.status in OPEN:
            _end(desk, one, REPLACED)
    code = f"{secrets.randbelow(10**rules.digits):0{rules.digits}d}"
    made = PhoneCode(
        hospital_id=desk.hospital_id,
        created_at=desk.now,
        contact_id=contact_id,
        phone=phone,
        phone_index=index,
        code=code,
        code_index=_blind_code(contact_id, index, code),
        expires_at=desk.now + dt.timedelta(minutes=rules.valid_minutes),
    )
    desk.session.add(made)
    desk.session.flush()
    record_change(desk, record=made, old="", new=QUEUED)
    return made


def confirm_phone(desk: Desk, *, contact_id: int, code: str) -> PhoneCode:
    """The contact says the code: its phone is confirmed for every patient of this contact that has it.

    Raises ``NotFound`` where no code is open, ``Invalid`` with field ``code`` and code ``wrong`` (``left``: tries left),
    ``expired`` or ``used_up`` (too many wrong answers; another one must be sent).
    """
    found = find_open_code(desk, contact_id=contact_id)
    if found is None:
        raise NotFound("no_code", field="code")
    found = get_record(desk, PhoneCode, found.id, lock=True)
    if found.status not in OPEN:
        raise WrongState(found.status, field="code")
    if desk.now >= found.expires_at:
        _end(desk, found, EXPIRED)
        raise Invalid("expired", field="code")
    given = _blind_code(contact_id, found.phone_index, "".join(one for one in code if one.isdigit()))
    if not hmac.compare_digest(given, found.code_index):
        found.wrong += 1
        left = desk.hospital.registration.phone_code.tries - found.wrong
        desk.session.add(found)
        desk.session.flush()
        if left <= 0:
            _end(desk, found, EXPIRED)
            raise Invalid("used_up", field="code")
        raise Invalid("wrong", field="code", left=left)
    _end(desk, found, CONFIRMED)
    confirmed = (
        sa.update(Patient)
        .where(
            col(Patient.hospital_id) == desk.hospital_id,
            col(Patient.contact_id) == contact_id,
            col(Patient.phone_index) == found.phone_index,
        )
        .values(phone_confirmed_at=desk.now)
    )
    desk.session.execute(confirmed.execution_options(synchronize_session="fetch"))
    return found


def is_confirmed(desk: Desk, *, contact_id: int, phone: str) -> bool:
    """Whether this contact has confirmed this phone at any time."""
    query = select(PhoneCode.id).where(
        PhoneCode.hospital_id == desk.hospital_id,
        PhoneCode.contact_id == contact_id,
        PhoneCode.phone_index == blind(phone, "phone"),
        PhoneCode.status == CONFIRMED,
    )
    return desk.session.exec(query.limit(1)).first() is not None


def mark_known(desk: Desk, *, patient: Patient) -> None:
    """Staff have seen the document and called the phone: it is confirmed without a code."""
    if patient.phone_confirmed_at is None:
        patient.phone_confirmed_at = desk.now
        desk.session.add(patient)
        record_change(desk, record=patient, old="unconfirmed", new="confirmed", reason="seen")
        desk.session.flush()


def find_open_code(desk: Desk, *, contact_id: int) -> PhoneCode | None:
    """The newest that still waits for its answer, also one whose time has run out."""
    query = select(PhoneCode).where(
        PhoneCode.hospital_id == desk.hospital_id, PhoneCode.contact_id == contact_id, QUEUED_NOW
    )
    return desk.session.exec(query.order_by(col(PhoneCode.id).desc()).limit(1)).first()


def list_codes(desk: Desk, *, limit: int = 50) -> list[PhoneCode]:
    """Those that wait for their answer, newest first; for the console."""
    query = select(PhoneCode).where(
        PhoneCode.hospital_id == desk.hospital_id, QUEUED_NOW, PhoneCode.expires_at > desk.now
    )
    return list(desk.session.exec(query.order_by(col(PhoneCode.id).desc()).limit(limit)))


def count_queued(desk: Desk) -> int:
    """How many wait to be sent; asked beside the writer, so that a quiet house writes nothing."""
    query = sa.select(sa.func.count()).select_from(PhoneCode)
    query = query.where(
        col(PhoneCode.hospital_id) == desk.hospital_id, QUEUED_NOW, col(PhoneCode.status) == QUEUED
    )
    return int(desk.session.execute(query).scalar_one())


def claim_codes(desk: Desk, *, limit: int = 20) -> list[tuple[int, str, str]]:
    """Takes what is queued for the caller alone: id, phone and code; each is sent at most once."""
    query = (
        select(PhoneCode)
        .where(PhoneCode.hospital_id == desk.hospital_id, QUEUED_NOW, PhoneCode.status == QUEUED)
        .order_by(col(PhoneCode.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    claimed = []
    for one in list(desk.session.exec(query)):
        change = sa.update(PhoneCode).where(col(PhoneCode.id) == one.id, col(PhoneCode.status) == QUEUED)
        done = desk.session.execute(change.values(status=SENT).execution_options(synchronize_session=False))
        if done.rowcount == 1 and one.code is not None:  # type: ignore[attr-defined]
            record_change(desk, record=one, old=QUEUED, new=SENT)
            claimed.append((one.id, one.phone, one.code))
    return claimed


def mark_failed(desk: Desk, *, code_id: int, reason: str) -> None:
    """The sender could not; the patient is offered another way, staff see it."""
    one = get_record(desk, PhoneCode, code_id)
    if one.status == SENT:
        one.status = FAILED
        desk.session.add(one)
        record_change(desk, record=one, old=SENT, new=FAILED, reason=reason[:100])
        desk.session.flush()


def expire_codes(desk: Desk) -> int:
    """For the clock: codes whose time is over are emptied."""
    query = select(PhoneCode).where(
        PhoneCode.hospital_id == desk.hospital_id, QUEUED_NOW, PhoneCode.expires_at <= desk.now
    )
    over = list(desk.session.exec(query.limit(200).with_for_update(skip_locked=True)))
    for one in over:
        _end(desk, one, EXPIRED)
    return len(over)


def _end(desk: Desk, one: PhoneCode, status: str) -> None:
    old = one.status
    one.status, one.code, one.ended_at = status, None, desk.now
    desk.session.add(one)
    record_change(desk, record=one, old=old, new=status)
    desk.session.flush()


def _blind_code(contact_id: int, phone_index: str, code: str) -> str:
    return blind(f"{contact_id}:{phone_index}:{code}", "phone_code")
