"""Rides between the campuses and between home and hospital: which, for whom, when there is a place."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from dialogues.actions import Desk, DeskAction, Slots, Speaker
from dialogues.actions.free_numbers import known
from dialogues.actions.titles import day_title, patient_title, person_button
from dialogues.line_starts import CANCEL, fold, is_question
from dialogues.payload import ask_for, set_slots
from intents.answers import read_yes_or_no
from services import patients, schedules, transfers
from services.errors import Invalid, NotAllowed, Taken, WrongState
from services.transfers import Transfer

DIGITS = {"一": 1, "两": 2, "二": 2, "三": 3, "四": 4, "五": 5}
PEOPLE = re.compile(r"([1-9一二两三四五])\s*(?:个人|个|人|位|người)")
ALONE = re.compile(r"(?:就|只有?)(?:我|他|她)?(?:自己|一个)|một mình")
WARD = re.compile(
    r"[床楼层栋科室区]|大厅|门口|急诊|导诊|ICU|病房|giuong|giường|tầng|khoa|phòng|cổng|sảnh", re.I
)
MOVE = re.compile("改|换(?:个|一)?(?:时间|天|点)|推迟|提前|doi gio")
MORE = re.compile(r"再[约叫要订]|另外|还要|dat them")
NEEDS = ("wheelchair", "stretcher")


def transfer_values(say: Speaker, one: Transfer) -> dict[str, Any]:
    """A transfer in the placeholders of replies."""
    ride = next((ride for ride in say.desk.hospital.transfers.rides if ride.id == one.ride), None)
    return {
        "order_number": one.order_number,
        "what": ride.names.get(say.language, ride.name) if ride else one.ride,
        "day": day_title(say, one.start.date()),
        "hour": f"{one.start:%H:%M}",
        "where": one.address if ride and ride.kind == "pickup" else one.origin,
        "driver": one.driver or "",
        "driver_phone": one.driver_phone or "",
        "state": say.name("transfer_state", one.status),
        "phone_number": say.desk.hospital.transfers.phone,
    }


def _people(slots: Slots) -> int:
    return int(slots["people"] or 1)


def _demand(slots: Slots) -> tuple[int, int]:
    return transfers.count_needs(slots["special_need"], _people(slots))


class RecallTransfer(DeskAction, name="action_recall_transfer"):
    """``outcome``: have, where one is still to come and no other is asked for in so many words."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        mine = transfers.list_transfers(desk, contact_id=slots.contact_id, upcoming=True)
        heard = transfers.find_ride(desk, words=slots.latest_text)
        found: dict[str, Any] = {"ride": heard.id} if heard is not None else {}
        counted = PEOPLE.search(slots.latest_text)
        if counted:
            found["people"] = DIGITS.get(counted[1]) or int(counted[1])
        plain = fold(slots.latest_text)
        that_day = [one for one in mine if one.start.date().isoformat() == known(slots["date"])]
        asked = that_day and is_question(plain)
        mine = that_day or mine
        if mine and (asked or not known(slots["date"]) or CANCEL.search(plain)):
            drop = {"choice": "drop"} if CANCEL.search(plain) else {}
            return {"outcome": "have", "record": mine[0].id, **drop, **found}
        return {"outcome": "new", **found}


class AskOwnTransfer(DeskAction, name="action_ask_own_transfer"):
    replies = ("utter_transfer_state", "utter_transfer_with_driver")

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        one = transfers.get_transfer(desk, transfer_id=int(slots["record"]), contact_id=slots.contact_id)
        say(
            "utter_transfer_with_driver" if one.driver else "utter_transfer_state",
            **transfer_values(say, one),
        )
        say.buttons(
            [
                (say.word("transfer_move"), set_slots(choice="move")),
                (say.word("transfer_drop"), set_slots(choice="drop")),
                (say.word("transfer_more"), set_slots(choice="more")),
                (say.word("transfer_keep"), set_slots(choice="keep")),
            ]
        )

    def read(self, desk: Desk, slots: Slots) -> str | None:
        """「接送取消」, 「再约一趟」, 「好的」."""
        plain = fold(slots.latest_text)
        if CANCEL.search(plain):
            return "drop"
        if MOVE.search(plain):
            return "move"
        if MORE.search(plain):
            return "more"
        return "keep" if read_yes_or_no(plain) is True else None


