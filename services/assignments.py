"""Who escorts whom: by rule (training valid, on shift, free, right skill; then dialect and load), or by a person who
overrules it and says why.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Index
from sqlmodel import Field, col, select

from services.companions import Companion, get_companion, is_fit, is_on_shift, list_companions
from services.database import Record
from services.desk import Desk
from services.errors import Invalid, NotAllowed, WrongState
from services.escort_needs import choose_plan
from services.escorts import (
    ACCEPTED,
    OPEN,
    REQUESTED,
    Escort,
    advance_escort,
    read_needs,
)
from services.finding import get_record, list_records
from services.history import change_state, record_change
from services.waygraph import get_map

ASSIGNED, RELEASED = "assigned", "released"
STANDS = (
    Index("ix_escort_assignment_escort", "escort_id"),
    Index("ix_escort_assignment_who", "companion_id"),
)


class EscortAssignment(Record, table=True):
    """One escort has one companion, or several where a stretcher or oxygen wants them; the first leads."""

    __tablename__ = "escort_assignment"
    __table_args__ = STANDS

    escort_id: int = Field(foreign_key="escort.id")
    companion_id: int = Field(foreign_key="companion.id")
    status: str = Field(default=ASSIGNED, max_length=10)
    leads: bool = True


@dataclass(frozen=True, slots=True)
class Candidate:
    companion: Companion
    obstacles: tuple[str, ...] = ()
    """Why the rule would not take him: ``closed``, ``training``, ``shift``, ``campus``, ``busy``, ``full_day``."""
    speaks: bool = False
    load: int = 0
    """Visits of that day."""

    @property
    def fits(self) -> bool:
        return not self.obstacles


def list_candidates(desk: Desk, *, escort: Escort) -> list[Candidate]:
    """Everybody on the roster, the best first: who fits, speaks the patient's language, has least to do that day."""
    rules = desk.hospital.escort.assignment
    end = escort.start + dt.timedelta(minutes=rules.visit_minutes)
    visits = _list_visits(desk, escort.start.date(), besides=escort.id)
    campus = _find_campus(desk, escort.place)
    found = []
    for one in list_companions(desk, duty="escort"):
        mine = visits.get(one.id, [])
        obstacles = []
        if one.status != "active":
            obstacles.append("closed")
        if not is_fit(one, escort.start.date()) and one.status == "active":
            obstacles.append("training")
        if not is_on_shift(one, escort.start):
            obstacles.append("shift")
        if campus is not None and _find_campus(desk, one.post) != campus:
            obstacles.append("campus")
        if any(start < end and escort.start < start + (end - escort.start) for start in mine):
            obstacles.append("busy")
        if len(mine) >= rules.most_a_day:
            obstacles.append("full_day")
        found.append(
            Candidate(
                one, tuple(obstacles), bool(escort.speech) and one.has("languages", escort.speech), len(mine)
            )
        )
    return sorted(
        found,
        key=lambda one: (
            len(one.obstacles),
            not one.speaks,
            one.load,
            one.companion.kind != "volunteer",
            one.companion.id,
        ),
    )


def _find_campus(desk: Desk, place: str) -> str | None:
    """``None`` for a meeting point that is no place of the map: then no campus is ruled out."""
    found = desk.hospital.find_places(place)
    return get_map(desk.hospital).campus(found[0]) if found else None


def _list_visits(desk: Desk, day: dt.date, *, besides: int) -> dict[int, list[dt.datetime]]:
    """Of each companion the hours of that day's visits that are still to come or under way, or were done."""
    midnight = dt.datetime.combine(day, dt.time())
    query = select(EscortAssignment.companion_id, Escort.start).where(
        EscortAssignment.hospital_id == desk.hospital_id,
        EscortAssignment.status == ASSIGNED,
        EscortAssignment.escort_id == Escort.id,
        Escort.id != besides,
        Escort.start >= midnight,
        Escort.start < midnight + dt.timedelta(days=1),
        col(Escort.status).in_((*OPEN, "completed")),
    )
    visits: dict[int, list[dt.datetime]] = {}
    for companion_id, start in desk.session.exec(query):
        visits.setdefault(companion_id, []).append(start)
    return visits


def choose_companions(desk: Desk, *, escort: Escort) -> list[Candidate]:
    """Whom the rule sends, the leader first; empty where it finds too few, or nobody with a skill that is needed."""
    plan = choose_plan(desk.hospital.escort, needs=read_needs(escort.special_need), answers=escort.risks)
    fitting = [one for one in list_candidates(desk, escort=escort) if one.fits]
    chosen: list[Candidate] = []
    for skill in plan.skills:
        if not any(one.companion.has("skills", skill) for one in chosen):
            skilled = next(
                (one for one in fitting if one not in chosen and one.companion.has("skills", skill)), None
            )
            if skilled is None:
                return []
            chosen.append(skilled)
    # Who has every skill spares a second person: tried before people are added for each skill alone.
    able = next(
        (one for one in fitting if all(one.companion.has("skills", skill) for skill in plan.skills)), None
    )
    if able is not None:
        chosen = [able]
    chosen += [one for one in fitting if one not in chosen][: max(0, escort.staff_count - len(chosen))]
    if len(chosen) < escort.staff_count:
        return []
    return sorted(chosen, key=lambda one: not one.speaks)


