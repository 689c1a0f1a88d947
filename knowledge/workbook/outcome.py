"""What an import did, or what keeps it from being done."""

from __future__ import annotations

from dataclasses import dataclass

from knowledge.workbook.sheets import head


@dataclass(frozen=True, slots=True)
class SheetProblem:
    """One cell to mend. ``row`` counts as Excel does (1 is the heading), ``column`` is the heading's field name;
    0 and empty where the whole sheet is meant."""

    sheet: str
    row: int
    column: str
    text: str
    hint: str | None = None

    def __str__(self) -> str:
        row = f" 第 {self.row} 行" if self.row else ""
        column = f"「{head(self.column, self.sheet)}」列" if self.column else ""
        return f"{self.sheet}{row}{column}：{self.text}" + (f"，是不是「{self.hint}」？" if self.hint else "")


@dataclass(frozen=True, slots=True)
class Change:
    sheet: str
    row: int
    """0 for an entry that is no longer in the sheet."""
    column: str
    """Empty where a whole row was added or removed."""
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Import:
    changes: tuple[Change, ...]
    problems: tuple[SheetProblem, ...]
    """Where there is one, nothing was written."""

    @property
    def ok(self) -> bool:
        return not self.problems
