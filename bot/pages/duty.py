"""The page behind a duty call's link: what it is, and 我去 or 去不了. A link proves who was called; it shows no patient."""

from __future__ import annotations

from html import escape
from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from starlette.responses import Response

from bot.duty import KINDS
from bot.pages.routes import fill_door, page
from services import Desk
from services.alarms import acknowledge_alarm
from services.duty import ANSWERED, OVER, DutyCall, answer_call, find_call
from services.errors import NotFound, WrongState
from services.onsite_help import accept_help, decline_help

router = APIRouter(tags=["staff"], include_in_schema=False)

ACCEPT, DECLINE = "accept", "decline"
SAID = {
    ACCEPT: "记下了，由您负责。到了请在工作台或对讲里说一声。",
    DECLINE: "记下了，马上叫下一位。",
    "over": "已经有人去了，或者这件事办完了。谢谢您。",
    "unknown": "这个链接打不开，请看工作台。",
}


@router.get("/duty/{key}")
async def show(request: Request, key: str) -> Response:
    house = request.app.state.house
    try:
        call = await house.read(lambda desk: find_call(desk, key=key[:60]))
    except NotFound:
        return _answer(request, "问津", SAID["unknown"], status=404)
    if call.status in (ANSWERED, OVER):
        return _answer(request, KINDS.get(call.kind, call.kind), SAID["over"])
    return _answer(request, KINDS.get(call.kind, call.kind), _say_where(call), form=_form(call))


@router.post("/duty/{key}")
async def answer(request: Request, key: str) -> Response:
    house = request.app.state.house
    verdict = parse_qs((await request.body())[:200].decode("ascii", "replace")).get("do", [""])[0]

    def work(desk: Desk) -> str:
        call = find_call(desk, key=key[:60])
        if call.status in (ANSWERED, OVER):
            return "over"
        return _settle(desk.acting_as(f"duty:{call.id}"), call, verdict)

    try:
        outcome = await house.write(work, actor="duty")
    except NotFound:
        return _answer(request, "问津", SAID["unknown"], status=404)
    except WrongState:  # somebody was quicker
        outcome = "over"
    return _answer(request, "问津", SAID[outcome])


def _settle(desk: Desk, call: DutyCall, verdict: str) -> str:
    kind, _, number = call.about.partition(":")
    accepted = verdict != DECLINE or kind == "alarm"
    answer_call(desk, call_id=call.id, reason=ACCEPT if accepted else DECLINE)
    if kind == "alarm":
        return (
            ACCEPT
            if acknowledge_alarm(desk, alarm_id=int(number), reason=f"{call.name} 点了链接")
            else "over"
        )
    if accepted:
        accept_help(desk, help_id=int(number), companion_id=call.companion_id, reason="点了链接")
        return ACCEPT
    decline_help(desk, help_id=int(number), reason="去不了（点了链接）")
    return DECLINE


def _say_where(call: DutyCall) -> str:
    if call.about.startswith("alarm:"):
        return f"{call.name}，请马上看工作台联系患者。点下面，由您负责，不再叫别人。"
    where = call.place or "地点不明，请先看工作台"
    return f"{call.name}，有人需要帮助。地点：{where}。"


def _form(call: DutyCall) -> str:
    yes = "由我负责" if call.about.startswith("alarm:") else "我去"
    buttons = f'<button class="strong" name="do" value="{ACCEPT}">{yes}</button>'
    if not call.about.startswith("alarm:") and call.companion_id is not None:
        buttons += f'<button class="plain" name="do" value="{DECLINE}">去不了，叫下一位</button>'
    return f'<form class="pair" method="post">{buttons}</form>'


def _answer(request: Request, title: str, words: str, *, form: str = "", status: int = 200) -> Response:
    house = request.app.state.house
    body = fill_door(
        "duty.html", house.hospital, title=escape(title), spoken=False, words=escape(words), form=form
    )
    return page(body, request, house.settings, status=status)