def assign_escort(
    desk: Desk, *, escort_id: int, companion_ids: Sequence[int] = (), reason: str | None = None
) -> Escort:
    """Assigns by rule, or those named by a person, who says why; the patient is told who comes.

    Named again, others take the place of those assigned before. Raises ``NotAllowed("nobody")`` where the rule finds
    too few, ``Invalid("missing", field="reason")`` where a person overrules without a reason, ``NotAllowed("busy")``
    with ``obstacles`` where one named is closed, without valid training or elsewhere at that hour: no reason makes
    two places one.
    """
    escort = get_record(desk, Escort, escort_id, lock=True)
    if escort.status not in (REQUESTED, ACCEPTED):
        raise WrongState(escort.status, field="status", value=ACCEPTED)
    if companion_ids:
        if not (reason or "").strip():
            raise Invalid("missing", field="reason")
        found = {one.companion.id: one for one in list_candidates(desk, escort=escort)}
        chosen = [
            found.get(one) or Candidate(get_companion(desk, companion_id=one), ("closed",))
            for one in companion_ids
        ]
        for one in chosen:
            hard = [word for word in one.obstacles if word in ("closed", "training", "busy")]
            if hard:
                raise NotAllowed(hard[0], field="companion", value=one.companion.id, obstacles=one.obstacles)
        why = (reason or "").strip()
    else:
        chosen = choose_companions(desk, escort=escort)
        if not chosen:
            raise NotAllowed("nobody", field="companion", value=escort.id)
        lead = chosen[0]
        why = f"rule: {'speaks ' + escort.speech if lead.speaks else 'least load'}, {lead.load} that day"
    for one in chosen:  # two escorts at once would both find him free: who comes second looks again
        get_record(desk, Companion, one.companion.id, lock=True)
    again = {one.companion.id: one for one in list_candidates(desk, escort=escort)}
    if any("busy" in again[one.companion.id].obstacles for one in chosen):
        raise NotAllowed("busy", field="companion")
    release_companions(desk, escort=escort, reason=why)
    if escort.status == ACCEPTED:
        record_change(desk, record=escort, old=ACCEPTED, new=ACCEPTED, reason=f"others: {why}")
    for index, one in enumerate(chosen):
        row = EscortAssignment(
            hospital_id=desk.hospital_id,
            created_at=desk.now,
            escort_id=escort.id,
            companion_id=one.companion.id,
            leads=index == 0,
        )
        desk.session.add(row)
        desk.session.flush()
        record_change(desk, record=row, old="", new=ASSIGNED, reason=why)
    names = "、".join(one.companion.name for one in chosen)
    return advance_escort(
        desk,
        escort_id=escort.id,
        status=ACCEPTED,
        companion=names,
        companion_phone=chosen[0].companion.phone,
        reason=why,
    )


def release_companions(desk: Desk, *, escort: Escort, reason: str) -> None:
    """Those assigned are free for others again."""
    for one in list_assignments(desk, escort_id=escort.id):
        change_state(desk, record=one, new=RELEASED, reason=reason)


def list_assignments(desk: Desk, *, escort_id: int) -> list[EscortAssignment]:
    """Who stands assigned now, the leader first."""
    order = (col(EscortAssignment.leads).desc(), col(EscortAssignment.id))
    return list_records(desk, EscortAssignment, order=order, escort_id=escort_id, status=ASSIGNED, limit=None)


def assign_due_escorts(desk: Desk, *, limit: int = 20) -> int:
    """For the clock: those asked for that begin within ``ahead_hours`` get somebody by rule.

    Where the rule finds nobody, the request stays on the board for a person; returns how many were assigned.
    """
    until = desk.now + dt.timedelta(hours=desk.hospital.escort.assignment.ahead_hours)
    query = select(Escort.id).where(
        Escort.hospital_id == desk.hospital_id,
        Escort.start > desk.now,
        Escort.start <= until,
        Escort.status == REQUESTED,
    )
    done = 0
    for escort_id in list(desk.session.exec(query.order_by(col(Escort.start), col(Escort.id)).limit(limit))):
        try:
            assign_escort(desk, escort_id=escort_id)
        except (NotAllowed, WrongState):
            continue
        done += 1
    return done
