"""Transfers 接送: rides between the campuses and between home and hospital, by what the vehicles carry each hour.

Seats and stretchers of an hour are counted by conditional ``UPDATE`` (`services.numbers`), all hours of a ride or none,
so no hour is ever overbooked, whoever comes at once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from pydantic import NaiveDatetime
from sqlalchemy import Index
from sqlmodel import Field, col, select

from knowledge.schema import Ride
from services.cutoffs import check_cut_off
from services.database import Encrypted, Record
from services.desk import Desk
from services.errors import Invalid, NotAllowed, Taken, WrongState
from services.finding import get_record
from services.history import change_state, record_change
from services.identity import parse_phone
from services.numbers import give_one_back, order_number, read_count, take_one
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
SEAT, STRETCHER = "seat", "stretcher"


class Transfer(Record, table=True):
    __table_args__ = (
        Index("ix_transfer_contact", "contact_id", "id"),
        Index("ix_transfer_start", "hospital_id", "start"),
    )

    contact_id: int = Field(foreign_key="contact.id")
    patient_id: int = Field(foreign_key="patient.id")
    order_number: str = Field(default="", max_length=40, index=True)
    status: str = Field(default=REQUESTED, max_length=12)
    ride: str = Field(max_length=20)
    """An id of ``rides``."""
    start: NaiveDatetime
    """The full hour in which the ride begins."""
    origin: str = Field(default="", max_length=80)
    destination: str = Field(default="", max_length=80)
    """A place of the hospital; empty: the address."""
    address: str | None = Field(default=None, sa_type=Encrypted("transfer.address"))
    phone: str | None = Field(default=None, sa_type=Encrypted("transfer.phone"))
    special_need: str = Field(default="", max_length=60)
    seats: int = 1
    stretchers: int = 0
    hours_taken: int = 1
    fee: int = 0
    driver: str | None = Field(default=None, sa_type=Encrypted("transfer.driver"))
    """Who drives, and the vehicle."""
    driver_phone: str | None = Field(default=None, sa_type=Encrypted("transfer.driver_phone"))


def get_ride(desk: Desk, ride: str) -> Ride:
    for one in desk.hospital.transfers.rides:
        if one.id == ride:
            return one
    raise Invalid("unknown", field="ride", value=ride)


def find_ride(desk: Desk, *, words: str) -> Ride | None:
    """The ride that the words mean; the longest word counts (接到医院 before 接)."""
    hits = [
        (len(word), -index, ride)
        for index, ride in enumerate(desk.hospital.transfers.rides)
        for word in ride.words
        if word in words
    ]
    return max(hits, key=lambda one: one[:2])[2] if hits else None


def count_places(desk: Desk, start: dt.datetime) -> dict[str, int]:
    """Seats and stretchers that the vehicles driving in this hour have."""
    found = {SEAT: 0, STRETCHER: 0}
    for one in desk.hospital.transfers.vehicles:
        hour = start.time().replace(minute=0)
        if start.isoweekday() in one.weekdays and one.hours.start <= hour < one.hours.end:
            found[SEAT] += one.seats
            found[STRETCHER] += one.stretchers
    return found


def _hours(start: dt.datetime, count: int) -> list[dt.datetime]:
    first = start.replace(minute=0, second=0, microsecond=0)
    return [first + dt.timedelta(hours=step) for step in range(count)]


def _counter(hour: dt.datetime, what: str) -> str:
    return f"transfer-{what}:{hour:%Y%m%d%H}"


def count_left(desk: Desk, *, ride: str, start: dt.datetime) -> dict[str, int]:
    """What is left for a ride that begins in this hour: the least of all its hours."""
    left = {SEAT: 10**6, STRETCHER: 10**6}
    for hour in _hours(start, get_ride(desk, ride).hours_taken):
        places = count_places(desk, hour)
        for what in left:
            left[what] = min(left[what], places[what] - read_count(desk, name=_counter(hour, what)))
    return left


def list_hours(desk: Desk, *, ride: str, day: dt.date, seats: int, stretchers: int = 0) -> list[dt.datetime]:
    """The hours of a day at which such a ride can still be had."""
    found = []
    for hour in range(24):
        start = dt.datetime.combine(day, dt.time(hour))
        try:
            check_start(desk, start=start)
        except (Invalid, NotAllowed):
            continue
        left = count_left(desk, ride=ride, start=start)
        if left[SEAT] >= seats and left[STRETCHER] >= stretchers:
            found.append(start)
    return found


def check_start(desk: Desk, *, start: dt.datetime) -> None:
    """Raises ``Invalid("past")``, ``NotAllowed`` with code ``too_far`` or ``short_notice``."""
    rules = desk.hospital.transfers
    if start <= desk.now:
        raise Invalid("past", field="date", value=start)
    if start.date() > desk.now.date() + dt.timedelta(days=rules.days_ahead):
        raise NotAllowed("too_far", field="date", value=start, limit=rules.days_ahead)
    if start - desk.now < dt.timedelta(minutes=rules.notice_minutes):
        raise NotAllowed("short_notice", field="time", value=start, minutes=rules.notice_minutes)


def check_address(desk: Desk, address: str | None) -> str:
    """An address within the areas driven to; ``Invalid("missing")``, ``NotAllowed("area")`` with ``allowed``."""
    text = (address or "").strip()
    if len(text) < 4:
        raise Invalid("missing", field="address")
    areas = desk.hospital.transfers.areas
    if areas and not any(one in text for one in areas):
        raise NotAllowed("area", field="address", allowed=areas)
    return text


def count_needs(needs: str | None, people: int) -> tuple[int, int]:
    """Seats and stretchers: who lies takes a stretcher, those who go along a seat each."""
    lying = "stretcher" in (needs or "").split(",")
    return (people - 1, 1) if lying else (people, 0)


def request_transfer(
    desk: Desk,
    *,
    contact_id: int,
    patient_id: int,
    ride: str,
    start: dt.datetime,
    people: int = 1,
    needs: str | None = None,
    address: str | None = None,
    origin: str | None = None,
    phone: str | None = None,
) -> Transfer:
    """Takes the places of a ride. The same patient and hour again: the same request. ``origin``: from where in the hospital
    somebody is driven home (a ward and bed), else the ride's own.

    Raises what ``check_start`` and ``check_address`` raise, ``Invalid("people")``, ``Taken("full")``.
    """
    rules, wanted = desk.hospital.transfers, get_ride(desk, ride)
    patient = get_patient(desk, patient_id=patient_id, contact_id=contact_id)
    start = start.replace(minute=0, second=0, microsecond=0)
    for one in list_transfers(desk, contact_id=contact_id, statuses=OPEN):
        if (one.patient_id, one.ride, one.start) == (patient_id, ride, start):
            return one
    check_start(desk, start=start)
    if not 1 <= people <= rules.most_people:
        raise Invalid("people", field="people", value=people, limit=rules.most_people)
    where = check_address(desk, address) if wanted.kind != "campus" else None
    seats, stretchers = count_needs(needs, people)
    take_places(desk, start=start, hours=wanted.hours_taken, seats=seats, stretchers=stretchers)
    transfer = Transfer(
        hospital_id=desk.hospital_id,
        created_at=desk.now,
        contact_id=contact_id,
        patient_id=patient_id,
        ride=ride,
        start=start,
        origin=(origin or "").strip()[:80] or wanted.origin if wanted.kind == "home" else wanted.origin,
        destination=wanted.destination,
        address=where,
        phone=parse_phone(phone) if phone else patient.phone,
        special_need=needs if needs and needs != "none" else "",
        seats=seats,
        stretchers=stretchers,
        hours_taken=wanted.hours_taken,
        fee=wanted.fee,
    )
    desk.session.add(transfer)
    desk.session.flush()
    transfer.order_number = order_number("JS", desk.now.date(), transfer.id)
    desk.session.add(transfer)
    record_change(desk, record=transfer, old="", new=REQUESTED)
    promise_reminder(desk, transfer)
    desk.session.flush()
    return transfer


def promise_reminder(desk: Desk, transfer: Transfer) -> None:
    due = transfer.start - dt.timedelta(minutes=desk.hospital.transfers.remind_minutes_before)
    if due > desk.now:
        promise(
            desk,
            contact_id=transfer.contact_id,
            kind="transfer_reminder",
            due_at=due,
            drop_after=transfer.start,
            urgent=True,
            subject=transfer.subject,
            slots={"record": transfer.id},
        )


def take_places(desk: Desk, *, start: dt.datetime, hours: int, seats: int, stretchers: int) -> None:
    """All places of all hours, or none."""
    taken: list[tuple[str, int]] = []
    for hour in _hours(start, hours):
        limits = count_places(desk, hour)
        for what, count in ((SEAT, seats), (STRETCHER, stretchers)):
            if not count:
                continue
            name = _counter(hour, what)
            if not take_one(desk, name=name, limit=limits[what], count=count):
                for earlier, many in taken:
                    give_one_back(desk, name=earlier, count=many)
                raise Taken("full", field="time", value=start)
            taken.append((name, count))


def give_places_back(desk: Desk, transfer: Transfer) -> None:
    for hour in _hours(transfer.start, transfer.hours_taken):
        for what, count in ((SEAT, transfer.seats), (STRETCHER, transfer.stretchers)):
            if count:
                give_one_back(desk, name=_counter(hour, what), count=count)


def cancel_transfer(
    desk: Desk, *, transfer_id: int, contact_id: int | None = None, reason: str = "patient"
) -> Transfer:
    """Cancels; cancelled already, it stays. ``NotAllowed("too_late")`` for a patient after the cut-off."""
    transfer = get_transfer(desk, transfer_id=transfer_id, contact_id=contact_id)
    if transfer.status == CANCELLED:
        return transfer
    check_cut_off(desk, transfer, minutes=desk.hospital.transfers.cancel_before_minutes)
    return advance_transfer(desk, transfer_id=transfer_id, status=CANCELLED, reason=reason)


def advance_transfer(
    desk: Desk,
    *,
    transfer_id: int,
    status: str,
    driver: str | None = None,
    driver_phone: str | None = None,
    reason: str | None = None,
) -> Transfer:
    """Accepted (with who drives), under way, done, cannot be done: the patient is told (kind ``transfer_changed``)."""
    transfer = get_record(desk, Transfer, transfer_id, lock=True)
    if status == transfer.status and driver is None:
        return transfer
    if status != transfer.status and status not in NEXT.get(transfer.status, ()):
        raise WrongState(transfer.status, field="status", value=status)
    if driver is not None:
        transfer.driver, transfer.driver_phone = driver, driver_phone
    change_state(desk, record=transfer, new=status, reason=reason)
    if status in (CANCELLED, REJECTED):
        give_places_back(desk, transfer)
    if status not in OPEN:
        cancel_promises(desk, subject=transfer.subject)
    desk.session.add(transfer)
    desk.session.flush()
    by_patient = status == CANCELLED and not desk.actor.startswith("staff")
    if status != COMPLETED and not by_patient:
        tell(
            desk,
            contact_id=transfer.contact_id,
            kind="transfer_changed",
            subject=transfer.subject,
            slots={"record": transfer.id},
            urgent=transfer.start - desk.now < dt.timedelta(hours=12),
        )
    return transfer


def get_transfer(desk: Desk, *, transfer_id: int, contact_id: int | None = None) -> Transfer:
    return get_record(desk, Transfer, transfer_id, contact_id=contact_id)


def list_transfers(
    desk: Desk,
    *,
    contact_id: int | None = None,
    statuses: Collection[str] | None = None,
    upcoming: bool = False,
    limit: int = 100,
) -> list[Transfer]:
    """Newest request first; with ``upcoming`` those still open, soonest first."""
    query = select(Transfer).where(Transfer.hospital_id == desk.hospital_id)
    if contact_id is not None:
        query = query.where(Transfer.contact_id == contact_id)
    if statuses is not None or upcoming:
        query = query.where(col(Transfer.status).in_(OPEN if statuses is None else statuses))
    if upcoming:
        query = query.where(Transfer.start > desk.now - dt.timedelta(hours=6)).order_by(col(Transfer.start))
    else:
        query = query.order_by(col(Transfer.id).desc())
    return list(desk.session.exec(query.limit(limit).execution_options(populate_existing=True)))


def describe_transfer(desk: Desk, transfer: Transfer, patient: Patient) -> dict[str, Any]:
    """The transfer in the slots of the contract."""
    rides = {one.id: one.name for one in desk.hospital.transfers.rides}
    return {
        "record": transfer.id,
        "patient": patient.id,
        "patient_name": patient.name,
        "ride": rides.get(transfer.ride, transfer.ride),
        "date": transfer.start.date().isoformat(),
        "time": f"{transfer.start:%H:%M}",
        "origin": transfer.origin or None,
        "place": transfer.destination or None,
        "address": transfer.address,
        "special_need": transfer.special_need or None,
        "fee": transfer.fee or None,
        "order_number": transfer.order_number,
    }
