"""What patients say in their own words (``tellings.yml``) reaches the department ordinary practice names."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from knowledge import Hospital
from services.triage import assess

TELLINGS = [
    (text, tuple(departments.split("/")))
    for departments, texts in yaml.safe_load(
        (Path(__file__).parent / "tellings.yml").read_text("utf-8")
    ).items()
    for text in texts
]
CERTAIN = [
    ("我这个手啊，拿筷子老是抖", "神经内科"),
    ("个心成日乓乓跳", "心血管内科"),
    ("手指头早上起来僵硬伸不直", "风湿免疫科"),
    ("我这个脚啊，走路走多了就痛，我一个人来的，不懂挂哪个科", "骨科"),
    ("肚子这里啊，吃完油的就痛", "消化内科"),
    ("腰杆痛得直不起来，脚也麻", "骨科"),
    ("脑壳昏，站起来就黑", "神经内科"),
    ("屁眼痒得很", "肛肠科"),
    ("奶子里有个硬块", "甲状腺乳腺外科"),
    ("血压降不下来", "心血管内科"),
    ("鼻哥塞", "耳鼻咽喉科"),
]


def test_nearly_every_telling_reaches_its_department(hospital: Hospital) -> None:
    first = anywhere = 0
    for text, accepted in TELLINGS:
        names = [one.name for one in assess(hospital, text=text).departments]
        first += names[0] in accepted if names else False
        anywhere += bool(set(names) & set(accepted))
    assert len(TELLINGS) >= 250
    assert first / len(TELLINGS) >= 0.95
    assert anywhere / len(TELLINGS) >= 0.98


def test_nearly_every_telling_has_a_level(hospital: Hospital) -> None:
    assert sum(assess(hospital, text=text).level is None for text, _ in TELLINGS) <= 2


@pytest.mark.parametrize(("text", "department"), CERTAIN)
def test_everyday_words_reach_the_department(hospital: Hospital, text: str, department: str) -> None:
    found = assess(hospital, text=text)
    assert found.departments[0].name == department, (found.departments, found.reasons)
    assert found.level not in (None, "critical", "emergent")


def test_a_knee_in_cantonese_is_no_head(hospital: Hospital) -> None:
    found = assess(hospital, text="膝头哥痛")
    assert "神经内科" not in {one.name for one in found.departments}
    assert "headache_kind" not in {one.id for one in found.questions}


@pytest.mark.parametrize(
    "text", ["我这个脚啊，走路走多了就痛，不懂挂哪个科", "腰这里不舒服", "脑壳昏，站起来就黑"]
)
def test_where_it_hurts_is_not_asked_when_it_was_said(hospital: Hospital, text: str) -> None:
    asked = {one.id for one in assess(hospital, text=text).questions}
    assert not asked & {"where", "dizzy_kind"}


@pytest.mark.parametrize("text", ["面巴上像触电一样痛", "大脚趾突然红肿痛", "前年中过风啊，现在脚痛"])
def test_a_likeness_and_what_is_past_raise_no_alarm(hospital: Hospital, text: str) -> None:
    assert assess(hospital, text=text).level not in ("critical", "emergent")
