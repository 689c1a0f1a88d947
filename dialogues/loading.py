"""Files → `Book`: flows, patterns, replies, slots and intents read, validated, compiled and checked as a whole.

A folder holds ``slots.yml``, ``flows/``, ``patterns/`` and ``replies/`` (any of them). A later folder replaces a
flow, a pattern, a reply or a slot of an earlier one by giving the same name; within one folder a name stands once.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from rasa_sdk import Action

import dialogues.actions
from dialogues.actions import build_actions
from dialogues.book import Book
from dialogues.checking import check
from dialogues.compiling import Source, compile_flow
from dialogues.engine import Assistant
from dialogues.errors import DialogueError
from dialogues.flows import Flow
from dialogues.inventory import read_inventory, read_translations
from dialogues.lines import LineFlows, build_lines
from dialogues.repair import BUILTIN
from dialogues.schema import FlowEntry, ReplyEntry, SlotEntry
from dialogues.slots import Slot, build_slot
from dialogues.wording import DEFAULT_LANGUAGE, Variant, Wording, build_variant
from knowledge import Hospital
from knowledge.errors import Problem
from knowledge.reading import find_line, read_yaml
from knowledge.validation import describe
from services import crowdcharts, waywords

HERE = Path(__file__).parent


def load_assistant(hospital: Hospital, folders: Iterable[Path | str] = ()) -> Assistant:
    """The assistant with our flows and those of the folders; raises `DialogueError` with all problems at once, and
    `KnowledgeError` where the words of a way or a chart are wrong (found at the start, not by a patient)."""
    waywords.read_words()
    crowdcharts.read_words()
    return Assistant(load_book(hospital, [HERE, *map(Path, folders)]))


def load_book(
    hospital: Hospital, folders: Sequence[Path], *, actions: Mapping[str, Action] | None = None
) -> Book:
    """As `load_assistant`, from exactly these folders and, if given, with exactly these actions."""
    if actions is None:
        _import_actions()
        actions = build_actions()
    lines = build_lines(getattr(hospital, "lines", ()))
    shelf = Shelf({**actions, **lines.actions})
    for folder in folders:
        shelf.read_folder(folder)
    shelf.add_lines(lines)
    book = shelf.bind(hospital)
    if not shelf.problems:
        shelf.problems.extend(check(book, shelf.places))
    if shelf.problems:
        raise DialogueError(shelf.problems)
    return book


def _import_actions() -> None:
    for module in pkgutil.iter_modules(dialogues.actions.__path__):
        importlib.import_module(f"dialogues.actions.{module.name}")


@dataclass(slots=True)
class Shelf:
    """What has been read so far."""

    actions: Mapping[str, Action]
    problems: list[Problem] = field(default_factory=list)
    flows: dict[str, Flow] = field(default_factory=dict)
    slots: dict[str, Slot] = field(default_factory=dict)
    replies: dict[str, dict[str, tuple[Variant, ...]]] = field(default_factory=dict)
    places: dict[tuple[str, str], tuple[str, int]] = field(default_factory=dict)
    """Where a flow, reply or slot is written: (kind, name) → (file, line)."""
    titles: dict[str, dict[str, str]] = field(default_factory=dict)
    """Of service lines, which buttons may ask for as for intents."""

    def read_folder(self, folder: Path) -> None:
        for path in (folder / "slots.yml", *sorted((folder / "slots").glob("*.yml"))):
            if path.exists():
                self._read_slots(path, folder)
        seen: set[tuple[str, str]] = set()
        for kind in ("patterns", "flows"):
            for path in sorted((folder / kind).rglob("*.yml")):
                self._read_flows(path, folder, seen)
        for path in sorted((folder / "replies").rglob("*.yml")):
            self._read_replies(path, folder, seen)
        self._demand_twins({one for one in seen if one[0] != "flow"})

    def _demand_twins(self, seen: set[tuple[str, str]]) -> None:
        """A folder that speaks another language at all says everything in it: half a conversation helps nobody."""
        for language in sorted({language for language, _ in seen} - {DEFAULT_LANGUAGE}):
            for spoken, reply in sorted(seen):
                if spoken == DEFAULT_LANGUAGE and (language, reply) not in seen:
                    self.problems.append(
                        Problem(*self.places["reply", reply], f"回复「{reply}」没有 {language} 的说法")
                    )

    def _read_slots(self, path: Path, folder: Path) -> None:
        name = _relative(path, folder)
        data = read_yaml(path, name, self.problems)
        self._only_keys(data, name, {"slots"})
        for slot in data.get("slots") or {}:
            entry = self._validate(SlotEntry, data, name, ("slots", slot))
            if entry:
                self.slots[slot] = build_slot(slot, entry)
                self.places["slot", slot] = name, find_line(data, ("slots", slot))

    def _read_flows(self, path: Path, folder: Path, seen: set[tuple[str, str]]) -> None:
        name = _relative(path, folder)
        data = read_yaml(path, name, self.problems)
        self._only_keys(data, name, {"flows"})
        for flow in data.get("flows") or {}:
            entry = self._validate(FlowEntry, data, name, ("flows", flow))
            line = find_line(data, ("flows", flow))
            if ("flow", flow) in seen:
                other = "{}:{}".format(*self.places["flow", flow])
                self.problems.append(Problem(name, line, f"流程「{flow}」在 {other} 已经写过"))
            seen.add(("flow", flow))
            self.places["flow", flow] = name, line
            if entry:
                source = Source(name, data, flow, self.problems)
                self.flows[flow] = compile_flow(entry, source, frozenset(self.actions))

    def _read_replies(self, path: Path, folder: Path, seen: set[tuple[str, str]]) -> None:
        name = _relative(path, folder)
        language = path.suffixes[-2].lstrip(".") if len(path.suffixes) > 1 else DEFAULT_LANGUAGE
        data = read_yaml(path, name, self.problems)
        self._only_keys(data, name, {"responses"})
        for reply, variants in (data.get("responses") or {}).items():
            line = find_line(data, ("responses", reply))
            if (language, reply) in seen:
                other = "{}:{}".format(*self.places["reply", reply])
                self.problems.append(Problem(name, line, f"回复「{reply}」在 {other} 已经写过"))
            seen.add((language, reply))
            if language == DEFAULT_LANGUAGE or ("reply", reply) not in self.places:
                self.places["reply", reply] = name, line
            if not isinstance(variants, list) or not variants:
                self.problems.append(Problem(name, line, f"「{reply}」应当是列表：- text: …"))
                continue
            found = [
                self._validate(ReplyEntry, data, name, ("responses", reply, at))
                for at in range(len(variants))
            ]
            self.replies.setdefault(reply, {})[language] = tuple(build_variant(one) for one in found if one)

    def _only_keys(self, data: Mapping[str, Any], name: str, known: set[str]) -> None:
        for key in data.keys() - known - {"version"}:
            self.problems.append(
                Problem(
                    name, find_line(data, (key,)), f"不认识的项「{key}」（这里应当是 {'、'.join(known)}）"
                )
            )

    def _validate(self, model: Any, data: Any, name: str, loc: tuple[str | int, ...]) -> Any:
        entry = data
        for step in loc:
            entry = entry[step]
        try:
            return model.model_validate(entry)
        except ValidationError as error:
            for detail in _without_noise(error.errors()):
                text, hint = describe(model, detail)
                line = find_line(data, (*loc, *detail["loc"]))
                self.problems.append(Problem(name, line, f"{loc[1]}: {text}", hint))
            return None

    def add_lines(self, lines: LineFlows) -> None:
        """The flows generated from the hospital's service lines; one that a folder wrote itself stays."""
        self.titles = lines.titles
        self.slots = lines.slots | self.slots
        for name, flow in lines.flows.items():
            if name in self.flows:
                continue
            source = Source("lines", {}, name, self.problems)
            self.flows[name] = compile_flow(FlowEntry.model_validate(flow), source, frozenset(self.actions))

    def bind(self, hospital: Hospital) -> Book:
        triggers: dict[str, list[tuple[Flow, float | None]]] = defaultdict(list)
        for flow in self.flows.values():
            for intent, threshold in flow.triggers:
                triggers[intent].append((flow, threshold))
        return Book(
            hospital=hospital,
            flows=self.flows,
            slots=self.slots,
            wording=Wording(self.replies),
            actions=self.actions,
            builtin=BUILTIN,
            triggers={intent: tuple(found) for intent, found in triggers.items()},
            titles={intent: title for intent, (_, title) in read_inventory().items()}
            | {name: words["zh"] for name, words in self.titles.items()},
            translations={**read_translations(), **self.titles},
            groups={intent: group for intent, (group, _) in read_inventory().items()},
            faq={one.id: one for one in hospital.faq},
            house={
                "hospital_name": hospital.name,
                "hospital_short_name": hospital.short_name,
                "hospital_phone": hospital.phone,
                "emergency_phone": hospital.emergency_phone,
            },
        )


def _relative(path: Path, folder: Path) -> str:
    return str(path.relative_to(folder.parent))


def _without_noise(details: Iterable[Any]) -> list[Any]:
    """``next`` is an id or a list: what pydantic says of the shape that was not meant is left out."""
    found = list(details)
    kept = [
        one
        for one in found
        if not (one["loc"][-1:] == ("str",) and one["type"] == "string_type") and "union" not in one["type"]
    ]
    return kept or found
