"""The pharmacy's list 中药房名单: an Excel or CSV file with where each delivery stands, read row by row.

A row names a delivery by its number here (配送单号) or the pharmacy's own (处方号). Known, it moves on to the state that
the row gives, with courier and number; not known, it is registered for the patient of this name and telephone, if he is
one here. Good rows are kept whatever the others hold. The same rows again change nothing, and a state that a delivery
has left behind is no error: lists are made in the evening and read in the morning.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from services.desk import Desk
from services.errors import Invalid, ServiceError, WrongState
from services.herb_stages import advance_delivery
from services.herbs import COURIER, PICKUP, HerbDelivery, find_delivery, register_delivery
from services.identity import parse_phone
from services.lists import RowError, describe_error, read_rows
from services.patients import Patient, find_persons
from services.stages import is_before

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "order_number": ("配送单号", "单号", "order_number"),
    "external_id": ("处方号", "药房单号", "处方编号", "external_id"),
    "name": ("姓名", "患者姓名", "病人姓名", "就诊人", "patient_name", "name"),
    "phone": ("手机号", "电话", "联系电话", "手机", "收件电话", "phone"),
    "doses": ("剂数", "付数", "doses"),
    "decoction": ("煎法", "代煎", "煎药方式", "decoction"),
    "delivery_mode": ("取药方式", "配送方式", "delivery_mode"),
    "address": ("地址", "收件地址", "收药地址", "address"),
    "status": ("状态", "进度", "status"),
    "courier": ("快递公司", "快递", "courier"),
    "tracking_number": ("快递单号", "运单号", "物流单号", "tracking_number"),
    "reason": ("备注", "原因", "reason"),
}
FIELDS = {"patient_name": "name"}
"""Names that a refusal uses → columns of the list."""
NEEDED = (frozenset({"order_number", "status"}), frozenset({"external_id"}))
SHOWN = ("order_number", "external_id", "doses", "decoction", "delivery_mode", "status", "courier")
TO_REGISTER = ("external_id", "name", "phone", "doses")
DECOCTIONS = {
    "decoct": "代煎|^是$|^decoct$",
    "granules": "颗粒|免煎|^granules$",
    "raw": "自煎|草药|不煎|^否$|^raw$",
}
MODES = {PICKUP: "自取|到院|^pickup$", COURIER: "快递|邮寄|寄|到家|^courier$"}


@dataclass(frozen=True, slots=True)
class ImportReport:
    registered: int = 0
    moved: int = 0
    """Deliveries that reached another state, or got a number."""
    known: int = 0
    """Rows that said nothing new."""
    errors: tuple[RowError, ...] = ()


def import_deliveries(desk: Desk, *, file: Path | bytes, name: str = "") -> ImportReport:
    """Reads ``.xlsx`` or ``.csv``. ``name`` tells the kind where ``file`` is bytes.

    Raises `Invalid` with code ``unreadable_file`` or ``no_heading`` where not even the headings can be read.
    """
    counts = {"registered": 0, "moved": 0, "known": 0}
    errors: list[RowError] = []
    for row in read_rows(file, name=name, columns=COLUMNS, needed=NEEDED):
        try:
            with desk.session.begin_nested():
                counts[_take(desk, row.clean(COLUMNS))] += 1
        except ServiceError as error:
            errors.append(describe_error(row, error, columns=COLUMNS, names=FIELDS, shown=SHOWN))
    return ImportReport(**counts, errors=tuple(errors))


def _take(desk: Desk, values: Mapping[str, str]) -> str:
    """What came of the row: ``registered``, ``moved`` or ``known``."""
    number = values["order_number"] or values["external_id"]
    if not number:
        raise Invalid("missing", field="order_number")
    delivery, new = find_delivery(desk, number=number), False
    if delivery is None:
        if values["order_number"]:
            raise Invalid("unknown_number", field="order_number", value=values["order_number"])
        delivery, new = _register(desk, values), True
    moved = _move(desk, delivery, values)
    return "registered" if new else "moved" if moved else "known"


def _register(desk: Desk, values: Mapping[str, str]) -> HerbDelivery:
    for column in TO_REGISTER:
        if not values[column]:
            raise Invalid("missing", field=column)
    if not values["doses"].isdecimal():
        raise Invalid("doses", field="doses", value=values["doses"], limit=desk.hospital.herbs.max_doses)
    patient = _find_patient(desk, name=values["name"], phone=values["phone"])
    mode = _read("delivery_mode", values["delivery_mode"], MODES, default=COURIER)
    return register_delivery(
        desk,
        contact_id=patient.contact_id,
        patient_id=patient.id,
        doses=int(values["doses"]),
        decoction=_read("decoction", values["decoction"], DECOCTIONS, default="decoct"),
        delivery_mode=mode,
        address=values["address"] or None,
        phone=values["phone"],
        external_id=values["external_id"],
    )


def _find_patient(desk: Desk, *, name: str, phone: str) -> Patient:
    """Name and telephone must both fit: herbs are told to nobody else. Of several accounts, the patient's own."""
    found = [one for one in find_persons(desk, phone=parse_phone(phone)) if one.name == name]
    if not found:
        raise Invalid("unknown_patient", field="name")
    return min(found, key=lambda one: (one.relation != "本人", one.id))


def _read(column: str, text: str, words: Mapping[str, str], *, default: str) -> str:
    if not text:
        return default
    for value, pattern in words.items():
        if re.search(pattern, text):
            return value
    raise Invalid(column, field=column, value=text)


def _move(desk: Desk, delivery: HerbDelivery, values: Mapping[str, str]) -> bool:
    before = delivery.status, delivery.courier, delivery.tracking_number
    goal = _read_stage(desk, values["status"]) if values["status"] else delivery.status
    try:
        advance_delivery(
            desk,
            delivery_id=delivery.id,
            status=goal,
            courier=values["courier"] or None,
            tracking_number=values["tracking_number"] or None,
            reason=values["reason"] or "list",
        )
    except WrongState:
        if not is_before(desk.hospital.herbs.stages, goal, delivery.status):
            raise Invalid("wrong_stage", field="status", value=values["status"]) from None
    return before != (delivery.status, delivery.courier, delivery.tracking_number)


def _read_stage(desk: Desk, text: str) -> str:
    """A stage by its id or its name, which may be shortened: 已打包, 煎药."""
    stages = desk.hospital.herbs.stages
    for one in stages:
        if text in (one.id, one.name):
            return one.id
    found = [one.id for one in stages if text in one.name or one.name.partition("，")[0] in text]
    if len(found) != 1:
        raise Invalid("unknown_stage", field="status", value=text, allowed=[one.name for one in stages])
    return found[0]
