"""The reference page says of every route what it takes, from our own server alone; `doctor --settings` lists every setting."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from bot.app import make_app
from bot.commands import app as commands
from bot.settings import Settings
from tests.bot.small_house import small_house


async def read_pages(folder: Path) -> tuple[str, dict[str, dict[str, object]]]:
    with small_house(folder) as house:
        transport = httpx.ASGITransport(app=make_app(house, delivery=False), client=("127.0.0.1", 4000))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
            return (await http.get("/docs")).text, (await http.get("/openapi.json")).json()["paths"]


async def test_every_route_for_other_systems_is_described_with_the_fields_of_its_body(tmp_path: Path) -> None:
    page, paths = await read_pages(tmp_path)
    for path in (
        "discharges", "suspensions", "suspensions/lifted", "queue", "reports/ready", "sampling-results", "complaints/{complaint}/withdrawn", "herb-deliveries/{delivery}/events",
        "{type}", "{type}/{id}", "{type}/{id}/reveal", "types",
    ):  # fmt: skip
        assert f"/api/v1/{path}" in paths
        assert f"<code>/api/v1/{path}</code>" in page
    for field in ("external_id", "items[].abnormal", "cursor", "tracking_number", "wait_minutes"):
        assert f"<code>{field}</code>" in page
    assert not re.search(r"(src|href)=[\"']?(https?:)?//", page)
    assert "<script" not in page


async def test_every_route_says_what_it_does(tmp_path: Path) -> None:
    _, paths = await read_pages(tmp_path)
    silent = [
        f"{method} {path}"
        for path, methods in paths.items()
        for method, one in methods.items()
        if isinstance(one, dict) and path.startswith("/api/") and not one.get("description")
    ]
    assert silent == []


def test_the_doctor_lists_every_setting_and_what_it_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "300")
    listed = CliRunner().invoke(commands, ["doctor", "--settings"]).stdout
    for name, field in Settings.model_fields.items():
        assert f"WENJIN_{name.upper()}" in listed
        assert field.description, name


def test_every_variable_that_code_or_documents_name_is_a_setting(root: Path) -> None:
    known = {f"WENJIN_{name.upper()}" for name in Settings.model_fields}
    for folder in ("bot", "services", "dialogues", "intents", "knowledge", "docs"):
        for file in sorted((root / folder).rglob("*")):
            if file.suffix in (".py", ".md"):
                named = set(re.findall(r"\bWENJIN_[A-Z][A-Z_]*[A-Z]\b", file.read_text(encoding="utf-8")))
                assert named <= known, (str(file), named - known)


async def test_every_reading_example_of_the_document_is_answered_as_it_says(
    tmp_path: Path, root: Path
) -> None:
    text = (root / "docs" / "api.md").read_text(encoding="utf-8")
    examples = re.findall(r"^GET (/api/\S+)(?:\s+→ (\d{3}))?", text, re.M)
    assert len(examples) >= 5
    with small_house(tmp_path) as house:
        transport = httpx.ASGITransport(app=make_app(house, delivery=False), client=("127.0.0.1", 4000))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
            for path, status in examples:
                answer = await http.get(path)
                wanted = int(status or (404 if path.endswith("/12") else 200))  # nobody has booked here
                assert answer.status_code == wanted, (path, answer.text)


async def test_every_telling_example_of_the_document_is_taken(tmp_path: Path, root: Path) -> None:
    text = (root / "docs" / "operations.md").read_text(encoding="utf-8")
    examples = re.findall(r"^`POST (/api/v1/[a-z-]+)`.*?```json\n(.*?)```", text, re.M | re.S)
    assert {path for path, _ in examples} >= {"/api/v1/discharges", "/api/v1/suspensions"}
    with small_house(tmp_path) as house:
        transport = httpx.ASGITransport(app=make_app(house, delivery=False), client=("127.0.0.1", 4000))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
            for path, body in examples:
                answer = await http.post(
                    path, content=body.encode(), headers={"content-type": "application/json"}
                )
                assert answer.status_code == 200, (path, answer.text)
