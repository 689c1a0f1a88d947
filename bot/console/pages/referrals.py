"""Referrals 转诊: who was sent by which institution, and registering one that came by telephone."""

from __future__ import annotations

from functools import partial

from bot.console.boards import Field
from bot.console.pages.here import Here
from bot.console.pages.parts import Keyed, ask, box, nothing, press, words
from bot.console.referrals import Referred, add_referral, list_referred, withdraw_referral
from bot.console.words import say_day

STATES = {"active": "可以约", "completed": "已约", "cancelled": "已撤销"}


def show(here: Here) -> None:
    rules = here.house.hospital.registration.quotas
    names = tuple(one.name for one in rules.institutions) if rules else ()

    async def add() -> None:
        async def keep(given: dict[str, str]) -> bool:
            return await here.do("registration", lambda desk: add_referral(desk, **given), said="登记好了。")

        departments = tuple(one.name for one in here.house.hospital.departments if one.bookable)
        await ask(
            "登记转诊",
            [
                Field("institution", "转诊机构", True, "choice", names, names[0] if names else ""),
                Field("name", "患者姓名", True),
                Field("id_number", "证件号", True),
                Field("department", "转到哪个科", True, "choice", departments),
            ],
            done="登记",
            keep=keep,
        )

    with box("list-page"):
        with box("page-top", tag="header"):
            with box():
                words("转诊", "page-title", tag="h1")
                words(_explain(here), "soft small")
            if names:
                press("登记转诊", add, "strong push", icon="add")
        place = box("rows").props("role=list")
        none = nothing("还没有转诊", icon="transfer_within_a_station")
    rows: Keyed[Referred] = Keyed(
        place, key=lambda one: one.id, build=partial(_draw, here), classes=lambda one: "row-card"
    )

    def draw(found: tuple[Referred, ...]) -> None:
        rows.show(list(found))
        none.set_visibility(not found)

    here.live("registration", list_referred, draw, seconds=3)


def _explain(here: Here) -> str:
    rules = here.house.hospital.registration.quotas
    if rules is None:
        return "医院没有给转诊留号。"
    where = "、".join(rules.departments) or "各科"
    return f"{where}每 {rules.every} 个号留一个给转诊患者，就诊前 {rules.days_before} 天 {rules.at:%H:%M} 放给所有人。"


def _draw(here: Here, one: Referred) -> None:
    with box("row-head flat"):
        words(one.name, "row-name", tag="span")
        words(f"{one.institution} → {one.department}", "row-about", tag="span")
        words(one.number, "number", tag="span")
        words(STATES.get(one.status, one.status), "pill", tag="span")
        words(f"{say_day(one.valid_until)}前有效", "soft small", tag="span")
        if one.status == "active":
            with box("push pair"):
                press("撤销", partial(_withdraw, here, one), "link grave", label=f"撤销{one.number}")


async def _withdraw(here: Here, one: Referred) -> None:
    async def keep(given: dict[str, str]) -> bool:
        return await here.do(
            "registration", lambda desk: withdraw_referral(desk, referral_id=one.id, reason=given["reason"])
        )

    reason = Field("reason", "原因", required=True)
    await ask(f"撤销 {one.number}", [reason], done="撤销", classes="grave", keep=keep)
