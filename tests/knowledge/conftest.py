"""The demonstration hospital, and a copy of its folder that a test may spoil."""

from __future__ import annotations

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
