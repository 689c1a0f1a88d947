"""What staff read is Chinese: no name of a state, of a field or of a day as records hold it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bot.api.fhir import get_mapping
from bot.console.affairs import name_state
from bot.console.boards import BOARDS
from bot.console.boards.board import read_steps
from bot.console.talks import read_detail
from bot.house import House
from bot.transcripts import Theatre
from services import Desk, line_states, lines
from services.records import SOURCES
from tests.conftest import NOW
from tests.services.builders import make_patient

FOREIGN = re.compile(r"[a-z]{3,}")


@pytest.fixture
def house(theatre: Theatre) -> Iterator[House]:
    with theatre.stage(NOW) as (house, _):
        yield house


def write(house: House, work: Callable[[Desk], Any]) -> Any:
    return house.writers.call(lambda: house.writers.transaction(lambda session: work(house.desk(session))))


def book_a_nurse(desk: Desk) -> int:
    patient = make_patient(desk)
    values = {"clinic": "stoma", "date": "2026-03-12", "period": "morning", "phone": "10000001234"}
    one = lines.request_line(
        desk, contact_id=patient.contact_id, line="nursing_clinic", patient_id=patient.id, values=values
    )
    line_states.advance_line(
        desk.acting_as("staff:1"), request_id=one.id, stage="accepted", given={"nurse": "韦护士"}
    )
    return patient.contact_id


def test_a_card_calls_states_fields_and_days_as_the_lines_file_does(house: House) -> None:
    write(house, book_a_nurse)
    board = BOARDS["requests"]
    (card,) = house.read_now(lambda desk: board.cards(desk, kind="all"))
    steps = house.read_now(lambda desk: read_steps(desk, board, card_id=card.id))
    assert [one.name for one in steps] == ["已约上", "护士已安排"]
    assert {("日期", "3月12日（周四）"), ("时段", "上午"), ("哪位护士", "韦护士")} <= set(card.facts)


def test_beside_the_talk_a_record_stands_in_the_words_of_its_own_board(house: House) -> None:
    contact_id = write(house, book_a_nurse)
    (one,) = house.read_now(lambda desk: read_detail(desk, house, contact_id=contact_id)).affairs
    assert (one.name, one.state) == ("护理", "护士已安排")
    assert one.about.startswith("3月12日（周四）上午")


def test_every_state_of_whatever_a_contact_has_is_called_something_in_chinese(house: House) -> None:
    kinds = {str(model.__tablename__) for model, _ in SOURCES}
    states = [(kind, state) for kind in sorted(kinds) for state in get_mapping(kind).states]
    said = house.read_now(
        lambda desk: {one: name_state(desk, {"type": one[0], "status": one[1]}) for one in states}
    )
    assert {one: word for one, word in said.items() if FOREIGN.search(word)} == {}
    assert said["absence_appeal", "rejected"] == "不成立"
