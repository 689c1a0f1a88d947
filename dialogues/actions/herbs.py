"""Herbs 中药: registering decoction and delivery, and seeing where they are."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

from dialogues.actions import Desk, DeskAction, Slots, Speaker
from dialogues.actions.herb_addresses import FETCHES, hear_address
from dialogues.actions.titles import day_title, patient_title, person_button
from dialogues.payload import ask_for, set_slots
from intents.language import strip_marks
from services import herbs, parcels, patients
from services.herb_stages import expect_arrival
from services.herbs import HerbDelivery
from services.identity import mask_phone
from services.patients import Patient
from services.stages import find_following, get_stage

SHOWN = 3
DOSES = re.compile(r"(\d{1,2}|[一二两三四五六七八九十]{1,3})\s*(?:剂|付|副|服|包|帖|thang\b)")
WAYS = {
    "granules": re.compile(r"颗粒|免煎|冲剂|冲泡|dang com|thuoc com"),
    "raw": re.compile(r"自己(?:煎|熬|煲)|草药|不(?:用)?代煎|唔使煎|不煎|tu sac"),
    "decoct": re.compile(r"代煎|煎好|帮.{0,3}[煎熬煲]|袋装|熬好|sac (?:giup|ho|san)|vien sac"),
}
MODES = {
    "pickup": FETCHES,
    "courier": re.compile(r"寄|快递|邮|送到家|送货|gui|chuyen phat|ve nha|giao"),
}
REFUSED = re.compile(
    r"(?:不|别|唔)(?:要|用|想|去|到)*(?:自取|自己[去来]?[取拿]|取|拿|寄|快递|邮)[了吧]*|khong (?:tu lay|lay|gui)(?: nua)?"
)
"""A way that is given up: 「不自取了，还是寄」."""
PICKED = {"pickup": MODES["pickup"]}
"""In a first message 「寄」 may be the wish as such; that it is fetched is said on purpose."""


class ReadHerbs(DeskAction, name="action_read_herbs"):
    """What the first message told already: how many, how decocted, sent or fetched."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        text = slots.latest_text
        if text.startswith("/"):
            return {}
        doses = DOSES.search(text)
        return {
            "doses": slots["doses"] or (doses[1] if doses else None),
            "decoction": slots["decoction"] or read_words(WAYS, text),
            "delivery_mode": slots["delivery_mode"] or read_words(PICKED, text),
        }


