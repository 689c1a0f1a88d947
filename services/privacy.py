"""The two rights of whoever's data we hold: a copy of it, and its erasure.

Personal Information Protection Law of the PRC: article 44 (to know and to decide), 45 (to consult and copy), 46 (to have
it corrected), 47 (to have it deleted when the purpose is over or consent is withdrawn; what a law says must be kept is
kept, and then only stored). The medical record itself is not here but in the hospital's own system, under its own rules.

Erasing therefore empties rather than deletes: that an appointment, an escort or a complaint was, when, where and how it
went stays for counting and for the law; who it was and what was said goes, also from the conversation, from notes and
from the reasons in the history. What each table loses is said in ``services/holdings.py``. What is still to happen must
be cancelled first, so that nobody waits for a patient whom nobody can reach. Backups made before still hold everything.

Longer than 300 lines: what the copy shows and what the erasure takes out are judged side by side.
"""

from __future__ import annotations

import base64
import datetime as dt
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson
from sqlmodel import col, select

from services import appointments, escorts, herbs, holds, loans, transfers, waitlist
from services.cipher import seal, unseal
from services.contacts import Contact
from services.database import Encrypted
from services.desk import Desk
from services.errors import NotAllowed, ServiceError
from services.escorts import Escort
from services.finding import get_record
from services.followups import FollowUp
from services.herbs import HerbDelivery
from services.history import Reveal, StateChange, change_state, record_change
from services.holdings import ERASED, HOLDINGS, Holding
from services.loans import EquipmentLoan
from services.messages import ConversationState
from services.outbox import DROPPED, QUEUED, OutboxMessage
from services.patients import Patient
from services.pictures import ComplaintPicture
from services.redaction import Redaction
from services.registration import HELD, OPEN, Appointment, Hold
from services.scopes import (
    Scope,
    condition_of,
    find_contact_scope,
    find_history,
    find_person_scope,
    find_rows,
)
from services.transfers import Transfer
from services.waitlist import WaitlistEntry

__all__ = [
    "Erasure",
    "OpenRecord",
    "Scope",
    "erase",
    "export",
    "find_contact_scope",
    "find_person_scope",
    "list_open",
]

JSON = frozenset({"values", "answers", "evidence"})


@dataclass(frozen=True, slots=True)
class OpenRecord:
    """Something still to happen."""

    kind: str
    id: int
    order_number: str
    when: dt.datetime | dt.date | None


@dataclass(frozen=True, slots=True)
class Erasure:
    new: bool
    """False where all had been erased before."""
    cancelled: tuple[OpenRecord, ...] = ()
    rows: dict[str, int] | None = None
    """By table: how many rows were emptied or removed."""


def export(desk: Desk, *, scope: Scope, reason: str) -> dict[str, list[dict[str, Any]]]:
    """Everything held, by table, in the open; each row with its history. Written down as a reveal of each patient.

    Of one human being the conversations are not given: they are the contact's, who may speak for others too.
    """
    found: dict[str, list[dict[str, Any]]] = {}
    subjects: list[str] = []
    for holding in HOLDINGS:
        rows = list(find_rows(desk, scope, holding, subjects))
        subjects += [one.subject for one in rows]
        if rows:
            found[str(holding.model.__tablename__)] = [_open(holding, one) for one in rows]
    history = _by_record(desk, StateChange, subjects)
    looks = _by_record(desk, Reveal, subjects)
    for table, entries in found.items():
        for entry in entries:
            subject = f"{table}:{entry['id']}"
            if subject in history:
                entry["history"] = [
                    {
                        "at": _plain(one.created_at),
                        "old": one.old,
                        "new": one.new,
                        "actor": one.actor,
                        "reason": one.reason,
                    }
                    for one in history[subject]
                ]
            if subject in looks:
                entry["looked_at"] = [
                    {
                        "at": _plain(one.created_at),
                        "field": one.field,
                        "actor": one.actor,
                        "reason": one.reason,
                    }
                    for one in looks[subject]
                ]
    for one in (
        scope.subject,
        *(one for one in (*scope.patients, *scope.follow_ups) if one is not scope.subject),
    ):
        desk.session.add(
            Reveal(
                hospital_id=desk.hospital_id,
                created_at=desk.now,
                record=one.subject,
                field="export",
                actor=desk.actor,
                reason=reason.strip()[:200],
            )
        )
    desk.session.flush()
    return found


def list_open(desk: Desk, *, scope: Scope) -> list[OpenRecord]:
    """What is still to happen: appointments, places in line, escorts, rides, herbs on their way, what is lent."""
    found: list[OpenRecord] = []
    kinds: tuple[tuple[Any, list[Any], str], ...] = (
        (Appointment, [col(Appointment.status).in_(OPEN), col(Appointment.end) > desk.now], "start"),
        (WaitlistEntry, [col(WaitlistEntry.status).in_(waitlist.OPEN)], "last_day"),
        (Escort, [col(Escort.status).in_(escorts.OPEN), col(Escort.start) > desk.now], "start"),
        (HerbDelivery, [col(HerbDelivery.status).not_in(herbs.ENDED)], "expected_at"),
        (EquipmentLoan, [col(EquipmentLoan.status).in_(loans.OPEN)], "due_at"),
        (Transfer, [col(Transfer.status).in_(transfers.OPEN), col(Transfer.start) > desk.now], "start"),
    )
    for model, is_open, when in kinds:
        theirs = select(model).where(model.hospital_id == desk.hospital_id, condition_of(scope, model, ()))
        for one in desk.session.exec(theirs.where(*is_open).order_by(col(model.id))):
            found.append(OpenRecord(model.__tablename__, one.id, one.order_number, getattr(one, when)))
    return found


def erase(desk: Desk, *, scope: Scope, reason: str, cancel_open: bool = False) -> Erasure:
    """Takes out who it was and what was said; again, it changes nothing. Not to be undone.

    Raises ``NotAllowed`` with ``records``: code ``open_records`` where something is still to happen and
    ``cancel_open`` is not said, ``under_way`` where it can no longer be cancelled (a patient who has arrived, herbs
    with the courier): then it must come to its end first. Roll back when it raises.
    """
    if scope.erased:
        return Erasure(False)
    for contact_id in scope.contact_ids:
        get_record(desk, Contact, contact_id, lock=True)  # no turn of theirs meanwhile
    cancelled = _cancel_open(desk, scope, cancel_open)
    redaction = Redaction(_identity(desk, scope))
    if desk.session.get_bind().dialect.name == "sqlite":
        desk.session.connection().exec_driver_sql("PRAGMA secure_delete = ON")  # overwrite, not only unlink
    counts: Counter[str] = Counter()
    subjects: list[str] = []
    for holding in HOLDINGS:
        rows = list(find_rows(desk, scope, holding, subjects))
        subjects += [one.subject for one in rows]
        for one in rows:
            _empty(desk, holding, one)
        counts[str(holding.model.__tablename__)] += len(rows)
        desk.session.flush()
    if not scope.whole:
        _redact_talks(desk, scope, redaction)
    _redact_histories(desk, subjects, redaction)
    record_change(desk, record=scope.subject, old="", new=ERASED, reason=redaction.clean(reason.strip()))
    desk.session.flush()
    return Erasure(True, tuple(cancelled), {name: count for name, count in counts.items() if count})


def _cancel_open(desk: Desk, scope: Scope, cancel_open: bool) -> list[OpenRecord]:
    waiting = list_open(desk, scope=scope)
    if waiting and not cancel_open:
        raise NotAllowed("open_records", field="contact", records=tuple(waiting))
    house = desk if desk.actor.startswith("staff") else replace(desk, actor="staff")
    verbs: dict[str, Callable[[OpenRecord], Any]] = {
        "appointment": lambda one: appointments.cancel(house, appointment_id=one.id, reason=ERASED),
        "waitlist": lambda one: waitlist.leave_waitlist(
            house,
            entry_id=one.id,
            contact_id=get_record(desk, WaitlistEntry, one.id).contact_id,
            reason=ERASED,
        ),
        "escort": lambda one: escorts.cancel_escort(house, escort_id=one.id, reason=ERASED),
        "equipment_loan": lambda one: loans.cancel_loan(house, loan_id=one.id, reason=ERASED),
        "transfer": lambda one: transfers.cancel_transfer(house, transfer_id=one.id, reason=ERASED),
        "herb_delivery": lambda one: herbs.cancel_delivery(house, delivery_id=one.id, reason=ERASED),
    }
    stuck = []
    for one in waiting:
        try:
            verbs[one.kind](one)
        except ServiceError:
            stuck.append(one)
    if stuck:
        raise NotAllowed("under_way", field="contact", records=tuple(stuck))
    if scope.whole:
        held = select(Hold.id).where(col(Hold.contact_id).in_(scope.contact_ids), Hold.status == HELD)
        for hold_id in desk.session.exec(held).all():
            holds.release_hold(desk, hold_id=hold_id)
    return waiting


