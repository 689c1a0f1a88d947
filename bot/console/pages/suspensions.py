"""Suspensions 停诊: beginning one, and the list of those who must be telephoned because they have not answered."""

from __future__ import annotations

from functools import partial

from nicegui import ui

from bot.console.boards import Field
from bot.console.pages.here import Here
from bot.console.pages.parts import Keyed, ask, box, nothing, press, words
from bot.console.pages.reveals import draw_secret
from bot.console.suspensions import (
    PERIODS,
    Standing,
    Told,
    list_doctors,
    list_standing,
    list_told,
    resume,
    reveal_phone,
    suspend,
    tick,
)
from bot.console.words import say_time
from services import Desk

OUTCOMES = (("rebooked", "改好约了"), ("called", "通知到了"), ("declined", "不来了"), ("unreached", "没打通"))


def show(here: Here) -> None:
    async def begin() -> None:
        async def keep(given: dict[str, str]) -> bool:
            said: list[str] = []
            done = await here.do("registration", lambda desk: said.append(suspend(desk, **given)))
            if done:
                here.tell(said[0])
            return done

        await ask(
            "登记停诊",
            [
                Field("doctor", "医生", True, "choice", list_doctors(here.house.hospital)),
                Field("date", "哪一天", True, "date", value=f"{here.house.now():%Y-%m-%d}"),
                Field("period", "时段", True, "choice", tuple(PERIODS), "全天"),
                Field("reason", "原因（同事看得到，不发给患者）"),
            ],
            done="停诊",
            hint=_explain(here),
            classes="grave",
            keep=keep,
        )

    with box("list-page"):
        with box("page-top", tag="header"):
            with box():
                words("停诊", "page-title", tag="h1")
                words(
                    "患者收到通知，点一下就能改约。到时候没有回音的排在最前面，请打电话，打完勾掉。",
                    "soft small",
                )
            press("登记停诊", begin, "strong push", icon="event_busy")
        closed = box("rows").props('role=list aria-label="已登记的停诊"')
        place = box("rows").props("role=list")
        none = nothing("没有要打的电话", "停诊的患者都回了，或者还没有停诊。", icon="phone_in_talk")
    rows: Keyed[Told] = Keyed(
        place,
        key=lambda one: one.id,
        build=partial(_draw, here),
        classes=lambda one: "row-card grade-notice" if one.to_call else "row-card",
    )

    standing: Keyed[Standing] = Keyed(
        closed, key=lambda one: one.id, build=partial(_draw_standing, here), classes=lambda one: "row-card"
    )

    def draw(found: tuple[Told, ...]) -> None:
        rows.show(list(found))
        none.set_visibility(not found)

    def draw_standing(found: tuple[Standing, ...]) -> None:
        standing.show(list(found))
        closed.set_visibility(bool(found))

    here.live("registration", list_standing, draw_standing, seconds=3)
    here.live("registration", list_told, draw, seconds=3)


def _explain(here: Here) -> str:
    rules = here.house.hospital.outpatients.suspension
    quiet = here.house.hospital.registration.quiet_hours
    return (
        f"约了号的患者马上收到通知。夜里（{quiet.start:%H:%M}–{quiet.end:%H:%M}）只叫醒 {rules.wakes_within_hours} "
        f"小时内要来的，其余 {quiet.end:%H:%M} 再说。{rules.answer_minutes} 分钟没有回音（当天的 "
        f"{rules.urgent_answer_minutes} 分钟）就列在这里。"
    )


def _draw_standing(here: Here, one: Standing) -> None:
    with box("row-head flat"):
        words("停诊", "pill", tag="span")
        words(one.about, "row-name", tag="span")
        press(
            "恢复出诊",
            partial(_resume, here, one),
            "plain push",
            label=f"恢复出诊 {one.about}",
            icon="event_available",
        )


async def _resume(here: Here, one: Standing) -> None:
    async def keep(given: dict[str, str]) -> bool:
        said: list[str] = []
        done = await here.do("registration", lambda desk: said.append(resume(desk, session=one, **given)))
        if done:
            here.tell(said[0])
        return done

    await ask(
        f"恢复出诊：{one.about}",
        [Field("reason", "原因（同事看得到，不发给患者）", True)],
        done="恢复出诊",
        hint="还没改约的患者，原来的号照旧，马上收到通知；已经改约或不来了的，照他们选的。",
        keep=keep,
    )


def _draw(here: Here, one: Told) -> None:
    with box("row-head flat"):
        words(one.name, "row-name", tag="span")
        words(one.about, "row-about", tag="span")
        if one.to_call:
            words("要打电话", "pill sun", tag="span")
            if one.attempts:
                words(f"打过 {one.attempts} 次", "pill", tag="span")
        else:
            words(f"等回音到 {say_time(one.call_at, here.house.now())}", "soft small", tag="span")
        contact_id = one.contact_id
        if here.may("conversations"):
            press("看对话", lambda: ui.navigate.to(f"/talks/{contact_id}"), "link push", icon="forum")
    with box("row-body"):
        draw_secret(here, "电话", one.phone, partial(_find_phone, one.id))
        if one.others:
            words(f"可以改到：{one.others}", "small")
        with box("pair"):
            for outcome, name in OUTCOMES:
                press(name, partial(_tick, here, one, outcome, name), "plain", label=f"{one.name} {name}")


def _find_phone(notice_id: int, desk: Desk, reason: str) -> str:
    return reveal_phone(desk, notice_id=notice_id, reason=reason)


async def _tick(here: Here, one: Told, outcome: str, name: str) -> None:
    async def keep(given: dict[str, str]) -> bool:
        return await here.do(
            "registration", lambda desk: tick(desk, notice_id=one.id, outcome=outcome, note=given["note"])
        )

    await ask(f"{one.name}：{name}", [Field("note", "说了什么")], done=name, keep=keep)
