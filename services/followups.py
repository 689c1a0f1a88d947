"""Follow-ups after discharge: a plan's questions on its days, until answered, stopped or over.

A `FollowUp` is one discharge under a plan, a `FollowUpTask` one day of it. The rows say what is due; the clock asks
`services/rounds.py`. Each step is useful until the next one is due (the last for `LAST_STEP_DAYS`): a
discharge imported late skips what is past, and staff see it. Red flags in any answer raise an alarm.

A discharge names a person (phone, ID number), not a contact: whoever registered that person is asked, and where
nobody has yet, each look of the clock tries again, until the step is over and it goes to the nurse's board.

Above 300 lines because enrolling, linking and stopping change the same two tables in step; answering stands in
``services/answers.py``, the import of a list in ``services/discharges.py``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple

import orjson
import sqlalchemy as sa
from pydantic import NaiveDatetime
from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, col, select

from knowledge import Hospital
from knowledge.schema import FollowupPlan, FollowupStep
from services.contacts import Contact
from services.database import Encrypted, Record, blind, insert_new
from services.desk import Desk
from services.errors import Invalid, NotFound
from services.finding import list_records
from services.history import change_state, record_change
from services.identity import mask_name, mask_phone, parse_id_number, parse_name, parse_phone
from services.patients import Patient, give_consent, has_consent, withdraw_consent
from services.promises import cancel_promises

ACTIVE, COMPLETED, STOPPED = "active", "completed", "stopped"
WAITING, SENT, ANSWERED, UNANSWERED, UNREACHED, SKIPPED, CANCELLED, CALLED = (
    "waiting",
    "sent",
    "answered",
    "unanswered",
    "unreached",
    "skipped",
    "cancelled",
    "called",
)
BOARD = (UNANSWERED, UNREACHED, SKIPPED)
"""Steps a nurse should take up by telephone."""
LAST_STEP_DAYS = 3
OPT_OUT = "follow_up_stopped"
"""Purpose of the consent record that says 退订."""


class FollowUp(Record, table=True):
    __tablename__ = "follow_up"
    __table_args__ = (UniqueConstraint("hospital_id", "external_id"),)

    external_id: str = Field(max_length=200)
    """The discharge's own number in the hospital's system."""
    contact_id: int | None = Field(default=None, foreign_key="contact.id", index=True)
    patient_id: int | None = Field(default=None, foreign_key="patient.id")
    name: str = Field(sa_type=Encrypted("follow_up.name"))
    phone: str = Field(sa_type=Encrypted("follow_up.phone"))
    phone_index: str = Field(max_length=40, index=True)
    person: str | None = Field(default=None, max_length=40, index=True)
    """Blind index of the ID number, as in `Patient`."""
    department: str = Field(default="", max_length=40)
    diagnosis: str = Field(default="", sa_type=Encrypted("follow_up.diagnosis"))
    discharged_on: dt.date
    plan: str = Field(max_length=60)
    status: str = Field(default=ACTIVE, max_length=12)

    @property
    def masked_name(self) -> str:
        return mask_name(self.name)

    @property
    def masked_phone(self) -> str:
        return mask_phone(self.phone)


class FollowUpTask(Record, table=True):
    __tablename__ = "follow_up_task"
    __table_args__ = (
        UniqueConstraint("follow_up_id", "day"),
        Index("ix_follow_up_task_due", "hospital_id", "status", "due_at"),
    )

    follow_up_id: int = Field(foreign_key="follow_up.id", index=True)
    day: int
    due_at: NaiveDatetime
    until: NaiveDatetime
    """From here on the next step takes its place."""
    status: str = Field(default=WAITING, max_length=12)
    level: str = Field(default="ok", max_length=10)
    """The gravest of its answers, or how a nurse who telephoned found it: ``ok``, ``notice``, ``alarm``."""
    answers: str = Field(default="{}", sa_type=Encrypted("follow_up_task.answers"))
    """JSON: question id → {value, text, level}, in the order asked."""
    calls: str | None = Field(default=None, sa_type=Encrypted("follow_up_task.calls"))
    """JSON: what nurses heard on the telephone, ``[{at, actor, reached, said, level}]``, oldest first."""
    sent_at: NaiveDatetime | None = None
    reminded_at: NaiveDatetime | None = None
    ended_at: NaiveDatetime | None = None

    @property
    def answered(self) -> dict[str, dict[str, Any]]:
        return orjson.loads(self.answers)

    @property
    def telephoned(self) -> list[dict[str, Any]]:
        return orjson.loads(self.calls) if self.calls else []


class Enrolment(NamedTuple):
    follow_up: FollowUp
    new: bool
    """False where this discharge was known before; then nothing was changed."""


def enrol(
    desk: Desk,
    *,
    external_id: str,
    name: str,
    phone: str,
    discharged_on: dt.date,
    id_number: str | None = None,
    department: str = "",
    diagnosis: str = "",
    plan: str | None = None,
) -> Enrolment:
    """Puts a discharge under a plan (the one named, else by diagnosis and department, else the general one).

    Idempotent by ``external_id``, also for a discharge that was erased: the list imported again does not bring it back. Raises `Invalid` (fields ``external_id``, ``patient_name``, ``phone``, ``id_number``,
    ``date``, ``department``, ``plan``) before anything is written.
    """
    external_id = external_id.strip()
    if not 1 <= len(external_id) <= 200:
        raise Invalid("missing" if not external_id else "length", field="external_id")
    name, phone = parse_name(name), parse_phone(phone)
    person = blind(parse_id_number(id_number).text, "person") if id_number else None
    if not desk.now.date() - dt.timedelta(days=366) <= discharged_on <= desk.now.date():
        raise Invalid("date", field="date", value=discharged_on.isoformat())
    if department:
        found = desk.hospital.find_department(department)
        if found is None:
            names = [one.name for one in desk.hospital.departments]
            raise Invalid("unknown_department", field="department", value=department, allowed=names)
        department = found.name
    chosen = get_plan(desk.hospital, plan) if plan else choose_plan(desk.hospital, diagnosis, department)
    row = {
        "hospital_id": desk.hospital_id,
        "created_at": desk.now,
        "external_id": external_id,
        "name": name,
        "phone": phone,
        "phone_index": blind(phone, "phone"),
        "person": person,
        "department": department,
        "diagnosis": diagnosis[:500],
        "discharged_on": discharged_on,
        "plan": chosen.id,
        "status": ACTIVE,
    }
    erased = _find_discharge(desk, erased_id(external_id))
    if erased is not None:
        return Enrolment(erased, False)
    new = insert_new(desk.session, FollowUp, row).rowcount == 1
    follow_up = _find_discharge(desk, external_id)
    assert follow_up is not None
    if new:
        record_change(desk, record=follow_up, old="", new=ACTIVE)
        _add_tasks(desk, follow_up, chosen)
        link_contact(desk, follow_up)
    return Enrolment(follow_up, new)


def erased_id(external_id: str) -> str:
    """What stands in place of a discharge's number once its person was erased; the number cannot be read from it."""
    return f"erased:{blind(external_id, 'discharge')}"


