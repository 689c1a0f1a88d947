"""Said of a complaint after it was filed: more words, pictures, that it is settled and may rest."""

from __future__ import annotations

import re
from typing import Any

from dialogues.actions import Desk, DeskAction, Slots, Speaker
from dialogues.actions.titles import day_title
from dialogues.payload import ask_for, set_slots
from services import afterthoughts, complaints, handling
from services.complaints import Complaint

SHOWN = 40
"""Letters of a complaint that name it to him who wrote it."""
TITLE = 12
LEAST = 4
"""Letters that say something more."""
LEAD = re.compile(
    r"^(?:还有|而且|另外|哦|对了|我|还|再|要|想|给|对|把|上次|刚才|刚刚|之前|那个|这个|那条|的|提|投诉|吐槽|反映|意见|那件事?|里面?|再?补充(?:一下|几句|一点|点|说明)?|加(?:一|几)?[句点条]|忘了?说了?|漏了?说了?|[：:，,\s。吧了])+"
)
LEAD_VI = re.compile(
    r"^(?:tôi|em|muốn|cần|xin|cho|bổ sung|nói thêm|thêm|vào|khiếu nại|góp ý|lúc nãy|vừa rồi|một chút|một câu|quên nói|[:,.\s])+",
    re.IGNORECASE,
)


def _get(desk: Desk, slots: Slots) -> Complaint:
    return complaints.get_complaint(desk, complaint_id=int(slots["record"]), contact_id=slots.contact_id)


class PickComplaint(DeskAction, name="action_pick_complaint"):
    """The one named, else the only one under way. ``outcome``: found (``record``), many, none."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        pending = afterthoughts.list_pending(desk, contact_id=slots.contact_id)
        if slots["record"] is not None:
            pending = [one for one in pending if one.id == int(slots["record"])]
        elif slots["order_number"]:
            named = complaints.find_complaint(
                desk, order_number=slots["order_number"], contact_id=slots.contact_id
            )
            pending = [one for one in pending if named is not None and one.id == named.id]
        if not pending:
            say("utter_no_open_complaint")
            return {"outcome": "none"}
        if len(pending) > 1:
            return {"outcome": "many", "said": slots["said"] or slots.latest_text}
        return {"outcome": "found", "record": pending[0].id, "said": slots["said"] or slots.latest_text}


class AskWhichComplaint(DeskAction, name="action_ask_which_complaint"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        say("utter_ask_which_complaint")
        say.buttons(
            (f"{day_title(say, one.created_at.date())} {_quote(one, TITLE)}", set_slots(record=one.id))
            for one in afterthoughts.list_pending(desk, contact_id=slots.contact_id)
        )


def _quote(one: Complaint, most: int) -> str:
    text = " ".join(one.text.split())
    return text if len(text) <= most else f"{text[:most]}…"


class AskWithdrawComplaint(DeskAction, name="action_ask_withdraw_complaint"):
    """Which one it is, in his own words: taken back is not done by mistake."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        one = _get(desk, slots)
        say(
            "utter_ask_withdraw_complaint",
            order_number=one.order_number,
            date=day_title(say, one.created_at.date()),
            words=_quote(one, SHOWN),
        )


class WithdrawComplaint(DeskAction, name="action_withdraw_complaint"):
    """With what he said of why: 「电梯修好了」."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        said = slots["said"] or ""
        one = afterthoughts.withdraw_complaint(
            desk,
            complaint_id=int(slots["record"]),
            contact_id=slots.contact_id,
            reason=None if said.startswith("/") else said,
        )
        say("utter_complaint_withdrawn", order_number=one.order_number)


class KeepComplaint(DeskAction, name="action_keep_complaint"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        say("utter_complaint_stays", order_number=_get(desk, slots).order_number)


class ReadMore(DeskAction, name="action_read_more"):
    """「再补充一点，那个护士是短头发」: what is to be added was said with the wish."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        said = slots["said"] or ""
        if said.startswith("/"):
            return {}
        rest = LEAD_VI.sub("", LEAD.sub("", said.strip())).strip()
        return {"complaint_text": rest if len(rest) >= LEAST else None}


class AskMoreOfComplaint(DeskAction, name="action_ask_more_of_complaint"):
    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        say("utter_ask_more_of_complaint", order_number=_get(desk, slots).order_number)


class AddToComplaint(DeskAction, name="action_add_to_complaint"):
    """Of one that was answered it is said that it is taken up again."""

    replies = ("utter_complaint_added", "utter_complaint_reopened")

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        before = _get(desk, slots).status
        one = afterthoughts.add_words(
            desk,
            complaint_id=int(slots["record"]),
            contact_id=slots.contact_id,
            text=slots["complaint_text"],
        )
        if before == "answered":
            until = day_title(say, one.answer_due_on)
            say("utter_complaint_reopened", order_number=one.order_number, until=until)
        else:
            say("utter_complaint_added", order_number=one.order_number)


class UnnameComplaint(DeskAction, name="action_unname_complaint"):
    """「匿名」 said after it was filed: neither name nor phone stays with it."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        one = afterthoughts.make_anonymous(
            desk, complaint_id=int(slots["record"]), contact_id=slots.contact_id
        )
        say("utter_complaint_unnamed", order_number=one.order_number)


class TellWherePicturesGo(DeskAction, name="action_tell_where_pictures_go"):
    """Into the complaint under way, however old: what is sent now is kept with it."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> None:
        pending = afterthoughts.list_pending(desk, contact_id=slots.contact_id, limit=1)
        if not pending:
            say("utter_complaint_picture_first")
            return
        one = afterthoughts.announce_pictures(desk, complaint_id=pending[0].id, contact_id=slots.contact_id)
        say("utter_complaint_send_pictures", order_number=one.order_number)
        say.buttons([(say.word("progress"), ask_for("query_complaint", order_number=one.order_number))])


class DisputeAnswer(DeskAction, name="action_dispute_answer"):
    """The answer does not content him: that very complaint is taken up again, with his words."""

    def perform(self, desk: Desk, slots: Slots, say: Speaker) -> dict[str, Any]:
        answered = [
            one
            for one in complaints.list_complaints(desk, contact_id=slots.contact_id, limit=5)
            if one.status == "answered"
        ]
        if not answered:
            say("utter_no_open_complaint")
            return {}
        one = handling.reopen_complaint(
            desk,
            complaint_id=answered[0].id,
            contact_id=slots.contact_id,
            reason=None if slots.latest_text.startswith("/") else slots.latest_text,
        )
        say(
            "utter_complaint_reopened",
            order_number=one.order_number,
            until=day_title(say, one.answer_due_on),
        )
        return {"record": one.id}
