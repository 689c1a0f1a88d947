"""A parcel of herbs gone wrong: what is wrong with which one, a ticket with a deadline, and whether the answer settles it."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from dialogues.actions import Desk, DeskAction, Slots, Speaker
from dialogues.actions.herbs import delivery_title, tell_state
from dialogues.actions.titles import announce_chinese, day_title, person_button
from dialogues.herb_matters import CAME
from dialogues.payload import set_slots
from intents.language import strip_marks
from services import herb_stages, herbs, parcels
from services.handovers import call_person

DRINKABLE = ("wrong", "damaged")
UNHURRIED = ("lost",)
DRUNK = re.compile(r"喝(?:过|了|下|完)|吃(?:过|了|下)|(?:已经|都|刚)[喝吃饮]|饮(?:咗|过)|da uong")
NOT_DRUNK = re.compile(r"没有?[喝吃]|未[喝吃饮]|冇饮|不敢喝|chua uong|khong uong")
TICKET_REPLIES = ("utter_parcel_state", "utter_parcel_answer", "utter_parcel_late")
ENOUGH = 7
"""Letters of a first message that say what has happened; shorter ones only name it."""


def _came(slots: Slots) -> bool:
    return CAME.match(strip_marks(slots.latest_text.strip().lower())) is not None


def _hear(desk: Desk, text: str) -> str | None:
    if text.startswith("/"):
        return None
    problems = parcels.find_problems(desk, strip_marks(text.lower()))
    return problems[0].id if problems else None


class HearParcel(DeskAction, name="action_hear_parcel"):
    """``outcome`` trouble, where words about herbs say that something is wrong with the parcel."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        text = slots.latest_text
        return {"outcome": "trouble", "said": text} if _hear(desk, text) else {"outcome": "fine"}


class PickParcel(DeskAction, name="action_pick_parcel"):
    """``outcome``: found (``record``), many, or told (nothing was sent yet; a ticket of it is under way)."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        number = slots["tracking_number"] or slots["order_number"]
        if slots["record"] is not None:
            found = [herbs.get_delivery(desk, delivery_id=int(slots["record"]), contact_id=slots.contact_id)]
        else:
            found = parcels.list_reportable(desk, contact_id=slots.contact_id, number=number)
        if len(found) > 1:  # what is wrong with it is kept while it is asked which
            told = slots.latest_text
            return {"outcome": "many", "said": slots["said"] or (None if told.startswith("/") else told)}
        if not found:
            self._tell_none(desk, slots, say)
            return {"outcome": "told"}
        known = parcels.find_open_ticket(desk, delivery_id=found[0].id)
        text = slots["said"] or slots.latest_text
        kind = _hear(desk, text)
        if known and (kind is None or kind == known.kind):
            if kind:
                parcels.open_ticket(desk, delivery_id=found[0].id, kind=kind, text=text)
            tell_ticket(desk, known, say)
            return {"outcome": "told"}
        return {"outcome": "found", "record": found[0].id}

    def _tell_none(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        waiting = herbs.list_deliveries(desk, contact_id=slots.contact_id, under_way=True)
        if not waiting:
            say("utter_no_parcel", phone_number=desk.hospital.herbs.phone)
            return
        say("utter_parcel_not_sent")
        for one in waiting[:2]:
            tell_state(desk, one, say)
        say.buttons([person_button(say)])


class AskParcels(DeskAction, name="action_ask_parcels"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        say("utter_ask_parcels")
        for one in parcels.list_reportable(desk, contact_id=slots.contact_id):
            say.buttons([(delivery_title(desk, one, say), set_slots(record=one.id))])


class GuessParcelProblem(DeskAction, name="action_guess_parcel_problem"):
    """What is wrong, where the message said it; kept in ``said`` for the ticket."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        said = slots["said"] or slots.latest_text
        if said.startswith("/"):
            return {}
        return {"choice": slots["choice"] or _hear(desk, said), "said": said}


