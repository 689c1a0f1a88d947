"""Complaints, suggestions and praise: heard first, asked little, answered with a number and a time."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from dialogues.actions import Desk, DeskAction, Slots, Speaker
from dialogues.actions.complaint_places import find_where, tells_only_where
from dialogues.actions.titles import day_title, person_button
from dialogues.payload import ask_for
from intents.language import strip_marks
from services import complaints, handling
from services.complaints import Complaint
from services.errors import Invalid

LEAST = 5
"""Letters from which a message is taken for the matter itself, not for the wish to speak of one."""
WISH = re.compile(
    r"^(?:你好|您好|我)?(?:想|要|有)?(?:来|提)?(?:一个|个|点|些|一些)?(?:吐槽|投诉|举报|反映|提意见|提建议|建议|意见|表扬|感谢|问题)+"
    r"(?:一下|你们|你们医院|医院|情况|问题|个事|(?:一|几)?[个位名]?(?:护士|医生|大夫|人|工作人员|保安|护工)们?)?[。！!.]*$"
)
WISH_VI = re.compile(
    r"^(?:(?:xin )?chao[ ,]*)?(?:toi|em|minh|chau|con)?\s*(?:muon|can|xin|co)?\s*(?:duoc |gui )?"
    r"(?:gop y|khieu nai|phan nan|phan anh|to cao|de xuat|kien nghi|khen(?: ngoi)?)"
    r"(?:,? (?:khieu nai|voi benh vien|benh vien|mot chut|a|nhe))*[.!]*$"
)
"""The same in Vietnamese, read without its marks."""
ASKING = re.compile(
    r"(?:我)?(?:不是|不算|没有|没)(?:要|想|在|来)?(?:投诉|吐槽|告状|举报)|(?:我)?(?:其实)?(?:就是|只是|就|只)(?:想)?(?:来)?(?:问问|问一问|问一下|问一句|咨询)"
)
"""It is a question after all."""
ANONYMOUS = re.compile(
    r"(?:我|想|要|就)*(?<![不别非能])匿名(?:提|投诉|处理|反映|吧|的|了)*"
    r"|(?:我)?(?:不用|不要|不想|别|不)(?:留|写|记)(?:我)?(?:的)?(?:姓名|名字|名)(?:吧|了)*"
    r"|(?:(?:tôi|toi|xin|muốn|muon|gửi|gui) )*(?<!không )(?<!khong )(?<!cần )(?<!can )(?:ẩn danh|an danh|giấu tên|giau ten)(?: nhé| ạ)*",
    re.IGNORECASE,
)
UNNAMED = re.compile(
    r"匿名|(?:不|别|莫|唔)(?:用|想|要|肯|愿|方便)*(?:留|打|回|联系|写)|giau ten|an danh|khong (?:de|muon de|can de|can goi|goi)"
)
NAMED = re.compile(r"(?:不|别|唔)(?:用|想|要)*匿名|实名|khong (?:can |muon )?(?:an danh|giau ten)")
REACHED = re.compile(r"留|电话|手机|号码|打给|打我|回我|联系我|de (?:lai )?so|goi (?:lai|cho)")
"""How the answer is to come."""
UNSOLVED = re.compile(
    r"^[^，。]{0,6}(?:不(?:太|是很)?满意[，,。！! ]+.*|(?:问题)?(?:根本|还是|一直|都|完全)?(?:就)?没(?:有)?(?:给我|帮我|得到)?(?:解决|改).{0,4})$"
)
"""Said of what was answered: 「不满意，根本没解决」."""
VERDICT = re.compile(r"^(?:我|很|挺|还|比较|非常|都|不太|不)*满意(?:了|的|吧|啊)*[。！!.]*$")


def hear(slots: Slots) -> str | None:
    """The matter, where the first message already tells it."""
    if slots["complaint_text"]:
        return slots["complaint_text"]
    text = slots.latest_text.strip()
    if (
        text.startswith("/")
        or len(text) < LEAST
        or WISH.match(text)
        or WISH_VI.match(strip_marks(text.lower()))
    ):
        return None
    return text


class HearComplaint(DeskAction, name="action_hear_complaint"):
    """A word of sympathy first, whatever comes next. A lone 「满意」 or 「不满意」 is no complaint but a word on an
    answer (``outcome``: verdict), or just kind (content)."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        words = slots.latest_text.strip()
        if VERDICT.match(words) and not slots["complaint_text"]:
            answered = find_answered(complaints.list_complaints(desk, contact_id=slots.contact_id))
            if answered is not None:
                return {"outcome": "verdict", "record": answered.id, "confirmation": "不" not in words}
            if "不" not in words:
                return {"outcome": "content"}
        again = _find_again(desk, slots, words)
        if again is not None:
            return {"outcome": "again", "record": again.id, "complaint_text": words}
        text = hear(slots)
        if text and text == words and tells_only_where(desk, text):
            return {"outcome": "ask", "place": slots["place"] or text}
        outcome = _weigh(desk, text)
        if outcome == "told":
            say("utter_complaint_heard")
        return {"complaint_text": text, "outcome": outcome}


