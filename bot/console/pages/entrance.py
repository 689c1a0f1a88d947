"""The way in: log in, and set a password by a link that works once."""

from __future__ import annotations

from nicegui import app, ui
from nicegui.element import Element
from starlette.requests import Request
from starlette.responses import RedirectResponse

from bot.console.pages.here import PATIENCE, Desks, new_mark
from bot.console.pages.parts import box, press, words
from bot.console.visitors import Gone, log_in
from bot.console.words import explain
from bot.writers import Busy
from services import Desk
from services.errors import ServiceError
from services.staff import PASSWORD_LENGTH, find_setup_link, redeem_setup_link


def register(desks: Desks) -> None:
    @ui.page("/login", response_timeout=PATIENCE)
    async def login(request: Request) -> RedirectResponse | None:
        try:
            await desks.visitor().who()
        except Gone:
            if (
                request.headers.get("sec-fetch-dest", "document") == "document"
            ):  # not for a picture gone astray
                _draw_login(desks, new_mark(), _address(request))
            return None
        return RedirectResponse("/console/")

    @ui.page("/setup/{token}", response_timeout=PATIENCE)
    async def setup(request: Request, token: str) -> None:
        found = await desks.house.read(lambda desk: _find_login(desk, token))
        if found is None:
            with _card(desks):
                words("这个链接不能用了", "door-title", tag="h1")
                words("它可能已经用过一次，或者过了 72 小时。请找管理员再要一个新的链接。", "soft")
                press("去登录", lambda: ui.navigate.to("/login"), "strong wide")
            return
        _draw_setup(desks, token, found, _address(request))


def _draw_login(desks: Desks, mark: str, address: str) -> None:
    session = app.storage.user
    with _card(desks):
        words("工作人员登录", "door-title", tag="h1")
        login = _input("登录名", "username").props("autofocus")
        password = _input("密码", "current-password", secret=True)
        problem = words("", "problem").props("role=alert")

        async def enter() -> None:
            problem.set_text("")
            if not desks.turnstile.let(address):
                problem.set_text("试得太多了，请过一分钟再试。")
                return
            try:
                entered = await log_in(
                    desks.house,
                    session,
                    login=login.value or "",
                    password=password.value or "",
                    mark=mark,
                )
            except Busy:
                problem.set_text("系统正忙，请再试一次。")
                return
            if entered:
                desks.turnstile.forgive(address)
                ui.run_javascript("wenjin.enter()")
            else:
                password.set_value("")
                problem.set_text("登录名或密码不对。连错五次，账号会锁住 15 分钟。")

        login.on("keydown.enter", enter)
        password.on("keydown.enter", enter)
        press("登录", enter, "strong wide")
        words("没有账号，或忘了密码？请找管理员要一个设置链接。", "soft small")


def _draw_setup(desks: Desks, token: str, found: tuple[str, str], address: str) -> None:
    login, name = found
    with _card(desks):
        words(f"{name}，请设置您的密码", "door-title", tag="h1")
        words(f"登录名：{login}", "soft")
        words(
            f"至少 {PASSWORD_LENGTH} 位，越长越好，一句只有您想得到的话就很好。这个链接只能用一次。",
            "soft small",
        )
        password = _input("新密码", "new-password", secret=True).props("autofocus")
        again = _input("再输一遍", "new-password", secret=True)
        problem = words("", "problem").props("role=alert")

        async def keep() -> None:
            problem.set_text("")
            if password.value != again.value:
                problem.set_text("两次输入的不一样。")
                return
            if not desks.turnstile.let(address):
                problem.set_text("试得太多了，请过一分钟再试。")
                return

            def redeem(desk: Desk) -> None:
                redeem_setup_link(desk, token=token, password=password.value or "")

            try:
                await desks.house.write(redeem, actor="console")
            except ServiceError as error:
                problem.set_text(explain(error))
                return
            except Busy:
                problem.set_text("系统正忙，请再试一次。")
                return
            desks.turnstile.forgive(address)
            ui.navigate.to("/login")

        again.on("keydown.enter", keep)
        press("设好密码", keep, "strong wide")


def _find_login(desk: Desk, token: str) -> tuple[str, str] | None:
    staff = find_setup_link(desk, token=token)
    return (staff.login, staff.name) if staff is not None and staff.active else None


def _card(desks: Desks) -> Element:
    ui.query("body").classes("door-page")
    card = box("door-card", tag="main")
    with card, box("door-head"):
        ui.image("/mark.svg").classes("mark").props("no-spinner no-transition alt=''")
        with box():
            words(desks.house.hospital.name, "door-hospital")
            words("问津工作台", "soft small")
    return card


def _input(label: str, autocomplete: str, *, secret: bool = False) -> ui.input:
    entry = ui.input(label, password=secret, password_toggle_button=secret).classes("wide")
    return entry.props(f"outlined autocomplete={autocomplete} maxlength=200")


def _address(request: Request) -> str:
    return request.client.host if request.client else ""
