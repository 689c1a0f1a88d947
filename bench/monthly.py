"""The month's report over a million complaints, with its workbook: how long, and how much memory."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import Session

from bench.figures import figure
from knowledge import load_hospital
from services import Desk
from services.contacts import get_or_create_contact
from services.database import Encrypted, make_engine, set_cipher, upgrade
from services.grievances import Complaint

NOW = datetime(2026, 3, 31, 20, 0)
KEY = "a key for benchmarks only, of no use"
ROWS = 1_000_000
SMALL = 10_000
PIECE = 20_000


def measure(folder: Path, *, rows: int = ROWS) -> list[dict[str, object]]:
    small = run(make_month(folder / "small.db", SMALL))
    seconds, megabytes = run(make_month(folder / "month.db", rows))
    return [
        figure(f"the month's report over {rows:,} complaints, workbook and all", seconds, "s", at_most=10),
        figure(f"its memory beyond that over {SMALL:,}", megabytes - small[1], "MB", at_most=60),
    ]


def make_month(file: Path, rows: int) -> Path:
    """A database whose March has so many complaints; each row is what filing and answering leave behind."""
    set_cipher(KEY.encode())
    hospital = load_hospital()
    engine = make_engine(f"sqlite:///{file}")
    upgrade(engine)
    drawn = random.Random(727)
    table: sa.Table = Complaint.__table__  # type: ignore[attr-defined]
    sealed = Encrypted("complaint.text").process_bind_param("排队等了两个小时，没有人管", engine.dialect)
    categories = hospital.complaints.categories
    departments = [one.name for one in hospital.departments]
    places = [code.name for code in hospital.place_codes]
    with Session(engine) as session:
        desk = Desk(session, hospital, NOW)
        contacts = [get_or_create_contact(desk, channel="rest", sender=str(one)).id for one in range(200)]
        session.commit()
    columns = [one.name for one in table.columns if one.name != "id"]
    statement = f"INSERT INTO complaint ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"

    def make(number: int) -> tuple[object, ...]:
        filed = datetime(2026, 3, 1) + timedelta(minutes=44_000 * number / rows)
        category = drawn.choice(categories)
        contacted = filed + timedelta(hours=drawn.expovariate(1 / 9))
        answered = contacted + timedelta(hours=drawn.expovariate(1 / 60))
        due = (filed + timedelta(days=7)).date()
        done = answered < NOW
        kind = drawn.choices(("complaint", "question", "suggestion", "praise"), (70, 10, 10, 10))[0]
        row = dict.fromkeys(columns)
        row |= {
            "hospital_id": hospital.id, "created_at": f"{filed:%Y-%m-%d %H:%M:%S.%f}", "kind": kind, "filed_as": kind,
            "contact_id": drawn.choice(contacts), "order_number": f"TC-202603-{number:08d}", "category": category.id,
            "team": category.team, "status": drawn.choice(("answered", "closed")) if done else "investigating",
            "text": sealed, "text_index": "", "place": drawn.choice(places), "department": drawn.choice(departments),
            "anonymous": drawn.random() < 0.4, "serious": drawn.random() < 0.02, "answer_due_on": f"{due}",
            "contact_due_at": f"{filed + timedelta(days=1):%Y-%m-%d %H:%M:%S.%f}", "reopened": drawn.random() < 0.05,
            "contacted_at": f"{contacted:%Y-%m-%d %H:%M:%S.%f}" if contacted < NOW else None,
            "first_answered_at": f"{answered:%Y-%m-%d %H:%M:%S.%f}" if done else None,
            "in_time": answered.date() <= due if done else None, "confirmed": done and drawn.random() < 0.5,
            "satisfaction": drawn.choice((None, 2, 3, 4, 5, 5)) if done else None,
        }  # fmt: skip
        return tuple(row.values())

    with engine.begin() as connection:
        for start in range(0, rows, PIECE):
            connection.exec_driver_sql(
                statement, [make(one) for one in range(start, min(start + PIECE, rows))]
            )
    engine.dispose()
    return file


def run(file: Path) -> tuple[float, float]:
    """Seconds and peak megabytes of `wenjin report monthly` in a process of its own."""
    code = (
        "import resource, sys; from bot.commands import app\n"
        "try: app(sys.argv[1:])\n"
        "finally: print('peak', resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    environment = {
        "PATH": "/usr/bin:/bin",
        "WENJIN_ENV": "test",
        "WENJIN_NOW": f"{NOW:%Y-%m-%dT%H:%M}",
        "WENJIN_DATABASE_URL": f"sqlite:///{file}",
        "WENJIN_DATA_DIR": str(file.parent / "data"),
        "WENJIN_DATA_KEY": KEY,
        "PYTHONPATH": str(Path(__file__).parents[1]),
    }
    began = time.perf_counter()
    words = ["report", "monthly", "--month", "2026-03", "-o", str(file.with_suffix(".xlsx"))]
    done = subprocess.run(
        [sys.executable, "-c", code, *words], env=environment, capture_output=True, text=True, check=True
    )
    took = time.perf_counter() - began
    peak = int(done.stdout.split("peak ")[1])
    # kilobytes on Linux, bytes on macOS
    return took, peak / 1024 if sys.platform != "darwin" else peak / (1 << 20)


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        for one in measure(Path(name)):
            print(one)
