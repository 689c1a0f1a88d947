"""The demonstration hospital, and a copy of its folder that a test may spoil."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from knowledge import Hospital, load_hospital
from knowledge.check import check
from knowledge.folder import DEMONSTRATION

Spoil = Callable[[str, str, str], list[str]]


@pytest.fixture(scope="session")
def hospital() -> Hospital:
    return load_hospital()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DEMONSTRATION, tmp_path / "hospital"))


@pytest.fixture
def spoil(folder: Path) -> Spoil:
    """``spoil(file, old, new)`` → the problems after the first ``old`` in the file was replaced."""

    def replace(file: str, old: str, new: str) -> list[str]:
        path = folder / file
        text = path.read_text("utf-8")
        assert old in text, f"{file} no longer says {old!r}"
        path.write_text(text.replace(old, new, 1), "utf-8")
        return [str(problem) for problem in check(folder).problems]

    return replace


SMALL_MAP = """
places:
  - {id: OPD-1F-REG, name: 门诊一楼挂号收费处, kind: window, building: OPD, x: 0, y: 0}
  - {id: OPD-1F-TCMPH, name: 门诊一楼中药房, kind: pharmacy, building: OPD, x: 9, y: 0}
  - {id: OPD-2F-US, name: 门诊二楼彩超候诊区, kind: waiting, building: OPD, floor: 2F, x: 9, y: 0}
paths:
  - {a: OPD-1F-REG, b: OPD-1F-TCMPH}
  - {a: OPD-1F-TCMPH, b: OPD-2F-US, kind: stairs, metres: 12}
place_codes:
  - {code: OPD-2F-US, place: OPD-2F-US}
"""
SMALL_TRIAGE = """
words: {膝: [膝盖, 膝关节]}
red_flags:
  - {id: bleeding, name: 大出血, level: critical, when: [血止不住], advice: 请马上拨打 120。}
complaints:
  - {id: knee, name: 膝盖痛, when: ["{膝}~痛"], departments: {骨科: 1, 风湿免疫科: 0.5}, questions: [injured]}
questions:
  - id: injured
    text: 最近有没有摔伤或扭伤？
    choices: [{title: 有, value: "yes"}, {title: 没有, value: "no"}]
"""


@pytest.fixture
def small_folder(folder: Path) -> Path:
    """The demonstration hospital with a map of three places and one complaint: as many kinds, a tenth of the time."""
    for name in ("places", "triage", "faq", "followups", "lines"):
        shutil.rmtree(folder / name, ignore_errors=True)
    (folder / "facilities.yml").unlink(missing_ok=True)
    (folder / "beds.yml").unlink(missing_ok=True)
    for file, pattern in (
        ("departments.yml", r"\n    place: .*"),
        ("doctors/*.yml", r", place: [^,}]+"),
        ("escort.yml", r"\nmeeting_points: .*"),
    ):
        for path in folder.glob(file):
            path.write_text(re.sub(pattern, "", path.read_text("utf-8")), "utf-8")
    with (folder / "escort.yml").open("a", encoding="utf-8") as escort:
        escort.write("meeting_points: [OPD-1F-REG]\n")
    (folder / "companions.yml").write_text("companions: []\n", "utf-8")
    for file, pattern, place in (
        ("loans.yml", r"place: [A-Z0-9-]+", "place: OPD-1F-REG"),
        ("transfers.yml", r"(origin|destination): [^,}]+", r"\1: OPD-1F-REG"),
    ):
        path = folder / file
        path.write_text(re.sub(pattern, place, path.read_text("utf-8")), "utf-8")
    for name, text in (("places/small.yml", SMALL_MAP), ("triage/small.yml", SMALL_TRIAGE)):
        (folder / name).parent.mkdir()
        (folder / name).write_text(text, "utf-8")
    assert [str(problem) for problem in check(folder).problems] == []
    return folder
