"""世界 words for what is under way: escorts, herb deliveries, complaints, the waitlist; begun, and moved on by staff."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bot.transcripts import care
from services import Desk
from services.afterthoughts import withdraw_complaint
from services.complaints import file_complaint, list_complaints
from services.contacts import Contact
from services.escort_stages import take_back_step
from services.escorts import NEXT as ESCORT_NEXT
from services.escorts import advance_escort, list_escorts, request_escort
from services.followups import enrol
from services.handling import advance_complaint
from services.herb_stages import advance_delivery
from services.herbs import list_deliveries, register_delivery
from services.history import OWED
from services.patients import Patient
from services.waitlist import join_waitlist

NEEDS = {
    "轮椅": "wheelchair",
    "平车": "stretcher",
    "听障": "hearing",
    "视障": "vision",
    "独自": "alone",
    "孕妇": "pregnant",
}
ESCORT_STATES = {
    "已接单": "accepted",
    "进行中": "in-progress",
    "已完成": "completed",
    "已取消": "cancelled",
    "派不出人": "rejected",
}


def request_one(
    desk: Desk, contact: Contact, patient: Patient, *, start: dt.datetime, words: Sequence[str]
) -> None:
    """An escort that the patient has asked for; words name needs, ``自费`` where he pays."""
    needs = [NEEDS[word] for word in words if word in NEEDS]
    request_escort(
        desk,
        contact_id=contact.id,
        patient_id=patient.id,
        start=start,
        needs=needs,
        paying="自费" in words,
    )


def discharge(desk: Desk, patient: Patient, *, day: dt.date) -> None:
    """The patient has left hospital that day and is under the general plan of follow-up."""
    enrol(
        desk,
        external_id=f"ZY-{patient.name}-{day:%Y%m%d}",
        name=patient.name,
        phone=patient.phone or "",
        discharged_on=day,
    )


def register_one(desk: Desk, contact: Contact, patient: Patient, *, doses: int, words: Sequence[str]) -> None:
    """A herb delivery: 自取, or to an address; 自煎 or 颗粒 where it is not decocted."""
    pickup = "自取" in words
    decoction = "raw" if "自煎" in words else "granules" if "颗粒" in words else "decoct"
    address = next((word for word in words if len(word) >= 6), "示例市示例区演示路1号")
    register_delivery(
        desk,
        contact_id=contact.id,
        patient_id=patient.id,
        doses=doses,
        decoction=decoction,
        delivery_mode="pickup" if pickup else "courier",
        address=None if pickup else address,
    )


def complain(desk: Desk, contact: Contact, *, text: str, code: str | None) -> None:
    file_complaint(desk, contact_id=contact.id, text=text, place_code=code, anonymous=False)


def wait_for(
    desk: Desk,
    contact: Contact,
    patient: Patient,
    *,
    department: str,
    doctor: str | None,
    day: dt.date,
    period: str,
) -> None:
    join_waitlist(
        desk,
        contact_id=contact.id,
        patient_id=patient.id,
        department=department,
        doctor=doctor,
        date=day.isoformat(),
        period=period or None,
    )


def move_on(desk: Desk, contact: Contact, *, kind: str, state: str, words: Sequence[str]) -> None:
    """The contact's newest escort, delivery or complaint reaches a state, through those that lie between."""
    desk = desk.acting_as("staff:0")
    if kind == "陪诊":
        _move_escort(desk, contact, ESCORT_STATES.get(state, state), words)
        return
    if kind == "中药":
        found: Sequence[Any] = list_deliveries(desk, contact_id=contact.id, limit=1)
        stages = desk.hospital.herbs.stages
    else:
        found = list_complaints(desk, contact_id=contact.id, limit=1)
        stages = desk.hospital.complaints.stages
    if not found:
        raise ValueError(f"there is no {kind} of {contact.sender}")
    if kind == "投诉" and state == "撤回":  # told at the hotline
        withdraw_complaint(desk.acting_as("api:hotline"), complaint_id=found[0].id)
        return
    names = {one.id: one.name for one in stages}
    goal = next((one for one in names if state == one), None) or next(
        (one for one, name in names.items() if state in name), None
    )
    if goal is None:
        raise ValueError(f"{kind} has no stage {state}; there are {'、'.join(names.values())}")
    for step in _way(found[0].status, goal, {one.id: one.next for one in stages}):
        if kind == "中药":
            number = next((word for word in words if re.fullmatch(r"[A-Z0-9]{8,}", word)), None)
            courier = next((word for word in words if word != number), None)
            advance_delivery(
                desk,
                delivery_id=found[0].id,
                status=step,
                courier=courier,
                tracking_number=number,
                reason=_owe(step, state),
            )
        else:
            advance_complaint(
                desk,
                complaint_id=found[0].id,
                status=step,
                answer=" ".join(words) if step == goal and words else None,
            )


def _move_escort(desk: Desk, contact: Contact, goal: str, words: Sequence[str]) -> None:
    found = list_escorts(desk, contact_id=contact.id, limit=1)
    if not found:
        raise ValueError(f"there is no 陪诊 of {contact.sender}")
    if goal == "退回一步":
        take_back_step(desk, escort_id=found[0].id, reason="transcript")
        return
    if care.reach_step(desk, found[0], state=goal):
        return
    if words and goal == found[0].status == "accepted":  # somebody else than the rule has sent
        advance_escort(
            desk,
            escort_id=found[0].id,
            status=goal,
            companion=words[0],
            companion_phone="10000005678",
            reason="transcript",
        )
    for step in _way(found[0].status, goal, ESCORT_NEXT):
        companion = (words[0] if words else "覃护工") if step == "accepted" else None
        phone = "10000005678" if companion else None
        advance_escort(
            desk,
            escort_id=found[0].id,
            status=step,
            companion=companion,
            companion_phone=phone,
            reason=_owe(step, goal),
        )


def _owe(status: str, words: str) -> str | None:
    """The reason that is owed for an end nobody wished for: the world's own words."""
    return words if status in OWED else None


def _way(start: str, goal: str, following: Mapping[str, Iterable[str]]) -> list[str]:
    """The shortest chain of states from one to another, the first left out."""
    ways: list[list[str]] = [[start]]
    seen = {start}
    while ways:
        way = ways.pop(0)
        if way[-1] == goal:
            return way[1:]
        for one in following.get(way[-1], ()):
            if one not in seen:
                seen.add(one)
                ways.append([*way, one])
    raise ValueError(f"{goal} cannot follow {start}")
