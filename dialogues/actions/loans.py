"""What may be borrowed: where the nearest stands, how many are left, the deposit; keeping one ready."""

from __future__ import annotations

import re
from typing import Any

from dialogues.actions import Desk, DeskAction, Slots, Speaker
from dialogues.actions.routes import find_origin
from dialogues.actions.titles import announce_chinese, day_title, person_button
from dialogues.fresh_matters import GAVE_BACK, NOT_BORROWED
from dialogues.line_starts import is_question
from dialogues.payload import ask_for, set_slots
from dialogues.spots import find_spot
from intents.language import strip_marks
from knowledge.schema import LoanKind
from services import loans, stocks
from services.errors import NotAllowed, Taken, WrongState
from services.handovers import call_person
from services.loans import EquipmentLoan
from services.nearest import find_place

WANTS = re.compile(
    r"(?<!不)(?:借|留|要|来)(?:一)?[件辆把张个架部副]|留给我|给我留|借给我|我借|我要借|(?<!không )(?:giữ|mượn) (?:một|cho tôi)",
    re.I,
)


def loan_values(say: Speaker, loan: EquipmentLoan) -> dict[str, Any]:
    """A loan in the placeholders of replies."""
    kind = next((one for one in say.desk.hospital.loans.kinds if one.id == loan.equipment), None)
    return {
        "order_number": loan.order_number,
        "what": _name(say, kind) if kind else loan.equipment,
        "place": loan.place,
        "day": day_title(say, loan.due_at.date()),
        "hour": f"{loan.due_at:%H:%M}",
        "deposit": loan.deposit,
        "phone_number": say.desk.hospital.loans.phone,
    }


def _name(say: Speaker, kind: LoanKind) -> str:
    return kind.names.get(say.language, kind.name)


