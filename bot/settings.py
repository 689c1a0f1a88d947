"""Everything a hospital may set, in one typed class; ``wenjin doctor --settings`` lists every one.

Values come from environment variables ``WENJIN_*`` and from a file ``.env`` in the working directory.
"""

from __future__ import annotations

import os
import secrets
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix="WENJIN_",
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        populate_by_name=True,
        hide_input_in_errors=True,
    )

    env: Literal["production", "test"] = Field(
        "production", description="test: allows WENJIN_NOW and `wenjin world`"
    )
    language: Literal["zh", "en"] = Field("zh", description="what `wenjin db` says; the rest speaks Chinese")
    data_dir: Path = Field(Path("data"), description="database, key, exports")
    database_url: str = Field(
        "", description="empty: a SQLite file in the data directory; or postgresql+psycopg://…"
    )
    data_key: SecretStr | None = Field(
        None, description="key of the encrypted columns; else made once in the data directory"
    )
    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8000, ge=0, le=65535, description="port to listen on")
    public_url: str = Field("", description="address patients reach us by (links, posters, webhooks)")
    embed_origins: tuple[Annotated[str, Field(pattern=r"^https?://[\w.\-]+(:\d+)?$")], ...] = Field(
        (), description="sites that may show the chat in a frame, as a JSON list of origins"
    )
    api_token: SecretStr | None = Field(
        None, description="bearer token of the HTTP API; without it loopback only"
    )
    hospital_dir: Path | None = Field(
        None, description="folder of the hospital's knowledge; default: the demonstration"
    )
    flow_dirs: tuple[Path, ...] = Field(
        (), description="a hospital's own flows and replies, as a JSON list of folders"
    )
    model_dir: Path | None = Field(None, description="folder of the language model; default: intents/model")
    console_idle_hours: float = Field(
        8, gt=0, le=168, description="staff who did nothing at the console for so long must log in again"
    )
    now: datetime | None = Field(None, description="tests only: freezes now")
    clock_seconds: float = Field(5, gt=0, le=300, description="how often the clock asks what is due")
    slot_days: int = Field(14, ge=1, le=60, description="how many days ahead appointments can be booked")
    lock_seconds: float = Field(8, ge=0, le=60, description="how long a turn waits for a locked database")
    turn_threads: int = Field(
        4, ge=1, le=32, description="turns at once on PostgreSQL (SQLite has one writer)"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="what is logged")
    log_json: bool = Field(False, description="logs as JSON lines")
    telegram_token: SecretStr | None = Field(
        None, description="token of the Telegram bot; without it no Telegram"
    )
    telegram_base_url: str = Field("", description="another Bot API server")
    telegram_webhook_secret: SecretStr | None = Field(
        None, description="set: webhook instead of long polling"
    )
    code_sender: Literal["console", "http"] = Field(
        "console", description="how phone codes go out; console: shown to staff (demonstration)"
    )
    code_url: str = Field("", description="http sender: the gateway that sends text messages")
    code_token: SecretStr | None = Field(None, description="http sender: bearer token of the gateway")
    duty_url: str = Field(
        "",
        description="gateway that tells staff on duty (text message, enterprise messenger); without it nobody",
    )
    duty_token: SecretStr | None = Field(None, description="bearer token of the gateway for staff on duty")
    wechat_app_id: str = Field("", description="WeChat official account: app id")
    wechat_app_secret: SecretStr | None = Field(None, description="WeChat official account: app secret")
    wechat_token: SecretStr | None = Field(
        None, description="WeChat official account: token of the server address"
    )
    wechat_aes_key: SecretStr | None = Field(None, description="WeChat official account: EncodingAESKey")
    wechat_base_url: str = Field("", description="another WeChat API address")

    kuaidi100_customer: str = Field("", description="快递100: company number; without it no courier is asked")
    kuaidi100_key: SecretStr | None = Field(None, description="快递100: authorisation key")
    kuaidi100_salt: SecretStr | None = Field(
        None, description="快递100: signs the reports it pushes to WENJIN_PUBLIC_URL; without it only queries"
    )
    kuaidi100_base_url: str = Field("https://poll.kuaidi100.com", description="another address of 快递100")

    @field_validator("api_token", "telegram_token", "data_key", mode="after")
    @classmethod
    def _not_blank(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not value.get_secret_value().strip():
            raise ValueError("must not be blank")
        return value

    @field_validator("data_key", mode="after")
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value().strip()) < 32:
            raise ValueError("must have at least 32 characters, e.g. from `openssl rand -base64 32`")
        return value

    @model_validator(mode="after")
    def _now_only_in_tests(self) -> Self:
        if self.now is not None and self.env != "test":
            raise ValueError("WENJIN_NOW freezes the clock and is refused unless WENJIN_ENV=test")
        return self

    @model_validator(mode="after")
    def _gateway_for_codes(self) -> Self:
        if self.code_sender == "http" and not self.code_url.startswith(("http://", "https://")):
            raise ValueError("WENJIN_CODE_SENDER=http wants the gateway's address in WENJIN_CODE_URL")
        return self

    @property
    def address(self) -> str:
        """Where a person reaches us: the public address, or the one we listen on."""
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::") else self.host
        return self.public_url.rstrip("/") or f"http://{host}:{self.port}"

    @cached_property
    def url(self) -> str:
        """The database's URL; for the default SQLite file its folder is made."""
        if self.database_url:
            return self.database_url
        self.data_dir.mkdir(parents=True, exist_ok=True)
        return f"sqlite:///{self.data_dir / 'wenjin.db'}"

    @property
    def key_file(self) -> Path:
        return self.data_dir / "data.key"

    def has_key(self) -> bool:
        """Whether there is a key already; `read_key` makes one where not."""
        return self.data_key is not None or self.key_file.exists()

    def read_key(self) -> bytes:
        """The key of the encrypted columns: from the environment, else from its file, which is made once.

        The file is created by exclusive open, so two processes that start together agree on one key.
        """
        if self.data_key is not None:
            return self.data_key.get_secret_value().strip().encode()
        self.data_dir.mkdir(parents=True, exist_ok=True)
        if not self.key_file.exists():
            draft = self.key_file.with_suffix(f".{os.getpid()}-{secrets.token_hex(4)}")
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(secrets.token_urlsafe(32) + "\n")
                file.flush()
                os.fsync(file.fileno())
            try:
                os.link(draft, self.key_file)  # whole or not at all, and only for the first
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        return self.key_file.read_bytes().strip()