def _find_discharge(desk: Desk, external_id: str) -> FollowUp | None:
    query = select(FollowUp).where(
        FollowUp.hospital_id == desk.hospital_id, FollowUp.external_id == external_id
    )
    return desk.session.exec(query).one_or_none()


def choose_plan(hospital: Hospital, diagnosis: str, department: str) -> FollowupPlan:
    """The first plan with a word of the diagnosis, then of the department, then the one that asks for neither."""
    plans = hospital.followup_plans
    for fits in (
        lambda one: any(word in diagnosis for word in one.match),
        lambda one: not one.match and department in one.departments,
        lambda one: not one.match and not one.departments,
    ):
        if chosen := next((one for one in plans if fits(one)), None):
            return chosen
    raise Invalid("unknown_plan", field="plan")


def get_plan(hospital: Hospital, plan: str) -> FollowupPlan:
    for one in hospital.followup_plans:
        if plan in (one.id, one.name):
            return one
    names = [one.name for one in hospital.followup_plans]
    raise Invalid("unknown_plan", field="plan", value=plan, allowed=names)


def stop_followups(desk: Desk, *, contact_id: int) -> int:
    """退订: no more questions to this contact, now or for a later discharge; returns how many were stopped."""
    give_consent(desk, contact_id=contact_id, purpose=OPT_OUT, wording="退订")
    return sum(_stop(desk, one) for one in list_followups(desk, contact_id=contact_id, status=ACTIVE))


