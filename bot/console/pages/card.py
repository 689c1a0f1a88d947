"""An opened card: everything about it, its life so far, and where it may go next."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from nicegui import ui

from bot.console.boards import Board, Card, Move
from bot.console.boards.board import read_steps
from bot.console.boards.complaints import HEADS
from bot.console.pages.here import Here
from bot.console.pages.parts import box, draw_fields, press, read_fields, words
from bot.console.pages.reveals import draw_secret
from bot.console.words import say_time
from services import Desk
from services.history import reveal

Mover = Callable[[Card, Move | None, Mapping[str, object]], Awaitable[bool]]


class CardSheet:
    def __init__(self, here: Here, board: Board, card: Card, move: Mover):
        self.here, self.board, self.card, self._mover = here, board, card, move
        with ui.dialog() as self._dialog, box("sheet card-sheet"):
            with box("sheet-head"):
                words(card.number, "number", tag="span")
                for tag in card.tags:
                    words(tag, "pill red" if tag == "严重" else "pill", tag="span")
                if card.due:
                    words(card.due, f"due {card.tone}", tag="span")
                press("", self._dialog.close, "quiet push", icon="close", label="关闭")
            words(card.title, "sheet-title", tag="h2")
            with box("card-body"):
                with box("card-main"):
                    if card.text and board.quotes:
                        words(card.text, "card-words")
                    self._draw_facts()
                    self._moves = box("moves")
                    self._form = box("move-form")
                    self._draw_moves()
                self._steps = box("steps", tag="aside")
        self._dialog.on("hide", self._dialog.delete)
        self._dialog.open()
        ui.timer(0.01, self._draw_steps, once=True)

    def _draw_facts(self) -> None:
        with box("facts", tag="dl"):
            for label, value in self.card.facts:
                words(label, "soft", tag="dt")
                words(value, "text", tag="dd")
            for label, field, covered in self.card.secrets:
                words(label, "soft", tag="dt")
                with box(tag="dd"):
                    draw_secret(
                        self.here, label, covered, partial(self._find_secret, field), with_label=False
                    )
            if self.card.holder and self.board.takes:
                words("接手", "soft", tag="dt")
                words(self.card.holder, tag="dd")
        if self.card.drawing:
            ui.html(self.card.drawing, sanitize=False).classes("drawing")
        if self.card.pictures:
            self._shown = box("pictures")
            press(f"看图片（{len(self.card.pictures)} 张）", self._show_pictures, "link", icon="image")
        if self.card.contact_id is not None and self.here.may("conversations"):
            contact_id = self.card.contact_id
            press("看对话", lambda: ui.navigate.to(f"/talks/{contact_id}"), "link", icon="forum")

    async def _show_pictures(self) -> None:
        """Opened one by one in the looker's name; the picture stands in the page itself and has no address."""
        board, numbers, found = self.board, self.card.pictures, list[bytes]()

        def work(desk: Desk) -> None:
            found.extend(board.open_picture(desk, picture_id=one) for one in numbers)

        if await self.here.do(board.permission, work) and not self._shown.is_deleted:
            self._shown.clear()
            with self._shown:
                for number, jpeg in enumerate(found, 1):
                    source = f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}"
                    shown = box("picture", tag="img")
                    shown.props["src"], shown.props["alt"] = source, f"患者附的图片 {number}"

    def _draw_moves(self) -> None:
        card, me = self.card, self.here.person
        with self._moves:
            if self.board.takes and card.tone != "done":
                if card.holder_id is None:
                    press("我来接手", partial(self._move, None, {}), "plain", icon="back_hand")
                elif card.holder_id != me.id and me.role in HEADS:
                    press("转给我", partial(self._move, None, {"instead": True}), "plain", icon="swap_horiz")
            if self.board.takes and card.holder_id not in (None, me.id):
                words(f"{card.holder}已经接手，由{card.holder}往下办。", "soft small")
                return
            for number, move in enumerate(card.moves):
                tone = "grave" if move.grave else "plain" if number else "strong"
                icon = None if number else "arrow_forward"
                press(move.label, partial(self._begin, move), tone, icon=icon)

    async def _begin(self, move: Move) -> None:
        if not move.fields:
            await self._move(move, {})
            return
        self._form.clear()
        with self._form:
            words(move.label, "side-title", tag="h3")
            inputs = draw_fields(move.fields)

            async def finish() -> None:
                await self._move(move, read_fields(inputs))

            with box("pair"):
                press("取消", self._form.clear, "plain")
                press(f"确定：{move.label}", finish, "grave" if move.grave else "strong")
        next(iter(inputs.values())).run_method("focus")

    async def _move(self, move: Move | None, fields: Mapping[str, object]) -> None:
        if await self._mover(self.card, move, fields):
            self._dialog.close()

    async def _draw_steps(self) -> None:
        board, card_id = self.board, self.card.id
        with self.here.trying():
            steps = await self.here.visitor.read(
                board.permission, lambda desk: read_steps(desk, board, card_id=card_id)
            )
            now = self.here.house.now()
            with self._steps:
                words("经过", "side-title", tag="h3")
                for step in steps:
                    with box("step"):
                        words(step.name, tag="strong")
                        words(f"{say_time(step.at, now)}　{step.who}", "soft small")
                        if step.note:
                            words(step.note, "small text")

    def _find_secret(self, field: str, desk: Desk, reason: str) -> str:
        record = self.board.record(desk, card_id=self.card.id)
        return str(reveal(desk, record=record, field=field, reason=reason) or "")
