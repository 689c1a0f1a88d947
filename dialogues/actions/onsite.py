"""Help on the spot: where the person is, who comes and how soon; asked again while somebody is on the way."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from dialogues.actions import Desk, DeskAction, Slots, Speaker
from dialogues.actions.own_escorts import NOT_THERE, SOON
from dialogues.actions.routes import UNSURE, find_origin
from dialogues.actions.titles import person_button
from dialogues.payload import ask_for, set_slots
from dialogues.spots import ELSEWHERE, Spot, find_spot
from services import escorts, nearest, onsite_help
from services.handovers import call_person
from services.onsite_help import OnsiteHelp

NO_IDEA = re.compile(
    "我?[也都]?(?:不知道|不晓得|不清楚|搞不清|唔知|冇知)|không biết|khong biet", re.IGNORECASE
)
"""「不知道，叫人来就行」: asked no further."""
CAME = re.compile(
    r"(?:人|护士|有人)?(?:已经)?(?:来了|来到|来接|到了|扶起来了|好了|没事了|不用(?:来|了)|找到(?:路|地方)|出来了)|đến rồi|không cần",
    re.IGNORECASE,
)
LATE = re.compile(r"没(?:有)?人|没来|没到|没见|还没|怎么还|催|快点|半天|chưa|sao lâu|lâu quá", re.IGNORECASE)
"""Nobody has come yet: 怎么还没人来了."""
CANCEL = "cancel_escort"
"""What 「不用了，我儿子来了」 means to whoever waits for somebody."""
MOST_ASKED = 2
"""Times that it is asked where; after that staff find out by telephone."""
ESCORT = re.compile(r"陪[诊检护]|陪同|người đi cùng", re.IGNORECASE)


def read_wait(text: str) -> str | None:
    """What somebody who waits for help says: ``urge``, or ``over`` where he needs it no more."""
    if LATE.search(text):
        return "urge"
    return "over" if CAME.search(text) else None


def _ends_wait(slots: Slots) -> bool:
    return slots.latest_intent == CANCEL or read_wait(slots.latest_text) == "over"


class FindAwaited(DeskAction, name="action_find_awaited"):
    """Of whom 「怎么还没人来」, 「不用来了」 is said. ``outcome``: escort; help where somebody is on the way to the spot;
    both where it may be either."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        text = slots.latest_text
        named = slots["order_number"] or slots["date"] or slots["missing"] or ESCORT.search(text)
        if named or text.startswith("/"):
            return {"outcome": "escort"}
        if onsite_help.find_open_help(desk, contact_id=slots.contact_id) is None:
            return {"outcome": "escort"}
        mine = escorts.list_escorts(desk, contact_id=slots.contact_id, upcoming=True)
        if LATE.search(text):  # nobody waits today for tomorrow's escort
            mine = [one for one in mine if one.start - SOON <= desk.now]
        return {"outcome": "both" if mine else "help"}


