"""`wenjin actions`: our actions for a hospital that already runs Rasa, over the protocol of Rasa's action server.

The classes are those that run in process. Each request is one transaction: an action that fails leaves nothing. What an
action says is rendered here with our wording, so the other side needs none of our replies in its domain.
"""

from __future__ import annotations

from typing import Any

from fastapi import Depends, FastAPI, Request
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher
from starlette.responses import Response

from bot.api import refusals, status
from bot.api.access import require_access
from bot.api.bodies import read_body
from bot.api.errors import ApiError, Json, parse_object
from bot.house import House
from bot.journal import Journal
from dialogues import Conversation
from dialogues.actions import desk_at_work
from dialogues.walk import Walk
from services import Desk
from services.contacts import Contact, get_or_create_contact
from services.errors import ServiceError

PORT = 5055


def make_action_server(house: House) -> FastAPI:
    """``POST /webhook`` and ``GET /actions`` of Rasa's action server, ``/health`` and ``/ready``."""
    app = FastAPI(title="问津 Wenjin actions", docs_url=None, redoc_url=None)
    app.state.house = house
    app.add_middleware(Journal)
    refusals.install(app)
    app.include_router(status.router)

    @app.get("/actions", dependencies=[Depends(require_access)])
    async def list_actions() -> Response:
        return Json([{"name": name} for name in sorted(house.assistant.book.actions)])

    @app.post("/webhook", dependencies=[Depends(require_access)])
    async def run_action(request: Request) -> Response:
        call = parse_object(await read_body(request))
        name = call.get("next_action")
        if not isinstance(name, str) or name not in house.assistant.book.actions:
            raise ApiError("unknown_action", "没有叫这个名字的动作", status=404, field="next_action")
        _check_tracker(call.get("tracker"))
        try:
            return Json(await house.write(lambda desk: perform(house, desk, name, call), actor="rasa"))
        except (
            ServiceError
        ) as error:  # Rasa takes 400 for a rejected action and goes on; any other status ends its turn
            body = {"error": error.code, "message": f"{name}: {error.code}", "action_name": name}
            return Json(body | ({"field": error.field} if error.field else {}), status_code=400)

    return app


def _check_tracker(tracker: Any) -> None:
    """Raises ``ApiError`` (422) with the part at fault."""
    if not isinstance(tracker, dict):
        raise ApiError("invalid", "tracker：要写 JSON 对象", status=422, field="tracker")
    for part in ("slots", "latest_message"):
        if not isinstance(tracker.get(part) or {}, dict):
            raise ApiError("invalid", f"{part}：要写 JSON 对象", status=422, field=f"tracker.{part}")
    for part, most in (("sender_id", 200), ("latest_input_channel", 20)):
        if len(str(tracker.get(part) or "")) > most:
            raise ApiError("invalid", f"{part}：太长了", status=422, field=f"tracker.{part}")


def perform(house: House, desk: Desk, name: str, call: dict[str, Any]) -> dict[str, Any]:
    """Runs one action for the tracker's sender; ``{"events", "responses"}`` as Rasa expects them."""
    given = call["tracker"]
    channel = str(given.get("latest_input_channel") or "rest")
    contact = get_or_create_contact(desk, channel=channel, sender=str(given.get("sender_id") or "default"))
    slots = {**(given.get("slots") or {}), "contact_id": contact.id, "channel": channel}
    message = given.get("latest_message") or {}
    tracker = Tracker(given.get("sender_id"), slots, message, [], False, None, {}, None)
    dispatcher = CollectingDispatcher()
    desk = desk.acting_as(f"contact:{contact.id}")
    token = desk_at_work.set(desk)
    try:
        events = house.assistant.book.actions[name].run(dispatcher, tracker, call.get("domain") or {})
    finally:
        desk_at_work.reset(token)
    return {
        "events": events,
        "responses": [_say(house, desk, contact, slots, one) for one in dispatcher.messages],
    }


def _say(
    house: House, desk: Desk, contact: Contact, slots: dict[str, Any], message: dict[str, Any]
) -> dict[str, Any]:
    """A message of the dispatcher with its text filled in."""
    if not message.get("response"):
        return message
    conversation = Conversation(
        contact.id, contact.channel, contact.sender, language=contact.language, slots=slots
    )
    known = {"text", "buttons", "elements", "custom", "template", "response", "image", "attachment"}
    values = {name: value for name, value in message.items() if name not in known}
    reply = Walk(house.assistant.book, conversation, desk).reply(message["response"], values)
    said = reply.to_json()
    said["buttons"] = [*said.get("buttons", ()), *message.get("buttons", ())]
    if message.get("image"):
        said["image"] = message["image"]
    return said
