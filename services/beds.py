"""Beds 床位: the pool of the whole hospital (全院一张床). A patient waits for a bed of the own department's wards; when these
are full, of a ward that takes the department's patients. ``beds.yml`` says which wards and beds there are.

A bed goes ``free`` → ``reserved`` (called for admission) → ``occupied`` → ``free``; each move is a conditional ``UPDATE``, so
no bed is given twice. Whose turn it is stands in bed_turns.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import UniqueConstraint
from sqlmodel import Field, col, select

from knowledge.schema import Ward
from services.database import Record, insert_new
from services.desk import Desk
from services.errors import Invalid, NotFound, Taken, WrongState
from services.finding import get_record
from services.history import record_change
from services.line_answers import find_chosen
from services.patients import Patient
from services.requests import ServiceRequest

FREE, RESERVED, OCCUPIED = "free", "reserved", "occupied"
CLEANING, CLOSED = "cleaning", "closed"
MARKS = {
    FREE: (OCCUPIED, CLEANING, CLOSED),
    OCCUPIED: (FREE, CLEANING, CLOSED),
    CLEANING: (FREE, OCCUPIED, CLOSED),
    CLOSED: (FREE, CLEANING),
}
"""What the ward or the hospital's system says of a bed that no request holds: taken by a direct admission, being cleaned, out
of use, free again."""


class Bed(Record, table=True):
    __table_args__ = (UniqueConstraint("hospital_id", "ward", "room", "number"),)

    ward: str = Field(max_length=40)
    room: str = Field(max_length=20)
    number: int
    department: str = Field(max_length=40)
    status: str = Field(default=FREE, max_length=10)
    request_id: int | None = Field(default=None, foreign_key="service_request.id", index=True)
    sex: str | None = Field(default=None, max_length=6)
    """Of the patient who has it: a room is shared by one sex."""

    @property
    def label(self) -> str:
        return f"{self.room}-{self.number}"


def make_beds(desk: Desk) -> int:
    """Enters the beds of ``beds.yml`` that are not entered yet; returns how many are new."""
    rows = [
        {
            "hospital_id": desk.hospital_id,
            "created_at": desk.now,
            "ward": ward.id,
            "room": room,
            "number": number,
            "department": ward.department,
            "status": FREE,
        }
        for ward in desk.hospital.wards
        for room, count in ward.rooms.items()
        for number in range(1, count + 1)
    ]
    known = desk.session.execute(
        select(sa.func.count()).select_from(Bed).where(Bed.hospital_id == desk.hospital_id)
    ).scalar()
    if not rows or known == len(rows):
        return 0
    return max(int(insert_new(desk.session, Bed, rows).rowcount), 0)


def follow_request(
    desk: Desk, *, request: ServiceRequest, deed: str | None, ended: bool = False, wanted: str | None = None
) -> dict[str, Any]:
    """What a request's move means for the pool; returns what to keep with the request (``ward``, ``bed``)."""
    if deed == "reserve":
        bed = reserve_bed(desk, request=request, wanted=wanted)
        ward = get_ward(desk, bed.ward)
        return {"ward": ward.place, "bed": bed.label}
    if deed == "occupy":
        _move(desk, request, (RESERVED,), OCCUPIED)
    elif deed in ("release", "wait") or ended:
        _move(desk, request, (RESERVED, OCCUPIED), FREE)
        return {"ward": None, "bed": None} if deed == "wait" else {}
    return {}


def reserve_bed(desk: Desk, *, request: ServiceRequest, wanted: str | None = None) -> Bed:
    """The best free bed for the patient, or the one wanted (``801-2``); raises ``Taken("no_bed")`` where there is none."""
    make_beds(desk)
    held = find_bed(desk, request=request)
    if held is not None:
        return held
    need = read_need(desk, request)
    for bed in find_free_beds(desk, need=need):
        if wanted and bed.label != wanted:
            continue
        taken = (
            sa.update(Bed)
            .where(col(Bed.id) == bed.id, col(Bed.status) == FREE)
            .values(status=RESERVED, request_id=request.id, sex=need.sex)
            .execution_options(synchronize_session=False)
        )
        if desk.session.execute(taken).rowcount == 1:  # type: ignore[attr-defined]
            record_change(desk, record=bed, old=FREE, new=RESERVED, reason=request.order_number)
            desk.session.flush()
            desk.session.refresh(bed)
            return bed
    raise Taken("no_bed", field="bed")


@dataclass(frozen=True, slots=True)
class Need:
    """What a patient's bed must be."""

    department: str
    sex: str | None
    own_ward: bool = False
    """Only a ward of the own department."""


