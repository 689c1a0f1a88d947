"""kuaidi100 on loopback: it checks what it is sent as the real one does, and answers in its own field names."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

CUSTOMER, KEY = "TEST0000000000000000000000000000", "testkey00000"


@dataclass
class CourierPeer:
    """Parcels by number: courier, the last digits of the phone it wants, the answer's state and steps."""

    parcels: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[dict[str, Any]] = field(default_factory=list)
    subscribed: list[dict[str, Any]] = field(default_factory=list)
    expired: bool = False
    down: bool = False
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def put(self, number: str, com: str, state: str, *steps: tuple[str, str], phone: str = "") -> None:
        """``steps``: time and words, newest first."""
        self.parcels[number] = {"com": com, "state": state, "steps": steps, "phone": phone}

    async def query(self, request: Request) -> Response:
        if self.down:
            return PlainTextResponse("bad gateway", status_code=502)
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        wanted = hashlib.md5((form["param"] + KEY + CUSTOMER).encode()).hexdigest().upper()
        if form["customer"] != CUSTOMER or form["sign"] != wanted:
            return refuse("503", "验证签名失败")
        if self.expired:
            return refuse("601", "POLL:KEY已过期")
        param = json.loads(form["param"])
        self.asked.append(param)
        parcel = self.parcels.get(param["num"])
        if parcel is None or parcel["com"] != param["com"]:
            return refuse("500", "查询无结果，请隔段时间再查")
        if parcel["phone"] and param.get("phone") != parcel["phone"]:
            return refuse("408", "快递公司参数异常：验证码错误")
        return JSONResponse(make_result(param["num"], parcel))

    async def poll(self, request: Request) -> Response:
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        param = json.loads(form["param"])
        if form.get("schema") != "json" or param["key"] != KEY:
            return refuse("600", "您不是合法的订阅者")
        known = any(one["number"] == param["number"] for one in self.subscribed)
        self.subscribed.append(param)
        if known:
            return JSONResponse({"result": False, "returnCode": "501", "message": "重复订阅"})
        return JSONResponse({"result": True, "returnCode": "200", "message": "提交成功"})


def refuse(code: str, message: str) -> JSONResponse:
    return JSONResponse({"result": False, "returnCode": code, "message": message})


def make_result(number: str, parcel: dict[str, Any]) -> dict[str, Any]:
    steps = [{"time": at, "ftime": at, "context": words, "status": "在途"} for at, words in parcel["steps"]]
    signed = parcel["state"] in ("3", "301")
    return {
        "message": "ok", "nu": number, "ischeck": "1" if signed else "0", "com": parcel["com"], "status": "200",
        "condition": "F00", "state": parcel["state"], "data": steps,
    }  # fmt: skip


def make_push(result: dict[str, Any], *, salt: str, **watch: Any) -> dict[str, str]:
    """The form that the real one posts to a callback."""
    body = {
        "status": "polling", "billstatus": "", "message": "", "autoCheck": "0", "comOld": "", "comNew": "",
        "lastResult": result,
    } | watch  # fmt: skip
    param = json.dumps(body, ensure_ascii=False)
    return {"param": param, "sign": hashlib.md5((param + salt).encode()).hexdigest().upper()}


@asynccontextmanager
async def courier_peer() -> AsyncIterator[CourierPeer]:
    """The server on a free port of loopback, as long as the context is open."""
    peer = CourierPeer()
    app = Starlette(
        routes=[
            Route("/poll/query.do", peer.query, methods=["POST"]),
            Route("/poll", peer.poll, methods=["POST"]),
        ]
    )
    server = uvicorn.Server(
        uvicorn.Config(app, port=0, log_level="critical", lifespan="off", timeout_graceful_shutdown=1)
    )
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    peer.port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield peer
    finally:
        server.should_exit = server.force_exit = True
        await task
