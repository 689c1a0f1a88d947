"""Which sheets there are, what their rows are and how their columns are called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, get_args

from knowledge.schema import (
    Choice,
    Department,
    Doctor,
    Entry,
    Facility,
    Faq,
    FollowupPlan,
    FollowupQuestion,
    FollowupStep,
    HolidayEntry,
    Path,
    Place,
    PlaceCode,
    RedFlag,
    Session,
    TriageComplaint,
    TriageQuestion,
    Ward,
)
from knowledge.workbook.cells import Shape, find_shape

LABELS = {
    "file": "文件", "of": "属于", "name": "名称", "aliases": "别名", "about": "简介", "place": "地点", "places": "地点",
    "campus": "院区", "bookable": "可约号", "sex": "性别", "min_age": "最小年龄", "max_age": "最大年龄", "note": "提示",
    "id": "编号", "title": "职称", "department": "科室", "departments": "科室", "specialities": "专长", "weekdays": "周几",
    "period": "时段", "start": "开始", "end": "结束", "clinic": "门诊类型", "capacity": "每半小时人数", "fee": "费用",
    "kind": "类型", "building": "楼", "floor": "楼层", "x": "横坐标", "y": "纵坐标", "code": "码", "landmark": "标志物",
    "shared": "各层都有", "a": "起点", "b": "终点", "metres": "米", "step_free": "无台阶", "oneway": "单向",
    "minutes": "分钟", "hours": "时间", "how": "怎么用", "phone": "电话", "intent": "意图", "topic": "主题",
    "questions": "问题", "answer": "回答", "next": "接着", "general": "总答", "level": "级别", "when": "说法",
    "unless": "除非", "age_known": "须知年龄", "advice": "建议", "source": "依据", "crisis": "心理危机", "weight": "分量",
    "modifiers": "调整", "text": "内容", "value": "值", "words": "词", "red_flag": "危险信号", "match": "诊断词",
    "send_at": "发送时刻", "answer_within_hours": "几小时内回", "red_flags": "危险信号", "day": "第几天",
    "greeting": "开头语", "closing": "结束语", "choices": "选项", "unit": "单位", "notice_above": "高于提醒",
    "alarm_above": "高于报警", "notice_below": "低于提醒", "alarm_below": "低于报警", "optional": "可不答",
    "names": "外语名称", "abouts": "外语简介", "titles": "外语按钮字", "answers": "外语回答", "texts": "外语内容",
    "hint": "提示语", "width": "宽", "depth": "深",
    "workdays": "调休上班", "path": "项", "rooms": "房间和床数", "takes": "还收哪些科", "table": "表", "items": "内容",
}  # fmt: skip
"""Chinese headings; a field without one is headed by its name alone."""
OWN_LABELS = {
    ("床位", "id"): "病区", ("床位", "sex"): "只住", ("分诊选项", "title"): "按钮上的字", ("分诊选项", "departments"): "给科室加分", ("分诊选项", "words"): "同义说法",
}  # fmt: skip
"""Headings of one sheet, where the field means something else there than elsewhere."""


@dataclass(frozen=True)
class Sheet:
    """A sheet whose rows are the entries of a kind, or (``child``) the items of one field of them."""

    title: str
    kind: str
    """As in `Folder.lists`."""
    model: type[Entry]
    key: tuple[str, ...]
    """Fields that tell one entry from another; of a child sheet those of its parent."""
    pattern: str
    """Where the entries stand."""
    child: str | None = None
    apart: tuple[str, ...] = ()
    """Fields shown in child sheets, or filled only at loading."""

    @cached_property
    def shapes(self) -> Mapping[str, Shape]:
        """Field → shape, in the order of the columns."""
        fields = self.model.model_fields
        return {name: find_shape(name, field) for name, field in fields.items() if name not in self.apart}

    @property
    def required(self) -> tuple[str, ...]:
        """The identifying fields that must be written (a path's kind need not be)."""
        fields = self.model.model_fields
        return tuple(name for name in self.key if name in fields and fields[name].is_required())

    @property
    def lead(self) -> str:
        """The first column: the file of an entry, or the parent of an item."""
        return "of" if self.child else "file"

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.lead, *self.shapes)

    def find_choices(self, field: str) -> tuple[str, ...]:
        """What a cell may hold, where that is a closed list (for a drop-down)."""
        if self.shapes.get(field) == "flag":
            return ("是", "否")
        return (
            _literals(self.model.model_fields[field].annotation) if self.shapes.get(field) == "text" else ()
        )


def _literals(annotation: Any) -> tuple[str, ...]:
    """The values of a `Literal`, also inside ``X | None``; nothing for other types."""
    found: list[str] = []
    for part in get_args(annotation):
        found += [part] if isinstance(part, str) else _literals(part)
    return tuple(found)


SHEETS = (
    Sheet("科室", "departments", Department, ("name",), "departments.yml"),
    Sheet("医生", "doctors", Doctor, ("name",), "doctors/*.yml", apart=("sessions",)),
    Sheet("出诊", "doctors", Session, ("name",), "doctors/*.yml", child="sessions"),
    Sheet("地点", "places", Place, ("id",), "places/*.yml", apart=("code",)),
    Sheet("路径", "paths", Path, ("a", "b", "kind"), "places/*.yml"),
    Sheet("吐槽码", "place_codes", PlaceCode, ("code",), "places/*.yml"),
    Sheet("设施", "facilities", Facility, ("id",), "facilities.yml"),
    Sheet("问答", "faq", Faq, ("id",), "faq/*.yml"),
    Sheet("危险信号", "red_flags", RedFlag, ("id",), "triage/*.yml"),
    Sheet("分诊主诉", "complaints", TriageComplaint, ("id",), "triage/*.yml"),
    Sheet("分诊问题", "questions", TriageQuestion, ("id",), "triage/*.yml", apart=("choices",)),
    Sheet("分诊选项", "questions", Choice, ("id",), "triage/*.yml", child="choices"),
    Sheet("随访计划", "plans", FollowupPlan, ("id",), "followups/*.yml", apart=("steps", "questions")),
    Sheet("随访步骤", "plans", FollowupStep, ("id",), "followups/*.yml", child="steps"),
    Sheet("随访问题", "plans", FollowupQuestion, ("id",), "followups/*.yml", child="questions"),
    Sheet("床位", "wards", Ward, ("id",), "beds.yml"),
    Sheet("节假日", "holidays", HolidayEntry, ("name", "start"), "holidays.yml"),
)
VALUES = "规则"
"""The sheet of single values: rules, hospital, sets of triage words; ``file``, ``path``, ``value``."""
GUIDE = "说明"


def head(field: str, sheet: str = "") -> str:
    """The heading of a column: 名称 (name)."""
    label = OWN_LABELS.get((sheet, field)) or LABELS.get(field)
    return f"{label} ({field})" if label else field


def read_head(text: str) -> str:
    """The field a heading stands for."""
    return text.rpartition("(")[2].rstrip(") ").strip() if text.endswith(")") else text.strip()
