"""A patient who has never been here books on Telegram: the whole house, from consent to the appointment."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from pydantic import SecretStr
from sqlmodel import select

from bot.app import make_app
from bot.transcripts import Theatre
from services.appointments import Appointment
from services.outbox import count_queued
from services.patients import Patient
from tests.bot.telegram_server import TOKEN, bot_api
from tests.services.builders import make_id_number


async def test_a_new_patient_books_by_inline_buttons(theatre: Theatre, now: datetime) -> None:
    async with bot_api() as api:
        with theatre.stage(now) as (staged, _):
            telegram = {"telegram_token": SecretStr(TOKEN), "telegram_base_url": api.url}
            house = replace(staged, settings=staged.settings.model_copy(update=telegram))
            app = make_app(house)

            async def after(act: Callable[[], dict[str, Any]]) -> str:
                """Does it, and gives what the bot said to it when everything is said."""
                said = len(api.texts())
                update = act()
                async with asyncio.timeout(60):  # done with first: an answer may have more than one turn
                    while api.acknowledged <= update["update_id"] or house.read_now(count_queued):  # noqa: ASYNC110
                        await asyncio.sleep(0.01)
                return "\n".join(api.texts()[said:])

            async with app.router.lifespan_context(app):
                assert "境外" in await after(lambda: api.say("我想挂3月12日上午骨科的号"))
                await after(api.press_newest)  # agrees; and the first words are answered now
                await after(api.press_newest)  # whichever doctor
                await after(api.press_newest)  # identity data may be used
                await after(api.press_newest)  # for oneself
                await after(lambda: api.say("张三"))
                await after(lambda: api.say(make_id_number()))
                question = await after(lambda: api.say("10000001234"))
                assert "3月12日（周四）" in question
                booked = await after(api.press_newest)  # yes
                assert "3月12日（周四）" in booked

            (appointment,) = house.read_now(lambda desk: list(desk.session.exec(select(Appointment))))
            (patient,) = house.read_now(lambda desk: list(desk.session.exec(select(Patient))))
            assert (appointment.status, appointment.patient_id) == ("booked", patient.id)
