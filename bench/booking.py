"""Booking beside a hospital's past: one slot held and booked with a million appointments behind and 100,000 open slots
ahead; and 64 clients who want the same 500 places, ten thousand times.

The rows are written in bulk by SQL (names and numbers sealed once for all); what is measured goes through the services
as a patient's turn does, each booking committed to disk.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import Engine
from sqlmodel import Session, col

from bench.figures import figure
from knowledge import Hospital, load_hospital
from services import Desk
from services.appointments import book
from services.cipher import seal
from services.contacts import Contact
from services.database import make_engine, set_cipher, upgrade
from services.errors import ServiceError
from services.holds import hold_slot
from services.patients import Patient
from services.registration import Appointment
from services.slots import Slot

NOW = datetime(2026, 3, 11, 9, 0)
PAST, OPEN_SLOTS, PEOPLE = 1_000_000, 100_000, 50_000
BOOKINGS = 400
CLIENTS, PLACES, ATTEMPTS = 64, 500, 10_000
CHUNK = 20_000
DOCTORS = 400


def measure(
    folder: Path,
    *,
    past: int = PAST,
    open_slots: int = OPEN_SLOTS,
    people: int = PEOPLE,
    bookings: int = BOOKINGS,
    places: int = PLACES,
    attempts: int = ATTEMPTS,
) -> list[dict[str, object]]:
    set_cipher(b"a key for benchmarks only, of no use")
    hospital = load_hospital()
    engine = make_engine(f"sqlite:///{folder / 'booking.db'}", pool_size=CLIENTS + 4)
    upgrade(engine)
    began = time.perf_counter()
    fill(engine, hospital, past=past, open_slots=open_slots, people=people)
    filled = time.perf_counter() - began
    seconds = sorted(
        time_bookings(engine, hospital, bookings, people=people, step=open_slots // (bookings + 1))
    )
    outcomes, oversold, took = rush(engine, hospital, places=places, attempts=attempts, last_slot=open_slots)
    engine.dispose()
    other = sum(count for code, count in outcomes.items() if code not in ("booked", "full"))
    return [
        figure(f"{past:,} past appointments and {open_slots:,} slots written", filled, "s"),
        figure("booking one slot, p50", seconds[len(seconds) // 2] * 1e3, "ms", at_most=8),
        figure("booking one slot, p99", seconds[int(len(seconds) * 0.99)] * 1e3, "ms"),
        figure(
            f"{CLIENTS} clients, {attempts:,} attempts at {places} places: oversold", oversold, "", at_most=0
        ),
        figure("… errors other than taken", other, "", at_most=0),
        figure("… places given", outcomes["booked"], "", at_least=places),
        figure("… attempts a second", attempts / took, "/s"),
    ]


def fill(engine: Engine, hospital: Hospital, *, past: int, open_slots: int, people: int) -> None:
    """A hospital with a past: patients, kept appointments of the last year, open slots of the next weeks."""
    dice = random.Random(7)
    base = {"hospital_id": hospital.id, "created_at": NOW - timedelta(days=400)}
    name, phone = seal("张三".encode(), "patient.name"), seal(b"10000001234", "patient.phone")
    born = seal(b"1980-01-01", "patient.birth")
    _write(
        engine,
        Contact,
        (
            base
            | {
                "id": n,
                "channel": "web",
                "sender": f"bench-{n}",
                "language": "zh",
                "large_type": False,
                "reachable": True,
            }
            for n in range(1, people + 1)
        ),
    )
    _write(
        engine,
        Patient,
        (
            base
            | {
                "id": n,
                "contact_id": n,
                "relation": "本人",
                "name": name,
                "phone": phone,
                "birth": born,
                "person": f"person-{n}",
                "phone_index": f"phone-{n}",
                "sex": "male",
                "active": True,
                "id_kind": "citizen",
                "phone_confirmed_at": base["created_at"],
            }
            for n in range(1, people + 1)
        ),
        raw=True,
    )
    _write(engine, Slot, (base | _slot(n, NOW + timedelta(days=1), 8) for n in range(1, open_slots + 1)))
    kept = NOW - timedelta(days=365)
    _write(
        engine,
        Appointment,
        (
            base
            | _slot_facts(n % open_slots + 1, kept + timedelta(days=n % 360))
            | {
                "slot_id": n % open_slots + 1,
                "patient_id": (who := dice.randrange(1, people + 1)),
                "contact_id": who,
                "person": f"person-{who}",
                "order_number": f"GH-{n}",
                "status": "fulfilled",
                "extra": False,
                "reserved": False,
                "excused": False,
            }
            for n in range(past)
        ),
    )
    with engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("ANALYZE")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def _slot_facts(number: int, day: datetime) -> dict[str, object]:
    start = day.replace(hour=8, minute=0) + timedelta(minutes=30 * (number % 8))
    return {
        "doctor_id": f"doctor-{number % DOCTORS}",
        "doctor": "韦建江",
        "title": "主任医师",
        "department": "骨科",
        "date": start.date(),
        "period": "morning",
        "start": start,
        "end": start + timedelta(minutes=30),
        "clinic": "general",
        "fee": 10,
    }


def _slot(number: int, first: datetime, each_day: int) -> dict[str, object]:
    """Of each doctor eight a day, within the days on sale; beyond those as many doctors as it takes."""
    doctor, rest = divmod(number - 1, each_day * 13)
    day, piece = divmod(rest, each_day)
    start = (first + timedelta(days=day)).replace(hour=8, minute=0) + timedelta(minutes=30 * piece)
    facts = _slot_facts(0, start) | {"doctor_id": f"open-{doctor}", "start": start, "date": start.date()}
    return facts | {
        "id": number,
        "end": start + timedelta(minutes=30),
        "capacity": 4,
        "taken": 0,
        "status": "free",
        "reserved": 0,
    }


def _write(engine: Engine, model: type, rows: object, *, raw: bool = False) -> None:
    """In chunks; ``raw`` gives sealed columns as they are, which would otherwise be sealed one by one."""
    table: sa.Table = model.__table__  # type: ignore[attr-defined]
    if raw:
        table = sa.table(table.name, *(sa.column(one.name) for one in table.columns))  # type: ignore[assignment]
    chunk: list[dict[str, object]] = []
    for row in rows:  # type: ignore[attr-defined]
        chunk.append(row)
        if len(chunk) == CHUNK:
            _insert(engine, table, chunk)
            chunk = []
    if chunk:
        _insert(engine, table, chunk)


def _insert(engine: Engine, table: sa.Table, rows: list[dict[str, object]]) -> None:
    with engine.begin() as connection:
        connection.execute(sa.insert(table), rows)


def time_bookings(engine: Engine, hospital: Hospital, count: int, *, people: int, step: int) -> list[float]:
    """Seconds of each: a hold with the rules checked, the booking, the commit, as a contact does it."""
    seconds = []
    for number in range(1, count + 1):
        who = people - number
        began = time.perf_counter()
        _book(engine, hospital, slot_id=number * step, who=who)
        seconds.append(time.perf_counter() - began)
    return seconds


def _book(engine: Engine, hospital: Hospital, *, slot_id: int, who: int) -> None:
    with Session(engine, expire_on_commit=False) as session:
        desk = Desk(session, hospital, NOW, f"contact:{who}")
        hold = hold_slot(desk, slot_id=slot_id, contact_id=who, patient_id=who)
        book(desk, hold_id=hold.id, patient_id=who)
        session.commit()


def rush(
    engine: Engine, hospital: Hospital, *, places: int, attempts: int, last_slot: int
) -> tuple[Counter[str], int, float]:
    """What came of the attempts, how many places were sold beyond the capacity, and the seconds it took."""
    slots = list(range(last_slot - places // 4 + 1, last_slot + 1))
    outcomes: Counter[str] = Counter()
    lock, numbers = threading.Lock(), iter(range(attempts))

    def client(_: int) -> None:
        while True:
            with lock:
                number = next(numbers, None)
            if number is None:
                return
            outcome = _attempt(engine, hospital, slot_id=slots[number % len(slots)], who=number + 1)
            with lock:
                outcomes[outcome] += 1

    began = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(client, range(CLIENTS)))
    took = time.perf_counter() - began
    with Session(engine) as session:
        query = sa.select(sa.func.count()).select_from(Appointment)
        query = query.where(col(Appointment.slot_id).in_(slots), col(Appointment.status) == "booked")
        sold = int(session.execute(query).scalar_one())
    return outcomes, max(sold - places, 0), took


def _attempt(engine: Engine, hospital: Hospital, *, slot_id: int, who: int) -> str:
    """Tries again where SQLite let somebody wait too long, as the house does."""
    while True:
        try:
            _book(engine, hospital, slot_id=slot_id, who=who)
            return "booked"
        except ServiceError as error:
            return error.code
        except sa.exc.OperationalError as error:
            if "locked" not in str(error):
                return "failed"
