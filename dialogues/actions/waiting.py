"""What a contact waits for on the waitlist: how many are before him, and leaving it."""

from __future__ import annotations

import re
from typing import Any

from dialogues.actions import Desk, DeskAction, Slots, Speaker
from dialogues.actions.free_numbers import known
from dialogues.actions.titles import day_title, department_title, patient_title, person_button
from dialogues.payload import ask_for, set_slots
from intents.language import strip_marks
from services import patients, waitlist
from services.registration import WAITLIST
from services.waiting import WaitlistEntry, count_ahead, find_unanswered, get_entry, list_waitlist

THAT = re.compile(
    "(?:要|约|给我|留)[^，。]{0,3}(?:那|刚才|刚刚|上次)(?:个|的)*[^，。]{0,3}号|(?:那|刚才|刚刚)(?:个|的)[^，。]{0,4}号[^，。]{0,3}(?:还|呢|给我|我要|行)|luot (?:do|vua roi|luc nay)"
)
"""The number that was offered: 「我要那个号」."""
LEAVE = re.compile("(?:不|别|唔|莫)(?:再)?(?:候补|排|等|要|想)|取消|退出|退掉|撤|huy|khong")
STANDING = re.compile(
    "第几|排到|轮到|到哪|还在|还有没有|还排|算数|排着|到我|几个?人|几位|多少人|前面|多久|查|怎么样|进度|有(?:消息|结果|号)了?(?:没|吗)|thu may|den luot|bao lau"
)
SHOWN = 5


def wants_that(text: str) -> bool:
    """「我要那个号」"""
    return THAT.search(strip_marks(text.lower())) is not None


class HearWaitlist(DeskAction, name="action_hear_waitlist"):
    """``outcome``: leave (``record`` is set), which, told, or join. Reached from a booking that is full, it is to join."""

    replies = (
        "utter_waitlist_standing",
        "utter_waitlist_next",
        "utter_waitlist_is_offered",
        "utter_waitlist_lapsed",
    )

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        text = slots.latest_text
        numbered = [
            one
            for one in list_waitlist(desk, contact_id=slots.contact_id)
            if one.order_number == slots["order_number"]
        ]
        if numbered:  # its own button
            return {"outcome": "leave", "record": numbered[0].id}
        leaves = LEAVE.search(text) is not None
        wants = wants_that(text)
        asks = leaves or wants or STANDING.search(text)
        if slots["alternative"] is not None or text.startswith("/") or not asks:
            return {"outcome": "join"}
        mine = _find_meant(desk, slots)
        ended = find_unanswered(desk, contact_id=slots.contact_id)
        if not mine and ended is not None and not leaves:
            say("utter_waitlist_was_over", what=waiting_title(say, ended))
            return {"outcome": "told"}
        if not mine:
            say("utter_not_waiting")
            return {"outcome": "told"}
        if leaves and not wants:
            return {
                "outcome": "leave" if len(mine) == 1 else "which",
                "record": mine[0].id if len(mine) == 1 else None,
            }
        for one in mine[:SHOWN]:
            ahead = count_ahead(desk, entry=one)
            reply = "utter_waitlist_standing" if ahead else "utter_waitlist_next"
            if one.hold_id is not None:
                reply = "utter_waitlist_is_offered"
            elif wants and one.offers:
                reply = "utter_waitlist_lapsed"
            say(reply, ahead=ahead, what=waiting_title(say, one))
        say.buttons(
            [(say.word("leave_waitlist"), ask_for("join_waitlist", order_number=mine[0].order_number))]
        )
        say.buttons([person_button(say)])
        return {"outcome": "told"}


def _find_meant(desk: Desk, slots: Slots) -> list[WaitlistEntry]:
    """Those of the department and the day that were said; all where none fits."""
    mine = list_waitlist(desk, contact_id=slots.contact_id)
    wanted = known(slots["department"])
    entry = desk.hospital.find_department(wanted) if wanted else None
    fitting = [one for one in mine if entry is None or one.department == entry.name]
    date = known(slots["date"])
    if date and "/" not in date:
        fitting = [
            one for one in fitting if one.first_day.isoformat() <= date <= one.last_day.isoformat()
        ] or fitting
    return fitting or mine


def waiting_title(say: Speaker, one: WaitlistEntry) -> str:
    first, last = day_title(say, one.first_day), day_title(say, one.last_day)
    day = first if first == last else say.word("day_span", first=first, last=last)
    who = patient_title(say, patients.get_patient(say.desk, patient_id=one.patient_id))
    half_day = say.name("half_day", one.period or "", "")
    return say.word(
        "waiting_line",
        who=who,
        department=department_title(say, one.department),
        doctor=one.doctor or "",
        day=f"{day}{half_day}",
    )


class TellWaitlistLapsed(DeskAction, name="action_tell_waitlist_lapsed"):
    """The place was kept, and went to somebody else; nothing where it has come back to him."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        entry = get_entry(desk, entry_id=int(slots["record"]), contact_id=slots.contact_id)
        if entry.status != WAITLIST:
            return
        say("utter_waitlist_lapsed", what=waiting_title(say, entry))
        leave = ask_for("join_waitlist", order_number=entry.order_number)
        say.buttons([(say.word("leave_waitlist"), leave), person_button(say)])


class AskWaitlistEntry(DeskAction, name="action_ask_waitlist_entry"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        say("utter_ask_waitlist_entry")
        say.buttons(
            (waiting_title(say, one), set_slots(record=one.id)) for one in _find_meant(desk, slots)[:SHOWN]
        )


class LeaveWaitlist(DeskAction, name="action_leave_waitlist"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        entry = get_entry(desk, entry_id=int(slots["record"]), contact_id=slots.contact_id)
        what = waiting_title(say, entry)
        waitlist.leave_waitlist(desk, entry_id=entry.id, contact_id=slots.contact_id)
        say("utter_waitlist_quit", what=what)
        again = {"department": entry.department, "date": entry.first_day.isoformat()}
        say.buttons([(say.word("wait_again"), ask_for("join_waitlist", **again))])
        say.buttons(
            [(say.word("book"), ask_for("book_appointment", department=entry.department)), person_button(say)]
        )
        return {"outcome": "left"}
