"""The command line: what it prints, what it refuses, and that a broken line never ends a stream."""

from __future__ import annotations

import json
import re
import shutil
import socket
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command
from typer.testing import CliRunner

from bot.archive import back_up
from bot.commands import HELP, app
from bot.database import open_database
from bot.reception import note_address
from bot.settings import Settings
from intents import Interpreter
from services.staff import ROLES


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WENJIN_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.delenv("WENJIN_ENV", raising=False)
    return tmp_path / "data"


def run(*words: str, input: str | None = None) -> tuple[int, str]:
    done = CliRunner().invoke(app, list(words), input=input)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.output


def test_parse_answers_line_for_line_also_for_a_broken_one(interpreter: Interpreter) -> None:
    lines = [
        '{"text": "我想挂骨科", "reference_time": "2026-03-11T09:00"}',
        "{broken",
        '{"text": 7}',
        '{"text": ""}',
    ]
    code, out = run("parse", input="\n".join(lines) + "\n")
    answers = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert answers[0]["intent"]["name"] == "book_appointment"
    assert [one.get("error") for one in answers[1:3]] == ["broken_json", "invalid"]
    assert "intent" in answers[3]


def test_parse_hears_the_context(interpreter: Interpreter) -> None:
    line = {"text": "明天", "reference_time": "2026-03-11T09:00", "context": {"requested_slot": "date"}}
    _, out = run("parse", input=json.dumps(line) + "\n")
    assert json.loads(out)["answer"] == {"date": "2026-03-12"}


def test_an_empty_line_has_its_answer_too(interpreter: Interpreter) -> None:
    for command in ("parse", "assess"):
        code, out = run(command, input='\n{"text": "你好"}\n \n')
        answers = [json.loads(line) for line in out.splitlines()]
        assert code == 0
        assert [one.get("error") for one in answers] == ["empty_body", None, "empty_body"]


def test_a_slot_that_no_flow_asks_for_is_refused_with_the_nearest_name(interpreter: Interpreter) -> None:
    line = {"text": "明天", "context": {"requested_slot": "dates"}}
    code, out = run("parse", input=json.dumps(line) + "\n")
    answer = json.loads(out.splitlines()[0])
    assert code == 1
    assert (answer["error"], answer["field"]) == ("unknown_slot", "context.requested_slot")
    assert answer["nearest"] == "date"
    assert "did you mean 'date'?" in out


def test_assess_answers_line_for_line() -> None:
    _, out = run("assess", input='{"text": "胸口压榨样疼，出大汗", "age": 60}\n{"text": "x", "sex": "?"}\n')
    first, second = (json.loads(line) for line in out.splitlines())
    assert first["level"] == "critical"
    assert second["field"] == "sex"


def test_doctor_lists_every_setting_and_hides_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WENJIN_API_TOKEN", "hidden-from-view")
    monkeypatch.setenv("WENJIN_DATABASE_URL", "postgresql://wenjin:hidden-too@localhost/wenjin")
    _, out = run("doctor", "--settings")
    for name in Settings.model_fields:
        assert f"WENJIN_{name.upper()}" in out
    assert "hidden" not in out


