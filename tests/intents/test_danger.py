"""Danger is heard in every voice, and what only sounds like it is left in peace.

``danger/known_*.yml`` is the half that the rules were written with, ``danger/kept_*.yml`` the half they were not: no rule
may be mended by it, so it is held to a looser bound. One hand composed both before the first rule and then wrote the
rules, so it is not blind; the messages in ``unseen*/`` are.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from intents import Interpreter
from intents.danger import CRISIS, DANGERS, EMERGENCY, DangerRules, DangerTable, read_table
from intents.normalise import normalise
from intents.phrases import inventory
from intents.understanding import IntentScore
from knowledge import Hospital

TABLES = Path(__file__).parent / "danger"
NEVER_BY_RULES = {"再见了，谢谢你们照顾我这么久，我要走了，不会再回来", "tu xie le"}
"""The first is a farewell to any table of words; the second as well 吐血了 as 兔写了: only the model may know."""


def read(name: str) -> Iterator[tuple[str, str]]:
    for intents in yaml.safe_load((TABLES / f"{name}.yml").read_text("utf-8")).values():
        for intent, texts in intents.items():
            yield from ((intent, text) for text in texts)


def beside() -> dict[str, list[str]]:
    tables: dict[str, list[str]] = yaml.safe_load((TABLES / "beside.yml").read_text("utf-8"))
    return tables


@pytest.fixture(scope="module")
def rules(hospital: Hospital) -> DangerRules:
    return DangerRules(hospital)


def hears(rules: DangerRules, text: str) -> str | None:
    danger = rules.find(normalise(text).text)
    return danger.intent if danger else None


def test_the_rules_alone_hear_every_known_danger(rules: DangerRules) -> None:
    missed = {text for _, text in read("known_danger") if not hears(rules, text)}
    assert missed <= NEVER_BY_RULES


def test_the_rules_tell_a_crisis_from_an_emergency(rules: DangerRules) -> None:
    mixed = [text for intent, text in read("known_danger") if hears(rules, text) not in (intent, None)]
    assert len(mixed) <= 2


def test_the_rules_leave_calm_messages_in_peace(rules: DangerRules) -> None:
    calm = list(read("known_calm"))
    alarms = [text for _, text in calm if hears(rules, text)]
    assert len(alarms) <= 0.01 * len(calm), alarms


def test_the_rules_hold_for_messages_they_were_not_written_with(rules: DangerRules) -> None:
    dangers, calm = list(read("kept_danger")), list(read("kept_calm"))
    assert sum(not hears(rules, text) for _, text in dangers) <= 0.1 * len(dangers)
    assert sum(bool(hears(rules, text)) for _, text in calm) <= 0.04 * len(calm)


def test_no_known_danger_is_missed_with_the_model(interpreter: Interpreter, now: datetime) -> None:
    missed = [
        text
        for _, text in read("known_danger")
        if interpreter.understand(text, now=now).intent.name not in DANGERS
    ]
    assert set(missed) <= NEVER_BY_RULES


def test_false_alarms_with_the_model_are_rare_even_among_the_hardest(
    interpreter: Interpreter, now: datetime
) -> None:
    calm = list(read("known_calm"))
    alarms = [text for _, text in calm if interpreter.understand(text, now=now).intent.name in DANGERS]
    assert len(alarms) <= 0.04 * len(calm), alarms


def test_danger_is_heard_beside_a_practical_question(interpreter: Interpreter, now: datetime) -> None:
    for intent in DANGERS:
        for text in beside()[intent]:
            assert interpreter.understand(text, now=now).intent.name == intent, text


def test_no_figure_of_speech_and_no_question_about_an_illness_is_an_alarm(
    interpreter: Interpreter, now: datetime
) -> None:
    alarms = [
        text for text in beside()["calm"] if interpreter.understand(text, now=now).intent.name in DANGERS
    ]
    assert not alarms


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("排队排得我想死", None),
        ("热死了想死", None),
        ("等得我都想死了", None),
        ("呢个app难用到想死", None),
        ("pai dui pai de wo xiang si", None),
        ("化疗等得我想死", CRISIS),
        ("排队等叫号，等得我想死，我不想活了", CRISIS),
        ("天气热得想死，我家老人中暑昏迷了", EMERGENCY),
        ("病得我想死", CRISIS),
        ("痛到我想死", CRISIS),
        ("他打得我想死", CRISIS),
        ("读书读得我想死", CRISIS),
        ("我想死", CRISIS),
        ("遗言设成定时发送了，哈哈，再见世界", CRISIS),
        ("药怎么吃就不用教了，我打算一次吃完，不再麻烦谁", CRISIS),
        ("zhe ci wo zhen de xiang liao duan zi ji", CRISIS),
        ("liu xie bu zhi le", EMERGENCY),
        ("ni dao di shi ren hai shi cheng xu", None),
        ("wo ba dao di le jiao bu xing", EMERGENCY),
    ],
)
def test_a_wish_to_die_that_says_how_much_something_annoys_is_a_figure_of_speech(
    interpreter: Interpreter, now: datetime, text: str, meant: str | None
) -> None:
    intent = interpreter.understand(text, now=now).intent.name
    assert (intent if intent in DANGERS else None) == meant


def test_every_message_of_the_tables_stands_there_once_under_a_known_intent() -> None:
    rows = [row for name in ("known_danger", "known_calm", "kept_danger", "kept_calm") for row in read(name)]
    assert {intent for intent, _ in rows} <= set(inventory())
    assert len({text for _, text in rows}) == len(rows)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("我爸胸口痛，冷汗直冒", EMERGENCY),
        ("我爸昨天说胸口痛，冷汗直冒是去年的事", None),
        ("没有胸痛，也没有出冷汗", None),
        ("wo ba hun mi le", EMERGENCY),
        ("老人家抽畜不止叫不醒", EMERGENCY),
        ("Bố tôi khó thở quá", EMERGENCY),
        ("bo toi bat tinh", EMERGENCY),
        ("Bố tôi không khó thở", None),
        ("我唔想做人喇", CRISIS),
        ("toi muon chet", CRISIS),
        ("doi muon chet", None),
        ("术后五天刀口裂开，肠子出来了", EMERGENCY),
        ("ruột lòi ra ngoài vết mổ", EMERGENCY),
        ("以前刀口裂开过，现在好了", None),
        ("🆘", EMERGENCY),
    ],
)
def test_meaning_is_read_and_not_words(rules: DangerRules, text: str, meant: str | None) -> None:
    assert hears(rules, text) == meant


def test_a_suspicion_of_the_classifier_counts_unless_the_message_is_calm(rules: DangerRules) -> None:
    ranking = (IntentScore("thank", 0.6), IntentScore(CRISIS, 0.4))
    danger, first = rules.weigh("窗外的风真安静啊，替我看看明天", ranking)
    assert danger and danger.intent == first[0].name == CRISIS
    danger, first = rules.weigh("笑死，这段子", ranking)
    assert danger is None and first[0].name == "thank"


def test_two_syllables_of_pinyin_alone_raise_no_crisis(rules: DangerRules) -> None:
    ranking = (IntentScore(CRISIS, 0.55), IntentScore("file_complaint", 0.45))
    danger, first = rules.weigh("wo xiang tou su", ranking)
    assert danger is None and first[0].name == "file_complaint"
    danger, first = rules.weigh("wo xiang si", ranking)
    assert danger and first[0].name == CRISIS


def test_a_certain_classifier_is_not_believed_where_the_message_only_asks_for_knowledge(
    rules: DangerRules,
) -> None:
    ranking = (IntentScore(EMERGENCY, 0.97), IntentScore("out_of_scope", 0.03))
    danger, first = rules.weigh("帮我写一篇中毒的侦探小说", ranking)
    assert danger is None and first[0].name == "out_of_scope"


def test_a_field_that_the_table_does_not_know_stops_the_start() -> None:
    with pytest.raises(ValidationError):
        DangerTable.model_validate({**read_table().model_dump(), "emergencies": {}})
