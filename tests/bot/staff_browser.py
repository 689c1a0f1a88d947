"""The staff console in headless Chromium, with the whole house behind it: fixtures for the stories."""

from __future__ import annotations

import datetime as dt
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from bot.app import make_app
from bot.hours import MovingHours
from bot.house import House
from bot.transcripts import Theatre
from bot.transcripts.world import change_world
from services import Desk, staff
from tests.bot.browser import CHROMIUM, FLAGS, PATIENCE
from tests.conftest import NOW

PAGES = "bot.console.pages"
DESK, TABLET = {"width": 1366, "height": 768}, {"width": 820, "height": 1180}
LOGIN, HOME = re.compile(r"/console/login$"), re.compile(r"/console/$")
"""Asked for until they hold: a page that is sent away may be sent twice, and one navigation then ends another."""
PHONE = {"width": 390, "height": 844}
UNTOUCHED = """
let touched = false;
document.addEventListener("pointerdown", () => { touched = true; }, true);
Object.defineProperty(navigator, "userActivation", { get: () => ({ hasBeenActive: touched }) });
"""
"""A browser that knows of no press yet; the one that runs the tests takes each look of theirs for one."""
PASSWORD = "一条大河波浪宽风吹稻花"


@dataclass
class Served:
    house: House
    url: str
    hours: MovingHours

    def pass_time(self, **span: float) -> None:
        """Moves the hospital's clock on; what is due then is done within a second."""
        self.hours.time += dt.timedelta(**span)

    def say(self, text: str, *, sender: str = "甲") -> list[dict[str, Any]]:
        body = {"sender": sender, "message": text}
        answer = httpx.post(f"{self.url}/webhooks/rest/webhook", json=body, timeout=60)
        assert answer.status_code == 200
        return answer.json()

    def hear(self, words: str, *, sender: str) -> str:
        """Says something until the words come along with the answer: the clock may still be about it."""
        heard = ""
        for _ in range(150):
            heard += "".join(one.get("text", "") for one in self.say("谢谢", sender=sender))
            if words in heard:
                return heard
            time.sleep(0.2)
        raise AssertionError(f"{words} was never heard: {heard}")

    def tracker(self, sender: str) -> dict[str, Any]:
        return httpx.get(f"{self.url}/conversations/{sender}/tracker", timeout=60).json()

    def write(self, work: Callable[[Desk], Any]) -> Any:
        house = self.house
        return house.writers.call(
            lambda: house.writers.transaction(lambda session: work(house.desk(session)))
        )

    def world(self, line: str) -> None:
        self.write(lambda desk: change_world(desk, line, channel="rest"))

    def employ(self, login: str, role: str, *, ready: bool = True) -> str:
        """A new account; returns the token of its set-up link."""

        def work(desk: Desk) -> str:
            _, token = staff.add_staff(desk, login=login, name=f"{login}师傅", role=role)
            if ready:
                staff.redeem_setup_link(desk, token=token, password=PASSWORD)
            return token

        return self.write(work)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def served(theatre: Theatre) -> Iterator[Served]:
    with theatre.stage(NOW) as (stage, hours):
        house = replace(stage, settings=stage.settings.model_copy(update={"clock_seconds": 0.5}))
        app = make_app(house, clock=True, console=True)
        server = uvicorn.Server(
            uvicorn.Config(app, port=0, log_level="critical", timeout_graceful_shutdown=1)
        )
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield Served(house, f"http://127.0.0.1:{port}", hours)
        server.should_exit = True
        thread.join(10)
        forget_toolkit()


def forget_toolkit() -> None:
    """NiceGUI is one application a process: the next file's house gets a new one, and nothing of this one's."""
    for name in [one for one in sys.modules if one.split(".")[0] == "nicegui" or one.startswith(PAGES)]:
        del sys.modules[name]


@pytest.fixture
def open_console(browser: Browser, served: Served) -> Iterator[Callable[..., Page]]:
    """Opens the console as somebody logged in; afterwards nothing may stand in the browser's console and nothing
    have come from elsewhere."""
    contexts: list[BrowserContext] = []
    said: list[str] = []

    def open(path: str = "/", *, login: str | None = None, viewport: Any = DESK) -> Page:
        context = browser.new_context(viewport=viewport, locale="zh-CN")
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on(
            "request",
            lambda request: (
                said.append(request.url)
                if not request.url.startswith((served.url, served.url.replace("http", "ws"), "data:"))
                else None
            ),
        )
        if login is not None:
            log_in(page, served, login)
        page.goto(f"{served.url}/console{path}")
        return page

    yield open
    for context in contexts:
        context.close()
    assert [one for one in said if "404" not in one] == []


def log_in(
    page: Page, served: Served, login: str, password: str = PASSWORD, *, at: re.Pattern[str] = HOME
) -> None:
    page.goto(f"{served.url}/console/login")
    page.get_by_label("登录名").fill(login)
    page.get_by_label("密码", exact=True).fill(password)
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page).to_have_url(at)
