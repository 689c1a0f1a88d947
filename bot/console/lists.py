"""Lists that staff hand in at the console: what came of one, and which of its rows are wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from services import Desk
from services.discharges import import_discharges
from services.herb_lists import import_deliveries
from services.lists import RowError


@dataclass(frozen=True, slots=True)
class Taken:
    said: str
    wrong: tuple[str, ...] = ()
    """A line for each row that was not taken."""


@dataclass(frozen=True, slots=True)
class Hatch:
    """Where staff hand in one kind of list."""

    label: str
    hint: str
    take: Callable[[Desk, bytes, str], Taken]
    """File and its name → what came of it; raises ``Invalid`` where not even the headings can be read."""


def say_row(one: RowError) -> str:
    """Where it stands and what is wrong with it: 名单 第 3 行 剂数（D）「三」：剂数要写 1–30 的整数."""
    what = f"「{one.value}」" if one.value else ""
    return f"{one.sheet} 第 {one.row} 行 {one.column}{what}：{one.text}"


def _take_deliveries(desk: Desk, file: bytes, name: str) -> Taken:
    done = import_deliveries(desk, file=file, name=name)
    said = f"新登记 {done.registered}，有进展 {done.moved}，没有变化 {done.known}，有误 {len(done.errors)}"
    return Taken(said, tuple(say_row(one) for one in done.errors))


def _take_discharges(desk: Desk, file: bytes, name: str) -> Taken:
    done = import_discharges(desk, file=file, name=name)
    said = f"新登记 {done.enrolled}，以前登记过 {done.known}，有误 {len(done.errors)}"
    return Taken(said, tuple(say_row(one) for one in done.errors))


DELIVERIES = Hatch(
    "导入名单",
    "中药房的 Excel 或 CSV。表头要有「处方号」，或者「配送单号」和「状态」；再交一次同一份不会重复。",
    _take_deliveries,
)
DISCHARGES = Hatch(
    "导入出院名单",
    "病案系统的 Excel 或 CSV。表头要有「姓名」「手机号」「出院日期」「住院号」；再交一次同一份不会重复。",
    _take_discharges,
)
