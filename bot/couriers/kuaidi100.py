"""kuaidi100 快递100: its real-time query, its subscription and the reports it pushes, in its own field names.

Sources: 实时查询 https://api.kuaidi100.com/document/5f0ffb5ebc8da837cbd8aefc (``poll/query.do``: form fields
``customer``, ``sign`` = upper MD5 of param + key + customer, ``param``; asked more often than every half hour, a number is
locked), 订阅推送 (``poll``: ``schema``, ``param``; the report: form fields ``param`` and ``sign`` = MD5 of param + salt).
MD5 is what its protocol prescribes; what it protects is no more than a report about a parcel.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
from dataclasses import dataclass
from typing import Any

import httpx
import orjson
from pydantic import BaseModel, Field, ValidationError, field_validator

from services.couriers import Question, Tracking

SECONDS = 10
ACCOUNT = frozenset({"503", "600", "601"})
"""Wrong signature, no such key, expired: nothing a pharmacy could mend."""
FAULTS = {
    "500": "no_result",
    "408": "phone",
    "400": "unknown",
    "700": "unknown",
    "701": "unknown",
    "702": "unknown",
}
SUBSCRIBED = frozenset({"200", "501"})
"""Accepted; or asked for before."""
RESULT = "4"
"""``resultv2``: the finer states, with the codes of each step."""


class AccountRefused(Exception):
    """kuaidi100 does not accept customer or key; nothing is asked until somebody has looked."""


class TryAgain(Exception):
    """The network or the other side is down; it is asked again in the next round."""


class NoReport(Exception):
    """What was pushed is not signed with our salt, or cannot be read."""


class Step(BaseModel):
    """One line of a parcel's way; newest first."""

    context: str = ""
    time: str = ""
    ftime: str = ""
    status: str = ""

    @property
    def at(self) -> dt.datetime | None:
        for text in (self.ftime, self.time):
            try:
                return dt.datetime.fromisoformat(text).replace(tzinfo=None)
            except ValueError:
                continue
        return None


class Result(BaseModel):
    """The answer to a query, and ``lastResult`` of a report."""

    message: str = ""
    state: str = ""
    status: str = ""
    ischeck: str = ""
    com: str = ""
    nu: str = ""
    data: list[Step] = []
    result: bool | None = None
    return_code: str = Field("", alias="returnCode")

    @field_validator("state", "status", "ischeck", "return_code", mode="before")
    @classmethod
    def _as_text(cls, value: Any) -> str:
        return "" if value is None else str(value)  # a number in some answers, a text in others

    def to_tracking(self) -> Tracking:
        """``ischeck`` says the same as ``state`` 3 and is to be ignored, says its documentation."""
        steps = [(one.at, one) for one in self.data]
        newest = max(
            (one for one in steps if one[0]), key=lambda one: one[0] or dt.datetime.min, default=None
        )
        at, step = newest or (None, self.data[0] if self.data else Step())
        return Tracking(self.com, self.nu.upper(), self.state, step.context.strip(), at)


class Report(BaseModel):
    """What is pushed: the state of the watch and the last result."""

    status: str = ""
    """``polling``, ``shutdown`` (signed), ``abort`` (3 days unknown, 60 days unchanged, or another courier's)."""
    message: str = ""
    auto_check: str = Field("", alias="autoCheck")
    com_old: str | None = Field("", alias="comOld")
    com_new: str | None = Field("", alias="comNew")
    last_result: Result = Field(default_factory=Result, alias="lastResult")

    @field_validator("auto_check", mode="before")
    @classmethod
    def _as_text(cls, value: Any) -> str:
        return "" if value is None else str(value)


@dataclass(frozen=True, slots=True)
class Fault:
    """The courier has nothing to say: ``no_result``, ``phone``, ``unknown``."""

    code: str
    message: str


def sign_query(param: str, *, key: str, customer: str) -> str:
    return hashlib.md5(f"{param}{key}{customer}".encode(), usedforsecurity=False).hexdigest().upper()


def sign_report(param: str, *, salt: str) -> str:
    return hashlib.md5(f"{param}{salt}".encode(), usedforsecurity=False).hexdigest().upper()


def read_report(param: str, sign: str, *, salt: str) -> Report:
    """The report, if it is signed with our salt; else ``NoReport``."""
    if not hmac.compare_digest(sign.strip().upper().encode(), sign_report(param, salt=salt).encode()):
        raise NoReport("wrong signature")
    try:
        return Report.model_validate_json(param)
    except ValidationError as error:
        raise NoReport(f"unreadable: {error.error_count()} fields") from None


class Kuaidi100:
    """A client for one account. ``http`` is closed by whoever opened it."""

    def __init__(self, http: httpx.AsyncClient, *, customer: str, key: str, base_url: str):
        self.http, self.customer, self.key = http, customer, key
        self.base_url = base_url.rstrip("/")

    async def query(self, question: Question) -> Tracking | Fault:
        """Raises ``TryAgain`` and ``AccountRefused``."""
        param = {
            "com": question.code,
            "num": question.number,
            "resultv2": RESULT,
            "show": "0",
            "order": "desc",
        }
        if question.phone:
            param["phone"] = question.phone
        text = orjson.dumps(param).decode()
        sign = sign_query(text, key=self.key, customer=self.customer)
        data = await self._post("/poll/query.do", {"customer": self.customer, "sign": sign, "param": text})
        if data.result is False or data.return_code not in ("", "200"):
            return self._read_fault(data)
        if not data.state and not data.data:
            return Fault("no_result", data.message)
        tracking = data.to_tracking()
        return Tracking(
            tracking.code or question.code, question.number, tracking.state, tracking.note, tracking.at
        )

    async def subscribe(self, question: Question, *, callback: str, salt: str) -> Fault | None:
        """Asks it to report the parcel to ``callback``; ``None`` where it will."""
        wanted = {"callbackurl": callback, "salt": salt, "resultv2": RESULT, "autoCom": "0"}
        if question.phone:
            wanted["phone"] = question.phone
        param = {"company": question.code, "number": question.number, "key": self.key, "parameters": wanted}
        data = await self._post("/poll", {"schema": "json", "param": orjson.dumps(param).decode()})
        return None if data.return_code in SUBSCRIBED else self._read_fault(data)

    def _read_fault(self, data: Result) -> Fault:
        if data.return_code in ACCOUNT:
            raise AccountRefused(data.return_code)
        if data.return_code in ("501", "502"):
            raise TryAgain(data.return_code)
        return Fault(FAULTS.get(data.return_code, "unknown"), data.message)

    async def _post(self, path: str, form: dict[str, str]) -> Result:
        try:
            answer = await self.http.post(f"{self.base_url}{path}", data=form, timeout=SECONDS)
            answer.raise_for_status()
            return Result.model_validate_json(answer.content)
        except (httpx.HTTPError, ValidationError) as error:
            raise TryAgain(
                type(error).__name__
            ) from None  # an error's text would hold the number and the key
