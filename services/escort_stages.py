"""The accompanied visit step by step (met, registration, consultation … way home): ticked by the escort, read by the
family. The steps are those of ``escort.yml``; they may be skipped and come again (a second examination), and one ticked
by mistake is taken back."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Index
from sqlmodel import Field, col, select

from knowledge.schema import EscortStage
from services.database import Record
from services.desk import Desk
from services.errors import Invalid, NotAllowed, WrongState
from services.escorts import ACCEPTED, COMPLETED, IN_PROGRESS, Escort, advance_escort, describe_escort
from services.finding import get_record
from services.history import change_state, record_change
from services.patients import Patient
from services.promises import cancel_promises, tell


class EscortStep(Record, table=True):
    __tablename__ = "escort_step"
    __table_args__ = (Index("ix_escort_step_escort", "escort_id"),)

    escort_id: int = Field(foreign_key="escort.id")
    step: str = Field(max_length=20)
    actor: str = Field(max_length=60)


@dataclass(frozen=True, slots=True)
class Step:
    at: dt.datetime
    stage: EscortStage
    actor: str


def get_stage(desk: Desk, step: str) -> EscortStage:
    for one in desk.hospital.escort.stages:
        if one.id == step:
            return one
    allowed = [one.id for one in desk.hospital.escort.stages]
    raise Invalid("unknown_stage", field="step", value=step, allowed=allowed)


def tick_step(desk: Desk, *, escort_id: int, step: str, reason: str | None = None) -> EscortStep:
    """The visit has reached a step; the first begins it. The family is told where the rules say so.

    The step already reached changes nothing. Raises ``WrongState`` before somebody is assigned or after the end.
    """
    stage = get_stage(desk, step)
    escort = get_record(desk, Escort, escort_id, lock=True)
    if escort.status == ACCEPTED:
        escort = advance_escort(desk, escort_id=escort_id, status=IN_PROGRESS)
    if escort.status != IN_PROGRESS:
        raise WrongState(escort.status, field="status", value=step)
    latest = find_step(desk, escort_id=escort_id)
    if latest is not None and latest.step == step:
        return latest
    row = EscortStep(
        hospital_id=desk.hospital_id, created_at=desk.now, escort_id=escort_id, step=step, actor=desk.actor
    )
    desk.session.add(row)
    desk.session.flush()
    record_change(desk, record=row, old=latest.step if latest else "", new=step, reason=reason)
    if stage.tell:
        cancel_promises(desk, subject=escort.subject, kind="escort_step")  # the latest news only
        _tell(desk, escort, kind="escort_step")
    desk.session.flush()
    return row


def take_back_step(desk: Desk, *, escort_id: int, reason: str) -> Escort:
    """What was ticked last was a mistake: the end, a step, or with the first step the beginning itself, and then the
    patient is met as it was arranged. Whoever was told of it hears that it was not so (kind ``escort_corrected``).

    Raises ``Invalid("missing")`` without a reason, ``WrongState`` where nothing was ticked, ``NotAllowed("too_late")`` on
    a later day than the escort's or once the patient has rated it.
    """
    if not reason.strip():
        raise Invalid("missing", field="reason")
    escort = get_record(desk, Escort, escort_id, lock=True)
    if escort.status not in (IN_PROGRESS, COMPLETED):
        raise WrongState(escort.status, field="status", value=ACCEPTED)
    if escort.rating is not None or desk.now.date() > escort.start.date():
        raise NotAllowed("too_late", field="escort", value=escort_id)
    if escort.status == COMPLETED:  # all that has come of it is a question of how it was
        cancel_promises(desk, subject=escort.subject, kind="escort_rating")
        change_state(desk, record=escort, new=IN_PROGRESS, reason=reason)
        return escort
    told = False
    if (row := find_step(desk, escort_id=escort_id)) is not None:
        told = get_stage(desk, row.step).tell and not _recall(desk, escort, kind="escort_step")
        record_change(desk, record=row, old=row.step, new="undone", reason=reason)
        desk.session.delete(row)
        desk.session.flush()
    if find_step(desk, escort_id=escort_id) is not None:
        record_change(desk, record=escort, old=IN_PROGRESS, new=IN_PROGRESS, reason=f"undone step: {reason}")
    elif _recall(desk, escort, kind="escort_changed"):
        change_state(desk, record=escort, new=ACCEPTED, reason=reason)
        _tell(desk, escort, kind="escort_changed")  # it says what holds now: who comes, and where they meet
    else:
        change_state(desk, record=escort, new=ACCEPTED, reason=reason)
        told = True
    if told:
        _tell(desk, escort, kind="escort_corrected")
    desk.session.flush()
    return escort


def _recall(desk: Desk, escort: Escort, *, kind: str) -> bool:
    """Whether the news could still be taken back before the patient read it."""
    return cancel_promises(desk, subject=escort.subject, kind=kind) > 0


def _tell(desk: Desk, escort: Escort, *, kind: str) -> None:
    patient = desk.session.get_one(Patient, escort.patient_id)
    tell(
        desk,
        contact_id=escort.contact_id,
        kind=kind,
        subject=escort.subject,
        slots=describe_escort(escort, patient),
        urgent=True,
        within=dt.timedelta(hours=3),
    )


def find_step(desk: Desk, *, escort_id: int) -> EscortStep | None:
    """The step the visit is at."""
    query = select(EscortStep).where(
        EscortStep.hospital_id == desk.hospital_id, EscortStep.escort_id == escort_id
    )
    return desk.session.exec(query.order_by(col(EscortStep.id).desc()).limit(1)).first()


def list_steps(desk: Desk, *, escort_id: int) -> list[Step]:
    """Those reached, oldest first; a step that the rules no longer know is left out."""
    query = select(EscortStep).where(
        EscortStep.hospital_id == desk.hospital_id, EscortStep.escort_id == escort_id
    )
    known = {one.id: one for one in desk.hospital.escort.stages}
    rows = desk.session.exec(query.order_by(col(EscortStep.id)))
    return [Step(row.created_at, known[row.step], row.actor) for row in rows if row.step in known]
