"""Bookings that a person looks at: those held for review (号贩子), and appeals against an absence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from bot.console.boards.board import CALM, DONE, LATE, SOON, Board, Card, Column, Field, Move
from bot.console.words import say_day, say_time
from services import Desk
from services.absences import AbsenceAppeal, get_appeal, list_absences, list_appeals, settle_appeal
from services.identity import mask_phone
from services.limits import find_block
from services.patients import Patient
from services.registration import Appointment
from services.reviews import get_review, list_reviews, refuse_booking, release_booking
from services.suspicion import (
    REFUSED,
    RELEASED,
    REQUESTED,
    WITHDRAWN,
    BookingReview,
    count_account,
    count_accounts,
)

GROUNDS = {
    "accounts_per_phone": "同一手机号的账号太多",
    "burst": "短时间连着约",
    "cancels": "反复约了又退",
    "same_doctor": "同一天同一位医生的号太多",
    "persons": "几天里替太多人约",
    "handed_over": "刚退的号马上换人约",
    "guardian": "一位监护人名下的孩子太多",
    "moved": "核对中的号改约",
}
REASON = Field("reason", "原因（会记下）", required=True, kind="text")


class ReviewBoard(Board):
    name = "reviews"
    title = "号源核对"
    permission = "registration"
    about = "像号贩子的预约先留着号。放行或不通过，患者都会收到消息；到时间没人看就自动放行。"
    kinds: ClassVar[tuple[tuple[str, str], ...]] = (("all", "全部"),)

    def columns(self, desk: Desk) -> tuple[Column, ...]:
        return (
            Column(REQUESTED, "待核对"),
            Column(RELEASED, "已放行", True),
            Column(REFUSED, "不通过", True),
            Column(WITHDRAWN, "患者退了", True),
        )

    def cards(self, desk: Desk, *, kind: str) -> tuple[Card, ...]:
        return tuple(self._card(desk, one) for one in list_reviews(desk))

    def record(self, desk: Desk, *, card_id: int) -> BookingReview:
        return get_review(desk, review_id=card_id)

    def move(
        self, desk: Desk, *, card_id: int, stage: str, fields: Mapping[str, Any], staff_id: int, role: str
    ) -> None:
        reason = str(fields.get("reason") or "")
        if stage == RELEASED:
            release_booking(desk, review_id=card_id, reason=reason or None)
        else:
            refuse_booking(desk, review_id=card_id, reason=reason)

    def _card(self, desk: Desk, one: BookingReview) -> Card:
        booked = desk.session.get_one(Appointment, one.appointment_id)
        patient = desk.session.get_one(Patient, booked.patient_id)
        waiting = one.status == REQUESTED
        accounts = count_accounts(desk, patient=patient) if waiting else 0
        minutes = int((one.due_at - desk.now).total_seconds() // 60)
        facts = (
            ("号", f"{say_day(booked.date)} {booked.start:%H:%M}　{booked.department}　{booked.doctor}"),
            ("就诊人", f"{patient.masked_name}，{patient.age(desk.now.date())} 岁，{patient.relation}"),
            ("手机号", mask_phone(patient.phone) if patient.phone else ""),
            ("手机号核对", "已核对" if patient.phone_confirmed_at else "没有核对"),
            ("为什么要看", "、".join(GROUNDS.get(code, code) for code in one.grounds.split(","))),
            ("这个账号近日", _describe_account(desk, one)),
            ("同一手机号", f"还有 {accounts} 个账号约着号" if accounts else ""),
            ("自动放行", say_time(one.due_at, desk.now) if waiting else ""),
        )
        return Card(
            id=one.id,
            stage=one.status,
            number=booked.order_number,
            title=f"{booked.department}　{patient.masked_name}",
            text=f"{say_day(booked.date)} {booked.start:%H:%M} {booked.doctor}",
            facts=tuple((label, value) for label, value in facts if value),
            tags=tuple(GROUNDS.get(code, code) for code in one.grounds.split(",")),
            at=one.created_at,
            due=f"{say_time(one.due_at, desk.now)}自动放行" if waiting else "",
            tone=DONE if not waiting else SOON if minutes < 60 else CALM,
            contact_id=one.contact_id,
            moves=(
                (
                    Move(RELEASED, "放行", (Field("reason", "备注", kind="text"),)),
                    Move(REFUSED, "不通过，取消这个号", (REASON,), grave=True),
                )
                if waiting
                else ()
            ),
        )


def _describe_account(desk: Desk, one: BookingReview) -> str:
    """What a person needs for judging: how much the account has booked, for how many, and given back."""
    account = count_account(desk, contact_id=one.contact_id)
    days = desk.hospital.registration.review.cancel_days
    return f"{days} 天里替 {account.persons} 人约了 {account.made} 个号，退了 {account.given_back} 个"


class AppealBoard(Board):
    name = "appeals"
    title = "未到申诉"
    permission = "registration"
    about = "患者说记错了。成立，未到就不再算，马上能约；原因会告诉患者。"
    quotes = True
    kinds: ClassVar[tuple[tuple[str, str], ...]] = (("all", "全部"),)

    def columns(self, desk: Desk) -> tuple[Column, ...]:
        return (
            Column("requested", "待处理"),
            Column("accepted", "成立", True),
            Column("rejected", "不成立", True),
        )

    def cards(self, desk: Desk, *, kind: str) -> tuple[Card, ...]:
        return tuple(self._card(desk, one) for one in list_appeals(desk))

    def record(self, desk: Desk, *, card_id: int) -> AbsenceAppeal:
        return get_appeal(desk, appeal_id=card_id)

    def move(
        self, desk: Desk, *, card_id: int, stage: str, fields: Mapping[str, Any], staff_id: int, role: str
    ) -> None:
        reason = str(fields.get("reason") or "")
        settle_appeal(desk, appeal_id=card_id, accept=stage == "accepted", reason=reason)

    def _card(self, desk: Desk, one: AbsenceAppeal) -> Card:
        patient = desk.session.get_one(Patient, one.patient_id)
        absences = list_absences(desk, person=one.person)
        until = find_block(desk, person=one.person)
        waiting = one.status == "requested"
        facts = (
            ("就诊人", f"{patient.masked_name}，{patient.relation}"),
            ("记了未到", "、".join(f"{say_day(each.date)}{each.department}" for each in absences)),
            ("停约到", say_day(until) if until else ""),
            ("答复", one.answer or ""),
        )
        told = Field("reason", "原因（会告诉患者）", required=True, kind="text")
        return Card(
            id=one.id,
            stage=one.status,
            number=f"{one.created_at:%m-%d}",
            title=patient.masked_name,
            text=one.text,
            facts=tuple((label, value) for label, value in facts if value),
            tags=("停约中",) if until else (),
            at=one.created_at,
            tone=DONE if not waiting else LATE if until else CALM,
            contact_id=one.contact_id,
            moves=(
                (Move("accepted", "申诉成立", (told,)), Move("rejected", "不成立", (told,), grave=True))
                if waiting
                else ()
            ),
        )
