"""One figure of a benchmark and whether it meets its target."""

from __future__ import annotations


def figure(
    name: str, value: float, unit: str, *, at_most: float | None = None, at_least: float | None = None
) -> dict[str, object]:
    """A row of the table; without a target it is only told."""
    one: dict[str, object] = {"name": name, "value": round(value, 2), "unit": unit}
    if at_most is not None:
        one |= {"target": f"≤ {at_most:g}", "met": value <= at_most}
    elif at_least is not None:
        one |= {"target": f"≥ {at_least:g}", "met": value >= at_least}
    return one
