"""Identity data as views show it: enough to recognise one's own, not enough for anybody else."""

from __future__ import annotations

import re
from typing import Any

from services.identity import mask_id_number, mask_name, mask_phone

_ID_NUMBER = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)")
_PHONE = re.compile(r"(?<!\d)1\d{10}(?!\d)")
_MASKS = {
    "id_number": mask_id_number,
    "phone": mask_phone,
    "patient_name": mask_name,
    "address": lambda text: text[:6] + "…",
}


def mask_text(text: str) -> str:
    """What somebody wrote, with the identity numbers and phones in it masked.

    >>> mask_text("电话10000001234")
    '电话100****1234'
    """
    masked = _ID_NUMBER.sub(lambda found: mask_id_number(found[0]), text)
    return _PHONE.sub(lambda found: mask_phone(found[0]), masked)


def mask_value(slot: str, value: Any) -> Any:
    """A slot's value as views show it."""
    mask = _MASKS.get(slot)
    return mask(value) if mask is not None and isinstance(value, str) and value else value
