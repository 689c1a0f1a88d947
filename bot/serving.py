"""One process that serves: opens the house with its progress shown, says where it is, and runs until stopped."""

from __future__ import annotations

import asyncio
import gc
import os
import socket
import threading
import time
from collections.abc import Callable

import structlog
from fastapi import FastAPI
from rich.console import Console
from rich.panel import Panel
from rich.table import Table

from bot.clock import running_clock
from bot.house import House, open_house
from bot.journal import set_up_logs
from bot.reception import find_first_link, note_address
from bot.rooms import open_settings
from bot.settings import Settings
from services.triage import assess
from services.wayfinding import get_map

log = structlog.get_logger()
console = Console(stderr=True)


def open_shown(settings: Settings) -> House:
    """The house, with a spinner that says which room is being opened; a fault in the data ends the start readably."""
    set_up_logs(settings.log_level, json=settings.log_json)
    began = time.perf_counter()
    with console.status("opening") as status:
        house = open_house(settings, progress=lambda what: status.update(f"opening: {what}"))
    log.info("house_open", seconds=round(time.perf_counter() - began, 2), database=house.engine.dialect.name)
    return house


def serve(
    *,
    host: str | None = None,
    port: int | None = None,
    clock: bool = True,
    staff: bool = True,
    patients: bool = True,
) -> None:
    """Serves until SIGINT or SIGTERM; what is being handled is finished first."""
    from bot.app import make_app

    def make(house: House) -> FastAPI:
        threading.Thread(target=warm_up, args=(house,), name="warm-up", daemon=True).start()
        app = make_app(house, clock=clock, delivery=patients, console=staff, patients=patients)
        console.print(_welcome(house, patients=patients, staff=staff))
        if staff:
            note_address(house.settings)
            _print_log_in(find_first_link(house))
        return app

    _serve(make, host=host, port=port)


def warm_up(house: House) -> None:
    """What is built at its first use is built now, not in front of the first patient with a headache."""
    house.interpreter.understand("头疼两天了", now=house.now())
    assess(house.hospital, text="头疼两天了")
    get_map(house.hospital)


def serve_actions(*, host: str | None = None, port: int | None = None) -> None:
    """The action server for Rasa, on its customary port unless another is given."""
    from bot.action_server import PORT, make_action_server

    def make(house: House) -> FastAPI:
        console.print(f"Rasa actions: {house.settings.address}/webhook", highlight=False)
        return make_action_server(house)

    _serve(make, host=host, port=PORT if port is None else port)


def _serve(make: Callable[[House], FastAPI], *, host: str | None, port: int | None) -> None:
    import uvicorn

    settings = open_settings()
    changes = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    settings = settings.model_copy(update=changes)
    listener = _listen(settings.host, settings.port)
    settings = settings.model_copy(update={"port": listener.getsockname()[1]})
    house = open_shown(settings)
    try:
        app = make(house)
        gc.collect()
        gc.freeze()  # dictionaries and rules live for ever: collections need not walk them during a turn
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,  # its lines hold paths, and a path holds a sender
            timeout_graceful_shutdown=10,
            ws_max_size=1 << 20,
        )
        uvicorn.Server(config).run(sockets=[listener])
    finally:
        house.close()


def tick_forever() -> None:
    """The clock alone, until SIGINT or SIGTERM."""
    house = open_shown(open_settings())

    async def wait() -> None:
        async with running_clock(house):
            await asyncio.Event().wait()

    try:
        asyncio.run(wait())
    except KeyboardInterrupt:
        pass
    finally:
        house.close()


def _listen(host: str, port: int) -> socket.socket:
    """The listening socket, taken before the house opens, so that a port in use is said at once."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    if os.name == "posix":
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        console.print(
            f"[red]cannot listen on {host}:{port}: {error.strerror}[/] (another port: PORT=8001 or --port)"
        )
        raise SystemExit(1) from None
    return listener


def _welcome(house: House, *, patients: bool, staff: bool) -> Panel:
    address = house.settings.address
    rows = Table.grid(padding=(0, 2))
    if patients:
        rows.add_row("[bold]Patients[/]", f"{address}/")
    if staff:
        rows.add_row("[bold]Staff[/]", f"{address}/console")
    if patients:
        rows.add_row("[bold]HTTP API[/]", f"{address}/docs")
        rows.add_row("[bold]Rasa REST[/]", f"{address}/webhooks/rest/webhook")
    rows.add_row("[bold]Data[/]", str(house.settings.data_dir.resolve()))
    return Panel.fit(rows, title=house.hospital.name, border_style="cyan")


def _print_log_in(first_link: str | None) -> None:
    """How staff get in. The link stands on a line of its own, unbroken, so that it can be clicked and copied."""
    if first_link is None:
        console.print("Staff log in with their own account; another one: [bold]wenjin staff add LOGIN[/]")
        return
    console.print("First administrator (login [bold]admin[/]), once, to set a password:")
    console.print(f"  {first_link}", soft_wrap=True, highlight=False, markup=False)
