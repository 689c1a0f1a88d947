"""What a patient needs besides the service: a wheelchair, somebody along, signs instead of words."""

from __future__ import annotations

import re

from intents.lexicon import Words, read_list
from intents.slots.found import Found, longest

WEEKS = re.compile(
    r"(?<![避不])孕(?:期)?(?:已经|快|有|了)*(?:\d{1,2}|[一二三四五六七八九十]{1,3})(?:多)?(?:周|个?月|个?星期)"
)
BY_MYSELF = re.compile(r"(?:^|(?<=[,，、。和跟及\s]))(?:也是|就是|是|都是)?一个人(?=$|[,，、。!！\s])")
"""「听障，一个人」: beside another need, or as the whole answer; 「给一个人挂号」 says no such thing."""
NOT_PREGNANT = re.compile(
    r"(?:没有?|不|想|备|不能|未|难|准备|打算|计划|怎么|不会|避|可能|是不是|有没有|才能|会不会)(?:再)?$"
)
REFUSED = re.compile(
    r"(?:不用|不要|不需要|用不着|不想|不坐|唔使|kh[oô]ng (?:(?:c[aầ]n|d[uù]ng|n[aằ]m|ph[aả]i) )+)(?:再|坐|推|借|用)*$"
)
"""Stands right before a wheelchair or stretcher that is not wanted: 「不用轮椅」."""
CLEARLY = re.compile(r"(?:一直|老是|都)?(?:没|不)$")


class NeedReader:
    def __init__(self) -> None:
        data = read_list("needs")
        self._sure = _words(data["special_needs"])
        self._soft = _words(data["soft"])

    def words(self) -> list[str]:
        """Every word, as written in the list."""
        data = read_list("needs")
        return [word for part in ("special_needs", "soft") for words in data[part].values() for word in words]

    def read(self, text: str) -> list[Found]:
        """The needs in order of place; words that tell of an ailment as often are weak."""
        found = [
            *self._sure.find(text),
            *(Found("special_need", "pregnant", *m.span()) for m in WEEKS.finditer(text)),
            *(Found("special_need", "alone", *m.span()) for m in BY_MYSELF.finditer(text)),
        ]
        found = [
            one
            for one in found
            if not (one.value == "pregnant" and NOT_PREGNANT.search(text[max(0, one.start - 24) : one.start]))
        ]
        found = [one for one in found if not REFUSED.search(text[max(0, one.start - 12) : one.start])]
        soft = [Found(one.slot, one.value, one.start, one.end, weak=True) for one in self._soft.find(text)]
        return longest([*found, *soft])


def _words(needs: dict[str, list[str]]) -> Words:
    return Words("special_need", [(word, need) for need, words in needs.items() for word in words])
