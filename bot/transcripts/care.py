"""世界 words for what staff do about escorts, help on the spot, loans and transfers, and how much there is of each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from services import Desk, assignments, escort_stages, loans, onsite_help, stocks, transfers
from services.contacts import Contact
from services.escorts import Escort
from services.numbers import read_count, take_one
from services.patients import Patient

HELP_STATES = {
    "已接单": onsite_help.ACCEPTED,
    "已到": onsite_help.IN_PROGRESS,
    "办完": onsite_help.COMPLETED,
    "已取消": onsite_help.CANCELLED,
}
TRANSFER_STATES = {
    "已安排": transfers.ACCEPTED,
    "已出发": transfers.IN_PROGRESS,
    "已送到": transfers.COMPLETED,
    "派不出车": transfers.REJECTED,
    "已取消": transfers.CANCELLED,
}
NEEDS = {"轮椅": "wheelchair", "平车": "stretcher"}


def reach_step(desk: Desk, escort: Escort, *, state: str) -> bool:
    """A step of the visit, by a part of its name; somebody is sent by rule first where nobody is yet."""
    stages = desk.hospital.escort.stages
    step = next((one.id for one in stages if state in (one.id, one.name) or state in one.name), None)
    if step is None:
        return False
    if escort.status == "requested":
        assignments.assign_escort(desk, escort_id=escort.id)
    escort_stages.tick_step(desk, escort_id=escort.id, step=step)
    return True


def move_help(desk: Desk, contact: Contact, *, state: str) -> None:
    calls = onsite_help.list_help(desk, contact_id=contact.id, limit=1)
    if not calls:
        raise ValueError(f"there is no 求助 of {contact.sender}")
    if state == "去不了":
        onsite_help.decline_help(desk, help_id=calls[0].id, reason="正在送别的患者")
        return
    onsite_help.advance_help(desk, help_id=calls[0].id, status=HELP_STATES[state], reason=state)


def lend(desk: Desk, contact: Contact, *, name: str) -> None:
    kind = stocks.find_kind(desk, words=name)
    if kind is None:
        raise ValueError(f"{name} cannot be borrowed")
    loans.request_loan(desk, contact_id=contact.id, kind=kind.id, phone="10000001234")


def move_loan(desk: Desk, contact: Contact, *, state: str) -> None:
    mine = loans.list_loans(desk, contact_id=contact.id, limit=1)
    if not mine:
        raise ValueError(f"there is no 借用 of {contact.sender}")
    if state == "已借出":
        loans.hand_out(desk, loan_id=mine[0].id)
    elif state == "已归还":
        loans.give_back(desk, loan_id=mine[0].id)
    else:
        raise ValueError(f"借用 has no state {state}")


def set_free(desk: Desk, *, place: str, name: str, free: int) -> None:
    kind = stocks.find_kind(desk, words=name)
    if kind is None:
        raise ValueError(f"{name} cannot be borrowed")
    spot = desk.hospital.get_place(place)
    stocks.set_stock(desk, kind=kind.id, place=spot.name, free=free, reason="transcript")


def order_ride(
    desk: Desk, contact: Contact, patient: Patient, *, start: dt.datetime, words: Sequence[str]
) -> None:
    text = " ".join(words)
    ride = next((one for one in desk.hospital.transfers.rides if one.name in text), None)
    ride = ride or transfers.find_ride(desk, words=text) or desk.hospital.transfers.rides[0]
    transfers.request_transfer(
        desk,
        contact_id=contact.id,
        patient_id=patient.id,
        ride=ride.id,
        start=start,
        needs=next((NEEDS[word] for word in words if word in NEEDS), None),
        address="桂江市示例路 7 号" if ride.kind != "campus" else None,
    )


def move_ride(desk: Desk, contact: Contact, *, state: str, words: Sequence[str]) -> None:
    mine = transfers.list_transfers(desk, contact_id=contact.id, limit=1)
    if not mine:
        raise ValueError(f"there is no 接送 of {contact.sender}")
    driver = (words[0] if words else "莫师傅") if state == "已安排" else None
    transfers.advance_transfer(
        desk,
        transfer_id=mine[0].id,
        status=TRANSFER_STATES[state],
        driver=driver,
        driver_phone="10000005690" if driver else None,
        reason=state,
    )


def fill_rides(desk: Desk) -> None:
    """Every place of every hour of the coming days is taken."""
    for ahead in range(desk.hospital.transfers.days_ahead + 1):
        for hour in range(24):
            at = dt.datetime.combine(desk.now.date() + dt.timedelta(days=ahead), dt.time(hour))
            for what, places in transfers.count_places(desk, at).items():
                name = f"transfer-{what}:{at:%Y%m%d%H}"
                left = places - read_count(desk, name=name)
                if left > 0:
                    take_one(desk, name=name, limit=places, count=left)
