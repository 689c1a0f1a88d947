"""One value ↔ one cell. The text of a cell is canonical, so that comparing texts tells whether a value was changed."""

from __future__ import annotations

import json
import re
from datetime import date, datetime, time
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from knowledge.schema import WEEKDAYS

Shape = Literal["text", "number", "flag", "list", "sentences", "weights", "weekdays", "nested"]
"""``list``: words joined by ；, read also where 、，, or a new line stands between them. ``sentences``: the same, but
only ；and a new line part them. ``weights``: 骨科=1；风湿免疫科=0.5. ``nested``: JSON."""

JOIN = "；"
_SPLIT = re.compile(r"[；;\n\r]")
_LIGHT = re.compile(r"[、，,]")
_BRACKETED = re.compile(r"[（(【{《“「][^）)】}》”」]*?([、，,；;\n])[^）)】}》”」]*[）)】}》”」]")
_ENDS = " \t；;、，,"
SENTENCES = {"questions"}
"""Fields whose entries are whole sentences, with commas of their own."""
_FLAGS = {"是": True, "否": False, "true": True, "false": False}


def find_shape(name: str, field: FieldInfo) -> Shape:
    if name == "weekdays":
        return "weekdays"
    if name in SENTENCES:
        return "sentences"
    return _shape(field.annotation)


def _shape(annotation: Any) -> Shape:
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _shape(args[0])
    if origin in (Union, UnionType):
        return _shape(next(part for part in args if part is not type(None)))
    if annotation is bool:
        return "flag"
    if annotation in (int, float):
        return "number"
    if origin is tuple:
        return "list" if _shape(args[0]) == "text" else "nested"
    if origin is dict:
        return "weights" if _shape(args[1]) == "number" else "nested"
    if annotation in (str, date, time) or origin is Literal:
        return "text"
    return "nested"


def write_cell(value: Any, shape: Shape) -> str:
    """The canonical text of a value of the YAML; empty for nothing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int | float):
        return f"{value:g}" if abs(value) < 1e6 else str(value)
    if isinstance(value, str):
        return value.strip()
    if shape == "weekdays":
        return "".join(WEEKDAYS[day - 1] for day in value)
    if shape in ("list", "sentences") and all(_plain(item, shape) for item in value):
        return JOIN.join(value)
    if shape == "weights" and isinstance(value, dict):
        return JOIN.join(f"{name}={write_cell(weight, 'number')}" for name, weight in value.items())
    return json.dumps(value, ensure_ascii=False)


def _plain(item: Any, shape: Shape) -> bool:
    """Whether an entry can stand in a cell beside others and be read back as itself."""
    if not isinstance(item, str) or item != item.strip() or not item or item[0] in "[{":
        return False
    return not _SPLIT.search(item) and (shape == "sentences" or not _LIGHT.search(item))


def read_text(value: Any) -> str:
    """The canonical text of what Excel holds in a cell."""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.isoformat("minutes")
    return write_cell(value, "text")


def read_cell(text: str, shape: Shape) -> Any:
    """The value for the YAML; raises `ValueError` with what the cell should hold."""
    if text[:1] in ("[", "{") and shape != "text":
        try:
            return json.loads(text)
        except ValueError:
            raise ValueError("方括号、花括号里的内容要符合 JSON 格式") from None
    match shape:
        case "flag":
            if text.lower() not in _FLAGS:
                raise ValueError(f"应当是 是 或 否，现在是「{text}」")
            return _FLAGS[text.lower()]
        case "number":
            return _number(text)
        case "list":
            return _split_words(text)
        case "sentences":
            return [part.strip() for part in _SPLIT.split(text) if part.strip()]
        case "weights":
            pairs = [part.partition("=") for part in _SPLIT.split(_LIGHT.sub(JOIN, text)) if part.strip()]
            if any(not sign for _, sign, _ in pairs):
                raise ValueError("应当写成 骨科=1；风湿免疫科=0.5")
            return {name.strip(): _number(weight.strip()) for name, _, weight in pairs}
        case "nested":
            raise ValueError("应当是 JSON，以 [ 或 { 开头")
    return text


def _split_words(text: str) -> list[str]:
    """The entries of a cell; `ValueError` where one entry and two could both be meant."""
    inside, bare = _BRACKETED.search(text), text.strip(_ENDS)
    light = _LIGHT.search(bare)
    if inside or (light and _SPLIT.search(bare)):
        told = json.dumps([part.strip() for part in _SPLIT.split(text) if part.strip()], ensure_ascii=False)
        why = f"括号里有「{inside[1]}」" if inside else f"「{light[0] if light else ''}」和「；」混着用"
        raise ValueError(
            f"{why.replace(chr(10), '换行')}，看不出是几项：各是一项，就都用「；」隔开；连在一起是一项，就写成 {told}"
        )
    return [part.strip() for part in _SPLIT.split(_LIGHT.sub(JOIN, text)) if part.strip()]


def _number(text: str) -> int | float:
    try:
        value = float(text)
    except ValueError:
        raise ValueError(f"应当是数字，现在是「{text}」") from None
    return int(value) if value.is_integer() else value
