"""Entries as written → frozen models; what pydantic finds is said in the words of whoever edits the files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from knowledge.errors import Problem, find_nearest
from knowledge.folder import Item

M = TypeVar("M", bound=BaseModel)


def validate(
    model: type[M], item: Item, problems: list[Problem], data: Mapping[str, Any] | None = None
) -> M | None:
    """The entry as a model, or ``None`` and its problems. ``data`` stands in for the entry's own where defaults were
    filled in; lines are still those of the entry."""
    try:
        return model.model_validate(item.data if data is None else data)
    except ValidationError as error:
        for detail in error.errors():
            text, hint = describe(model, detail)
            problems.append(Problem(item.file, item.line(*detail["loc"]), text, hint))
        return None


def describe(model: type[BaseModel], detail: ErrorDetails) -> tuple[str, str | None]:
    """What is wrong, in Chinese, and the nearest right word if it is a wrong word."""
    loc = [step for step in detail["loc"] if step != "[key]"]
    name = next((step for step in reversed(loc) if isinstance(step, str)), "")
    given = detail.get("input")
    context = detail.get("ctx") or {}
    match detail["type"]:
        case "missing":
            return f"缺少「{name}」", None
        case "extra_forbidden":
            return f"不认识的项「{name}」", find_nearest(name, _keys(model))
        case "literal_error":
            expected = str(context.get("expected", "")).replace("'", "").replace(" or ", ", ")
            nearest = find_nearest(str(given), expected.split(", "))
            return f"「{name}」写了「{given}」，只能是 {expected}", nearest
        case "string_pattern_mismatch":
            return f"「{name}」的写法「{given}」不对（应符合 {context.get('pattern')}）", None
        case "string_too_short" | "too_short":
            return f"「{name}」不能为空", None
        case "string_type":
            return f"「{name}」应当是文字；「{given}」只有数字或是列表，文字要加引号", None
        case "tuple_type":
            return f"「{name}」应当是列表，如 [甲, 乙]，现在是「{given}」", None
        case "int_parsing" | "int_type" | "int_from_float" | "float_parsing" | "float_type":
            return f"「{name}」应当是数字，现在是「{given}」", None
        case "bool_parsing" | "bool_type":
            return f"「{name}」应当是 true 或 false，现在是「{given}」", None
        case "time_parsing" | "time_type":
            return f"「{name}」应当写成 08:30 这样的时刻，现在是「{given}」", None
        case kind if kind.startswith("date"):
            return f"「{name}」应当写成 2026-03-11 这样的日期，现在是「{given}」", None
        case "greater_than_equal" | "less_than_equal" | "greater_than" | "less_than":
            bound = context.get("ge", context.get("le", context.get("gt", context.get("lt"))))
            word = "小" if detail["type"].startswith("greater") else "大"
            return f"「{name}」的 {given} 太{word}（界限 {bound}）", None
        case "value_error":
            return f"「{name}」的「{given}」不对：{context.get('error')}", None
    return f"「{name}」不对：{detail['msg']}", None


def _keys(model: type[BaseModel]) -> list[str]:
    """Every key that the model or a model inside it knows; only for guessing what was meant."""
    schema = model.model_json_schema()
    parts = [schema, *schema.get("$defs", {}).values()]
    return sorted({key for part in parts for key in part.get("properties", {})})
