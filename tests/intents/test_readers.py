"""Times, durations, ages and numbers in patients' words."""

from __future__ import annotations

import pytest

from intents.normalise import normalise
from intents.slots.ages import read_ages, read_sex
from intents.slots.durations import read_durations
from intents.slots.found import Found
from intents.slots.identity import read_numbers
from intents.slots.people import has_surname, read_doctors, read_name_alone, read_names
from intents.slots.symptoms import read_symptoms
from intents.slots.times import read_periods, read_times


def values(found: list[Found]) -> list[object]:
    return [one.value for one in found]


@pytest.mark.parametrize(
    ("words", "time", "period"),
    [
        ("下午三点半", ["15:30"], ["afternoon"]),
        ("早上八点", ["08:00"], ["morning"]),
        ("晚上七点", ["19:00"], ["evening"]),
        ("七点", ["07:00"], []),
        ("三点", ["15:00"], []),
        ("14:30", ["14:30"], []),
        ("8：05", ["08:05"], []),
        ("中午12点", ["12:00"], ["noon"]),
        ("九点差五分", ["08:55"], []),
        ("两点一刻", ["14:15"], []),
        ("听朝九点", ["09:00"], ["morning"]),
        ("周三早", [], ["morning"]),
        ("快一点", [], []),
        ("一点儿都不痛", [], []),
        ("十点名", [], []),
    ],
)
def test_times_and_parts_of_the_day(words: str, time: list[str], period: list[str]) -> None:
    text = normalise(words).text
    assert values(read_times(text)) == time
    assert values(read_periods(text)) == period


@pytest.mark.parametrize(
    ("words", "duration"),
    [
        ("痛了三天", ["P3D"]),
        ("三天前开始拉肚子", ["P3D"]),
        ("咳嗽半个月", ["P15D"]),
        ("头晕一个多月", ["P1M"]),
        ("肚子痛两个小时", ["PT2H"]),
        ("半个小时前摔了", ["PT30M"]),
        ("一个半月", ["P45D"]),
        ("三天后", []),
        ("一天吃三次", []),
        ("8个月的宝宝发烧", []),
    ],
)
def test_how_long_it_has_lasted(words: str, duration: list[str]) -> None:
    assert values(read_durations(words, complaint=True)) == duration


@pytest.mark.parametrize(
    ("words", "age"),
    [
        ("我妈70岁了", [70]),
        ("8个月的宝宝", ["P8M"]),
        ("宝宝才两个月", ["P2M"]),
        ("今年78了", [78]),
        ("三岁半", [3]),
        ("出生5天", ["P5D"]),
        ("请假三个月", []),
    ],
)
def test_ages_of_the_old_and_of_infants(words: str, age: list[object]) -> None:
    assert values(read_ages(words)) == age


@pytest.mark.parametrize(
    ("words", "sex"),
    [("男孩5岁", ["male"]), ("女，45岁", ["female"]), ("要个女医生", []), ("女厕所在哪", []), ("我妈", [])],
)
def test_sex_only_where_it_is_said_of_the_patient(words: str, sex: list[str]) -> None:
    assert values(read_sex(words)) == sex


@pytest.mark.parametrize(
    ("words", "slot", "value"),
    [
        ("电话10000001234", "phone", "10000001234"),
        ("幺零零零零零零一二三四", "phone", "10000001234"),
        ("100-0000-1234", "phone", "10000001234"),
        ("身份证00000019500101123x", "id_number", "00000019500101123X"),
        ("单号SF1234567890123", "tracking_number", "SF1234567890123"),
    ],
)
def test_numbers_that_name_a_person_or_a_parcel(words: str, slot: str, value: str) -> None:
    found = read_numbers(normalise(words).text)
    assert [(one.slot, one.value) for one in found] == [(slot, value)]


def test_a_name_is_heard_where_the_words_announce_one() -> None:
    assert values(read_names("我叫韦大山，电话10000001234")) == ["韦大山"]
    assert read_name_alone("覃小梅") == "覃小梅"
    assert read_name_alone("不知道") is None
    assert read_name_alone("转人工") is None


def test_a_doctor_known_by_surname_keeps_the_title() -> None:
    assert values(read_doctors("想约骨科韦医生", {})) == ["韦医生"]
    assert values(read_doctors("黄主任哪天坐诊", {})) == ["黄主任"]


def test_symptoms_are_made_plain_and_denied_ones_left_out() -> None:
    assert values(read_symptoms("脑壳痛，没有发烧，有点咳嗽")) == ["头痛", "咳嗽"]


@pytest.mark.parametrize("name", ["韦大山", "欧阳小明", "闭玉兰", "Nguyễn Văn Hùng", "逄大勇"])
def test_a_name_begins_with_a_surname(name: str) -> None:
    assert has_surname(name)


@pytest.mark.parametrize(
    "words", ["很急", "撒娇", "能坐", "报销", "不吸氧", "没带", "走得动", "两年", "胸痛"]
)
def test_what_begins_with_no_surname_is_no_sure_name(words: str) -> None:
    assert not has_surname(words)