class AskParcelProblem(DeskAction, name="action_ask_parcel_problem"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        say("utter_ask_parcel_problem")
        say.buttons(
            (say.name("parcel_problem", one.id, one.name), set_slots(choice=one.id))
            for one in desk.hospital.herbs.problems
            if one.asked
        )

    def read(self, desk: Desk, slots: Slots) -> str | None:
        return _hear(desk, slots.latest_text)


class LookForParcel(DeskAction, name="action_look_for_parcel"):
    """``outcome``: drinkable (ask whether any was drunk), under_way (not due yet: told where it is), else clear."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        if slots["choice"] in DRINKABLE:
            return {"outcome": "drinkable"}
        one = herbs.get_delivery(desk, delivery_id=int(slots["record"]), contact_id=slots.contact_id)
        if slots["choice"] in UNHURRIED and one.status != "signed":
            day = herb_stages.expect_arrival(desk, one)
            tell_state(desk, one, say)
            if day is not None and day >= desk.now.date() and one.late_at is None:
                return {"outcome": "under_way"}
        return {"outcome": "clear"}


class AskParcelCheck(DeskAction, name="action_ask_parcel_check"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        say("utter_ask_parcel_check")

    def read(self, desk: Desk, slots: Slots) -> bool | None:
        """「收到了」: nobody need look."""
        return False if _came(slots) else None


class LetParcelWait(DeskAction, name="action_let_parcel_wait"):
    replies = ("utter_parcel_came", "utter_parcel_waits")

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        say("utter_parcel_came" if _came(slots) else "utter_parcel_waits")


class CloseFoundParcel(DeskAction, name="action_close_found_parcel"):
    """What was told as not come has come: its ticket is closed."""

    replies = ("utter_parcel_found", "utter_parcel_came")

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        ticket = parcels.find_missed(desk, contact_id=slots.contact_id)
        if ticket is None:
            say("utter_parcel_came")
            return
        parcels.close_found(desk, ticket_id=ticket.id, contact_id=slots.contact_id)
        say("utter_parcel_found", order_number=ticket.order_number)


class TellParcelLate(DeskAction, name="action_tell_parcel_late"):
    """The hour promised is over: said honestly, if it is still so."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        ticket = parcels.get_ticket(desk, ticket_id=int(slots["record"]), contact_id=slots.contact_id)
        if ticket.status not in parcels.SETTLED and ticket.due_at <= desk.now:
            tell_ticket(desk, ticket, say)


class AskDrunk(DeskAction, name="action_ask_drunk"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        say("utter_ask_drunk_wrong" if slots["choice"] == "wrong" else "utter_ask_drunk_damaged")
        say.buttons(
            [(say.word("drunk_yes"), set_slots(drunk=True)), (say.word("drunk_no"), set_slots(drunk=False))]
        )

    def read(self, desk: Desk, slots: Slots) -> bool | None:
        text = strip_marks(slots.latest_text.lower())
        if NOT_DRUNK.search(text):
            return False
        return True if DRUNK.search(text) else None

    replies = ("utter_ask_drunk_wrong", "utter_ask_drunk_damaged")


class ReadParcelWords(DeskAction, name="action_read_parcel_words"):
    """What the patient said at first is enough, where it says more than the name of the problem."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        said = slots["said"] or ""
        return {"complaint_text": said if len(said) >= ENOUGH else None}


class OpenParcelTicket(DeskAction, name="action_open_parcel_ticket"):
    """The ticket with its number and deadline; of what was drunk somebody calls at once."""

    atomic = True
    replies = ("utter_parcel_opened", "utter_parcel_drunk", "utter_parcel_came")

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        said, told = slots["said"] or "", slots["complaint_text"] or ""
        if slots["choice"] in UNHURRIED and _came(slots):
            say("utter_parcel_came")
            return {}
        words = said if told in ("", said) else f"{said}\n{told}"
        drunk = bool(slots["drunk"])
        ticket = parcels.open_ticket(
            desk,
            delivery_id=int(slots["record"]),
            contact_id=slots.contact_id,
            kind=slots["choice"],
            text=words,
            drunk=drunk,
        )
        if drunk:
            call_person(desk, contact_id=slots.contact_id, reason="parcel_drunk", urgent=True)
        day, hour = _when(say, ticket.due_at)
        say(
            "utter_parcel_drunk" if drunk else "utter_parcel_opened",
            problem=_name_problems(desk, ticket, words, say),
            order_number=ticket.order_number,
            day=day,
            hour=hour,
            phone_number=desk.hospital.herbs.phone,
        )
        say.buttons([person_button(say)])
        return {"record": ticket.delivery_id}


def _name_problems(desk: Desk, ticket: parcels.ParcelTicket, words: str, say: Speaker) -> str:
    """「少了两包，还有一包漏了」 is one ticket: what it is filed under, and what else was told."""
    others = [one for one in parcels.find_problems(desk, strip_marks(words.lower())) if one.id != ticket.kind]
    names = [say.name("parcel_problem", one.id, one.name) for one in others if one.asked]
    return say.word("list").join([_problem_name(desk, ticket, say), *names])


class TellParcelChange(DeskAction, name="action_tell_parcel_change"):
    """``outcome``: answered where the patient is now to say whether that settles it."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        ticket = parcels.get_ticket(desk, ticket_id=int(slots["record"]), contact_id=slots.contact_id)
        if ticket.status == "answered":
            announce_chinese(say)
        tell_ticket(desk, ticket, say)
        return {"outcome": "answered" if ticket.status == "answered" else "told"}

    replies = TICKET_REPLIES


class SettleParcel(DeskAction, name="action_settle_parcel"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        parcels.settle_ticket(desk, ticket_id=int(slots["record"]), contact_id=slots.contact_id, content=True)
        say("utter_parcel_settled")


class ReopenParcel(DeskAction, name="action_reopen_parcel"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        ticket = parcels.settle_ticket(
            desk,
            ticket_id=int(slots["record"]),
            contact_id=slots.contact_id,
            content=False,
            text=slots["complaint_text"] or "",
        )
        day, hour = _when(say, ticket.due_at)
        say("utter_parcel_reopened", order_number=ticket.order_number, day=day, hour=hour)
        say.buttons([person_button(say)])


def tell_ticket(desk: Desk, ticket: parcels.ParcelTicket, say: Speaker) -> None:
    """Where a ticket stands, until when it is answered, or the answer itself."""
    day, hour = _when(say, ticket.due_at)
    state = next(one.name for one in desk.hospital.herbs.ticket_stages if one.id == ticket.status)
    remedy = say.name("parcel_remedy", ticket.remedy) if ticket.remedy else ""
    settled = ticket.status in parcels.SETTLED
    late = not settled and ticket.due_at <= desk.now
    answered = bool(ticket.answer) and settled
    say(
        "utter_parcel_answer" if answered else "utter_parcel_late" if late else "utter_parcel_state",
        phone_number=desk.hospital.herbs.phone,
        order_number=ticket.order_number,
        problem=_problem_name(desk, ticket, say),
        state=say.name("parcel_state", ticket.status, state),
        answer=(ticket.answer or "").rstrip("。."),
        remedy=say.word("parcel_remedy_is", remedy=remedy) if remedy else "",
        day=day,
        hour=hour,
    )
    say.buttons([person_button(say)])


def _problem_name(desk: Desk, ticket: parcels.ParcelTicket, say: Speaker) -> str:
    return say.name("parcel_problem", ticket.kind, parcels.get_problem(desk, ticket.kind).name)


def _when(say: Speaker, at: dt.datetime) -> tuple[str, str]:
    return day_title(say, at.date()), f"{at:%H:%M}"