def resume_followups(desk: Desk, *, contact_id: int) -> bool:
    """Later discharges are asked about again; what was stopped stays stopped."""
    return withdraw_consent(desk, contact_id=contact_id, purpose=OPT_OUT)


def list_followups(
    desk: Desk, *, contact_id: int | None = None, status: str | None = None, limit: int = 200
) -> list[FollowUp]:
    """Newest first."""
    return list_records(desk, FollowUp, contact_id=contact_id, status=status, limit=limit)


def list_tasks(
    desk: Desk,
    *,
    follow_up_id: int | None = None,
    statuses: Sequence[str] = (),
    levels: Sequence[str] = (),
    limit: int = 200,
) -> list[FollowUpTask]:
    """In the order of their days; ``statuses=BOARD`` is what a nurse takes up by telephone."""
    order = (col(FollowUpTask.due_at), col(FollowUpTask.id))
    return list_records(
        desk,
        FollowUpTask,
        order=order,
        follow_up_id=follow_up_id,
        status=statuses or None,
        level=levels or None,
        limit=limit,
    )


def get_follow_up(desk: Desk, *, follow_up_id: int) -> FollowUp:
    one = desk.session.get(FollowUp, follow_up_id)
    if one is None or one.hospital_id != desk.hospital_id:
        raise NotFound(field="follow_up", value=follow_up_id)
    return one


def get_task(desk: Desk, *, task_id: int, contact_id: int | None = None) -> FollowUpTask:
    """Raises `NotFound` also where the task is another contact's."""
    task = desk.session.get(FollowUpTask, task_id, populate_existing=True)
    if task is None or task.hospital_id != desk.hospital_id:
        raise NotFound(field="record", value=task_id)
    if (
        contact_id is not None
        and get_follow_up(desk, follow_up_id=task.follow_up_id).contact_id != contact_id
    ):
        raise NotFound(field="record", value=task_id)
    return task


def find_open_task(desk: Desk, *, contact_id: int) -> FollowUpTask | None:
    """The step last asked of this contact and not yet answered to the end."""
    query = (
        select(FollowUpTask)
        .join(FollowUp, col(FollowUp.id) == col(FollowUpTask.follow_up_id))
        .where(
            FollowUpTask.hospital_id == desk.hospital_id,
            FollowUp.contact_id == contact_id,
            FollowUpTask.status == SENT,
        )
    )
    return desk.session.exec(query.order_by(col(FollowUpTask.due_at).desc()).limit(1)).first()


def get_step(desk: Desk, *, task: FollowUpTask) -> tuple[FollowupPlan, FollowupStep]:
    plan = get_plan(desk.hospital, get_follow_up(desk, follow_up_id=task.follow_up_id).plan)
    for step in plan.steps:
        if step.day == task.day:
            return plan, step
    raise NotFound("unknown_step", field="day", value=task.day)


def describe_followup(desk: Desk, follow_up: FollowUp) -> dict[str, Any]:
    """In the slots of the contract, for ``records`` and the API."""
    tasks = list_tasks(desk, follow_up_id=follow_up.id)
    return {
        "patient_name": follow_up.name,
        "phone": follow_up.masked_phone,
        "department": follow_up.department,
        "date": follow_up.discharged_on.isoformat(),
        "plan": follow_up.plan,
        "tasks": [
            {"day": one.day, "status": one.status, "level": one.level, "due_at": one.due_at.isoformat()}
            for one in tasks
        ],
    }