def read_need(desk: Desk, request: ServiceRequest) -> Need:
    patient = desk.session.get(Patient, request.patient_id) if request.patient_id else None
    line = desk.hospital.find_line(request.line)
    own = any(one.own_ward for one in find_chosen(line, request.slots)) if line else False
    return Need(str(request.slots.get("department", "")), patient.sex if patient else None, own)


def find_free_beds(desk: Desk, *, need: Need) -> list[Bed]:
    """Free beds for a patient, the best first: the department's own wards, then those that take its patients; a room
    where somebody of the same sex lies already before an empty one, so that rooms stay open for the other."""
    order = {
        ward.id: (ward.department != need.department)
        for ward in desk.hospital.wards
        if (ward.department == need.department or (need.department in ward.takes and not need.own_ward))
        and ward.sex in (None, need.sex)
    }
    query = select(Bed).where(Bed.hospital_id == desk.hospital_id, col(Bed.ward).in_(list(order)))
    beds = list(desk.session.exec(query.execution_options(populate_existing=True)))
    rooms: dict[tuple[str, str], set[str | None]] = {}
    for bed in beds:
        if bed.status != FREE:
            rooms.setdefault((bed.ward, bed.room), set()).add(bed.sex)
    fitting = [
        bed
        for bed in beds
        if bed.status == FREE and rooms.get((bed.ward, bed.room), {need.sex}) <= {need.sex, None}
    ]
    return sorted(
        fitting,
        key=lambda bed: (order[bed.ward], (bed.ward, bed.room) not in rooms, bed.ward, bed.room, bed.number),
    )


def find_bed(desk: Desk, *, request: ServiceRequest) -> Bed | None:
    query = select(Bed).where(Bed.hospital_id == desk.hospital_id, Bed.request_id == request.id)
    return desk.session.exec(query.execution_options(populate_existing=True)).first()


def mark_bed(
    desk: Desk, *, bed_id: int, status: str, reason: str | None = None, sex: str | None = None
) -> Bed:
    """The ward takes a bed out of the pool or puts it back. Raises ``WrongState`` where a request holds it or the state may
    not follow, ``Invalid("missing")`` with field ``reason`` where a free bed is taken and nobody says why."""
    bed = get_record(desk, Bed, bed_id, lock=True)
    if bed.status == status:
        return bed
    if bed.request_id is not None or status not in MARKS.get(bed.status, ()):
        allowed = MARKS.get(bed.status, ()) if bed.request_id is None else ()
        raise WrongState(bed.status, field="status", value=status, allowed=list(allowed))
    if status != FREE and not (reason or "").strip():
        raise Invalid("missing", field="reason")
    old, bed.status = bed.status, status
    bed.sex = sex if status == OCCUPIED else None
    desk.session.add(bed)
    record_change(desk, record=bed, old=old, new=status, reason=reason)
    desk.session.flush()
    return bed


def list_beds(desk: Desk, *, ward: str | None = None) -> list[Bed]:
    """Those entered (the clock enters them at its first tick), by ward and room."""
    query = select(Bed).where(Bed.hospital_id == desk.hospital_id)
    if ward is not None:
        query = query.where(Bed.ward == ward)
    query = query.order_by(col(Bed.ward), col(Bed.room), col(Bed.number))
    return list(desk.session.exec(query.execution_options(populate_existing=True)))


def _move(desk: Desk, request: ServiceRequest, states: Iterable[str], new: str) -> None:
    bed = find_bed(desk, request=request)
    if bed is None:
        if new == OCCUPIED:
            raise WrongState("no_bed", field="bed")
        return
    old = bed.status
    if old in states:
        bed.status = new
        if new == FREE:
            bed.request_id, bed.sex = None, None
        desk.session.add(bed)
        record_change(desk, record=bed, old=old, new=new, reason=request.order_number)
        desk.session.flush()


def count_beds(desk: Desk) -> list[tuple[Ward, dict[str, int]]]:
    """Each ward with how many beds are free, reserved and occupied."""
    query = (
        sa.select(Bed.ward, Bed.status, sa.func.count())  # type: ignore[call-overload]
        .where(Bed.hospital_id == desk.hospital_id, col(Bed.status) != FREE)
        .group_by(Bed.ward, Bed.status)
    )
    taken = {(ward, status): count for ward, status, count in desk.session.execute(query)}
    counts = []
    for ward in desk.hospital.wards:
        one = {status: taken.get((ward.id, status), 0) for status in (RESERVED, OCCUPIED, CLEANING, CLOSED)}
        counts.append((ward, one | {FREE: max(sum(ward.rooms.values()) - sum(one.values()), 0)}))
    return counts


def get_ward(desk: Desk, ward: str) -> Ward:
    found = next((one for one in desk.hospital.wards if one.id == ward), None)
    if found is None:
        raise NotFound(field="ward", value=ward)
    return found
