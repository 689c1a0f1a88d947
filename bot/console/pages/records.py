"""What is known of the patient, at a glance and masked; and what staff tell each other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial
from typing import Any

from nicegui import ui
from nicegui.element import Element

from bot.console import talking
from bot.console.affairs import Affair
from bot.console.boards import Field
from bot.console.pages.here import Here
from bot.console.pages.parts import ask, box, press, words
from bot.console.pages.reveals import draw_secret
from bot.console.talks import Detail, Known
from bot.console.words import ALARMS, SEXES, say_day, say_time
from services import Desk
from services.absences import excuse_absences
from services.handovers import add_note
from services.patients import get_patient
from services.phones import mark_known

MOST_AFFAIRS = 12


class RecordsPane:
    def __init__(self, here: Here, contact_id: int, place: Element):
        self.here, self.contact_id = here, contact_id
        self._shown: dict[int, Any] = {}
        with place:
            self._alarms = box("side-part")
            self._patients = box("side-part")
            self._affairs = box("side-part")
            with box("side-part"):
                words("内部备注", "side-title", tag="h2")
                with box("note-new"):
                    self._note = ui.textarea(placeholder="只有同事看得到").props(
                        'autogrow outlined dense maxlength=2000 aria-label="内部备注"'
                    )
                    press("记下", self._add_note, "plain")
                self._notes = box("notes")

    def show(self, talk: Detail, now: dt.datetime) -> None:
        parts: tuple[tuple[Element, Any, Callable[[Any, dt.datetime], None]], ...] = (
            (self._alarms, talk.alarms, self._draw_alarms),
            (self._patients, talk.patients, self._draw_patients),
            (self._affairs, talk.affairs, self._draw_affairs),
            (self._notes, talk.notes, self._draw_notes),
        )
        for place, value, draw in parts:
            if place.id not in self._shown or self._shown[place.id] != value:
                self._shown[place.id] = value
                place.clear()
                with place:
                    draw(value, now)

    def _draw_alarms(self, alarms: tuple[tuple[dt.datetime, str, str, str], ...], now: dt.datetime) -> None:
        if not alarms:
            return
        words("危险信号", "side-title", tag="h2")
        for at, kind, said, who in alarms:
            with box("side-row"):
                with box("side-head"):
                    words(ALARMS.get(kind, kind), "pill red", tag="span")
                    words(say_time(at, now), "soft small push", tag="span")
                if said:
                    words(f"“{said}”", "small")
                words(f"{who} 已确认" if who else "还没有人确认", "soft small")

    def _draw_patients(self, patients: tuple[Known, ...], now: dt.datetime) -> None:
        words("就诊人", "side-title", tag="h2")
        if not patients:
            words("还没有登记就诊人。", "soft small")
        for one in patients:
            with box("side-row"):
                with box("side-head"):
                    words(f"{one.relation}　{SEXES.get(one.sex, '')} {one.age} 岁", tag="strong")
                for field, label, covered in (
                    ("name", "姓名", one.name),
                    ("phone", "电话", one.phone),
                    ("id_number", "证件", one.id_number),
                ):
                    if covered:
                        draw_secret(self.here, label, covered, partial(self._find_secret, one.id, field))
                if self.here.may("registration"):
                    self._draw_standing(one)

    def _draw_standing(self, one: Known) -> None:
        """What stands between him and a number, and what staff can do about it."""
        if one.phone and not one.phone_confirmed:
            with box("secret"):
                words("手机号没有核对", "soft small", tag="span")
                press("核对过了", partial(self._confirm_phone, one.id), "link")
        if one.absences:
            until = f"，{say_day(one.blocked_until)}前不能网上约" if one.blocked_until else ""
            with box("secret"):
                words(f"记了 {one.absences} 次未到{until}", "soft small", tag="span")
                press("撤销未到", partial(self._excuse, one.id), "link")

    async def _confirm_phone(self, patient_id: int) -> None:
        contact_id = self.contact_id
        await self.here.do(
            "registration",
            lambda desk: mark_known(
                desk, patient=get_patient(desk, patient_id=patient_id, contact_id=contact_id)
            ),
        )

    async def _excuse(self, patient_id: int) -> None:
        contact_id = self.contact_id

        async def keep(given: dict[str, str]) -> bool:
            def work(desk: Desk) -> None:
                patient = get_patient(desk, patient_id=patient_id, contact_id=contact_id)
                excuse_absences(desk, person=patient.person, reason=given["reason"])

            return await self.here.do("registration", work, said="撤销了，马上可以约号。")

        reason = Field("reason", "原因（会记下）", required=True)
        await ask("撤销未到", [reason], done="撤销", keep=keep)

    def _find_secret(self, patient_id: int, field: str, desk: Desk, reason: str) -> str:
        return talking.reveal_patient(
            desk, contact_id=self.contact_id, patient_id=patient_id, field=field, reason=reason
        )

    def _draw_affairs(self, affairs: tuple[Affair, ...], now: dt.datetime) -> None:
        words("办过的事", "side-title", tag="h2")
        if not affairs:
            words("还没有记录。", "soft small")
        for one in affairs[:MOST_AFFAIRS]:
            with box("side-row"):
                with box("side-head"):
                    words(one.name, tag="strong")
                    words(one.state, "pill", tag="span")
                    words(say_time(one.at, now), "soft small push", tag="span")
                if one.about:
                    words(one.about, "small")
        if len(affairs) > MOST_AFFAIRS:
            words(f"还有 {len(affairs) - MOST_AFFAIRS} 条更早的。", "soft small")

    def _draw_notes(self, notes: tuple[tuple[dt.datetime, str, str], ...], now: dt.datetime) -> None:
        for at, author, text in notes:
            with box("note"):
                words(text, "text")
                words(f"{author}　{say_time(at, now)}", "soft small")

    async def _add_note(self) -> None:
        text, contact_id = (self._note.value or "").strip(), self.contact_id
        if await self.here.do("conversations", lambda desk: add_note(desk, contact_id=contact_id, text=text)):
            self._note.set_value("")
