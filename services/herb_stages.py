"""How a herb delivery moves on: by the pharmacy, its system, the courier or the clock; and when it should arrive."""

from __future__ import annotations

import datetime as dt

from sqlmodel import col, select

from services.addresses import find_region
from services.alarms import raise_alarm
from services.desk import Desk
from services.errors import Invalid
from services.events import take_event
from services.finding import get_record
from services.herbs import COURIER, HerbDelivery, describe_delivery, find_courier
from services.history import change_state, record_change
from services.patients import Patient
from services.promises import cancel_promises, tell
from services.stages import check_next, find_expected, get_stage, is_before


def advance_delivery(
    desk: Desk,
    *,
    delivery_id: int,
    status: str,
    courier: str | None = None,
    tracking_number: str | None = None,
    reason: str | None = None,
    external_id: str | None = None,
    quiet: bool = False,
) -> HerbDelivery:
    """The next stage, from pharmacy, courier or staff; the patient is told (kind ``herb_stage``) where the rule says so.

    Stages may be skipped, never gone back. The same ``external_id`` again, or the stage already reached, moves nothing;
    a courier or number that comes late is kept. Raises ``WrongState``, ``Invalid("unknown_stage")``, ``Invalid("missing")``
    with field ``tracking_number`` where a parcel is with the courier and nobody could follow it, and, where what is to be
    fetched is said to be with a courier, ``Invalid("delivery_mode")``: then nothing of it is kept.
    """
    delivery = get_record(desk, HerbDelivery, delivery_id, lock=True)
    stages = desk.hospital.herbs.stages
    get_stage(stages, status)
    if external_id is not None and not take_event(
        desk, kind="herb_delivery", external_id=external_id, subject=delivery.subject
    ):
        return delivery
    if status != delivery.status:
        known = None if delivery.status == "returned" else delivery.tracking_number  # it goes with another
        _check_way(delivery, status, tracking_number or known)
    _keep_courier(desk, delivery, courier, tracking_number)
    if status == delivery.status:
        return delivery
    stage = check_next(stages, delivery.status, status, skipping=True)
    if delivery.handed_at is None or status == "handed_over":
        on_its_way = not is_before(stages, status, "handed_over") and delivery.delivery_mode == COURIER
        delivery.handed_at = desk.now if on_its_way else None
    if status == "handed_over":
        delivery.late_at = None
    delivery.stage_at = desk.now
    delivery.expected_at = find_expected(stages, status, now=desk.now)
    change_state(desk, record=delivery, new=status, reason=reason)
    if stage.tell and not quiet:
        cancel_promises(desk, subject=delivery.subject, kind="herb_stage")  # the latest news only
        tell_patient(desk, delivery, "herb_stage")
    return delivery


BY_COURIER = ("handed_over", "in_transit", "delivered")


def _check_way(delivery: HerbDelivery, status: str, number: str | None) -> None:
    """What is fetched goes to no courier, is on no way and is left at no door; a parcel that came back may have become
    one to fetch meanwhile. What is with a courier has a number, for the patient is told it."""
    if status in BY_COURIER and delivery.delivery_mode != COURIER:
        raise Invalid("delivery_mode", field="delivery_mode", value=delivery.delivery_mode)
    if status in ("handed_over", "in_transit") and not number:
        raise Invalid("missing", field="tracking_number")


def _keep_courier(desk: Desk, delivery: HerbDelivery, courier: str | None, number: str | None) -> None:
    """Another number or courier than before is written down, and what was known of the old one forgotten."""
    before = delivery.courier, delivery.tracking_number
    if courier:
        known = find_courier(desk, courier)
        delivery.courier = known.name if known else courier.strip()
        delivery.courier_code = known.code if known else None
    if number:
        delivery.tracking_number = number.strip().replace(" ", "").upper()
    if before != (delivery.courier, delivery.tracking_number):
        delivery.queried_at = delivery.subscribed_at = delivery.track_at = None
        delivery.track_state = delivery.track_note = delivery.track_fault = None
        if before[1]:
            reason = (
                f"number {before[0] or ''} {before[1]} → {delivery.courier or ''} {delivery.tracking_number}"
            )
            record_change(desk, record=delivery, old=delivery.status, new=delivery.status, reason=reason)
    desk.session.add(delivery)
    desk.session.flush()


def tell_patient(desk: Desk, delivery: HerbDelivery, kind: str) -> None:
    patient = desk.session.get_one(Patient, delivery.patient_id)
    tell(
        desk,
        contact_id=delivery.contact_id,
        kind=kind,
        subject=delivery.subject,
        slots=describe_delivery(desk, delivery, patient),
    )


def expect_arrival(desk: Desk, delivery: HerbDelivery) -> dt.date | None:
    """The day on which it should be there by the rules (fetched: ready); today where that day is past, ``None`` once
    it has arrived, or is on its way back.

    Registered after the cut-off it is begun the next morning; then the hours of its decoction, then the courier's days.
    """
    rules = desk.hospital.herbs
    if delivery.status in ("delivered", "ready", "signed", "returning", "returned", "cancelled"):
        return None
    if delivery.handed_at is not None:
        handed = delivery.handed_at
    else:
        begun = delivery.created_at
        if begun.time() > rules.cutoff:
            begun = dt.datetime.combine(begun.date() + dt.timedelta(days=1), rules.opens)
        hours = next(one.hours for one in rules.decoctions if one.id == delivery.decoction)
        handed = begun + dt.timedelta(hours=hours)
    if delivery.delivery_mode != COURIER:
        return max(handed.date(), desk.now.date())
    days = getattr(rules.days, find_region(rules, delivery.address or ""))
    return max(handed.date() + dt.timedelta(days=days), desk.now.date())


def tell_late_deliveries(desk: Desk, *, limit: int = 50) -> int:
    """For the clock: in transit longer than ``late_hours``: staff see it and the patient is told (kind ``herb_late``)."""
    since = desk.now - dt.timedelta(hours=desk.hospital.herbs.late_hours)
    late = _claim(desk, "in_transit", since, col(HerbDelivery.late_at).is_(None), limit=limit)
    for one in late:
        one.late_at = desk.now
        desk.session.add(one)
        raise_alarm(desk, kind="herb_delivery_late", contact_id=one.contact_id, subject=one.subject)
        tell_patient(desk, one, "herb_late")
    desk.session.flush()
    return len(late)


def settle_delivered(desk: Desk, *, limit: int = 50) -> int:
    """For the clock: delivered ``signed_after_hours`` ago and nothing said against it: taken for received, silently."""
    since = desk.now - dt.timedelta(hours=desk.hospital.herbs.signed_after_hours)
    found = _claim(desk, "delivered", since, limit=limit)
    for one in found:
        advance_delivery(desk, delivery_id=one.id, status="signed", reason="no word", quiet=True)
    return len(found)


def _claim(desk: Desk, status: str, since: dt.datetime, *more: object, limit: int) -> list[HerbDelivery]:
    query = select(HerbDelivery).where(
        HerbDelivery.hospital_id == desk.hospital_id,
        HerbDelivery.status == status,
        HerbDelivery.stage_at <= since,
        *more,  # type: ignore[arg-type]
    )
    query = query.order_by(col(HerbDelivery.id)).limit(limit).with_for_update(skip_locked=True)
    return list(desk.session.exec(query))
