"""The web application: one factory, which puts the routes of this process together."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from fastapi import FastAPI

from bot.api import conversations, errors, hospital_systems, maps, parse, reference, status, triage
from bot.channels import rest
from bot.house import House
from bot.journal import Journal

Service = Callable[[FastAPI], "AsyncExitStack | object"]


def make_app(house: House) -> FastAPI:
    """The HTTP side of a house. What runs beside it (clock, delivery, long polling) is entered by ``serve``."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for service in app.state.services:
                await stack.enter_async_context(service(house))
            yield

    app = FastAPI(
        title="问津 Wenjin",
        description=f"{house.hospital.name}",
        docs_url=None,  # the default pages load their script from outside; ours is served by `reference`
        redoc_url=None,
        openapi_url="/openapi.json",
        lifespan=lifespan,
    )
    app.state.house = house
    app.state.services = []
    app.add_middleware(Journal)
    errors.install(app)
    for room in (status, parse, conversations, triage, hospital_systems, maps, reference, rest):
        app.include_router(room.router)
    return app
