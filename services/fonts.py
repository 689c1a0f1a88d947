"""The typeface that Chinese is drawn with where no browser does it: maps as PNG, posters as PDF.

The pinned package (Noto Sans SC, SIL Open Font License, plain data) comes first, so that a drawing is the same on
every machine; what the system has stands in where it is missing.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

FOLDERS = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    Path("~/.local/share/fonts").expanduser(),
    Path("/System/Library/Fonts"),
    Path("C:/Windows/Fonts"),
)
NAMES = (
    "NotoSansSC-Regular.*",
    "NotoSansCJKsc-Regular.*",
    "NotoSansCJK-Regular.ttc",
    "SourceHanSansSC-Regular.*",
    "SourceHanSansCN-Regular.*",
    "wqy-microhei.ttc",
    "wqy-zenhei.ttc",
    "PingFang.ttc",
    "Hiragino Sans GB.ttc",
    "msyh.ttc",
    "simhei.ttf",
)
"""Sans faces that hold simplified Chinese, the best first."""


@cache
def find_font() -> Path | None:
    """A font file with simplified Chinese; ``None`` where the machine has none (then draw SVG only)."""
    return find_packed_font() or find_system_font(FOLDERS)


def find_packed_font() -> Path | None:
    try:
        from pylopdf_fonts_zh_cn import sans_path
    except ImportError:  # who packages for himself may leave it out
        return None
    found = Path(sans_path())
    return found if found.is_file() else None


def find_system_font(folders: tuple[Path, ...]) -> Path | None:
    for name in NAMES:
        for folder in folders:
            found = next(iter(sorted(folder.rglob(name))), None) if folder.is_dir() else None
            if found:
                return found
    return None
