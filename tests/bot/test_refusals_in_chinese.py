"""Whatever the API refuses, it says why in Chinese: whoever connects a hospital's system reads it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from bot.app import make_app
from bot.transcripts import Theatre
from tests.conftest import NOW

CHINESE = re.compile(r"[\u4e00-\u9fff]")
GIVEN = {"ApiError": 1, "error_response": 1, "_wrong": 1}
"""Call → which argument is the sentence."""


@pytest.fixture(scope="module")
def client(theatre: Theatre) -> Iterator[TestClient]:
    with theatre.stage(NOW) as (house, _):
        yield TestClient(make_app(house), base_url="http://127.0.0.1", client=("127.0.0.1", 5000))


def find_sentences(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Each sentence that is written where it is said, with its line; a part that is filled in is left out."""
    for node in ast.walk(tree):
        name = getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""
        if name in GIVEN and len(node.args) > GIVEN[name]:
            given = node.args[GIVEN[name]]
            parts = [
                one.value
                for one in ast.walk(given)
                if isinstance(one, ast.Constant) and isinstance(one.value, str)
            ]
            if parts:
                yield node.lineno, "".join(parts)


def test_every_sentence_of_a_refusal_is_chinese(root: Path) -> None:
    found = [
        (path.relative_to(root), line, text)
        for path in (root / "bot").rglob("*.py")
        for line, text in find_sentences(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert len(found) > 40
    assert [one for one in found if len(one[2]) > 1 and not CHINESE.search(one[2])] == []


@pytest.mark.parametrize(
    ("method", "path", "sent", "status"),
    [
        ("GET", "/api/v1/nothing-like-it", {}, 404),
        ("GET", "/no-such-page-of-the-api", {}, 404),
        ("DELETE", "/api/v1/types", {}, 405),
        (
            "POST",
            "/api/v1/discharges",
            {"content": b"{", "headers": {"content-type": "application/json"}},
            400,
        ),
        ("POST", "/api/v1/discharges", {"json": {"external_id": "1", "patient_name": "a\0b"}}, 422),
        ("POST", "/api/v1/discharges", {"json": {"external_id": 1}}, 422),
        ("POST", "/api/v1/queue", {"json": {"external_id": "1", "order_number": "A", "ahead": {}}}, 422),
        ("POST", "/api/v1/patient/1/reveal", {"json": {"field": "phone", "reason": "核对电话"}}, 403),
        ("GET", "/maps/nowhere/9F.svg", {}, 404),
        ("GET", "/crowding/没有/2026-03-12.svg", {}, 404),
        ("GET", "/api/v1/appointment?limit=0", {}, 422),
        ("POST", "/model/parse", {"json": {"text": 1}}, 422),
        ("POST", "/triage/assess", {"json": {"text": "头疼", "age": "很大"}}, 422),
        ("POST", "/webhooks/rest/webhook", {"json": {"sender": "", "message": "你好"}}, 422),
    ],
)
def test_a_refusal_speaks_chinese_whoever_raised_it(
    client: TestClient, method: str, path: str, sent: dict[str, Any], status: int
) -> None:
    answer = client.request(method, path, **sent)
    refusal = answer.json()
    assert answer.status_code == status, answer.text
    assert CHINESE.search(refusal["message"]) and not re.search(
        r"\b(the|is|not|no|must)\b", refusal["message"]
    )


def test_an_unknown_institution_comes_with_those_that_may_refer(client: TestClient) -> None:
    body = {
        "external_id": "R1",
        "institution": "nobody",
        "patient_name": "张三",
        "id_number": "1",
        "department": "骨科",
    }
    refusal = client.post("/api/v1/referrals", json=body).json()
    assert (refusal["error"], refusal["field"]) == ("unknown_institution", "institution")
    known = client.app.state.house.hospital.registration.quotas.institutions  # type: ignore[attr-defined]
    assert refusal["allowed"] == [one.id for one in known]
