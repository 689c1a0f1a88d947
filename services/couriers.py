"""What a courier says of a parcel: its states in our stages, when it may be asked again, and what its news set going.

The states are those of kuaidi100 (``state``, also in its finer form of three and four digits, 高级物流状态):
https://api.kuaidi100.com/document/5f0ffb5ebc8da837cbd8aefc . The network is ``bot``'s; here are the rules.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import col, select

from services.desk import Desk
from services.errors import WrongState
from services.herb_stages import advance_delivery
from services.herbs import COURIER, HerbDelivery, find_courier
from services.history import record_change
from services.parcels import COURIER as TOLD_BY_COURIER
from services.parcels import open_ticket
from services.stages import check_next

UNDER_WAY = ("handed_over", "in_transit", "delivered", "returning")
PUSHED_MINUTES = 12 * 60
"""What the courier reports by itself is asked for only this seldom, in case a report was lost."""
PHONE_TAIL = 4

STAGES = {
    "1": "handed_over", "101": "handed_over", "102": "handed_over", "103": "handed_over",
    "0": "in_transit", "1001": "in_transit", "1002": "in_transit", "1003": "in_transit",
    "5": "in_transit", "7": "in_transit",
    "8": "in_transit", "10": "in_transit", "11": "in_transit", "12": "in_transit", "13": "in_transit",
    "501": "delivered", "303": "delivered", "304": "delivered",
    "3": "signed", "301": "signed", "302": "signed",
    "6": "returning", "14": "returning", "203": "returning",
    "4": "returned",
}  # fmt: skip
"""The courier's state → ours. Taken in by a neighbour or a locker (303, 304, 501) it is there, but not yet in hand;
refused (14, 203) it is on its way back; 2, 401 and the other 2xx move nothing, they are trouble."""
TROUBLE = {
    "2": "stuck", "201": "stuck", "202": "stuck", "204": "stuck", "205": "stuck", "206": "stuck", "207": "stuck",
    "208": "stuck", "210": "stuck", "13": "stuck", "401": "stuck", "209": "damaged",
    "6": "returned", "14": "returned", "203": "returned", "4": "returned",
}  # fmt: skip
"""What opens a ticket for the pharmacy before the patient has to ask."""
REFUSED = ("14", "203")


@dataclass(frozen=True, slots=True)
class Question:
    """What the courier may be asked now."""

    code: str
    number: str
    phone: str | None
    """The last digits, only where the courier wants them."""
    address: str | None


@dataclass(frozen=True, slots=True)
class Tracking:
    """The courier's answer or report on one number."""

    code: str
    number: str
    state: str
    note: str = ""
    """Its last words."""
    at: dt.datetime | None = None
    """Their hour."""


def claim_questions(desk: Desk, *, limit: int = 20) -> list[Question]:
    """The numbers that may be asked for now, each claimed for this caller: no number more often than ``query_minutes``,
    whoever asks and however many parcels share it. What was reported lately is left in peace.
    """
    rules = desk.hospital.herbs
    before = desk.now - dt.timedelta(minutes=rules.query_minutes)
    long_before = desk.now - dt.timedelta(minutes=max(PUSHED_MINUTES, rules.query_minutes))
    last = sa.func.max(col(HerbDelivery.queried_at))
    pushed = sa.func.max(col(HerbDelivery.subscribed_at))
    numbers = (
        select(HerbDelivery.courier_code, HerbDelivery.tracking_number)
        .where(*_under_way(desk), col(HerbDelivery.courier_code).is_not(None))
        .group_by(col(HerbDelivery.courier_code), col(HerbDelivery.tracking_number))
        .having(
            sa.or_(
                sa.and_(last.is_(None), pushed.is_(None)),
                sa.and_(last <= before, pushed.is_(None)),
                sa.func.coalesce(last, pushed) <= long_before,
            )
        )
        .order_by(last.nulls_first(), col(HerbDelivery.tracking_number))
        .limit(limit)
    )
    claimed = []
    for code, number in desk.session.exec(numbers).all():
        assert code is not None and number is not None
        if _claim(desk, number, before, "queried_at"):
            claimed.append(_ask(desk, code, number))
    return claimed


def claim_subscriptions(desk: Desk, *, limit: int = 20) -> list[Question]:
    """The numbers the courier is to report by itself, each claimed once."""
    query = select(HerbDelivery.courier_code, HerbDelivery.tracking_number).where(
        *_under_way(desk),
        col(HerbDelivery.courier_code).is_not(None),
        col(HerbDelivery.subscribed_at).is_(None),
    )
    claimed = []
    for code, number in desk.session.exec(query.distinct().limit(limit)).all():
        assert code is not None and number is not None
        if _claim(desk, number, desk.now, "subscribed_at"):
            claimed.append(_ask(desk, code, number))
    return claimed


def give_subscription_back(desk: Desk, *, number: str) -> None:
    """The courier could not be reached: it is asked to report the number in the next round."""
    for one in _list_parcels(desk, number):
        one.subscribed_at = None
        desk.session.add(one)
    desk.session.flush()


