"""What was said and where a conversation stands, in the shape of Rasa's tracker; and a contact's records."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from bot.api.access import require_access
from bot.api.errors import ApiError, Json
from bot.api.parameters import refuse_unknown
from bot.api.parse import to_rasa
from bot.api.refusals import refusing
from bot.house import House
from bot.masks import mask_text, mask_value
from dialogues.conversation import Conversation
from dialogues.payload import parse_payload
from services import Desk, messages, talk
from services.contacts import find_contact
from services.records import list_records
from services.resources import MOST

router = APIRouter(dependencies=[Depends(require_access)], responses=refusing(401, 403, 404, 413, 422))


@router.get("/conversations/{sender:path}/tracker", tags=["rasa"])
async def tracker(request: Request, sender: str, channel: str = "rest") -> Response:
    """The conversation of a sender: slots, the slot being asked, the stack and the last events; identity masked."""
    house: House = request.app.state.house
    return Json(await house.read(lambda desk: read_tracker(desk, house, channel=channel, sender=sender)))


@router.get(
    "/api/v1/contacts/{contact:path}/records", tags=["records"], dependencies=[Depends(refuse_unknown)]
)
async def records(
    request: Request,
    contact: str,
    limit: Annotated[int | None, Query(ge=1, le=MOST, description="without it, all in one list")] = None,
    cursor: Annotated[
        str | None, Query(max_length=80, description="from the `Link` of the page before")
    ] = None,
) -> Response:
    """Everything recorded for a contact `channel:sender`, newest first; in pages where `limit` is given, each with the
    next one's address in `Link: <…>; rel="next"`."""
    channel, colon, sender = contact.partition(":")
    if not colon or not sender:
        raise ApiError("invalid", "要写 渠道:账号，如 rest:a", status=422, field="contact")
    house: House = request.app.state.house

    def read(desk: Desk) -> list[dict[str, Any]]:
        found = find_contact(desk, channel=channel, sender=sender)
        return [] if found is None else list_records(desk, contact_id=found.id)

    found = await house.read(read)
    page, following = _cut(found, limit=limit, cursor=cursor)
    answer = Json(page)
    if following is not None:
        answer.headers["link"] = f'<{request.url.include_query_params(cursor=following)}>; rel="next"'
    return answer


def _cut(
    entries: list[dict[str, Any]], *, limit: int | None, cursor: str | None
) -> tuple[list[dict[str, Any]], str | None]:
    """What follows the record that a cursor, ``appointment:12``, names; and the next cursor, where there is more."""
    names = [f"{one['type']}:{one['id']}" for one in entries]
    if cursor is not None and cursor not in names:
        raise ApiError("invalid", "不是上一页给的游标", status=422, field="cursor")
    start = names.index(cursor) + 1 if cursor is not None else 0
    end = len(entries) if limit is None else start + limit
    return entries[start:end], names[end - 1] if end < len(entries) else None


def read_tracker(desk: Desk, house: House, *, channel: str, sender: str) -> dict[str, Any]:
    """The tracker; an unknown sender has an empty one, as in Rasa."""
    contact = find_contact(desk, channel=channel, sender=sender)
    lines: list[talk.Line] = []
    state = None
    if contact is not None:
        state = messages.load_conversation(desk, contact_id=contact.id)
        lines = talk.list_lines(desk, contact_id=contact.id)
    conversation = Conversation.from_json(state) if state else Conversation(0, channel, sender)
    zone = ZoneInfo(house.hospital.timezone)
    events = [_event(line, zone) for line in lines]
    heard = [line for line in lines if line.direction == "in"]
    latest = _latest(house, heard[-1]) if heard else {"text": None, "intent": {}, "entities": []}
    top = conversation.stack[-1] if conversation.stack else None
    return {
        "sender_id": sender,
        "slots": _slots(conversation),
        "latest_message": latest,
        "latest_event_time": events[-1]["timestamp"] if events else None,
        "latest_input_channel": channel,
        "events": events,
        "active_loop": {"name": top.flow} if top is not None and conversation.requested_slot else {},
        "paused": conversation.paused,
        "stack": [
            {"frame_id": str(one.id), "flow_id": one.flow, "step_id": one.step, "type": one.kind}
            for one in conversation.stack
        ],
    }


def _latest(house: House, line: talk.Line) -> dict[str, Any]:
    """The last message as it was understood; a press on a button has only the intent it stands for, if any."""
    text = line.body.get("text", "")
    payload = parse_payload(text)
    if payload is not None:
        slots = {name: mask_value(name, value) for name, value in payload.slots.items()}
        return {
            "text": text,
            "intent": {"name": payload.intent, "confidence": 1.0},
            "entities": [],
            "slots": slots,
        }
    latest = to_rasa(house.interpreter.understand(text, now=line.at))
    return {
        "text": mask_text(text),
        "intent": latest["intent"],
        "intent_ranking": latest["intent_ranking"],
        "entities": [
            one
            | {
                "value": mask_value(one["entity"], one["value"]),
                "text": mask_value(one["entity"], one["text"]),
            }
            for one in latest["entities"]
        ],
        "slots": {name: mask_value(name, value) for name, value in latest["slots"].items()},
    }


def _slots(conversation: Conversation) -> dict[str, Any]:
    """What is known now: conversation slots under those of the open flows, the topmost last."""
    slots: dict[str, Any] = dict(conversation.slots)
    for frame in conversation.stack:
        slots.update(frame.slots)
    known = {name: mask_value(name, value) for name, value in slots.items()}
    return {**known, "requested_slot": conversation.requested_slot}


def _event(line: talk.Line, zone: ZoneInfo) -> dict[str, Any]:
    event: dict[str, Any] = {
        "event": "user" if line.direction == "in" else "bot",
        "timestamp": _seconds(line.at, zone),
        "text": mask_text(line.body.get("text", "")),
    }
    if line.direction == "out":
        event["data"] = {key: line.body[key] for key in ("buttons", "image", "custom") if key in line.body}
        event["metadata"] = {"author": line.author, "status": line.status}
    elif "place_code" in line.body:
        event["metadata"] = {"place_code": line.body["place_code"]}
    return event


def _seconds(at: datetime, zone: ZoneInfo) -> float:
    return at.replace(tzinfo=zone).timestamp()
