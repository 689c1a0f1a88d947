"""What is said inside something is about that first: 「不用来了」, 「单号多少」, 「寄到哪了」 are taken for an escort, for herbs, and the
patient has none. With what is being done they have a meaning: it is given up, or it has no number yet.
"""

from __future__ import annotations

import re

from dialogues.line_matters import MATTERS, is_on_record
from dialogues.line_starts import CHANGE, PROGRESS, WHEN, WISH, fold
from dialogues.meanings import mean
from dialogues.walk import Walk
from intents.understanding import Request

EARLY = "line_early"
"""The flow that says: nothing is registered yet, so there is no number and nothing under way."""
TAKES_BACK = ("cancel_", "change_", "query_")
LEAVES = re.compile(
    "^(?:那|哎|唉|啊|还是|我|就|先|都|已经|，|,)*(?:(?:不|唔|莫|别|冇)(?:用|使|要|必)?(?:再)?(?:来|去|派|等|寄|要|做|办|订|接|送|上门|登记)?(?:人)?(?:了|啦|咯|喇|咗)"
    "|撤回|撤销|取消|退掉|退了|退咗)|khong can (?:den|nua)|thoi khong"
)
"""「不用来了」, 「唔等喇」, 「撤回吧」."""
NUMBER = re.compile(
    "(?:单号|编号|快递号|运单号?|号码)(?:是)?(?:几多|多少|几|什么|呢)|ma (?:so|don|van don)|多少号"
)


def find_near(walk: Walk, wanted: Request, text: str) -> Request | None:
    """The request in place of one that speaks of something the patient neither names nor has; ``None`` where it may stay."""
    other = MATTERS.get(wanted.intent)
    if other is None or walk.waiting is None or not getattr(walk.book.hospital, "lines", ()):
        return None
    if not wanted.intent.startswith((*TAKES_BACK, "register_")):
        return None
    plain = fold(text)
    if other.words.search(plain) or is_on_record(walk, other):
        return None
    turned = CHANGE.search(plain) or WISH.search(plain)
    if wanted.intent.startswith("cancel_") or (LEAVES.search(plain) and not turned):
        return mean(wanted, "stop_task") if LEAVES.search(plain) and not turned else None
    line = find_line_asked(walk, text)
    return None if line is None else mean(wanted, EARLY, {"line": line})


def find_line_asked(walk: Walk, text: str) -> str | None:
    """The service line that is being registered, where its number, hour or progress is asked for."""
    plain = fold(text)
    asked = PROGRESS.search(plain) or WHEN.search(plain) or NUMBER.search(plain)
    return find_line_running(walk) if asked else None


def find_line_running(walk: Walk) -> str | None:
    """The service line that is being registered."""
    running = [frame.flow for frame in walk.chain()]
    return next((one.id for one in getattr(walk.book.hospital, "lines", ()) if one.id in running), None)