def _under_way(desk: Desk) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        col(HerbDelivery.hospital_id) == desk.hospital_id,
        col(HerbDelivery.status).in_(UNDER_WAY),
        col(HerbDelivery.delivery_mode) == COURIER,
        col(HerbDelivery.tracking_number).is_not(None),
    )


def _claim(desk: Desk, number: str, before: dt.datetime, column: str) -> bool:
    """Of two clocks that see the same number one finds no row left to change."""
    asked = getattr(HerbDelivery, column)
    claiming = (
        sa.update(HerbDelivery)
        .where(
            *_under_way(desk),
            col(HerbDelivery.tracking_number) == number,
            sa.or_(asked.is_(None), asked <= before),
        )
        .values({column: desk.now})
        .execution_options(synchronize_session=False)
    )
    return desk.session.execute(claiming).rowcount > 0  # type: ignore[attr-defined]


def _ask(desk: Desk, code: str, number: str) -> Question:
    one = _list_parcels(desk, number)[0]
    courier = find_courier(desk, code)
    wants_phone = courier is not None and courier.phone and one.phone
    return Question(code, number, (one.phone or "")[-PHONE_TAIL:] if wants_phone else None, one.address)


def _list_parcels(desk: Desk, number: str) -> list[HerbDelivery]:
    """All prescriptions that travel under one number, as the database has them now."""
    query = select(HerbDelivery).where(*_under_way(desk), col(HerbDelivery.tracking_number) == number.upper())
    query = query.order_by(col(HerbDelivery.id)).execution_options(populate_existing=True)
    return list(desk.session.exec(query))


def take_tracking(desk: Desk, tracking: Tracking) -> list[HerbDelivery]:
    """Moves the parcels of the number on as the courier says, tells the patients, opens a ticket where it is trouble.

    News older than what is known change nothing; a courier that runs behind the pharmacy never moves a parcel back.
    Where the pharmacy named no courier, whoever reports the number is the one.
    """
    found = _list_parcels(desk, tracking.number)
    for one in found:
        if one.courier_code is None and tracking.code:
            _name_courier(desk, one, tracking.code)
        if tracking.at and one.track_at and tracking.at < one.track_at:
            continue
        known = one.track_state == tracking.state
        one.track_state, one.track_at, one.track_fault = tracking.state, tracking.at, None
        one.track_note = tracking.note[:400] or one.track_note
        desk.session.add(one)
        desk.session.flush()
        _move(desk, one, tracking.state)
        if tracking.state in TROUBLE and not known:
            kind = TROUBLE[tracking.state]
            open_ticket(desk, delivery_id=one.id, kind=kind, text=tracking.note, told_by=TOLD_BY_COURIER)
    return found


def _move(desk: Desk, one: HerbDelivery, state: str) -> None:
    goal = STAGES.get(state)
    if goal is None or goal == one.status or one.delivery_mode != COURIER:  # fetched meanwhile: only noted
        return
    try:
        check_next(desk.hospital.herbs.stages, one.status, goal, skipping=True)
    except WrongState:  # the pharmacy knew better, or sooner
        return
    reason = "refused" if state in REFUSED else f"courier {state}"
    advance_delivery(desk, delivery_id=one.id, status=goal, reason=reason)


def note_fault(desk: Desk, *, number: str, fault: str) -> None:
    """The courier had nothing to say: ``no_result``, ``phone`` (its last digits do not fit), ``refused`` …

    A number unknown ``untraceable_hours`` after it was handed over, or with the wrong phone, was copied wrongly: the
    pharmacy gets a ticket, once; not for one of which the courier has told before, for its last word stands.
    """
    since = desk.now - dt.timedelta(hours=desk.hospital.herbs.untraceable_hours)
    for one in _list_parcels(desk, number):
        one.track_fault = fault
        desk.session.add(one)
        unknown = fault == "no_result" and (one.handed_at or desk.now) <= since
        if one.track_state is None and (unknown or fault in ("phone", "abandoned")):
            open_ticket(desk, delivery_id=one.id, kind="untraceable", text=fault, told_by=TOLD_BY_COURIER)
    desk.session.flush()


def correct_courier(desk: Desk, *, number: str, code: str) -> list[HerbDelivery]:
    """The number is another courier's: it is written down, and asked of that one from now on."""
    found = _list_parcels(desk, number)
    for one in found:
        if one.courier_code == code:
            continue
        _name_courier(desk, one, code)
    desk.session.flush()
    return found


def _name_courier(desk: Desk, one: HerbDelivery, code: str) -> None:
    known = find_courier(desk, code)
    reason = f"courier {one.courier_code or one.courier or ''} → {code}"
    one.courier, one.courier_code = (known.name if known else code), code
    one.track_fault = None
    desk.session.add(one)
    record_change(desk, record=one, old=one.status, new=one.status, reason=reason)
