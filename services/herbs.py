"""Herb deliveries 中药代煎配送: registered by patient or pharmacy, moved on by the pharmacy's events, told at each
stage. Stages, fees and what may be changed until when are rules of ``herbs.yml``.
Longer than 300 lines with its records, its changes and its views; the rules of all three are the same file.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection
from typing import Any

from pydantic import NaiveDatetime
from sqlalchemy import Index
from sqlmodel import Field, col, or_, select

from services.alarms import raise_alarm
from services.database import Encrypted, Record
from services.desk import Desk
from services.errors import Invalid, NotAllowed
from services.events import take_event
from services.finding import get_record
from services.history import change_state, list_changes, record_change
from services.identity import parse_phone
from services.numbers import order_number
from services.patients import Patient, get_patient
from services.promises import cancel_promises, tell
from services.stages import check_next, get_stage, is_before

COURIER, PICKUP = "courier", "pickup"
ENDED = ("signed", "cancelled")
AGAIN = dt.timedelta(minutes=10)
"""The same registration within this time is the same one (a double press)."""


class HerbDelivery(Record, table=True):
    __tablename__ = "herb_delivery"
    __table_args__ = (
        Index("ix_herb_contact", "contact_id", "id"),
        Index("ix_herb_status", "hospital_id", "status"),
    )

    contact_id: int = Field(foreign_key="contact.id")
    patient_id: int = Field(foreign_key="patient.id")
    order_number: str = Field(default="", max_length=40, index=True)
    external_id: str | None = Field(default=None, max_length=100, index=True)
    """The pharmacy's own number of the prescription."""
    status: str = Field(default="registered", max_length=20)
    doses: int
    decoction: str = Field(max_length=12)
    """``decoct``, ``raw`` or ``granules``."""
    delivery_mode: str = Field(max_length=10)
    """``courier`` or ``pickup``."""
    address: str | None = Field(default=None, sa_type=Encrypted("herb_delivery.address"))
    phone: str | None = Field(default=None, sa_type=Encrypted("herb_delivery.phone"))
    courier: str | None = Field(default=None, max_length=40)
    tracking_number: str | None = Field(default=None, max_length=60, index=True)
    place: str | None = Field(default=None, max_length=80)
    """Where it is fetched."""
    fee: int
    """Yuan, decoction and courier together."""
    stage_at: NaiveDatetime
    expected_at: NaiveDatetime | None = None
    """When the next stage is expected at the latest."""
    late_at: NaiveDatetime | None = None
    """When it was found to be late, and said so."""


def register_delivery(
    desk: Desk,
    *,
    contact_id: int,
    patient_id: int,
    doses: int,
    decoction: str = "decoct",
    delivery_mode: str = COURIER,
    address: str | None = None,
    phone: str | None = None,
    external_id: str | None = None,
) -> HerbDelivery:
    """Registers a delivery; the same again within minutes, or the same prescription again, is the same one.

    Raises ``Invalid`` with field ``doses``, ``decoction``, ``delivery_mode``, ``address`` or ``phone``.
    """
    rules = desk.hospital.herbs
    patient = get_patient(desk, patient_id=patient_id, contact_id=contact_id)
    if not 1 <= doses <= rules.max_doses:
        raise Invalid("doses", field="doses", value=doses, limit=rules.max_doses)
    if decoction not in {one.id for one in rules.decoctions}:
        raise Invalid("decoction", field="decoction", value=decoction)
    address = _check_way(desk, delivery_mode, address)
    known = _find_again(desk, patient_id, doses, decoction, delivery_mode, address, external_id)
    if known is not None:
        return known
    delivery = HerbDelivery(
        hospital_id=desk.hospital_id,
        created_at=desk.now,
        contact_id=contact_id,
        patient_id=patient_id,
        external_id=external_id,
        doses=doses,
        decoction=decoction,
        delivery_mode=delivery_mode,
        address=address,
        phone=parse_phone(phone) if phone else patient.phone,
        place=rules.pickup_place if delivery_mode == PICKUP else None,
        fee=count_fee(desk, doses=doses, decoction=decoction, delivery_mode=delivery_mode),
        stage_at=desk.now,
        expected_at=_expect(desk, "registered"),
    )
    desk.session.add(delivery)
    desk.session.flush()
    delivery.order_number = order_number("ZY", desk.now.date(), delivery.id)
    desk.session.add(delivery)
    record_change(desk, record=delivery, old="", new=delivery.status)
    desk.session.flush()
    return delivery


def _check_way(desk: Desk, delivery_mode: str, address: str | None) -> str | None:
    if delivery_mode not in desk.hospital.herbs.delivery_modes:
        raise Invalid("delivery_mode", field="delivery_mode", value=delivery_mode)
    return parse_address(address or "") if delivery_mode == COURIER else None


