"""`wenjin privacy export | erase` as an officer of the hospital uses them."""

from __future__ import annotations

import datetime as dt
import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, SQLModel
from typer.testing import CliRunner

from bot.commands import app
from bot.database import open_database
from bot.disclosure import read_words
from bot.settings import Settings
from bot.transcripts.world import change_world
from knowledge import Hospital
from services import Desk
from services.contacts import find_contact
from services.database import connect_reading
from services.history import list_changes, list_reveals
from services.holdings import HOLDINGS
from services.messages import receive
from services.patients import list_patients
from tests.conftest import NOW
from tests.services.builders import make_child, make_id_number

WORLD = "骨科 3月13日下午 余5；甲 已约 张三 骨科 3月13日下午；甲 投诉 OPD-2F-US 等了三个小时没人理；乙 已约 李四 骨科 3月13日下午"


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hospital: Hospital) -> Iterator[Engine]:
    """甲 has an appointment, a complaint and a conversation; 乙 an appointment."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WENJIN_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("WENJIN_ENV", "test")
    monkeypatch.setenv("WENJIN_NOW", NOW.isoformat())
    engine = open_database(Settings(_env_file=None))  # type: ignore[call-arg]
    with Session(engine) as session:
        desk = Desk(session, hospital, NOW)
        change_world(desk, WORLD, channel="rest")
        receive(desk, channel="rest", sender="甲", message_id="1", body={"text": "彩超室怎么走"})
        session.commit()
    yield engine
    engine.dispose()


def run(*words: str, input: str | None = None) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["privacy", *words], input=input)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


def is_known(engine: Engine, hospital: Hospital, sender: str) -> bool:
    with Session(engine) as session:
        return find_contact(Desk(session, hospital, NOW), channel="rest", sender=sender) is not None


def patient_number(engine: Engine, hospital: Hospital, sender: str) -> int:
    with Session(engine) as session:
        desk = Desk(session, hospital, NOW)
        contact = find_contact(desk, channel="rest", sender=sender)
        assert contact is not None
        return list_patients(desk, contact_id=contact.id)[0].id


def test_the_copy_is_readable_whole_and_for_nobody_else(engine: Engine, tmp_path: Path) -> None:
    code, said = run("export", "--contact", "rest:甲", "-o", "copy.json")
    assert code == 0, said
    data = json.loads((tmp_path / "copy.json").read_text())
    assert data["就诊人"][0]["姓名"] == "张三"
    assert data["您发来的消息"][0]["内容"]["text"] == "彩超室怎么走"
    assert data["吐槽、咨询、建议和表扬"][0]["办理经过"][0]["新状态"] == "已收到"
    assert data["预约挂号"][0]["状态"] == "已预约" and data["预约挂号"][0]["时段"] == "下午"
    assert "李四" not in str(data)
    cover = (tmp_path / "copy.txt").read_text()
    assert "个人信息副本说明" in cover and "账号 rest:甲" in cover and "预约挂号：1 条" in cover
    for name in ("copy.json", "copy.txt"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


def test_every_table_and_column_has_a_name_that_a_patient_understands() -> None:
    words = read_words()
    for one in HOLDINGS:
        table = str(one.model.__tablename__)
        assert table in words["tables"]
        shown = set(SQLModel.metadata.tables[table].c.keys()) - set(one.hidden) - {"hospital_id"}
        assert shown <= set(words["columns"]), table


def test_a_copy_is_written_down_with_who_took_it_and_why(
    engine: Engine, hospital: Hospital, tmp_path: Path
) -> None:
    assert CliRunner().invoke(app, ["staff", "add", "wang", "--name", "王"]).exit_code == 0
    number = str(patient_number(engine, hospital, "甲"))
    code, said = run("export", "--patient", number, "--by", "wang", "--reason", "窗口申请", "-o", "copy.json")
    assert code == 0, said
    assert "就诊人 张*" in (tmp_path / "copy.txt").read_text()
    with Session(engine) as session:
        look = list_reveals(Desk(session, hospital, NOW))[0]
        assert (look.record, look.actor, look.reason) == (f"patient:{number}", "staff:1", "窗口申请")
    assert run("export", "--patient", number, "--by", "nobody", "-o", "copy.json")[0] == 1


def test_what_is_still_to_happen_is_told_and_nothing_is_erased(engine: Engine, hospital: Hospital) -> None:
    code, said = run("erase", "--contact", "rest:甲", "--yes")
    assert code == 1
    assert "预约 GH" in said and "2026-03-13" in said and "--cancel-open" in said
    assert is_known(engine, hospital, "甲")


def test_erasing_asks_for_the_name_again(engine: Engine, hospital: Hospital) -> None:
    code, _ = run("erase", "--contact", "rest:甲", "--cancel-open", input="rest:乙\n")
    assert code == 1 and is_known(engine, hospital, "甲")
    code, said = run("erase", "--contact", "rest:甲", "--cancel-open", input="rest:甲\n")
    assert code == 0 and "已取消：预约 GH" in said
    assert not is_known(engine, hospital, "甲") and is_known(engine, hospital, "乙")
    with connect_reading(engine) as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []


def test_a_script_may_erase_twice(engine: Engine, hospital: Hospital) -> None:
    number = str(patient_number(engine, hospital, "甲"))
    for _ in range(2):
        assert run("erase", "--contact", "rest:甲", "--cancel-open", "--yes")[0] == 0
        assert run("erase", "--patient", number, "--yes")[0] == 0
    with Session(engine) as session:
        desk = Desk(session, hospital, NOW)
        contact = find_contact(desk, channel="rest", sender="乙")
        assert contact is not None and list_changes(desk, record=contact) == []


def test_the_file_of_the_database_does_not_hold_the_name_of_the_contact_any_more(
    tmp_path: Path, engine: Engine, hospital: Hospital
) -> None:
    """Long, so that what is written in its place is too short to cover it."""
    sender = "wx-" + "unmistakable-4711-" * 8
    with Session(engine) as session:
        desk = Desk(session, hospital, NOW)
        receive(desk, channel="rest", sender=sender, message_id="1", body={"text": "你好"})
        session.commit()
    assert b"unmistakable-4711" in read_files(tmp_path / "data")
    assert run("erase", "--contact", f"rest:{sender}", "--yes")[0] == 0
    assert b"unmistakable-4711" not in read_files(tmp_path / "data")


def read_files(folder: Path) -> bytes:
    return b"".join(one.read_bytes() for one in folder.glob("wenjin.db*"))


@pytest.mark.parametrize(
    "words",
    [
        ("export", "-o", "copy.json"),
        ("export", "--contact", "rest:甲", "--patient", "1", "-o", "copy.json"),
        ("erase", "--yes"),
        ("erase", "--patient", "甲", "--yes"),
    ],
)
def test_it_must_be_said_whose_data_is_meant(engine: Engine, words: tuple[str, ...], tmp_path: Path) -> None:
    assert run(*words)[0] == 2
    assert not (tmp_path / "copy.json").exists()


def test_of_whom_nothing_is_held_is_said_so(engine: Engine) -> None:
    code, said = run("export", "--contact", "web:nobody", "-o", "copy.json")
    assert code == 1 and "没有查到 web:nobody" in said
    assert run("erase", "--patient", "9999", "--yes")[0] == 0


def test_a_guardians_number_stands_for_the_child_and_says_whose(
    engine: Engine, hospital: Hospital, tmp_path: Path
) -> None:
    guardian = make_id_number(dt.date(1990, 5, 1))
    with Session(engine) as session:
        desk = Desk(session, hospital, NOW)
        contact = find_contact(desk, channel="rest", sender="甲")
        assert contact is not None
        child = make_child(desk, contact.id, guardian=guardian)
        session.commit()
        number = child.id
    code, said = run("export", "--patient", "-", "-o", "copy.json", input=f"{guardian}\n")
    assert code == 0 and f"赵*满（就诊人 {number}，孩子，用监护人的证件登记）" in said
    assert json.loads((tmp_path / "copy.json").read_text())["就诊人"][0]["姓名"] == "赵小满"
    code, said = run("erase", "--patient", "-", "--yes", input=f"{guardian}\n")
    assert code == 0 and "赵*满" in said
    assert "没有查到" in run("export", "--patient", "-", "-o", "copy.json", input=f"{guardian}\n")[1]
