"""Small parts of which the pages are made. Words are always set as text: nobody's words become HTML."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from inspect import iscoroutine
from typing import Any, Generic, TypeVar

from nicegui import context, ui
from nicegui.element import Element
from nicegui.elements.mixins.text_element import TextElement

from bot.console.boards import Field

T = TypeVar("T")


def box(classes: str = "", *, tag: str = "div") -> Element:
    return ui.element(tag).classes(classes)


def words(text: str, classes: str = "", *, tag: str = "div") -> TextElement:
    return TextElement(tag=tag, text=text).classes(classes)


def press(
    text: str,
    on_click: Callable[..., Any],
    classes: str = "plain",
    *,
    icon: str | None = None,
    label: str | None = None,
) -> Element:
    """A button: ``plain``, ``strong``, ``grave``, ``quiet``; ``label`` for screen readers where it shows an icon only.

    Pressed again while it is still about the first press, it does nothing: a double click is one.
    """
    busy = False

    async def act() -> None:
        nonlocal busy
        if busy:
            return
        busy = True
        try:
            if iscoroutine(going_on := on_click()):  # a dialog may be awaited too, and would open again
                await going_on
        finally:
            busy = False

    button = box(f"press {classes}", tag="button").props("type=button").on("click", act)
    if label:
        button.props["aria-label"] = label
        button.props["title"] = label
    with button:
        if icon:
            ui.icon(icon).props("aria-hidden=true")
        if text:
            words(text, tag="span")
    return button


def empty(text: str, hint: str = "", *, icon: str = "check_circle") -> None:
    """What stands where there is nothing."""
    with box("empty"):
        ui.icon(icon).props("aria-hidden=true")
        words(text, "empty-head")
        if hint:
            words(hint, "soft")


def nothing(text: str, hint: str = "", *, icon: str = "check_circle") -> Element:
    """What stands under a list that is empty; unseen until that is known."""
    place = box("none")
    with place:
        empty(text, hint, icon=icon)
    place.set_visibility(False)
    return place


class Keyed(Generic[T]):
    """A list kept in step with its items: new ones are built, changed ones built anew, gone ones removed, and the
    others stay untouched, so that nothing flickers and the keyboard's focus stays where it is."""

    def __init__(
        self,
        place: Element,
        *,
        key: Callable[[T], Hashable],
        build: Callable[[T], None],
        tag: str = "div",
        classes: Callable[[T], str] = lambda item: "",
    ):
        self.place, self.key, self.build, self.tag, self.classes = place, key, build, tag, classes
        self._boxes: dict[Hashable, Element] = {}
        self._items: dict[Hashable, T] = {}

    def show(self, items: Sequence[T]) -> None:
        wanted = {self.key(item): item for item in items}
        for gone in [key for key in self._boxes if key not in wanted]:
            self._boxes.pop(gone).delete()
            self._items.pop(gone)
        for key, item in wanted.items():
            if key not in self._boxes:
                with self.place:
                    self._boxes[key] = box(self.classes(item), tag=self.tag)
            elif self._items[key] == item:
                continue
            else:
                self._boxes[key].classes(replace=self.classes(item))
                self._boxes[key].clear()
            self._items[key] = item
            with self._boxes[key]:
                self.build(item)
        self._order(list(wanted))

    def _order(self, keys: list[Hashable]) -> None:
        if list(self._boxes) == keys:
            return
        for index, key in enumerate(keys):
            self._boxes[key].move(target_index=index)
        self._boxes = {key: self._boxes[key] for key in keys}


def draw_fields(fields: Sequence[Field]) -> dict[str, Any]:
    """An input for each field, in order; ``read_fields`` reads them."""
    inputs: dict[str, Any] = {}
    for one in fields:
        label = one.label if one.required else f"{one.label}（选填）"
        if one.kind == "choice":
            # a long list is found by typing a few letters of it
            given: Any = ui.select(
                list(one.choices), label=label, value=one.value or None, with_input=len(one.choices) > 12
            ).props("outlined dense options-dense")
        elif one.kind == "text":
            given = ui.textarea(label, value=one.value).props("outlined autogrow maxlength=2000")
        else:
            given = ui.input(label, value=one.value).props("outlined dense maxlength=200")
            if one.kind in ("date", "time"):
                given.props(f"type={one.kind} stack-label")
        inputs[one.name] = given.classes("wide")
    return inputs


def read_fields(inputs: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(one.value or "").strip() for name, one in inputs.items()}


def find_missing(fields: Sequence[Field], given: Mapping[str, str]) -> str | None:
    """The name of the first field that must be filled in and is not."""
    return next(
        (one.label.partition("（")[0] for one in fields if one.required and not given[one.name]), None
    )


async def ask(
    title: str,
    fields: Sequence[Field],
    *,
    done: str = "确定",
    hint: str = "",
    classes: str = "strong",
    keep: Callable[[dict[str, str]], Awaitable[bool]],
) -> bool:
    """Asks for a few words in a dialog; whether it was done. What is required must be filled in.

    ``keep`` does what was asked for while the dialog is still open: refused, what was written stays there to be mended.
    There is no other way to learn what was written, so that no form loses it.
    """
    # in the page itself: the row it was asked from may be drawn anew while one is still writing
    with context.client, ui.dialog() as dialog, box("sheet"):
        words(title, "sheet-title", tag="h2")
        if hint:
            words(hint, "soft")
        inputs = draw_fields(fields)
        busy = False

        async def finish() -> None:
            nonlocal busy
            if busy:  # pressed twice is done once
                return
            busy = True
            try:
                given = read_fields(inputs)
                if (lacking := find_missing(fields, given)) is not None:
                    ui.notify(f"请填「{lacking}」", type="warning", position="bottom-right")
                elif await keep(given):
                    dialog.submit("done")
            finally:
                busy = False

        with box("pair"):
            press("取消", dialog.close, "plain")
            press(done, finish, classes)
        for one in fields:
            if one.kind not in ("text", "choice"):
                inputs[one.name].on("keydown.enter", finish)
    if inputs:
        next(iter(inputs.values())).props("autofocus")
    answer = await dialog
    if not dialog.is_deleted:  # the page may be gone by now
        dialog.delete()
    return answer == "done"


async def confirm(title: str, hint: str, *, done: str, classes: str = "strong") -> bool:
    async def keep(given: dict[str, str]) -> bool:
        return True

    return await ask(title, (), done=done, hint=hint, classes=classes, keep=keep)
