"""The verbs of repair that only the engine can do; the patterns in ``dialogues/patterns/`` name them as actions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from dialogues.languages import choose, find_named
from dialogues.payload import ask_for
from dialogues.reply import Button, Reply
from dialogues.walk import Walk


def cancel_flow(walk: Walk) -> None:
    """Gives up what was being done below this pattern, and tells the pattern what that was."""
    pattern = walk.stack.pop()
    cancelled, interrupt = None, False
    while walk.stack and walk.stack[-1].kind != "flow":
        interrupt = interrupt or walk.stack[-1].kind == "interrupt"
        cancelled = _title(walk, -1)
        walk.drop(walk.owner())
    if walk.stack and (cancelled is None or interrupt):
        cancelled = _title(walk, walk.owner())
        walk.drop(walk.owner())
    walk.tries = 0
    walk.pending = [
        one for one in walk.pending if not one.follows
    ]  # 「算了」 gives up the errand, not one person
    below = walk.find_interrupted()
    context = {key: value for key, value in pattern.context.items() if not key.startswith("interrupted_")}
    if below:
        context |= {
            "interrupted_flow": below.id,
            "interrupted_name": walk.book.title_of(below.id, walk.language),
        }
    walk.stack.append(replace(pattern, context={**context, "cancelled": cancelled}))


def _title(walk: Walk, at: int) -> str:
    return walk.book.title_of(walk.stack[at].flow, walk.language)


def cancel_interrupted(walk: Walk) -> None:
    """Gives up the flow below this pattern, which the patient does not want to go on with."""
    pattern = walk.stack.pop()
    cancelled = ""
    if walk.stack:
        cancelled = _title(walk, walk.owner())
        walk.drop(walk.owner())
    walk.stack.append(replace(pattern, context={**pattern.context, "cancelled": cancelled}))


def repeat(walk: Walk) -> None:
    """Says the last replies once more, to the letter."""
    said = [Reply.from_json(one) for one in walk.before.last_replies]
    if said:
        walk.replies.extend(said)
    else:
        walk.say("utter_nothing_to_repeat")


def ask_again(walk: Walk) -> None:
    """The open question once more, although the pattern itself would leave it alone."""
    walk.may_ask_again = True


def offer_choices(walk: Walk) -> None:
    """「您是想……？」 with a button for each of the intents that were close to one another."""
    reply = walk.reply("utter_clarification", {})
    choices = walk.stack[-1].context.get("choices", ())
    buttons = tuple(Button(one["title"], one["payload"]) for one in choices)
    walk.replies.append(replace(reply, buttons=(*buttons, *reply.buttons)))


def change_language(walk: Walk) -> None:
    """Takes the language or the large type that the message names; asks with buttons where it names none."""
    text = walk.text.lower()
    wanted = walk.stack[-1].slots.get("language")
    language = find_named(text) or wanted
    if language in walk.book.wording.languages:
        choose(walk, language)
        walk.say("utter_language_changed")
    elif wanted == "large" or any(word in text for word in ("大字", "大一点", "看不清", "字太小")):
        walk.large_type = True
        walk.say("utter_large_type_on")
    elif wanted == "normal" or any(word in text for word in ("小一点", "普通字", "正常字", "字太大")):
        walk.large_type = False
        walk.say("utter_large_type_off")
    else:
        walk.say("utter_which_language")


def find_choices(walk: Walk, intents: list[str], slots: Mapping[str, Any]) -> list[dict[str, str]]:
    """Buttons for intents, each bringing along what was said (but nothing private: payloads travel in the clear)."""
    known = walk.book.slots
    said = {name: value for name, value in slots.items() if name in known and not known[name].private}
    return [
        {"title": walk.book.title_of(intent, walk.language), "payload": ask_for(intent, **said)}
        for intent in intents
    ]


BUILTIN: dict[str, Callable[[Walk], None]] = {
    "action_cancel_flow": cancel_flow,
    "action_cancel_interrupted": cancel_interrupted,
    "action_repeat": repeat,
    "action_ask_again": ask_again,
    "action_offer_choices": offer_choices,
    "action_change_language": change_language,
}
