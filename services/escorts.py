"""Escorts 陪诊: somebody of the hospital goes with a patient who cannot well go alone.

States are those of a FHIR R4 Task. Who is eligible, who pays, when and how many at once are rules of ``escort.yml``;
who goes is `services.assignments`, how the visit goes `services.escort_stages`. Longer than 300 lines with its
records and its rating.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from pydantic import NaiveDatetime
from sqlalchemy import Index
from sqlmodel import Field, col, select

from services.cutoffs import check_cut_off
from services.database import Encrypted, Record
from services.desk import Desk
from services.errors import Invalid, NotAllowed, Taken, WrongState
from services.escort_needs import choose_plan
from services.finding import get_record
from services.history import change_state, record_change
from services.identity import parse_phone
from services.numbers import give_one_back, order_number, take_one
from services.patients import Patient, get_patient
from services.promises import cancel_promises, promise, tell

REQUESTED, ACCEPTED, IN_PROGRESS, COMPLETED = "requested", "accepted", "in-progress", "completed"
CANCELLED, REJECTED, FAILED = "cancelled", "rejected", "failed"
OPEN = (REQUESTED, ACCEPTED, IN_PROGRESS)
NEXT = {
    REQUESTED: (ACCEPTED, REJECTED, CANCELLED),
    ACCEPTED: (IN_PROGRESS, FAILED, CANCELLED),
    IN_PROGRESS: (COMPLETED, FAILED),
}


class Escort(Record, table=True):
    __table_args__ = (
        Index("ix_escort_contact", "contact_id", "start"),
        Index("ix_escort_start", "hospital_id", "start"),
    )

    contact_id: int = Field(foreign_key="contact.id")
    patient_id: int = Field(foreign_key="patient.id")
    order_number: str = Field(default="", max_length=40, index=True)
    status: str = Field(default=REQUESTED, max_length=12)
    start: NaiveDatetime
    """When patient and escort meet."""
    special_need: str = Field(default="", max_length=60)
    """Needs of the contract, joined by commas."""
    ground: str = Field(max_length=40)
    """The rule by which the patient is eligible."""
    place: str = Field(max_length=80)
    """Meeting point."""
    department: str | None = Field(default=None, max_length=40)
    phone: str | None = Field(default=None, sa_type=Encrypted("escort.phone"))
    note: str | None = Field(default=None, sa_type=Encrypted("escort.note"))
    companion: str | None = Field(default=None, sa_type=Encrypted("escort.companion"))
    """Who comes."""
    companion_phone: str | None = Field(default=None, sa_type=Encrypted("escort.companion_phone"))
    ended_reason: str | None = Field(default=None, max_length=60)
    fee: int = 0
    """Yuan; 0: free."""
    means: str = Field(default="", max_length=20)
    """How the patient is moved: an id of ``means``."""
    staff_count: int = 1
    speech: str = Field(default="", max_length=20)
    """The language or dialect wished for, an id of ``speeches``."""
    answers: str | None = Field(default=None, sa_type=Encrypted("escort.answers"))
    """The questions of safety, JSON."""
    rating: int | None = None
    """1 … 4, the best is 4."""
    rating_text: str | None = Field(default=None, sa_type=Encrypted("escort.rating_text"))

    @property
    def risks(self) -> dict[str, bool]:
        """Question of safety → yes or no; what was not asked is not in it."""
        return orjson.loads(self.answers) if self.answers else {}


@dataclass(frozen=True, slots=True)
class Eligibility:
    eligible: bool
    ground: str | None = None
    """Id of the rule that holds."""
    name: str | None = None
    missing: tuple[str, ...] = ()
    """Needs any of which, if it applies too, would make the patient eligible: worth one question."""


def read_needs(needs: str | Iterable[str] | None) -> tuple[str, ...]:
    """Needs from a slot's value: one, several, or ``none``."""
    words = needs.replace("，", ",").split(",") if isinstance(needs, str) else list(needs or ())
    return tuple(dict.fromkeys(word.strip() for word in words if word.strip() not in ("", "none")))


