"""A hospital's folder as it lies on disk: which file holds what, read but not yet understood."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from knowledge.errors import Problem, find_nearest
from knowledge.reading import LinedDict, LinedList, find_line, read_yaml
from knowledge.schema import (
    ComplaintRules,
    Department,
    Doctor,
    Entry,
    EscortRules,
    Facility,
    Faq,
    HerbRules,
    HolidayEntry,
    LoanRules,
    OutpatientRules,
    Place,
    PlaceCode,
    RedFlag,
    RegistrationRules,
    Roster,
    Site,
    TransferRules,
    Triage,
    TriageComplaint,
    TriageQuestion,
    Ward,
)
from knowledge.schema import (
    Path as MapPath,
)

DEMONSTRATION = Path(__file__).with_name("guijiang")

WHOLE: dict[str, type[Entry]] = {
    "hospital.yml": Site,
    "registration.yml": RegistrationRules,
    "outpatients.yml": OutpatientRules,
    "escort.yml": EscortRules,
    "companions.yml": Roster,
    "loans.yml": LoanRules,
    "transfers.yml": TransferRules,
    "herbs.yml": HerbRules,
    "complaints.yml": ComplaintRules,
}
"""Files that are one entry; each must be there."""

LISTS: dict[str, dict[str, type[Entry]]] = {
    "departments.yml": {"departments": Department},
    "doctors/*.yml": {"doctors": Doctor},
    "places/*.yml": {"places": Place, "paths": MapPath, "place_codes": PlaceCode},
    "facilities.yml": {"facilities": Facility},
    "faq/*.yml": {"faq": Faq},
    "triage/*.yml": {"red_flags": RedFlag, "complaints": TriageComplaint, "questions": TriageQuestion},
    "holidays.yml": {"holidays": HolidayEntry},
    "beds.yml": {"wards": Ward},
}
"""Files that hold lists of entries under these keys."""

PLANS = "followups/*.yml"
ONE_A_FILE = {"plans": PLANS, "lines": "lines/*.yml"}
"""Kinds whose every entry is a file of its own."""
TRIAGE_TABLES = tuple(name for name in Triage.model_fields if name not in LISTS["triage/*.yml"])
"""Keys of ``triage/*.yml`` that are no lists of entries: sets of words and the like."""


@dataclass(frozen=True, slots=True)
class Item:
    """One entry as written, with the file it stands in."""

    file: str
    data: LinedDict

    def line(self, *loc: str | int) -> int:
        return find_line(self.data, loc)


@dataclass(slots=True)
class Folder:
    """All entries of a hospital by kind (the keys of `LISTS`, ``plans``), and the files that are one entry."""

    path: Path
    lists: dict[str, list[Item]] = field(default_factory=dict)
    whole: dict[str, Item] = field(default_factory=dict)
    tables: dict[str, list[Item]] = field(default_factory=dict)

    def items(self, kind: str) -> list[Item]:
        return self.lists.get(kind, [])


def read_folder(path: Path, problems: list[Problem]) -> Folder:
    """Every file of the hospital; what cannot be read or has no place here goes to ``problems``."""
    folder = Folder(path)
    known = set()
    for name in WHOLE:
        known.add(name)
        if (path / name).is_file():
            folder.whole[name] = Item(name, read_yaml(path / name, name, problems))
        else:
            problems.append(Problem(name, 0, "缺少这个文件"))
    for pattern, keys in LISTS.items():
        extra = TRIAGE_TABLES if pattern.startswith("triage") else ()
        for name, data in _read_all(path, pattern, known, problems):
            _sort_in(folder, Item(name, data), tuple(keys), extra, problems)
    for kind, pattern in ONE_A_FILE.items():
        for name, data in _read_all(path, pattern, known, problems):
            folder.lists.setdefault(kind, []).append(Item(name, data))
    patterns = [*WHOLE, *LISTS, *ONE_A_FILE.values()]
    for found in sorted(path.rglob("*.y*ml")):
        name = found.relative_to(path).as_posix()
        if name not in known:
            problems.append(Problem(name, 0, "没有这样的文件", find_nearest(name, patterns)))
    return folder


def _read_all(
    path: Path, pattern: str, known: set[str], problems: list[Problem]
) -> Iterator[tuple[str, LinedDict]]:
    for found in sorted(path.glob(pattern)):
        name = found.relative_to(path).as_posix()
        known.add(name)
        yield name, read_yaml(found, name, problems)


def _sort_in(
    folder: Folder, file: Item, keys: tuple[str, ...], extra: tuple[str, ...], problems: list[Problem]
) -> None:
    for key, value in file.data.items():
        line = file.line(key)
        if key in extra:
            folder.tables.setdefault(key, []).append(file)
        elif key not in keys:
            hint = find_nearest(key, (*keys, *extra))
            problems.append(Problem(file.file, line, f"不认识的项「{key}」", hint))
        elif not isinstance(value, LinedList):
            problems.append(Problem(file.file, line, f"「{key}」下面应当是一条条以「- 」开头的内容"))
        else:
            for index, entry in enumerate(value):
                if isinstance(entry, LinedDict):
                    # Triage complaints and the rules on grievances share a word, never a file.
                    folder.lists.setdefault(key, []).append(Item(file.file, entry))
                else:
                    problems.append(
                        Problem(file.file, _at(value, index), f"「{key}」的这一条应当是「名字: 内容」")
                    )


def _at(items: LinedList, index: int) -> int:
    return items.lines[index]


def copy_data(value: Any) -> Any:
    """Plain dicts and lists without lines, for comparing and for writing."""
    if isinstance(value, dict):
        return {key: copy_data(item) for key, item in value.items()}
    if isinstance(value, list):
        return [copy_data(item) for item in value]
    return value
