"""Results of blood taken in the villages (村采乡检), as the laboratory sends them: told to whoever is registered here; an
abnormal one is followed until a doctor has seen the patient. We say that it is outside its range and whom to see, never
what it means.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from pydantic import NaiveDatetime
from sqlalchemy import UniqueConstraint
from sqlmodel import Field, col, select

from services.alarms import acknowledge_open_alarm, raise_alarm
from services.database import Encrypted, Record, blind
from services.desk import Desk
from services.errors import Invalid, describe_known
from services.finding import get_record, list_records
from services.history import change_state, record_change
from services.identity import parse_id_number, parse_name, parse_phone
from services.line_records import list_line_requests
from services.line_states import advance_line
from services.patients import Patient
from services.promises import cancel_promises, promise, tell
from services.reference_ranges import is_within

REPORTED, TO_SEE, SEEN, LOST = "reported", "to_see", "seen", "lost"
"""Told and done with; abnormal and not seen yet; seen by a doctor; not reached after all asking (staff telephone)."""
NEWS, FOLLOW_UP = "sampling_result", "sampling_followup"
ASK_AFTER = (dt.timedelta(days=3), dt.timedelta(days=4))
"""Asked again so long after being told, and once more."""
KEEPS = dt.timedelta(days=2)


class SamplingResult(Record, table=True):
    __tablename__ = "sampling_result"
    __table_args__ = (UniqueConstraint("hospital_id", "external_id"),)

    external_id: str = Field(max_length=100)
    contact_id: int | None = Field(default=None, foreign_key="contact.id", index=True)
    patient_id: int | None = Field(default=None, foreign_key="patient.id")
    name: str = Field(sa_type=Encrypted("sampling_result.name"))
    phone: str | None = Field(default=None, sa_type=Encrypted("sampling_result.phone"))
    point: str = Field(default="", max_length=80)
    sampled_on: dt.date
    abnormal: bool = False
    department: str = Field(default="", max_length=40)
    """Whom to see with an abnormal one."""
    items: str = Field(sa_type=Encrypted("sampling_result.items"))
    """JSON: ``[{"name", "value", "unit", "range", "abnormal"}]``; ``abnormal`` empty: nobody knows."""
    status: str = Field(default=REPORTED, max_length=10)
    asked: int = 0
    told_at: NaiveDatetime | None = None

    @property
    def values(self) -> list[dict[str, Any]]:
        return orjson.loads(self.items)

    @property
    def unclear(self) -> list[str]:
        """Names of what nobody has called normal, or abnormal: the doctor must say."""
        return [one["name"] for one in self.values if one.get("abnormal") is None]


def find_result(desk: Desk, *, external_id: str) -> SamplingResult | None:
    query = select(SamplingResult).where(
        SamplingResult.hospital_id == desk.hospital_id, SamplingResult.external_id == external_id
    )
    return desk.session.exec(query).first()


def take_result(
    desk: Desk,
    *,
    external_id: str,
    name: str,
    sampled_on: dt.date,
    items: Sequence[Mapping[str, Any]],
    phone: str | None = None,
    id_number: str | None = None,
    point: str = "",
    department: str | None = None,
) -> SamplingResult:
    """Takes a result; the same ``external_id`` again is the same one. Whoever has this person as a 就诊人 (by ID number, or
    name and phone together) is told; of an abnormal one that nobody can be told of staff are alarmed. A value outside the
    range beside it is abnormal whatever else is said; where neither range nor laboratory says it, it is ``unclear``.

    Raises ``Invalid`` with field ``name``, ``phone``, ``id_number``, ``items``, ``date`` or ``department``.
    """
    known = find_result(desk, external_id=external_id)
    if known is not None:
        return known
    if not items:
        raise Invalid("missing", field="items")
    if sampled_on > desk.now.date():
        raise Invalid("date", field="sampled_on", value=sampled_on)
    if not (phone or id_number):
        raise Invalid("missing", field="phone")
    name, phone = parse_name(name), parse_phone(phone) if phone else None
    person = blind(parse_id_number(id_number).text, "person") if id_number else None
    patient = _find_patient(desk, name=name, person=person, phone=phone)
    judged = [dict(one) | {"abnormal": _judge(one)} for one in items]
    abnormal = any(one["abnormal"] for one in judged)
    result = SamplingResult(
        hospital_id=desk.hospital_id,
        created_at=desk.now,
        external_id=external_id,
        contact_id=patient.contact_id if patient else None,
        patient_id=patient.id if patient else None,
        name=name,
        phone=phone,
        point=point,
        sampled_on=sampled_on,
        abnormal=abnormal,
        department=_find_department(desk, point, department),
        items=orjson.dumps(judged).decode(),
        status=TO_SEE if abnormal else REPORTED,
    )
    desk.session.add(result)
    desk.session.flush()
    record_change(desk, record=result, old="", new=result.status, reason="reported")
    if result.contact_id is None:
        if abnormal:
            raise_alarm(desk, kind="sampling_unreached", subject=result.subject)
    else:
        tell(
            desk,
            contact_id=result.contact_id,
            kind=NEWS,
            subject=result.subject,
            slots={"record": result.id},
            within=dt.timedelta(days=7),
        )
        if abnormal:
            _ask_later(desk, result)
        _close_request(desk, result)
    desk.session.flush()
    return result


def _judge(item: Mapping[str, Any]) -> bool | None:
    """Abnormal by the laboratory's word or by its range; not, by either; else nobody knows."""
    told: bool | None = item.get("abnormal")
    value, reference, unit = (str(item.get(key) or "") for key in ("value", "range", "unit"))
    within = is_within(value, reference, unit=unit)
    return True if told or within is False else False if within or told is False else None


