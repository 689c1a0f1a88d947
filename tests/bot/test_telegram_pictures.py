"""A picture sent on Telegram: fetched from a Bot API server on loopback, cleaned, kept with what it shows."""

from __future__ import annotations

import base64
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image
from pydantic import SecretStr

from bot.app import make_app
from bot.console.boards import BOARDS, Card
from bot.house import House
from bot.transcripts import Theatre
from bot.transcripts.world import change_world
from services.errors import NotFound
from tests.bot.telegram_server import TOKEN, BotApi, bot_api
from tests.bot.test_pictures import draw
from tests.bot.test_telegram import AGREE, agree
from tests.conftest import NOW

PHOTO = base64.b64decode(draw())


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with bot_api() as server:
        yield server


@asynccontextmanager
async def running(theatre: Theatre, api: BotApi) -> AsyncIterator[House]:
    with theatre.stage(NOW) as (stage, _):
        given: dict[str, Any] = {"telegram_token": SecretStr(TOKEN), "telegram_base_url": api.url}
        house = replace(stage, settings=stage.settings.model_copy(update=given))
        app = make_app(house)
        async with app.router.lifespan_context(app):
            yield house


async def hear(api: BotApi, text: str, words: str) -> None:
    """Says it, until the words come back."""
    said = len(api.texts())
    api.say(text)
    await api.until(lambda: words in "".join(api.texts()[said:]))


def cards(house: House, board: str, kind: str) -> tuple[Card, ...]:
    return house.read_now(lambda desk: BOARDS[board].cards(desk, kind=kind))


async def test_a_photo_goes_with_the_complaint_told_and_says_nothing_of_the_phone(
    theatre: Theatre, api: BotApi
) -> None:
    async with running(theatre, api) as house:
        await agree(api)
        await hear(api, "门诊三楼厕所太脏了，没有纸", "匿名")
        said = len(api.texts())
        api.show(PHOTO)
        await api.until(lambda: "图片收到了" in "".join(api.texts()[said:]))
        await hear(api, "匿名", "TC-20260311-0001")
        (card,) = cards(house, "complaints", "complaint")
        assert len(card.pictures) == 1 and len(api.named("file")) == 1

        def look(desk: Any) -> bytes:
            return BOARDS["complaints"].open_picture(desk.acting_as("staff:1"), picture_id=card.pictures[0])

        jpeg = await house.write(look, actor="staff:1")
        assert Image.open(io.BytesIO(jpeg)).format == "JPEG" and b"PHONE-OF-ZHANG" not in jpeg


async def test_a_photo_before_consent_is_not_fetched_and_then_not_asked_for_again(
    theatre: Theatre, api: BotApi
) -> None:
    async with running(theatre, api) as house:
        api.show(PHOTO, "门诊三楼厕所太脏了，我要投诉")
        await api.until(lambda: AGREE in api.titles())
        assert api.named("getFile") == []
        api.press(AGREE)
        await api.until(lambda: api.named("file"))
        await api.until(lambda: "匿名" in "".join(api.texts()))
        await hear(api, "匿名", "TC-20260311-0001")
        (card,) = cards(house, "complaints", "complaint")
        assert len(card.pictures) == 1


async def test_what_is_too_large_or_no_picture_is_refused_kindly_and_its_words_are_heard(
    theatre: Theatre, api: BotApi
) -> None:
    async with running(theatre, api) as house:
        await agree(api)
        api.show(bytes((house.hospital.complaints.pictures.megabytes << 20) + 1))
        await api.until(lambda: len(api.texts()) == 1)
        assert "没有收到" in api.texts()[0] and api.named("file") == []
        api.show(b"<svg onload=alert(1)>", "门诊几点上班")
        await api.until(lambda: len(api.texts()) >= 3)
        assert "没有收到" in api.texts()[1] and api.texts()[2]


async def test_a_photo_of_a_broken_parcel_reaches_the_pharmacy_only(theatre: Theatre, api: BotApi) -> None:
    async with running(theatre, api) as house:
        await agree(api)

        def stand(desk: Any) -> None:
            for line in (
                "telegram:5001 中药 王五 7剂 桂江市江滨路12号",
                "telegram:5001 中药 到 运送途中 顺丰速运 SF12345678",
            ):
                change_world(desk, line, channel="telegram")

        await house.write(stand, actor="test")
        await hear(api, "中药的药包破了两袋，漏了一箱子", "有没有喝过")
        await hear(api, "还没喝", "BG-20260311-0001")
        said = len(api.texts())
        api.show(PHOTO)
        await api.until(lambda: any("BG-20260311-0001" in one for one in api.texts()[said:]))
        (card,) = cards(house, "parcels", "all")
        assert len(card.pictures) == 1 and cards(house, "complaints", "complaint") == ()
        picture = card.pictures[0]
        with pytest.raises(NotFound):
            house.read_now(lambda desk: BOARDS["complaints"].open_picture(desk, picture_id=picture))
        opened = await house.write(
            lambda desk: BOARDS["parcels"].open_picture(desk.acting_as("staff:1"), picture_id=picture),
            actor="staff:1",
        )
        assert opened[:2] == b"\xff\xd8"