def check_eligibility(
    desk: Desk, *, patient: Patient, needs: str | Iterable[str] | None = None
) -> Eligibility:
    """Whether one of the rules of ``escort.yml`` holds for the patient today."""
    age, have = patient.age(desk.now.date()), set(read_needs(needs))
    missing: dict[str, None] = {}
    for rule in desk.hospital.escort.free_for:
        if (rule.min_age is not None and age < rule.min_age) or (
            rule.max_age is not None and age > rule.max_age
        ):
            continue
        lacking = [need for need in rule.needs if need not in have]
        if not lacking:
            return Eligibility(True, rule.id, rule.name)
        if len(lacking) == 1 and not (lacking == ["pregnant"] and patient.sex == "male"):
            missing[lacking[0]] = None
    return Eligibility(False, missing=tuple(missing))


def check_start(desk: Desk, *, start: dt.datetime) -> None:
    """Raises ``Invalid("past")``, ``NotAllowed`` with code ``too_far``, ``short_notice``, ``closed_day`` or ``closed_hour``."""
    rules = desk.hospital.escort
    if start <= desk.now:
        raise Invalid("past", field="date", value=start)
    if start.date() > desk.now.date() + dt.timedelta(days=rules.days_ahead):
        raise NotAllowed("too_far", field="date", value=start, limit=rules.days_ahead)
    if start.isoweekday() not in rules.weekdays:
        raise NotAllowed("closed_day", field="date", value=start)
    if not rules.hours.start <= start.time() < rules.hours.end:
        raise NotAllowed(
            "closed_hour", field="time", value=start, start=rules.hours.start, end=rules.hours.end
        )
    if start - desk.now < dt.timedelta(minutes=rules.notice_minutes):
        raise NotAllowed("short_notice", field="time", value=start, minutes=rules.notice_minutes)


def request_escort(
    desk: Desk,
    *,
    contact_id: int,
    patient_id: int,
    start: dt.datetime,
    needs: str | Iterable[str] | None = None,
    place: str | None = None,
    department: str | None = None,
    phone: str | None = None,
    note: str | None = None,
    risks: Mapping[str, bool] | None = None,
    speech: str | None = None,
    paying: bool = False,
) -> Escort:
    """Requests an escort. The same patient at the same time again: the same request.

    ``paying``: who is not entitled agrees to the fee of ``others`` (which may be 0: by capacity alone). Raises what
    ``check_start`` raises, ``NotAllowed("not_eligible")`` with ``missing`` and ``fee``, ``NotAllowed("duplicate")``
    where the patient has another escort that day within two hours, ``Taken("full")``.
    """
    patient = get_patient(desk, patient_id=patient_id, contact_id=contact_id)
    query = select(Escort).where(
        Escort.hospital_id == desk.hospital_id,
        Escort.patient_id == patient_id,
        col(Escort.status).in_(OPEN),
        Escort.start > start - dt.timedelta(hours=2),
        Escort.start < start + dt.timedelta(hours=2),
    )
    known = desk.session.exec(query.order_by(col(Escort.id)).limit(1)).first()
    if known is not None and known.start == start:
        return known
    check_start(desk, start=start)
    found = check_eligibility(desk, patient=patient, needs=needs)
    others = desk.hospital.escort.others
    if not found.eligible and (others is None or not paying):
        fee = None if others is None else others.fee
        raise NotAllowed("not_eligible", field="special_need", missing=found.missing, fee=fee)
    if known is not None:
        raise NotAllowed("duplicate", field="time", value=known.start, escort_id=known.id)
    plan = choose_plan(desk.hospital.escort, needs=read_needs(needs), answers=risks or {})
    take_place(desk, start=start, count=plan.staff, entitled=found.eligible)
    escort = Escort(
        hospital_id=desk.hospital_id,
        created_at=desk.now,
        contact_id=contact_id,
        patient_id=patient_id,
        start=start,
        special_need=",".join(read_needs(needs)),
        ground=found.ground or "",
        fee=0 if found.eligible or others is None else others.fee,
        means=plan.means.id,
        staff_count=plan.staff,
        speech=speech or "",
        answers=orjson.dumps(dict(risks or {})).decode(),
        place=place or desk.hospital.escort.meeting_points[0],
        department=department,
        phone=parse_phone(phone) if phone else patient.phone,
        note=note,
    )
    desk.session.add(escort)
    desk.session.flush()
    escort.order_number = order_number("PZ", desk.now.date(), escort.id)
    desk.session.add(escort)
    record_change(desk, record=escort, old="", new=REQUESTED)
    promise_meeting(desk, escort)
    desk.session.flush()
    return escort