class TellEquipment(DeskAction, name="action_tell_equipment"):
    """``outcome``: have (one of this kind is kept or lent already), keep (one can be kept ready), told."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        kind = stocks.find_kind(desk, words=slots.latest_text, need=slots["special_need"])
        if kind is None:
            facility = next(
                (
                    one
                    for one in desk.hospital.facilities
                    if any(alias in slots.latest_text for alias in (one.name, *one.aliases))
                ),
                None,
            )
            if facility is not None:
                announce_chinese(say)
                values = {"about": facility.about, "hours": facility.hours, "how": facility.how}
                say("utter_equipment", name=facility.name, **values)
                say.buttons([person_button(say)])
                return {"outcome": "told"}
        mine = loans.list_loans(desk, contact_id=slots.contact_id, statuses=loans.OPEN)
        known = next((one for one in mine if kind is None or one.equipment == kind.id), None)
        if known is not None:
            dropped = NOT_BORROWED.search(strip_marks(slots.latest_text.lower())) is not None
            return {
                "outcome": "have",
                "record": known.id,
                "equipment": known.equipment,
                "choice": "drop" if dropped else None,
            }
        kind = kind or desk.hospital.loans.kinds[0]
        origin = find_origin(desk, slots)
        points = stocks.list_points(desk, kind=kind.id, origin=origin.name if origin else None)
        if not points[0].free:
            say("utter_loan_none", what=_name(say, kind), phone_number=desk.hospital.loans.phone)
            say.buttons(_other_ways(say))
            return {"outcome": "told"}
        if not desk.hospital.loans.opens <= desk.now.time() < desk.hospital.loans.closes:
            say("utter_loan_closed", what=_name(say, kind), **_hours(desk))
            say.buttons(_other_ways(say))
            return {"outcome": "told"}
        return {"outcome": "keep", "equipment": kind.id, "place": points[0].place}


def _hours(desk: Desk) -> dict[str, str]:
    rules = desk.hospital.loans
    return {"start": f"{rules.opens:%H:%M}", "end": f"{rules.closes:%H:%M}"}


def _other_ways(say: Speaker) -> list[tuple[str, str]]:
    return [(say.word("cannot_walk"), ask_for("request_onsite_help")), person_button(say)]


class AskLoan(DeskAction, name="action_ask_loan"):
    """Where the nearest stands, how many are left, what it costs and until when, in one breath."""

    replies = ("utter_ask_loan", "utter_ask_loan_deposit")

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        kind = stocks.get_kind(desk, slots["equipment"])
        points = stocks.list_points(desk, kind=kind.id)
        point = next((one for one in points if one.place == slots["place"]), points[0])
        due = loans.count_due(desk, kind)
        for one in points:
            if not one.free and one.place != point.place and one.place[:4] in slots.latest_text:
                say("utter_loan_point_empty", place=one.place, what=_name(say, kind))
        say(
            "utter_ask_loan_deposit" if kind.deposit else "utter_ask_loan",
            what=_name(say, kind),
            place=point.place,
            count=point.free,
            measure=kind.measure if say.language == "zh" else "",
            deposit=kind.deposit,
            day=day_title(say, due.date()),
            hour=f"{due:%H:%M}",
            minutes=desk.hospital.loans.keep_minutes,
        )
        say.buttons(
            [
                (say.word("loan_keep"), set_slots(confirmation=True)),
                (say.word("loan_leave"), set_slots(confirmation=False)),
                (say.word("route_to", place=point.place), ask_for("ask_route", place=point.place)),
                (say.word("cannot_walk"), ask_for("request_onsite_help")),
            ]
        )

    def read(self, desk: Desk, slots: Slots) -> bool | None:
        """「好，我借一辆」, 「留一件给我」."""
        return True if WANTS.search(slots.latest_text) and not is_question(slots.latest_text) else None

    def foresee(self, desk: Desk, slots: Slots) -> dict[str, Any]:
        """「在门口」, 「门诊一楼」: the point nearest to where he stands that has one."""
        named = [*slots.list_latest("place"), *slots.list_latest("department")]
        spot = find_spot(desk.hospital, slots.latest_text, named=named)
        if spot is None or slots["equipment"] is None:
            return {}
        place = find_place(desk, spot.words)
        points = stocks.list_points(desk, kind=slots["equipment"], origin=place.name if place else None)
        return {"place": points[0].place}


class RequestLoan(DeskAction, name="action_request_loan"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        kind = stocks.get_kind(desk, slots["equipment"])
        wanted = {"contact_id": slots.contact_id, "kind": kind.id, "phone": slots["phone"]}
        try:
            loan = loans.request_loan(desk, place=slots["place"], **wanted)
        except Taken:  # the last one went meanwhile: another point, if one has any
            try:
                loan = loans.request_loan(desk, **wanted)
            except Taken:
                say("utter_loan_none", what=_name(say, kind), phone_number=desk.hospital.loans.phone)
                say.buttons(_other_ways(say))
                return {}
        except NotAllowed:
            say("utter_loan_closed", what=_name(say, kind), **_hours(desk))
            return {}
        say("utter_loan_kept", **loan_values(say, loan))
        say.buttons(
            [
                (say.word("route_to", place=loan.place), ask_for("ask_route", place=loan.place)),
                (say.word("cannot_walk"), ask_for("request_onsite_help")),
            ]
        )
        return {"record": loan.id}


class AskOwnLoan(DeskAction, name="action_ask_own_loan"):
    """What is kept ready or lent; what is only kept can be given up."""

    replies = ("utter_loan_waits", "utter_loan_lent", "utter_loan_overdue", "utter_loan_said_back")

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any] | None:
        loan = loans.get_loan(desk, loan_id=int(slots["record"]), contact_id=slots.contact_id)
        values = loan_values(say, loan)
        if loan.status == loans.REQUESTED:
            say("utter_loan_waits", **values)
            say.buttons(
                [
                    (say.word("loan_drop"), set_slots(choice="drop")),
                    (say.word("loan_on_the_way"), set_slots(choice="keep")),
                    (say.word("route_to", place=loan.place), ask_for("ask_route", place=loan.place)),
                ]
            )
            return None
        if GAVE_BACK.search(strip_marks(slots.latest_text.strip().lower())):
            call_person(desk, contact_id=slots.contact_id, reason="loan_returned")
            say("utter_loan_said_back", **values)
            return {"choice": "keep"}
        say("utter_loan_overdue" if loans.is_overdue(desk, loan) else "utter_loan_lent", **values)
        say.buttons([(say.word("route_to", place=loan.place), ask_for("ask_route", place=loan.place))])
        return {"choice": "keep"}

    def read(self, desk: Desk, slots: Slots) -> str | None:
        """「我不借了」."""
        return "drop" if NOT_BORROWED.search(strip_marks(slots.latest_text.lower())) else None


class CancelLoan(DeskAction, name="action_cancel_loan"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        loan = loans.get_loan(desk, loan_id=int(slots["record"]), contact_id=slots.contact_id)
        try:
            loans.cancel_loan(desk, loan_id=loan.id, contact_id=slots.contact_id)
        except WrongState:
            say("utter_loan_lent", **loan_values(say, loan))
        else:
            say("utter_loan_dropped", **loan_values(say, loan))


class TellLoanChange(DeskAction, name="action_tell_loan_change"):
    """For the clock: handed out, overdue (once), back, or not fetched in time."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        loan = loans.get_loan(desk, loan_id=int(slots["record"]), contact_id=slots.contact_id)
        values = loan_values(say, loan)
        if loan.status == loans.EXPIRED:
            say("utter_loan_expired", **values)
            say.buttons([(say.word("borrow_again"), ask_for("borrow_equipment"))])
        elif loan.status == loans.COMPLETED:
            say("utter_loan_back_deposit" if loan.deposit else "utter_loan_back", **values)
        elif loans.is_overdue(desk, loan):
            say("utter_loan_overdue", **values)
            say.buttons([(say.word("route_to", place=loan.place), ask_for("ask_route", place=loan.place))])
        elif loan.status == loans.IN_PROGRESS:
            say("utter_loan_out", **values)
