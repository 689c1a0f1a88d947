"""The web application: one factory, which puts the routes of this process together with what runs beside them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from fastapi import FastAPI

from bot.api import (
    beds,
    complaints,
    conversations,
    couriers,
    crowding,
    description,
    discharges,
    hospital_systems,
    maps,
    outpatients,
    parse,
    records,
    reference,
    referrals,
    refusals,
    service_lines,
    status,
    triage,
)
from bot.channels import rest, web
from bot.clock import running_clock
from bot.codes import running_codes
from bot.console.door import Door
from bot.couriers.asking import running_couriers
from bot.delivery import running_delivery
from bot.duty import running_duty
from bot.house import House
from bot.journal import Journal
from bot.pages import duty
from bot.pages import routes as pages
from bot.webhooks import running_webhooks

ROUTES = (
    status,
    pages,
    duty,
    web,
    rest,
    parse,
    conversations,
    triage,
    hospital_systems,
    complaints,
    couriers,
    discharges,
    referrals,
    beds,
    outpatients,
    crowding,
    maps,
    service_lines,  # before the records, whose /{type} would take its list
    records,
    reference,
)


def make_app(
    house: House, *, clock: bool = False, delivery: bool = True, console: bool = False, patients: bool = True
) -> FastAPI:
    """The HTTP side of a house; ``clock`` and ``delivery`` run as long as the application does.

    ``console`` is for one application a process (NiceGUI is global); without ``patients`` only the status routes
    stand beside it.
    """
    door = Door(house) if console else None

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            if delivery:
                await stack.enter_async_context(running_delivery(house))
                await stack.enter_async_context(running_webhooks(house))
                await stack.enter_async_context(running_codes(house))
                if house.settings.duty_url:
                    await stack.enter_async_context(running_duty(house))
            if patients and house.settings.telegram_token is not None:
                await stack.enter_async_context(telegram.running_telegram(house, app))
            if door is not None:
                stack.push_async_callback(door.close)
            if clock:
                await stack.enter_async_context(running_clock(house))
                await stack.enter_async_context(running_couriers(house))
            yield

    app = FastAPI(
        title="问津 Wenjin",
        description=house.hospital.name,
        docs_url=None,  # the default pages load their script from outside; ours is served by `reference`
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.house = house
    house.channels.setdefault(rest.RestChannel.name, rest.RestChannel())
    house.channels.setdefault(web.WebChannel.name, web.WebChannel(house.now))
    app.add_middleware(Journal)
    refusals.install(app)
    rooms = [*ROUTES] if patients else [status]
    if patients and house.settings.telegram_token is not None:
        from bot.channels import telegram  # half a second and 16 MB, for those who use it

        rooms.append(telegram)
    for room in rooms:
        app.include_router(room.router)
    description.install(app)
    if door is not None:
        app.mount("/console", door)
    return app
