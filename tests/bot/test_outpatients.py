"""The outpatient day through its doors: what the hospital's systems tell by API, what staff do at the console, and what
the patient hears of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from bot.app import make_app
from bot.clock import Clock
from bot.console import suspensions as calls
from bot.console.boards import BOARDS, Card
from bot.hours import MovingHours
from bot.house import House
from bot.transcripts import Theatre
from bot.transcripts.world import change_world
from services import Desk, suspensions, talk
from services.appointments import list_appointments
from services.contacts import find_contact
from services.errors import Invalid
from services.history import list_reveals
from tests.conftest import NOW


@pytest.fixture
def stage(theatre: Theatre) -> Iterator[tuple[House, MovingHours]]:
    with theatre.stage(NOW) as stage:
        yield stage


@pytest.fixture
def house(stage: tuple[House, MovingHours]) -> House:
    return stage[0]


@pytest.fixture
def api(house: House) -> Iterator[Callable[..., dict[str, Any]]]:
    client = TestClient(make_app(house, delivery=False), base_url="http://127.0.0.1", client=("127.0.0.1", 1))

    def post(path: str, *, expect: int = 200, **body: Any) -> dict[str, Any]:
        answer = client.post(f"/api/v1/{path}", json=body)
        assert answer.status_code == expect, answer.text
        return answer.json()

    yield post


def write(house: House, work: Callable[[Desk], Any], *, actor: str = "staff:1") -> Any:
    return house.writers.call(
        lambda: house.writers.transaction(lambda session: work(house.desk(session, actor=actor)))
    )


def world(house: House, *lines: str) -> None:
    for line in lines:
        write(house, lambda desk, line=line: change_world(desk, line, channel="rest"), actor="test")


def heard(house: House, sender: str = "甲") -> list[str]:
    """What the contact is told from now on, the clock having ticked."""
    Clock(house).tick()

    def read(desk: Desk) -> list[str]:
        contact = find_contact(desk, channel="rest", sender=sender)
        assert contact is not None
        lines = talk.list_lines(desk, contact_id=contact.id)
        return [str(one.body.get("text", "")) for one in lines]

    return house.read_now(read)


def number_of(house: House) -> str:
    return house.read_now(lambda desk: list_appointments(desk)[0].order_number)


def test_the_queue_feed_tells_the_patient_once_that_it_is_nearly_his_turn(
    house: House, api: Callable[..., dict[str, Any]]
) -> None:
    world(house, "甲 已约 张三 骨科 3月11日上午 09:30")
    number = number_of(house)
    first = api("queue", external_id="q1", order_number=number, number=12, ahead=6, wait_minutes=40)
    assert (first["known"], first["new"], first["ahead"], first["wait_minutes"]) == (True, True, 6, 40)
    assert heard(house) == []
    for step, ahead in enumerate((2, 2, 1, 0)):
        api("queue", external_id=f"q2-{step}", order_number=number, ahead=ahead)
    again = api("queue", external_id="q2-0", order_number=number, ahead=5)
    assert (again["new"], again["ahead"]) == (False, 0)
    (told,) = heard(house)
    assert "下一位就是您" in told
    api("queue", external_id="q3", order_number=number, status="called")
    assert "叫到张*" in heard(house)[-1]


def test_the_rooms_screen_may_show_the_number_as_the_ticket_does(
    house: House, api: Callable[..., dict[str, Any]]
) -> None:
    world(house, "甲 已约 张三 骨科 3月11日上午 09:30")
    doctor = house.read_now(lambda desk: list_appointments(desk)[0].doctor_id)
    api("queue", external_id="q1", order_number=number_of(house), number="A012", ahead=3, doctor=doctor)
    assert api("queue", external_id="q2", doctor=doctor, calling="A012")["waiting"] == 1
    assert "叫到张*" in heard(house)[-1]


def test_somebody_unknown_is_no_error_and_a_wrong_name_is_one(
    house: House, api: Callable[..., dict[str, Any]]
) -> None:
    unknown = api("queue", external_id="q1", order_number="GH000000-000000", ahead=1)
    assert unknown["known"] is False
    for wrong in ({"department": "没有科"}, {"doctor": "没有人"}, {"calling": 5}):
        answer = api("queue", expect=422, external_id="q2", **wrong)
        assert answer["field"] in ("department", "doctor")


def test_a_report_is_told_once_however_often_it_is_sent(
    house: House, api: Callable[..., dict[str, Any]]
) -> None:
    world(house, "甲 就诊人 张三 男 1975-05-05")
    person = {"phone": "10000001234", "patient_name": "张三"}
    expected = api(
        "reports/expected", external_id="r1", examination="血常规", due_at="2026-03-11T15:00", **person
    )
    assert (expected["status"], expected["known"]) == ("registered", True)
    sent = [api("reports/ready", external_id="r1", examination="血常规", **person)["new"] for _ in range(3)]
    assert sent == [True, False, False]
    (told,) = heard(house)
    assert "血常规" in told


def test_a_suspension_by_api_answers_the_same_a_second_time(
    house: House, api: Callable[..., dict[str, Any]]
) -> None:
    world(house, "甲 已约 张三 骨科 韦建江 3月12日上午", "乙 已约 李四 骨科 韦建江 3月12日上午")
    body = {"external_id": "s1", "doctor": "韦建江", "date": "2026-03-12"}
    first, second = api("suspensions", **body), api("suspensions", **body)
    assert len(first["cancelled"]) == 2
    assert first == second
    assert [len(heard(house, who)) for who in "甲乙"] == [1, 1]


def test_a_suspension_lifted_by_api_lets_the_numbers_stand_and_answers_the_same_a_second_time(
    house: House, api: Callable[..., dict[str, Any]]
) -> None:
    world(house, "甲 已约 张三 骨科 韦建江 3月12日上午", "乙 已约 李四 骨科 韦建江 3月12日上午")
    session = {"doctor": "韦建江", "date": "2026-03-12"}
    cancelled = api("suspensions", external_id="s1", **session)["cancelled"]
    for who in "甲乙":
        heard(house, who)
    first, second = (api("suspensions/lifted", external_id="l1", **session) for _ in range(2))
    assert first == second
    assert sorted(first["booked"]) == sorted(cancelled)
    assert ["恢复出诊" in "".join(heard(house, who)) for who in "甲乙"] == [True, True]
    again = api("suspensions", external_id="s1", **session)  # an old message sent once more suspends nothing
    assert sorted(again["cancelled"]) == sorted(cancelled)
    assert [len(heard(house, who)) for who in "甲乙"] == [2, 2]


def test_the_same_order_again_says_that_nobody_is_told_anew(house: House) -> None:
    world(house, "rest:a 已约 张三 骨科 韦建江 3月12日上午")
    said = [
        write(
            house,
            lambda desk: calls.suspend(
                desk, doctor="韦建江", date="2026-03-12", period="上午", reason="会诊"
            ),
        )
        for _ in range(2)
    ]
    assert "1 位患者会收到通知" in said[0] and "早就登记过了" in said[1]


@pytest.mark.parametrize(
    ("date", "code"), [("2026-03-10", "past_day"), ("2028-03-12", "too_far"), ("明天", "date")]
)
def test_a_day_that_is_past_or_in_a_wrong_year_is_refused_by_its_own_reason(
    house: House, date: str, code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        write(house, lambda desk: calls.suspend(desk, doctor="韦建江", date=date, period="全天", reason=""))
    assert (refused.value.code, refused.value.field) == (code, "date")


def test_a_suspension_is_lifted_from_the_console(house: House) -> None:
    world(house, "甲 已约 张三 骨科 韦建江 3月12日上午")
    write(
        house,
        lambda desk: calls.suspend(desk, doctor="韦建江", date="2026-03-12", period="上午", reason="会诊"),
    )
    heard(house)
    (standing,) = house.read_now(calls.list_standing)
    assert standing.about == "韦建江　骨科　3月12日（周四）上午"
    said = write(house, lambda desk: calls.resume(desk, session=standing, reason="医生能来了"))
    assert "1 位" in said
    assert house.read_now(calls.list_standing) == house.read_now(calls.list_told) == ()
    assert "恢复出诊" in "".join(heard(house))


def test_who_does_not_answer_is_telephoned_and_ticked_off(stage: tuple[House, MovingHours]) -> None:
    house, hours = stage
    world(
        house,
        "甲 已约 张三 骨科 韦建江 3月12日上午",
    )
    with pytest.raises(Invalid):
        write(
            house,
            lambda desk: calls.suspend(desk, doctor="某某", date="2026-03-12", period="全天", reason=""),
        )
    said = write(
        house,
        lambda desk: calls.suspend(desk, doctor="韦建江", date="2026-03-12", period="上午", reason="会诊"),
    )
    assert "1 位" in said
    heard(house)
    (waiting,) = house.read_now(calls.list_told)
    assert (waiting.to_call, waiting.phone) == (False, "100****1234")
    hours.time = NOW.replace(hour=12)
    Clock(house).tick()
    (due,) = house.read_now(calls.list_told)
    assert due.to_call and due.others
    assert (
        write(house, lambda desk: calls.reveal_phone(desk, notice_id=due.id, reason="停诊通知"))
        == "10000001234"
    )
    assert house.read_now(lambda desk: len(list_reveals(desk))) == 1
    write(house, lambda desk: calls.tick(desk, notice_id=due.id, outcome="called", note="知道了"))
    assert house.read_now(calls.list_told) == ()
    assert house.read_now(lambda desk: suspensions.get_notice(desk, notice_id=due.id).status) == "called"


def cards(house: House, board: str, kind: str = "all") -> tuple[Card, ...]:
    return house.read_now(lambda desk: BOARDS[board].cards(desk, kind=kind))


def move(house: House, board: str, stage: str, **fields: str) -> None:
    (card,) = cards(house, board)
    assert stage in {one.stage for one in card.moves}
    write(
        house,
        lambda desk: BOARDS[board].move(
            desk, card_id=card.id, stage=stage, fields=fields, staff_id=1, role="nurse"
        ),
    )


def test_the_nurse_checks_in_calls_and_passes_at_the_board(house: House) -> None:
    world(house, "甲 已约 张三 骨科 3月11日上午 09:30")
    (card,) = cards(house, "arrivals", "now")
    assert (card.stage, card.id < 0) == ("booked", True)
    move(house, "arrivals", "waiting")
    assert cards(house, "arrivals", "now")[0].due == "前面 0 位"
    move(house, "arrivals", "called")
    move(house, "arrivals", "passed")
    assert any("不用重新挂号" in text for text in heard(house))
    move(house, "arrivals", "waiting")
    move(house, "arrivals", "served")
    assert house.read_now(lambda desk: list_appointments(desk)[0].status) == "fulfilled"
    steps = house.read_now(
        lambda desk: BOARDS["arrivals"].record(desk, card_id=cards(house, "arrivals")[0].id)
    )
    assert steps is not None


def test_staff_take_somebody_off_the_waitlist_with_a_reason(house: House) -> None:
    world(house, "骨科 3月12日上午 余0", "甲 候补 张三 骨科 3月12日上午")
    with pytest.raises(Invalid):
        move(house, "waitlist", "cancelled")
    move(house, "waitlist", "cancelled", reason="电话说不来了")
    assert (cards(house, "waitlist", "open"), cards(house, "waitlist")[0].stage) == ((), "cancelled")


def test_the_chart_of_crowding_is_drawn_where_there_is_a_history(house: House) -> None:
    client = TestClient(make_app(house, delivery=False), base_url="http://127.0.0.1", client=("127.0.0.1", 1))
    assert client.get("/crowding/骨科/2026-03-12.svg").status_code == 404
    world(house, "甲 往常 张三 骨科 周四 8点9人 9点5人 11点1人")
    answer = client.get("/crowding/骨科/2026-03-12.svg")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/svg+xml")
    assert "11 点平均 1 人，人少" in answer.text
    told = client.get("/crowding/骨科/2026-03-12.svg?lang=vi").text
    assert "(骨科): thứ năm giờ nào đông" in told and "11 giờ trung bình 1 người, vắng" in told
    assert not re.search("人|点", told)
