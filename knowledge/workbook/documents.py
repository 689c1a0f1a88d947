"""The YAML files of a folder as they are being changed: read with their comments, written only at the end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq


def _yaml() -> YAML:
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 4096
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def write_style(value: Any) -> Any:
    """A value as an editor would write it: lists and small mappings on one line."""
    if isinstance(value, list):
        items = CommentedSeq(map(write_style, value))
        items.fa.set_flow_style()
        return items
    if isinstance(value, dict):
        mapping = CommentedMap({key: write_style(item) for key, item in value.items()})
        mapping.fa.set_flow_style()
        return mapping
    return value


class Documents:
    """Files are opened when first changed. An entry is addressed by file, kind and its number in the file's list
    (``None``: the file is the entry); removals wait for the end, so that numbers stay true."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.changed: dict[str, Any] = {}
        self.added: dict[tuple[str, str], tuple[str, str, int | None]] = {}
        """(kind, name) → address of entries that the workbook adds."""
        self._removed: set[tuple[str, str, int | None]] = set()

    def open(self, file: str) -> Any:
        if file not in self.changed:
            path = self.folder / file
            loaded = _yaml().load(path.read_text("utf-8")) if path.is_file() else None
            self.changed[file] = CommentedMap() if loaded is None else loaded
        return self.changed[file]

    def get(self, file: str, kind: str, index: int | None) -> Any:
        document = self.open(file)
        return document if index is None else document[kind][index]

    def set_value(self, file: str, loc: tuple[str | int, ...], value: Any) -> None:
        target = self.open(file)
        for step in loc[:-1]:
            target = target[step]
        target[loc[-1]] = write_style(value)

    def append_item(self, target: Any, field: str, data: dict[str, Any]) -> None:
        """One more item of a list inside an entry (a doctor's session)."""
        if target.get(field) is None:
            target[field] = CommentedSeq()
        target[field].append(write_style(data))

    def add(self, file: str, kind: str | None, data: dict[str, Any]) -> int | None:
        """Appends an entry (or makes the file, without a kind) and returns its number."""
        document = self.open(file)
        if kind is None:
            document.update({name: write_style(value) for name, value in data.items()})
            return None
        if document.get(kind) is None:
            document[kind] = CommentedSeq()
        document[kind].append(CommentedMap({name: write_style(value) for name, value in data.items()}))
        return len(document[kind]) - 1

    def remove(self, file: str, kind: str, index: int | None) -> None:
        self.open(file)
        self._removed.add((file, kind, index))

    def is_removed(self, file: str, kind: str, index: int | None) -> bool:
        return (file, kind, index) in self._removed

    def finish(self) -> dict[str, Any | None]:
        """The changed documents without what was removed; ``None`` for a file that goes."""
        numbered = [entry for entry in self._removed if entry[2] is not None]
        for file, kind, index in sorted(numbered, key=lambda entry: -(entry[2] or 0)):
            del self.changed[file][kind][index]
        gone = {file for file, _, index in self._removed if index is None}
        self._removed.clear()
        for file in gone:
            self.changed[file] = None
        return self.changed

    def save(self) -> None:
        """Writes every changed file; each replaced in one step, so that a reader never sees half of one."""
        for file, document in self.finish().items():
            path = self.folder / file
            if document is None:
                path.unlink(missing_ok=True)
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            part = path.with_name(path.name + ".part")
            with part.open("w", encoding="utf-8") as stream:
                _yaml().dump(document, stream)
            part.replace(path)
