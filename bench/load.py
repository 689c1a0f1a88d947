"""A small HTTP load: keep-alive connections over plain sockets, so that the client costs little of the two cores."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds, and how many a second."""

    count: int
    p50: float
    p99: float
    per_second: float


def summarise(seconds: Sequence[float], *, wall: float) -> Timing:
    ordered = sorted(seconds)
    return Timing(
        count=len(ordered),
        p50=round(ordered[len(ordered) // 2] * 1e3, 2),
        p99=round(ordered[min(int(len(ordered) * 0.99), len(ordered) - 1)] * 1e3, 2),
        per_second=round(len(ordered) / wall, 1),
    )


def run_load(port: int, *, clients: int, turns: int, say: Callable[[int], str], prefix: str) -> Timing:
    """``clients`` people at once, each saying ``turns`` messages one after the other."""
    return asyncio.run(_run(port, clients, turns, say, prefix))


async def _run(port: int, clients: int, turns: int, say: Callable[[int], str], prefix: str) -> Timing:
    seconds: list[float] = []
    began = time.perf_counter()
    await asyncio.gather(*(_talk(port, f"{prefix}{one}", turns, say, seconds) for one in range(clients)))
    return summarise(seconds, wall=time.perf_counter() - began)


async def _talk(port: int, sender: str, turns: int, say: Callable[[int], str], seconds: list[float]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for turn in range(turns):
        body = json.dumps({"sender": sender, "message": say(turn)}, ensure_ascii=False).encode()
        began = time.perf_counter()
        writer.write(
            b"POST /webhooks/rest/webhook HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
            + f"content-length: {len(body)}\r\n\r\n".encode()
            + body
        )
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line.split(b":")[1])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length")
        )
        await reader.readexactly(length)
        seconds.append(time.perf_counter() - began)
        if b" 200 " not in head.split(b"\r\n", 1)[0]:
            raise RuntimeError(head.decode())
    writer.close()
