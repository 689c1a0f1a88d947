"""Whatever is said, in whatever order: no turn fails, the state survives JSON, and what holds always, holds."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intents.understanding import FaqMatch, Request

INTENTS = [
    "book_appointment",
    "query_schedule",
    "ask_route",
    "file_complaint",
    "query_bill",
    "ask_transport",
    "give_praise",
    "affirm",
    "deny",
    "stop_task",
    "repeat_last",
    "talk_to_human",
    "greet",
    "thank",
    "goodbye",
    "chitchat",
    "out_of_scope",
    "change_language",
    "report_emergency",
    "express_crisis",
    "pre_admission",
]
VALUES: dict[str, list[Any]] = {
    "department": ["骨科", "儿科", "急诊科", "没有的科"],
    "date": ["2026-03-13", "2026-03-14/2026-03-15", "瞎写"],
    "relation": ["母亲", "本人"],
    "phone": ["10000001234"],
    "place": ["西药房"],
    "age": [8, "P8M"],
    "confirmation": [True, False, "也许"],
    "continue_interrupted": [True, False],
    "complaint_text": ["太吵"],
}
SLOTS = st.dictionaries(st.sampled_from(list(VALUES)), st.integers(0, 2), max_size=3).map(
    lambda picked: {name: VALUES[name][at % len(VALUES[name])] for name, at in picked.items()}
)
CONFIDENCES = st.sampled_from([0.05, 0.3, 0.5, 0.7, 0.95])
SAYING = st.tuples(
    st.just("say"),
    st.sampled_from(["好", "", "2", "骨科", "😀", "/greet", "确认", "x" * 50]),
    st.sampled_from(INTENTS),
    CONFIDENCES,
    SLOTS,
    st.lists(st.tuples(st.sampled_from(INTENTS), CONFIDENCES, SLOTS), max_size=2),
    st.booleans(),
)
PRESSING = st.tuples(st.just("press"), st.integers(0, 30))
TYPING = st.tuples(
    st.just("type"),
    st.sampled_from(
        [
            "/SetSlots(confirmation=true)",
            "/SetSlots(confirmation=true)#1",
            "/affirm",
            "/deny",
            "/stop_task",
            "/start",
            "/SetSlots(nothing=1)#2",
            '/book_appointment{"department": "儿科"}',
            "/report_emergency",
            "/nothing",
        ]
    ),
)
OTHER = st.tuples(st.sampled_from(["silence", "pause", "resume", "clock"]))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.one_of(SAYING, SAYING, PRESSING, TYPING, OTHER), max_size=25))
def test_no_walk_fails(assistant: Any, make_talk: Any, moves: list[Any]) -> None:
    talk = make_talk(assistant)
    pressed: list[str] = []
    for move in moves:
        before = talk.conversation
        play(talk, move, pressed)
        pressed.extend(one.payload for reply in talk.last.replies for one in reply.buttons)
        check(talk, before, move)


def play(talk: Any, move: Any, pressed: list[str]) -> None:
    match move:
        case ("say", text, intent, confidence, slots, more, answers):
            requests = (
                Request(intent, confidence, slots, text),
                *(Request(name, sure, said, text) for name, sure, said in more),
            )
            asked = talk.asked
            answer = {asked: VALUES[asked][0]} if answers and asked in VALUES else {}
            talk.say(
                text,
                intent,
                confidence,
                answer=answer,
                requests=requests,
                faq=(FaqMatch("parking", confidence),),
                **slots,
            )
        case ("press", at):
            if pressed:
                talk.press(pressed[-1 - at % len(pressed)])
        case ("type", text):
            talk.press(text)
        case ("silence",):
            talk.start("pattern_silence")
        case ("clock",):
            talk.start("ask_route")
        case ("pause",):
            talk.pause()
        case ("resume",):
            talk.resume()


def check(talk: Any, before: Any, move: Any) -> None:
    now = talk.conversation
    assert len(now.stack) <= 14 and len(now.pending) <= 3
    assert (now.requested_slot is None) == (not now.stack)
    assert now.question >= before.question
    if now.stack:
        assert now.stack[-1].question <= now.question
        assert (
            talk.assistant.book.flows[now.stack[-1].flow].steps[now.stack[-1].step].name == now.requested_slot
        )
    for one in now.options:
        _, numbered, number = one["payload"].partition(")#")
        assert not numbered or int(number) <= now.question
    if move[0] == "say" and not before.paused:
        assert talk.last.replies  # nobody is left without an answer
        assert all(one.text or one.buttons for one in talk.last.replies)
    for reply in talk.last.replies:
        assert "{" not in reply.text
