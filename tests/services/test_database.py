from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine
from sqlmodel import SQLModel

from services.cipher import Cipher, CipherError
from services.database import connect_reading, make_config, make_engine, upgrade
from services.numbers import scramble


def test_models_and_migrations_agree(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_every_table_of_records_belongs_to_a_hospital() -> None:
    for table in SQLModel.metadata.sorted_tables:
        assert "hospital_id" in table.columns, table.name
        assert not table.columns["hospital_id"].nullable


def test_the_schema_can_be_taken_back_and_put_up_again(tmp_path: Path) -> None:
    from alembic import command

    engine = make_engine(f"sqlite:///{tmp_path / 'a.db'}")
    upgrade(engine)
    with engine.begin() as connection:
        command.downgrade(make_config(connection), "base")
    assert sa.inspect(engine).get_table_names() == ["alembic_version"]
    upgrade(engine)
    assert "appointment" in sa.inspect(engine).get_table_names()


def test_upgrading_again_changes_nothing(engine: Engine) -> None:
    before = sorted(sa.inspect(engine).get_table_names())
    upgrade(engine)
    assert sorted(sa.inspect(engine).get_table_names()) == before


def test_four_processes_may_start_on_an_empty_database_at_once(tmp_path: Path) -> None:
    faults: list[BaseException] = []

    def start() -> None:
        engine = make_engine(f"sqlite:///{tmp_path / 'new.db'}")
        try:
            upgrade(engine)
        except BaseException as error:
            faults.append(error)
        finally:
            engine.dispose()

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert "slot" in sa.inspect(make_engine(f"sqlite:///{tmp_path / 'new.db'}")).get_table_names()


def test_sqlite_writes_to_disk_at_every_commit_and_checks_references(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'a.db'}")
    with engine.connect() as connection:
        settings = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000}


def test_two_who_read_first_and_write_later_do_not_lock_each_other_out(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'a.db'}")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE purse (coins INTEGER)")
        connection.exec_driver_sql("INSERT INTO purse VALUES (0)")

    def put() -> None:
        for _ in range(20):
            with engine.begin() as connection:
                coins = connection.exec_driver_sql("SELECT coins FROM purse").scalar_one()
                connection.exec_driver_sql("UPDATE purse SET coins = ?", (coins + 1,))

    threads = [threading.Thread(target=put) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT coins FROM purse").scalar_one() == 80


def test_a_reader_does_not_wait_for_a_writer(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'a.db'}")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE purse (coins INTEGER)")
    with engine.begin() as writer:
        writer.exec_driver_sql("INSERT INTO purse VALUES (1)")
        with connect_reading(engine) as reader:
            assert reader.exec_driver_sql("SELECT count(*) FROM purse").scalar_one() == 0


def test_a_reader_cannot_write_and_the_next_writer_can(engine: sa.Engine) -> None:
    with connect_reading(engine) as reader, pytest.raises(sa.exc.DBAPIError):
        reader.execute(sa.text("DELETE FROM contact"))
    for _ in range(12):  # the same connections come out of the pool again
        with engine.begin() as writer:
            writer.execute(sa.text("DELETE FROM contact"))


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)  # PostgreSQL rightly reads an empty table whole
def test_every_query_for_what_is_due_uses_its_index(desk: Any) -> None:
    from services.holds import expire_holds
    from services.outbox import claim_outbox
    from services.promises import claim_due

    connection, seen = desk.session.connection(), []

    def explain(_: Any, cursor: Any, statement: str, parameters: Any, *__: Any) -> None:
        if statement.startswith(("SELECT", "UPDATE")):
            cursor.execute("EXPLAIN QUERY PLAN " + statement, parameters)
            seen.append(" ".join(row[3] for row in cursor.fetchall()))

    sa.event.listen(connection, "before_cursor_execute", explain)
    expire_holds(desk)
    claim_due(desk)
    claim_outbox(desk)
    sa.event.remove(connection, "before_cursor_execute", explain)
    plans = "\n".join(seen)
    assert "SCAN" not in plans
    for index in ("ix_hold_expiry", "ix_promise_due", "ix_outbox_"):
        assert index in plans


def test_a_sealed_value_opens_only_with_its_key_and_in_its_place() -> None:
    cipher, other = Cipher(b"a" * 32), Cipher(b"b" * 32)
    sealed = cipher.seal("张三".encode(), "patient.name")
    assert cipher.unseal(sealed, "patient.name").decode() == "张三"
    assert cipher.seal("张三".encode(), "patient.name") != sealed
    with pytest.raises(CipherError):
        cipher.unseal(sealed, "patient.phone")
    with pytest.raises(CipherError):
        cipher.unseal(sealed[:-1] + bytes([sealed[-1] ^ 1]), "patient.name")
    with pytest.raises(CipherError):
        other.unseal(sealed, "patient.name")


def test_a_new_key_still_opens_what_the_retired_one_sealed() -> None:
    sealed = Cipher(b"a" * 32).seal(b"1", "x")
    renewed = Cipher(b"b" * 32, b"a" * 32)
    assert renewed.unseal(sealed, "x") == b"1"
    assert Cipher(b"b" * 32).unseal(renewed.seal(b"2", "x"), "x") == b"2"


def test_a_short_key_is_refused() -> None:
    with pytest.raises(CipherError):
        Cipher(b"short")


def test_order_numbers_never_collide_within_a_million_records() -> None:
    drawn = {scramble(number) for number in range(1, 3001)}
    assert len(drawn) == 3000
    assert all(0 <= one < 1_000_000 for one in drawn)
    assert sorted(drawn) != list(range(1, 3001))
