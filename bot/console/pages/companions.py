"""The roster: who escorts and who is on duty for help, with training, shifts and languages."""

from __future__ import annotations

from functools import partial

from bot.console.boards import Field
from bot.console.companions import (
    ACTIVE,
    AWAY,
    DUTIES,
    KINDS,
    SKILLS,
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
        with box("row-foot"):
            about = (one.post, one.shifts, one.languages, one.skills and f"会用{one.skills}")
            words("　".join(word for word in about if word), "soft small")
            draw_secret(self.here, "电话", one.phone, partial(self._find_phone, one.id))

    @staticmethod
    def _find_phone(companion_id: int, desk: Desk, reason: str) -> str:
        return reveal_phone(desk, companion_id=companion_id, reason=reason)

    async def _add(self) -> None:
        async def keep(given: dict[str, str]) -> bool:
            return await self.here.do("escorts", lambda desk: add_person(desk, given), said="已添加。")

        await ask(
            "添加陪诊人员",
            [
                Field("code", "编号（字母、数字）", True),
                Field("name", "姓名", True),
                Field("phone", "电话", True),
                Field("kind", "身份", True, "choice", tuple(KINDS.values()), KINDS["volunteer"]),
                *self._describe(shifts="每天 08:00-17:30", languages="普通话", duties=DUTIES["escort"]),
            ],
            done="添加",
            keep=keep,
        )

    def _describe(
        self,
        *,
        post: str = "",
        shifts: str,
        languages: str,
        skills: str = "",
        duties: str,
        trained_until: str = "",
    ) -> list[Field]:
        """What may change of a person, as it stands."""
        hospital = self.here.house.hospital
        places = tuple(one.name for one in hospital.places if one.name)
        speeches = "、".join(one.name for one in hospital.escort.speeches)
        return [
            Field("duties", f"做什么（{'、'.join(DUTIES.values())}）", True, value=duties),
            Field("post", "在哪值班", True, "choice", places, post),
            Field("shifts", "班次（每天 08:00-17:30；周六 08:00-12:00）", True, value=shifts),
            Field("languages", f"会说的话（{speeches}）", True, value=languages),
            Field("skills", f"会用的（{'、'.join(SKILLS.values())}）", value=skills),
            Field("trained_until", "培训有效到", True, "date", value=trained_until),
        ]

    async def _change(self, one: Person) -> None:
        async def keep(given: dict[str, str]) -> bool:
            return await self.here.do(
                "escorts", lambda desk: change_person(desk, companion_id=one.id, fields=given), said="已改。"
            )

        await ask(
            f"改{one.name}",
            [
                Field("phone", "电话（不改就空着）"),
                *self._describe(
                    post=one.post,
                    shifts=one.shifts,
                    languages=one.languages,
                    skills=one.skills,
                    duties=one.duties,
                    trained_until=one.trained_until.isoformat(),
                ),
                Field("reason", "为什么改", True),
            ],
            done="改好",
            keep=keep,
        )

    async def _set(self, one: Person, state: str, title: str) -> None:
        async def keep(given: dict[str, str]) -> bool:
            return await self.here.do(
                "escorts",
                lambda desk: set_person_state(desk, companion_id=one.id, state=state, reason=given["reason"]),
                said=f"{one.name}：{title}。",
            )

        reason = Field("reason", "原因", required=True)
        await ask(f"{one.name}{title}", [reason], done=title, keep=keep)
