"""The database of the settings, for the house and for commands that need nothing else of it."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy import Engine
from sqlalchemy.exc import ArgumentError

from bot.saying import Refused
from bot.settings import Settings
from services.database import make_engine, set_cipher, upgrade


class NoKey(Refused):
    """The database was written with a data key that is not here."""


def open_database(settings: Settings, *, progress: Callable[[int, int], None] | None = None) -> Engine:
    """The engine of the settings' database, brought up to date, with the key of its encrypted columns set; ``progress``
    hears of each revision."""
    backend = settings.url.partition(":")[0].partition("+")[0]
    if backend not in ("sqlite", "postgresql"):
        raise ArgumentError
    engine = make_engine(settings.url)
    refuse_new_key(settings, engine)
    set_cipher(settings.read_key())
    upgrade(engine, progress=progress)
    return engine


def refuse_new_key(settings: Settings, engine: Engine) -> None:
    """Raises `NoKey` where a key would be made for a database that has one already: nothing in it would open."""
    filled = not settings.has_key() and sa.inspect(engine).has_table("conversation_state")
    if filled and not settings.has_key():  # asked again: two starts at once make the key before the tables
        engine.dispose()
        raise NoKey(
            f"有数据库，没有它的数据密钥：请把写它时用的密钥放进 {settings.key_file}（或 WENJIN_DATA_KEY）；"
            "没有它，姓名、电话和对话都打不开",
            f"there is a database, but not its data key: put the key it was written with into {settings.key_file} "
            "(or WENJIN_DATA_KEY); without it names, telephones and conversations do not open",
        )