def promise_meeting(desk: Desk, escort: Escort) -> None:
    """Where and whom to meet, said shortly before; nothing where that moment is over."""
    due = escort.start - dt.timedelta(minutes=desk.hospital.escort.remind_minutes_before)
    if due <= desk.now:
        return
    patient = get_patient(desk, patient_id=escort.patient_id)
    promise(
        desk,
        contact_id=escort.contact_id,
        kind="escort_meeting",
        due_at=due,
        drop_after=escort.start,
        subject=escort.subject,
        slots=describe_escort(escort, patient),
    )


def take_place(desk: Desk, *, start: dt.datetime, count: int, entitled: bool) -> None:
    """So many people of the half hour, and a place of those not entitled; ``Taken("full")``, and nothing taken."""
    rules = desk.hospital.escort
    limit = rules.others.places if rules.others is not None else 0
    if not entitled and not take_one(desk, name=_others(start), limit=limit):
        raise Taken("full", field="time", value=start)
    if not take_one(desk, name=_half_hour(start), limit=rules.capacity, count=count):
        if not entitled:
            give_one_back(desk, name=_others(start))
        raise Taken("full", field="time", value=start)


def give_place_back(desk: Desk, *, start: dt.datetime, count: int, entitled: bool) -> None:
    give_one_back(desk, name=_half_hour(start), count=count)
    if not entitled:
        give_one_back(desk, name=_others(start))


def _half_hour(start: dt.datetime) -> str:
    return f"escort:{start:%Y%m%d%H}{start.minute // 30 * 30:02d}"


def _others(start: dt.datetime) -> str:
    """Counts, in the same half hour, those who are not entitled."""
    return _half_hour(start).replace("escort", "escort-others")


def cancel_escort(
    desk: Desk, *, escort_id: int, contact_id: int | None = None, reason: str = "patient"
) -> Escort:
    """Cancels a request; cancelled already, it stays. ``NotAllowed("too_late")`` for a patient after the cut-off."""
    escort = get_escort(desk, escort_id=escort_id, contact_id=contact_id)
    if escort.status == CANCELLED:
        return escort
    check_cut_off(desk, escort, minutes=desk.hospital.escort.cancel_before_minutes)
    return advance_escort(desk, escort_id=escort_id, status=CANCELLED, reason=reason)


