"""Telegram end to end against a Bot API server on loopback: polling and webhook, presses, repeats, refusals."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlmodel import select

from bot.app import make_app
from bot.house import House
from bot.turn import Turns
from bot.writers import Busy
from services.contacts import find_contact
from services.outbox import OutboxMessage
from services.talk import list_lines, list_unsent
from tests.bot.small_house import BOOKED, small_house
from tests.bot.telegram_server import TOKEN, BotApi, bot_api

AGREE = "同意，在这里说"
ASKED = "3月12日（周四）骨科还有这些号，您要哪个？"
SECRET = "a-secret-of-the-tests"


@asynccontextmanager
async def running(folder: Path, api: BotApi, **settings: Any) -> AsyncIterator[tuple[House, FastAPI]]:
    with small_house(folder, telegram_token=TOKEN, telegram_base_url=api.url, **settings) as house:
        app = make_app(house)
        async with app.router.lifespan_context(app):
            yield house, app


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with bot_api() as server:
        yield server


async def agree(api: BotApi, *, chat: int = 5001) -> None:
    """The first message and the consent, done with."""
    api.say("/start", chat=chat)
    await api.until(lambda: AGREE in api.titles(chat=chat))
    api.press(AGREE, chat=chat)
    # the courtesies come beside the answers: late ones would count among what the test goes on to do
    await api.until(
        lambda: (
            len(api.texts(chat=chat)) == 3
            and f"✓ {AGREE}" in api.titles(chat=chat)
            and api.named("answerCallbackQuery")
        )
    )
    api.calls.clear()


async def until(what: Callable[[], object], *, seconds: float = 30) -> None:
    """Waits for what no call of the bot announces."""
    async with asyncio.timeout(seconds):
        while not what():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


def heard(house: House) -> list[str]:
    return house.assistant.heard  # type: ignore[attr-defined]


async def lines(house: House, chat: int = 5001) -> list[Any]:
    def read(desk: Any) -> list[Any]:
        contact = find_contact(desk, channel="telegram", sender=str(chat))
        return list_lines(desk, contact_id=contact.id) if contact else []

    return await house.read(read)


async def test_before_consent_a_message_is_neither_understood_nor_stored_and_then_answered(
    tmp_path: Path, api: BotApi
) -> None:
    async with running(tmp_path, api) as (house, _):
        api.say("我妈想挂骨科")
        await api.until(lambda: len(api.texts()) == 1)
        assert "境外" in api.texts()[0] and "120" in api.texts()[0]
        assert heard(house) == []
        assert [one.body for one in await lines(house) if one.direction == "in"] == [{"withheld": True}]

        api.press(AGREE)
        await api.until(lambda: len(api.texts()) == 3)
        assert heard(house) == ["我妈想挂骨科"]  # nobody is asked to say it again
        assert api.texts()[1:] == ["谢谢，记下了。以后想收回，发「撤回同意」就行。", ASKED]

        api.say("挂号")
        await api.until(lambda: len(api.texts()) == 4)
        assert api.texts()[3] == ASKED  # told once


async def test_who_does_not_agree_gets_the_phone_and_nothing_of_theirs_is_kept(
    tmp_path: Path, api: BotApi
) -> None:
    async with running(tmp_path, api) as (house, _):
        api.say("我得了什么病")
        await api.until(lambda: "不用了" in api.titles())
        api.press("不用了")
        await api.until(lambda: len(api.texts()) == 2)
        assert house.hospital.phone in api.texts()[1]
        api.say("再说一句")
        await api.until(lambda: len(api.texts()) == 3)
        assert "还差一步" in api.texts()[2]
        assert heard(house) == []
        assert not any("病" in str(one.body) for one in await lines(house) if one.direction == "in")


async def test_agreeing_in_words_counts_only_after_the_question(tmp_path: Path, api: BotApi) -> None:
    async with running(tmp_path, api) as (house, _):
        api.say("同意")
        await api.until(lambda: len(api.texts()) == 1)
        assert heard(house) == []
        api.say("同意。")
        await api.until(lambda: len(api.texts()) == 3)
        assert heard(house) == ["/greet"]


async def test_withdrawing_closes_the_border_again(tmp_path: Path, api: BotApi) -> None:
    async with running(tmp_path, api) as (house, _):
        await agree(api)
        api.say("撤回同意")
        await api.until(lambda: len(api.texts()) == 1)
        assert api.texts()[0].startswith("已经撤回")
        api.say("挂号")
        await api.until(lambda: len(api.texts()) == 2)
        assert "还差一步" in api.texts()[1] and heard(house) == ["/greet"]


async def test_a_booking_by_inline_buttons(tmp_path: Path, api: BotApi) -> None:
    async with running(tmp_path, api) as (house, _):
        await agree(api)
        api.say("我想挂号")
        await api.until(lambda: "上午 08:30–09:00" in api.titles())
        data = [
            one["callback_data"] for row in api.sent()[0]["reply_markup"]["inline_keyboard"] for one in row
        ]
        assert all(len(one.encode()) <= 64 for one in data) and len(set(data)) == 3

        api.press("上午 08:30–09:00")
        await api.until(
            lambda: (
                "✓ 上午 08:30–09:00" in api.titles()
                and len(api.texts()) == 2
                and api.named("answerCallbackQuery")
            )
        )
        assert api.texts() == [ASKED, BOOKED.text]
        assert "下午 14:30–15:00" not in api.titles()
        assert len(api.named("answerCallbackQuery")) == 1
        assert house.assistant.bookings == 1  # type: ignore[attr-defined]


async def test_pressing_twice_books_once(tmp_path: Path, api: BotApi) -> None:
    async with running(tmp_path, api) as (house, _):
        await agree(api)
        api.say("挂号")
        await api.until(lambda: "上午 08:30–09:00" in api.titles())
        for _ in range(2):
            api.press("上午 08:30–09:00")
        await api.until(lambda: len(api.texts()) == 2 and len(api.named("answerCallbackQuery")) >= 2)
        api.say("挂号")  # what a chat sends is answered in order: by then both presses are done with
        await api.until(lambda: len(api.texts()) == 3)
        assert house.assistant.bookings == 1  # type: ignore[attr-defined]
        assert api.texts() == [ASKED, BOOKED.text, ASKED]


async def test_nobody_presses_a_button_offered_to_another(tmp_path: Path, api: BotApi) -> None:
    async with running(tmp_path, api) as (house, _):
        await agree(api)
        await agree(api, chat=5002)
        api.say("挂号")
        await api.until(lambda: "上午 08:30–09:00" in api.titles())
        stolen = api.press("上午 08:30–09:00", send=False)
        stolen["callback_query"]["from"]["id"] = 5002
        api.updates.append(stolen)
        await api.until(lambda: api.named("answerCallbackQuery"))
        api.say("挂号", chat=5002)  # what a chat sends is answered in order: by then the press is done with
        await api.until(lambda: api.texts(chat=5002))
        assert house.assistant.bookings == 0  # type: ignore[attr-defined]
        assert api.texts(chat=5002) == [ASKED]


async def test_a_map_goes_out_as_a_photo_with_its_words(tmp_path: Path, api: BotApi) -> None:
    async with running(tmp_path, api) as (_, __):
        await agree(api)
        api.say("看地图")
        await api.until(lambda: api.named("sendPhoto"))
        (photo,) = api.named("sendPhoto")
        assert photo["photo"].startswith(b"\x89PNG")
        assert photo["caption"] == "从门诊大厅到彩超室，走 2 分钟。"


@pytest.mark.parametrize("what", [{"voice": {"file_id": "v", "file_unique_id": "v", "duration": 3}}, {
    "sticker": {"file_id": "s", "file_unique_id": "s", "type": "regular", "width": 9, "height": 9,
                "is_animated": False, "is_video": False}}], ids=["voice", "sticker"])  # fmt: skip
async def test_what_cannot_be_read_is_answered_kindly(
    tmp_path: Path, api: BotApi, what: dict[str, Any]
) -> None:
    async with running(tmp_path, api) as (house, _):
        await agree(api)
        api.say(**what)
        await api.until(lambda: api.texts())
        assert "请用文字或照片告诉我" in api.texts()[0]
        assert heard(house) == ["/greet"]


async def test_the_words_under_a_picture_are_read(tmp_path: Path, api: BotApi) -> None:
    async with running(tmp_path, api) as (house, _):
        await agree(api)
        photo = [{"file_id": "p", "file_unique_id": "p", "width": 9, "height": 9}]
        api.say(photo=photo, caption="彩超怎么走")
        await api.until(lambda: len(api.texts()) == 2)
        assert heard(house)[-1] == "彩超怎么走"


async def test_groups_edited_messages_and_bots_start_nothing(tmp_path: Path, api: BotApi) -> None:
    async with running(tmp_path, api) as (house, _):
        await agree(api)
        group = {"id": -77, "type": "group", "title": "g"}
        for text in ("/start", "/start", "随便说说"):
            update = api.say(text, send=False)
            update["message"]["chat"] = group
            api.updates.append(update)
        edited = api.say("改过的", send=False)
        api.updates.append({"update_id": edited["update_id"], "edited_message": edited["message"]})
        robot = api.say("我是机器人", send=False)
        robot["message"]["from"]["is_bot"] = True
        api.updates.append(robot)
        last = api.say("挂号")
        await api.until(lambda: api.texts() and api.acknowledged > last["update_id"])
        assert heard(house) == ["/greet", "挂号"]
        assert len(api.texts(chat=-77)) == 1 and "私聊" in api.texts(chat=-77)[0]


async def test_start_with_a_place_code_knows_the_place(tmp_path: Path, api: BotApi) -> None:
    async with running(tmp_path, api) as (_, __):
        await agree(api)
        api.say("/start OPD-2F-US")
        api.say("我在哪")
        await api.until(lambda: any("OPD-2F-US" in one for one in api.texts()))


async def test_a_blocked_bot_is_shown_to_staff_and_not_tried_again(tmp_path: Path, api: BotApi) -> None:
    async with running(tmp_path, api) as (house, _):
        await agree(api)
        api.faults["sendMessage"] = [(403, {"description": "Forbidden: bot was blocked by the user"})]
        api.say("你好")
        await api.until(lambda: not api.faults["sendMessage"])
        api.say("还在吗")  # its answer is not held up by the one that failed
        await api.until(lambda: "听到了：还在吗" in api.texts())
        assert api.texts().count("听到了：你好") == 1
        (unsent,) = await house.read(lambda desk: list_unsent(desk))
        assert unsent.body["text"] == "听到了：你好"


async def test_a_rate_limit_is_waited_out_and_the_order_kept(tmp_path: Path, api: BotApi) -> None:
    async with running(tmp_path, api) as (house, _):
        await agree(api)
        api.faults["sendMessage"] = [
            (429, {"description": "Too Many Requests", "parameters": {"retry_after": 7}}),
            (502, {"description": "Bad Gateway"}),
        ]
        api.say("一")
        api.say("二")
        for reason in ("rate limit", "NetworkError"):
            await until(lambda reason=reason: _errors(house, reason))
            house.now.time += timedelta(seconds=20)  # type: ignore[attr-defined]
            house.bell.ring()
        await api.until(lambda: "听到了：二" in api.texts())
        assert api.texts() == ["听到了：一", "听到了：一", "听到了：一", "听到了：二"]
        assert await house.read(lambda desk: list_unsent(desk)) == []


async def test_the_webhook_takes_an_update_three_times_and_acts_once(tmp_path: Path, api: BotApi) -> None:
    async with running(tmp_path, api, telegram_webhook_secret=SECRET, public_url="https://ask.example") as (
        house,
        app,
    ):
        await api.until(lambda: api.named("setWebhook"))
        (set_up,) = api.named("setWebhook")
        assert set_up["url"] == "https://ask.example/webhooks/telegram" and set_up["secret_token"] == SECRET
        transport = httpx.ASGITransport(app)
        headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
        async with httpx.AsyncClient(transport=transport, base_url="http://t", headers=headers) as client:

            async def deliver(update: dict[str, Any]) -> int:
                return (await client.post("/webhooks/telegram", json=update)).status_code

            assert await deliver(api.say("挂号", send=False)) == 200
            await api.until(lambda: AGREE in api.titles())
            yes = api.press(AGREE, send=False)
            assert [await deliver(yes) for _ in range(3)] == [200, 200, 200]
            await api.until(lambda: "上午 08:30–09:00" in api.titles())
            press = api.press("上午 08:30–09:00", send=False)
            assert [await deliver(press) for _ in range(3)] == [200, 200, 200]
            await api.until(lambda: BOOKED.text in api.texts())
            assert heard(house) == ["挂号", "/SetSlots(choice=101)#1"]
            assert len(api.texts()) == 4  # notice, thanks, question, booked

            wrong = {"X-Telegram-Bot-Api-Secret-Token": "guess"}
            assert (await client.post("/webhooks/telegram", json={}, headers=wrong)).status_code == 403
            assert (await client.post("/webhooks/telegram", content=b"{")).status_code == 400
            assert (await client.post("/webhooks/telegram", json={"message": "x"})).status_code == 422


async def test_without_a_secret_there_is_no_webhook(tmp_path: Path) -> None:
    with small_house(tmp_path) as house:
        app = make_app(house, delivery=False)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://t") as client:
            assert (await client.post("/webhooks/telegram", json={"update_id": 1})).status_code == 404


async def test_an_update_whose_turn_found_the_database_locked_comes_again(
    tmp_path: Path, api: BotApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path, api) as (house, _):
        await agree(api)
        refused = 0

        def locked(*args: Any, **kwargs: Any) -> None:
            nonlocal refused
            refused += 1
            raise Busy

        with monkeypatch.context() as patch:
            patch.setattr(Turns, "_take", locked)
            update = api.say("挂号")
            await until(lambda: refused)
            assert api.acknowledged <= update["update_id"]
        await api.until(lambda: ASKED in api.texts())
        assert heard(house) == ["/greet", "挂号"]


def _errors(house: House, reason: str) -> bool:
    return house.read_now(lambda desk: reason in set(desk.session.exec(select(OutboxMessage.error))))
