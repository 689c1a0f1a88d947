"""A fresh demonstration hospital for each transcript: one template database a day of beginning, copied."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from pydantic import SecretStr

from bot.bell import Bell
from bot.hours import MovingHours
from bot.house import House, open_days, open_house
from bot.settings import Settings
from bot.writers import Writers
from services.database import make_engine, set_cipher, upgrade

KEY = SecretStr("a key for transcripts only, of no use to anybody")
"""Always the same, so that order numbers, which are made from it, are the same in every performance."""


class Theatre:
    """Hospital, language model and dialogues loaded once; a stage for each transcript."""

    def __init__(self, settings: Settings | None = None):
        self._folder = tempfile.TemporaryDirectory(prefix="wenjin-transcripts-")
        self._path = Path(self._folder.name)
        base = settings or Settings()
        self._settings = base.model_copy(
            update={
                "env": "test",
                "data_dir": self._path,
                "database_url": f"sqlite:///{self._path / 'first.db'}",
                "data_key": KEY,
            }
        )
        self.house = open_house(self._settings)
        self._templates: dict[str, Path] = {}
        self._count = 0

    @contextmanager
    def stage(self, now: datetime) -> Iterator[tuple[House, MovingHours]]:
        """A house on its own database whose slots are open from ``now``, and the hours to move it on."""
        self._count += 1
        set_cipher(self._settings.read_key())  # another house of this process may have set its own
        path = self._path / f"{self._count}.db"
        shutil.copyfile(self._template(now), path)
        hours = MovingHours(now)
        house = self._house_on(path, hours)
        try:
            yield house, hours
        finally:
            house.close()
            for leftover in self._path.glob(f"{path.name}*"):
                leftover.unlink()

    def close(self) -> None:
        self.house.close()
        self._folder.cleanup()

    def _template(self, now: datetime) -> Path:
        day = now.date().isoformat()
        if day not in self._templates:
            path = self._path / f"day-{day}.db"
            self._copy_empty(path)
            house = self._house_on(path, MovingHours(datetime.combine(now.date(), datetime.min.time())))
            open_days(house)
            with house.engine.connect() as connection:
                connection.exec_driver_sql("COMMIT")
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            house.close()
            self._templates[day] = path
        return self._templates[day]

    def _copy_empty(self, path: Path) -> None:
        engine = make_engine(f"sqlite:///{path}")
        upgrade(engine)
        engine.dispose()

    def _house_on(self, path: Path, hours: MovingHours) -> House:
        engine = make_engine(f"sqlite:///{path}")
        return replace(
            self.house, engine=engine, writers=Writers(engine), now=hours, channels={}, bell=Bell()
        )
