"""Two requests in one message are both served, in order."""

from __future__ import annotations

from typing import Any

from intents.understanding import FaqMatch, Request


def two(first: Request, second: Request) -> tuple[Request, ...]:
    return first, second


BOOK = Request("book_appointment", 0.9, {"department": "骨科", "date": "2026-03-13"})
ROUTE = Request("ask_route", 0.9, {"place": "西药房"})
PARK = Request("ask_transport", 0.9, {}, "停车怎么收费")


def test_the_second_waits_until_the_first_is_done(talk: Any) -> None:
    said = talk.say("挂骨科，再问西药房怎么走", "book_appointment", requests=two(BOOK, ROUTE))
    assert said == ["两件事都记下了：先办「预约挂号」，再办「院内问路」。", "给谁看？"]
    talk.say("我妈", answer={"relation": "母亲"})
    talk.say("10000001234", answer={"phone": "10000001234"})
    said = talk.say("好", "affirm", answer={"confirmation": True})
    assert said == [
        "已预约：骨科，3月13日（周五）。",
        "接着说您的另一件事：「院内问路」。",
        "去西药房：直走。",
    ]


def test_two_that_need_no_question_are_served_at_once(talk: Any) -> None:
    said = talk.say(
        "西药房怎么走，停车怎么收费", "ask_route", requests=two(ROUTE, PARK), faq=(FaqMatch("parking", 0.7),)
    )
    assert said == ["去西药房：直走。", "接着说您的另一件事：「来院交通」。", "停车每小时两元。"]


def test_the_second_is_served_though_the_first_is_given_up(talk: Any) -> None:
    talk.say("挂骨科，再问西药房怎么走", "book_appointment", requests=two(BOOK, ROUTE))
    said = talk.say("算了", "stop_task")
    assert said[-1] == "去西药房：直走。"


def test_a_request_beside_an_answer_is_served_before_the_next_question(talk: Any) -> None:
    talk.say("挂骨科", "book_appointment", department="骨科")
    said = talk.say(
        "后天，另外西药房怎么走",
        "book_appointment",
        0.6,
        answer={"date": "2026-03-13"},
        requests=two(Request("book_appointment", 0.6, {"date": "2026-03-13"}), ROUTE),
        date="2026-03-13",
    )
    assert said[-2:] == ["去西药房：直走。", "给谁看？"]


def test_two_digressions_are_both_served_before_the_open_question(talk: Any) -> None:
    talk.say("挂骨科", "book_appointment", department="骨科")
    said = talk.say(
        "西药房怎么走，停车呢", "ask_route", requests=two(ROUTE, PARK), faq=(FaqMatch("parking", 0.7),)
    )
    assert said == [
        "去西药房：直走。",
        "接着说您的另一件事：「来院交通」。",
        "停车每小时两元。",
        "哪一天来？",
    ]


def test_a_courtesy_is_no_second_request(talk: Any) -> None:
    talk.say("你好，挂骨科，谢谢", "book_appointment", requests=(BOOK, Request("thank", 0.9)))
    assert not talk.conversation.pending
