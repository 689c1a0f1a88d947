"""The roster: who escorts and who is on duty for help, with training, shifts and languages."""

from __future__ import annotations

from functools import partial

from bot.console.companions import (
    ACTIVE,
    AWAY,
    DUTIES,
    KINDS,
    Person,
    add_person,
    change_person,
    list_persons,
    reveal_phone,
    set_person_state,
)
from bot.console.pages.here import Here
from bot.console.pages.parts import Keyed, ask, box, press, words
from bot.console.pages.reveals import draw_secret
from services import Desk
from services.companions import CLOSED

TRAINING = {"valid": "pill green", "soon": "pill", "over": "pill red"}


def show(here: Here) -> None:
    CompanionsPage(here)


class CompanionsPage:
    def __init__(self, here: Here):
        self.here = here
        with box("list-page"):
            with box("page-top", tag="header"):
                with box():
                    words("陪诊人员", "page-title", tag="h1")
                    words(
                        "陪诊员、志愿者和求助值班的人。培训过期、不当班、请假的，规则不会派；改了什么、为什么，都记下来。",
                        "soft small",
                    )
                press("添加", self._add, "strong push", icon="person_add")
            place = box("rows").props("role=list")
        self._list: Keyed[Person] = Keyed(
            place,
            key=lambda one: one.id,
            build=self._build,
            classes=lambda one: "row-card" if one.state == "在岗" else "row-card closed",
        )
        here.live("escorts", list_persons, self._list.show, seconds=3)

    def _build(self, one: Person) -> None:
        with box("row-head flat"):
            words(one.name, "row-name", tag="span")
            words(f"{one.kind}，{one.duties}", "row-about", tag="span")
            if one.state != "在岗":
                words(one.state, "pill red", tag="span")
            elif one.on_shift:
                words("当班", "pill green", tag="span")
            over = "培训已过期" if one.training == "over" else f"培训到 {one.trained_until}"
            words(over, TRAINING[one.training], tag="span")
            with box("push pair"):
                press("改", partial(self._change, one), "link", label=f"改{one.name}")
                if one.state == "在岗":
                    press("请假", partial(self._set, one, AWAY, "请假"), "link", label=f"{one.name}请假")
                else:
                    press(
                        "回来", partial(self._set, one, ACTIVE, "回到岗位"), "link", label=f"{one.name}回来"
                    )
                if one.state != "停用":
                    press(
                        "停用", partial(self._set, one, CLOSED, "停用"), "link grave", label=f"停用{one.name}"
                    )
        words(f"{one.post}　{one.shifts}　{one.languages}　{one.skills}", "soft small")
        draw_secret(self.here, "电话", one.phone, partial(self._find_phone, one.id))

    @staticmethod
    def _find_phone(companion_id: int, desk: Desk, reason: str) -> str:
        return reveal_phone(desk, companion_id=companion_id, reason=reason)

    async def _add(self) -> None:
        given = await ask(
            "添加陪诊人员",
            [
                ("code", "编号（字母、数字）", "line", (), ""),
                ("name", "姓名", "line", (), ""),
                ("phone", "电话", "line", (), ""),
                ("kind", "身份", "choice", tuple(KINDS.values()), KINDS["volunteer"]),
                ("duties", "做什么（陪诊、求助值班）", "line", (), DUTIES["escort"]),
                ("post", "在哪值班（地图上的名字）", "line", (), ""),
                ("shifts", "班次（每天 08:00-17:30；周六 08:00-12:00）", "line", (), "每天 08:00-17:30"),
                ("languages", "会说的话（普通话、壮话…）", "line", (), "普通话"),
                ("skills", "会的（wheelchair、stretcher、oxygen）", "line", (), "wheelchair"),
                ("trained_until", "培训有效到（2027-12-31）", "line", (), ""),
            ],
            done="添加",
        )
        if given is not None:
            await self.here.do("escorts", lambda desk: add_person(desk, given), said="已添加。")

    async def _change(self, one: Person) -> None:
        given = await ask(
            f"改{one.name}",
            [
                ("phone", "电话（不改就空着）", "line", (), ""),
                ("post", "在哪值班", "line", (), one.post),
                ("shifts", "班次", "line", (), one.shifts),
                ("languages", "会说的话", "line", (), one.languages),
                ("skills", "会的", "line", (), one.skills),
                ("duties", "做什么", "line", (), one.duties),
                ("trained_until", "培训有效到", "line", (), one.trained_until.isoformat()),
                ("reason", "为什么改", "line", (), ""),
            ],
            done="改好",
        )
        if given is not None:
            await self.here.do(
                "escorts", lambda desk: change_person(desk, companion_id=one.id, fields=given), said="已改。"
            )

    async def _set(self, one: Person, state: str, title: str) -> None:
        given = await ask(f"{one.name}{title}", [("reason", "原因", "line", (), "")], done=title)
        if given is None:
            return
        await self.here.do(
            "escorts",
            lambda desk: set_person_state(desk, companion_id=one.id, state=state, reason=given["reason"]),
            said=f"{one.name}：{title}。",
        )
