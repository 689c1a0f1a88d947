"""A folder of YAML → one frozen `Hospital`, or every problem of it at once.

Read → names collected → references replaced by canonical names → defaults filled in → schema → relations checked.
Each step adds to one list of problems, so that an editor sees them all and not one a run.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, TypeVar

from knowledge.calendar import Calendar
from knowledge.errors import KnowledgeError, Problem
from knowledge.folder import DEMONSTRATION, LISTS, WHOLE, Folder, Item, read_folder
from knowledge.hospital import Hospital
from knowledge.names import fold
from knowledge.references import collect_names, resolve_references
from knowledge.relations import check_relations
from knowledge.schema import (
    ComplaintRules,
    Doctor,
    Entry,
    EscortRules,
    FollowupPlan,
    HerbRules,
    Line,
    LoanRules,
    OutpatientRules,
    RegistrationRules,
    Roster,
    Site,
    TransferRules,
    Triage,
)
from knowledge.validation import validate

E = TypeVar("E", bound=Entry)


def load_hospital(folder: Path | str | None = None) -> Hospital:
    """The hospital in ``folder`` (the demonstration hospital where left out), with every cross reference checked.

    Raises `KnowledgeError` with all problems at once. Pure reading: no clock, no network, no cache.
    """
    problems: list[Problem] = []
    hospital = read_hospital(Path(folder) if folder else DEMONSTRATION, problems)
    if problems or hospital is None:
        raise KnowledgeError(problems)
    return hospital


def read_hospital(path: Path, problems: list[Problem]) -> Hospital | None:
    """As `load_hospital`, with the problems collected; ``None`` where so much is missing that no hospital results."""
    if not path.is_dir():
        problems.append(Problem(str(path), 0, "没有这个文件夹"))
        return None
    folder = read_folder(path, problems)
    names = collect_names(folder, problems)
    resolve_references(folder, names, problems)

    whole = {name: validate(WHOLE[name], item, problems) for name, item in folder.whole.items()}
    rules = whole.get("registration.yml")
    lists: dict[str, list[Any]] = {
        "plans": _validate_all(folder, "plans", FollowupPlan, problems),
        "lines": _validate_all(folder, "lines", Line, problems),
    }
    for keys in LISTS.values():
        for kind, model in keys.items():
            if kind != "doctors":
                lists[kind] = _validate_all(folder, kind, model, problems)
    wards = {entry.name: entry for entry in lists["departments"]}
    lists["doctors"] = [
        doctor
        for item in folder.items("doctors")
        if (doctor := validate(Doctor, item, problems, _fill_sessions(item, rules, wards)))
    ]
    tables = _merge_tables(folder, problems)
    triage = validate(Triage, Item("triage/*.yml", tables.data), problems)
    check_relations(folder, problems)
    if triage is None or any(whole.get(name) is None for name in WHOLE):
        return None
    codes = {fold(code.place): code.code for code in lists["place_codes"]}
    places = tuple(
        place.model_copy(update={"code": codes.get(fold(place.name))}) if fold(place.name) in codes else place
        for place in lists["places"]
    )
    positions = {place.id: place for place in places}
    entries: dict[str, Any] = whole
    site: Site = entries["hospital.yml"]
    registration: RegistrationRules = entries["registration.yml"]
    outpatients: OutpatientRules = entries["outpatients.yml"]
    escort: EscortRules = entries["escort.yml"]
    roster: Roster = entries["companions.yml"]
    loans: LoanRules = entries["loans.yml"]
    transfers: TransferRules = entries["transfers.yml"]
    herbs: HerbRules = entries["herbs.yml"]
    complaints: ComplaintRules = entries["complaints.yml"]
    return Hospital(
        site=site,
        departments=tuple(lists["departments"]),
        doctors=tuple(lists["doctors"]),
        places=places,
        paths=tuple(_fill_path(path, positions) for path in lists["paths"]),
        place_codes=tuple(
            code if code.name else code.model_copy(update={"name": code.place})
            for code in lists["place_codes"]
        ),
        facilities=tuple(lists["facilities"]),
        faq=tuple(lists["faq"]),
        triage=triage.model_copy(
            update={kind: tuple(lists[kind]) for kind in ("red_flags", "complaints", "questions")}
        ),
        followup_plans=tuple(lists["plans"]),
        registration=registration,
        outpatients=outpatients,
        escort=escort,
        companions=roster.companions,
        loans=loans,
        transfers=transfers,
        herbs=herbs,
        complaints=complaints,
        calendar=Calendar(tuple(lists["holidays"])),
        lines=tuple(lists["lines"]),
        wards=tuple(lists["wards"]),
    )


def _validate_all(folder: Folder, kind: str, model: type[E], problems: list[Problem]) -> list[E]:
    return [entry for item in folder.items(kind) if (entry := validate(model, item, problems))]


def _fill_sessions(item: Item, rules: Any, departments: dict[str, Any]) -> dict[str, Any]:
    """The doctor with what each session leaves out: hours by period, fee and capacity by clinic and title, place and
    campus by department."""
    doctor = dict(item.data)
    department = departments.get(str(doctor.get("department")))
    sessions = doctor.get("sessions")
    if not isinstance(sessions, list) or rules is None:
        return doctor
    doctor["sessions"] = [
        _fill_session(session, str(doctor.get("title")), rules, department)
        if isinstance(session, dict)
        else session
        for session in sessions
    ]
    return doctor


def _fill_session(session: dict[str, Any], title: Any, rules: Any, department: Any) -> dict[str, Any]:
    # As plain texts: what is no period, clinic or title gets any defaults here, and is named by the schema.
    periods: dict[str, Any] = {**rules.periods}
    clinics: dict[str, Any] = {**rules.clinics}
    hours = periods.get(str(session.get("period"))) or next(iter(periods.values()))
    kind = clinics.get(str(session.get("clinic", "general"))) or next(iter(clinics.values()))
    defaults = {
        "start": hours.start,
        "end": hours.end,
        "capacity": kind.capacity,
        "fee": {**kind.fees}.get(title, kind.fee),
        # A wrong department is reported once, by its name; it must not be reported again as a campus missing.
        "place": department.place if department else None,
        "campus": department.campus if department else "—",
    }
    return {**defaults, **session}


def _merge_tables(folder: Folder, problems: list[Problem]) -> Item:
    """The sets of words of all triage files as one mapping; a set written twice is a problem."""
    merged: dict[str, Any] = {}
    for key, files in folder.tables.items():
        for file in files:
            value = file.data[key]
            if isinstance(value, dict):
                table = merged.setdefault(key, {})
                for name in value:
                    if name in table:
                        problems.append(Problem(file.file, file.line(key, name), f"「{name}」写了两次"))
                table.update(value)
            elif isinstance(value, list):
                merged.setdefault(key, []).extend(value)
            else:
                problems.append(
                    Problem(file.file, file.line(key), f"「{key}」下面应当是列表或「名字: 内容」")
                )
    return Item("triage/*.yml", merged)  # type: ignore[arg-type]


def _fill_path(path: Any, places: dict[str, Any]) -> Any:
    """The path with its length and whether a wheelchair can take it."""
    update: dict[str, Any] = {}
    if path.step_free is None:
        update["step_free"] = path.kind not in ("stairs", "escalator")
    a, b = places.get(path.a), places.get(path.b)
    if not path.metres and a and b:
        update["metres"] = round(math.hypot(a.x - b.x, a.y - b.y), 1) or 0.1
    return path.model_copy(update=update) if update else path
