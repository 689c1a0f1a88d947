"""How staff get in: one-time links that set a password. There is no default password."""

from __future__ import annotations

from sqlmodel import Session

from bot.database import open_database
from bot.hours import hospital_hours
from bot.house import House
from bot.rooms import open_hospital
from bot.settings import Settings
from services import Desk, staff

FIRST = "admin"
ADDRESS = "console.address"
"""File of the data folder."""


def setup_address(settings: Settings, token: str) -> str:
    return f"{settings.address}/console/setup/{token}"


def note_address(settings: Settings) -> None:
    """Written down by whoever serves the console, so that `wenjin staff add` in another terminal names its port."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    (settings.data_dir / ADDRESS).write_text(settings.address + "\n", encoding="utf-8")


def recall_address(settings: Settings) -> Settings:
    """The settings with the address at which the console was served last, unless a setting names another."""
    noted = settings.data_dir / ADDRESS
    if {"public_url", "port"} & settings.model_fields_set or not noted.is_file():
        return settings
    return settings.model_copy(update={"public_url": noted.read_text("utf-8").strip()})


def find_first_link(house: House) -> str | None:
    """The set-up link of the first administrator, while nobody can log in yet; a new one at each start."""

    def work(session: Session) -> str | None:
        desk = house.desk(session, actor="start")
        known = staff.list_staff(desk)
        if any(one.password_hash for one in known):
            return None
        first = next((one for one in known if one.role == "admin"), None)
        if first is not None:
            return staff.make_setup_link(desk, staff_id=first.id)
        return staff.add_staff(desk, login=FIRST, name="管理员", role="admin")[1]

    token = house.writers.call(lambda: house.writers.transaction(work))
    return None if token is None else setup_address(house.settings, token)


def make_link(settings: Settings, *, login: str, name: str, role: str) -> tuple[str, bool]:
    """The set-up link of an account, made if it is not there yet, and whether it was made."""
    hospital = open_hospital(settings)
    engine = open_database(settings)
    try:
        with Session(engine, expire_on_commit=False) as session:
            now = hospital_hours(hospital.timezone, frozen=settings.now)()
            desk = Desk(session=session, hospital=hospital, now=now, actor="command")
            known = staff.find_staff(desk, login=login.strip().lower())
            if known is not None:
                token = staff.make_setup_link(desk, staff_id=known.id)
            else:
                token = staff.add_staff(desk, login=login, name=name, role=role)[1]
            session.commit()
            return setup_address(recall_address(settings), token), known is None
    finally:
        engine.dispose()
