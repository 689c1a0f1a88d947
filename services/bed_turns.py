"""Whose turn it is for a bed: the urgent first, then in order of registration; who let a bed go waits from then on.

A bed that is free is given to the first in line whom it fits (his department's wards, the sex of the room), by the clock, so
that none stays idle while somebody waits. Staff may call another first, and say why.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlmodel import col, select

from knowledge.schema import Line, LineState
from services.beds import FREE, Bed, Need, find_free_beds, make_beds, read_need
from services.desk import Desk
from services.errors import Invalid
from services.requests import OPEN, ServiceRequest

MOST = 1000


def rank_request(request: ServiceRequest) -> tuple[bool, dt.datetime, int]:
    """The order of waiting."""
    passed = request.slots.get("passed_at")
    since = dt.datetime.fromisoformat(passed) if passed else request.created_at
    return not request.urgent, since, request.id


def list_waiting(desk: Desk, *, line: Line) -> list[ServiceRequest]:
    """Who waits for a bed, the next first."""
    stages = [state.id for state in line.states if state.bed == "wait"]
    query = select(ServiceRequest).where(
        ServiceRequest.hospital_id == desk.hospital_id,
        ServiceRequest.kind == line.kind,
        col(ServiceRequest.status).in_(OPEN),
        ServiceRequest.line == line.id,
        col(ServiceRequest.stage).in_(stages),
    )
    found = desk.session.exec(query.limit(MOST).execution_options(populate_existing=True))
    return sorted(found, key=rank_request)


def count_ahead(desk: Desk, *, request: ServiceRequest) -> int:
    """How many of the same department come before this one: the answer to 「排到我了吗」."""
    line = desk.hospital.find_line(request.line)
    if line is None:
        return 0
    rank, department = rank_request(request), request.slots.get("department")
    return sum(
        rank_request(one) < rank and one.slots.get("department") == department
        for one in list_waiting(desk, line=line)
    )


def check_turn(desk: Desk, *, line: Line, request: ServiceRequest, reason: str | None) -> None:
    """Raises ``Invalid("out_of_turn")`` with field ``reason`` where somebody before him could have a bed now, and staff
    do not say why this one is called first."""
    if (reason or "").strip():
        return
    make_beds(desk)
    rank = rank_request(request)
    for one in list_waiting(desk, line=line):
        if rank_request(one) >= rank:
            return
        if find_free_beds(desk, need=read_need(desk, one)):
            raise Invalid("out_of_turn", field="reason", value=one.order_number)


def find_turns(desk: Desk) -> Sequence[tuple[ServiceRequest, LineState]]:
    """Who is to be called now, in order, and the state that calls: those for whom a bed is free, by a line that lets the
    clock call."""
    make_beds(desk)
    if not _has_free(desk):
        return []
    turns: list[tuple[ServiceRequest, LineState]] = []
    for line in desk.hospital.lines:
        calls = [state for state in line.states if state.bed == "reserve" and "clock" in state.by]
        if not calls:
            continue
        full: set[Need] = set()
        for one in list_waiting(desk, line=line):
            need = read_need(desk, one)
            goal = next((state for state in calls if state.id in line.get_state(one.stage).next), None)
            if goal is None or need in full:
                continue
            if find_free_beds(desk, need=need):
                turns.append((one, goal))
            else:
                full.add(need)
    return turns


def _has_free(desk: Desk) -> bool:
    query = select(Bed.id).where(Bed.hospital_id == desk.hospital_id, Bed.status == FREE).limit(1)
    return desk.session.exec(query).first() is not None
