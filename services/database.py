"""The engine, the schema's upgrade, and the column types and statements that SQLite and PostgreSQL share."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from pydantic import NaiveDatetime
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Dialect, Engine, make_url
from sqlalchemy.pool import StaticPool
from sqlmodel import Field, Session, SQLModel

from services.cipher import blind, seal, set_cipher, unseal

__all__ = [
    "Encrypted",
    "Record",
    "blind",
    "connect_reading",
    "insert_new",
    "make_engine",
    "set_cipher",
    "upgrade",
]

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_SECONDS = 5
WAL_TRIES = 100
UPGRADE_LOCK = 727_001
"""PostgreSQL advisory lock: of several processes starting at once, one upgrades and the others wait."""


class Encrypted(sa.TypeDecorator[str]):
    """Text that lies encrypted in its column: ``Field(sa_type=Encrypted("patient.phone"))``.

    It cannot be searched or sorted; for finding by equality add a column filled with ``blind(value, purpose)``.
    """

    impl = sa.LargeBinary
    cache_ok = True

    def __init__(self, purpose: str) -> None:
        super().__init__()
        self.purpose = purpose

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        return None if value is None else seal(value.encode(), self.purpose)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        return None if value is None else unseal(value, self.purpose).decode()


class Record(SQLModel):
    """What every table of the hospital begins with. Times are naive local time of the hospital."""

    id: int = Field(default=None, primary_key=True)
    hospital_id: str = Field(max_length=40)
    created_at: NaiveDatetime

    @property
    def subject(self) -> str:
        """``"appointment:12"``: how any other table names this record."""
        return f"{self.__tablename__}:{self.id}"

    def __repr__(self) -> str:
        """Never the fields: a log or a traceback would show identity data."""
        return f"<{self.subject}>"

    __str__ = __repr__


def make_engine(url: str, *, pool_size: int = 10) -> Engine:
    """An engine for ``sqlite:///file``, ``sqlite://`` (memory) or ``postgresql://…``.

    SQLite runs in WAL with ``synchronous=FULL`` (a committed turn survives a power cut) and begins every
    transaction with ``BEGIN IMMEDIATE``: a transaction that reads first and writes later would otherwise fail with
    "database is locked" at once, whatever the busy timeout. Who only reads takes ``connect_reading``.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
        return sa.create_engine(parsed, pool_size=pool_size, max_overflow=0, pool_pre_ping=True)
    options: dict[str, Any] = {"pool_size": pool_size, "max_overflow": 0}
    if not parsed.database or parsed.database == ":memory:":
        options = {"poolclass": StaticPool}
    arguments = {"timeout": BUSY_SECONDS, "check_same_thread": False, "isolation_level": None}
    engine = sa.create_engine(parsed, connect_args=arguments, **options)
    sa.event.listen(engine, "connect", _set_pragmas)
    sa.event.listen(engine, "begin", _begin)
    return engine


def connect_reading(engine: Engine) -> Connection:
    """A connection beside the writers that does not queue for the lock; what writes there is refused by the database."""
    return engine.connect().execution_options(read_only=True, postgresql_readonly=True)


def _set_pragmas(connection: Any, _: Any) -> None:
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    _use_wal(cursor)
    cursor.close()


def _use_wal(cursor: Any) -> None:
    """A new file is switched to WAL by one; SQLite answers the others "locked" at once, without the busy timeout."""
    for left in range(WAL_TRIES, -1, -1):
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError:
            if not left:
                raise
            time.sleep(BUSY_SECONDS / WAL_TRIES)


def _begin(connection: Connection) -> None:
    read_only = connection.get_execution_options().get("read_only", False)
    connection.exec_driver_sql(f"PRAGMA query_only={int(read_only)}")
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


def make_config(connection: Connection | None = None) -> Any:
    """Alembic's configuration without an ini file, so that it works from an installed package."""
    from alembic.config import Config  # 0.2 s that only an upgrade needs

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def upgrade(engine: Engine, *, progress: Callable[[int, int], None] | None = None) -> None:
    """Brings the schema to the newest revision, all or nothing; safe when several processes start at once.

    ``progress`` hears after each revision how many are done, and of how many.
    """
    from alembic import command

    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(UPGRADE_LOCK)))
        config = make_config(connection)
        if progress is not None:
            steps, wanted = count(1), _count_revisions(connection, config)
            config.attributes["on_step"] = lambda **_: progress(next(steps), wanted)
        command.upgrade(config, "head")


def _count_revisions(connection: Connection, config: Any) -> int:
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    here = MigrationContext.configure(connection).get_current_revision() or "base"
    return len(list(ScriptDirectory.from_config(config).iterate_revisions("head", here)))


def insert_new(
    connection: Connection | Session,
    table: type[SQLModel] | sa.Table,
    rows: Mapping[str, Any] | Sequence[Mapping[str, Any]],
) -> sa.CursorResult[Any]:
    """``INSERT … ON CONFLICT DO NOTHING``: a row that breaks a unique constraint is left out, silently;
    the result's ``rowcount`` says how many were new (on PostgreSQL only because it is asked for)."""
    name = connection.get_bind().dialect.name if isinstance(connection, Session) else connection.dialect.name
    dialect: Any = postgresql if name == "postgresql" else sqlite
    target = table if isinstance(table, sa.Table) else table.__table__  # type: ignore[attr-defined]
    statement = dialect.insert(target).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
    return connection.execute(statement, rows)  # type: ignore[return-value]
