"""Drafts the next revision from the difference between the revisions and the models: read it before committing."""

from __future__ import annotations

import sys

from alembic import command
from sqlalchemy.engine import Engine

from services.database import MIGRATIONS, make_config, make_engine, upgrade


def draft(engine: Engine, message: str) -> None:
    """Writes ``versions/NNNN_message.py`` after the highest number there."""
    upgrade(engine)
    number = 1 + max((int(one.name[:4]) for one in (MIGRATIONS / "versions").glob("[0-9]*.py")), default=0)
    config = make_config()
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.revision(config, message, autogenerate=True, rev_id=f"{number:04d}")
    for path in (MIGRATIONS / "versions").glob(f"{number:04d}_*.py"):
        lines = path.read_text("utf-8").splitlines(keepends=True)
        path.write_text("".join(line for line in lines if "### " not in line), "utf-8")


if __name__ == "__main__":
    draft(make_engine("sqlite://"), " ".join(sys.argv[1:]) or "change")
