"""Identity data under its mask, and the button that shows it to whoever says why."""

from __future__ import annotations

from collections.abc import Callable

from bot.console.boards import Field
from bot.console.pages.here import Here
from bot.console.pages.parts import ask, box, press, words
from services import Desk


async def reveal(here: Here, title: str, find: Callable[[Desk, str], str]) -> str | None:
    """Asks for the reason, which is written down with the name, and finds the bare words; ``None`` where nothing may be
    shown."""
    found: list[str] = []

    async def keep(given: dict[str, str]) -> bool:
        return await here.do("reveal", lambda desk: found.append(find(desk, given["reason"])))

    done = await ask(
        title,
        [Field("reason", "为什么要看（会和您的名字一起记下）", required=True)],
        done="显示",
        hint="只在办事需要时查看。",
        keep=keep,
    )
    return found[-1] if done else None


def draw_secret(
    here: Here, label: str, covered: str, find: Callable[[Desk, str], str], *, with_label: bool = True
) -> None:
    """A masked value with its button, for those whose role may reveal; ``find`` gets the desk and the reason."""
    with box("secret"):
        if with_label:
            words(label, "soft small", tag="span")
        value = words(covered, "value", tag="span")
        if not here.may("reveal"):
            return

        async def show() -> None:
            bare = await reveal(here, f"显示{label}", find)
            if bare is not None and not value.is_deleted:
                value.set_text(bare)
                button.delete()

        button = press("显示", show, "link", label=f"显示{label}")
