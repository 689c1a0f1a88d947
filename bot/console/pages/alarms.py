"""The bar above every page: what is dangerous stands there, with a sound, until somebody acknowledges it by name."""

from __future__ import annotations

from nicegui import ui

from bot.console.boards import Field
from bot.console.pages.here import Here
from bot.console.pages.parts import Keyed, ask, box, press, words
from bot.console.watch import Alert, View
from bot.console.words import ALARMS, say_time
from services import Desk
from services.alarms import acknowledge_alarm
from services.errors import Taken

SHOWN = 2
# what an alarm is about → the page, its button, and the permission that opens it
PAGES = {
    "complaint": ("/complaints", "去看投诉", "complaints"),
    "onsite_help": ("/help", "去看求助", "escorts"),
    "escort": ("/escorts", "去看陪诊", "escorts"),
    "follow_up": ("/followups", "去看随访", "followups"),
    "herb_delivery": ("/herbs", "去看配送", "herbs"),
    "parcel_ticket": ("/parcels", "去看包裹问题", "herbs"),
    "sampling_result": ("/sampling", "去看结果", "followups"),
    "service_request": ("/requests", "去看服务单", "requests"),
}


class AlarmBar:
    def __init__(self, here: Here):
        self.here = here
        self._now = here.house.now()
        self._state: tuple[int, int] | None = None
        place = box("alarms").props('role="alert" aria-live="assertive"')
        self._list: Keyed[Alert] = Keyed(
            place,
            key=lambda one: one.id,
            build=self._build,
            classes=lambda one: "alarm danger" if one.danger else "alarm",
        )
        with box("alarms"):
            self._more = words("", "alarm-more")

    def show(self, view: View) -> None:
        if not self.here.may("alarms"):
            return
        self._now = view.now
        alerts = sorted(view.alerts, key=lambda one: not one.danger)
        self._list.show(alerts[:SHOWN])
        rest = len(alerts) - SHOWN
        self._more.set_text(f"还有 {rest} 条，确认一条就会补上一条" if rest > 0 else "")
        state = (view.dangers, view.waiting if self.here.may("conversations") else 0)
        if state != self._state:
            self._state = state
            self.here.client.run_javascript(f"window.wenjin && wenjin.tell({state[0]}, {state[1]})")

    def _build(self, alert: Alert) -> None:
        ui.icon("warning" if alert.danger else "info").props("aria-hidden=true")
        with box("alarm-words"):
            words(ALARMS.get(alert.kind, alert.kind), tag="strong")
            if alert.name:
                words(alert.name, tag="span")
            words(say_time(alert.at, self._now), tag="span")
            if alert.times > 1:
                words(f"第 {alert.times} 次", "pill", tag="span")
            words(f"“{alert.words[:120]}”" if alert.words else "", "alarm-said", tag="span")
        kind = alert.about.partition(":")[0]
        if alert.contact_id is not None and kind not in PAGES and self.here.may("conversations"):
            contact_id = alert.contact_id
            press("看对话", lambda: ui.navigate.to(f"/talks/{contact_id}"), "onred")
        elif kind in PAGES and self.here.may(PAGES[kind][2]):
            press(PAGES[kind][1], lambda: ui.navigate.to(PAGES[kind][0]), "onred")
        press(f"{self.here.person.name} 确认", lambda: self._acknowledge(alert), "onred solid", icon="done")

    async def _acknowledge(self, alert: Alert) -> None:
        async def keep(given: dict[str, str]) -> bool:
            def work(desk: Desk) -> None:
                if not acknowledge_alarm(desk, alarm_id=alert.id, reason=given["reason"] or None):
                    raise Taken("taken_over", field="alarm", value=alert.id)

            return await self.here.do("alarms", work, said="已记下，由您负责。")

        await ask(
            f"{ALARMS.get(alert.kind, alert.kind)}：由{self.here.person.name}确认",
            [Field("reason", "打算怎么办，或已经做了什么", kind="text")],
            done="我来负责",
            hint="确认后所有人屏幕上的这一条都会消失，并记下您的名字和时间。",
            keep=keep,
        )