def _find_again(desk: Desk, slots: Slots, words: str) -> Complaint | None:
    """One closed already whose answer these words do not accept, where nothing else is said."""
    if slots["complaint_text"]:
        return None
    mine = complaints.list_complaints(desk, contact_id=slots.contact_id, limit=1)
    closed = mine and mine[0].status == handling.CLOSED and mine[0].answer
    if closed and UNSOLVED.match(words) and handling.may_reopen(desk, mine[0]):
        return mine[0]
    return None


def _weigh(desk: Desk, text: str | None) -> str:
    """What the words ask for first: ``danger`` or ``crisis`` (now, not in what is told of the past), ``question`` where it is
    none of a complaint, else ``told``; ``ask`` where there are none."""
    if not text:
        return "ask"
    found = () if complaints.speaks_of_past(desk, text=text) else complaints.find_dangers(desk, text=text)
    if found:
        return "crisis" if found[0].crisis else "danger"
    return "question" if ASKING.search(text) else "told"


class ReadComplaint(DeskAction, name="action_read_complaint"):
    """The matter as it was told when asked for: a wish to stay unnamed is none, and danger comes before it."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        read = _read_anonymous(slots)
        text = read.get("complaint_text", slots["complaint_text"])
        return {**read, "outcome": _weigh(desk, text)}


def find_answered(mine: Iterable[Complaint]) -> Complaint | None:
    """The latest whose answer waits for the patient's yes or no."""
    return next((one for one in mine if one.status == "answered"), None)


class ReadAnonymous(DeskAction, name="action_read_anonymous"):
    """「匿名」, 「不用留名」 said where the matter or the place was asked for is a wish and neither of both."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        return _read_anonymous(slots)


def _read_anonymous(slots: Slots) -> dict[str, Any]:
    name = "place" if slots["place"] and ANONYMOUS.search(slots["place"]) else "complaint_text"
    words = slots[name] or ""
    if not ANONYMOUS.search(words):
        return {}
    rest = ANONYMOUS.sub("", words).strip("，,。.！! ")
    kept = words if name == "complaint_text" and rest else rest or None
    return {"anonymous": True, name: kept}


class SortComplaint(DeskAction, name="action_sort_complaint"):
    """The category by the hospital's words (asked where they say nothing), and the place of the code."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        category = slots["complaint_category"]
        if category is None:
            guessed = complaints.guess_category(desk, text=slots["complaint_text"])
            grave = complaints.is_serious(desk, text=slots["complaint_text"])
            category = None if guessed == "other" and not grave else guessed
        return {"complaint_category": category, **find_where(desk, slots)}


