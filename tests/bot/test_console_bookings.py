"""Bookings at the console without a browser, the sender of codes against a gateway on loopback, referrals by API."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog
from fastapi.testclient import TestClient

import bot.codes
from bot.app import make_app
from bot.channels.message import Message
from bot.codes import Codes, HttpSender, NotSent
from bot.console.boards import BOARDS, Card
from bot.console.codes import list_waiting
from bot.console.talks import read_detail
from bot.house import House
from bot.journal import set_up_logs
from bot.settings import Settings
from bot.transcripts import Theatre
from bot.transcripts.world import change_world
from services import Desk, absences, extras, phones, reviews, staff
from services.appointments import list_appointments
from services.contacts import find_contact, get_or_create_contact
from services.errors import Invalid, NotAllowed
from services.patients import list_patients
from services.suspicion import find_review, hold_for_review
from tests.conftest import NOW


@pytest.fixture
def house(theatre: Theatre) -> Iterator[House]:
    with theatre.stage(NOW) as (house, _):
        yield house


def write(house: House, work: Callable[[Desk], Any], *, actor: str = "assistant") -> Any:
    return house.writers.call(
        lambda: house.writers.transaction(lambda session: work(house.desk(session, actor=actor)))
    )


def world(house: House, *lines: str) -> None:
    for line in lines:
        write(house, lambda desk, line=line: change_world(desk, line, channel="rest"))


def employ(house: House, name: str, role: str) -> int:
    return write(house, lambda desk: staff.add_staff(desk, login="doctor.one", name=name, role=role)[0].id)


def cards(house: House, board: str, *, by: int | None = None) -> tuple[Card, ...]:
    actor = "assistant" if by is None else f"staff:{by}"
    return house.read_now(lambda desk: BOARDS[board].cards(desk.acting_as(actor), kind="all"))


def move(house: House, board: str, stage: str, *, by: int, **fields: str) -> None:
    (card,) = cards(house, board)
    write(
        house,
        lambda desk: BOARDS[board].move(
            desk, card_id=card.id, stage=stage, fields=fields, staff_id=by, role="service"
        ),
        actor=f"staff:{by}",
    )


def test_a_booking_under_review_is_a_card_that_says_why_and_names_nobody(house: House) -> None:
    world(house, "甲 就诊人 韦大山 男 1950-02-03", "甲 已约 韦大山 骨科 3月13日上午")

    def suspect(desk: Desk) -> int:
        contact = find_contact(desk, channel="rest", sender="甲")
        assert contact is not None
        (booked,) = list_appointments(desk, contact_id=contact.id)
        booked.status = "pending"
        desk.session.add(booked)
        return hold_for_review(desk, appointment=booked, grounds=["burst"]).id

    review_id = write(house, suspect)
    (card,) = cards(house, "reviews")
    assert card.stage == "requested" and card.tags == ("短时间连着约",)
    assert "韦大山" not in str(card) and "10000001234" not in str(card)
    clerk = employ(house, "李欢", "service")
    with pytest.raises(Invalid):
        move(house, "reviews", "refused", by=clerk)
    move(house, "reviews", "released", by=clerk)
    assert house.read_now(lambda desk: reviews.get_review(desk, review_id=review_id).staff_id) == clerk
    assert house.read_now(lambda desk: find_review(desk, appointment_id=1).status) == "released"  # type: ignore[union-attr]


def test_a_doctor_sees_and_answers_only_his_own_requests(house: House) -> None:
    world(house, "骨科 韦建江 3月12日上午 余0", "甲 就诊人 张三 男")

    def ask(desk: Desk) -> int:
        contact = find_contact(desk, channel="rest", sender="甲")
        assert contact is not None
        (patient,) = list_patients(desk, contact_id=contact.id)
        slot = extras.find_session_to_extend(desk, department="骨科", doctor="韦建江", date="2026-03-12")
        assert slot is not None
        return extras.request_extra(
            desk, contact_id=contact.id, patient_id=patient.id, slot_id=slot.id, reason="走不了路"
        ).id

    request_id = write(house, ask)
    other = write(
        house, lambda desk: staff.add_staff(desk, login="other", name="黄丽娜", role="doctor")[0].id
    )
    own = employ(house, "韦建江", "doctor")
    assert cards(house, "extras", by=other) == ()
    assert [one.text for one in cards(house, "extras", by=own)] == ["走不了路"]
    with pytest.raises(NotAllowed):
        move(house, "extras", "accepted", by=other)
    move(house, "extras", "accepted", by=own)
    done = house.read_now(lambda desk: extras.get_extra(desk, request_id=request_id))
    assert (done.status, done.staff_id) == ("accepted", own)


def test_an_appeal_is_settled_at_the_console_and_the_talk_shows_what_counts(house: House) -> None:
    world(
        house,
        "甲 就诊人 张三 男",
        "甲 未到 张三 骨科 2026-01-20",
        "甲 未到 张三 眼科 2026-02-10",
        "甲 未到 张三 皮肤科 2026-03-03",
    )
    contact_id = house.read_now(lambda desk: find_contact(desk, channel="rest", sender="甲")).id  # type: ignore[union-attr]
    message = Message("rest", "甲", "你好")
    house.writers.call(lambda: house.turns.handle(message))

    def standing() -> tuple[int, bool]:
        (known,) = house.read_now(lambda desk: read_detail(desk, house, contact_id=contact_id)).patients
        return known.absences, known.blocked_until is not None

    assert standing() == (3, True)
    write(
        house,
        lambda desk: absences.appeal_absence(
            desk,
            contact_id=contact_id,
            patient_id=list_patients(desk, contact_id=contact_id)[0].id,
            text="我来了",
        ),
    )
    clerk = employ(house, "李欢", "service")
    move(house, "appeals", "accepted", by=clerk, reason="登记本上有")
    assert standing() == (0, False)


def send_code(house: House) -> str:
    def work(desk: Desk) -> str:
        contact = get_or_create_contact(desk, channel="rest", sender="甲")
        return phones.send_code(desk, contact_id=contact.id, phone="10000001234").code or ""

    return write(house, work)


def test_the_console_shows_a_code_only_where_nothing_sends_it(house: House) -> None:
    code = send_code(house)
    (shown,) = house.read_now(lambda desk: list_waiting(desk, shown=True))
    (hidden,) = house.read_now(lambda desk: list_waiting(desk, shown=False))
    assert (shown.code, hidden.code, shown.phone) == (code, "", "100****1234")


class Gateway:
    """A hospital's text message gateway on loopback."""

    def __init__(self, status: int = 200):
        self.status, self.bodies = status, list[str]()

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(
            next(line for line in head.split("\r\n") if line.startswith("content-length")).split(":")[1]
        )
        self.bodies.append((await reader.readexactly(length)).decode())
        self.authorised = "bearer a-token-for-tests" in head
        writer.write(f"HTTP/1.1 {self.status} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()


async def test_the_gateway_gets_each_code_once_and_what_it_refuses_is_shown_without_the_code(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway = Gateway()
    server = await asyncio.start_server(gateway.handle, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    settings = Settings(
        _env_file=None,  # type: ignore[call-arg]
        code_sender="http",
        code_url=f"http://127.0.0.1:{port}/sms",
        code_token="a-token-for-tests",  # type: ignore[arg-type]
    )
    codes = Codes(house, HttpSender(settings))
    code = send_code(house)
    async with server:
        assert (await codes.send_due(), await codes.send_due()) == (1, 0)
        assert gateway.authorised and code in gateway.bodies[0] and "10000001234" in gateway.bodies[0]
        gateway.status = 500
        set_up_logs()  # a command that another test ran may have left it at errors only
        monkeypatch.setattr(bot.codes, "log", structlog.get_logger())  # one that no other test has bound yet
        with structlog.testing.capture_logs() as logs:
            write(house, phones.expire_codes)
            write(
                house,
                lambda desk: phones.send_code(
                    desk,
                    contact_id=get_or_create_contact(desk, channel="rest", sender="乙").id,
                    phone="10000005678",
                ),
            )
            assert await codes.send_due() == 1
    (failed, _) = house.read_now(lambda desk: list_waiting(desk, shown=True))
    assert failed.status == "failed" and failed.code and failed.code not in str(logs)
    assert "10000005678" not in str(logs) and "status 500" in str(logs)


async def test_a_gateway_that_is_not_there_is_no_fault_of_the_house() -> None:
    settings = Settings(_env_file=None, code_sender="http", code_url="http://127.0.0.1:9/sms")  # type: ignore[call-arg]
    with pytest.raises(NotSent) as error:
        await HttpSender(settings).send(phone="10000001234", code="654321", minutes=10)
    assert "654321" not in str(error.value)


def test_a_house_that_sends_by_gateway_must_say_where_it_is() -> None:
    with pytest.raises(ValueError, match="WENJIN_CODE_URL"):
        Settings(_env_file=None, code_sender="http")  # type: ignore[call-arg]


def test_an_institution_refers_a_patient_by_api_once(house: House) -> None:
    client = TestClient(make_app(house), client=("127.0.0.1", 50000), base_url="http://127.0.0.1")
    body = {
        "external_id": "zz-1",
        "institution": "shili",
        "patient_name": "张三",
        "id_number": "999999198506010156",
        "department": "肾内科",
    }
    first = client.post("/api/v1/referrals", json=body)
    assert first.status_code == 200, first.text
    assert client.post("/api/v1/referrals", json=body).json() == first.json()
    for wrong in ({"institution": "nobody"}, {"id_number": "123"}, {"department": "仙丹科"}):
        refused = client.post("/api/v1/referrals", json=body | wrong | {"external_id": "zz-2"})
        assert refused.status_code == 422, refused.text
