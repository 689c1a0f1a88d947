"""Asking where herbs go: what is missing of an address is asked for by itself, and joined to what was said before."""

from __future__ import annotations

import re
from typing import Any

from dialogues.actions import Desk, DeskAction, Slots, Speaker
from intents.language import strip_marks
from intents.slots.addresses import looks_like_address
from services.addresses import join_address, parse_address
from services.errors import Invalid
from services.herbs import PICKUP

MISSING = {
    "address_region": "utter_address_region",
    "address_province": "utter_address_province",
    "address_road": "utter_address_road",
    "address_number": "utter_address_number",
}
MOST = 40
"""Letters of an answer that may be the missing part of an address."""
LEAD = re.compile(r"^.*?(?:[寄送发]到|[寄送发]去|gửi (?:đến|về|tới) )")
"""Stands before an address: 算了还是寄到…."""
FETCHES = re.compile(
    r"自取|自己(?:去|来|过来|过去)?(?:拿|取|领)|[到来去](?:你们)?(?:医)?院.{0,2}[取拿领]|过来[取拿领]|tu (?:den |toi |di )?lay|den (?:benh )?vien lay"
)
NO_PART = re.compile(r"[?？]|怎么|为什么|多少|什么|算了|不用|取消|随便|人工|不知道|khong biet")


def hear_address(text: str) -> str | None:
    """The address that a message is, where a courier can find it or only a part is missing: 「寄到桂江市…」."""
    told = LEAD.sub("", text.strip())
    if text.startswith("/") or not looks_like_address(told):
        return None
    return told if _find_missing(told) in ("", *MISSING) else None


class _AskAddress(DeskAction):
    """Silent while a part is asked for: that question was just put."""

    question = ""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any] | None:
        draft = slots["address_draft"]
        if not draft:
            say(self.question)
            return None
        say(MISSING.get(_find_missing(draft), "utter_address_invalid"), draft=draft)
        return None

    def read(self, desk: Desk, slots: Slots) -> str | None:
        """The part that was missing: 「12号」 is a number of the street and no day."""
        text, draft = slots.latest_text.strip(), slots["address_draft"]
        if not draft or not 1 < len(text) <= MOST or NO_PART.search(text):
            return None
        joined = join_address(draft, text, missing=_find_missing(draft))
        return text if _find_missing(joined) == _find_missing(draft) else joined


class AskHerbAddress(_AskAddress, name="action_ask_herb_address"):
    """Known where it answered another question already: 「寄到家还是取」."""

    question = "utter_ask_address"

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any] | None:
        told = None if slots["address_draft"] else hear_address(slots.latest_text)
        if told is not None:
            return {"address": told}
        super().perform(desk, slots, say)
        return None

    replies = ("utter_ask_address", "utter_address_invalid", *MISSING.values())


class AskNewAddress(_AskAddress, name="action_ask_new_address"):
    """「我还是自己来拿吧」 is no address: it is fetched instead."""

    question = "utter_ask_new_address"

    def read(self, desk: Desk, slots: Slots) -> str | None:
        if FETCHES.search(strip_marks(slots.latest_text.lower())):
            return PICKUP
        return super().read(desk, slots)

    replies = ("utter_ask_new_address", "utter_address_invalid", *MISSING.values())


class CheckAddress(DeskAction, name="action_check_address"):
    """``address`` where a courier can find it; else empty, with what was said so far as ``address_draft``."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        text, draft = str(slots["address"]), slots["address_draft"]
        found, wanted = _find_missing(text), _find_missing(draft) if draft else ""
        if found and draft and draft not in text:
            text = join_address(draft, text, missing=wanted)
            found = _find_missing(text)
        if not found:
            return {"address": parse_address(text), "address_draft": None, "attempts": None}
        if found not in MISSING:
            say("utter_address_invalid")
            return {"address": None, "address_draft": None, "attempts": None}
        on_the_way = 1 if found != wanted else None  # a part more is no wrong answer
        return {"address": None, "address_draft": text, "attempts": on_the_way}


def _find_missing(text: str) -> str:
    try:
        parse_address(text)
    except Invalid as error:
        return error.code
    return ""
