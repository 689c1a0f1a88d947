"""``registration.yml``, one model at the top level, and what several rule files share. Hours are written "08:00"; money in
yuan.
"""

from __future__ import annotations

from datetime import time
from typing import Literal

from pydantic import Field

from knowledge.schema.base import Entry, Id, Period, Text, Words
from knowledge.schema.doctors import Clinic, Title


class Hours(Entry):
    start: time
    end: time


class ClinicKind(Entry):
    """What a kind of clinic is called and costs; used for each session that does not say otherwise."""

    name: Text
    """专家门诊, 夜间门诊, 便民门诊 …"""
    capacity: int = Field(ge=1)
    """Patients per half hour."""
    fees: dict[Title, int] = {}
    """By the doctor's title; a title not written costs ``fee``."""
    fee: int = Field(default=0, ge=0)
    about: str = ""


class Reminder(Entry):
    """Either at an hour some days before, or some minutes before."""

    id: Id
    days_before: int | None = None
    at: time | None = None
    minutes_before: int | None = None
    drop_after_minutes: int = 60
    """Sent later than this after its time (downtime), it is dropped and shown to staff."""


class PhoneCodeRules(Entry):
    """A phone is confirmed by a code sent to it."""

    digits: int = Field(default=6, ge=4, le=8)
    valid_minutes: int = Field(default=10, ge=1)
    wait_seconds: int = Field(default=60, ge=0)
    """Between two codes to one phone."""
    per_phone_per_day: int = Field(default=5, ge=1)
    per_contact_per_day: int = Field(default=8, ge=1)
    tries: int = Field(default=3, ge=1)
    """Wrong answers until the code is worth nothing."""
    unconfirmed_open: int = Field(default=1, ge=0)
    """So many open appointments may a contact have whose phone is not confirmed: a first number is not lost to a text
    message that does not come. 0: no booking before the code."""


class ExtraRules(Entry):
    """加号: a place beyond the session's capacity, which only its doctor grants."""

    clinics: tuple[Clinic, ...] = ("general", "expert")
    days_ahead: int = Field(default=7, ge=0)
    per_session: int = Field(default=4, ge=0)
    """Granted by one doctor in one session."""
    per_patient: int = Field(default=1, ge=1)
    """Requests of one person not answered yet."""
    until_minutes: int = Field(default=60, ge=0)
    """Asked for, and answered, until so long before the session ends."""


class ReviewRules(Entry):
    """What looks like dealing in numbers (号贩子) is not refused but held, and a person looks at it."""

    accounts_per_phone: int = Field(default=4, ge=1)
    """So many accounts with open appointments under one phone are a family; one more is looked at."""
    burst_bookings: int = Field(default=4, ge=1)
    burst_minutes: int = Field(default=10, ge=1)
    """So many bookings of one account within so many minutes are many, unless each is for somebody else (a family);
    one more is looked at."""
    same_doctor: int = Field(default=3, ge=1)
    """So many open numbers of one account with one doctor on one day; one more is looked at."""
    handover_minutes: int = Field(default=10, ge=0)
    handovers: int = Field(default=2, ge=1)
    """The last number of an hour, given back so shortly ago by an account that gives back its second within
    ``cancel_days``, and taken by the same account or phone for somebody else; of strangers it takes one more."""
    children_per_guardian: int = Field(default=3, ge=1)
    """So many children without a document have open numbers under one guardian, over all accounts; one more is looked
    at."""
    cancels: int = Field(default=5, ge=1)
    cancel_days: int = Field(default=7, ge=1)
    """Numbers given back so often within so many days: the next booking is looked at."""
    hours: int = Field(default=12, ge=1)
    """Undecided so long, or until ``before_minutes`` before the visit, it is released: a doubt must not cost a patient
    the doctor."""
    before_minutes: int = Field(default=120, ge=0)


class Institution(Entry):
    """Who may refer patients into the reserved places."""

    id: Id
    name: Text
    kind: Literal["primary_care", "family_doctor"]


class QuotaRules(Entry):
    """Places kept for patients referred by primary care and family doctors until a set hour, then open to all."""

    clinics: tuple[Clinic, ...]
    departments: Words = ()
    """Empty: all."""
    every: int = Field(default=3, ge=1)
    """One place in so many is kept."""
    days_before: int = Field(default=1, ge=0)
    at: time
    """The hour, so many days before the visit, at which what is left opens to all."""
    valid_days: int = Field(default=30, ge=1)
    """How long a referral holds."""
    institutions: tuple[Institution, ...]


class RegistrationRules(Entry):
    days_ahead: int = Field(ge=1, le=90)
    """Numbers are sold from today to this many days ahead."""
    release_at: time
    """The hour at which the last of these days opens."""
    slot_minutes: int = Field(default=30, ge=5, le=30)
    same_day_until_minutes: int
    """A slot of today is sold until this many minutes before its end."""
    hold_minutes: int
    """A slot is kept this long while the patient confirms."""
    cancel_before_minutes: int
    """Cancelled until this many minutes before the start without a mark."""
    max_patients_per_contact: int
    max_open_per_patient: int
    """Appointments not yet kept, of one patient."""
    max_open_per_contact: int = 8
    """Appointments not yet kept, of all patients of one account."""
    max_per_contact_per_day: int = 6
    """Bookings that one account makes in a day; moved ones are not counted."""
    max_per_patient_per_day: int
    max_per_department_per_day: int
    """Of one patient in one department on one day."""
    no_show_limit: int
    no_show_days: int
    no_show_block_days: int
    """So many times not come within so many days: no booking online for so many days."""
    arrivals_reported: bool = True
    """Whether every arrival is written down here: then who was not seen by the end of the day has not come, unless
    nobody at all was seen that half-day. Without it a past appointment counts as kept, for nobody may be blamed for a system that does not tell."""
    child_without_id_under: int = 14
    """Years up to which a child may be registered by a guardian's number, having none of its own."""
    phone_code: PhoneCodeRules = PhoneCodeRules()
    extra: ExtraRules = ExtraRules()
    review: ReviewRules = ReviewRules()
    quotas: QuotaRules | None = None
    waitlist_per_contact: int
    waitlist_offer_minutes: int
    """How long a freed slot is kept for the first of the waitlist."""
    arrive_minutes_before: int
    late_minutes: int
    """Later than this, one queues behind the present half hour (过号)."""
    revisit_days: int
    """一号管三天: results shown to the same department within so many days need no new number."""
    quiet_hours: Hours
    """From ``start`` in the evening to ``end`` in the morning only what is urgent is sent."""
    reminders: tuple[Reminder, ...]
    periods: dict[Period, Hours] = Field(min_length=1)
    clinics: dict[Clinic, ClinicKind] = Field(min_length=1)
    closed_on_holidays: tuple[Clinic, ...] = ()
    """Kinds of clinic that do not open on statutory holidays."""


class Stage(Entry):
    """A state of a record, with what may follow it."""

    id: Id
    name: Text
    next: tuple[Id, ...] = ()
    tell: bool = True
    """The patient gets a message when it is reached."""
    hours: int | None = None
    """Expected within so many hours of the stage before."""
