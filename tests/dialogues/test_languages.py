"""Vietnamese beside Chinese: every reply and word has its twin, and who chose a language keeps it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import dialogues
from dialogues import Assistant, DialogueError, load_assistant
from dialogues.languages import find_named
from dialogues.options import find_option
from dialogues.wording import find_placeholders
from dialogues.words import read_words, write_days
from knowledge import load_hospital
from services import onsite_help

HAN = re.compile(r"[\u4e00-\u9fff]")
QUOTED = re.compile(r"\([^()]*\)|\{\w+\}")
"""Beside the Vietnamese name stands the Chinese one of the sign; a placeholder may be a name."""
ACTIONS = sorted((Path(dialogues.__file__).parent / "actions").glob("*.py"))
FLOWS = """
flows:
  small:
    name: 小
    nlu_trigger:
      - intent: query_bill
    steps:
      - collect: place
      - action: utter_small
"""
REPLIES = """
responses:
  utter_ask_place:
    - text: 去哪里？
      buttons:
        - {title: 跳过, payload: /SetSlots(place=null)}
  utter_small:
    - text: "{place}，{date}"
"""
TWINS = """
responses:
  utter_ask_place:
    - text: Bạn đi đâu?
      buttons:
        - {title: Bỏ qua, payload: /SetSlots(place=null)}
  utter_small:
    - text: "{place}, {date}"
