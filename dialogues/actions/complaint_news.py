"""What there is to tell of a complaint, and what the patient says to it: content or not, how many points, a picture."""

from __future__ import annotations

import re
from typing import Any

from dialogues.actions import Desk, DeskAction, Slots, Speaker
from dialogues.actions.titles import announce_chinese, day_title, person_button
from dialogues.voice_matters import NOT_CONTENT as NOT_ACCEPTED
from intents.language import strip_marks
from services import complaints, handling, history
from services.afterthoughts import is_withdrawn
from services.complaints import Complaint
from services.escalation import is_late

LOW = 2
"""Points up to which we ask whether to try again."""


def _get(desk: Desk, slots: Slots) -> Complaint:
    return complaints.get_complaint(desk, complaint_id=int(slots["record"]), contact_id=slots.contact_id)


class TellComplaintChange(DeskAction, name="action_tell_complaint_change"):
    """``outcome``: answered where the patient is now to say whether he is content."""

    replies = ("utter_complaint_progress", "utter_complaint_answer")

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        one = _get(desk, slots)
        if is_withdrawn(desk, one):
            say("utter_complaint_withdrawn_elsewhere", order_number=one.order_number)
            return {"outcome": "told"}
        told = complaints.describe_complaint(desk, one)
        answered = one.status == "answered"
        if answered:
            announce_chinese(say)
        say(
            "utter_complaint_answer" if answered else "utter_complaint_progress",
            order_number=one.order_number,
            state=say.name("complaint_state", one.status, told["status_name"]),
            answer=one.answer or "",
        )
        # where it was is no value that his words about the answer might correct
        return {"outcome": "answered" if answered else "told", "place": None, "complaint_category": None}


class TellComplaintLate(DeskAction, name="action_tell_complaint_late"):
    """The day promised is over: said honestly, if it is still so."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        one = _get(desk, slots)
        if not is_late(desk, one):
            return
        say(
            "utter_complaint_late",
            order_number=one.order_number,
            until=day_title(say, one.answer_due_on),
        )
        say.buttons([person_button(say)])


class ConfirmComplaint(DeskAction, name="action_confirm_complaint"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        handling.confirm_complaint(desk, complaint_id=int(slots["record"]), contact_id=slots.contact_id)
        say("utter_complaint_confirmed")


NOT_CONTENT = re.compile(r"不(?:太|是很|是|怎么|够)?(?:满意|行|好|可以)|khong hai long|khong duoc")
CONTENTLESS = re.compile(r"[，,。.！!？?\s呀啊吧的了不没有很都还]|接着处理|khong")


def read_reason(text: str) -> str | None:
    """What somebody who is not content says of it; 「不满意」 alone says nothing more."""
    plain = strip_marks(text.strip().lower())
    if plain.startswith("/") or not CONTENTLESS.sub("", NOT_CONTENT.sub("", plain)):
        return None
    return text.strip()


ACCEPTED = re.compile(
    r"还?差不多|(?:还|也|都)(?:算)?(?:可以|行|不错|过得去|像话|满意)|勉强|凑合|马马虎虎|(?:就|先)?这样(?:吧|好了)|算(?:了)?(?:吧|你们)|过得去|能接受|接受了|气消|消气"
    r"|tam (?:duoc|chap nhan)|cung duoc|duoc roi|the con duoc"
)


class AskComplaintContent(DeskAction, name="action_ask_complaint_content"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        say("utter_ask_complaint_content")

    def read(self, desk: Desk, slots: Slots) -> bool | None:
        """「道歉有什么用，我不满意」 is a no, whatever else is said; 「这还差不多」 a yes."""
        plain = strip_marks(slots.latest_text.lower())
        if NOT_ACCEPTED.search(plain):
            return False
        return True if ACCEPTED.search(plain) else None


class ReadDiscontent(DeskAction, name="action_read_discontent"):
    """「不满意，根本没解决」: the reason was given with the no, and is not asked for."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        return {"complaint_text": slots["complaint_text"] or read_reason(slots.latest_text)}


class ReopenComplaint(DeskAction, name="action_reopen_complaint"):
    """Not content: back to the team, with the patient's reason."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        one = handling.reopen_complaint(
            desk,
            complaint_id=int(slots["record"]),
            contact_id=slots.contact_id,
            reason=slots["complaint_text"],
        )
        say(
            "utter_complaint_reopened",
            order_number=one.order_number,
            until=day_title(say, one.answer_due_on),
        )


class TellComplaintEnd(DeskAction, name="action_tell_complaint_end"):
    """It is closed; an answer not told before is told now. ``outcome``: open where points may still be given."""

    replies = ("utter_complaint_ended", "utter_complaint_ended_with")

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        one = _get(desk, slots)
        if one.status != handling.CLOSED or one.satisfaction is not None:
            return {"outcome": "told"}
        told = any(step.new == "answered" for step in history.list_changes(desk, record=one))
        if not told:
            announce_chinese(say)
        say(
            "utter_complaint_ended" if told else "utter_complaint_ended_with",
            order_number=one.order_number,
            answer=one.answer or "",
        )
        return {"outcome": "open"}


class AskSatisfaction(DeskAction, name="action_ask_satisfaction"):
    """One to five. Who is asked in the talk is not asked again after the end."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        handling.note_rating_asked(desk, complaint_id=_get(desk, slots).id)
        say("utter_ask_satisfaction")


class RateComplaint(DeskAction, name="action_rate_complaint"):
    """``outcome``: low where we should ask whether to try again."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        if slots["satisfaction"] is None:
            say("utter_not_rated")
            return {"outcome": "told"}
        points = int(slots["satisfaction"])
        one = handling.rate_complaint(
            desk, complaint_id=int(slots["record"]), contact_id=slots.contact_id, satisfaction=points
        )
        low = points <= LOW and one.status == handling.CLOSED
        say("utter_rated_low" if low else "utter_rated")
        return {"outcome": "low" if low else "rated"}


class TellPicture(DeskAction, name="action_tell_picture"):
    """Where the picture went: ``outcome`` is what came of keeping it (attached, with_parcel, with_request, kept, alone,
    too_many)."""

    replies = (
        "utter_picture_attached",
        "utter_picture_with_parcel",
        "utter_picture_with_request",
        "utter_picture_kept",
        "utter_picture_alone",
        "utter_picture_too_many",
    )

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        say(f"utter_picture_{slots['outcome'] or 'alone'}", order_number=slots["order_number"] or "")
