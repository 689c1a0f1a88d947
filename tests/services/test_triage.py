"""Triage as a nurse would check it: tables of what people say, and where it must lead."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge import Hospital
from services.errors import Invalid
from services.persons import read_person
from services.red_flags import find_danger
from services.triage import assess, read_age

DANGERS = [
    ("胸口像压了块大石头，一身冷汗", "critical"),
    ("我爸心口痛得厉害，满头大汗", "critical"),
    ("胸痛还串到左肩，喘不过气", "critical"),
    ("心口好痛，標晒冷汗", "critical"),
    ("老公突然左边手脚没力，嘴角歪了", "critical"),
    ("我妈早上起来讲话不清楚，右手拿不住筷子，右边手没力", "critical"),
    ("爷爷突然口齿不清，嘴歪", "critical"),
    ("阿嫲讲嘢唔清楚，半边身郁唔到", "critical"),
    ("头痛得像要炸开，从来没有这么痛过", "critical"),
    ("发高烧，脖子硬得低不下去，怕光", "critical"),
    ("人叫不醒了", "critical"),
    ("佢晕咗，叫极都唔醒", "critical"),
    ("全身抽搐，口吐白沫", "critical"),
    ("喘不上气，嘴唇发紫", "critical"),
    ("抖唔到气，好辛苦", "critical"),
    ("没有呼吸了，摸不到脉搏", "critical"),
    ("孩子被果冻卡住喉咙，说不出话，脸发紫", "critical"),
    ("大腿割破了血止不住", "critical"),
    ("吐了好多鲜血", "critical"),
    ("吃完虾全身起疹子，喉咙发紧喘不上气", "critical"),
    ("我爸喝了农药", "critical"),
    ("她把一瓶安眠药都吞了药", "critical"),
    ("家里煤气中毒，头晕得站不起来", "critical"),
    ("触电了，人倒在地上", "critical"),
    ("小孩溺水刚捞上来", "critical"),
    ("下田被蛇咬了脚", "critical"),
    ("出车祸了，腿断了", "critical"),
    ("从楼上掉下来摔到头，一直吐", "critical"),
    ("摔到后脑勺以后一直呕吐，想睡觉", "critical"),
    ("火灾烧伤，脸上都烧到了", "critical"),
    ("产后血一直流止不住，头晕", "critical"),
    ("我不想活了", "critical"),
    ("唔想做人，想从楼上跳落去", "critical"),
    ("控制不住想割自己", "critical"),
    ("宝宝发烧39度，刚才抽了，翻白眼", "critical"),
    ("小腿肿了几天，今天突然胸痛喘不过气", "critical"),
    ("我家两个月的宝宝发烧38.2", "emergent"),
    ("怀孕34周，今天感觉不到胎动", "emergent"),
    ("怀孕三个月，下面出血，肚子痛", "emergent"),
    ("羊水破了", "emergent"),
    ("月经推迟十天，小肚子一边痛得厉害", "emergent"),
    ("孕晚期头痛眼花，血压高", "emergent"),
    ("儿子突然蛋蛋痛得要命", "emergent"),
    ("右眼突然看不见了", "emergent"),
    ("石灰溅到眼睛里了", "emergent"),
    ("肚子痛得打滚，一身冷汗", "emergent"),
    ("糖尿病，这两天呕吐，呼出来的气有烂苹果味", "emergent"),
    ("打了胰岛素以后手抖出冷汗", "emergent"),
    ("憋了一天尿不出来", "emergent"),
    ("腰痛，两条腿没劲，大小便失禁", "emergent"),
    ("做完手术第五天，高烧39度打寒战", "emergent"),
    ("鼻血流了半小时止不住", "emergent"),
    ("孩子一阵一阵哭，大便像果酱样", "emergent"),
    ("孩子误吞了纽扣电池，吞了电池怎么办", "emergent"),
    ("化疗后发烧了", "emergent"),
    ("被狗咬了，流了点血", "urgent"),
    ("鱼刺卡在喉咙", "urgent"),
    ("大便黑得像柏油", "critical"),
    ("早上起来左耳突然听不见", "urgent"),
    ("新生儿皮肤越来越黄，刚出生五天黄疸", "urgent"),
]
NO_DANGER = [
    "没有胸痛，也没有出冷汗，就是咳嗽",
    "不抽搐，也没昏迷，只是有点低烧",
    "我爷爷前年中过风，现在想查个身体",
    "价格看得我心梗",
    "心梗有哪些症状，怎么预防",
    "电视里说有人突然昏迷",
    "以前晕倒过一次，想做个检查",
    "担心会得脑梗，想做个体检",
    "笑得我肚子都痛了",
    "爬楼的时候有点喘，想看看",
    "小腿抽筋了",
    "眼皮一直跳，没有抽搐",
    "想死你了，什么时候能预约",
    "疤痕是以前烫伤留的，想祛疤",
    "累死了，排队排了一个小时",
    "急诊在哪里",
    "我要复印病历",
    "没有轻生的念头，就是睡不好",
    "头不痛，脖子也不硬",
    "烧已经退了，还有点咳嗽",
]
NOT_COMPLAINTS = [
    "门诊几点上班",
    "停车场在哪",
    "怎么交钱",
    "你好",
    "谢谢",
    "😀😀",
    "",
    "asdf",
    "帮我预约明天上午",
    "医保能用吗",
]
DOCTORS = [
    ("膝盖痛，上下楼疼", "骨科"),
    ("头痛了好几天", "神经内科"),
    ("牙疼得睡不着", "口腔科"),
    ("皮肤痒，起红疹", "皮肤科"),
    ("大便带血，肛门痛", "肛肠科"),
    ("有痔疮", "肛肠科"),
    ("体检发现甲状腺结节", "甲状腺乳腺外科"),
    ("乳房有硬块", "甲状腺乳腺外科"),
    ("血糖高，糖尿病", "内分泌科"),
    ("尿频尿急尿痛", "泌尿外科"),
    ("早泄怎么办", "男科"),
    ("备孕一年一直没怀上", "生殖医学科"),
    ("白带异常，外阴痒", "妇科"),
    ("要产检建卡", "产科"),
    ("孩子3岁不会说话，发育慢", "儿童保健科"),
    ("宝宝咳嗽有痰", "儿科"),
    ("儿子4岁疝气", "小儿外科"),
    ("我儿子包皮过长，今年7岁", "小儿外科"),
    ("新生儿皮肤发黄，出生5天", "新生儿科"),
    ("视力模糊，看不清东西", "眼科"),
    ("耳鸣听不清", "耳鼻咽喉科"),
    ("鼻塞打喷嚏，鼻炎", "耳鼻咽喉科"),
    ("肺结节要看哪科", "胸外科"),
    ("腿上青筋凸起，静脉曲张", "血管外科"),
    ("先天性心脏病室间隔缺损", "心脏外科"),
    ("心慌，早搏", "心血管内科"),
    ("尿里有泡沫，肌酐高", "肾内科"),
    ("类风湿，手指晨僵", "风湿免疫科"),
    ("血小板低，身上瘀斑", "血液内科"),
    ("乙肝大三阳", "感染科"),
    ("发烧38度，咳嗽", "发热门诊"),
    ("胃痛反酸", "消化内科"),
    ("咳嗽有痰", "呼吸与危重症医学科"),
    ("失眠焦虑", "精神心理科"),
    ("腰痛，弯腰更痛", "骨科"),
    ("想做针灸推拿", "针灸推拿科"),
    ("湿气重想调理中药", "中医科"),
    ("三伏贴在哪做", "治未病中心"),
    ("偏瘫后做康复训练", "康复医学科"),
    ("带状疱疹后神经痛好几年", "疼痛科"),
    ("被狗咬了一口", "犬伤门诊"),
    ("烫伤留的疤痕想祛疤", "烧伤整形科"),
    ("做双眼皮", "烧伤整形科"),
    ("入职体检", "体检中心"),
    ("脑瘤想手术", "神经外科"),
    ("肾结石绞痛", "泌尿外科"),
    ("化疗肿瘤复查", "肿瘤科"),
    ("右下腹痛，压着更痛", "普通外科"),
    ("胆囊结石", "普通外科"),
    ("老年人骨质疏松缺钙", "内分泌科"),
    ("术前麻醉评估", "麻醉科"),
    ("全身乏力没精神", "全科医学科"),
]


@pytest.mark.parametrize(("text", "level"), DANGERS)
def test_dangerous_words_are_never_read_as_less(hospital: Hospital, text: str, level: str) -> None:
    found = assess(hospital, text=text)
    assert found.level == level, (found.level, found.red_flags, found.reasons)
    assert found.red_flags
    assert "急诊科" in {name for name, _ in found.departments} or level == "urgent"
    assert found.advice


@pytest.mark.parametrize("text", NO_DANGER)
def test_denied_past_figurative_and_asked_about_are_no_emergency(hospital: Hospital, text: str) -> None:
    found = assess(hospital, text=text)
    assert found.level not in ("critical", "emergent"), found.red_flags


@pytest.mark.parametrize("text", NOT_COMPLAINTS)
def test_what_describes_no_complaint_has_no_level(hospital: Hospital, text: str) -> None:
    found = assess(hospital, text=text)
    assert found.level is None
    assert not found.red_flags


@pytest.mark.parametrize(("text", "department"), DOCTORS)
def test_each_complaint_reaches_the_department_that_sees_it(
    hospital: Hospital, text: str, department: str
) -> None:
    found = assess(hospital, text=text)
    assert found.departments[0].name == department, (found.departments, found.reasons)


def test_departments_are_those_of_the_hospital_and_at_most_three(hospital: Hospital) -> None:
    for text, _ in (*DANGERS, *DOCTORS):
        found = assess(hospital, text=text)
        assert 1 <= len(found.departments) <= 3
        assert {one.name for one in found.departments} <= {one.name for one in hospital.departments}
        assert all(0 < one.score <= 1 for one in found.departments)


def test_nearly_every_department_can_be_reached(hospital: Hospital) -> None:
    reached = {
        one.departments[0].name for text, _ in (*DANGERS, *DOCTORS) for one in [assess(hospital, text=text)]
    }
    named = {name for one in hospital.triage.complaints for name in one.departments} | reached
    assert {one.name for one in hospital.departments} - named <= {"重症医学科"}


def test_age_sends_a_child_to_those_who_see_children(hospital: Hospital) -> None:
    assert assess(hospital, text="肚子痛", age=6).departments[0].name == "儿科"
    assert assess(hospital, text="肚子痛", age=35).departments[0].name == "消化内科"


def test_the_youngest_with_fever_are_always_emergent(hospital: Hospital) -> None:
    assert assess(hospital, text="发烧", age=0.1).level == "emergent"
    assert assess(hospital, text="发烧", age="P2M").level == "emergent"
    assert assess(hospital, text="发烧", age=4).level == "routine"


def test_pregnancy_changes_the_department(hospital: Hospital) -> None:
    assert assess(hospital, text="怀孕五个月，肚子有点痛").departments[0].name == "产科"


def test_sex_keeps_women_from_the_andrology(hospital: Hospital) -> None:
    assert "男科" not in [one.name for one in assess(hospital, text="性欲低", sex="female").departments]


def test_an_answer_can_raise_the_level_but_not_lower_it(hospital: Hospital) -> None:
    asked = assess(hospital, text="胸闷")
    assert any(one.id == "chest_now" for one in asked.questions)
    raised = assess(hospital, text="胸闷", answers={"chest_now": "yes"})
    assert raised.level == "critical"
    assert assess(hospital, text="胸闷", answers={"chest_now": "no"}).level == asked.level


def test_a_question_answered_is_not_asked_again(hospital: Hospital) -> None:
    first = assess(hospital, text="肚子痛")
    assert first.questions
    name = first.questions[0].id
    value = first.questions[0].choices[-1].value
    assert name not in {one.id for one in assess(hospital, text="肚子痛", answers={name: value}).questions}


def test_a_crisis_is_marked_as_one_and_names_the_help_line(hospital: Hospital) -> None:
    found = assess(hospital, text="活着没意思，想一了百了")
    assert found.crisis
    assert "12356" in found.advice


def test_traditional_characters_and_full_width_are_read(hospital: Hospital) -> None:
    assert assess(hospital, text="胸口好痛，出晒冷汗").level == "critical"
    assert assess(hospital, text="胸口好痛，出曬冷汗").level == "critical"
    assert assess(hospital, text="膝蓋痛").departments[0].name == "骨科"


def test_the_answer_has_the_shape_of_the_contract(hospital: Hospital) -> None:
    data = assess(hospital, text="头晕").to_json()
    assert set(data) == {"level", "departments", "red_flags", "advice", "questions", "reasons"}
    assert json.loads(json.dumps(data, ensure_ascii=False)) == data


@pytest.mark.parametrize("value", ["老", "abc", -3, 300])
def test_an_age_that_is_none_is_refused(hospital: Hospital, value: object) -> None:
    with pytest.raises(Invalid):
        assess(hospital, text="头痛", age=value)  # type: ignore[arg-type]


def test_ages_of_babies_are_read() -> None:
    assert read_age("P8M") == pytest.approx(0.667, abs=0.01)
    assert read_age("70岁") == 70
    assert read_age(3) == 3


def test_age_and_sex_come_from_the_words(hospital: Hospital) -> None:
    assert read_person("我妈70岁").age == 70
    assert read_person("宝宝8个月").age == pytest.approx(0.67, abs=0.01)
    assert read_person("怀孕8个月").age is None
    assert read_person("痛了8个月").age is None
    assert read_person("我儿子今年10岁").child
    assert read_person("怀孕20周").pregnant
    assert not read_person("我在备孕").pregnant


def test_find_danger_hears_only_what_is_dangerous(hospital: Hospital) -> None:
    assert find_danger(hospital, "今天伤口有点痒") == ()
    assert find_danger(hospital, "突然说话不清，右手抬不起来")[0].level == "critical"


@settings(max_examples=60, deadline=None)
@given(text=st.text(alphabet="头胸腹痛疼不没有大汗喘气，。突然我妈岁天a1 +~{}", max_size=60))
def test_any_text_is_assessed_without_a_fault(text: str) -> None:
    from knowledge import load_hospital

    found = assess(_hospital(load_hospital), text=text)
    assert (found.level is None) or found.advice or found.departments


_loaded: list[Hospital] = []


def _hospital(load: object) -> Hospital:
    if not _loaded:
        _loaded.append(load())  # type: ignore[operator]
    return _loaded[0]


def test_a_word_in_a_mask_is_not_a_part_of_the_body(hospital: Hospital) -> None:
    assert assess(hospital, text="买了两个馒头").level is None
    assert assess(hospital, text="排队取号手续办好了").level is None


def test_every_pattern_of_the_rules_is_readable_text(hospital: Hospital) -> None:
    folder = Path(__file__).parents[2] / "knowledge" / "guijiang" / "triage"
    words = yaml.safe_load((folder / "words.yml").read_text("utf-8"))["words"]
    for lines in [one.when for one in hospital.triage.red_flags] + [
        one.when for one in hospital.triage.complaints
    ]:
        for line in lines:
            for part in line.split(" + "):
                for atom in part.split("~"):
                    if atom.startswith("{"):
                        assert atom.strip("{}") in words, line