def advance_escort(
    desk: Desk,
    *,
    escort_id: int,
    status: str,
    companion: str | None = None,
    companion_phone: str | None = None,
    reason: str | None = None,
) -> Escort:
    """Accepted (with who comes), under way, done, cannot be done: the patient is told (kind ``escort_changed``).

    Under way only on its day: before, raises ``NotAllowed("too_early")``, for nobody has met yet.
    """
    escort = get_record(desk, Escort, escort_id, lock=True)
    if status == escort.status and companion is None:
        return escort
    if status != escort.status and status not in NEXT.get(escort.status, ()):
        raise WrongState(escort.status, field="status", value=status)
    if status == IN_PROGRESS and desk.now.date() < escort.start.date():
        raise NotAllowed("too_early", field="date", value=escort.start.date())
    if companion is not None:
        escort.companion, escort.companion_phone = companion, companion_phone
    change_state(desk, record=escort, new=status, reason=reason)
    if status in (CANCELLED, REJECTED):
        escort.ended_reason = reason[:60] if reason else None
        give_place_back(desk, start=escort.start, count=escort.staff_count, entitled=bool(escort.ground))
    if status not in OPEN:
        cancel_promises(desk, subject=escort.subject)
    if status == COMPLETED:
        _ask_for_rating(desk, escort)
    desk.session.add(escort)
    desk.session.flush()
    by_patient = status == CANCELLED and not desk.actor.startswith("staff")
    if status != COMPLETED and not by_patient:
        patient = desk.session.get(Patient, escort.patient_id)
        assert patient is not None
        tell(
            desk,
            contact_id=escort.contact_id,
            kind="escort_changed",
            subject=escort.subject,
            slots=describe_escort(escort, patient) | {"reason": reason},
            urgent=escort.start - desk.now < dt.timedelta(hours=12),
        )
    return escort


def _ask_for_rating(desk: Desk, escort: Escort) -> None:
    due = desk.now + dt.timedelta(minutes=desk.hospital.escort.rating_after_minutes)
    promise(
        desk,
        contact_id=escort.contact_id,
        kind="escort_rating",
        due_at=due,
        drop_after=due + dt.timedelta(days=3),
        subject=escort.subject,
        slots={"record": escort.id},
    )


def rate_escort(
    desk: Desk, *, escort_id: int, contact_id: int, rating: int, text: str | None = None
) -> Escort:
    """The patient's word on a visit that is over: 1 (bad) … 4 (very good), with a sentence; said again, the last counts."""
    escort = get_record(desk, Escort, escort_id, contact_id=contact_id, lock=True)
    if escort.status != COMPLETED:
        raise WrongState(escort.status, field="status", value=COMPLETED)
    if not 1 <= rating <= 4:
        raise Invalid("rating", field="rating", value=rating)
    escort.rating, escort.rating_text = rating, (text or escort.rating_text or "")[:500] or None
    desk.session.add(escort)
    record_change(desk, record=escort, old=COMPLETED, new=COMPLETED, reason=f"rated {rating}")
    desk.session.flush()
    return escort


def get_escort(desk: Desk, *, escort_id: int, contact_id: int | None = None) -> Escort:
    return get_record(desk, Escort, escort_id, contact_id=contact_id)


def list_escorts(
    desk: Desk,
    *,
    contact_id: int | None = None,
    statuses: Collection[str] | None = None,
    upcoming: bool = False,
    limit: int = 50,
) -> list[Escort]:
    """Newest request first; with ``upcoming`` those still open, soonest first."""
    query = select(Escort).where(Escort.hospital_id == desk.hospital_id)
    if contact_id is not None:
        query = query.where(Escort.contact_id == contact_id)
    if statuses is not None or upcoming:
        query = query.where(col(Escort.status).in_(OPEN if statuses is None else statuses))
    if upcoming:
        query = query.where(Escort.start > desk.now - dt.timedelta(hours=6)).order_by(col(Escort.start))
    else:
        query = query.order_by(col(Escort.id).desc())
    return list(desk.session.exec(query.limit(limit).execution_options(populate_existing=True)))


def describe_escort(escort: Escort, patient: Patient) -> dict[str, Any]:
    """The escort in the slots of the contract."""
    return {
        "record": escort.id,
        "patient": patient.id,
        "patient_name": patient.name,
        "status": escort.status,
        "date": escort.start.date().isoformat(),
        "time": f"{escort.start:%H:%M}",
        "place": escort.place,
        "department": escort.department,
        "special_need": escort.special_need or "none",
        "companion": escort.companion,
        "companion_phone": escort.companion_phone,
        "order_number": escort.order_number,
        "fee": escort.fee or None,
        "means": escort.means,
        "rating": escort.rating,
    }