class AskAnonymous(DeskAction, name="action_ask_anonymous"):
    """Who gave a phone wants to be called: not asked again."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any] | None:
        if slots["phone"]:
            return {"anonymous": False}
        say("utter_ask_anonymous")
        return None

    def read(self, desk: Desk, slots: Slots) -> bool | None:
        """One of two ways: 「好」 names neither."""
        return _read_how(slots)

    def foresee(self, desk: Desk, slots: Slots) -> dict[str, Any]:
        """「匿名」, and nothing else, while it is asked which kind it is or where."""
        rest = ANONYMOUS.sub("", slots.latest_text).strip("，,。.！! ")
        return {} if rest or not _read_how(slots) else {"anonymous": True}


def _read_how(slots: Slots) -> bool | None:
    plain = strip_marks(slots.latest_text.lower())
    if UNNAMED.search(NAMED.sub("", plain)):
        return True
    return False if NAMED.search(plain) or REACHED.search(plain) else None


class FileComplaint(DeskAction, name="action_file_complaint"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        anonymous = bool(slots["anonymous"])
        filed = _file(desk, slots, kind="complaint")
        say(
            "utter_complaint_filed_anonymous" if anonymous else "utter_complaint_filed",
            order_number=filed.order_number,
            team=_team_title(desk, say, filed),
            hours=desk.hospital.complaints.first_contact_hours,
            until=day_title(say, filed.answer_due_on),
        )
        say.buttons(
            [
                (say.word("progress"), ask_for("query_complaint", order_number=filed.order_number)),
                person_button(say),
            ]
        )
        return {"record": filed.id}


def _team_title(desk: Desk, say: Speaker, filed: Complaint) -> str:
    team = next(one for one in desk.hospital.complaints.teams if one.id == filed.team)
    return say.name("team", team.id, team.name)


class FileInDanger(DeskAction, name="action_file_in_danger"):
    """The complaint that was said in the same breath as the danger: filed as it is, nothing is asked."""

    replies = ("utter_complaint_filed_in_danger", "utter_complaint_kept_in_crisis")

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        if not slots["complaint_text"]:
            return {}
        filed = _file(desk, slots, kind="complaint", danger=True)
        crisis = (
            any(one.crisis for one in complaints.find_dangers(desk, text=filed.text)) or slots["after_crisis"]
        )
        say(
            "utter_complaint_kept_in_crisis" if crisis else "utter_complaint_filed_in_danger",
            order_number=filed.order_number,
        )
        return {"record": filed.id, "outcome": None}


def _file(desk: Desk, slots: Slots, *, kind: str, danger: bool = False) -> Complaint:
    """A place code that no longer exists does not stop a complaint: the place is kept as words. Who chose 不留名 where he
    scanned the code is not named in a suggestion either."""
    text = slots["complaint_text"]
    given: dict[str, Any] = {
        "contact_id": slots.contact_id,
        "text": text,
        "category": slots["complaint_category"],
        "place": slots["place"],
        "department": slots["department"],
        "anonymous": bool(slots["anonymous"]),
        "phone": slots["phone"],
        "kind": kind,
        # of the past, or graver than words of the rules say: nobody is sent to the emergency department, but somebody looks
        "danger": danger or (kind == "complaint" and bool(complaints.find_dangers(desk, text=text))),
    }
    try:
        return complaints.file_complaint(desk, place_code=slots.place_code, **given)
    except Invalid as error:
        if error.field != "place":
            raise
        return complaints.file_complaint(desk, **given)


class HearQuestion(DeskAction, name="action_hear_question"):
    """What was told as a complaint is the question (``outcome``: turned); else it is asked for."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        return {"outcome": "turned" if slots["complaint_text"] else "ask"}


class NoteQuestion(DeskAction, name="action_note_question"):
    """A question for a person to answer. One that was begun as a complaint is on record as such, and that it turned."""

    atomic = True
    replies = ("utter_question_noted", "utter_complaint_turned")

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        turned = slots["outcome"] == "turned"
        filed = _file(desk, slots, kind="complaint" if turned else "question")
        if turned:
            handling.turn_into_question(desk, complaint_id=filed.id, reason="patient")
        say(
            "utter_complaint_turned" if turned else "utter_question_noted",
            order_number=filed.order_number,
            team=_team_title(desk, say, filed),
            until=day_title(say, filed.answer_due_on),
        )
        say.buttons(
            [
                (say.word("progress"), ask_for("query_complaint", order_number=filed.order_number)),
                person_button(say),
            ]
        )
        return {"record": filed.id}


class HearSuggestion(DeskAction, name="action_hear_suggestion"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        return {"complaint_text": hear(slots)}


class NoteSuggestion(DeskAction, name="action_note_suggestion"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        filed = _file(desk, slots, kind="suggestion")
        say("utter_suggestion_noted", order_number=filed.order_number)


class HearPraise(DeskAction, name="action_hear_praise"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        return {"complaint_text": hear(slots)}


class NotePraise(DeskAction, name="action_note_praise"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        filed = _file(desk, slots, kind="praise")
        say("utter_praise_noted", order_number=filed.order_number)
