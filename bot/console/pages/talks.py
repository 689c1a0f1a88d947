"""Conversations: who waits on the left, the talk in the middle, what is known of the patient on the right."""

from __future__ import annotations

from nicegui import ui

from bot.console.pages.here import Here
from bot.console.pages.parts import Keyed, box, empty, nothing, words
from bot.console.pages.talk import TalkPane
from bot.console.talks import Entry
from bot.console.words import CHANNELS, explain_reason, say_span, say_time

VIEWS = {"all": "全部", "waiting": "等人工", "mine": "我接的"}
SOON_MINUTES = 5
"""A patient who waits longer for a person is shown in red."""


def show(here: Here, *, contact_id: int | None = None) -> None:
    TalksPage(here, contact_id)


class TalksPage:
    def __init__(self, here: Here, contact_id: int | None):
        self.here, self.chosen, self.view = here, contact_id, "all"
        with box("talks") as self.place:
            with box("talk-list", tag="section").props('aria-label="会话列表"'):
                ui.toggle(VIEWS, value=self.view, on_change=self._change_view).props(
                    "no-caps unelevated spread dense toggle-color=primary"
                )
                entries = box("entries").props("role=list")
                with entries:
                    self._none = nothing("现在没有会话", "有人来问，这里马上就会出现。", icon="forum")
            self._detail = box("talk-detail")
        self._list: Keyed[tuple[Entry, str, bool]] = Keyed(
            entries, key=lambda one: one[0].contact_id, build=self._build, classes=_classes
        )
        self._open(contact_id)
        here.keep_looking(self._look)

    async def _look(self) -> None:
        if self.place.is_deleted:
            return
        with self.here.trying():
            await self.here.visitor.read("conversations", lambda desk: None)
            view = await self.here.desks.watch.look()
            entries = [one for one in view.entries if self._belongs(one)]
            shown = [(one, say_time(one.at, view.now), one.contact_id == self.chosen) for one in entries]
            self._list.show(shown)
            self._none.set_visibility(not shown)

    def _belongs(self, one: Entry) -> bool:
        if self.view == "waiting":
            return one.handover == "requested"
        return self.view == "all" or (one.handover == "in-progress" and one.holder == self.here.person.name)

    async def _change_view(self, event: object) -> None:
        self.view = getattr(event, "value", "all") or "all"
        await self._look()

    def _build(self, item: tuple[Entry, str, bool]) -> None:
        entry, at, chosen = item
        button = box("entry", tag="button").props("type=button role=listitem")
        button.on("click", lambda: self._choose(entry.contact_id))
        if chosen:
            button.props("aria-current=true")
        with button:
            with box("entry-top"):
                words(entry.name, "entry-name", tag="span")
                words(CHANNELS.get(entry.channel, entry.channel), "pill", tag="span")
                words(at, "soft small push", tag="span")
            words(("" if entry.mine else "答：") + (entry.words or "（图片）"), "entry-words")
            if entry.handover or entry.danger:
                with box("entry-marks"):
                    if entry.danger:
                        words("危险", "pill red", tag="span")
                    if entry.handover == "requested":
                        tone = "red" if entry.urgent or entry.minutes >= SOON_MINUTES else "sun"
                        words(f"等人工 {say_span(entry.minutes)}", f"pill {tone}", tag="span")
                        words(explain_reason(entry.reason), "small", tag="span")
                    elif entry.handover:
                        words(f"{entry.holder} 在接", "pill green", tag="span")
                        if entry.since is not None:
                            words(f"等回复 {say_span(entry.minutes)}", "small", tag="span")

    async def _choose(self, contact_id: int) -> None:
        self.here.visitor.stay()
        self.chosen = contact_id
        self.here.client.run_javascript(
            f"history.replaceState({{page: '/talks/{contact_id}'}}, '', '/console/talks/{contact_id}')"
        )
        self._open(contact_id)
        await self._look()

    async def _close(self) -> None:
        self.chosen = None
        self.here.client.run_javascript("history.replaceState({page: '/talks'}, '', '/console/talks')")
        self._open(None)
        await self._look()

    def _open(self, contact_id: int | None) -> None:
        self._detail.clear()
        self.place.classes(**({"add": "opened"} if contact_id is not None else {"remove": "opened"}))
        with self._detail:
            if contact_id is None:
                empty("选一个会话", "等人工的排在最前面。", icon="forum")
            else:
                TalkPane(self.here, contact_id, back=self._close)


def _classes(item: tuple[Entry, str, bool]) -> str:
    return "slot chosen" if item[2] else "slot"
