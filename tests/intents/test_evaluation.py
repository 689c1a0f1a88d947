"""The measuring itself: what is held back is not seen, figures are what they say, the export can be trained."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from intents import Interpreter
from intents.evaluation import export_rasa
from intents.evaluation.dates import score_dates
from intents.evaluation.folds import fold_by_hand, fold_by_voice
from intents.evaluation.judging import Judgement, cross_validate
from intents.evaluation.measures import calibration, count_confusions, score, score_danger
from intents.evaluation.mistakes import Neighbours, find_worst
from intents.evaluation.outside import score_outside
from intents.evaluation.picture import draw_confusions
from intents.evaluation.slots import score_slots
from intents.phrases import Phrase, inventory, read_phrases
from knowledge import Hospital

HAND = "a"
"""Left out of the export."""


def phrase(text: str, intent: str, hand: str = "a", voice: str = "plain") -> Phrase:
    return Phrase(text, intent, voice, hand)


def judgement(meant: str, guess: str, confidence: float = 0.9, proof: tuple[str, ...] = ()) -> Judgement:
    return Judgement(phrase(f"{meant}{guess}", meant), guess, confidence, (guess, meant), 0.5, proof, "a")


PHRASES = [
    *(phrase(f"我要挂号{n}", "book_appointment", hand, voice) for n, (hand, voice) in enumerate(
        [("a", "plain"), ("a", "terse"), ("b", "elder"), ("b", "elder"), ("c", "teen")] * 3
    )),
    *(phrase(f"toi muon kham {n}", "book_appointment", "b", "vietnamese") for n in range(6)),
]  # fmt: skip


def test_a_hand_held_back_is_not_trained_on_nor_its_spelt_phrases() -> None:
    spelt = [phrase("wo yao gua hao", "book_appointment", "a"), phrase("gua hao", "book_appointment", "c")]
    folds = {fold.name: fold for fold in fold_by_hand(PHRASES, spelt)}
    everything = [*PHRASES, *spelt]
    assert sorted(folds) == ["a", "b", "c"]
    for name, fold in folds.items():
        trained = [everything[i] for i in fold.trained]
        assert trained and name not in {one.hand for one in trained}
        assert not {*fold.tested} & {*fold.trained}
        assert max(fold.tested) < len(PHRASES)
    assert sorted(i for fold in folds.values() for i in fold.tested) == list(range(len(PHRASES)))


def test_a_voice_held_back_is_not_trained_on() -> None:
    folds = {fold.name: fold for fold in fold_by_voice(PHRASES)}
    assert {PHRASES[i].voice for i in folds["elder"].tested} == {"elder"}
    assert "elder" not in {PHRASES[i].voice for i in folds["elder"].trained}


def test_a_model_that_never_saw_an_intent_cannot_guess_it(interpreter: Interpreter) -> None:
    phrases = [
        *(phrase(text, "thank", "a") for text in ("谢谢", "多谢你", "太感谢了")),
        *(phrase(text, "goodbye", "a") for text in ("再见", "拜拜", "下次见")),
        *(phrase(text, "greet", "b") for text in ("你好", "您好呀", "早上好")),
    ]
    rows = [["bias", *one.text] for one in phrases]
    folds = [fold for fold in fold_by_hand(phrases) if fold.name == "b"]
    judged = cross_validate(interpreter, folds, phrases, rows, workers=1, progress=lambda what, share: None)
    assert len(judged) == 3
    assert {one.guess for one in judged} <= {"thank", "goodbye"}


def test_accuracy_and_f1_are_what_they_say() -> None:
    judged = [judgement("greet", "greet"), judgement("greet", "thank"), judgement("thank", "thank")]
    figures = score(judged)
    assert figures.count == 3
    assert figures.accuracy == pytest.approx(2 / 3, abs=1e-4)
    assert figures.among_three == 1.0
    assert figures.macro_f1 == pytest.approx(2 / 3, abs=1e-4)
    assert count_confusions(judged)[("greet", "thank")] == 1


def test_calibration_compares_what_was_said_with_what_came_true() -> None:
    sure_and_half_right = [judgement("greet", "greet", 0.95), judgement("greet", "thank", 0.95)]
    by_rule = judgement("greet", "report_emergency", 0.99, ("救命",))
    figures = calibration([*sure_and_half_right, by_rule])
    assert figures.ece == pytest.approx(0.45)
    assert [(one.count, one.accuracy) for one in figures.bins] == [(2, 0.5)]


def test_danger_counts_what_was_missed_and_what_was_imagined() -> None:
    figures = score_danger(
        [
            judgement("report_emergency", "report_emergency", proof=("救命",)),
            judgement("express_crisis", "report_emergency"),
            judgement("report_emergency", "describe_symptom"),
            judgement("chitchat", "express_crisis"),
            judgement("chitchat", "chitchat"),
        ]
    )
    assert (figures.dangers, figures.heard, figures.exact, figures.by_rules) == (3, 2, 1, 1)
    assert (figures.others, figures.false_alarms, figures.false_by_rules) == (2, 1, 0)
    assert figures.false_rate == 0.5


def test_the_worst_mistake_is_a_danger_missed() -> None:
    judged = [
        judgement("greet", "thank", 0.99),
        judgement("chitchat", "express_crisis", 0.4),
        judgement("report_emergency", "describe_symptom", 0.3),
        judgement("greet", "greet", 1.0),
    ]
    worst = find_worst(judged, Neighbours([one.phrase for one in judged]))
    assert [one.reason for one in worst][:2] == ["danger missed", "danger imagined"]
    assert len(worst) == 3


def test_slots_are_compared_pair_by_pair(interpreter: Interpreter, tmp_path: Path) -> None:
    (tmp_path / "one.yml").write_text(
        "- {text: 我想挂明天上午的骨科, slots: {department: 骨科, date: 2026-03-12, period: afternoon}, voice: plain}\n",
        "utf-8",
    )
    report = score_slots(interpreter, tmp_path)
    assert report is not None
    assert (report.overall.wanted, report.overall.found, report.overall.right) == (3, 3, 2)
    assert report.by_slot["period"].right == 0
    assert report.mistakes[0].missed == ("period afternoon",)


def test_what_is_not_there_is_left_out(interpreter: Interpreter, tmp_path: Path) -> None:
    assert score_slots(interpreter, tmp_path) is None
    assert score_outside(interpreter, tmp_path) is None
    assert score_dates(interpreter, tmp_path) is None


def test_public_dates_are_read_at_their_own_reference_time(interpreter: Interpreter, tmp_path: Path) -> None:
    (tmp_path / "dates").mkdir()
    (tmp_path / "dates" / "recognizers_made.json").write_text(
        """[{"Input": "明天去", "Context": {"ReferenceDateTime": "2018-02-10T00:00:00"}, "Results": [
        {"Type": "date", "Value": {"Timex": "2018-02-11", "FutureResolution": {"date": "2018-02-11"}}}]},
        {"Input": "上个世纪", "Context": {"ReferenceDateTime": "2018-02-10T00:00:00"}, "Results": [
        {"Type": "daterange", "Value": {"FutureResolution": {"startDate": "1901-01-01", "endDate": "2001-01-01"}}}]}]""",
        "utf-8",
    )
    report = score_dates(interpreter, tmp_path)
    assert report is not None
    assert (report.compared, report.left_out, report.right) == (1, 1, 1)


def test_the_matrix_is_drawn_with_a_square_for_each_pair() -> None:
    svg = draw_confusions({("greet", "greet"): 9, ("greet", "thank"): 6})
    assert svg.count("<rect") == 1 + len(inventory()) ** 2
    assert "打招呼 → 谢谢: 6" in svg


def rasa_text(line: str) -> str:
    """An example without the marks of its entities."""
    return re.sub(r"\[([^\]]*)\]\(\w+\)", r"\1", line.removeprefix("- "))


@pytest.fixture(scope="module")
def rasa(hospital: Hospital, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rasa")
    export_rasa(hospital, folder, without=HAND)
    return folder


def read_yaml(path: Path) -> Any:
    return yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader)


def test_the_rasa_project_holds_every_phrase_of_every_intent(rasa: Path) -> None:
    domain, config = read_yaml(rasa / "domain.yml"), read_yaml(rasa / "config.yml")
    blocks = read_yaml(rasa / "data" / "nlu.yml")["nlu"]
    assert len(domain["intents"]) == 54
    assert {block["intent"] for block in blocks} == set(domain["intents"])
    assert {"JiebaTokenizer", "DIETClassifier"} <= {part["name"] for part in config["pipeline"]}
    lines = [line for block in blocks for line in block["examples"].splitlines()]
    assert len(lines) > 0.98 * sum(phrase.hand != HAND for phrase in read_phrases())
    assert all(line.startswith("- ") for line in lines)


def test_a_hand_left_out_of_the_export_becomes_its_test_set(hospital: Hospital, rasa: Path) -> None:
    train, test = (
        {
            rasa_text(line)
            for block in read_yaml(rasa / name)["nlu"]
            for line in block["examples"].splitlines()
        }
        for name in ("data/nlu.yml", "tests/test_nlu.yml")
    )
    mine = {one.text for one in read_phrases() if one.hand == HAND and "[" not in one.text}
    assert mine <= test
    assert len(train & test) < 0.05 * len(test)
    with pytest.raises(ValueError, match="nobody"):
        export_rasa(hospital, rasa, without="nobody")


def test_what_the_rasa_project_names_it_also_has(rasa: Path) -> None:
    """What `rasa data validate` asks: every intent has a rule, every answer exists and is used, every entity a slot."""
    domain = read_yaml(rasa / "domain.yml")
    rules = read_yaml(rasa / "data" / "rules.yml")["rules"]
    asked = [rule["steps"][0]["intent"] for rule in rules]
    assert sorted(asked) == sorted([*domain["intents"], "nlu_fallback"])
    assert sorted(rule["steps"][1]["action"] for rule in rules) == sorted(domain["responses"])
    marked = set(re.findall(r"\]\((\w+)\)", (rasa / "data" / "nlu.yml").read_text("utf-8")))
    assert marked <= {*domain["entities"]} == {*domain["slots"]}
    assert {"department", "date", "period", "doctor", "examination", "place", "symptom"} <= marked


def test_the_hospitals_words_go_with_the_rasa_project(rasa: Path, hospital: Hospital) -> None:
    blocks = read_yaml(rasa / "data" / "words.yml")["nlu"]
    lookups = {block["lookup"]: block["examples"].splitlines() for block in blocks if "lookup" in block}
    assert {f"- {doctor.name}" for doctor in hospital.doctors} == {*lookups["doctor"]}
    assert "- 心内" in lookups["department"]
    meanings = [line for block in blocks if "synonym" in block for line in block["examples"].splitlines()]
    assert len(meanings) == len({*meanings}), "a word with two meanings"
    for block in blocks:
        if "regex" in block:
            re.compile(block["examples"].removeprefix("- ").strip())


def test_measuring_changes_nothing(interpreter: Interpreter, now: datetime) -> None:
    before = interpreter.understand("我要挂号", now=now)
    other = interpreter.with_classifier(interpreter.classifier)
    assert other is not interpreter
    assert interpreter.understand("我要挂号", now=now) == before == other.understand("我要挂号", now=now)
