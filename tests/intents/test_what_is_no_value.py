"""What only looks like a value is none, and what is said around a value takes nothing away from the request."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from intents import Context, Interpreter
from intents.slots.dates import read_dates
from intents.slots.identity import read_numbers

TODAY = date(2026, 3, 11)


@pytest.mark.parametrize(
    "words",
    [
        "2月30号", "4月31号", "13月5号", "2月29号", "二月三十一号", "2026年2月30日", "下个月31号", "6/31", "3月32号",
        "2月28到30号", "11月31",
    ],
)  # fmt: skip
def test_a_day_that_no_calendar_has_is_no_day(words: str) -> None:
    assert [(one.slot, one.value) for one in read_dates(words, today=TODAY)] == [("no_such_day", words)]


@pytest.mark.parametrize(
    ("words", "days"),
    [
        ("2月30号，不对，28号", ["2026-03-28"]),
        ("3月31号", ["2026-03-31"]),
        ("2028年2月29号", ["2028-02-29"]),
        ("3个月5号", ["2026-04-05"]),
        ("下个月头", ["2026-04-01/2026-04-10"]),
        ("下个月初", ["2026-04-01/2026-04-10"]),
        ("4月头", ["2026-04-01/2026-04-10"]),
        ("下个月中", ["2026-04-15"]),
        ("下个月中午", ["2026-04-01/2026-04-30"]),
        ("下个月末", ["2026-04-30"]),
        ("下个月尾", ["2026-04-30"]),
        ("这个月头痛了几次", ["2026-03-01/2026-03-31"]),
    ],
)
def test_days_beside_them_are_read_as_ever(words: str, days: list[str]) -> None:
    assert [one.value for one in read_dates(words, today=TODAY)] == days


@pytest.mark.parametrize(
    ("words", "phones"),
    [
        ("一零零零零零零一二三四", ["10000001234"]),
        ("一零零零零零零一二三四五", []),
        ("一零零零零零零一二三四五六", []),
        ("电话是一零零零零零零一二三四五六", []),
        ("电话100000012345", []),
        ("一零零零零零零一二三四一个人去", ["10000001234"]),
        ("电话10000001234，一共3个人", ["10000001234"]),
        ("0771-1234567", ["07711234567"]),
        ("电话12345678", ["12345678"]),
    ],
)
def test_a_number_too_long_for_a_phone_is_not_cut_to_one(words: str, phones: list[str]) -> None:
    assert [one.value for one in read_numbers(words) if one.slot == "phone"] == phones


@pytest.mark.parametrize(
    ("slot", "words", "answer"),
    [
        ("phone", "一零零零零零零一二三四五六", "1000000123456"),
        ("date", "2月30号", None),
        ("period", "七点半", None),
        ("period", "九点半", "morning"),
        ("period", "19:30", "evening"),
        ("period", "后天上五", "morning"),
        ("period", "周三下五", "afternoon"),
        ("age", "62 岁", 62),
        ("age", "6 2岁", 62),
        ("age", "六 十 二", 62),
        ("doctor", "我都得", "any"),
        ("doctor", "随便啦", "any"),
        ("doctor", "边个都得啦", "any"),
        ("date", "哪天都得", "any"),
        ("date", "几时都得", "any"),
        ("date", "我都得空", "any"),
        ("date", "我明天得空", "2026-03-12"),
        ("choice", "就第二个", None),
        ("special_need", "一个人", "alone"),
    ],
)
def test_an_answer_is_read_whole_or_not_at_all(
    interpreter: Interpreter, now: datetime, slot: str, words: str, answer: object
) -> None:
    understood = interpreter.understand(words, now=now, context=Context(requested_slot=slot))
    assert understood.answer.get(slot) == answer


def test_an_ordinal_is_no_yes_where_nothing_was_offered(interpreter: Interpreter, now: datetime) -> None:
    for words in ("就第二个", "第二个", "第1个吧"):
        understood = interpreter.understand(words, now=now, context=Context(requested_slot="confirmation"))
        assert understood.intent.name == "out_of_scope"
        assert not understood.answer


@pytest.mark.parametrize(
    "who",
    [
        "10000001234", "000000199001011234", "一零零零零零零一二三四", "100 0000 1234", "我电话10000001234",
        "身份证000000199001011234", "电话10000001234，身份证000000199001011234",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "request_", ["看下排队", "怎么去医院", "退费", "药怎么吃", "改到明天", "我要挂骨科", "在吗"]
)
def test_a_number_that_says_who_writes_does_not_hide_the_request(
    interpreter: Interpreter, now: datetime, who: str, request_: str
) -> None:
    alone = interpreter.understand(request_, now=now).intent.name
    assert interpreter.understand(f"{who}，{request_}", now=now).intent.name == alone
    assert interpreter.understand(f"{who}{request_}", now=now).intent.name == alone


@pytest.mark.parametrize(
    ("words", "symptoms"),
    [
        ("有点吐", ["呕吐"]),
        ("又拉又吐", ["拉肚子", "呕吐"]),
        ("有点拉肚子", ["拉肚子"]),
        ("有点点头晕", ["头晕"]),
        ("有少少晕", ["头晕"]),
        ("老是昏", ["头晕"]),
        ("有点没力", ["没力气"]),
        ("头有点晕", ["头晕"]),
        ("脚有点麻", ["脚麻"]),
        ("有点晕车", []),
        ("有点烧心", ["烧心"]),
    ],
)
def test_a_little_of_something_is_a_symptom(
    interpreter: Interpreter, now: datetime, words: str, symptoms: list[str]
) -> None:
    slots = interpreter.understand(words, now=now, context=Context(requested_slot="symptom")).slots
    assert slots.get("symptom", []) == symptoms


def test_every_need_named_is_found(interpreter: Interpreter, now: datetime) -> None:
    understood = interpreter.understand("我耳背，坐轮椅，一个人，想约陪诊", now=now)
    needs = {one.value for one in understood.entities if one.slot == "special_need"}
    assert needs == {"hearing", "wheelchair", "alone"}
    assert understood.slots["special_need"] == "wheelchair"
