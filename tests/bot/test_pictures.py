"""A picture from the page or over REST: checked, cleaned, kept with the complaint, opened by staff in their own name."""

from __future__ import annotations

import asyncio
import base64
import io
from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest
from PIL import Image

from bot.app import make_app
from bot.channels.message import Message
from bot.console.boards import BOARDS
from bot.house import House
from bot.pictures import read_pictures
from bot.transcripts import Theatre
from bot.transcripts.world import change_world
from knowledge import Hospital
from services.errors import Invalid
from services.pictures import list_pictures, open_picture
from tests.conftest import NOW


def draw(kind: str = "JPEG", size: tuple[int, int] = (64, 48)) -> str:
    written = io.BytesIO()
    image = Image.new("RGB", size, "#b3542d")
    exif = Image.Exif()
    exif[0x010F] = "PHONE-OF-ZHANG"
    image.save(written, kind, **({"exif": exif} if kind == "JPEG" else {}))
    return base64.b64encode(written.getvalue()).decode()


@pytest.fixture
def house(theatre: Theatre) -> Iterator[House]:
    with theatre.stage(NOW) as (house, _):
        yield house


def say(house: House, text: str, *pictures: str, sender: str = "甲") -> list[str]:
    cleaned = asyncio.run(read_pictures(house.hospital, pictures))
    message = replace(Message("rest", sender, text), pictures=cleaned)
    return [one.text for one in house.writers.call(lambda: house.turns.handle(message))]


def cards(house: House) -> list[tuple[str, int]]:
    board = BOARDS["complaints"]
    found = house.read_now(lambda desk: board.cards(desk, kind="complaint"))
    return [(one.number, len(one.pictures)) for one in found]


def test_a_picture_sent_while_telling_belongs_to_the_complaint(house: House) -> None:
    say(house, "厕所太脏了，没有纸")
    assert say(house, "", draw()) == ["图片收到了，和您说的事放在一起，只有处理的工作人员看得到。"]
    say(house, "门诊三楼")
    say(house, "匿名")
    assert cards(house) == [("TC-20260311-0001", 1)]


def test_a_picture_sent_afterwards_is_added_to_it(house: House) -> None:
    for text in ("厕所太脏了，没有纸", "门诊三楼", "匿名"):
        say(house, text)
    assert "TC-20260311-0001" in say(house, "", draw("PNG"))[0]
    assert cards(house) == [("TC-20260311-0001", 1)]


def test_a_picture_alone_is_asked_about(house: House) -> None:
    assert say(house, "", draw("WEBP")) == ["图片收到了。我看不懂图里的内容，请您说一说是什么事。"]
    assert cards(house) == []


def test_a_picture_beside_words_goes_with_them(house: House) -> None:
    say(house, "我要投诉门诊三楼厕所太脏了，没有纸", draw())
    say(house, "匿名")
    assert cards(house) == [("TC-20260311-0001", 1)]


def test_more_than_the_rules_take_are_not_kept_and_that_is_said(house: House) -> None:
    most = house.hospital.complaints.pictures.most
    for _ in range(most):
        say(house, "", draw())
    assert "没有收" in say(house, "", draw())[0]


def test_staff_open_it_in_their_own_name_and_it_says_nothing_of_the_phone(house: House) -> None:
    say(house, "厕所太脏了，没有纸", draw())
    say(house, "门诊三楼")
    say(house, "匿名")

    def work(desk):  # type: ignore[no-untyped-def]
        (ids,) = list_pictures(desk, complaint_ids=[1]).values()
        jpeg = open_picture(desk.acting_as("staff:1"), picture_id=ids[0])
        from services.history import list_reveals

        return jpeg, list_reveals(desk)

    jpeg, looks = house.writers.call(
        lambda: house.writers.transaction(lambda session: work(house.desk(session)))
    )
    assert Image.open(io.BytesIO(jpeg)).size == (64, 48) and b"PHONE-OF-ZHANG" not in jpeg
    assert [(one.actor, one.field) for one in looks] == [("staff:1", "picture")]


def test_what_is_no_picture_or_too_large_is_refused(hospital: Hospital) -> None:
    for wrong in ("not base64!", base64.b64encode(b"<svg onload=alert(1)>").decode(), draw("GIF"), 7):
        with pytest.raises(Invalid):
            asyncio.run(read_pictures(hospital, [wrong]))
    huge = base64.b64encode(bytes((hospital.complaints.pictures.megabytes << 20) + 1)).decode()
    with pytest.raises(Invalid) as error:
        asyncio.run(read_pictures(hospital, [huge]))
    assert error.value.code == "too_large"
    with pytest.raises(Invalid):
        asyncio.run(read_pictures(hospital, [draw()] * 4))


async def test_over_rest_pictures_come_as_attachments(house: House) -> None:
    transport = httpx.ASGITransport(make_app(house, delivery=False))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:

        async def post(text: str, **metadata: object) -> tuple[int, object]:
            body = {"sender": "乙", "message": text, "metadata": metadata}
            answer = await client.post("/webhooks/rest/webhook", json=body)
            found = answer.json()
            return answer.status_code, found["field"] if "error" in found else found

        assert (await post("", attachments=[{"data": draw()}]))[0] == 200
        assert await post("", attachments=[{"data": "AAAA"}]) == (422, "metadata.attachments")
        assert await post("", attachments="x") == (422, "metadata.attachments")
        for text in ("厕所太脏了，没有纸", "门诊三楼", "匿名"):
            await post(text)
    assert cards(house) == [("TC-20260311-0001", 1)]


def test_a_photo_answers_the_question_of_a_service_line_and_staff_see_it_there(house: House) -> None:
    house.writers.call(
        lambda: house.writers.transaction(
            lambda session: change_world(house.desk(session), "甲 就诊人 张三 男 1950-02-03", channel="rest")
        )
    )
    for text in ("帮我续一下降压药，自己来取，没有不舒服，上个月在这开的", "给张三办", "厄贝沙坦"):
        asked = say(house, text)
    assert "药盒" in asked[-1]
    told = say(house, "", draw())
    assert told[0] == "照片收到了，只有办这件事的工作人员看得到。"
    assert "药盒或旧处方照片：已收到" in told[-1]
    number = say(house, "确认登记")[-1]
    board = BOARDS["requests"]
    (card,) = house.read_now(lambda desk: board.cards(desk, kind="all"))
    assert card.number in number and len(card.pictures) == 1
    assert card.number in say(house, "", draw())[0]
