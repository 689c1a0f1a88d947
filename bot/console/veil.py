"""What one contact's words look like to staff: names, phones, identity numbers and addresses covered.

What was said anonymously is covered for good: nobody may learn from a conversation whose complaint it was. A button
somebody pressed reads as the words that stood on it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.masks import mask_text, mask_value
from bot.pages.doors import SAID
from bot.pictures import SHOWN
from services import Desk
from services.complaints import list_complaints
from services.herbs import list_deliveries
from services.identity import mask_name
from services.patients import list_patients
from services.talk import Line

PRESSED = "（点选）"
ANONYMOUS = "（匿名提的内容）"


@dataclass(frozen=True, slots=True)
class Veil:
    covers: tuple[tuple[str, str], ...] = ()
    """What must not be read, and what is read instead; the longest first."""
    anonymous: tuple[tuple[str, str], ...] = ()
    """The same, of what nobody may reveal either."""

    def cover(self, text: str) -> str:
        text = self.bare(text)
        for bare, covered in self.covers:
            text = text.replace(bare, covered)
        return mask_text(text)

    def bare(self, text: str) -> str:
        """The words as they may be revealed."""
        for bare, covered in self.anonymous:
            text = text.replace(bare, covered)
        return text


def make_veil(
    names: Iterable[str], addresses: Iterable[str] = (), anonymous: Iterable[tuple[str, str]] = ()
) -> Veil:
    covers = {name: mask_name(name) for name in names if len(name) > 1}
    covers |= {address: mask_value("address", address) for address in addresses if address}
    return Veil(_longest_first(covers.items()), _longest_first(anonymous))


def _longest_first(pairs: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(pairs, key=lambda pair: -len(pair[0])))


def find_veil(desk: Desk, *, contact_id: int) -> Veil:
    """For a contact whose patients, addresses and anonymous complaints are on record."""
    names = [one.name for one in list_patients(desk, contact_id=contact_id)]
    addresses = [one.address for one in list_deliveries(desk, contact_id=contact_id) if one.address]
    anonymous = []
    for one in list_complaints(desk, contact_id=contact_id):
        if one.anonymous:
            anonymous += [(one.order_number, "匿名单号"), (one.text, ANONYMOUS)]
            anonymous += [(one.answer, ANONYMOUS)] if one.answer else []
    return make_veil(names, addresses, anonymous)


def read_words(lines: Sequence[Line]) -> list[str]:
    """The words of each line in order, presses by the title of the button pressed."""
    titles = dict(SAID)
    words = []
    for line in lines:
        text = line.body.get("text", "")
        if line.direction == "out":
            titles.update((one["payload"], one["title"]) for one in line.body.get("buttons", ()))
        elif line.body.get("withheld"):
            text = "（同意之前的话不保存）"
        else:
            text = titles.get(text, PRESSED if re.match(r"/\w", text) else text)
            text = text or (SHOWN if line.body.get("pictures") else "")
        words.append(text)
    return words
