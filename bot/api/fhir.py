"""What FHIR R4 calls our records and their states; ``docs/fhir.md`` is written from the same table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from knowledge import Hospital
from knowledge.schema import Stage

TABLE = Path(__file__).with_suffix(".yml")


@dataclass(frozen=True, slots=True)
class Mapping:
    """One of our types: the resource it is, and its states in ours and in FHIR's words."""

    name: str
    resource: str
    states: dict[str, str]
    steps: dict[str, str] = field(default_factory=dict)
    """Told in the history, no states: a telephone confirmed, an appeal allowed."""
    fields: dict[str, str] = field(default_factory=dict)
    by: str = ""
    other: str = ""
    note: str = ""

    def find_status(self, entry: dict[str, Any]) -> str | None:
        """The resource's status of a record as the API shows it."""
        if self.by:
            return self.states["set" if self.by in entry else "unset"]
        return self.states.get(str(entry.get("status")), self.other) or None


@cache
def read_codes() -> dict[str, list[str]]:
    """The states that FHIR R4 allows, by resource."""
    return yaml.safe_load(TABLE.read_text(encoding="utf-8"))["codes"]


@cache
def read_types() -> dict[str, Mapping]:
    data = yaml.safe_load(TABLE.read_text(encoding="utf-8"))["types"]
    return {name: Mapping(**one) for name, one in data.items()}


def get_mapping(kind: str) -> Mapping:
    """A kind of service request that a hospital added is a Task like every other."""
    types = read_types()
    return types.get(kind, types["service_request"])


def list_states(hospital: Hospital, kind: str) -> list[str]:
    """Every state a record of this type may have here; none where it has no states."""
    mapping = get_mapping(kind)
    own: dict[str, Sequence[Stage]] = {
        "herb_delivery": hospital.herbs.stages,
        "parcel_ticket": hospital.herbs.ticket_stages,
        **dict.fromkeys(("complaint", "question", "suggestion", "praise"), hospital.complaints.stages),
    }
    if mapping.by:
        return []
    return list(dict.fromkeys([*(one.id for one in own.get(kind, ())), *mapping.states]))


def describe_fhir(entry: dict[str, Any]) -> dict[str, str]:
    """``{"resourceType", "status"?}`` of a record as the API shows it."""
    mapping = get_mapping(entry["type"])
    status = mapping.find_status(entry)
    return {"resourceType": mapping.resource} | ({"status": status} if status else {})


def write_page() -> str:
    """The text of ``docs/fhir.md``."""
    lines = [_HEAD]
    for kind, one in read_types().items():
        lines.append(f"\n## `{kind}` {one.name} → {one.resource}\n")
        if one.states:
            lines += ["| 状态 | FHIR |", "|---|---|"]
            ours = {"set": f"有 `{one.by}`", "unset": f"没有 `{one.by}`"} if one.by else {}
            lines += [
                f"| {ours.get(state, f'`{state}`')} | {f'`{code}`' if code else ''} |"
                for state, code in one.states.items()
            ]
            if one.other:
                lines.append(f"| 医院自己加的 | `{one.other}` |")
            lines.append("")
        if one.steps:
            lines.append(
                "经过里还会记：" + "；".join(f"`{step}` {what}" for step, what in one.steps.items()) + "。\n"
            )
        lines += ["| 字段 | 元素 |", "|---|---|"]
        lines += [f"| `{ours}` | {element} |" for ours, element in one.fields.items()]
        if one.note:
            lines.append(f"\n{one.note}")
    return "\n".join(lines) + "\n"


_HEAD = """# 记录与 FHIR R4

接口里每条记录带 `fhir`：它是哪种资源、那种资源的状态是什么（`{"resourceType": "Appointment", "status": "booked"}`）。
本页由 `bot/api/fhir.yml` 写成（测试会比对）；改了那张表，运行 `python -m bot.api.fhir > docs/fhir.md`。

- 字段名用意图清单里的名字（`department`、`date`、`patient_name` …），右栏是 FHIR 的元素。
- 时间是医院当地时间；FHIR 要带时区，加医院的时区即可。
- `Schedule` 是 `knowledge/` 里医生的出诊（星期、时段、门诊类型、容量），每天按它开出 `Slot`；`Practitioner` 是医生，
  `HealthcareService` 是科室，`Location` 是地点，`Questionnaire`、`PlanDefinition` 是随访计划的问题和日子。
- 账号（`contact_id`）对应 `RelatedPerson`（为别人办）或 `Patient`（为自己办）。"""


if __name__ == "__main__":
    import sys

    sys.stdout.write(write_page())
