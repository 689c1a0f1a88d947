"""The queue of service lines at the console: whatever a form offers can be done with what the form asks for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial

import pytest
from sqlmodel import Session

from bot.console.beds import list_wards
from bot.console.boards import BOARDS, Field
from bot.house import House
from bot.transcripts import Theatre
from knowledge.schema import Line, LineState
from services import Desk, ServiceError, beds
from services.requests import ServiceRequest
from services.staff import add_staff
from tests.conftest import NOW
from tests.services.builders import make_patient


@pytest.fixture(scope="module")
def house(theatre: Theatre) -> Iterator[House]:
    with theatre.stage(NOW) as (house, _):
        house.writers.transaction(
            lambda session: add_staff(house.desk(session), login="fuwu", name="覃服务", role="manager")
        )
        yield house


def fill_in(one: Field) -> str:
    """An answer to a field, and none where none is required."""
    if not one.required:
        return ""
    usual = {"date": "2026-03-13", "time": "09:30"}
    return one.choices[0] if one.choices else usual.get(one.kind, "写了一句")


class Undone(Exception):
    """Raised at the end of a try, so that nothing of it stays."""


def stand_at(desk: Desk, line: Line, state: LineState) -> ServiceRequest:
    """A request of the line that has come so far."""
    patient = make_patient(desk)
    request = ServiceRequest(
        hospital_id=desk.hospital_id,
        created_at=desk.now,
        contact_id=patient.contact_id,
        patient_id=patient.id if line.patient else None,
        kind=line.kind,
        order_number="FW-1",
        line=line.id,
        stage=state.id,
        status=state.status,
        stage_at=desk.now,
        team=line.team.id,
        values='{"department": "骨科", "date": "2026-03-13", "phone": "10000001234"}',
    )
    desk.session.add(request)
    desk.session.flush()
    if state.bed in ("reserve", "occupy"):
        beds.reserve_bed(desk, request=request)
    return request


def test_every_step_that_a_form_offers_can_be_taken(house: House) -> None:
    board, failed, tried = BOARDS["requests"], list[str](), 0

    def attempt(session: Session, line: Line, state: LineState, wanted: int) -> None:
        nonlocal tried
        desk = house.desk(session, actor="staff:1")
        request = stand_at(desk, line, state)
        card = next(one for one in board.cards(desk, kind="all") if one.id == request.id)
        if wanted < len(card.moves):
            move, tried = card.moves[wanted], tried + 1
            given = {field.name: fill_in(field) for field in move.fields}
            try:
                board.move(
                    desk, card_id=request.id, stage=move.stage, fields=given, staff_id=1, role="manager"
                )
            except ServiceError as error:
                failed.append(f"{line.id}: {state.id} → {move.stage}: {error.code} {error.field}")
        raise Undone

    for line in house.hospital.lines:
        for state in line.states:
            for wanted in range(len(state.next)):
                with suppress(Undone):
                    house.writers.transaction(partial(attempt, line=line, state=state, wanted=wanted))
    assert failed == []
    assert tried > 2 * len(house.hospital.lines)


def test_the_wards_show_what_is_free_kept_and_waited_for(house: House) -> None:
    line = house.hospital.find_line("pre_admission")
    assert line is not None

    def look(session: Session) -> None:
        desk = house.desk(session, actor="staff:1")
        before = {one.id: one for one in list_wards(desk)}
        stand_at(desk, line, line.get_state("called"))
        stand_at(desk, line, line.get_state("waiting"))
        after = {one.id: one for one in list_wards(desk)}
        own = before["IPD-8F-ORTH"]
        assert (own.free, own.reserved, own.waiting) == (10, 0, 0)
        assert after["IPD-8F-ORTH"] == replace(own, free=9, reserved=1, waiting=1)
        assert after["IPD-9F-CARD"] == before["IPD-9F-CARD"]
        raise Undone

    with suppress(Undone):
        house.writers.transaction(look)
    assert house.read_now(list_wards)[0].occupied == 0  # looking writes nothing
