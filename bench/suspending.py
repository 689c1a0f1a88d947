"""A storm closes the clinics: a thousand sessions are suspended at once, and every patient hears of it exactly once."""

from __future__ import annotations

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from bench.figures import figure
from knowledge import Hospital, load_hospital
from services import Desk, outbox, promises
from services.contacts import Contact
from services.database import make_engine, set_cipher, upgrade
from services.errors import WrongState
from services.patients import Patient
from services.promises import Promise, claim_due, keep
from services.registration import BOOKED, Appointment
from services.slots import Slot
from services.suspensions import SuspensionNotice, suspend_session

NOW = datetime(2026, 3, 11, 9, 0)
SESSIONS, EACH, THREADS, CLOCKS = 1000, 2, 8, 2
DAY = date(2026, 3, 12)
WRITER = threading.Lock()
"""As in the house: on SQLite one transaction writes at a time, whoever asks."""


def measure(folder: Path) -> list[dict[str, object]]:
    set_cipher(b"a key for benchmarks only, of no use")
    hospital = load_hospital()
    engine = make_engine(f"sqlite:///{folder / 'suspending.db'}", pool_size=THREADS + 4)
    upgrade(engine)
    with Session(engine, expire_on_commit=False) as session:
        _fill(session, hospital)
        session.commit()

    def suspend(number: int) -> None:
        with WRITER, Session(engine, expire_on_commit=False) as session:
            suspend_session(Desk(session, hospital, NOW, "api"), doctor_id=f"doctor-{number}", date=DAY)
            session.commit()

    began = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(suspend, [*range(SESSIONS), *range(0, SESSIONS, 10)]))  # one in ten is said twice
    suspending = time.perf_counter() - began

    def run_clock(_: int) -> None:
        while _tell_some(engine, hospital):
            pass

    began = time.perf_counter()
    with ThreadPoolExecutor(CLOCKS) as pool:
        list(pool.map(run_clock, range(CLOCKS)))
    telling = time.perf_counter() - began
    with Session(engine) as session:
        told = Counter(session.scalars(sa.select(outbox.OutboxMessage.contact_id)))  # type: ignore[call-overload]
        notices = session.scalar(sa.select(sa.func.count()).select_from(SuspensionNotice))
    engine.dispose()
    wrong = SESSIONS * EACH - sum(count == 1 for count in told.values())
    assert notices == SESSIONS * EACH, notices
    return [
        figure(f"{SESSIONS} sessions of {EACH} patients suspended, {THREADS} at once", suspending, "s"),
        figure(f"{SESSIONS * EACH} patients told by {CLOCKS} clocks", telling, "s"),
        figure("patients not told exactly once", wrong, "", at_most=0),
    ]


def _tell_some(engine: sa.Engine, hospital: Hospital) -> int:
    with WRITER, Session(engine, expire_on_commit=False) as session:
        due = [one.id for one in claim_due(Desk(session, hospital, NOW, "clock"), limit=50)]
        session.commit()
    for promise_id in due:
        with WRITER, Session(engine, expire_on_commit=False) as session:
            desk = Desk(session, hospital, NOW, "clock")
            one = promises.get_promise(desk, promise_id=promise_id)
            try:
                keep(desk, promise_id=promise_id)
            except WrongState:
                continue
            outbox.post(desk, contact_id=one.contact_id, replies=[{"text": one.kind}])
            session.commit()
    return len(due)


def _fill(session: Session, hospital: Hospital) -> None:
    """``SESSIONS`` doctors with one slot each and ``EACH`` patients booked in it."""
    common: dict[str, Any] = {"hospital_id": hospital.id, "created_at": NOW - timedelta(days=1)}
    at: dict[str, Any] = {
        "department": "骨科",
        "title": "主治医师",
        "clinic": "general",
        "date": DAY,
        "period": "morning",
        "start": datetime(2026, 3, 12, 9, 0),
        "end": datetime(2026, 3, 12, 9, 30),
        "fee": 10,
    }
    for number in range(SESSIONS):
        who: dict[str, Any] = {"doctor_id": f"doctor-{number}", "doctor": f"医生{number}"}
        slot = Slot(**common, **at, **who, capacity=EACH, taken=EACH, status="busy")
        contacts = [Contact(**common, channel="web", sender=f"{number}-{each}") for each in range(EACH)]
        session.add_all([slot, *contacts])
        session.flush()
        patients = [
            Patient(
                **common,
                contact_id=one.id,
                person=f"person-{one.id}",
                name="张三",
                relation="本人",
                sex="male",
                birth="1980-01-01",
            )
            for one in contacts
        ]
        session.add_all(patients)
        session.flush()
        session.add_all(
            Appointment(
                **common,
                **at,
                **who,
                slot_id=slot.id,
                patient_id=one.id,
                contact_id=one.contact_id,
                person=one.person,
                status=BOOKED,
            )
            for one in patients
        )
    session.flush()
    assert session.scalar(sa.select(sa.func.count()).select_from(Promise)) == 0
