"""Herb deliveries 中药代煎配送: registered by patient or pharmacy, changed until they are handed over, and found again.
How they move on is ``herb_stages``; what the courier says of them ``couriers``; what goes wrong with them ``parcels``.
Stages, fees and what may be changed until when are rules of ``herbs.yml``.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection
from typing import Any

from pydantic import NaiveDatetime
from sqlalchemy import Index
from sqlmodel import Field, col, or_, select

from knowledge.schema import HerbCourier
from services.addresses import parse_address
from services.database import Encrypted, Record
from services.desk import Desk
from services.errors import Invalid, NotAllowed
from services.finding import get_record, list_records
from services.history import change_state, list_changes, record_change
from services.identity import parse_phone
from services.numbers import order_number
from services.patients import Patient, get_patient
from services.promises import cancel_promises
from services.registration import ARRIVED, BOOKED, FULFILLED, Appointment
from services.stages import find_expected, get_stage, is_before

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
    appointment_id: int | None = None
    """The visit it was prescribed at, where it was booked here. No foreign keys: SQLite adds none to a table that stands."""
    replaces_id: int | None = None
    """The delivery whose parcel was lost, wrong or damaged, sent again without a fee."""
    handed_at: NaiveDatetime | None = None
    """When the courier got it."""
    courier_code: str | None = Field(default=None, max_length=40)
    """The courier by kuaidi100's name, where the rules know it; without it only the pharmacy's events are used."""
    queried_at: NaiveDatetime | None = None
    """When the courier was last asked for it."""
    subscribed_at: NaiveDatetime | None = None
    """When the courier was asked to report it by itself."""
    track_state: str | None = Field(default=None, max_length=8)
    track_note: str | None = Field(default=None, sa_type=Encrypted("herb_delivery.track_note"))
    """The courier's last words: they may name people and streets."""
    track_at: NaiveDatetime | None = None
    track_fault: str | None = Field(default=None, max_length=20)
    """Why the last question gave nothing: ``no_result``, ``phone``, ``refused``."""


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
        expected_at=find_expected(rules.stages, "registered", now=desk.now),
        appointment_id=_find_visit(desk, patient),
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


def _find_visit(desk: Desk, patient: Patient) -> int | None:
    """The patient's last visit of these days; a visit that was not booked here is none, and the pharmacist asks."""
    since = desk.now.date() - dt.timedelta(days=desk.hospital.herbs.visit_days)
    query = select(Appointment.id).where(
        Appointment.hospital_id == desk.hospital_id,
        Appointment.patient_id == patient.id,
        Appointment.date >= since,
        Appointment.start <= desk.now,
        col(Appointment.status).in_((BOOKED, ARRIVED, FULFILLED)),
    )
    return desk.session.exec(query.order_by(col(Appointment.start).desc()).limit(1)).first()


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


def can_change(desk: Desk, delivery: HerbDelivery) -> bool:
    """Until the courier has it, and again when it has come back."""
    rules = desk.hospital.herbs
    return delivery.status in rules.change_also or (
        delivery.status not in ENDED and is_before(rules.stages, delivery.status, rules.change_until)
    )


def change_delivery(
    desk: Desk,
    *,
    delivery_id: int,
    contact_id: int | None = None,
    address: str | None = None,
    phone: str | None = None,
    delivery_mode: str | None = None,
) -> HerbDelivery:
    """Another address, phone or way; ``NotAllowed("too_late")`` (``status``) once on its way.

    What has come back is changed and sent again; it was paid once.
    """
    delivery = get_record(desk, HerbDelivery, delivery_id, contact_id=contact_id, lock=True)
    rules = desk.hospital.herbs
    if not can_change(desk, delivery):
        raise NotAllowed("too_late", field="record", value=delivery.id, status=delivery.status)
    mode = delivery_mode or (COURIER if address else delivery.delivery_mode)
    delivery.address = _check_way(desk, mode, address or delivery.address)
    delivery.delivery_mode = mode
    delivery.place = rules.pickup_place if mode == PICKUP else None
    if phone:
        delivery.phone = parse_phone(phone)
    if delivery.status not in rules.change_also and delivery.replaces_id is None:
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


def send_again(desk: Desk, *, delivery_id: int, doses: int | None = None) -> HerbDelivery:
    """The same herbs anew (or so many doses of them), free, their prescription checked already: the parcel before was
    lost, wrong or broken. Raises ``Invalid("doses")``.
    """
    old = get_record(desk, HerbDelivery, delivery_id)
    if doses is not None and not 1 <= doses <= old.doses:
        raise Invalid("doses", field="doses", value=doses, limit=old.doses)
    delivery = HerbDelivery(
        hospital_id=desk.hospital_id,
        created_at=desk.now,
        contact_id=old.contact_id,
        patient_id=old.patient_id,
        status="checked",
        doses=doses or old.doses,
        decoction=old.decoction,
        delivery_mode=old.delivery_mode,
        address=old.address,
        phone=old.phone,
        place=old.place,
        fee=0,
        stage_at=desk.now,
        expected_at=find_expected(desk.hospital.herbs.stages, "checked", now=desk.now),
        appointment_id=old.appointment_id,
        replaces_id=old.id,
    )
    desk.session.add(delivery)
    desk.session.flush()
    delivery.order_number = order_number("ZY", desk.now.date(), delivery.id)
    desk.session.add(delivery)
    record_change(desk, record=delivery, old="", new=delivery.status, reason=f"instead of {old.order_number}")
    desk.session.flush()
    return delivery


def find_courier(desk: Desk, name: str) -> HerbCourier | None:
    """By name, another name or kuaidi100's code."""
    word = re.sub(r"\s", "", name).lower()
    for one in desk.hospital.herbs.couriers:
        if word in (known.replace(" ", "").lower() for known in (one.name, one.code, *one.aliases)):
            return one
    return None


def get_delivery(desk: Desk, *, delivery_id: int, contact_id: int | None = None) -> HerbDelivery:
    return get_record(desk, HerbDelivery, delivery_id, contact_id=contact_id)


def find_delivery(desk: Desk, *, number: str, contact_id: int | None = None) -> HerbDelivery | None:
    """By order number, tracking number or the pharmacy's number."""
    word = re.sub(r"\s", "", number)
    query = select(HerbDelivery).where(
        HerbDelivery.hospital_id == desk.hospital_id,
        or_(
            HerbDelivery.order_number == word.upper(),
            HerbDelivery.tracking_number == word.upper(),
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
    still = (col(HerbDelivery.status).not_in(ENDED),) if under_way else ()
    return list_records(desk, HerbDelivery, *still, contact_id=contact_id, status=statuses, limit=limit)


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
