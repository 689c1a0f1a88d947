"""Order numbers: read out on a telephone without effort, guessed only with luck.

``GH260311-482913`` is a prefix, the day and six digits. The digits are the record's id sent through a keyed
permutation of 0 … 999,999, so they never collide within a million records, need no counter that every booking
would queue for, and tell nobody how many patients came today.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel, col, select

from services.database import blind, insert_new
from services.desk import Desk

HALF = 1000


class Counter(SQLModel, table=True):
    """Counts up without gaps, per day; where a rule wants numbers in a row (投诉 TC-20260311-0007)."""

    hospital_id: str = Field(primary_key=True, max_length=40)
    name: str = Field(primary_key=True, max_length=40)
    value: int = 0


def order_number(prefix: str, day: dt.date, record_id: int) -> str:
    return f"{prefix}{day:%y%m%d}-{scramble(record_id):06d}"


def scramble(number: int) -> int:
    """A permutation of 0 … 999,999 by a Feistel network of four rounds; the key is that of the blind index."""
    left, right = divmod(number % HALF**2, HALF)
    for step in range(4):
        left, right = right, (left + int(blind(f"{step}:{right}", "order_number")[:8], 16)) % HALF
    return left * HALF + right


def count_up(desk: Desk, *, name: str) -> int:
    """1, 2, 3 …; a second taker waits until the first has committed."""
    insert_new(desk.session, Counter, {"hospital_id": desk.hospital_id, "name": name, "value": 0})
    query = (
        sa.update(Counter)
        .where(col(Counter.hospital_id) == desk.hospital_id, col(Counter.name) == name)
        .values(value=col(Counter.value) + 1)
        .returning(col(Counter.value))
        .execution_options(synchronize_session=False)
    )
    return int(desk.session.execute(query).scalar_one())


def take_one(desk: Desk, *, name: str, limit: int, count: int = 1) -> bool:
    """Counts one more (or ``count``) under ``name`` unless that is more than ``limit``; of simultaneous takers the last
    one goes empty."""
    insert_new(desk.session, Counter, {"hospital_id": desk.hospital_id, "name": name, "value": 0})
    return _move(desk, name, count, col(Counter.value) <= limit - count)


def give_one_back(desk: Desk, *, name: str, count: int = 1) -> None:
    _move(desk, name, -count, col(Counter.value) >= count)


def read_count(desk: Desk, *, name: str) -> int:
    """How many are taken under ``name`` now."""
    query = select(Counter.value).where(Counter.hospital_id == desk.hospital_id, Counter.name == name)
    return desk.session.exec(query).one_or_none() or 0


def _move(desk: Desk, name: str, by: int, condition: Any) -> bool:
    query = (
        sa.update(Counter)
        .where(col(Counter.hospital_id) == desk.hospital_id, col(Counter.name) == name, condition)
        .values(value=col(Counter.value) + by)
        .execution_options(synchronize_session=False)
    )
    return desk.session.execute(query).rowcount == 1  # type: ignore[attr-defined]
