"""What did not reach its patient, with the reason: somebody should telephone."""

from __future__ import annotations

from nicegui import ui

from bot.console.pages.here import Here
from bot.console.pages.parts import Keyed, box, nothing, press, words
from bot.console.unsent import Unsent, list_undelivered
from bot.console.words import say_time


def show(here: Here) -> None:
    with box("list-page"):
        with box("page-top", tag="header"), box():
            words("未送达", "page-title", tag="h1")
            words("没能送到患者手里的消息和提醒。要紧的请打电话告诉患者。", "soft small")
        place = box("rows").props("role=list")
        none = nothing("都送到了", "没有失败的消息，也没有漏掉的提醒。")

    def build(one: Unsent) -> None:
        with box("row-head flat"):
            words(say_time(one.at, here.house.now()), "row-time", tag="span")
            words(one.what, "pill", tag="span")
            with box("row-text"):
                words(one.text or "（没有文字）", "text")
                words(one.why, "bad small")
            words(f"{one.name}　{one.channel}", "soft small push", tag="span")
            press("看对话", lambda: ui.navigate.to(f"/talks/{one.contact_id}"), "link", icon="forum")

    rows: Keyed[Unsent] = Keyed(place, key=lambda one: one.key, build=build, classes=lambda one: "row-card")

    def draw(found: tuple[Unsent, ...]) -> None:
        rows.show(found)
        none.set_visibility(not found)

    here.live("conversations", list_undelivered, draw, seconds=4)
