"""Beds 床位: the whole hospital's, ward by ward. A bed is given and left by moving its request on the board of requests."""

from __future__ import annotations

from nicegui import ui

from bot.console.beds import WardBeds, list_wards
from bot.console.pages.here import Here
from bot.console.pages.parts import Keyed, box, nothing, press, words


def show(here: Here) -> None:
    with box("list-page"):
        with box("page-top", tag="header"):
            with box():
                words("床位", "page-title", tag="h1")
                words(
                    "全院一张床：本科满了，借给别科的病人。空床按顺序自动叫人；入院、出院在「服务单」里点，床位跟着变。"
                    "急诊直接收治、停用的床在「标床位」里标。",
                    "soft small",
                )
            press("去服务单", lambda: ui.navigate.to("/requests"), "plain push", icon="assignment")
        place = box("rows").props("role=list")
        none = nothing("还没有床位", "病区和床写在 beds.yml 里。", icon="bed")
    rows: Keyed[WardBeds] = Keyed(
        place,
        key=lambda one: one.id,
        build=_draw,
        classes=lambda one: "row-card grade-notice" if one.waiting and not one.free else "row-card",
    )

    def draw(found: tuple[WardBeds, ...]) -> None:
        rows.show(list(found))
        none.set_visibility(not found)

    here.live("requests", list_wards, draw, seconds=4)


def _draw(one: WardBeds) -> None:
    with box("row-head flat"):
        words(one.name, "row-name", tag="span")
        words(f"空 {one.free}", "pill green" if one.free else "pill", tag="span")
        words(f"留给要来的 {one.reserved}", "pill", tag="span")
        words(f"住着 {one.occupied}", "pill", tag="span")
        if one.closed:
            words(f"打扫、停用 {one.closed}", "pill", tag="span")
        if one.waiting:
            words(f"等床 {one.waiting} 位", "pill sun", tag="span")
        if one.takes:
            words(f"也收{'、'.join(one.takes)}", "soft small push", tag="span")
