"""Understanding in process, and how long training takes."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path

from bench.figures import figure
from intents import load_interpreter
from intents.training import train
from knowledge import load_hospital

NOW = datetime(2026, 3, 11, 9, 0)
TEXTS = (
    "我妈想挂明天上午的骨科",
    "下周三下午消化内科有号吗，最好是主任",
    "彩超室怎么走，从门诊大厅出发",
    "胸口压着疼，出了一身大汗",
    "我的中药寄到哪了，快递单号多少",
    "等了三个小时都没人理，太差了",
    "张三，电话10000001234，后天上午陪我奶奶看眼科，她坐轮椅",
    "取消吧，不去了",
    "今天天气怎么样",
    "好的",
)
ROUNDS = 60


def measure(folder: Path) -> list[dict[str, object]]:
    hospital = load_hospital()
    began = time.perf_counter()
    train(hospital, folder / "model")
    trained = time.perf_counter() - began
    interpreter = load_interpreter(hospital, folder / "model")
    for text in TEXTS:
        interpreter.understand(text, now=NOW)
    seconds = []
    for _ in range(ROUNDS):
        for text in TEXTS:
            began = time.perf_counter()
            interpreter.understand(text, now=NOW)
            seconds.append(time.perf_counter() - began)
    seconds.sort()
    return [
        figure("training the language model", trained, "s", at_most=30),
        figure("understanding with all slots, p50", seconds[len(seconds) // 2] * 1e3, "ms", at_most=0.8),
        figure("understanding with all slots, p99", seconds[int(len(seconds) * 0.99)] * 1e3, "ms"),
    ]