def test_a_wrong_setting_is_named_and_its_value_is_not_shown(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WENJIN_PORT", "none-such")
    code, out = run("db", "upgrade")
    assert code == 2
    assert "WENJIN_PORT" in out + capfd.readouterr().err


def test_a_backup_brings_back_what_was_lost(data: Path, tmp_path: Path) -> None:
    run("staff", "add", "anna", "--role", "manager")
    copy = tmp_path / "copy.db"
    assert run("db", "backup", str(copy))[0] == 0
    run("staff", "add", "berta")
    assert run("db", "restore", str(copy), "--yes")[0] == 0
    assert "new link for: anna" in run("staff", "add", "anna")[1]
    assert "account made: berta" in run("staff", "add", "berta")[1]
    assert run("db", "check") == (0, "没有损坏\n")


def test_the_database_speaks_chinese_and_english_where_it_is_wished(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = str(tmp_path / "copy.db")
    commands = [["upgrade"], ["upgrade"], ["backup", copy], ["restore", copy, "--yes"], ["check"]]
    chinese = [run("db", *words)[1] for words in commands]
    assert "升级了" in chinese[0] and "已经是最新" in chinese[1]
    assert all(re.search("[\u4e00-\u9fff]", one) for one in chinese)
    monkeypatch.setenv("WENJIN_LANGUAGE", "en")
    english = [run("db", *words)[1] for words in commands]
    assert "up to date" in english[0] and "no damage found" in english[-1]
    assert not any(re.search("[\u4e00-\u9fff]", one) for one in english)


def test_every_revision_and_every_piece_of_a_copy_is_shown(tmp_path: Path, data: Path) -> None:
    heard: list[tuple[int, int]] = []
    engine = open_database(Settings(), progress=lambda done, of: heard.append((done, of)))
    engine.dispose()
    assert [done for done, _ in heard] == list(range(1, heard[0][1] + 1))
    heard.clear()
    back_up(Settings(), tmp_path / "copy.db", progress=lambda done, of: heard.append((done, of)))
    assert heard[-1][0] == heard[-1][1] > 0


def test_what_is_no_backup_is_not_restored(data: Path, tmp_path: Path) -> None:
    run("db", "upgrade")
    wrong = tmp_path / "wrong.db"
    wrong.write_text("no database")
    assert run("db", "restore", str(wrong), "--yes")[0] == 1
    assert run("db", "check")[0] == 0


def test_a_database_without_its_key_gets_no_new_one(data: Path, tmp_path: Path) -> None:
    run("staff", "add", "anna")
    copy = tmp_path / "copy.db"
    run("db", "backup", str(copy))
    (data / "data.key").unlink()
    code, out = run("staff", "add", "berta")
    assert (code, "数据密钥" in out) == (1, True)
    code, out = run("db", "restore", str(copy), "--yes")
    assert (code, "注意：" in out) == (0, True)
    assert not (data / "data.key").exists()


def test_a_set_up_link_names_the_port_at_which_the_console_is_served(data: Path) -> None:
    assert "http://127.0.0.1:8000/console/setup/" in run("staff", "add", "anna")[1]
    note_address(Settings(port=8123))
    assert "http://127.0.0.1:8123/console/setup/" in run("staff", "add", "anna")[1]


def test_the_doctor_tries_the_key_on_the_database(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("staff", "add", "anna")
    assert "the data key opens it" in run("doctor")[1]
    monkeypatch.setenv("WENJIN_DATA_KEY", "another key of at least thirty-two characters")
    code, out = run("doctor")
    assert (code, "staff.name 打不开" in out) == (1, True)


def test_damage_is_found(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("staff", "add", "anna")
    monkeypatch.setenv("WENJIN_DATA_KEY", "another key of at least thirty-two characters")
    code, out = run("db", "check")
    assert code == 1
    assert "staff.name 打不开" in out


def test_the_world_is_not_changed_outside_tests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = tmp_path / "world.txt"
    world.write_text("世界: 骨科 3月13日上午 余0；rest:a 就诊人 张三\n甲 在 OPD-2F-US\n", encoding="utf-8")
    assert run("world", str(world))[0] == 2
    monkeypatch.setenv("WENJIN_ENV", "test")
    monkeypatch.setenv("WENJIN_NOW", "2026-03-11T09:00")
    assert run("world", str(world)) == (0, "2 世界 lines applied\n")
    world.write_text("世界: 没有这样的话\n", encoding="utf-8")
    assert run("world", str(world))[0] == 1


def test_each_line_of_the_world_that_cannot_be_done_is_named_by_its_number_and_nothing_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WENJIN_ENV", "test")
    monkeypatch.setenv("WENJIN_NOW", "2026-03-11T09:00")
    world = tmp_path / "world.txt"
    right = "rest:a 看过 张三 骨科 韦建江 3月5日\nrest:b 看过 李四 骨科 韦建江 3月5日\n"
    missed = "rest:c 未到 王五 骨科 3月5日\nrest:d 未到 赵六 骨科 3月5日\n往常 骨科 乱写\n"
    world.write_text(f"# 开头\n{right}没有这样的话\n{missed}", encoding="utf-8")
    code, told = run("world", str(world))
    assert code == 1 and [line.partition(":")[0] for line in told.splitlines()] == ["line 4", "line 7"]
    world.write_text(
        right + missed.rpartition("往常")[0] + "rest:a 往常 张三 骨科 周三 9点3人\n" * 2, encoding="utf-8"
    )
    assert run("world", str(world)) == (0, "6 世界 lines applied\n")
    assert run("db", "check")[0] == 0, "nobody was seen in a place that was not there"


def test_accounts_are_listed_with_their_roles_and_a_wrong_role_names_the_right_ones() -> None:
    run("staff", "add", "anna", "--name", "韦药师", "--role", "pharmacy")
    told = run("staff", "list")[1]
    assert all(word in told for word in ("anna", "韦药师", "pharmacy", "no password yet"))
    told = run("staff", "add", "bob", "--role", "doctr")[1]
    assert "是不是「doctor」" in told and "lead" in told


def test_a_transcript_that_differs_ends_with_1_and_an_update_mends_only_what_was_said(tmp_path: Path) -> None:
    file = tmp_path / "talk.txt"
    file.write_text("# 谢谢\n> 谢谢\n< 错的一句\n! appointments 0\n", encoding="utf-8")
    code, out = run("transcript", str(file))
    assert code == 1
    assert "- 错的一句" in out
    run("transcript", str(file), "--update")
    assert run("transcript", str(file))[0] == 0
    text = file.read_text(encoding="utf-8")
    assert "错的一句" not in text
    assert text.endswith("! appointments 0\n")


def test_a_port_in_use_is_said_before_anything_is_loaded() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        code, _ = run("run", "--port", str(taken.getsockname()[1]))
    assert code == 1


def test_the_knowledge_is_checked_and_goes_through_a_workbook_unchanged(
    tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hospital = shutil.copytree(root / "knowledge" / "guijiang", tmp_path / "guijiang")
    monkeypatch.setenv("WENJIN_HOSPITAL_DIR", str(hospital))
    assert run("knowledge", "check")[0] == 0
    book = str(tmp_path / "hospital.xlsx")
    assert run("knowledge", "export", book)[0] == 0
    code, out = run("knowledge", "import", book)
    assert code == 0
    assert "0 处改动" in out


@pytest.mark.parametrize(
    ("words", "environment", "told"),
    [
        (["db", "upgrade"], {"WENJIN_DATABASE_URL": "nonsense"}, "WENJIN_DATABASE_URL"),
        (["db", "upgrade"], {"WENJIN_DATABASE_URL": "mysql://x/y"}, "WENJIN_DATABASE_URL"),
        (
            ["report", "monthly"],
            {"WENJIN_DATABASE_URL": "postgresql://u:secret@127.0.0.1:1/x"},
            "Connection refused",
        ),
        (["db", "upgrade"], {"WENJIN_DATABASE_URL": "sqlite:////proc/none/x.db"}, "unable to open"),
        (["db", "upgrade"], {"WENJIN_DATA_DIR": "/proc/none"}, "/proc/none"),
        (["parse"], {"WENJIN_MODEL_DIR": "/proc/none"}, "wenjin train"),
        (["transcript", "binary"], {}, "UTF-8"),
        (["staff", "add", "bob", "--role", "king"], {}, "没有这个角色"),
        (["tokens", "add", "lis", "--scopes", "all"], {}, "没有这个范围"),
    ],
)
def test_what_is_wrong_outside_is_told_in_a_line_never_by_a_traceback(
    words: list[str],
    environment: dict[str, str],
    told: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    for name, value in {"WENJIN_DATA_DIR": str(tmp_path / "data"), **environment}.items():
        monkeypatch.setenv(name, value)
    done = CliRunner().invoke(app, words, input="{}\n")
    assert done.exit_code == 1, done.output
    assert isinstance(done.exception, SystemExit), done.exception
    assert told in done.output
    assert "secret" not in done.output
    assert "Traceback" not in done.output


def test_every_command_and_every_option_is_explained_in_chinese_and_in_english() -> None:
    lacking, paths = list[str](), set[str]()

    def walk(command: Any, path: str) -> None:
        paths.add(path)
        if not (re.search(r"[一-鿿]", command.short_help or "") and "\n\n" in command.help):
            lacking.append(path)
        for one in command.params:
            told = getattr(one, "help", None)
            if (
                told
                and one.name not in ("help", "install_completion", "show_completion")
                and " · " not in told
            ):
                lacking.append(f"{path} {one.name}")
        for name, following in getattr(command, "commands", {}).items():
            walk(following, f"{path} {name}".strip())

    walk(get_command(app), "")
    assert lacking == []
    assert set(yaml.safe_load(HELP.read_text(encoding="utf-8"))) == paths


def test_the_help_names_every_role() -> None:
    _, told = run("staff", "add", "--help")
    assert [role for role in ROLES if role not in told] == []
    assert "建一个账号" in told and "Makes an account" in told


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("no.xlsx", None, "没有这个文件"),
        ("bad.xlsx", "hello", "打不开"),
        ("columns.csv", "甲,乙\n1,2\n", "没找到表头"),
    ],
)
def test_a_list_that_cannot_be_read_is_refused_in_chinese(
    tmp_path: Path, name: str, text: str | None, said: str
) -> None:
    if text is not None:
        (tmp_path / name).write_text(text, encoding="utf-8")
    for command in ("followups", "herbs"):
        code, told = run(command, "import", str(tmp_path / name))
        assert code == 1 and said in told, told
        assert not re.search(r"[A-Za-z]{4,} [a-z]{3,}", told.replace(str(tmp_path), ""))
