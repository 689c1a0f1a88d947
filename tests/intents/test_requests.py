"""Several requests in one message: all of them are heard, in order; a story with one wish stays whole."""

from __future__ import annotations

from datetime import datetime

import pytest

from intents import Interpreter
from intents.requests import MOST, split_clauses


def heard(interpreter: Interpreter, text: str, now: datetime) -> list[str]:
    return [one.intent for one in interpreter.understand(text, now=now).requests]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("药煎好没有？顺便问下停车场几点关门", "query_herb_delivery ask_transport"),
        ("1.退号 2.开发票", "cancel_appointment ask_payment"),
        ("查报告，续方，约B超", "query_report refill_prescription book_examination"),
        ("退号，开发票，还要一张病假条", "cancel_appointment ask_payment request_certificate"),
        (
            "帮我挂明天的骨科，再借个轮椅，顺便问下停车收费",
            "book_appointment borrow_equipment ask_transport",
        ),
        ("第一帮我查排队，第二查报告，第三告诉我药房怎么走", "query_queue query_report ask_route"),
        ("麻烦换成越南语，然后帮我挂妇科", "change_language book_appointment"),
        ("Đặt lịch khám mắt giúp tôi, với lại nhà thuốc ở đâu", "book_appointment ask_route"),
    ],
)
def test_every_request_of_a_message_is_heard(
    interpreter: Interpreter, now: datetime, text: str, wanted: str
) -> None:
    assert heard(interpreter, text, now) == wanted.split()


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("我不问停车，也不问食堂，就问胃镜室在几楼", "ask_route"),
        ("不是要病假条，是要手术记录", "copy_medical_record"),
        ("我妈腿不好，我一个人推不动，你们门口有没有轮椅可以借，要不要押金", "borrow_equipment"),
        ("医生说我妈要住院，但是现在没有床，让回家等电话，都等了三天了，什么时候才有床位", "pre_admission"),
        ("谢谢，再帮我查下报告", "query_report"),
    ],
)
def test_a_message_with_one_wish_stays_whole(
    interpreter: Interpreter, now: datetime, text: str, wanted: str
) -> None:
    assert heard(interpreter, text, now) == [wanted]


@pytest.mark.parametrize("text", ["", "，，，", "1.", "第一", "一，" * 500, "挂号" * 1000])
def test_the_clauses_of_any_message_cover_it(text: str) -> None:
    spans = split_clauses(text)
    assert "".join(text[start:end] for start, end in spans) == text
    assert len(spans) <= MOST
