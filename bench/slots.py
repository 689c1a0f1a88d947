"""The last place of a slot, and how fast places are given."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

from sqlmodel import Session

from bench.figures import figure
from knowledge import load_hospital
from services import Desk
from services.contacts import get_or_create_contact
from services.database import make_engine, set_cipher, upgrade
from services.errors import Taken
from services.holds import hold_slot
from services.schedules import find_free_slots, open_slots

NOW = datetime(2026, 3, 11, 9, 0)
TAKERS = 64


def measure(folder: Path) -> list[dict[str, object]]:
    set_cipher(b"a key for benchmarks only, of no use")
    hospital = load_hospital()
    engine = make_engine(f"sqlite:///{folder / 'slots.db'}", pool_size=TAKERS + 4)
    upgrade(engine)
    with Session(engine, expire_on_commit=False) as session:
        desk = Desk(session, hospital, NOW)
        began = time.perf_counter()
        opened = open_slots(desk)
        session.commit()
        opening = time.perf_counter() - began
        contacts = [get_or_create_contact(desk, channel="rest", sender=str(one)).id for one in range(TAKERS)]
        slot = find_free_slots(desk, department="骨科", limit=1)[0]
        slot.taken = slot.capacity - 1
        session.add(slot)
        session.commit()
        slot_id = slot.id

    def take(contact_id: int) -> bool:
        with Session(engine, expire_on_commit=False) as session:
            try:
                hold_slot(Desk(session, hospital, NOW), slot_id=slot_id, contact_id=contact_id)
            except Taken:
                return False
            session.commit()
            return True

    began = time.perf_counter()
    with ThreadPoolExecutor(TAKERS) as pool:
        winners = sum(pool.map(take, contacts))
    took = time.perf_counter() - began
    engine.dispose()
    return [
        figure(f"opening {opened} slots", opening, "s"),
        figure(f"winners of the last place among {TAKERS}", winners, "", at_most=1),
        figure(f"{TAKERS} takers of the last place, all answered", took * 1e3, "ms"),
    ]
