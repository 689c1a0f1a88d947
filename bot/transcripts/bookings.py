"""世界 words for what stands behind bookings: absences, referrals, and what staff decide at the console."""

from __future__ import annotations

import datetime as dt

from sqlmodel import col, select

from bot.transcripts.outpatients import OF_SLOT, take_past_places
from services import Desk, absences, extras, reviews
from services.contacts import Contact
from services.history import record_change
from services.patients import Patient
from services.phones import PhoneCode
from services.referrals import refer_patient
from services.registration import NOSHOW, Appointment
from services.suspicion import BookingReview

YES = ("放行", "同意", "成立")
NO = ("不通过", "不同意", "不成立")


def miss(desk: Desk, patient: Patient, *, department: str, day: dt.date) -> None:
    """An appointment of the past to which the patient did not come."""
    doctor = desk.hospital.list_doctors(department)[0]
    start = dt.datetime.combine(day, dt.time(9, 0))
    slot = take_past_places(desk, doctor, start=start)
    missed = Appointment(
        hospital_id=desk.hospital_id,
        created_at=start - dt.timedelta(days=1),
        **{name: getattr(slot, name) for name in OF_SLOT},
        slot_id=slot.id,
        patient_id=patient.id,
        contact_id=patient.contact_id,
        person=patient.person,
        status=NOSHOW,
    )
    desk.session.add(missed)
    desk.session.flush()
    record_change(desk, record=missed, old="", new=NOSHOW, reason="not_arrived")


def refer(desk: Desk, patient: Patient, *, department: str) -> None:
    """The first institution of the rule refers the patient into a department."""
    rules = desk.hospital.registration.quotas
    if rules is None or patient.id_number is None:
        raise ValueError("no institution may refer")
    refer_patient(
        desk,
        external_id=f"world-{patient.id}-{department}",
        institution=rules.institutions[0].id,
        name=patient.name,
        id_number=patient.id_number,
        department=department,
    )


def decide(desk: Desk, *, kind: str, verdict: str, words: str) -> None:
    """What staff say to the newest booking under review, request for an extra place or appeal."""
    if verdict not in YES + NO:
        raise ValueError(f"{verdict} is none of {' '.join(YES + NO)}")
    yes, staff = verdict in YES, desk.acting_as("staff")
    if kind == "核对":
        query = select(BookingReview.id).order_by(col(BookingReview.id).desc())
        review_id = desk.session.exec(query).first()
        if review_id is None:
            raise ValueError("nothing is under review")
        if yes:
            reviews.release_booking(staff, review_id=review_id, reason=words or None)
        else:
            reviews.refuse_booking(staff, review_id=review_id, reason=words or "核对不符")
    elif kind == "加号":
        (newest, *_) = extras.list_extras(desk)
        if yes:
            extras.accept_extra(staff, request_id=newest.id, answer=words)
        else:
            extras.decline_extra(staff, request_id=newest.id, answer=words)
    else:
        (appeal, *_) = absences.list_appeals(desk)
        absences.settle_appeal(staff, appeal_id=appeal.id, accept=yes, reason=words)


def read_code(desk: Desk, contact: Contact | None) -> str:
    """The code last sent to a contact, as the patient reads it on the phone."""
    query = select(PhoneCode).where(PhoneCode.contact_id == (contact.id if contact else 0))
    found = desk.session.exec(query.order_by(col(PhoneCode.id).desc())).first()
    return (found.code if found else None) or "000000"