def parse_address(text: str) -> str:
    """An address a courier finds: place and number or house; ``Invalid("address")`` where it is too little."""
    address = re.sub(r"\s+", " ", text).strip(" ，。,.")
    if not 6 <= len(address) <= 200 or not re.search(r"[\u4e00-\u9fffA-Za-z]{2}", address):
        raise Invalid("address", field="address")
    return address


def _find_again(
    desk: Desk,
    patient_id: int,
    doses: int,
    decoction: str,
    delivery_mode: str,
    address: str | None,
    external_id: str | None,
) -> HerbDelivery | None:
    mine = HerbDelivery.patient_id == patient_id, HerbDelivery.status != "cancelled"
    query = select(HerbDelivery).where(HerbDelivery.hospital_id == desk.hospital_id, *mine)
    if external_id is not None:
        return desk.session.exec(query.where(HerbDelivery.external_id == external_id).limit(1)).first()
    query = query.where(
        HerbDelivery.doses == doses,
        HerbDelivery.decoction == decoction,
        HerbDelivery.delivery_mode == delivery_mode,
        HerbDelivery.created_at > desk.now - AGAIN,
    )
    return next((one for one in desk.session.exec(query) if one.address == address), None)


def count_fee(desk: Desk, *, doses: int, decoction: str, delivery_mode: str) -> int:
    rules = desk.hospital.herbs
    fee = next(one.fee_per_dose for one in rules.decoctions if one.id == decoction) * doses
    if delivery_mode == COURIER and doses < rules.free_from_doses:
        fee += rules.courier_fee
    return fee


def _expect(desk: Desk, status: str) -> dt.datetime | None:
    """When the usual next stage is due, by the rules' hours."""
    stages = desk.hospital.herbs.stages
    following = [get_stage(stages, one) for one in get_stage(stages, status).next]
    hours = [one.hours for one in following if one.hours is not None]
    return desk.now + dt.timedelta(hours=max(hours)) if hours else None


def change_delivery(
    desk: Desk,
    *,
    delivery_id: int,
    contact_id: int | None = None,
    address: str | None = None,
    phone: str | None = None,
    delivery_mode: str | None = None,
) -> HerbDelivery:
    """Another address, phone or way; ``NotAllowed("too_late")`` (``status``, ``tracking_number``) once on its way."""
    delivery = get_record(desk, HerbDelivery, delivery_id, contact_id=contact_id, lock=True)
    rules = desk.hospital.herbs
    if delivery.status in ENDED or not is_before(rules.stages, delivery.status, rules.change_until):
        raise NotAllowed("too_late", field="record", value=delivery.id, status=delivery.status)
    mode = delivery_mode or (COURIER if address else delivery.delivery_mode)
    delivery.address = _check_way(desk, mode, address or delivery.address)
    delivery.delivery_mode = mode
    delivery.place = rules.pickup_place if mode == PICKUP else None
    if phone:
        delivery.phone = parse_phone(phone)
    delivery.fee = count_fee(desk, doses=delivery.doses, decoction=delivery.decoction, delivery_mode=mode)
    changed = ",".join(
        name
        for name, value in (("address", address), ("phone", phone), ("delivery_mode", delivery_mode))
        if value
    )
    desk.session.add(delivery)
    record_change(
        desk, record=delivery, old=delivery.status, new=delivery.status, reason=f"changed {changed}"
    )
    desk.session.flush()
    return delivery


def cancel_delivery(
    desk: Desk, *, delivery_id: int, contact_id: int | None = None, reason: str = "patient"
) -> HerbDelivery:
    """Cancels before the pharmacy has begun; cancelled already, it stays. ``NotAllowed("too_late")`` afterwards."""
    delivery = get_record(desk, HerbDelivery, delivery_id, contact_id=contact_id, lock=True)
    rules = desk.hospital.herbs
    if delivery.status == "cancelled":
        return delivery
    if not is_before(rules.stages, delivery.status, rules.cancel_until):
        raise NotAllowed("too_late", field="record", value=delivery.id, status=delivery.status)
    change_state(desk, record=delivery, new="cancelled", reason=reason)
    cancel_promises(desk, subject=delivery.subject)
    return delivery


