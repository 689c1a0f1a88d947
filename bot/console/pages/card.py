"""An opened card: everything about it, its life so far, and where it may go next."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

from nicegui import ui
from nicegui.element import Element

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
    """Follows the card while it is open. Its buttons never change under the hand: where somebody else has moved it on,
    that is said, and the new ones are drawn when one asks for them; what was being written stays until then."""

    def __init__(self, here: Here, board: Board, card: Card, move: Mover):
        self.here, self.board, self.card, self._mover = here, board, card, move
        self._seen = card
        self._parts: dict[Element, Any] = {}
        self._moving = False
        with ui.dialog() as self._dialog, box("sheet card-sheet"):
            with box("sheet-head"):
                self._head = box("sheet-marks")
                press("", self._dialog.close, "quiet push", icon="close", label="关闭")
            self._title = words(card.title, "sheet-title", tag="h2")
            with box("card-body"):
                with box("card-main"):
                    self._words = box("none")
                    self._facts = box("facts", tag="dl")
                    self._drawing = box("none")
                    self._ways = box("none")
                    self._moves = box("moves")
                    self._form = box("move-form")
                self._steps = box("steps", tag="aside")
        self._draw()
        self._dialog.on("hide", self._dialog.delete)
        self._dialog.open()
        self._ask_steps()

    @property
    def closed(self) -> bool:
        return self._dialog.is_deleted or not self._dialog.value

    def follow(self, card: Card) -> None:
        """The card as it is now."""
        if card == self._seen or self.closed or self._moving:
            return
        self._seen = card
        self._draw()
        self._ask_steps()

    def _look_anew(self) -> None:
        self.card = self._seen
        self._form.clear()
        self._draw()

    def _draw(self) -> None:
        card = self._seen
        self._title.set_text(card.title)
        self._keep(self._head, (card.number, card.tags, card.due, card.tone), self._draw_head)
        if self.board.quotes and card.text:
            self._keep(self._words, card.text, lambda: words(card.text, "card-words"))
        self._keep(self._facts, (card.facts, card.secrets, card.holder), self._draw_facts)
        self._keep(self._drawing, card.drawing, self._draw_drawing)
        self._keep(self._ways, (card.pictures, card.contact_id), self._draw_ways)
        self._keep(self._moves, (self.card.id, _ways(self.card), _ways(card)), self._draw_moves)

    def _keep(self, place: Element, value: Any, draw: Callable[[], Any]) -> None:
        if place in self._parts and self._parts[place] == value:
            return
        self._parts[place] = value
        place.clear()
        with place:
            draw()

    def _draw_head(self) -> None:
        words(self._seen.number, "number", tag="span")
        for tag in self._seen.tags:
            words(tag, "pill red" if tag == "严重" else "pill", tag="span")
        if self._seen.due:
            words(self._seen.due, f"due {self._seen.tone}", tag="span")

    def _draw_facts(self) -> None:
        for label, value in self._seen.facts:
            words(label, "soft", tag="dt")
            words(value, "text", tag="dd")
        for label, field, covered in self._seen.secrets:
            words(label, "soft", tag="dt")
            with box(tag="dd"):
                draw_secret(self.here, label, covered, partial(self._find_secret, field), with_label=False)
        if self._seen.holder and self.board.takes:
            words("接手", "soft", tag="dt")
            words(self._seen.holder, tag="dd")

    def _draw_drawing(self) -> None:
        if self._seen.drawing:
            ui.html(self._seen.drawing, sanitize=False).classes("drawing")

    def _draw_ways(self) -> None:
        if self._seen.pictures:
            self._shown = box("pictures")
            press(f"看图片（{len(self._seen.pictures)} 张）", self._show_pictures, "link", icon="image")
        if self._seen.contact_id is not None and self.here.may("conversations"):
            contact_id = self._seen.contact_id
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
        if _ways(card) != _ways(self._seen):
            words("同事刚刚改过这一件。", "changed")
            press("看最新的，再办", self._look_anew, "strong", icon="refresh")
            return
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
            press(move.label, partial(self._begin, move.stage), tone, icon=icon)

    async def _begin(self, stage: str) -> None:
        move = next(
            one for one in self._seen.moves if one.stage == stage
        )  # who is near may have changed meanwhile
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
        if self._moving:  # pressed twice is done once
            return
        self._moving = True
        try:
            if await self._mover(self.card, move, fields):
                self._dialog.close()
        finally:
            self._moving = False

    def _ask_steps(self) -> None:
        with self._dialog:
            ui.timer(0.01, self._draw_steps, once=True)

    async def _draw_steps(self) -> None:
        board, card_id = self.board, self.card.id
        with self.here.trying():
            steps = await self.here.visitor.read(
                board.permission, lambda desk: read_steps(desk, board, card_id=card_id)
            )
            now = self.here.house.now()
            if self._steps.is_deleted:
                return
            self._steps.clear()
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


def _ways(card: Card) -> tuple[object, ...]:
    """Where it stands, who has it and what may be pressed."""
    return card.stage, card.holder_id, tuple((one.stage, one.label) for one in card.moves)
