"""Whose data is meant, and which rows are theirs: a contact with all under it, or one human being under any contact."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import col, select

from services.alarms import Alarm
from services.complaints import Complaint
from services.contacts import Contact
from services.database import Record, blind
from services.desk import Desk
from services.documents import CHILD, list_numbers
from services.errors import NotFound
from services.finding import get_record
from services.followups import FollowUp, FollowUpTask
from services.holdings import ERASED, Holding
from services.onsite_help import OnsiteHelp
from services.patients import Patient
from services.phones import PhoneCode
from services.pictures import ComplaintPicture
from services.promises import Promise
from services.referrals import Referral
from services.registration import Appointment
from services.suspicion import BookingReview

SOME = 500
"""Values in one ``IN``."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose data is meant: a contact and all that is theirs, or one human being under whichever contacts."""

    contact_ids: tuple[int, ...]
    patients: tuple[Patient, ...]
    follow_ups: tuple[FollowUp, ...]
    whole: bool
    """A whole contact, conversation and all."""
    subject: Record
    names: frozenset[str]
    """Of the patients, as they were when the scope was found."""

    @property
    def erased(self) -> bool:
        """Nothing is left that names anybody."""
        named = self.subject.sender if isinstance(self.subject, Contact) else _known_person(self.subject)
        return str(named).startswith(f"{ERASED}:")


def find_contact_scope(desk: Desk, *, contact_id: int) -> Scope:
    """A contact, the patients under it and the discharges of these."""
    contact = get_record(desk, Contact, contact_id)
    mine = select(Patient).where(Patient.hospital_id == desk.hospital_id, Patient.contact_id == contact_id)
    patients = tuple(desk.session.exec(mine.order_by(col(Patient.id))))
    follow_ups = _find_follow_ups(desk, patients, contact_id=contact_id)
    return Scope((contact_id,), patients, follow_ups, True, contact, _names(patients))


def find_person_scope(desk: Desk, *, patient_id: int | None = None, id_number: str | None = None) -> Scope:
    """One human being by any of his records or by the number of his document, of whatever kind (a citizen's may also be
    that of a discharge alone). Children who stand under this number, having none of their own, come with it.

    Raises ``NotFound`` where nothing is held, ``Invalid`` for a number that is none.
    """
    if id_number is not None:
        numbers = list_numbers(id_number, today=desk.now.date())
        persons = [blind(one, "person") for one in numbers] + _find_wards(desk, numbers)
    else:
        assert patient_id is not None
        persons = [get_record(desk, Patient, patient_id).person]
    same = select(Patient).where(Patient.hospital_id == desk.hospital_id, col(Patient.person).in_(persons))
    found = desk.session.exec(same.order_by(col(Patient.id)))
    patients = tuple(sorted(found, key=lambda one: one.id_kind == CHILD))  # the guardian before the children
    follow_ups = _find_follow_ups(desk, patients, persons=persons)
    if not (patients or follow_ups):
        raise NotFound(field="patient")
    contact_ids = tuple(dict.fromkeys(one.contact_id for one in patients))
    return Scope(contact_ids, patients, follow_ups, False, (*patients, *follow_ups)[0], _names(patients))


def _find_wards(desk: Desk, numbers: Sequence[str]) -> list[str]:
    """The children registered under one of these numbers. It is sealed in their row, so each child is opened: this is
    asked for seldom."""
    children = select(Patient).where(Patient.hospital_id == desk.hospital_id, Patient.id_kind == CHILD)
    return [one.person for one in desk.session.exec(children) if one.guardian_id_number in numbers]


def _known_person(record: Any) -> str:
    return record.person if isinstance(record, Patient) else record.external_id


