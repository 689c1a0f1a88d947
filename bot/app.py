"""The web application: one factory, which puts the routes of this process together with what runs beside them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from fastapi import FastAPI

from bot.api import (
    conversations,
    discharges,
    errors,
    hospital_systems,
    maps,
    parse,
    reference,
    status,
    triage,
)
from bot.channels import rest, telegram, web
from bot.clock import running_clock
from bot.delivery import running_delivery
from bot.house import House
from bot.journal import Journal
from bot.pages import routes as pages

ROUTES = (
    status,
    pages,
    web,
    telegram,
    rest,
    parse,
    conversations,
    triage,
    hospital_systems,
    discharges,
    maps,
    reference,
)


def make_app(house: House, *, clock: bool = False, delivery: bool = True) -> FastAPI:
    """The HTTP side of a house; ``clock`` and ``delivery`` run as long as the application does."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            if delivery:
                await stack.enter_async_context(running_delivery(house))
            await stack.enter_async_context(telegram.running_telegram(house, app))
            if clock:
                await stack.enter_async_context(running_clock(house))
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
    errors.install(app)
    for room in ROUTES:
        app.include_router(room.router)
    return app