def _close_request(desk: Desk, result: SamplingResult) -> None:
    """What was registered for that sampling has come to its end: nobody waits, and nobody is late with it."""
    for one in list_line_requests(desk, contact_id=result.contact_id, under_way=True):
        line = desk.hospital.find_line(one.line)
        if line is None or one.kind != "sampling" or one.patient_id != result.patient_id:
            continue
        following = [line.get_state(name) for name in line.get_state(one.stage).next]
        done = next((state for state in following if state.status == "completed"), None)
        if done is not None and str(one.slots.get("date", "")) <= result.sampled_on.isoformat():
            advance_line(desk, request_id=one.id, stage=done.id, reason="reported")


def _find_patient(desk: Desk, *, name: str, person: str | None, phone: str | None) -> Patient | None:
    query = select(Patient).where(Patient.hospital_id == desk.hospital_id, col(Patient.active).is_(True))
    if person is not None:
        query = query.where(Patient.person == person)
    else:
        query = query.where(Patient.phone_index == blind(phone or "", "phone"))
    found = [one for one in desk.session.exec(query.order_by(col(Patient.id))) if one.name == name]
    return min(found, key=lambda one: one.relation != "本人", default=None)


def _find_department(desk: Desk, point: str, department: str | None) -> str:
    """The one that the laboratory names, else that of the sampling point."""
    if department:
        found = desk.hospital.find_department(department)
        if found is None:
            names = [one.name for one in desk.hospital.departments]
            raise Invalid(
                "unknown_department",
                field="department",
                value=department,
                **describe_known(department, names),
            )
        return found.name
    choices = [one for line in desk.hospital.lines for slot in line.collect for one in slot.choices]
    return next((one.department for one in choices if one.name["zh"] == point and one.department), "")


def _ask_later(desk: Desk, result: SamplingResult) -> None:
    assert result.contact_id is not None
    due = desk.now + ASK_AFTER[result.asked]
    promise(
        desk,
        contact_id=result.contact_id,
        kind=FOLLOW_UP,
        due_at=due,
        drop_after=due + KEEPS,
        subject=result.subject,
        slots={"record": result.id},
    )


def note_told(desk: Desk, *, result_id: int) -> None:
    result = get_record(desk, SamplingResult, result_id)
    result.told_at = desk.now
    desk.session.add(result)


def note_asked(desk: Desk, *, result_id: int) -> None:
    """It is being asked whether a doctor has seen the patient: the next time is promised, after the last staff telephone."""
    result = get_record(desk, SamplingResult, result_id, lock=True)
    if result.status != TO_SEE:
        return
    result.asked += 1
    desk.session.add(result)
    if result.asked < len(ASK_AFTER):
        _ask_later(desk, result)
    else:
        raise_alarm(desk, kind="sampling_unseen", contact_id=result.contact_id, subject=result.subject)
    desk.session.flush()


def note_seen(desk: Desk, *, result_id: int, contact_id: int | None = None, reason: str = "patient") -> None:
    """A doctor has seen the patient with it: nobody asks any more."""
    result = get_record(desk, SamplingResult, result_id, contact_id=contact_id, lock=True)
    change_state(desk, record=result, new=SEEN, reason=reason)
    cancel_promises(desk, subject=result.subject, kind=FOLLOW_UP)


def note_call(desk: Desk, *, result_id: int, said: str, seen: bool = False, lost: bool = False) -> None:
    """A nurse has telephoned about an abnormal result: told, and a doctor has ``seen`` the patient or not yet; or nobody
    can be reached (``lost``), and nobody asks any more. ``said`` is kept with who and when. Raises
    ``Invalid("missing")`` with field ``said``.
    """
    if not said.strip():
        raise Invalid("missing", field="said")
    result = get_record(desk, SamplingResult, result_id, lock=True)
    new = SEEN if seen else LOST if lost else result.status
    if new != result.status:
        change_state(desk, record=result, new=new, reason=said.strip())
        cancel_promises(desk, subject=result.subject, kind=FOLLOW_UP)
    else:
        record_change(desk, record=result, old=new, new=new, reason=f"telephoned: {said.strip()}")
        result.told_at = desk.now
        desk.session.add(result)
    for kind in ("sampling_unreached", "sampling_unseen"):
        acknowledge_open_alarm(desk, kind=kind, subject=result.subject, reason="telephoned")
    desk.session.flush()


def list_abnormal(desk: Desk, *, since: dt.datetime, limit: int = 200) -> list[SamplingResult]:
    """Those not seen by a doctor yet, however old, and the others that came since; the oldest first."""
    wanted = (col(SamplingResult.status) == TO_SEE) | (col(SamplingResult.created_at) >= since)
    order = (col(SamplingResult.sampled_on), col(SamplingResult.id))
    return list_records(desk, SamplingResult, wanted, order=order, abnormal=True, limit=limit)


def list_results(desk: Desk, *, contact_id: int, limit: int = 5) -> list[SamplingResult]:
    """Of the contact's patients, the newest first."""
    order = (col(SamplingResult.sampled_on).desc(), col(SamplingResult.id).desc())
    return list_records(desk, SamplingResult, order=order, contact_id=contact_id, limit=limit)


def describe_result(result: SamplingResult) -> dict[str, Any]:
    return {
        "patient_name": result.name,
        "place": result.point,
        "date": result.sampled_on.isoformat(),
        "abnormal": result.abnormal,
        "department": result.department if result.abnormal else None,
        "examination": [one["name"] for one in result.values],
    }