def _find_follow_ups(
    desk: Desk, patients: Sequence[Patient], *, contact_id: int | None = None, persons: Sequence[str] = ()
) -> tuple[FollowUp, ...]:
    """Linked to the contact or a patient, or, not linked to another contact, of the same ID number or phone and name."""
    ids = [one.id for one in patients]
    whose = {one.person for one in patients} | set(persons)
    names = {(one.name, one.phone_index) for one in patients if one.phone_index}
    query = select(FollowUp).where(
        FollowUp.hospital_id == desk.hospital_id,
        sa.or_(
            col(FollowUp.contact_id) == contact_id,
            col(FollowUp.patient_id).in_(ids),
            col(FollowUp.person).in_(whose),
            col(FollowUp.phone_index).in_([index for _, index in names]),
        ),
    )

    def is_theirs(one: FollowUp) -> bool:
        if one.patient_id in ids or (contact_id is not None and one.contact_id == contact_id):
            return True
        if contact_id is not None and one.contact_id is not None:
            return False
        return one.person in whose or (one.name, one.phone_index) in names

    return tuple(one for one in desk.session.exec(query.order_by(col(FollowUp.id))) if is_theirs(one))


def _names(patients: Sequence[Patient]) -> frozenset[str]:
    return frozenset(one.name for one in patients)


def find_rows(desk: Desk, scope: Scope, holding: Holding, subjects: Sequence[str]) -> Iterator[Any]:
    """A holding's rows of theirs, oldest first."""
    model: Any = holding.model
    query = select(model).where(model.hospital_id == desk.hospital_id, condition_of(scope, model, subjects))
    for one in desk.session.exec(query.order_by(col(model.id)).execution_options(populate_existing=True)):
        if model is not Complaint or scope.whole or one.patient_name in scope.names:
            yield one


def condition_of(scope: Scope, model: Any, subjects: Sequence[str]) -> Any:
    """What makes a row theirs. ``subjects`` are the records found so far, of which promises and alarms may speak."""
    ids = [one.id for one in scope.patients]
    if model is Contact:
        return col(Contact.id).in_(scope.contact_ids if scope.whole else ())
    if model is Patient:
        return col(Patient.id).in_(ids)
    if model is FollowUp:
        return col(FollowUp.id).in_([one.id for one in scope.follow_ups])
    if model is FollowUpTask:
        return col(FollowUpTask.follow_up_id).in_([one.id for one in scope.follow_ups])
    if model is ComplaintPicture and not scope.whole:
        told = [int(one.partition(":")[2]) for one in subjects if one.startswith("complaint:")]
        asked = [int(one.partition(":")[2]) for one in subjects if one.startswith("service_request:")]
        broken = [int(one.partition(":")[2]) for one in subjects if one.startswith("parcel_ticket:")]
        return sa.or_(
            col(ComplaintPicture.complaint_id).in_(told),
            col(ComplaintPicture.ticket_id).in_(broken),
            col(ComplaintPicture.request_id).in_(asked),
        )
    if model is PhoneCode and not scope.whole:
        phones = [one.phone_index for one in scope.patients if one.phone_index]
        return sa.and_(
            col(PhoneCode.contact_id).in_(scope.contact_ids), col(PhoneCode.phone_index).in_(phones)
        )
    if model is BookingReview and not scope.whole:
        theirs_booked = select(Appointment.id).where(col(Appointment.patient_id).in_(ids))
        return col(BookingReview.appointment_id).in_(theirs_booked)
    if model is Referral:
        return col(Referral.person).in_([one.person for one in scope.patients])
    theirs: list[Any] = [sa.false()]
    if scope.whole or model in (Complaint, OnsiteHelp):  # of whom their words speak, nobody has written down
        theirs.append(col(model.contact_id).in_(scope.contact_ids))
    elif "patient_id" in model.model_fields:
        theirs.append(col(model.patient_id).in_(ids))
    if model in (Promise, Alarm):
        theirs += [col(model.about).in_(some) for some in _chunks(subjects)]
    return sa.or_(*theirs)


def find_history(desk: Desk, model: Any, subjects: Sequence[str]) -> Iterator[Any]:
    """The rows of a history (`StateChange`, `Reveal`) that speak of these records, oldest first."""
    for some in _chunks(subjects):
        query = select(model).where(model.hospital_id == desk.hospital_id, col(model.record).in_(some))
        yield from desk.session.exec(query.order_by(col(model.id)))


def _chunks(values: Sequence[str]) -> Iterable[Sequence[str]]:
    return (values[start : start + SOME] for start in range(0, len(values), SOME))
