"""The server as it is run: second start, turns over REST at one and at eight clients, memory, a long conversation."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.figures import figure
from bench.load import run_load

SAID = (
    "你好",
    "我想挂骨科的号",
    "算了",
    "彩超室怎么走",
    "停车场在哪",
    "谢谢",
    "明天上午消化内科还有号吗",
    "取消",
    "医保怎么报销",
    "再见",
)
LONG = 10_000
WARM_UP = 60


def measure(folder: Path) -> list[dict[str, object]]:
    data = folder / "data"
    with serving(data) as (port, _, first):
        run_load(port, clients=1, turns=1, say=say, prefix="first")
    with serving(data) as (port, pid, second):
        run_load(port, clients=1, turns=WARM_UP, say=say, prefix="warm")
        one = run_load(port, clients=1, turns=600, say=say, prefix="one")
        eight = run_load(port, clients=8, turns=250, say=say, prefix="eight")
        early = run_load(port, clients=1, turns=100, say=say, prefix="long")
        run_load(port, clients=1, turns=LONG - 200, say=say, prefix="long")
        late = run_load(port, clients=1, turns=100, say=say, prefix="long")
        memory = resident(pid)
    return [
        figure("first start to first answer", first, "s"),
        figure("second start to first answer", second, "s", at_most=5),
        figure("turn over REST, 1 client, p50", one.p50, "ms", at_most=4),
        figure("turn over REST, 1 client, p99", one.p99, "ms", at_most=15),
        figure("turns, 8 clients", eight.per_second, "1/s", at_least=400),
        figure("turn over REST, 8 clients, p99", eight.p99, "ms", at_most=60),
        figure(f"turn {LONG} against turn 10, p50", late.p50 / early.p50, "×", at_most=1.3),
        figure("resident memory", memory, "MB", at_most=350),
    ]


def say(turn: int) -> str:
    return SAID[turn % len(SAID)]


@contextmanager
def serving(data: Path) -> Iterator[tuple[int, int, float]]:
    """A server on a free port; yields port, pid and the seconds from start to its first answer."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {"WENJIN_DATA_DIR": str(data), "WENJIN_LOG_LEVEL": "error"}
    began = time.perf_counter()
    server = subprocess.Popen(
        [sys.executable, "-c", "from bot.commands import app; app()", "run", "--port", str(port)],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_ready(server, port)
        run_load(port, clients=1, turns=1, say=say, prefix="start")
        yield port, server.pid, time.perf_counter() - began
    finally:
        server.terminate()
        server.wait(30)


def wait_ready(server: subprocess.Popen[bytes], port: int) -> None:
    while server.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/ready", timeout=5) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError("the server did not start; `wenjin run` says why")


def resident(pid: int) -> float:
    """Megabytes, from /proc; 0 where there is none."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return 0.0
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024