def _identity(desk: Desk, scope: Scope) -> set[str | None]:
    """What names the person: the values that no free text may keep. What is another's too is not only theirs: a phone that
    others use, a guardian's own name."""
    values: set[str | None] = set()
    for patient in scope.patients:
        values |= {patient.name, patient.phone, patient.id_number, patient.birth}
    for follow_up in scope.follow_ups:
        values |= {follow_up.name, follow_up.phone}
    for model, names in ((Escort, ("phone",)), (HerbDelivery, ("address", "phone", "tracking_number"))):
        for row in desk.session.exec(select(model).where(condition_of(scope, model, ()))):
            values |= {getattr(row, name) for name in names}
    if isinstance(scope.subject, Contact):
        return values | {scope.subject.sender, scope.subject.display_name}
    theirs = select(Patient).where(
        col(Patient.contact_id).in_(scope.contact_ids),
        col(Patient.id).not_in([one.id for one in scope.patients]),
    )
    others = desk.session.exec(theirs).all()
    guardians = {each for one in scope.patients for each in (one.guardian_name, one.guardian_id_number)}
    values |= guardians - {each for one in others for each in (one.name, one.id_number)}
    return values - {one.phone for one in others}


def _open(holding: Holding, record: Any) -> dict[str, Any]:
    entry: dict[str, Any] = {}
    for name in type(record).model_fields:
        value = getattr(record, name)
        if name == "hospital_id" or name in holding.hidden or value is None:
            continue
        if name == "body" and holding.model is ComplaintPicture:
            value = base64.b64encode(unseal(value, holding.sealed)).decode()
        elif name == "body":
            value = orjson.loads(unseal(value, holding.sealed))
        elif name in JSON:
            value = orjson.loads(value)
        entry[name] = _plain(value)
    return entry


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value


def _empty(desk: Desk, holding: Holding, record: Any) -> None:
    if holding.removed:
        desk.session.delete(record)
        return
    if holding.ends is not None and record.status in holding.ends[0]:
        if "ended_at" in type(record).model_fields:
            record.ended_at = desk.now
        change_state(desk, record=record, new=holding.ends[1], reason=ERASED)
    for name, value in holding.emptied.items():
        setattr(record, name, value(desk, record) if callable(value) else value)
    for name in ("reason", "ended_reason"):
        if getattr(record, name, None):
            setattr(record, name, Redaction(()).clean_reason(getattr(record, name)) or ERASED)
    desk.session.add(record)


def _redact_talks(desk: Desk, scope: Scope, redaction: Redaction) -> None:
    """Of one human being: where the contacts' own words, or ours, name him, he is no longer named."""
    for holding in HOLDINGS:
        model: Any = holding.model
        if "contact_id" not in model.model_fields or model in (Patient, FollowUp):
            continue
        sealed = [name for name, column in model.__table__.c.items() if isinstance(column.type, Encrypted)]
        query = select(model).where(col(model.contact_id).in_(scope.contact_ids))
        for one in desk.session.exec(query):
            if model is ConversationState and not one.paused:
                desk.session.delete(one)  # it may be about to act for him: the next words begin anew
                continue
            named = [name for name in sealed if redaction.finds(getattr(one, name) or "")]
            for name in named:
                setattr(one, name, redaction.clean(getattr(one, name)))
            if model is ComplaintPicture:
                continue  # nothing to read in it
            if holding.sealed and redaction.finds(text := unseal(one.body, holding.sealed).decode()):
                one.body = seal(redaction.clean(text).encode(), holding.sealed)
                if model is OutboxMessage and one.status == QUEUED:
                    one.status, one.error, one.ended_at = DROPPED, ERASED, desk.now
            desk.session.add(one)
    for contact in desk.session.exec(select(Contact).where(col(Contact.id).in_(scope.contact_ids))):
        if contact.display_name and redaction.finds(contact.display_name):
            contact.display_name = None
            desk.session.add(contact)
    desk.session.flush()


def _redact_histories(desk: Desk, subjects: Sequence[str], redaction: Redaction) -> None:
    """States, times and who acted stay; of the reasons only what the program wrote, and audits without names."""
    for change in find_history(desk, StateChange, subjects):
        change.reason = redaction.clean_reason(change.reason)
        desk.session.add(change)
    for look in find_history(desk, Reveal, subjects):
        look.reason = redaction.clean(look.reason)
        desk.session.add(look)
    desk.session.flush()


def _by_record(desk: Desk, model: Any, subjects: Sequence[str]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for one in find_history(desk, model, subjects):
        found.setdefault(one.record, []).append(one)
    return found
