"""How an escort was: a mark by button or in words (「5分，小姑娘很耐心」), and what is said with it."""

from __future__ import annotations

import re
from typing import Any

from dialogues.actions import Desk, DeskAction, Slots, Speaker
from dialogues.actions.own_escorts import escort_values
from dialogues.payload import set_slots
from intents.language import strip_marks
from services import escorts

BEST, GOOD, FAIR, BAD = "4", "3", "2", "1"
MARK = re.compile(
    r"(\d{1,3})\s*(?:分|颗?星|diem|sao)|([一二两三四五])(?:分|颗?星)|(满)分|^(\d{1,3})[。.!！]?$"
)
NUMERALS = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "满": 100}
WORDS = (
    (
        BAD,
        "不满|不怎么样|不好|不行|不耐烦|没耐心|不理|差|糟|失望|态度|凶|太快|太慢|迟到|没来|不见人|khong tot|te|kem|khong hai long",
    ),
    (GOOD, "还行|还可以|还好|过得去|可以|ổn|on|tam duoc"),
    (FAIR, "一般|马马虎虎|凑合|普通|binh thuong"),
    (
        BEST,
        "好|满意|耐心|细心|周到|热情|棒|赞|不错|谢|辛苦|贴心|放心|tot|tuyet|cam on|nhiet tinh|hai long|chu dao",
    ),
)
"""The first that is said counts; 「不满意」 stands before 「满意」."""
TELLS = 4
"""Letters beside a mark that tell something."""


def read_rating(text: str) -> str | None:
    """``4`` (the best) … ``1``; of marks those out of five, ten or a hundred."""
    plain = strip_marks(text.lower()).strip()
    marked = MARK.search(plain)
    if marked:
        digits = marked[1] or marked[4]
        mark = int(digits) if digits else NUMERALS[marked[2] or marked[3]]
        share = mark / (5 if mark <= 5 else 10 if mark <= 10 else 100)
        return BEST if share > 0.85 else GOOD if share > 0.7 else FAIR if share > 0.5 else BAD
    for rating, words in WORDS:
        if re.search(rf"(?<![a-z])(?:{words})(?![a-z])", plain):
            return rating
    return None


class AskEscortRating(DeskAction, name="action_ask_escort_rating"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        one = escorts.get_escort(desk, escort_id=int(slots["record"]), contact_id=slots.contact_id)
        say("utter_ask_escort_rating", **escort_values(say, one))
        for rating in (BEST, GOOD, FAIR, BAD):
            say.buttons([(say.name("escort_rating", rating), set_slots(rating=rating))])

    def read(self, desk: Desk, slots: Slots) -> str | None:
        return read_rating(slots.latest_text)

    def foresee(self, desk: Desk, slots: Slots) -> dict[str, Any]:
        """What is told with the mark, or is the mark itself, is not asked for again."""
        text = slots.latest_text.strip()
        if read_rating(text) is None or len(MARK.sub("", text)) <= TELLS:
            return {}
        return {"rating_text": text}


class RateEscort(DeskAction, name="action_rate_escort"):
    """The rating is kept at once; the words, if any come, are added to it."""

    replies = ("utter_escort_rated", "utter_escort_rated_badly")

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        rating = int(slots["rating"])
        escorts.rate_escort(
            desk,
            escort_id=int(slots["record"]),
            contact_id=slots.contact_id,
            rating=rating,
            text=slots["rating_text"],
        )
        if slots["rating_text"] is not None or slots["outcome"] == "rated":
            say("utter_escort_rated" if rating > 1 else "utter_escort_rated_badly")
