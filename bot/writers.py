"""Where transactions run: one thread for SQLite (one writer never starves), a few for PostgreSQL.

Everything that changes the database goes through ``Writers``: turns, the clock, deliveries, the console. Within a
process turns therefore never meet on SQLite; against another process SQLite waits (``BEGIN IMMEDIATE`` and a busy
time-out) and we try again for a while.
"""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import TypeVar

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlmodel import Session

T = TypeVar("T")

# PostgreSQL: serialisation failure, deadlock, lock not available: the same work, tried again, succeeds
_TRY_AGAIN = {"40001", "40P01", "55P03"}


class Busy(Exception):
    """The database stayed locked for longer than a person should wait."""


class Writers:
    def __init__(self, engine: Engine, *, threads: int = 4, patience: float = 8.0):
        self.engine = engine
        self.patience = patience
        self.single = engine.dialect.name == "sqlite"
        self._name = f"writer-{id(self):x}"
        self._pool = ThreadPoolExecutor(1 if self.single else threads, thread_name_prefix=self._name)

    def transaction(self, work: Callable[[Session], T], *, patience: float | None = None) -> T:
        """Runs ``work`` in one transaction in this thread and commits; a locked database is tried again.

        ``work`` may run more than once, each time in a fresh session. Raises ``Busy`` when patience is over,
        and whatever ``work`` raises, after rolling back.
        """
        until = time.monotonic() + (self.patience if patience is None else patience)
        pause = 0.01
        while True:
            try:
                with self._session() as session:
                    result = work(session)
                    _commit(session)
                    return result
            except DBAPIError as error:
                if not is_passing(error):
                    raise
                if time.monotonic() >= until:
                    raise Busy from error
            time.sleep(pause * random.uniform(0.5, 1.5))
            pause = min(pause * 2, 0.3)

    def _session(self) -> AbstractContextManager[Session]:
        return Session(self.engine, expire_on_commit=False)

    def call(self, work: Callable[[], T]) -> T:
        """Runs ``work`` in the writing thread and waits for it; for synchronous callers outside it."""
        if threading.current_thread().name.startswith(self._name):
            return work()
        return self._pool.submit(work).result()

    async def run(self, work: Callable[[], T]) -> T:
        """Runs ``work`` in the writing thread without holding up the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    def close(self) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)


def _commit(session: Session) -> None:
    """Commits. Where that fails (disk full), the connection is thrown away: SQLAlchemy takes the transaction for
    ended and would put it back into the pool still holding SQLite's write lock."""
    try:
        session.commit()
    except BaseException:
        session.invalidate()
        raise


def is_passing(error: DBAPIError) -> bool:
    """A fault that the same work, tried again, may not meet: the database is locked or two turns crossed."""
    if getattr(error.orig, "sqlstate", None) in _TRY_AGAIN:
        return True
    text = str(error.orig).lower()
    return isinstance(error, OperationalError) and ("locked" in text or "busy" in text)
