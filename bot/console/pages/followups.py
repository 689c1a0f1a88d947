"""Follow-ups: one row a discharge, a dot a day, answers opened on demand; the red ones first."""

from __future__ import annotations

from functools import partial

from nicegui import ui

from bot.console.boards import Field
from bot.console.followups import (
    HOW,
    NOT_REACHED,
    REACHED,
    Day,
    Enrolled,
    list_enrolled,
    note_telephone,
    reveal_enrolled,
)
from bot.console.lists import DISCHARGES
from bot.console.pages.hatch import draw_hatch
from bot.console.pages.here import Here
from bot.console.pages.parts import Keyed, ask, box, nothing, press, words
from bot.console.pages.reveals import draw_secret
from bot.console.words import STATES, TASKS, say_day, say_time
from services import Desk
from services.followups import BOARD

VIEWS = {"all": "全部", "red": "有异常", "call": "要打电话"}
LEVEL_WORDS = {"ok": "正常", "notice": "留意", "alarm": "危险"}


def show(here: Here) -> None:
    FollowupsPage(here)


class FollowupsPage:
    def __init__(self, here: Here):
        self.here, self.view = here, "all"
        self._all: tuple[Enrolled, ...] = ()
        self._opened: set[int] = set()
        with box("list-page"):
            with box("page-top", tag="header"):
                with box():
                    words("出院随访", "page-title", tag="h1")
                    words(
                        "一个点是一天：绿正常，黄留意，红危险，空心还没到，斜线没有回答。点开看回答，打了电话在那里记下。",
                        "soft small",
                    )
                draw_hatch(here, "followups", DISCHARGES)
                ui.toggle(VIEWS, value=self.view, on_change=self._change_view).props(
                    "no-caps unelevated dense toggle-color=primary"
                )
            place = box("rows").props("role=list")
            self._none = nothing(
                "没有要看的随访", "点「导入出院名单」，或者由医院的系统从接口送来。", icon="fact_check"
            )
        self._list: Keyed[tuple[Enrolled, bool]] = Keyed(
            place, key=lambda one: one[0].id, build=self._build, classes=_classes
        )
        here.live("followups", list_enrolled, self._show, seconds=3)

    def _show(self, found: tuple[Enrolled, ...]) -> None:
        self._all = found
        self._draw()

    def _draw(self) -> None:
        shown = [one for one in self._all if self._belongs(one)]
        self._list.show([(one, one.id in self._opened) for one in shown])
        self._none.set_visibility(not shown)

    def _belongs(self, one: Enrolled) -> bool:
        if self.view == "red":
            return one.level != "ok"
        return self.view == "all" or one.to_call

    def _change_view(self, event: object) -> None:
        self.view = getattr(event, "value", "all") or "all"
        self._draw()

    def _toggle(self, follow_up_id: int) -> None:
        self.here.visitor.stay()
        self._opened ^= {follow_up_id}
        self._draw()

    def _build(self, item: tuple[Enrolled, bool]) -> None:
        one, opened = item
        head = box("row-head", tag="button").props(f"type=button aria-expanded={str(opened).lower()}")
        head.on("click", partial(self._toggle, one.id))
        with head:
            words(one.name, "row-name", tag="span")
            words(f"{one.department or '—'}　{say_day(one.discharged_on)}出院", "row-about", tag="span")
            with box("dots", tag="span"):
                for day in one.days:
                    _draw_dot(day)
            words(STATES.get(one.status, one.status), "pill", tag="span")
            if one.level != "ok":
                words(LEVEL_WORDS[one.level], "pill red" if one.level == "alarm" else "pill sun", tag="span")
            elif one.to_call:
                words("要打电话", "pill sun", tag="span")
            ui.icon("expand_less" if opened else "expand_more").props("aria-hidden=true").classes("push")
        if opened:
            with box("row-body"):
                self._draw_body(one)

    def _draw_body(self, one: Enrolled) -> None:
        with box("side-row"):
            words(f"{one.plan}　{one.diagnosis}", "small")
            for label, field, covered in (("姓名", "name", one.name), ("电话", "phone", one.phone)):
                draw_secret(self.here, label, covered, partial(self._find_secret, one.id, field))
            if one.contact_id is not None and self.here.may("conversations"):
                contact_id = one.contact_id
                press("看对话", lambda: ui.navigate.to(f"/talks/{contact_id}"), "link", icon="forum")
        now = self.here.house.now()
        for day in one.days:
            with box("side-row"):
                with box("side-head"):
                    words(f"第 {day.day} 天", tag="strong")
                    words(TASKS.get(day.status, day.status), "soft small", tag="span")
                for question, answer, level in day.answers:
                    with box("answer"):
                        words(question, "soft small")
                        words(answer, f"level-{level}")
                for at, who, reached, said in day.calls:
                    with box("answer"):
                        words(
                            f"{who} {say_time(at, now)} 打电话{'' if reached else '，没打通'}", "soft small"
                        )
                        words(said, "text")
                if day.status != "cancelled":
                    tone = "plain" if day.status in BOARD else "link"
                    press(
                        "记电话",
                        partial(self._note_call, one, day),
                        tone,
                        icon="call",
                        label=_label(one, day),
                    )

    async def _note_call(self, one: Enrolled, day: Day) -> None:
        async def keep(given: dict[str, str]) -> bool:
            return await self.here.do(
                "followups",
                lambda desk: note_telephone(desk, task_id=day.id, fields=given),
                said=f"{one.name} 第 {day.day} 天：记下了。",
            )

        await ask(
            f"{one.name}　第 {day.day} 天，电话随访",
            [
                Field("reached", "打通了吗", True, "choice", (REACHED, NOT_REACHED), REACHED),
                Field("said", "患者说了什么，您怎么答的", True, "text"),
                Field("level", "现在怎样", False, "choice", tuple(HOW.values())),
            ],
            done="记下",
            hint="记下名字、时间和内容；这一天助手不再问，前面没有回答的几天也一并了结。没打通只记一次。",
            keep=keep,
        )

    def _find_secret(self, follow_up_id: int, field: str, desk: Desk, reason: str) -> str:
        return reveal_enrolled(desk, follow_up_id=follow_up_id, field=field, reason=reason)


def _label(one: Enrolled, day: Day) -> str:
    return f"记{one.name}第 {day.day} 天的电话"


def _draw_dot(day: Day) -> None:
    with box(f"dot {day.status} grade-{day.level}", tag="span") as dot:
        words(f"D{day.day}", tag="span")
    dot.props["title"] = f"第 {day.day} 天：{TASKS.get(day.status, day.status)}"


def _classes(item: tuple[Enrolled, bool]) -> str:
    return f"row-card grade-{item[0].level}"