class AskAwaited(DeskAction, name="action_ask_awaited"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        say("utter_ask_awaited").buttons(
            [
                (say.word("awaited_help"), set_slots(choice="help")),
                (say.word("awaited_escort"), set_slots(choice="escort")),
            ]
        )

    def read(self, desk: Desk, slots: Slots) -> str | None:
        return "escort" if ESCORT.search(slots.latest_text) else None


def read_spot(desk: Desk, slots: Slots) -> Spot | None:
    """Where the patient says he is, in this message; of a button the place that it carries."""
    if slots.latest_text.startswith("/"):
        return Spot(slots["place"], False) if slots["place"] else None
    named = [*slots.list_latest("place"), *slots.list_latest("department")]
    spot = find_spot(desk.hospital, slots.latest_text, named=named)
    if spot is None or spot.vague:
        return spot
    place = nearest.find_place(desk, spot.words)
    exact = place is not None and spot.words in place.aliases
    return replace(spot, words=place.name) if place and exact else spot


class RecallHelp(DeskAction, name="action_recall_help"):
    """``outcome``: called where somebody is on the way already, escort where the one waited for is an escort, new."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        known = onsite_help.find_open_help(desk, contact_id=slots.contact_id)
        spot = read_spot(desk, slots)
        moved = spot is not None and known is not None and spot.words != known.place
        if known is not None and spot is None and _ends_wait(slots):
            return {"outcome": "called", "record": known.id, "choice": "over"}
        if known is not None and known.place and not moved:
            said = read_wait(slots.latest_text)
            if said is None:
                keep_words(desk, slots)
            coming = known.status != onsite_help.REQUESTED  # who is on the way is told before urging
            choice = None if said == "urge" and coming else said
            return {"outcome": "called", "record": known.id, "choice": choice}
        if NOT_THERE.search(slots.latest_text):
            mine = escorts.list_escorts(desk, contact_id=slots.contact_id, upcoming=True)
            if any(one.start - SOON <= desk.now for one in mine):
                return {"outcome": "escort"}
        return {"outcome": "new"}


def keep_words(desk: Desk, slots: Slots, *, place: str | None = None) -> OnsiteHelp:
    """The call of the contact, with what he says now; a button says nothing."""
    pressed = slots.latest_text.startswith("/")
    return onsite_help.call_help(
        desk,
        contact_id=slots.contact_id,
        place=place,
        special_need=slots["special_need"],
        words=None if pressed else slots.latest_text,
    )


class CallHelp(DeskAction, name="action_call_help"):
    """The nearest on duty is called at once, wherever the patient is; another place said later sends him there.

    ``outcome``: sent, over (nobody is needed any more), or where: the place is still to be asked, not oftener than
    ``MOST_ASKED``. What he says instead of a place is told to staff.
    """

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        asked = int(slots["attempts"] or 0)
        spot = read_spot(desk, slots)
        if spot is None and asked and _ends_wait(slots):
            return {"outcome": "over"}
        origin = find_origin(desk, slots)
        if origin is not None and (spot is None or spot.vague):
            spot = Spot(f"{origin.name}（{spot.words}）" if spot else origin.name, False)
        known = onsite_help.find_open_help(desk, contact_id=slots.contact_id)
        before = known.place if known else None
        call = keep_words(desk, slots, place=spot.words if spot else None)
        call_person(desk, contact_id=slots.contact_id, reason="onsite_help", urgent=True)
        unknown = asked and (UNSURE.match(slots.latest_text) or NO_IDEA.match(slots.latest_text))
        if (spot is None or spot.vague) and asked < MOST_ASKED and not unknown:
            return {"outcome": "where", "attempts": asked + 1, "record": call.id, "place": None}
        if not call.place:
            say("utter_help_called_anywhere")
        elif call.status != onsite_help.REQUESTED or (before and before != call.place):
            tell_sent_on(desk, call, say)
        else:
            say(
                "utter_help_called_head" if call.companion_id is None else "utter_help_called",
                **help_values(desk, call),
            )
        return {"outcome": "sent", "record": call.id}


class AskHelpPlace(DeskAction, name="action_ask_help_place"):
    """Somebody is called already; what is still missing is where to."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        call = onsite_help.find_open_help(desk, contact_id=slots.contact_id)
        values = help_values(desk, call) if call else {"place": "", "companion": ""}
        if call is not None and call.place:
            say("utter_ask_help_floor", **values)
        else:
            say(
                "utter_ask_help_place_again" if int(slots["attempts"] or 0) > 1 else "utter_ask_help_place",
                **values,
            )
        say.buttons([(say.word("help_nowhere"), set_slots(place=None)), person_button(say)])


class HelpInDanger(DeskAction, name="action_help_in_danger"):
    """Beside 120: in danger at a place of the house, the nearest on duty goes there too, and the patient hears who.

    ``sent``: sent, or where (somebody is called, and the place is not known yet).
    """

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        spot, known = read_spot(desk, slots), onsite_help.find_open_help(desk, contact_id=slots.contact_id)
        away = ELSEWHERE.search(slots.latest_text.lower()) is not None
        if known is None and (spot is None or spot.vague or away or not spot.told):
            if spot is not None and spot.told and not away:
                say("utter_danger_where").buttons([(say.word("danger_here"), ask_for("request_onsite_help"))])
            return {"sent": None}
        before = known.place if known else None
        call = keep_words(desk, slots, place=spot.words if spot else None)
        call_person(desk, contact_id=slots.contact_id, reason="onsite_help", urgent=True)
        if call.place and before == call.place:
            tell_call(desk, call, say)
        elif call.place:
            say(
                "utter_danger_sent" if call.companion_id else "utter_danger_sent_head",
                **help_values(desk, call),
            )
        return {"sent": "sent" if call.place else "where"}


class LeaveHelp(DeskAction, name="action_leave_help"):
    """「算了」 while it is asked where: nobody is to come. Given up for any other reason, the call stands."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        call = onsite_help.find_open_help(desk, contact_id=slots.contact_id)
        if call is not None and slots.latest_intent == "stop_task":
            onsite_help.end_help(desk, help_id=call.id, contact_id=slots.contact_id)


def help_values(desk: Desk, call: OnsiteHelp) -> dict[str, Any]:
    """A call in the placeholders of replies."""
    head = desk.hospital.escort.help.head
    return {
        "place": call.place or "",
        "companion": onsite_help.name_companion(desk, call) or head.name,
        "minutes": call.minutes or 1,
        "head": head.name,
        "phone_number": head.phone,
    }


def tell_sent_on(desk: Desk, call: OnsiteHelp, say: Speaker) -> None:
    """The same person or a nearer one, to the place said now."""
    values = help_values(desk, call)
    say("utter_help_sent_on" if call.minutes else "utter_help_sent_on_soon", **values)


def tell_call(desk: Desk, call: OnsiteHelp, say: Speaker) -> None:
    """Who comes, as it stands now."""
    values = help_values(desk, call)
    if not call.place:
        say("utter_help_anywhere", **values)
    elif call.status == onsite_help.IN_PROGRESS:
        say("utter_help_there", **values)
    elif call.status == onsite_help.ACCEPTED:
        say("utter_help_coming" if call.minutes else "utter_help_coming_soon", **values)
    elif call.to_head:
        say("utter_help_head", **values)
    else:
        say("utter_help_next" if "," in call.asked else "utter_help_asked", **values)


class AskHelpAgain(DeskAction, name="action_ask_help_again"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        call = onsite_help.get_help(desk, help_id=int(slots["record"]), contact_id=slots.contact_id)
        tell_call(desk, call, say)
        say.buttons(
            [
                (say.word("help_urge"), set_slots(choice="urge")),
                (say.word("help_over"), set_slots(choice="over")),
                person_button(say),
            ]
        )

    def read(self, desk: Desk, slots: Slots) -> str | None:
        return read_wait(slots.latest_text)


class UrgeHelp(DeskAction, name="action_urge_help"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        call = onsite_help.urge_help(desk, help_id=int(slots["record"]), contact_id=slots.contact_id)
        say("utter_help_urged")
        tell_call(desk, call, say)


class EndHelp(DeskAction, name="action_end_help"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        call = onsite_help.find_open_help(desk, contact_id=slots.contact_id)
        if call is not None:
            onsite_help.end_help(desk, help_id=call.id, contact_id=slots.contact_id)
        say("utter_help_over")


class TellHelpChange(DeskAction, name="action_tell_help_change"):
    """For the clock: somebody has accepted, or the next was asked."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        call = onsite_help.get_help(desk, help_id=int(slots["record"]), contact_id=slots.contact_id)
        if call.status in onsite_help.OPEN:
            tell_call(desk, call, say)
            say.buttons([(say.word("help_over"), ask_for("request_onsite_help")), person_button(say)])
