"""The board of loans: what stands ready, what is out, what is overdue; handing out and taking back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, ClassVar

from bot.console.boards.board import CALM, DONE, LATE, SOON, Board, Card, Column, Field, Move
from bot.console.words import say_day, say_span
from knowledge import Hospital
from knowledge.schema import LoanKind
from services import Desk
from services.errors import Invalid
from services.identity import mask_name, mask_phone
from services.loans import (
    CANCELLED,
    COMPLETED,
    EXPIRED,
    IN_PROGRESS,
    LOST,
    OPEN,
    REQUESTED,
    EquipmentLoan,
    cancel_loan,
    get_loan,
    give_back,
    hand_out,
    is_overdue,
    lend_at_desk,
    list_loans,
    report_lost,
)
from services.overview import list_names
from services.stocks import get_kind, list_points

SHOWN = dt.timedelta(days=2)
NAMES = {
    REQUESTED: "留着等取",
    IN_PROGRESS: "已借出",
    COMPLETED: "已归还",
    EXPIRED: "没来取",
    CANCELLED: "不要了",
    LOST: "没还回来",
}
REASON = Field("reason", "原因", required=True, kind="text")


class LoanBoard(Board):
    name = "loans"
    title = "借用"
    permission = "escorts"
    about = "留着的一小时没人来取就放回去；到时没还的提醒患者一次，这里一直标红，请打电话。窗口借的点「登记借出」，还了就不留姓名电话。"
    kinds: ClassVar[tuple[tuple[str, str], ...]] = (("all", "全部"), ("overdue", "过期没还"))

    def columns(self, desk: Desk) -> tuple[Column, ...]:
        return tuple(Column(one, name, one not in OPEN) for one, name in NAMES.items())

    def cards(self, desk: Desk, *, kind: str) -> tuple[Card, ...]:
        shown = [
            one
            for one in list_loans(desk, limit=400)
            if (one.status in OPEN or one.created_at > desk.now - SHOWN)
            and (kind != "overdue" or is_overdue(desk, one))
        ]
        names = list_names(desk, sorted({one.contact_id for one in shown if one.contact_id is not None}))
        return tuple(
            self._card(desk, one, tuple(names.get(one.contact_id or 0, ())))
            for one in sorted(shown, key=lambda one: (one.due_at, one.id))
        )

    def record(self, desk: Desk, *, card_id: int) -> EquipmentLoan:
        return get_loan(desk, loan_id=card_id)

    def move(
        self, desk: Desk, *, card_id: int, stage: str, fields: Mapping[str, Any], staff_id: int, role: str
    ) -> None:
        reason = str(fields.get("reason") or "").strip() or None
        if stage in (CANCELLED, LOST) and not reason:
            raise Invalid("missing", field="reason")
        if stage == IN_PROGRESS:
            hand_out(desk, loan_id=card_id, reason=reason)
        elif stage == COMPLETED:
            give_back(desk, loan_id=card_id, place=str(fields.get("place") or "") or None, reason=reason)
        elif stage == LOST:
            report_lost(desk, loan_id=card_id, reason=reason or "")
        elif stage == CANCELLED:
            cancel_loan(desk, loan_id=card_id, reason=reason or "staff")
        else:
            raise Invalid("status", field="status", value=stage)

    def opening(self, hospital: Hospital) -> Move:
        """Lending to somebody who stands at the desk."""
        pieces = tuple(_name_piece(one, point.place) for one in hospital.loans.kinds for point in one.points)
        return Move(
            IN_PROGRESS,
            "登记借出",
            (
                Field("piece", "借什么，在哪个点", True, "choice", pieces, pieces[0] if pieces else ""),
                Field("borrower", "借用人姓名", True),
                Field("phone", "电话", True),
            ),
        )

    def begin(self, desk: Desk, *, fields: Mapping[str, Any]) -> None:
        wanted = str(fields.get("piece") or "")
        for name in ("piece", "borrower", "phone"):
            if not str(fields.get(name) or "").strip():
                raise Invalid("missing", field=name)
        for one in desk.hospital.loans.kinds:
            for point in one.points:
                if _name_piece(one, point.place) == wanted:
                    lend_at_desk(
                        desk,
                        kind=one.id,
                        place=point.place,
                        phone=str(fields["phone"]),
                        borrower=str(fields["borrower"]),
                    )
                    return
        raise Invalid("unknown_place", field="piece", value=wanted)

    def _card(self, desk: Desk, one: EquipmentLoan, names: tuple[str, ...]) -> Card:
        """``names``: of the contact's patients, where it was borrowed in the chat."""
        kind = get_kind(desk, one.equipment)
        due, tone = _deadline(desk, one)
        who = one.borrower or next(iter(names), "")
        facts = [
            ("借什么", kind.name),
            ("在哪取", one.place),
            ("押金", f"{one.deposit} 元" if one.deposit else "免"),
            (
                "归还",
                f"{say_day(one.due_at.date())} {one.due_at:%H:%M} 前" if one.status == IN_PROGRESS else "",
            ),
            ("还在", one.returned_place or ""),
            ("提醒过", f"{one.reminded_at:%H:%M}" if one.reminded_at else ""),
            (
                "现在还有",
                "，".join(f"{point.place} {point.free}" for point in list_points(desk, kind=kind.id)),
            ),
        ]
        return Card(
            id=one.id,
            stage=one.status,
            number=one.order_number,
            title=f"{kind.name}　{mask_name(who)}" if who else kind.name,
            text=one.place,
            keys=tuple(key for key in (*names, one.borrower, one.phone) if key),
            facts=tuple((label, value) for label, value in facts if value),
            at=one.created_at,
            due=due,
            tone=tone,
            contact_id=one.contact_id,
            tags=("窗口借出",) if one.contact_id is None else (),
            secrets=(
                *((("借用人", "borrower", mask_name(one.borrower)),) if one.borrower else ()),
                *((("联系电话", "phone", mask_phone(one.phone)),) if one.phone else ()),
            ),
            moves=_moves(desk, one),
        )


def _name_piece(kind: LoanKind, place: str) -> str:
    return f"{kind.name}　{place}"


def _moves(desk: Desk, one: EquipmentLoan) -> tuple[Move, ...]:
    deposit = f"，收押金 {one.deposit} 元" if one.deposit else ""
    if one.status == REQUESTED:
        return (Move(IN_PROGRESS, f"借出{deposit}"), Move(CANCELLED, "取消", (REASON,), grave=True))
    if one.status == IN_PROGRESS:
        places = tuple(point.place for point in get_kind(desk, one.equipment).points)
        back = Field("place", "还在哪里", kind="choice", choices=places, value=one.place)
        returned = f"归还，退押金 {one.deposit} 元" if one.deposit else "归还"
        return (Move(COMPLETED, returned, (back,)), Move(LOST, "没还回来", (REASON,), grave=True))
    return ()


def _deadline(desk: Desk, one: EquipmentLoan) -> tuple[str, str]:
    if one.status not in OPEN:
        return "", DONE
    minutes = int((one.due_at - desk.now).total_seconds() // 60)
    if minutes < 0:
        return f"过期 {say_span(-minutes)}", LATE
    word = "来取" if one.status == REQUESTED else "归还"
    return f"{say_span(minutes)}内{word}", SOON if minutes < 60 else CALM
