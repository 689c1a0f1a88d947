"""A value against its reference range: within, outside, or not to be told."""

from __future__ import annotations

import pytest

from services.reference_ranges import is_within


@pytest.mark.parametrize(
    ("value", "reference", "within"),
    [
        ("5.1", "3.9–6.1", True),
        ("28.9", "3.9–6.1", False),
        ("3.9", "3.9-6.1", True),
        ("6.2", "3.9~6.1", False),
        ("6.2", "3.9～6.1", False),  # as a Chinese keyboard writes it
        ("5", "3.9——6.1 mmol/L", True),
        ("5", "3.9至6.1", True),
        ("-1", "-3-3", True),
        ("-4", "-3--1", False),
        ("5.2", "≤5.2", True),
        ("5.2", "<5.2", False),
        ("5.1", "＜5.2", True),
        ("0.9", "≥1.0", False),
        ("1.0", ">=1.0", True),
        ("<0.1", "<5", True),
        ("<0.1", "1-3", False),
        ("<1", "0.5-5", None),
        (">100", "0-35", False),
        (">10", "≥5", True),
        ("28.9↑", "", False),
        ("5.0 H", "3.9–6.1", False),
        ("阴性", "阴性", True),
        ("阴性(-)", "阴性", True),
        ("弱阳性", "阴性", False),
        ("2+", "阴性", False),
        ("±", "阴性", False),
        ("溶血", "阴性", None),
        ("28.9", "", None),
        ("28.9", "男 3–5 女 2–4", None),
        ("28.9", "6.1–3.9", None),
        ("5", "70–110 mg/dL", None),
        ("", "3.9–6.1", None),
        ("黄色", "3.9–6.1", None),
    ],
)
def test_a_value_lies_in_its_range_outside_or_nobody_can_tell(
    value: str, reference: str, within: bool | None
) -> None:
    assert is_within(value, reference, unit="mmol/L") is within