"""
PATTERNS = Path(dialogues.__file__).parent / "replies" / "patterns.vi.yml"


@pytest.fixture(scope="module")
def ours() -> Assistant:
    return load_assistant(load_hospital())


# what is written


def test_every_reply_is_said_in_vietnamese(ours: Assistant) -> None:
    assert ours.book.wording.find_missing("vi") == []


def test_a_vietnamese_reply_has_no_chinese_but_names(ours: Assistant) -> None:
    for name, by_language in ours.book.wording.replies.items():
        for variant in by_language["vi"]:
            titles = [one.title for one in variant.buttons if one.title != "中文"]
            for text in (variant.text, variant.large or "", *titles):
                told = QUOTED.sub("", text).replace("(问津)", "")
                assert not HAN.search(told), f"{name}: {text}"


def test_vietnamese_says_120_first_in_an_emergency(ours: Assistant) -> None:
    [variant] = ours.book.wording.replies["utter_emergency"]["vi"]
    assert "120" in variant.text.splitlines()[0]
    assert "120" in (variant.large or "").splitlines()[0]
    assert variant.custom["urgent"] is True
    [crisis] = ours.book.wording.replies["utter_crisis"]["vi"]
    assert {"12356", "120"} <= set(re.findall(r"\d+", crisis.text))


def test_every_flow_and_intent_has_a_vietnamese_name(ours: Assistant) -> None:
    book = ours.book
    shown = [flow.id for flow in book.flows.values() if flow.kind != "pattern"]
    for name in (*shown, *book.titles):
        assert not HAN.search(book.title_of(name, "vi")), name
        assert HAN.search(book.title_of(name, "zh")), name


def test_every_slot_and_value_has_a_vietnamese_name(ours: Assistant) -> None:
    for slot in ours.book.slots.values():
        assert "vi" in slot.titles, slot.name
        for value, titles in slot.values.items():
            assert "vi" in titles, f"{slot.name}: {value}"


def test_every_word_is_written_in_both_languages_with_the_same_placeholders() -> None:
    words = read_words()
    for name, by_language in words.words.items():
        assert set(by_language) == {"zh", "vi"}, name
        zh, vi = (set(re.findall(r"\{(\w+)\}", text)) for text in (by_language["zh"], by_language["vi"]))
        assert zh == vi, name
        assert not HAN.search(by_language["vi"]), name
    for table, keys in words.tables.items():
        for key, by_language in keys.items():
            assert "vi" in by_language, f"{table}: {key}"


def test_what_the_hospital_calls_its_stages_is_said_in_vietnamese(ours: Assistant) -> None:
    hospital, tables = ours.book.hospital, read_words().tables
    assert {one.id for one in hospital.herbs.stages} <= set(tables["herb_state"])
    assert {one.id for one in hospital.herbs.decoctions} <= set(tables["decoction"])
    assert set(hospital.herbs.delivery_modes) <= set(tables["delivery_mode"])
    assert {one.id for one in hospital.complaints.stages} <= set(tables["complaint_state"])
    assert {one.id for one in hospital.complaints.teams} <= set(tables["team"])
    assert {one.id for one in hospital.escort.free_for} <= set(tables["escort_ground"])
    assert {one.title for one in hospital.doctors} <= set(tables["job"])
    assert all("vi" in one.names and "vi" in one.abouts for one in hospital.departments)


@pytest.mark.parametrize("path", ACTIONS, ids=lambda path: path.stem)
def test_an_action_says_nothing_of_its_own(path: Path) -> None:
    """No Chinese is handed to a reply or a button in Python, but the values that a payload carries."""
    assert list(find_said_in_chinese(path.read_text("utf-8"))) == []


def test_chinese_said_by_an_action_is_found() -> None:
    code = 'say.buttons([("怎么走", ask_for("ask_route", place="急诊科")), (f"约{who}", set_slots(a="b"))])'
    assert list(find_said_in_chinese(code)) == ["怎么走", "约"]


def find_said_in_chinese(code: str) -> Iterator[str]:
    tree = ast.parse(code)
    carried = {id(part) for call in find_calls(tree, "set_slots", "ask_for") for part in ast.walk(call)}
    for call in find_calls(tree, "say", "say.buttons", "say.word"):
        for part in ast.walk(call):
            if isinstance(part, ast.Constant) and isinstance(part.value, str) and id(part) not in carried:
                yield from [part.value] if HAN.search(part.value) else []


def find_calls(tree: ast.AST, *names: str) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in names:
            yield node


# what stops the start


def problems(load: Any, vietnamese: str) -> str:
    with pytest.raises(DialogueError) as caught:
        load(FLOWS, REPLIES, vietnamese=vietnamese)
    return str(caught.value)


def test_right_twins_load(load: Any) -> None:
    replies = load(FLOWS, REPLIES, vietnamese=TWINS).book.wording.replies["utter_small"]
    assert find_placeholders(replies["vi"]) == find_placeholders(replies["zh"])


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("{place}, {date}", "{place}", "「utter_small」的 vi 与中文的占位符不同：date"),
        ("place=null", "place=any", "「utter_ask_place」的 vi 与中文的按钮不同"),
        ("text: Bạn đi đâu?", "text: Bạn đi đâu?\n      large: Đi đâu?", "的 vi 与中文的大字不同"),
        (
            "text: Bạn đi đâu?",
            "text: Bạn đi đâu?\n      custom: {urgent: true}",
            "的 vi 与中文的附加数据不同",
        ),
    ],
)
def test_a_twin_that_says_something_else_stops_the_start(load: Any, old: str, new: str, told: str) -> None:
    assert old in TWINS
    assert told in problems(load, TWINS.replace(old, new))


def test_a_folder_that_speaks_a_language_at_all_says_everything_in_it(load: Any) -> None:
    both = REPLIES.replace("responses:\n", "")
    started = TWINS.partition("  utter_small")[0]
    with pytest.raises(DialogueError, match="回复「utter_small」没有 vi 的说法"):
        load(FLOWS, "responses:\n" + both, vietnamese=started, together=True)


# how values are written


@pytest.mark.parametrize(
    ("value", "language", "written"),
    [
        ("2026-03-12", "zh", "3月12日（周四）"),
        ("2026-03-12", "vi", "thứ Năm, 12/3"),
        ("2026-03-15", "vi", "Chủ nhật, 15/3"),
        ("2027-01-04", "vi", "thứ Hai, 4/1/2027"),
        ("2026-03-12/2026-03-14", "vi", "thứ Năm, 12/3 – thứ Bảy, 14/3"),
        ("2026-03-12/2026-03-14", "zh", "3月12日（周四）到3月14日（周六）"),
        ("tuần sau", "vi", "tuần sau"),
        ("2026-03-12", "en", "3月12日（周四）"),
    ],
)
def test_a_day_is_written_as_it_is_said(value: str, language: str, written: str) -> None:
    assert write_days(value, language=language, year=2026) == written


def test_an_empty_placeholder_leaves_no_gap(ours: Assistant) -> None:
    [variant] = ours.book.wording.replies["utter_ask_doctor"]["vi"]
    values = {"department": "Khoa mắt (眼科)", "date": "thứ Năm, 12/3", "period": ""}
    text = variant.fill(lambda name: values.get(name, ""), str, large=False).text
    assert "thứ Năm, 12/3, bạn" in text


# whose language


@pytest.fixture
def talk(load: Any, make_talk: Any) -> Any:
    """Two replies of a flow and those of the patterns, in both languages."""
    patterns = PATTERNS.read_text("utf-8").partition("responses:\n")[2]
    return make_talk(load(FLOWS, REPLIES, vietnamese=TWINS + patterns))


def test_the_language_of_the_words_is_answered_in(talk: Any) -> None:
    assert talk.say("xin chào", "greet", language="vi")[0].startswith("Chào bạn, tôi là Wenjin")
    assert talk.say("xem chi phí", "query_bill", language="vi") == ["Bạn đi đâu?"]
    assert talk.conversation.language == "vi"


def test_a_number_or_a_short_word_does_not_change_the_language(talk: Any) -> None:
    talk.say("xin chào", "greet", language="vi")
    for text in ("ok", "好的"):
        assert talk.say(text, "affirm", language="zh")[0].startswith("Vâng. Cần gì thêm"), text


def test_a_chinese_sentence_leads_back_to_chinese(talk: Any) -> None:
    talk.say("xin chào", "greet", language="vi")
    assert talk.say("我想查一下费用", "query_bill", language="zh") == ["去哪里？"]


def test_a_name_on_a_sign_is_no_change_of_language(talk: Any) -> None:
    talk.say("xem chi phí", "query_bill", language="vi")
    [said] = talk.say("门诊二楼彩超候诊区", answer={"place": "门诊二楼彩超候诊区"}, language="zh")
    assert said.startswith("门诊二楼彩超候诊区,")
    assert talk.conversation.language == "vi"


def test_danger_is_answered_in_the_language_of_the_cry(
    ours: Assistant, make_talk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(onsite_help, "find_open_help", lambda desk, *, contact_id: None)  # no database here
    talk = make_talk(ours)
    said = talk.say("bố tôi không thở được", "report_emergency", language="vi")
    assert said[0].startswith("Tình trạng bạn nói có thể rất nguy hiểm, hãy gọi 120")


def test_a_chosen_language_stays_whatever_is_written(talk: Any) -> None:
    assert talk.say("能说越南语吗", "change_language") == ["Vâng, từ giờ ta nói tiếng Việt nhé."]
    assert talk.conversation.language_chosen
    assert talk.say("我想查一下费用", "query_bill") == ["Bạn đi đâu?"]
    assert talk.press('/change_language{"language": "zh"}') == ["好的，我们用中文说。", "去哪里？"]
    assert talk.say("xin chào bạn nhé", "greet", language="vi")[0] == "您好，我在。"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("说越南语", "vi"),
        ("我听不懂中文，能说越南语吗", "vi"),
        ("我不会说中文", "vi"),
        ("我妈是越南人，听不懂普通话", "vi"),
        ("讲中文吧", "zh"),
        ("nói tiếng Việt được không", "vi"),
        ("tieng viet", "vi"),
        ("tôi không biết tiếng Trung", "vi"),
        ("nói tiếng Trung", "zh"),
        ("换大字", None),
        ("English please", None),
    ],
)
def test_the_language_asked_for_is_understood(text: str, language: str | None) -> None:
    assert find_named(text) == language


@pytest.mark.parametrize(
    ("words", "title"),
    [
        ("dong y dat", "Đồng ý đặt"),
        ("Đồng ý đặt", "Đồng ý đặt"),
        ("cái thứ hai", "Cần sửa"),
        ("số 1", "Đồng ý đặt"),
        ("cái đầu tiên", "Đồng ý đặt"),
        ("thứ hai", None),
        ("ba", None),
    ],
)
def test_a_button_is_pressed_in_vietnamese_words(words: str, title: str | None) -> None:
    options = [{"title": one, "payload": one} for one in ("Đồng ý đặt", "Cần sửa", "Chưa đặt")]
    assert find_option(words, options) == title
