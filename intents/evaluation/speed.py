"""How fast one core understands, and how much memory the understanding holds.

Processor time of this thread is counted, so that neighbours on a busy machine are not.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from intents.evaluation.judging import NOW
from intents.interpreter import Interpreter

WARM_UP = 200


@dataclass(frozen=True, slots=True)
class Speed:
    messages: int
    p50_ms: float
    p99_ms: float
    per_second: float
    memory_mb: float
    """Resident memory of this process; 0 where the system does not tell."""


def measure_speed(interpreter: Interpreter, texts: Sequence[str]) -> Speed:
    for text in texts[:WARM_UP]:
        interpreter.understand(text, now=NOW)
    seconds = []
    for text in texts:
        began = time.thread_time()
        interpreter.understand(text, now=NOW)
        seconds.append(time.thread_time() - began)
    seconds.sort()
    total = sum(seconds)
    return Speed(
        len(seconds),
        round(seconds[len(seconds) // 2] * 1e3, 3),
        round(seconds[int(len(seconds) * 0.99)] * 1e3, 3),
        round(len(seconds) / total),
        round(_resident(), 1),
    )


def _resident() -> float:
    status = Path("/proc/self/status")
    if not status.exists():
        return 0.0
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024
