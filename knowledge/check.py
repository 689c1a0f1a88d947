"""``wenjin knowledge check``: what is wrong with a hospital's folder, and how much there is of what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from knowledge.errors import Problem
from knowledge.folder import DEMONSTRATION
from knowledge.loading import read_hospital


@dataclass(frozen=True, slots=True)
class Report:
    folder: Path
    problems: tuple[Problem, ...]
    """Sorted by file and line; ``str(problem)`` is ``file:line: what，是不是「…」？``."""
    counts: Mapping[str, int]
    """Chinese name of a kind → how many; empty where no hospital could be built."""

    @property
    def ok(self) -> bool:
        return not self.problems


def check(folder: Path | str | None = None) -> Report:
    """Reads the whole folder and collects every problem; never raises for a mistake in the files."""
    path = Path(folder) if folder else DEMONSTRATION
    problems: list[Problem] = []
    hospital = read_hospital(path, problems)
    counts: dict[str, int] = {}
    if hospital:
        counts = {
            "科室": len(hospital.departments),
            "医生": len(hospital.doctors),
            "出诊": sum(len(doctor.sessions) for doctor in hospital.doctors),
            "地点": len(hospital.places),
            "路径": len(hospital.paths),
            "吐槽码": len(hospital.place_codes),
            "设施": len(hospital.facilities),
            "问答": len(hospital.faq),
            "危险信号": len(hospital.triage.red_flags),
            "分诊主诉": len(hospital.triage.complaints),
            "随访计划": len(hospital.followup_plans),
            "服务线": len(hospital.lines),
            "床": sum(sum(ward.rooms.values()) for ward in hospital.wards),
        }
    return Report(path, tuple(sorted(problems, key=lambda p: (p.file, p.line, p.text))), counts)
