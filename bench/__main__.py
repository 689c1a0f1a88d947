"""`make bench`: what a patient waits for and what a hospital's machine must hold, measured on this machine.

Every turn is committed to disk. The server runs as its own process, started as `wenjin run` starts it; the load comes
from here over loopback. Results go to bench/results.json.
"""

from __future__ import annotations

import json
import platform
import tempfile
import time
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench import booking, language, monthly, serving, slots, suspending

RESULTS = Path(__file__).with_name("results.json")
console = Console()


def main() -> None:
    figures: list[dict[str, object]] = []
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="wenjin-bench-") as folder:
        for part in (
            language.measure,
            serving.measure,
            slots.measure,
            suspending.measure,
            booking.measure,
            monthly.measure,
        ):
            with console.status(part.__module__):
                figures += part(Path(folder))
    table = Table("measured", "figure", "unit", "target", title="Wenjin")
    for one in figures:
        met = one.get("met")
        colour = "green" if met else "red" if met is False else "default"
        table.add_row(
            str(one["name"]), f"[{colour}]{one['value']}[/]", str(one["unit"]), str(one.get("target", ""))
        )
    console.print(table)
    machine = {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "system": platform.system(),
    }
    report = {
        "at": datetime.now().isoformat(timespec="seconds"),
        "seconds": round(time.perf_counter() - began, 1),
        "machine": machine,
        "figures": figures,
    }
    RESULTS.write_text(json.dumps(report, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    console.print(f"{RESULTS}")


if __name__ == "__main__":
    main()
