"""Where a page stands: the house, who looks at it, and what happens when something cannot be done."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from nicegui import Client, app, context, ui
from nicegui.element import Element

from bot.console.visitors import Gone, Person, Turnstile, Visitor
from bot.console.watch import Watch
from bot.console.words import explain
from bot.house import House
from bot.writers import Busy
from services import Desk
from services.errors import ServiceError
from services.staff import ROLES

T = TypeVar("T")
Look = Callable[[], Awaitable[Any]]
MARK = "mark"
PATIENCE = 30.0
"""Seconds that a page may take until it stands: on a busy machine it comes late, not as an error."""


class Desks:
    """What the pages of one process share."""

    def __init__(self, house: House):
        self.house = house
        self.watch = Watch(house)
        self.turnstile = Turnstile()

    def visitor(self) -> Visitor:
        """Whoever sent the request now handled."""
        return Visitor(self.house, app.storage.user, app.storage.browser.get(MARK, ""))


def new_mark() -> str:
    """Marks this browser for the log-in that follows; only before the response is sent."""
    mark = secrets.token_urlsafe(18)
    app.storage.browser[MARK] = mark
    return mark


@dataclass
class Here:
    """One open page of a person who is logged in."""

    desks: Desks
    visitor: Visitor
    person: Person
    client: Client = field(default_factory=lambda: context.client)
    """The page in the browser: what is said after an action must not depend on the row it was begun in, which may be
    gone by then."""
    looks: list[tuple[Element, Look]] = field(default_factory=list)
    """What to look at again when something was done, as long as its place in the page is there."""

    @property
    def house(self) -> House:
        return self.desks.house

    def may(self, permission: str) -> bool:
        """Whether to show it; whether it is permitted is asked again where it is done."""
        return permission in ROLES.get(self.person.role, frozenset())

    async def do(self, permission: str, work: Callable[[Desk], T], *, said: str = "") -> bool:
        """Writes in the person's name; what is refused is said. True when it was done.

        Said last: who reads it may press again at once, and the page shows already what has come of it.
        """
        with self.trying() as outcome:
            try:
                await self.visitor.write(permission, work)
                outcome.done = True
            finally:
                await self.look_again()
        if outcome.done and said:
            self.tell(said)
        return outcome.done

    def tell(self, text: str, kind: Literal["positive", "warning", "negative"] = "positive") -> None:
        with self.client:
            ui.notify(text, type=kind, position="bottom-right")

    def leave(self, *, back: bool = True) -> None:
        """To the log-in page, as a new page: nothing of this one stays in the browser but where it was, for who comes
        ``back``."""
        self.client.run_javascript(f"wenjin.leave({str(back).lower()})")

    async def look_again(self) -> None:
        with self.trying():
            await self.desks.watch.look(anew=True)
            self.looks = [one for one in self.looks if not one[0].is_deleted]
            for place, look in self.looks:
                if not place.is_deleted:
                    await look()

    def keep_looking(self, look: Look, *, seconds: float = 1.0) -> None:
        """Looks every so often, and at once when something was done, as long as the page around it is open."""
        self.looks.append((ui.timer(seconds, look), look))

    @contextmanager
    def trying(self) -> Iterator[Outcome]:
        """Turns a refusal into a word to the person, and the end of a session into the log-in page."""
        outcome = Outcome()
        try:
            yield outcome
        except Gone:
            self.leave()
        except ServiceError as error:
            self.tell(explain(error), "warning")
        except Busy:
            self.tell("系统正忙，没有办成，请再试一次。", "negative")

    def live(
        self,
        permission: str,
        read: Callable[[Desk], T],
        show: Callable[[T], None],
        *,
        seconds: float = 1.5,
    ) -> Look:
        """Shows what is read, now and whenever it has changed, as long as the page around it is open."""
        last: list[T] = []

        async def look() -> None:
            with self.trying():
                found = await self.visitor.read(permission, read)
                if not place.is_deleted and (not last or last[0] != found):
                    last[:] = [found]
                    show(found)

        place = ui.element().classes("unseen")
        self.keep_looking(look, seconds=seconds)
        return look


@dataclass
class Outcome:
    done: bool = False
