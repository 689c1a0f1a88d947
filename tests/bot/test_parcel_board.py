"""The pharmacy's two boards: what the courier says stands on the card, and a parcel gone wrong is answered there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlmodel import select

from bot.console.boards import BOARDS, Card
from bot.house import House
from services import Desk, Invalid
from services.couriers import Tracking, take_tracking
from services.herbs import find_delivery
from services.parcels import open_ticket
from services.promises import list_promises
from services.staff import Staff, add_staff
from tests.bot.parcel_house import NUMBER, send
from tests.bot.small_house import NOW, small_house

T = TypeVar("T")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with small_house(tmp_path) as house:
        write(house, send)
        yield house


def write(house: House, work: Callable[[Desk], T], actor: str = "staff:1") -> T:
    return asyncio.run(house.write(work, actor=actor))


def ticket(house: House, kind: str = "damaged", **details: Any) -> None:
    def work(desk: Desk) -> None:
        found = find_delivery(desk, number=NUMBER)
        assert found is not None
        open_ticket(desk, delivery_id=found.id, kind=kind, text="破了两袋，打 10000001234 找我", **details)

    write(house, work, "contact:1")


def cards(house: House, board: str = "parcels", kind: str = "all") -> tuple[Card, ...]:
    return house.read_now(lambda desk: BOARDS[board].cards(desk, kind=kind))


def move(house: House, card: Card, stage: str, **fields: Any) -> None:
    write(
        house,
        lambda desk: BOARDS["parcels"].move(
            desk, card_id=card.id, stage=stage, fields=fields, staff_id=staff(desk), role="pharmacy"
        ),
    )


def staff(desk: Desk) -> int:
    known = desk.session.exec(select(Staff)).first()
    return known.id if known else add_staff(desk, login="yaofang", name="药师甲", role="pharmacy")[0].id


def test_a_ticket_stands_with_its_deadline_its_parcel_and_no_telephone(house: House) -> None:
    ticket(house)
    (card,) = cards(house)
    assert (card.stage, card.due, card.tags) == ("received", "8 小时内答复", ("药包破了",))
    assert dict(card.facts)["快递"] == f"顺丰速运 {NUMBER}"
    assert "10000001234" not in card.text
    assert [one.stage for one in card.moves] == ["investigating", "answered"]


def test_an_answer_names_what_is_done_and_may_send_some_doses_again(house: House) -> None:
    ticket(house)
    move(house, cards(house)[0], "investigating")
    remedies = house.hospital.herbs.remedies
    for fields in ({"answer": "", "remedy": remedies[0].name}, {"answer": "好", "remedy": ""}):
        with pytest.raises(Invalid):
            move(house, cards(house)[0], "answered", **fields)
    move(house, cards(house)[0], "answered", answer="重煎两剂", remedy=remedies[0].name, doses="2")
    (card,) = cards(house)
    assert (card.stage, dict(card.facts)["处理"], card.moves) == ("answered", remedies[0].name, ())
    again = [one for one in cards(house, "herbs") if "补寄" in dict(one.facts)]
    assert [dict(one.facts)["剂数"].partition(" ")[0] for one in again] == ["2"]
    kinds = house.read_now(lambda desk: [one.kind for one in list_promises(desk)])
    assert "parcel_changed" in kinds


def test_what_was_drunk_stands_first_and_the_couriers_news_are_closed_by_staff(house: House) -> None:
    write(house, lambda desk: take_tracking(desk, Tracking("shunfeng", NUMBER, "2", "无法联系收件人", NOW)))
    ticket(house, kind="wrong", drunk=True)
    first, second = cards(house)
    assert (first.urgent, first.tags[0], second.tags[0]) == (True, "寄错了", "卡在路上")
    assert [one.title for one in cards(house, kind="courier")] == [second.title]
    move(house, second, "answered", answer="已联系上，改约派送", remedy="不用补")
    stuck = next(one for one in cards(house) if one.id == second.id)
    assert [one.stage for one in stuck.moves] == ["closed"]


def test_the_couriers_words_stand_on_the_card_of_the_delivery(house: House) -> None:
    write(house, lambda desk: take_tracking(desk, Tracking("shunfeng", NUMBER, "0", "快件已发出", NOW)))
    (card,) = cards(house, "herbs")
    facts = dict(card.facts)
    assert facts["快递消息"] == "03-11 09:00 快件已发出"
    assert facts["就诊"].startswith("近日没有")
