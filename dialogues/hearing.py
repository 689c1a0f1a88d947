"""What a message does: danger first, then the open question, then what else was asked for.

The order is that of a good receptionist. Danger is looked for even when a person has taken over; an answer to the
open question comes before a change of subject; a change of subject is served and then led back to the very question.
"""

from __future__ import annotations

from dialogues.accepting import find_accepted, find_deeds, find_doctor_named, takes_anything
from dialogues.answering import listen
from dialogues.controls import KEEP, WRITES, weigh_control
from dialogues.dangers import find_danger, interrupt
from dialogues.languages import follow
from dialogues.options import find_option, fold
from dialogues.pressing import press
from dialogues.requesting import DIGRESS, request
from dialogues.voice_matters import FILE, ONLY_ASKS, join_place, join_told
from dialogues.walk import Walk
from intents.denial import refuses_person
from intents.language import strip_marks
from intents.understanding import Request, Understanding


def hear(walk: Walk, understood: Understanding) -> None:
    """One message of the patient."""
    requests = understood.requests or (
        Request(understood.intent.name, understood.intent.confidence, understood.slots, understood.text),
    )
    follow(walk, understood)
    kind = find_danger(understood, requests, asked=walk.waiting[1].name if walk.waiting else None)
    if kind:
        interrupt(walk, kind, understood)
        return
    if walk.paused:
        return
    if understood.truncated:
        walk.say("utter_truncated")
    if not understood.text.strip():
        walk.say("utter_empty")
        walk.run()
        return
    understood, requests = weigh_control(understood, requests)
    requests = join_told(walk, join_place(walk, requests), understood.text)
    if requests[0].intent != KEEP and refuses_person(strip_marks(understood.text.lower())):
        walk.act("action_call_off_person")
    waiting = walk.waiting
    if requests[0].intent == KEEP:
        walk.push("pattern_keep_assistant")
    elif requests[0].intent == WRITES:
        walk.push("pattern_prefer_writing")
    elif waiting is None and len(deeds := find_deeds(walk, understood.text)) > 1:
        choices = [{"title": one["title"], "payload": one["payload"]} for one in deeds]
        walk.push("pattern_clarification", context={"choices": choices})
    elif waiting is None:
        chosen = (
            find_option(understood.text, walk.before.options)
            or _find_confirmed(walk, requests[0])
            or _find_only_asked(walk, understood.text)
            or _find_titled(walk, understood.text)
            or find_accepted(walk, understood, requests[0])
            or find_doctor_named(understood)
        )
        if chosen is not None:
            told, walk.text = walk.text, chosen  # 「帮我办吧」 is no complaint, though it begins one
            if not press(walk, chosen):
                walk.text, chosen = told, None
        if chosen is None and takes_anything(understood.text):
            walk.push("pattern_cannot_handle", context={"reason": "not_understood"})
        elif chosen is None:
            request(walk, understood, requests)
    else:
        listen(walk, waiting[1], understood, requests)
    walk.run()
    day = understood.slots.get("no_such_day")
    if day and walk.waiting and walk.waiting[1].name == "date":
        walk.replies.insert(0, walk.reply("utter_no_such_day", {"value": day}))
    if waiting is None and walk.pending and walk.waiting and walk.pending[0].follows:
        walk.replies.insert(0, walk.reply("utter_one_by_one", {}))
    elif waiting is None and walk.pending and walk.waiting:
        begun = walk.flow_of(walk.stack[walk.owner()]).id  # a service line may stand behind an intent
        first, second = (walk.book.title_of(name, walk.language) for name in (begun, walk.pending[0].intent))
        walk.replies.insert(0, walk.reply("utter_two_requests", {"first": first, "second": second}))
    elif waiting is not None:
        _tell_detour(walk)


def _tell_detour(walk: Walk) -> None:
    """Where something else begins and asks at once, the patient hears that it has, and that nothing is forgotten: the
    question may be the very one that was open."""
    below = walk.find_interrupted(walk.owner()) if walk.stack else None
    asks = walk.top is not None and walk.top.question > 0
    if not asks or below is None or walk.stack[walk.owner()].id < walk.before.next_frame:
        return
    begun = walk.flow_of(walk.stack[walk.owner()])
    if begun.id != below.id:
        names = {
            "first": walk.book.title_of(begun.id, walk.language),
            "second": walk.book.title_of(below.id, walk.language),
        }
        walk.replies.insert(0, walk.reply("utter_detour", names))


def _find_confirmed(walk: Walk, main: Request) -> str | None:
    """A yes where the assistant asked back with one meaning only: that is what was meant."""
    if main.intent != "affirm" or main.confidence < DIGRESS:
        return None
    meant = _list_meanings(walk)
    return meant[0] if len(meant) == 1 else None


def _find_only_asked(walk: Walk, text: str) -> str | None:
    """「我就是问一问」 where a complaint was one of two meanings: the other was meant."""
    if not ONLY_ASKS.match(text.strip()):
        return None
    meant = _list_meanings(walk)
    others = [one for one in meant if not one.startswith(f"/{FILE}")]
    return others[0] if len(others) == 1 and len(others) < len(meant) else None


def _list_meanings(walk: Walk) -> list[str]:
    """What the assistant has just asked back with."""
    asked = walk.reply("utter_clarification", {})
    if not walk.before.last_replies or walk.before.last_replies[-1].get("text") != asked.text:
        return []
    always = {one.payload for one in asked.buttons}
    return [one["payload"] for one in walk.before.options if one["payload"] not in always]


def _find_titled(walk: Walk, text: str) -> str | None:
    """What is asked for by the very name that buttons give it: 「我的就诊人」, 「我要撤回信息授权」."""
    words = fold(text)
    for intent, title in walk.book.titles.items():
        if intent in walk.book.flows and words.removeprefix("我要").removeprefix("查看") == fold(title):
            return f"/{intent}"
    return None
