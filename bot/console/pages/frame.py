"""The frame around every page: where one can go, the alarms above everything, who is logged in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from nicegui import ui
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.console.boards import BOARDS
from bot.console.pages import (
    accounts,
    beds,
    board,
    codes,
    companions,
    followups,
    overview,
    referrals,
    suspensions,
    systems,
    talks,
    unsent,
)
from bot.console.pages.alarms import AlarmBar
from bot.console.pages.here import PATIENCE, Desks, Here
from bot.console.pages.parts import box, empty, press, words
from bot.console.visitors import Gone
from bot.console.watch import View
from bot.console.words import ROLES


@dataclass(frozen=True, slots=True)
class Place:
    """A page one can go to."""

    path: str
    name: str
    icon: str
    permission: str | None
    show: Callable[[Here], None]
    count: Callable[[View], int] = lambda view: 0


def _waits(name: str) -> Callable[[View], int]:
    """How many of these wait for staff now."""
    return lambda view: dict(view.figures.waits).get(name, 0) if view.figures else 0


GROUPS = (
    (
        Place("/", "总览", "dashboard", None, overview.show),
        Place("/talks", "会话", "forum", "conversations", talks.show, lambda view: view.waiting),
        Place("/help", "求助", "sos", "escorts", board.shower(BOARDS["help"]), _waits("help")),
        Place(
            "/unsent",
            "未送达",
            "unsubscribe",
            "conversations",
            unsent.show,
            lambda view: view.figures.unsent if view.figures else 0,
        ),
    ),
    (
        Place(
            "/complaints",
            "投诉",
            "campaign",
            "complaints",
            board.shower(BOARDS["complaints"]),
            _waits("complaints"),
        ),
        Place("/improvements", "改进", "trending_down", "complaints", board.shower(BOARDS["improvements"])),
        Place("/followups", "随访", "fact_check", "followups", followups.show),
        Place("/sampling", "村采结果", "bloodtype", "followups", board.shower(BOARDS["sampling"])),
    ),
    (
        Place("/escorts", "陪诊", "elderly", "escorts", board.shower(BOARDS["escorts"]), _waits("escorts")),
        Place("/loans", "借用", "accessible", "escorts", board.shower(BOARDS["loans"]), _waits("loans")),
        Place(
            "/transfers",
            "接送",
            "airport_shuttle",
            "escorts",
            board.shower(BOARDS["transfers"]),
            _waits("transfers"),
        ),
        Place("/companions", "陪诊人员", "groups", "escorts", companions.show),
    ),
    (
        Place(
            "/requests",
            "服务单",
            "assignment",
            "requests",
            board.shower(BOARDS["requests"]),
            _waits("requests"),
        ),
        Place("/beds", "床位总览", "bed", "requests", beds.show),
        Place("/bed-cards", "标床位", "single_bed", "requests", board.shower(BOARDS["beds"])),
        Place("/herbs", "中药", "local_shipping", "herbs", board.shower(BOARDS["herbs"])),
        Place(
            "/parcels", "包裹问题", "inventory_2", "herbs", board.shower(BOARDS["parcels"]), _waits("parcels")
        ),
    ),
    (
        Place(
            "/arrivals", "候诊", "airline_seat_recline_normal", "arrivals", board.shower(BOARDS["arrivals"])
        ),
        Place("/suspensions", "停诊", "event_busy", "registration", suspensions.show, _waits("suspensions")),
        Place("/waitlist", "候补", "hourglass_top", "registration", board.shower(BOARDS["waitlist"])),
        Place("/extras", "加号", "add_circle", "extras", board.shower(BOARDS["extras"]), _waits("extras")),
        Place(
            "/reviews",
            "号源核对",
            "policy",
            "registration",
            board.shower(BOARDS["reviews"]),
            _waits("reviews"),
        ),
        Place(
            "/appeals",
            "未到申诉",
            "gavel",
            "registration",
            board.shower(BOARDS["appeals"]),
            _waits("appeals"),
        ),
        Place("/referrals", "转诊", "transfer_within_a_station", "registration", referrals.show),
        Place("/codes", "验证码", "sms", "registration", codes.show),
    ),
    (
        Place("/staff", "人员", "badge", "staff", accounts.show),
        Place("/systems", "接口", "hub", "staff", systems.show),
    ),
)
"""What belongs to one desk stands together: what burns, what patients say, the ways through the house, orders, numbers."""

PLACES = tuple(place for group in GROUPS for place in group)

KNOWN = frozenset(place.path[1:] for place in PLACES)


def register(desks: Desks) -> None:
    @ui.page("/", response_timeout=PATIENCE)
    @ui.page("/{_:path}", response_timeout=PATIENCE)
    async def console(request: Request) -> Response | None:
        if request.url.path.removeprefix("/console").strip("/").partition("/")[0] not in KNOWN:
            return Response(status_code=404)
        visitor = desks.visitor()
        try:
            person = await visitor.who()
        except Gone:
            return RedirectResponse("/console/login")
        visitor.stay()
        _draw(Here(desks, visitor, person))
        return None


def _draw(here: Here) -> None:
    with box("desk"):
        rail = _Rail(here)
        with box("main", tag="main"):
            bar = AlarmBar(here)
            ui.sub_pages(_routes(here)).classes("stage-page")

    async def look() -> None:
        with here.trying():
            # the account may have been closed, or logged out in another window
            here.person = await here.visitor.who()
            view = await desks.watch.look()
            rail.show(view)
            bar.show(view)

    desks = here.desks
    here.keep_looking(look)
    ui.on_exception(_apologise)


def _apologise(error: Exception) -> None:
    ui.notify("这一步没有办成，请再试一次；还不行请告诉信息科。", type="negative", position="bottom-right")


def _routes(here: Here) -> dict[str, Callable[..., None]]:
    routes: dict[str, Callable[..., None]] = {}
    for place in PLACES:
        routes[place.path] = _guarded(here, place)

    def one_talk(contact_id: int) -> None:
        here.visitor.stay()
        if not here.may("conversations"):
            empty("您的角色不能看这一页", icon="lock")
            return
        talks.show(here, contact_id=contact_id)

    routes["/talks/{contact_id}"] = one_talk
    return routes


def _guarded(here: Here, place: Place) -> Callable[[], None]:
    def show() -> None:
        here.visitor.stay()
        if place.permission is not None and not here.may(place.permission):
            empty("您的角色不能看这一页", "需要的话请找管理员。", icon="lock")
        else:
            place.show(here)

    return show


class _Rail:
    """The places on the left, each with how many wait there."""

    def __init__(self, here: Here):
        self._counts: list[tuple[Place, ui.element]] = []
        self._alone = here.person.role == "doctor"
        with box("rail", tag="nav").props('aria-label="工作台"'):
            # on a phone the places stand behind this button
            menu = box("menu", tag="button").props("type=button aria-expanded=false aria-controls=places")
            menu.on("click", js_handler="(e) => wenjin.menu(e.currentTarget)")
            with menu:
                ui.icon("menu").props("aria-hidden=true")
                words("", "menu-here", tag="span")
                self._all = words("", "count", tag="b")
            with box("places").props("id=places"):
                for group in GROUPS:
                    mine = [one for one in group if one.permission is None or here.may(one.permission)]
                    if mine:
                        with box("places-group"):
                            for place in mine:
                                self._draw(place)
                with box("me"):
                    words(here.person.name, "me-name")
                    words(ROLES.get(here.person.role, here.person.role), "small")
                    press("退出", lambda: _log_out(here), "quiet light", icon="logout")

    def _draw(self, place: Place) -> None:
        with ui.link(target=place.path).classes("to").props(f'data-path="{place.path}"'):
            ui.icon(place.icon).props("aria-hidden=true")
            words(place.name, tag="span")
            self._counts.append((place, words("", "count", tag="b")))

    def show(self, view: View) -> None:
        # the numbers are the whole house's, and a doctor's board shows only his own
        numbers = [0 if self._alone else place.count(view) for place, _ in self._counts]
        for (_, count), number in zip(self._counts, numbers, strict=True):
            count.set_text(str(min(number, 99)) if number else "")  # type: ignore[attr-defined]
        self._all.set_text(str(min(sum(numbers), 99)) if any(numbers) else "")


def _log_out(here: Here) -> None:
    here.visitor.leave()
    here.leave(back=False)
