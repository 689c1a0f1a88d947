"""Copies of the database, and the search for damage."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import URL, Engine, make_url

from bot.database import NoKey, open_database
from bot.settings import Settings
from services.database import connect_reading, make_engine, upgrade


class ArchiveError(Exception):
    """A copy could not be made or put back; the message says why."""


def back_up(settings: Settings, file: Path) -> int:
    """Writes a consistent copy while others read and write; returns its size in bytes."""
    url = make_url(settings.url)
    draft = file.with_name(f"{file.name}.part")
    if url.get_backend_name() == "sqlite":
        if not Path(url.database or "").exists():
            raise ArchiveError(f"there is no database {url.database}")
        draft.unlink(missing_ok=True)
        with (
            closing(sqlite3.connect(url.database or "")) as source,
            closing(sqlite3.connect(draft)) as target,
        ):
            source.backup(target)
    else:
        _run("pg_dump", "--format=custom", f"--file={draft}", url=url)
    draft.chmod(0o600)
    draft.replace(file)
    return file.stat().st_size


def restore(settings: Settings, file: Path) -> Path | None:
    """Puts a copy in place of the database and brings its schema up to date; returns where the old one was kept."""
    url = make_url(settings.url)
    if url.get_backend_name() != "sqlite":
        _run(
            "pg_restore",
            "--clean",
            "--if-exists",
            "--single-transaction",
            f"--dbname={url.database}",
            str(file),
            url=url,
        )
        _upgrade(settings)
        return None
    _check_copy(file)
    path = Path(url.database or "")
    kept: Path | None = None
    if path.exists():
        _refuse_if_used(path)
        kept = path.with_name(f"{path.stem}-{datetime.now():%Y%m%d-%H%M%S}{path.suffix}")
        back_up(settings, kept)
    draft = path.with_name(f"{path.name}.part")
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(file, draft)
    draft.chmod(0o600)
    for leftover in (
        f"{path}-wal",
        f"{path}-shm",
    ):  # of the old file; beside the new one they would be damage
        Path(leftover).unlink(missing_ok=True)
    draft.replace(path)
    _upgrade(settings)
    return kept


def _upgrade(settings: Settings) -> None:
    """Needs no data key: a copy is put back also where its key is still to come."""
    engine = make_engine(settings.url)
    try:
        upgrade(engine)
    finally:
        engine.dispose()


def find_damage(settings: Settings) -> list[str]:
    """Everything wrong that can be found without knowing what happened; empty where all is well."""
    try:
        engine = open_database(settings)
    except Exception as error:
        return [f"the database does not open: {type(error).__name__}"]
    try:
        return [*_file_damage(engine), *_oversold(engine), *find_sealed(engine)]
    finally:
        engine.dispose()


def _file_damage(engine: Engine) -> Iterator[str]:
    if engine.dialect.name != "sqlite":
        return
    with connect_reading(engine) as connection:
        for (line,) in connection.exec_driver_sql("PRAGMA integrity_check"):
            if line != "ok":
                yield f"file: {line}"
        for row in connection.exec_driver_sql("PRAGMA foreign_key_check"):
            yield f"reference: {row[0]} row {row[1]} names a {row[2]} that is not there"


def _oversold(engine: Engine) -> Iterator[str]:
    """Slots whose count of places taken is not that of their appointments and holds."""
    query = sa.text(
        """SELECT s.id, s.capacity, s.taken,
                  (SELECT count(*) FROM appointment a WHERE a.slot_id = s.id
                     AND a.status NOT IN ('cancelled', 'proposed', 'waitlist'))
                + (SELECT count(*) FROM hold h WHERE h.slot_id = s.id AND h.status = 'held') AS counted
           FROM slot s WHERE s.taken > 0"""
    )
    with connect_reading(engine) as connection:
        for slot_id, capacity, taken, counted in connection.execute(query):
            if counted > capacity:
                yield f"slot {slot_id}: {counted} places given, capacity {capacity}"
            elif counted > taken:
                yield f"slot {slot_id}: {counted} places given, {taken} counted"


def find_unopened(settings: Settings) -> list[str]:
    """What of the database does not open with the data key that is here; all of it where there is none."""
    try:
        engine = open_database(settings)
    except NoKey as error:
        return [str(error)]
    try:
        return find_sealed(engine)
    finally:
        engine.dispose()


def find_sealed(engine: Engine) -> list[str]:
    return list(_sealed(engine))


def _sealed(engine: Engine) -> Iterator[str]:
    """One sealed value of each encrypted column is opened: a wrong key shows at once."""
    from sqlmodel import SQLModel

    from services.database import Encrypted

    with connect_reading(engine) as connection:
        for table in SQLModel.metadata.sorted_tables:
            for column in table.columns:
                if not isinstance(column.type, Encrypted):
                    continue
                try:
                    connection.execute(sa.select(column).where(column.is_not(None)).limit(1)).first()
                except Exception as error:
                    yield f"{table.name}.{column.name} does not open: {type(error).__name__} (another data key?)"


def _check_copy(file: Path) -> None:
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
            answer = connection.execute("PRAGMA integrity_check").fetchone()
            known = connection.execute(
                "SELECT count(*) FROM sqlite_master WHERE name = 'conversation_state'"
            ).fetchone()
    except sqlite3.DatabaseError as error:
        raise ArchiveError(f"{file} is no SQLite database: {error}") from None
    if answer != ("ok",) or known != (1,):
        raise ArchiveError(f"{file} is no whole backup of this program")


def _refuse_if_used(path: Path) -> None:
    with closing(sqlite3.connect(path, timeout=0.5)) as connection:
        try:
            # leaving WAL wants the file alone: it fails while any other process has it open
            mode = connection.execute("PRAGMA journal_mode=DELETE").fetchone()
        except sqlite3.OperationalError:
            mode = None
    if mode != ("delete",):
        raise ArchiveError(f"{path} is in use: stop the assistant first")


def _run(program: str, *arguments: str, url: URL) -> None:
    """A PostgreSQL tool; the password goes by environment, never by command line."""
    if shutil.which(program) is None:
        raise ArchiveError(f"{program} is needed for PostgreSQL and is not installed")
    values = {
        "PGHOST": url.host,
        "PGPORT": url.port,
        "PGUSER": url.username,
        "PGPASSWORD": url.password,
        "PGDATABASE": url.database,
    }
    environment = os.environ | {name: str(value) for name, value in values.items() if value}
    done = subprocess.run([program, *arguments], env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ArchiveError(f"{program}: {done.stderr.strip()}")
