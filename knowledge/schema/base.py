"""What every entry of the hospital's files shares: frozen, no unknown keys, docstrings as field descriptions."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Sex = Literal["male", "female"]
Period = Literal["morning", "noon", "afternoon", "evening"]
Need = Literal["wheelchair", "stretcher", "hearing", "vision", "alone", "pregnant"]
"""``special_need`` of the contract, without ``none``."""

Text = Annotated[str, Field(min_length=1)]
Words = tuple[Text, ...]
Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]

WEEKDAYS = "一二三四五六日"
_SETS = {"每天": "一二三四五六日", "工作日": "一二三四五", "周末": "六日"}


def read_weekdays(value: Any) -> Any:
    """``一三五``, ``周一、周三``, ``工作日``, ``周末``, ``每天`` or ``[1, 3]`` → ISO weekdays (Monday 1 … Sunday 7)."""
    if not isinstance(value, str):
        return value
    text = _SETS.get(value, value).replace("天", "日")
    days = [WEEKDAYS.index(sign) + 1 for sign in text if sign in WEEKDAYS]
    rest = [sign for sign in text if sign not in WEEKDAYS + "周星期、,， "]
    if rest or not days:
        raise ValueError("写成 一三五、工作日、周末 或 每天")
    return tuple(sorted(set(days)))


Weekday = Annotated[int, Field(ge=1, le=7)]
Weekdays = Annotated[tuple[Weekday, ...], BeforeValidator(read_weekdays), Field(min_length=1)]


class Entry(BaseModel):
    """One entry of a file. An unknown key is an error, so that a typing mistake never passes silently."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)