class AskTransferDrop(DeskAction, name="action_ask_transfer_drop"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        one = transfers.get_transfer(desk, transfer_id=int(slots["record"]), contact_id=slots.contact_id)
        say("utter_ask_transfer_drop", **transfer_values(say, one))


class TellTransferFee(DeskAction, name="action_tell_transfer_fee"):
    """What the ride costs; each, where it is not chosen yet."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        rides = desk.hospital.transfers.rides
        for ride in [one for one in rides if one.id == slots["ride"]] or rides:
            fee = say.word("yuan", fee=ride.fee) if ride.fee else say.word("escort_free")
            say("utter_transfer_fee", what=ride.names.get(say.language, ride.name), fee=fee)


class CancelTransfer(DeskAction, name="action_cancel_transfer"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        one = transfers.get_transfer(desk, transfer_id=int(slots["record"]), contact_id=slots.contact_id)
        try:
            transfers.cancel_transfer(desk, transfer_id=one.id, contact_id=slots.contact_id)
        except (NotAllowed, WrongState):
            say("utter_transfer_too_late", **transfer_values(say, one))
            say.buttons([person_button(say)])
        else:
            say("utter_transfer_cancelled", **transfer_values(say, one))


class AskRide(DeskAction, name="action_ask_ride"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        say("utter_ask_ride")
        say.buttons(
            (one.names.get(say.language, one.name), set_slots(ride=one.id))
            for one in desk.hospital.transfers.rides
        )

    def read(self, desk: Desk, slots: Slots) -> str | None:
        heard = transfers.find_ride(desk, words=slots.latest_text)
        return heard.id if heard else None


class AskPeople(DeskAction, name="action_ask_people"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        say("utter_ask_people", limit=desk.hospital.transfers.most_people)
        say.buttons(
            (say.word("people_count", count=count), set_slots(people=count))
            for count in range(1, desk.hospital.transfers.most_people + 1)
        )

    def read(self, desk: Desk, slots: Slots) -> int | None:
        text = slots.latest_text
        if ALONE.search(text):
            return 1
        found = PEOPLE.search(text) or re.fullmatch(r"\s*([1-9一二两三四五])\s*", text)
        return (DIGITS.get(found[1]) or int(found[1])) if found else None


class CheckRide(DeskAction, name="action_check_ride"):
    """``outcome``: ask_address for a home, ask_people where they are too many for one ride, ready."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        limit = desk.hospital.transfers.most_people
        if not str(slots["people"]).isdecimal() or not 1 <= _people(slots) <= limit:
            say("utter_transfer_too_many", limit=limit, phone_number=desk.hospital.transfers.phone)
            return {"outcome": "ask_people", "people": None}
        home = transfers.get_ride(desk, slots["ride"]).kind != "campus"
        return {"outcome": "ask_address" if home else "ready"}


class AskTransferAddress(DeskAction, name="action_ask_transfer_address"):
    """Where somebody is fetched, or where he is driven to."""

    replies = ("utter_ask_transfer_address", "utter_ask_transfer_address_home")

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        home = transfers.get_ride(desk, slots["ride"]).kind == "home"
        say("utter_ask_transfer_address_home" if home else "utter_ask_transfer_address")


class AskTransferWard(DeskAction, name="action_ask_transfer_ward"):
    """From where in the hospital he is driven home: who lies in bed is fetched there."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        origin = transfers.get_ride(desk, slots["ride"]).origin
        say("utter_ask_transfer_ward")
        say.buttons([(origin, set_slots(ward=origin))])

    def read(self, desk: Desk, slots: Slots) -> str | None:
        """「住院部八楼骨科12床」, as it is written."""
        text = slots.latest_text.strip()
        return text if WARD.search(text) and len(text) <= 60 and not is_question(text) else None


class CheckTransferAddress(DeskAction, name="action_check_transfer_address"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        try:
            address = transfers.check_address(desk, slots["address"])
            return {"address": address, "outcome": transfers.get_ride(desk, slots["ride"]).kind}
        except Invalid:
            say("utter_transfer_address_short")
        except NotAllowed as error:
            areas = say.word("list").join(error.details.get("allowed") or ())
            say("utter_transfer_outside", areas=areas, phone_number=desk.hospital.transfers.phone)
        return {"address": None}


class AskTransferDate(DeskAction, name="action_ask_transfer_date"):
    """Only days on which there is still a place."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        say("utter_ask_transfer_date")
        say.buttons(
            (day_title(say, day), set_slots(date=day.isoformat())) for day in _free_days(desk, slots)[:4]
        )


def _free_days(desk: Desk, slots: Slots) -> list[dt.date]:
    seats, stretchers = _demand(slots)
    today = desk.now.date()
    days = [today + dt.timedelta(days=ahead) for ahead in range(desk.hospital.transfers.days_ahead + 1)]
    return [day for day in days if _hours(desk, slots, day, seats, stretchers)]


def _hours(desk: Desk, slots: Slots, day: dt.date, seats: int, stretchers: int) -> list[dt.datetime]:
    return transfers.list_hours(desk, ride=slots["ride"], day=day, seats=seats, stretchers=stretchers)


class FindTransferDays(DeskAction, name="action_find_transfer_days"):
    """``outcome``: none where no day has a place for so many, ready."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        if _free_days(desk, slots):
            return {"outcome": "ready"}
        say("utter_transfer_no_day", phone_number=desk.hospital.transfers.phone)
        say.buttons([person_button(say)])
        return {"outcome": "none"}


class FindTransferHours(DeskAction, name="action_find_transfer_hours"):
    """``outcome``: ask_date where that day has no place, ready."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        day = _read_day(desk, slots)
        if day is not None and _hours(desk, slots, day, *_demand(slots)):
            return {"outcome": "ready", "date": day.isoformat()}
        say("utter_transfer_full_day", limit=desk.hospital.transfers.days_ahead)
        return {"outcome": "ask_date", "date": None, "time": None, "period": None}


def _read_day(desk: Desk, slots: Slots) -> dt.date | None:
    wanted = known(slots["date"])
    if wanted is None:
        days = _free_days(desk, slots)
        return days[0] if days else None
    try:
        return schedules.parse_days(wanted)[0]
    except (Invalid, ValueError):
        return None


class AskTransferTime(DeskAction, name="action_ask_transfer_time"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        day = _read_day(desk, slots)
        found = _hours(desk, slots, day, *_demand(slots)) if day else []
        say("utter_ask_transfer_time", date=slots["date"])
        say.buttons((f"{one:%H:%M}", set_slots(time=f"{one:%H:%M}")) for one in found[:10])


class CheckTransferTime(DeskAction, name="action_check_transfer_time"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        day = _read_day(desk, slots)
        if day is None:
            return {"outcome": "ask_date", "date": None}
        found = _hours(desk, slots, day, *_demand(slots))
        hours = [f"{one:%H:%M}" for one in found]
        wanted = known(slots["time"])
        try:
            exact = f"{int((wanted or hours[0]).split(':')[0]):02d}:00"
        except (ValueError, IndexError):
            exact = ""
        if exact in hours:
            return {"outcome": "ready", "time": exact}
        say("utter_transfer_full_hour")
        return {"outcome": "ask_time", "time": None}


class AskTransferConfirmation(DeskAction, name="action_ask_transfer_confirmation"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        ride = transfers.get_ride(desk, slots["ride"])
        patient = patients.get_patient(desk, patient_id=slots["patient"], contact_id=slots.contact_id)
        lying = slots["special_need"] if slots["special_need"] in NEEDS else "none"
        say(
            "utter_ask_transfer_confirmation",
            what=ride.names.get(say.language, ride.name),
            who=patient_title(say, patient),
            count=_people(slots),
            how=say.name("transfer_need", lying),
            date=slots["date"],
            time=slots["time"],
            where=slots["address"] if ride.kind == "pickup" else slots["ward"] or ride.origin,
            to=slots["address"] if ride.kind == "home" else ride.destination,
            fee=say.word("yuan", fee=ride.fee) if ride.fee else say.word("escort_free"),
        )


class RequestTransfer(DeskAction, name="action_request_transfer"):
    atomic = True

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        try:
            one = transfers.request_transfer(
                desk,
                contact_id=slots.contact_id,
                patient_id=slots["patient"],
                ride=slots["ride"],
                start=read_start(slots),
                people=_people(slots),
                needs=slots["special_need"],
                address=slots["address"],
                origin=slots["ward"],
                phone=slots["phone"],
            )
        except (Taken, NotAllowed, Invalid):
            say("utter_transfer_full_hour")
            return {"outcome": "ask_time", "time": None, "confirmation": None}
        say("utter_transfer_requested", **transfer_values(say, one))
        say.buttons([(say.word("transfer_mine"), ask_for("request_transfer")), person_button(say)])
        return {"outcome": "requested", "record": one.id}


def read_start(slots: Slots) -> dt.datetime:
    return dt.datetime.combine(schedules.parse_days(slots["date"])[0], dt.time.fromisoformat(slots["time"]))


class TellTransferReminder(DeskAction, name="action_tell_transfer_reminder"):
    replies = ("utter_transfer_soon", "utter_transfer_soon_with")

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        one = transfers.get_transfer(desk, transfer_id=int(slots["record"]), contact_id=slots.contact_id)
        if one.status in (transfers.REQUESTED, transfers.ACCEPTED):
            say(
                "utter_transfer_soon_with" if one.driver else "utter_transfer_soon",
                **transfer_values(say, one),
            )


class TellTransfer(DeskAction, name="action_tell_transfer"):
    """For the clock: who drives, that it is on the way, that it cannot be done."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        one = transfers.get_transfer(desk, transfer_id=int(slots["record"]), contact_id=slots.contact_id)
        values = transfer_values(say, one)
        if one.status in (transfers.REJECTED, transfers.FAILED, transfers.CANCELLED):
            say("utter_transfer_called_off", **values)
            say.buttons([(say.word("transfer_again"), ask_for("request_transfer")), person_button(say)])
        elif one.status == transfers.IN_PROGRESS:
            say("utter_transfer_under_way", **values)
        elif one.status == transfers.ACCEPTED:
            say("utter_transfer_accepted", **values)