class AskDoses(DeskAction, name="action_ask_doses"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        say("utter_ask_doses")

    def foresee(self, desk: Desk, slots: Slots) -> dict[str, Any]:
        """「七副」 while it is asked for whom."""
        told = DOSES.search(strip_marks(slots.latest_text.lower()))
        return {"doses": _count(told[1])} if told else {}


class CheckDoses(DeskAction, name="action_check_doses"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        limit = desk.hospital.herbs.max_doses
        doses = _count(str(slots["doses"]))
        if 1 <= doses <= limit:
            return {"doses": doses}
        say("utter_doses_invalid", limit=limit)
        return {"doses": None}


def _count(text: str) -> int:
    """7, 七, 十四; 0 where it is no number up to thirty-nine."""
    found = re.search(r"\d+", text)
    if found:
        return int(found[0])
    tens, ten, ones = text.partition("十")
    digits = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"两": 2}
    if ten:
        return digits.get(tens, 1 if not tens else 0) * 10 + digits.get(ones, 0)
    return digits.get(text, 0)


class AskDecoction(DeskAction, name="action_ask_decoction"):
    """The ways of the hospital with their fees."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        say("utter_ask_decoction", fees=_list_fees(desk, say))
        ways = desk.hospital.herbs.decoctions
        say.buttons(
            (say.name("decoction", one.id, _short(one.name)), set_slots(decoction=one.id)) for one in ways
        )

    def read(self, desk: Desk, slots: Slots) -> str | None:
        return read_words(WAYS, slots.latest_text)

    def foresee(self, desk: Desk, slots: Slots) -> dict[str, Any]:
        way = read_words(WAYS, slots.latest_text)
        return {"decoction": way} if way and slots["decoction"] is None else {}


class TellHerbFees(DeskAction, name="action_tell_herb_fees"):
    """What decocting and sending cost; the herbs themselves are on the prescription."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        rules = desk.hospital.herbs
        say(
            "utter_herb_fees",
            fees=_list_fees(desk, say),
            fee=rules.courier_fee,
            free_from=rules.free_from_doses,
        )


def _list_fees(desk: Desk, say: Speaker) -> str:
    """代煎每剂 3 元."""
    return say.word("comma").join(
        say.word("fee_per_dose", way=say.name("decoction", one.id, _short(one.name)), fee=one.fee_per_dose)
        for one in desk.hospital.herbs.decoctions
        if one.fee_per_dose
    )


def read_words(words: dict[str, re.Pattern[str]], text: str) -> str | None:
    """The value whose pattern the text meets first; Vietnamese is read without its marks."""
    plain = strip_marks(text.lower())
    return next((value for value, pattern in words.items() if pattern.search(plain)), None)


def _short(name: str) -> str:
    """代煎（真空小袋，…） → 代煎."""
    return name.partition("（")[0]


class AskDeliveryMode(DeskAction, name="action_ask_delivery_mode"):
    """Known where an address was given already."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any] | None:
        if slots["address"]:
            return {"delivery_mode": herbs.COURIER}
        rules = desk.hospital.herbs
        say("utter_ask_delivery_mode", fee=rules.courier_fee, free_from=rules.free_from_doses)
        say.buttons(
            (say.name("delivery_mode", mode, title), set_slots(delivery_mode=mode))
            for mode, title in rules.delivery_modes.items()
        )
        return None

    def read(self, desk: Desk, slots: Slots) -> str | None:
        return read_mode(slots.latest_text)

    def foresee(self, desk: Desk, slots: Slots) -> dict[str, Any]:
        """「寄家里」 while it is asked how many, 「还是自己来拿」 while it is asked where to."""
        mode = read_mode(slots.latest_text)
        told = hear_address(slots.latest_text) if mode == herbs.COURIER else None
        return {"delivery_mode": mode, "address": told} if mode else {}


def read_mode(text: str) -> str | None:
    """Sent or fetched, by words or by an address; what is given up does not count."""
    plain = REFUSED.sub("", strip_marks(text.lower()))
    return read_words(MODES, plain) or (herbs.COURIER if hear_address(text) else None)


class TurnHerbMode(DeskAction, name="action_turn_herb_mode"):
    """「算了还是寄」 at the echo: the other way, with all else kept. ``outcome``: turned, or asked."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        if not _is_turned(slots):
            return {"outcome": "asked", "confirmation": None}
        mode, told = read_mode(slots.latest_text), hear_address(slots.latest_text)
        return {
            "outcome": "turned",
            "confirmation": None,
            "delivery_mode": mode,
            "address": told or slots["address"],
        }


def _is_turned(slots: Slots) -> bool:
    mode, told = read_mode(slots.latest_text), hear_address(slots.latest_text)
    return mode is not None and (mode != slots["delivery_mode"] or told not in (None, slots["address"]))


class AskHerbConfirmation(DeskAction, name="action_ask_herb_confirmation"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        patient = patients.get_patient(desk, patient_id=slots["patient"], contact_id=slots.contact_id)
        rules, mode = desk.hospital.herbs, slots["delivery_mode"]
        way = next(one.name for one in rules.decoctions if one.id == slots["decoction"])
        say(
            "utter_ask_herb_confirmation",
            who=patient_title(say, patient),
            doses=slots["doses"],
            way=say.name("decoction", slots["decoction"], way),
            target=rules.pickup_place if mode == herbs.PICKUP else slots["address"],
            mode=say.name("delivery_mode", mode, rules.delivery_modes[mode]),
            number=mask_phone(slots["phone"]),
            fee=herbs.count_fee(desk, doses=slots["doses"], decoction=slots["decoction"], delivery_mode=mode),
        )

    def read(self, desk: Desk, slots: Slots) -> bool | None:
        """「算了还是寄」: not as echoed."""
        return False if _is_turned(slots) else None


class RegisterHerbs(DeskAction, name="action_register_herbs"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        delivery = herbs.register_delivery(
            desk,
            contact_id=slots.contact_id,
            patient_id=slots["patient"],
            doses=slots["doses"],
            decoction=slots["decoction"],
            delivery_mode=slots["delivery_mode"],
            address=slots["address"],
            phone=slots["phone"],
        )
        say("utter_herbs_registered", order_number=delivery.order_number)
        say.buttons(
            [
                (say.word("progress"), ask_for("query_herb_delivery", order_number=delivery.order_number)),
                (
                    say.word("change_herb_contact"),
                    ask_for("change_herb_delivery", order_number=delivery.order_number),
                ),
                (say.word("how_to_take"), ask_for("ask_medication")),
            ]
        )
        return {"record": delivery.id}


def find_meant(desk: Desk, slots: Slots) -> list[HerbDelivery]:
    """By number, else those under way, else the last."""
    number = slots["tracking_number"] or slots["order_number"]
    if number:
        found = herbs.find_delivery(desk, number=number, contact_id=slots.contact_id)
        return [found] if found else []
    mine = herbs.list_deliveries(desk, contact_id=slots.contact_id, under_way=True)
    return mine or herbs.list_deliveries(desk, contact_id=slots.contact_id, limit=1)


class ShowHerbs(DeskAction, name="action_show_herbs"):
    """Where each stands, and what is being looked into."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        mine = find_meant(desk, slots)
        if not mine:
            numbered = slots["tracking_number"] or slots["order_number"]
            say(
                "utter_herb_number_unknown" if numbered else "utter_no_herbs",
                phone_number=desk.hospital.herbs.phone,
            )
            return
        for one in mine[:SHOWN]:
            tell_state(desk, one, say)
            ticket = parcels.find_open_ticket(desk, delivery_id=one.id)
            if ticket:
                tell_ticket_briefly(desk, ticket, say)
        if any(herbs.can_change(desk, one) for one in mine):
            say.buttons([(say.word("change_herb_delivery"), ask_for("change_herb_delivery"))])
        if parcels.list_reportable(desk, contact_id=slots.contact_id):
            say.buttons([(say.word("report_parcel"), ask_for("report_parcel"))])
        say.buttons([person_button(say)])

    replies = ("utter_herb_state", "utter_herb_state_ready")


def tell_state(desk: Desk, one: HerbDelivery, say: Speaker) -> None:
    """Where the herbs are, since when, what comes next, the courier's number and words, and the expected day."""
    patient = desk.session.get_one(Patient, one.patient_id)
    rules = desk.hospital.herbs
    stage = get_stage(rules.stages, one.status)
    more = (_next(desk, one, say), *_on_its_way(desk, one, say), _arrival(desk, one, say))
    ready = one.status == "ready"
    say(
        "utter_herb_state_ready" if ready else "utter_herb_state",
        order_number=one.order_number,
        who=patient.masked_name,
        doses=one.doses,
        state=say.name("herb_state", one.status, stage.name),
        since=_moment(say, one.stage_at),
        place=one.place or "",
        more=say.word("gap").join(filter(None, more)),
    )


def _moment(say: Speaker, at: dt.datetime) -> str:
    return say.word("when", day=day_title(say, at.date()), hour=f"{at:%H:%M}")


def _next(desk: Desk, one: HerbDelivery, say: Speaker) -> str:
    """The step that usually follows, and until when: only in the hospital, for the courier's hours are its own."""
    rules = desk.hospital.herbs
    if one.expected_at is None or not herbs.is_before(rules.stages, one.status, "handed_over"):
        return ""
    other = "ready" if one.delivery_mode == herbs.COURIER else "handed_over"
    skipped = ("cancelled", other, *(() if one.decoction == "decoct" else ("decocting",)))
    following = find_following(rules.stages, one.status, without=skipped)
    if following is None:
        return ""
    name = say.name("herb_state", following.id, following.name)
    if one.expected_at < desk.now:
        return say.word("herb_next_late", stage=name, phone_number=rules.phone)
    at = one.expected_at
    return say.word("herb_next", stage=name, day=day_title(say, at.date()), hour=f"{at:%H:%M}")


def _on_its_way(desk: Desk, one: HerbDelivery, say: Speaker) -> Iterator[str]:
    """The courier with its number and its last words."""
    if not one.tracking_number or one.delivery_mode != herbs.COURIER:
        return
    courier = one.courier or say.word("courier")
    yield say.word("herb_courier", courier=courier, tracking_number=one.tracking_number)
    if one.track_note and one.track_at:
        at = one.track_at
        note = one.track_note.rstrip("。.")
        yield say.word("herb_track", note=note, day=day_title(say, at.date()), hour=f"{at:%H:%M}")
    elif one.track_fault in ("phone", "abandoned"):
        yield say.word("herb_untraceable")


def _arrival(desk: Desk, one: HerbDelivery, say: Speaker) -> str:
    day = expect_arrival(desk, one)
    if day is None or one.late_at is not None:
        return ""
    word = "herb_arrives" if one.delivery_mode == herbs.COURIER else "herb_ready_by"
    return say.word(word, day=day_title(say, day))


def tell_ticket_briefly(desk: Desk, ticket: parcels.ParcelTicket, say: Speaker) -> None:
    stages, problem = desk.hospital.herbs.ticket_stages, parcels.get_problem(desk, ticket.kind)
    say(
        "utter_parcel_brief",
        order_number=ticket.order_number,
        problem=say.name("parcel_problem", ticket.kind, problem.name),
        state=say.name("parcel_state", ticket.status, get_stage(stages, ticket.status).name),
    )


def delivery_title(desk: Desk, one: HerbDelivery, say: Speaker) -> str:
    """3月11日（周三） 王* 7 剂."""
    patient = desk.session.get_one(Patient, one.patient_id)
    doses = say.word("doses", count=one.doses)
    return f"{day_title(say, one.created_at.date())} {patient.masked_name} {doses}"
