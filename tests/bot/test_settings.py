"""Settings: what may be set, what is refused, and the key that is made once."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.hours import hospital_hours
from bot.settings import Settings


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("WENJIN_ENV", "WENJIN_NOW", "WENJIN_DATA_DIR", "WENJIN_DATABASE_URL", "WENJIN_DATA_KEY"):
        monkeypatch.delenv(name, raising=False)


def test_a_frozen_clock_is_refused_outside_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WENJIN_NOW", "2026-03-11T09:00")
    with pytest.raises(ValidationError, match="WENJIN_ENV=test"):
        Settings()
    monkeypatch.setenv("WENJIN_ENV", "test")
    assert Settings().now == datetime(2026, 3, 11, 9, 0)


def test_settings_are_read_from_a_dot_env_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("WENJIN_PORT=8123\nWENJIN_API_TOKEN=hidden-from-view\nOTHER=1\n")
    settings = Settings()
    assert settings.port == 8123
    assert settings.api_token is not None
    assert "hidden-from-view" not in repr(settings)


def test_a_frozen_hour_with_an_offset_is_told_in_hospital_time() -> None:
    now = hospital_hours("Asia/Shanghai", frozen=datetime.fromisoformat("2026-03-11T01:00:00+00:00"))
    assert now() == now() == datetime(2026, 3, 11, 9, 0)


def test_the_data_key_is_made_once_even_by_two_at_once_and_read_by_nobody_else(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: settings.read_key(), range(16)))
    assert len(keys) == 1
    assert len(keys.pop()) >= 32
    assert stat.S_IMODE(settings.key_file.stat().st_mode) == 0o600
    assert [file.name for file in (tmp_path / "data").iterdir()] == ["data.key"]


def test_a_data_key_from_the_environment_is_never_written_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WENJIN_DATA_KEY", "k" * 40)
    settings = Settings(data_dir=tmp_path / "data")
    assert settings.read_key() == b"k" * 40
    assert not settings.key_file.exists()


def test_a_short_data_key_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WENJIN_DATA_KEY", "short")
    with pytest.raises(ValidationError, match="32 characters"):
        Settings()


def test_every_setting_says_what_it_is_for() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []
