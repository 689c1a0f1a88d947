"""The day at a glance: who waits, what is dangerous, today's patients by the hour, complaints by stage."""

from __future__ import annotations

from nicegui import ui

from bot.console.pages.here import Here
from bot.console.pages.parts import box, empty, words
from bot.console.talks import Entry
from bot.console.watch import View
from bot.console.words import CHANNELS, explain_reason, say_span
from services.overview import Figures
from services.stages import get_stage

FIRST_HOUR, LAST_HOUR = 8, 21


def show(here: Here) -> None:
    OverviewPage(here)


class OverviewPage:
    def __init__(self, here: Here):
        self.here = here
        self._shown: object = None
        hour = here.house.now().hour
        greeting = "早上好" if hour < 11 else "中午好" if hour < 13 else "下午好" if hour < 18 else "晚上好"
        with box("list-page overview"):
            with box("page-top", tag="header"):
                words(f"{greeting}，{here.person.name}", "page-title", tag="h1")
                self._day = words("", "soft push")
            self._tiles = box("figures")
            with box("halves"):
                self._left = box("half")
                self._right = box("half")
        here.keep_looking(self._look)

    async def _look(self) -> None:
        if self._tiles.is_deleted:
            return
        with self.here.trying():
            await self.here.visitor.who()
            view = await self.here.desks.watch.look()
            if view.figures is not None and not self._tiles.is_deleted:
                waiting = tuple(one for one in view.entries if one.handover == "requested")
                shown = (view.figures, waiting, self._longest(view))
                if shown != self._shown:
                    self._shown = shown
                    self._draw(view, view.figures, waiting)

    def _longest(self, view: View) -> str:
        since = view.figures.waiting_since if view.figures else None
        return say_span(int((view.now - since).total_seconds() // 60)) if since else ""

    def _draw(self, view: View, figures: Figures, waiting: tuple[Entry, ...]) -> None:
        self._day.set_text(f"{view.now:%Y}年{view.now.month}月{view.now.day}日")
        self._tiles.clear()
        with self._tiles:
            longest = self._longest(view)
            self._tile(
                "等人工",
                figures.waiting,
                f"最久 {longest}" if longest else "没有人在等",
                "/talks",
                "conversations",
                bad=figures.waiting > 0,
            )
            self._tile(
                "未确认警报",
                figures.alarms,
                "请马上处理" if figures.alarms else "平安",
                "/talks",
                "conversations",
                bad=figures.alarms > 0,
            )
            self._tile(
                "今日就诊",
                sum(count for _, count in figures.bookings),
                f"今天陪诊 {figures.escorts} 单",
                "/escorts",
                "escorts",
            )
            total = sum(count for _, count in figures.complaints)
            self._tile(
                "未结投诉",
                total,
                f"{figures.overdue} 件超期" if figures.overdue else "没有超期",
                "/complaints",
                "complaints",
                bad=figures.overdue > 0,
            )
            self._tile("中药在途", figures.herbs, "从登记到签收", "/herbs", "herbs")
            self._tile(
                "未送达", figures.unsent, "最近 7 天", "/unsent", "conversations", bad=figures.unsent > 0
            )
        self._left.clear()
        with self._left:
            self._draw_waiting(waiting)
        self._right.clear()
        with self._right:
            self._draw_bookings(figures)
            self._draw_complaints(figures)

    def _tile(
        self, name: str, number: int, hint: str, path: str, permission: str, *, bad: bool = False
    ) -> None:
        may = self.here.may(permission)
        tile = ui.link(target=path) if may else box()
        with tile.classes("figure" + (" bad" if bad else "") + ("" if may else " still")):
            words(name, "figure-name", tag="span")
            words(str(number), "figure-number", tag="strong")
            words(hint, "small soft", tag="span")

    def _draw_waiting(self, waiting: tuple[Entry, ...]) -> None:
        words("正在等人工", "side-title", tag="h2")
        if not self.here.may("conversations"):
            words("您的角色只看数字。", "soft")
            return
        if not waiting:
            empty("没有人在等", "有人要找人工，这里和左边「会话」都会亮。")
        for one in waiting[:6]:
            with ui.link(target=f"/talks/{one.contact_id}").classes("waiting-row"):
                words(one.name, "row-name", tag="span")
                words(CHANNELS.get(one.channel, one.channel), "pill", tag="span")
                words(one.words if one.mine else explain_reason(one.reason), "row-about", tag="span")
                words(
                    say_span(one.minutes),
                    "pill red" if one.urgent or one.minutes >= 5 else "pill sun",
                    tag="span",
                )

    def _draw_bookings(self, figures: Figures) -> None:
        words("今日就诊，按开始的钟点", "side-title", tag="h2")
        hours = dict(figures.bookings)
        most = max(hours.values(), default=0)
        if not most:
            words("今天还没有预约。", "soft small")
            return
        span = range(min(FIRST_HOUR, *hours), max(LAST_HOUR, *hours) + 1)
        said = "，".join(f"{hour} 点 {count} 人" for hour, count in figures.bookings)
        with box("hours").props(f'role=img aria-label="{said}"'):
            for hour in span:
                count = hours.get(hour, 0)
                with box("hour"):
                    words(str(count) if count else "", "hour-count", tag="span")
                    box("hour-bar").style(f"height: {count / most * 100:.0f}%")
                    words(str(hour), "soft small", tag="span")

    def _draw_complaints(self, figures: Figures) -> None:
        words("未结投诉，按进展", "side-title", tag="h2")
        if not figures.complaints:
            words("没有未结的投诉。", "soft small")
            return
        stages = self.here.house.hospital.complaints.stages
        most = max(count for _, count in figures.complaints)
        for stage, count in figures.complaints:
            with box("stage"):
                words(get_stage(stages, stage).name.partition("，")[0], "stage-name", tag="span")
                with box("stage-track"):
                    box("stage-bar").style(f"width: {count / most * 100:.0f}%")
                words(str(count), "stage-count", tag="span")
