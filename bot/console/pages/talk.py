"""One talk: what was said, and a person's taking over, writing and handing back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nicegui import ui
from nicegui.element import Element

from bot.console import talking
from bot.console.pages.here import Here
from bot.console.pages.parts import Keyed, box, confirm, press, words
from bot.console.pages.records import RecordsPane
from bot.console.pages.reveals import reveal
from bot.console.talks import Detail, Said, read_detail
from bot.console.words import CHANNELS, explain_reason, say_span, say_time

STATUS = {
    "trying": "正在送达…",
    "away": "对方不在线，回来就送到",
    "failed": "没有送达",
    "dropped": "没有发出",
    "broken": "系统没能处理这一句，请您看一下",
}
PHRASES = ("我帮您查一下，请稍等两分钟。", "已经帮您办好了。", "还有别的要帮忙吗？")


class TalkPane:
    def __init__(self, here: Here, contact_id: int, *, back: Callable[[], Awaitable[None]]):
        self.here, self.contact_id = here, contact_id
        self._state: tuple[object, ...] | None = None
        self._writes: tuple[bool, bool] | None = None
        with box("talk"):
            with box("talk-top", tag="header"):
                press("", back, "quiet only-narrow", icon="arrow_back", label="回到列表")
                self._head = box("talk-head")
                self._actions = box("talk-actions")
                press("", self._toggle_records, "quiet only-medium", icon="person", label="患者资料")
            self._place = box("lines").props('role=log aria-label="对话" tabindex=0')
            with box("composer"):
                self._composer = box("composer-inside")
        self._side = box("talk-side", tag="aside").props('aria-label="患者资料"')
        self._records = RecordsPane(here, contact_id, self._side)
        self._lines: Keyed[tuple[Said, str]] = Keyed(
            self._place, key=lambda one: one[0].key, build=self._build, classes=_classes
        )
        house = here.house
        self._look = here.live(
            "conversations", lambda desk: read_detail(desk, house, contact_id=contact_id), self._show
        )

    def _show(self, talk: Detail) -> None:
        now = self.here.house.now()
        state = (talk.handover, talk.staff_id, talk.paused, talk.name, talk.urgent, talk.direct)
        if state != self._state:
            self._state = state
            self._draw_head(talk)
        writes = self._is_mine(talk), talk.direct
        if writes != self._writes:  # what is being written outlives a new name and a new danger
            self._writes = writes
            self._draw_composer(talk)
        self._lines.show([(line, _status(line, talk)) for line in talk.lines])
        self._records.show(talk, now)

    def _is_mine(self, talk: Detail) -> bool:
        return talk.handover == "in-progress" and talk.staff_id == self.here.person.id

    def _draw_head(self, talk: Detail) -> None:
        self._head.clear()
        with self._head:
            with box("talk-name"):
                words(talk.name, tag="h1")
                words(CHANNELS.get(talk.channel, talk.channel), "pill", tag="span")
                if talk.urgent:
                    words("紧急", "pill red", tag="span")
            words(self._say_state(talk), "soft small")
        self._actions.clear()
        with self._actions:
            if talk.handover != "in-progress":
                press("接入", lambda: self._take_over(instead=False), "strong", icon="headset_mic")
            elif talk.staff_id == self.here.person.id:
                press("交还助手", self._hand_back, "plain", icon="smart_toy")
            else:
                press("接替", lambda: self._ask_to_replace(talk.holder), "plain", icon="swap_horiz")

    def _say_state(self, talk: Detail) -> str:
        if talk.handover == "requested" and talk.since is not None:
            minutes = int((self.here.house.now() - talk.since).total_seconds() // 60)
            return f"{explain_reason(talk.reason)}，{say_time(talk.since, self.here.house.now())} 开始等（{say_span(minutes)}）"
        if talk.handover == "in-progress":
            who = "您" if talk.staff_id == self.here.person.id else talk.holder
            return f"{who}正在接待，助手只留意危险信号"
        return "助手正在接待" if talk.reachable else "对方已经收不到消息"

    def _draw_composer(self, talk: Detail) -> None:
        self._composer.clear()
        with self._composer:
            if not self._is_mine(talk):
                words("接入以后才能回复；患者会收到“现在由我来帮您”。", "soft")
                return
            with box("phrases"):
                for phrase in PHRASES:
                    press(phrase, lambda phrase=phrase: self._fill(phrase), "chip")
            with box("write"):
                self._input = ui.textarea(placeholder="回车发送，Shift+回车换行").props(
                    'autogrow borderless dense maxlength=2000 aria-label="回复患者" input-style="max-height:8rem"'
                )
                self._input.on(
                    "keydown",
                    self._send,
                    js_handler="(e) => { if (e.key === 'Enter' && !e.shiftKey && !e.isComposing) { e.preventDefault(); emit(); } }",
                )
                press("发送", self._send, "strong", icon="send")
            if talk.direct:
                words("这个渠道不能主动推送：您写的话会在患者下一次发消息时送到。", "soft small")

    def _fill(self, phrase: str) -> None:
        self._input.set_value(f"{self._input.value or ''}{phrase}")
        self._input.run_method("focus")

    async def _send(self) -> None:
        text = (self._input.value or "").strip()
        if not text:
            return
        me, contact_id = self.here.person.id, self.contact_id
        if await self.here.do(
            "conversations", lambda desk: talking.write(desk, contact_id=contact_id, staff_id=me, text=text)
        ):
            self._input.set_value("")
            self._input.run_method("focus")

    async def _take_over(self, *, instead: bool) -> None:
        me, contact_id, house = self.here.person.id, self.contact_id, self.here.house
        await self.here.do(
            "conversations",
            lambda desk: talking.take_over(desk, house, contact_id=contact_id, staff_id=me, instead=instead),
            said="您已接入，患者知道了。" if not instead else "现在由您接待。",
        )

    async def _ask_to_replace(self, holder: str) -> None:
        if await confirm(
            f"{holder}正在接待，由您接替？", "会记下是您接替的；患者不会再收到提示。", done="接替"
        ):
            await self._take_over(instead=True)

    async def _hand_back(self) -> None:
        me, contact_id, house = self.here.person.id, self.contact_id, self.here.house
        await self.here.do(
            "conversations",
            lambda desk: talking.hand_back(desk, house, contact_id=contact_id, staff_id=me),
            said="已交还，助手从刚才那一步接着办。",
        )

    def _toggle_records(self) -> None:
        self._side.classes(toggle="shown")

    def _build(self, item: tuple[Said, str]) -> None:
        line, status = item
        now = self.here.house.now()
        with box("said"):
            if line.speaker == "staff":
                words(line.name or "工作人员", "who")
            elif line.speaker == "clock":
                words("自动提醒", "who")
            with box("bubble") as bubble:
                words(line.text or "（图片）", "text")
                if line.image and line.image.startswith("/maps/"):
                    picture = words("附图", "picture", tag="a").props("target=_blank rel=noopener")
                    picture.props["href"] = line.image
                if line.choices:
                    with box("choices"):
                        for choice in line.choices:
                            words(choice, "choice", tag="span")
            if line.covered and self.here.may("reveal"):
                bubble.classes("covered")
            with box("under"):
                words(say_time(line.at, now), tag="span")
                if status:
                    tone = "bad" if line.status in ("failed", "dropped", "broken") else ""
                    words(status, tone, tag="span")
                if line.covered and self.here.may("reveal"):
                    press("显示原文", lambda: self._reveal(line, bubble), "link")

    async def _reveal(self, line: Said, bubble: Element) -> None:
        contact_id = self.contact_id
        bare = await reveal(
            self.here,
            "显示这一句的原文",
            lambda desk, reason: talking.reveal_line(
                desk, contact_id=contact_id, key=line.key, reason=reason
            ),
        )
        if bare is not None and not bubble.is_deleted:
            bubble.clear()
            with bubble:
                words(bare, "text")


def _status(line: Said, talk: Detail) -> str:
    if line.status == "waiting":
        return "等对方下次来取" if talk.direct else "正在送达…"
    return STATUS.get(line.status, "")


def _classes(item: tuple[Said, str]) -> str:
    line = item[0]
    bad = " bad" if line.status in ("failed", "dropped", "broken") else ""
    return f"line {line.speaker}{bad}"
