"""Copies of the database, and the search for damage."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import URL, Engine, make_url

from bot.database import NoKey, open_database
from bot.saying import Refused, Saying
from bot.settings import Settings
from services.database import connect_reading, make_engine, upgrade

Progress = Callable[[int, int], None]
"""How much is done, and of how much."""
PAGES = 2_000
"""Copied between two words of progress: 8 MB."""


class ArchiveError(Refused):
    """A copy could not be made or put back; the message says why."""


def back_up(settings: Settings, file: Path, *, progress: Progress | None = None) -> int:
    """Writes a consistent copy while others read and write; returns its size in bytes."""
    url = make_url(settings.url)
    draft = file.with_name(f"{file.name}.part")
    if url.get_backend_name() == "sqlite":
        if not Path(url.database or "").exists():
            raise ArchiveError(f"没有数据库 {url.database}", f"there is no database {url.database}")
        draft.unlink(missing_ok=True)
        with (
            closing(sqlite3.connect(url.database or "")) as source,
            closing(sqlite3.connect(draft)) as target,
        ):
            # one snapshot is held: a copy in pieces would begin anew with every write of another
            source.execute("BEGIN")
            source.execute("SELECT count(*) FROM sqlite_master").fetchone()
            source.backup(target, pages=PAGES, progress=_count_pages(progress))
    else:
        _run("pg_dump", "--format=custom", f"--file={draft}", url=url)
    draft.chmod(0o600)
    draft.replace(file)
    return file.stat().st_size


def _count_pages(progress: Progress | None) -> Callable[[int, int, int], None] | None:
    if progress is None:
        return None
    return lambda _, left, total: progress(total - left, total)


def restore(settings: Settings, file: Path, *, progress: Progress | None = None) -> Path | None:
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
        _upgrade(settings, progress)
        return None
    _check_copy(file)
    path = Path(url.database or "")
    kept: Path | None = None
    if path.exists():
        _refuse_if_used(path)
        kept = path.with_name(f"{path.stem}-{datetime.now():%Y%m%d-%H%M%S}{path.suffix}")
        back_up(settings, kept, progress=progress)
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
    _upgrade(settings, progress)
    return kept


def _upgrade(settings: Settings, progress: Progress | None) -> None:
    """Needs no data key: a copy is put back also where its key is still to come."""
    engine = make_engine(settings.url)
    try:
        upgrade(engine, progress=progress)
    finally:
        engine.dispose()


def find_damage(settings: Settings, *, progress: Progress | None = None) -> list[Saying]:
    """Everything wrong that can be found without knowing what happened; empty where all is well."""
    try:
        engine = open_database(settings)
    except NoKey as error:
        return [error.saying]
    except Exception as error:
        name = type(error).__name__
        return [Saying(f"数据库打不开：{name}", f"the database does not open: {name}")]
    searches = (_file_damage, _oversold, _sealed)
    found: list[Saying] = []
    try:
        for done, search in enumerate(searches):
            if progress is not None:
                progress(done, len(searches))
            found += search(engine)
    finally:
        engine.dispose()
    return found


def _file_damage(engine: Engine) -> Iterator[Saying]:
    if engine.dialect.name != "sqlite":
        return
    with connect_reading(engine) as connection:
        for (line,) in connection.exec_driver_sql("PRAGMA integrity_check"):
            if line != "ok":
                yield Saying(f"文件：{line}", f"file: {line}")
        for row in connection.exec_driver_sql("PRAGMA foreign_key_check"):
            yield Saying(
                f"引用：{row[0]} 第 {row[1]} 行指着不存在的 {row[2]}",
                f"reference: {row[0]} row {row[1]} names a {row[2]} that is not there",
            )


def _oversold(engine: Engine) -> Iterator[Saying]:
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
                yield Saying(
                    f"号源 {slot_id}：给出 {counted} 个，只有 {capacity} 个",
                    f"slot {slot_id}: {counted} places given, capacity {capacity}",
                )
            elif counted > taken:
                yield Saying(
                    f"号源 {slot_id}：给出 {counted} 个，只记了 {taken} 个",
                    f"slot {slot_id}: {counted} places given, {taken} counted",
                )


def find_unopened(settings: Settings) -> list[Saying]:
    """What of the database does not open with the data key that is here; all of it where there is none."""
    try:
        engine = open_database(settings)
    except NoKey as error:
        return [error.saying]
    try:
        return find_sealed(engine)
    finally:
        engine.dispose()


def find_sealed(engine: Engine) -> list[Saying]:
    return list(_sealed(engine))


def _sealed(engine: Engine) -> Iterator[Saying]:
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
                    name, why = f"{table.name}.{column.name}", type(error).__name__
                    yield Saying(
                        f"{name} 打不开：{why}（是不是另一个数据密钥？）",
                        f"{name} does not open: {why} (another data key?)",
                    )


def _check_copy(file: Path) -> None:
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
            answer = connection.execute("PRAGMA integrity_check").fetchone()
            known = connection.execute(
                "SELECT count(*) FROM sqlite_master WHERE name = 'conversation_state'"
            ).fetchone()
    except sqlite3.DatabaseError as error:
        raise ArchiveError(
            f"{file} 不是 SQLite 数据库：{error}", f"{file} is no SQLite database: {error}"
        ) from None
    if answer != ("ok",) or known != (1,):
        raise ArchiveError(f"{file} 不是本系统完整的备份", f"{file} is no whole backup of this program")


def _refuse_if_used(path: Path) -> None:
    with closing(sqlite3.connect(path, timeout=0.5)) as connection:
        try:
            # leaving WAL wants the file alone: it fails while any other process has it open
            mode = connection.execute("PRAGMA journal_mode=DELETE").fetchone()
        except sqlite3.OperationalError:
            mode = None
    if mode != ("delete",):
        raise ArchiveError(f"{path} 正在使用：请先停下服务", f"{path} is in use: stop the assistant first")


def _run(program: str, *arguments: str, url: URL) -> None:
    """A PostgreSQL tool; the password goes by environment, never by command line."""
    if shutil.which(program) is None:
        raise ArchiveError(
            f"PostgreSQL 要用 {program}，这台机器没有装",
            f"{program} is needed for PostgreSQL and is not installed",
        )
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
        raise ArchiveError(f"{program}：{done.stderr.strip()}", f"{program}: {done.stderr.strip()}")