def advance_delivery(
    desk: Desk,
    *,
    delivery_id: int,
    status: str,
    courier: str | None = None,
    tracking_number: str | None = None,
    reason: str | None = None,
    external_id: str | None = None,
) -> HerbDelivery:
    """The next stage, from pharmacy or staff; the patient is told (kind ``herb_stage``) where the rule says so.

    Stages may be skipped. The same ``external_id`` again, or the stage already reached, changes nothing. Raises
    ``WrongState`` and ``Invalid("unknown_stage")``.
    """
    delivery = get_record(desk, HerbDelivery, delivery_id, lock=True)
    if external_id is not None and not take_event(
        desk, kind="herb_delivery", external_id=external_id, subject=delivery.subject
    ):
        return delivery
    delivery.courier = courier or delivery.courier
    delivery.tracking_number = tracking_number or delivery.tracking_number
    desk.session.add(delivery)
    desk.session.flush()
    if status == delivery.status:
        return delivery
    stage = check_next(desk.hospital.herbs.stages, delivery.status, status, skipping=True)
    delivery.stage_at, delivery.expected_at = desk.now, _expect(desk, status)
    change_state(desk, record=delivery, new=status, reason=reason)
    if stage.tell:
        cancel_promises(desk, subject=delivery.subject, kind="herb_stage")  # the latest news only
        _tell(desk, delivery, "herb_stage")
    return delivery


def _tell(desk: Desk, delivery: HerbDelivery, kind: str) -> None:
    patient = desk.session.get(Patient, delivery.patient_id)
    assert patient is not None
    tell(
        desk,
        contact_id=delivery.contact_id,
        kind=kind,
        subject=delivery.subject,
        slots=describe_delivery(desk, delivery, patient),
    )


def tell_late_deliveries(desk: Desk, *, limit: int = 50) -> int:
    """For the clock: in transit longer than ``late_hours``: staff see it and the patient is told (kind ``herb_late``)."""
    since = desk.now - dt.timedelta(hours=desk.hospital.herbs.late_hours)
    query = select(HerbDelivery).where(
        HerbDelivery.hospital_id == desk.hospital_id,
        HerbDelivery.status == "in_transit",
        HerbDelivery.stage_at <= since,
        col(HerbDelivery.late_at).is_(None),
    )
    late = list(
        desk.session.exec(query.order_by(col(HerbDelivery.id)).limit(limit).with_for_update(skip_locked=True))
    )
    for one in late:
        one.late_at = desk.now
        desk.session.add(one)
        raise_alarm(desk, kind="herb_delivery_late", contact_id=one.contact_id, subject=one.subject)
        _tell(desk, one, "herb_late")
    desk.session.flush()
    return len(late)


def get_delivery(desk: Desk, *, delivery_id: int, contact_id: int | None = None) -> HerbDelivery:
    return get_record(desk, HerbDelivery, delivery_id, contact_id=contact_id)


def find_delivery(desk: Desk, *, number: str, contact_id: int | None = None) -> HerbDelivery | None:
    """By order number, tracking number or the pharmacy's number."""
    word = re.sub(r"\s", "", number)
    query = select(HerbDelivery).where(
        HerbDelivery.hospital_id == desk.hospital_id,
        or_(
            HerbDelivery.order_number == word.upper(),
            HerbDelivery.tracking_number == word,
            HerbDelivery.external_id == word,
        ),
    )
    if contact_id is not None:
        query = query.where(HerbDelivery.contact_id == contact_id)
    return desk.session.exec(query.order_by(col(HerbDelivery.id).desc()).limit(1)).first()


def list_deliveries(
    desk: Desk,
    *,
    contact_id: int | None = None,
    statuses: Collection[str] | None = None,
    under_way: bool = False,
    limit: int = 50,
) -> list[HerbDelivery]:
    """Newest first; with ``under_way`` without those signed for or cancelled."""
    query = select(HerbDelivery).where(HerbDelivery.hospital_id == desk.hospital_id)
    if contact_id is not None:
        query = query.where(HerbDelivery.contact_id == contact_id)
    if statuses is not None:
        query = query.where(col(HerbDelivery.status).in_(statuses))
    if under_way:
        query = query.where(col(HerbDelivery.status).not_in(ENDED))
    query = query.order_by(col(HerbDelivery.id).desc()).limit(limit)
    return list(desk.session.exec(query.execution_options(populate_existing=True)))


def list_steps(desk: Desk, *, delivery: HerbDelivery) -> list[tuple[dt.datetime, str]]:
    """When which stage was reached, by the stage's name, oldest first."""
    stages, changes = desk.hospital.herbs.stages, list_changes(desk, record=delivery)
    return [(one.created_at, get_stage(stages, one.new).name) for one in changes if one.old != one.new]


def describe_delivery(desk: Desk, delivery: HerbDelivery, patient: Patient) -> dict[str, Any]:
    """The delivery in the slots of the contract."""
    return {
        "record": delivery.id,
        "patient": patient.id,
        "patient_name": patient.name,
        "status": delivery.status,
        "status_name": get_stage(desk.hospital.herbs.stages, delivery.status).name,
        "doses": delivery.doses,
        "decoction": delivery.decoction,
        "delivery_mode": delivery.delivery_mode,
        "address": delivery.address,
        "courier": delivery.courier,
        "tracking_number": delivery.tracking_number,
        "place": delivery.place,
        "fee": delivery.fee,
        "order_number": delivery.order_number,
    }
