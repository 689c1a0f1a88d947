"""What a clerk reads of a row that was refused leads him to the right one."""

from __future__ import annotations

from knowledge import Hospital
from services.errors import Invalid
from services.reasons import explain


def test_a_slip_in_a_name_is_answered_with_the_nearest_not_with_every_name(hospital: Hospital) -> None:
    names = [one.name for one in hospital.departments]
    told = explain(Invalid("unknown_department", field="department", value="骨可", allowed=names))
    assert told == "医院没有这个科室，是不是「骨科」？"


def test_too_many_doses_are_refused_with_how_many_there_may_be() -> None:
    told = explain(Invalid("doses", field="doses", value="99", limit=30))
    assert told == "剂数要写 1–30 的整数"
