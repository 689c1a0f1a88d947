"""A board: columns by stage, cards that are dragged or pressed on to the next stage allowed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from nicegui import ui
from nicegui.element import Element
from nicegui.events import GenericEventArguments, ValueChangeEventArguments

from bot.console.boards import Board, Card, Column, Move
from bot.console.pages.card import CardSheet
from bot.console.pages.hatch import draw_hatch
from bot.console.pages.here import Here
from bot.console.pages.parts import Keyed, ask, box, nothing, press, words
from bot.console.words import say_span
from services import Desk
from services.errors import WrongState

TOGGLED = 6
"""More ways to look at a board than this are a list to choose from."""


def shower(board: Board) -> Callable[[Here], None]:
    """The page of this board."""
    return partial(_show, board)


def _show(board: Board, here: Here) -> None:
    BoardPage(here, board)


class BoardPage:
    def __init__(self, here: Here, board: Board):
        self.here, self.board = here, board
        kinds = board.list_kinds(here.house.hospital)
        self.kind = kinds[0][0]
        self._sought = ""
        self._cards: dict[int, Card] = {}
        self._sheet: CardSheet | None = None
        self._columns: dict[str, tuple[Element, Element, Keyed[tuple[Card, str]]]] = {}
        with box("board-page"):
            with box("page-top", tag="header"):
                with box():
                    words(board.title, "page-title", tag="h1")
                    words(board.about, "soft small")
                opening = board.opening(here.house.hospital)
                if opening is not None:
                    press(opening.label, partial(self._begin, opening), "strong push", icon="add")
                if board.hatch is not None:
                    draw_hatch(here, board.permission, board.hatch)
                seek = (
                    ui.input(placeholder="找：单号、名称、姓名、电话")
                    .props(
                        'outlined dense clearable debounce=300 type=search maxlength=60 aria-label="找一张卡"'
                    )
                    .classes("seek")
                )
                seek.on_value_change(self._seek)
                if opening is None and board.hatch is None:
                    seek.classes("push")
                if len(kinds) > TOGGLED:
                    ui.select(dict(kinds), value=self.kind, on_change=self._change_kind).props(
                        'outlined dense options-dense aria-label="看哪些"'
                    ).classes("push kinds")
                else:
                    ui.toggle(dict(kinds), value=self.kind, on_change=self._change_kind).props(
                        "no-caps unelevated dense toggle-color=primary"
                    ).classes("push")
            self._place = box("lanes").props(f'role=group aria-label="{board.title}"')
            self._none = nothing("现在没有", "有了自己会出现在这里。")
        self._look = here.live(board.permission, self._read, self._draw)

    def _read(self, desk: Desk) -> tuple[tuple[Column, ...], tuple[tuple[Card, str], ...]]:
        cards = [one for one in self.board.cards(desk, kind=self.kind) if one.answers_to(self._sought)]
        aged = tuple(
            (card, say_span(abs(int((desk.now - card.at).total_seconds() // 60))) if card.at else "")
            for card in cards
        )
        return self.board.columns(desk), aged

    async def _change_kind(self, event: object) -> None:
        self.kind = getattr(event, "value", None) or self.kind
        await self._look()

    async def _seek(self, event: ValueChangeEventArguments) -> None:
        self._sought = str(event.value or "")
        await self._look()

    def _draw(self, found: tuple[tuple[Column, ...], tuple[tuple[Card, str], ...]]) -> None:
        columns, cards = found
        self._cards = {card.id: card for card, _ in cards}
        self._none.set_visibility(not cards)
        self._place.set_visibility(bool(cards))
        if not self._columns:
            with self._place:
                for column in columns:
                    self._columns[column.stage] = self._draw_column(column)
        for column in columns:
            place, count, keyed = self._columns[column.stage]
            mine = [one for one in cards if one[0].stage == column.stage]
            keyed.show(mine)
            count.set_text(str(len(mine)) if mine else "")  # type: ignore[attr-defined]
            place.classes(**({"remove": "slim"} if mine else {"add": "slim"}))
        if self._sheet is not None and self._sheet.card.id in self._cards:
            self._sheet.follow(self._cards[self._sheet.card.id])

    def _draw_column(self, column: Column) -> tuple[Element, Element, Keyed[tuple[Card, str]]]:
        place = box("lane ended" if column.ended else "lane", tag="section")
        place.props(f'aria-label="{column.name}" data-stage="{column.stage}"')
        place.on("dragover", js_handler="(e) => wenjin.over(e)")
        place.on("drop", partial(self._drop, column.stage), js_handler="(e) => emit(wenjin.drop(e))")
        with place:
            with box("lane-top"):
                words(column.name, tag="h2")
                count = words("", "count", tag="b")
            cards = box("cards").props("role=list")
        return (
            place,
            count,
            Keyed(cards, key=lambda one: one[0].id, build=self._draw_card, classes=lambda one: "slot"),
        )

    def _draw_card(self, item: tuple[Card, str]) -> None:
        card, age = item
        shown = box(f"card {card.tone}{' urgent' if card.urgent else ''}", tag="article")
        targets = [one.stage for one in card.moves if one.stage in self._columns]
        shown.props("tabindex=0 role=button" + (" draggable=true" if targets else ""))
        shown.props["aria-label"] = f"{card.number} {card.title}"
        shown.on("click", partial(self._open, card))
        shown.on("keydown.enter", partial(self._open, card))
        if targets:  # lifted and let go in the browser alone: a slow line must not make a drag fail
            shown.props(f'data-card={card.id} data-next="{" ".join(targets)}"')
            shown.on("dragstart", js_handler="(e) => wenjin.lift(e)")
            shown.on("dragend", js_handler="(e) => wenjin.land(e)")
        with shown:
            with box("card-top"):
                words(card.number, "number", tag="span")
                if age and card.tone != "done":
                    words(age, "soft small push", tag="span")
            words(card.title, "card-title")
            if card.text:
                words(card.text, "card-text")
            with box("card-foot"):
                for tag in card.tags:
                    words(tag, "pill red" if tag == "严重" else "pill", tag="span")
                if card.holder:
                    words(card.holder, "pill green", tag="span")
                if card.due:
                    words(card.due, f"due {card.tone} push", tag="span")

    async def _begin(self, opening: Move) -> None:
        board = self.board

        async def keep(given: dict[str, str]) -> bool:
            return await self.here.do(
                board.permission,
                lambda desk: board.begin(desk, fields=given),
                said=f"{opening.label}：办好了。",
            )

        await ask(opening.label, opening.fields, done=opening.label, keep=keep)

    def _open(self, card: Card) -> None:
        if self._sheet is not None and not self._sheet.closed:  # a double click opens it once
            return
        self.here.visitor.stay()
        with self._place:
            self._sheet = CardSheet(self.here, self.board, self._cards.get(card.id, card), self.move)

    async def _drop(self, stage: str, event: GenericEventArguments) -> None:
        card = self._cards.get(event.args) if isinstance(event.args, int) else None
        if card is None or stage == card.stage:
            return
        move = next((one for one in card.moves if one.stage == stage), None)
        if move is None:
            self.here.tell("不能直接到这一步。", "warning")
            return
        if not any(one.required for one in move.fields):
            await self.move(card, move, {})
            return

        async def keep(given: dict[str, str]) -> bool:
            return await self.move(card, move, given)

        await ask(f"{card.number}　{move.label}", move.fields, done=move.label, keep=keep)

    async def move(self, card: Card, move: Move | None, fields: Mapping[str, object]) -> bool:
        """Moves the card on, or only takes it; refused where it stands elsewhere by now."""
        board, me = self.board, self.here.person

        def work(desk: Desk) -> None:
            status = getattr(board.record(desk, card_id=card.id), "status", None)
            if status != card.stage:
                raise WrongState(status, field="status", value=card.stage)
            board.move(
                desk,
                card_id=card.id,
                stage=move.stage if move else "",
                fields=fields,
                staff_id=me.id,
                role=me.role,
            )

        return await self.here.do(
            board.permission, work, said=f"{card.number}：{move.label if move else '由您接手'}"
        )
