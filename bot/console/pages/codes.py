"""Codes by which patients confirm their phone: in the demonstration the console is the phone."""

from __future__ import annotations

from nicegui import ui

from bot.console.codes import Waiting, list_waiting
from bot.console.pages.here import Here
from bot.console.pages.parts import Keyed, box, nothing, words
from bot.console.words import say_time

STATES = {"queued": "待发", "sent": "已发", "failed": "没发出去"}


def show(here: Here) -> None:
    shown = here.house.settings.code_sender == "console"
    with box("list-page"):
        with box("page-top", tag="header"), box():
            words("手机验证码", "page-title", tag="h1")
            words(
                "没有接短信平台，验证码显示在这里，由工作人员告诉患者。"
                if shown
                else "验证码由短信平台发给患者，这里只看有没有发出去。",
                "soft small",
            )
        place = box("rows").props("role=list")
        none = nothing("没有等着核对的验证码", icon="sms")
    rows: Keyed[Waiting] = Keyed(
        place, key=lambda one: one.id, build=lambda one: _draw(here, one), classes=lambda one: "row-card"
    )

    def draw(found: tuple[Waiting, ...]) -> None:
        rows.show(list(found))
        none.set_visibility(not found)

    here.live("registration", lambda desk: list_waiting(desk, shown=shown), draw)


def _draw(here: Here, one: Waiting) -> None:
    now = here.house.now()
    with box("row-head"):
        words(one.name, "row-name", tag="span")
        words(one.phone, "row-about", tag="span")
        words(f"{say_time(one.at, now)}发，{one.until:%H:%M} 前有效", "soft small", tag="span")
        words(STATES.get(one.status, one.status), "pill", tag="span")
        if one.code:
            words(one.code, "number push", tag="strong")
        ui.space()