def finish_task(desk: Desk, *, task: FollowUpTask) -> None:
    """All its questions are answered."""
    if move_task(desk, task, SENT, ANSWERED, ended_at=desk.now):
        cancel_promises(desk, subject=task.subject)
        complete_if_over(desk, get_follow_up(desk, follow_up_id=task.follow_up_id))


def _add_tasks(desk: Desk, follow_up: FollowUp, plan: FollowupPlan) -> None:
    steps = sorted(plan.steps, key=lambda one: one.day)
    dues = [
        dt.datetime.combine(follow_up.discharged_on + dt.timedelta(days=one.day), plan.send_at)
        for one in steps
    ]
    ends = [*dues[1:], dues[-1] + dt.timedelta(days=LAST_STEP_DAYS)]
    tasks = [
        FollowUpTask(
            hospital_id=desk.hospital_id,
            created_at=desk.now,
            follow_up_id=follow_up.id,
            day=step.day,
            due_at=due,
            until=until,
            status=SKIPPED if until <= desk.now else WAITING,
            ended_at=desk.now if until <= desk.now else None,
        )
        for step, due, until in zip(steps, dues, ends, strict=True)
    ]
    desk.session.add_all(tasks)
    desk.session.flush()
    for task in tasks:
        record_change(desk, record=task, old="", new=task.status)
    desk.session.flush()
    complete_if_over(desk, follow_up)


def link_contact(desk: Desk, follow_up: FollowUp) -> int | None:
    """The contact who registered the person: name and ID number (without one, name and phone) must both fit.

    Of several contacts the one with the discharge's phone is asked, 本人 before a relative; where none has it nobody
    is: the nurse's board is better than the wrong person.
    """
    query = select(Patient).where(Patient.hospital_id == desk.hospital_id, col(Patient.active).is_(True))
    same = (
        query.where(Patient.person == follow_up.person)
        if follow_up.person
        else query.where(Patient.phone_index == follow_up.phone_index)
    )
    found = [one for one in desk.session.exec(same) if one.name == follow_up.name]
    if len({one.contact_id for one in found}) > 1:
        found = [one for one in found if one.phone_index == follow_up.phone_index]
    found.sort(key=lambda one: (one.relation != "本人", -one.id))
    for patient in found:
        contact = desk.session.get(Contact, patient.contact_id)
        if contact is None or not contact.reachable:
            continue
        follow_up.contact_id, follow_up.patient_id = contact.id, patient.id
        desk.session.add(follow_up)
        desk.session.flush()
        if has_consent(desk, contact_id=contact.id, purpose=OPT_OUT):
            _stop(desk, follow_up)
            return None
        return contact.id
    return None


def _stop(desk: Desk, follow_up: FollowUp) -> int:
    for task in list_tasks(desk, follow_up_id=follow_up.id, statuses=(WAITING, SENT)):
        move_task(desk, task, task.status, CANCELLED, ended_at=desk.now)
        cancel_promises(desk, subject=task.subject)
    change_state(desk, record=follow_up, new=STOPPED, reason="opt_out")
    return 1


def complete_if_over(desk: Desk, follow_up: FollowUp) -> None:
    """Over when no step is left to ask or to answer."""
    if follow_up.status == ACTIVE and not list_tasks(
        desk, follow_up_id=follow_up.id, statuses=(WAITING, SENT), limit=1
    ):
        change_state(desk, record=follow_up, new=COMPLETED)


def move_task(
    desk: Desk, task: FollowUpTask, old: str, new: str, *, reason: str | None = None, **values: Any
) -> bool:
    """True for the one who moved it."""
    query = (
        sa.update(FollowUpTask)
        .where(col(FollowUpTask.id) == task.id, col(FollowUpTask.status) == old)
        .values(status=new, **values)
        .execution_options(synchronize_session=False)
    )
    won = desk.session.execute(query).rowcount == 1  # type: ignore[attr-defined]
    if won:
        record_change(desk, record=task, old=old, new=new, reason=reason)
        desk.session.flush()
        desk.session.refresh(task)
    return won
