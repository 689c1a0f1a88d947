"""世界 words: how the demonstration hospital stands before a transcript. All words are in docs/transcripts.md.

A line holds items parted by ；, each begun by what it speaks of (a department, a doctor, or a contact); an item that
begins with a date speaks of the same as the item before it. Longer than 300 lines: one table of words, and beside each
the hand that does it.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from sqlalchemy import Engine
from sqlmodel import Session

from bot.transcripts import bookings, care, line_matters, matters, outpatients, parcels, people, sessions
from bot.transcripts.dates import DAY, PERIOD, PERIODS, WEEKDAYS, read_day
from knowledge import Hospital, UnknownName
from services import Desk
from services.errors import ServiceError
from services.patients import RELATIONS
from services.schedules import open_slots

WHEN = rf"(?P<day>{DAY})\s*(?P<period>{PERIOD})?(?:\s*(?P<time>\d{{1,2}}:\d{{2}}))?"
CONTACT = r"(?P<contact>[甲乙丙丁戊]|[a-z]+:\S+)"


class WorldError(ValueError):
    """A 世界 item that cannot be read or done."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose sessions an item speaks of."""

    department: str
    doctor: str | None


def change_world(desk: Desk, line: str, *, channel: str) -> None:
    """Applies one 世界 line; raises ``WorldError`` naming the item that cannot be done."""
    subject: Subject | None = None
    for item in filter(None, (part.strip() for part in re.split("[；;]", line))):
        try:
            subject = _apply(desk, item, subject, channel)
        except (ServiceError, UnknownName, ValueError) as error:
            raise WorldError(f"世界: {item}: {error}") from error


def _apply(desk: Desk, item: str, subject: Subject | None, channel: str) -> Subject | None:
    if found := re.fullmatch(r"(?P<kind>核对|加号|申诉)\s+(?P<verdict>\S+)\s*(?P<words>.*)", item):
        bookings.decide(desk, kind=found["kind"], verdict=found["verdict"], words=found["words"])
        return None
    if found := re.fullmatch(
        rf"(?P<who>\S+\s+(?:\S+\s+)??)?{WHEN}\s*(?P<state>余\s*\d+|约满|满|停诊|恢复出诊|没有号)", item
    ):
        who = _find_subject(desk, found["who"].split()) if found["who"] else subject
        if who is None:
            raise ValueError("a department or a doctor comes first")
        _set_session(desk, who, found)
        return who
    if item == "接送 全满":
        care.fill_rides(desk)
        return None
    if found := re.fullmatch(r"(?P<place>\S+)\s+(?P<name>轮椅|平车|雨伞|拐杖)\s+余(?P<free>\d+)", item):
        care.set_free(desk, place=found["place"], name=found["name"], free=int(found["free"]))
        return None
    if found := re.fullmatch(r"床位\s+(?P<bed>\S+)\s+(?P<state>\S+)", item):
        line_matters.report_bed(desk, bed=found["bed"], state=found["state"])
        return None
    if found := re.fullmatch(r"(?P<department>\S+)\s+病床\s+余(?P<free>\d+)", item):
        line_matters.set_beds(desk, department=found["department"], free=int(found["free"]))
        return None
    for pattern, apply in _WORDS:
        if found := re.fullmatch(rf"{CONTACT}\s+{pattern}", item):
            apply(desk, found, channel)
            return None
    raise ValueError("cannot be read; the words are in docs/transcripts.md")


def _find_subject(desk: Desk, words: list[str]) -> Subject:
    """``骨科``, ``韦启明`` or ``骨科 韦启明``."""
    department = desk.hospital.find_department(words[0])
    if department is None:
        doctor = desk.hospital.get_doctor(words[0])
        return Subject(doctor.department, doctor.name)
    if len(words) == 1:
        return Subject(department.name, None)
    return Subject(department.name, desk.hospital.get_doctor(words[1]).name)


def _set_session(desk: Desk, who: Subject, found: re.Match[str]) -> None:
    day, period = read_day(found["day"], desk.now.date()), PERIODS.get(found["period"] or "", "")
    state = found["state"]
    if state == "停诊":
        sessions.suspend(desk, department=who.department, doctor=who.doctor, day=day, period=period)
        return
    if state == "恢复出诊":
        sessions.resume(desk, department=who.department, doctor=who.doctor, day=day, period=period)
        return
    left = int(re.sub(r"\D", "", state) or 0)
    sessions.set_remaining(
        desk, department=who.department, doctor=who.doctor, day=day, period=period, left=left
    )


def _patient(desk: Desk, found: re.Match[str], channel: str) -> None:
    contact = people.get_contact_called(desk, found["contact"], channel=channel)
    relation = next((word for word in RELATIONS if word in found["rest"].split()), None)
    born = re.search(r"\d{4}-\d{2}-\d{2}", found["rest"])
    phone = re.search(r"(?<![\d-])\d{11}(?!\d)", found["rest"])
    people.add_known_patient(
        desk,
        contact,
        found["name"],
        sex="male" if "男" in found["rest"].split() else "female",
        birthday=dt.date.fromisoformat(born[0]) if born else None,
        relation=relation,
        phone=phone[0] if phone else None,
    )


def _appointment(desk: Desk, found: re.Match[str], channel: str) -> None:
    contact = people.get_contact_called(desk, found["contact"], channel=channel)
    who = _find_subject(desk, found["who"].split())
    people.book_appointment(
        desk,
        contact,
        people.add_known_patient(desk, contact, found["name"]),
        department=who.department,
        doctor=who.doctor,
        day=read_day(found["day"], desk.now.date()),
        period=PERIODS.get(found["period"] or "", ""),
        time=found["time"],
    )


def _absence(desk: Desk, found: re.Match[str], channel: str) -> None:
    contact = people.get_contact_called(desk, found["contact"], channel=channel)
    who = _find_subject(desk, [found["who"]])
    day = read_day(found["day"], desk.now.date())
    if day > desk.now.date():  # what was missed lies behind: 「2月20日」 said in March
        day = day.replace(year=day.year - 1)
    bookings.miss(
        desk,
        people.add_known_patient(desk, contact, found["name"]),
        department=who.department,
        day=day,
    )


def _referral(desk: Desk, found: re.Match[str], channel: str) -> None:
    contact = people.get_contact_called(desk, found["contact"], channel=channel)
    who = _find_subject(desk, [found["who"]])
    patient = people.add_known_patient(desk, contact, found["name"])
    bookings.refer(desk, patient, department=who.department)


def _place(desk: Desk, found: re.Match[str], channel: str) -> None:
    people.stand_at(desk, people.get_contact_called(desk, found["contact"], channel=channel), found["code"])


def _escort(desk: Desk, found: re.Match[str], channel: str) -> None:
    contact = people.get_contact_called(desk, found["contact"], channel=channel)
    words = found["rest"].split()
    born = next((word for word in words if re.fullmatch(r"\d{4}-\d{2}-\d{2}", word)), "1944-05-06")
    patient = people.add_known_patient(desk, contact, found["name"], birthday=dt.date.fromisoformat(born))
    time = dt.time.fromisoformat((found["time"] or "09:00").zfill(5))
    start = dt.datetime.combine(read_day(found["day"], desk.now.date()), time)
    matters.request_one(desk, contact, patient, start=start, words=words)


def _herbs(desk: Desk, found: re.Match[str], channel: str) -> None:
    contact = people.get_contact_called(desk, found["contact"], channel=channel)
    patient = people.add_known_patient(desk, contact, found["name"])
    matters.register_one(desk, contact, patient, doses=int(found["doses"]), words=found["rest"].split())


def _complaint(desk: Desk, found: re.Match[str], channel: str) -> None:
    contact = people.get_contact_called(desk, found["contact"], channel=channel)
    matters.complain(desk, contact, text=found["text"], code=found["code"])


def _discharge(desk: Desk, found: re.Match[str], channel: str) -> None:
    contact = people.get_contact_called(desk, found["contact"], channel=channel)
    patient = people.add_known_patient(desk, contact, found["name"])
    matters.discharge(desk, patient, day=outpatients.read_past_day(found["day"], desk.now.date()))


def _waitlist(desk: Desk, found: re.Match[str], channel: str) -> None:
    contact = people.get_contact_called(desk, found["contact"], channel=channel)
    who = _find_subject(desk, found["who"].split())
    matters.wait_for(
        desk,
        contact,
        people.add_known_patient(desk, contact, found["name"]),
        department=who.department,
        doctor=who.doctor,
        day=read_day(found["day"], desk.now.date()),
        period=PERIODS.get(found["period"] or "", ""),
    )


def _progress(desk: Desk, found: re.Match[str], channel: str) -> None:
    contact = people.get_contact_called(desk, found["contact"], channel=channel)
    matters.move_on(desk, contact, kind=found["kind"], state=found["state"], words=found["rest"].split())


def _courier(desk: Desk, found: re.Match[str], channel: str) -> None:
    contact = people.get_contact_called(desk, found["contact"], channel=channel)
    parcels.report(desk, contact, state=found["state"], note=found["note"].strip())


def _parcel_answer(desk: Desk, found: re.Match[str], channel: str) -> None:
    contact = people.get_contact_called(desk, found["contact"], channel=channel)
    parcels.answer(desk, contact, remedy=found["remedy"], text=found["text"])


def _visit(desk: Desk, found: re.Match[str], channel: str) -> None:
    contact = people.get_contact_called(desk, found["contact"], channel=channel)
    who = _find_subject(desk, found["who"].split())
    outpatients.visit(
        desk,
        contact,
        people.add_known_patient(desk, contact, found["name"]),
        department=who.department,
        doctor=who.doctor,
        day=outpatients.read_past_day(found["day"], desk.now.date()),
    )


def _queue(desk: Desk, found: re.Match[str], channel: str) -> None:
    contact = people.get_contact_called(desk, found["contact"], channel=channel)
    who = _find_subject(desk, [found["who"]])
    outpatients.stand_in_queue(
        desk,
        contact,
        people.add_known_patient(desk, contact, found["name"]),
        department=who.department,
        number=found["number"],
        ahead=int(found["ahead"]) if found["ahead"] else None,
    )


def _call(desk: Desk, found: re.Match[str], channel: str) -> None:
    contact = people.get_contact_called(desk, found["contact"], channel=channel)
    outpatients.call(desk, contact, word=found["word"])


def _see(desk: Desk, found: re.Match[str], channel: str) -> None:
    outpatients.see(desk, people.get_contact_called(desk, found["contact"], channel=channel))


def _report(desk: Desk, found: re.Match[str], channel: str) -> None:
    contact = people.get_contact_called(desk, found["contact"], channel=channel)
    due = None
    if found["day"]:
        time = dt.time.fromisoformat((found["time"] or "17:00").zfill(5))
        due = dt.datetime.combine(read_day(found["day"], desk.now.date()), time)
    outpatients.report(
        desk,
        people.add_known_patient(desk, contact, found["name"]),
        examination=found["examination"],
        state=found["state"],
        department=_find_subject(desk, [found["who"]]).department if found["who"] else "",
        due=due,
    )


def _crowds(desk: Desk, found: re.Match[str], channel: str) -> None:
    contact = people.get_contact_called(desk, found["contact"], channel=channel)
    outpatients.remember_crowds(
        desk,
        people.add_known_patient(desk, contact, found["name"]),
        department=_find_subject(desk, [found["who"]]).department,
        weekday=WEEKDAYS.index(found["weekday"]) + 1,
        hours=found["hours"].split(),
    )


def _help(desk: Desk, found: re.Match[str], channel: str) -> None:
    contact = people.get_contact_called(desk, found["contact"], channel=channel)
    care.move_help(desk.acting_as("staff:0"), contact, state=found["state"])


def _lend(desk: Desk, found: re.Match[str], channel: str) -> None:
    contact = people.get_contact_called(desk, found["contact"], channel=channel)
    care.lend(desk, contact, name=found["name"])


def _loan(desk: Desk, found: re.Match[str], channel: str) -> None:
    contact = people.get_contact_called(desk, found["contact"], channel=channel)
    care.move_loan(desk.acting_as("staff:0"), contact, state=found["state"])


def _ride(desk: Desk, found: re.Match[str], channel: str) -> None:
    contact = people.get_contact_called(desk, found["contact"], channel=channel)
    time = dt.time.fromisoformat((found["time"] or "09:00").zfill(5))
    care.order_ride(
        desk,
        contact,
        people.add_known_patient(desk, contact, found["name"]),
        start=dt.datetime.combine(read_day(found["day"], desk.now.date()), time),
        words=found["rest"].split(),
    )


def _move_ride(desk: Desk, found: re.Match[str], channel: str) -> None:
    contact = people.get_contact_called(desk, found["contact"], channel=channel)
    words = found["rest"].split()
    care.move_ride(desk.acting_as("staff:0"), contact, state=found["state"], words=words)


_WORDS = (
    (r"服务\s+到\s+(?P<state>\S+)(?P<rest>.*)", line_matters.move_line),
    (r"村采结果\s+(?P<name>\S+)(?P<rest>.*)", line_matters.report_sample),
    (r"求助\s+到\s+(?P<state>\S+)", _help),
    (r"借用\s+到\s+(?P<state>\S+)", _loan),
    (r"借用\s+(?P<name>\S+)", _lend),
    (r"接送\s+到\s+(?P<state>\S+)(?P<rest>.*)", _move_ride),
    (rf"接送\s+(?P<name>\S+)\s+{WHEN}(?P<rest>.*)", _ride),
    (rf"看过\s+(?P<name>\S+)\s+(?P<who>\S+\s+(?:\S+\s+)??)(?P<day>{DAY})", _visit),
    (
        r"候诊\s+(?P<name>\S+)\s+(?P<who>\S+)(?:\s+(?P<number>\S+?)\s*号)?(?:\s+前面\s*(?P<ahead>\d+)\s*位)?",
        _queue,
    ),
    (r"(?P<word>叫号|过号|看完)", _call),
    (r"今天看过了", _see),
    (
        rf"报告\s+(?P<name>\S+)\s+(?P<examination>\S+)\s+(?:(?P<who>\S+科)\s+)?(?P<state>已出|未出)"
        rf"(?:\s+预计\s*(?P<day>{DAY})(?:\s*(?P<time>\d{{1,2}}:\d{{2}}))?)?",
        _report,
    ),
    (
        r"往常\s+(?P<name>\S+)\s+(?P<who>\S+)\s+周(?P<weekday>[一二三四五六日])(?P<hours>(?:\s+\d+点\d+人)+)",
        _crowds,
    ),
    (r"就诊人\s+(?P<name>\S+)(?P<rest>(?:\s+\S+)*)", _patient),
    (rf"已约\s+(?P<name>\S+)\s+(?P<who>\S+\s+(?:\S+\s+)??){WHEN}", _appointment),
    (rf"候补\s+(?P<name>\S+)\s+(?P<who>\S+\s+(?:\S+\s+)??){WHEN}", _waitlist),
    (rf"未到\s+(?P<name>\S+)\s+(?P<who>\S+)\s+(?P<day>{DAY})", _absence),
    (r"转诊\s+(?P<name>\S+)\s+(?P<who>\S+)", _referral),
    (r"快递\s+(?P<state>\d+)(?P<note>.*)", _courier),
    (r"包裹答复\s+(?P<remedy>补寄|退费|不补)\s+(?P<text>.+)", _parcel_answer),
    (r"(?P<kind>陪诊|中药|投诉)\s+到\s+(?P<state>\S+)(?P<rest>.*)", _progress),
    (rf"出院\s+(?P<name>\S+)\s+(?P<day>{DAY})", _discharge),
    (rf"陪诊\s+(?P<name>\S+)\s+{WHEN}(?P<rest>.*)", _escort),
    (r"中药\s+(?P<name>\S+)\s+(?P<doses>\d+)\s*剂(?P<rest>.*)", _herbs),
    (r"投诉\s+(?:(?P<code>[A-Z0-9]+(?:-[A-Z0-9]+)+)\s+)?(?P<text>.+)", _complaint),
    (r"在\s+(?P<code>[A-Za-z0-9-]+)", _place),
)


def apply_file(text: str, *, engine: Engine, hospital: Hospital, now: dt.datetime) -> int:
    """Applies a file of 世界 lines (``世界:`` may be left out) in one transaction; returns how many there were.

    Contacts are named ``rest:a``; 甲 is the sender 甲 on the rest channel. Raises ``WorldError`` naming each line that
    cannot be done, by its number; nothing is kept then.
    """
    lines = {
        number: line.strip().removeprefix("世界").lstrip(":：").strip()
        for number, line in enumerate(text.splitlines(), 1)
        if line.strip() and not line.lstrip().startswith("#")
    }
    wrong: list[str] = []
    with Session(engine, expire_on_commit=False) as session:
        desk = Desk(session=session, hospital=hospital, now=now, actor="test")
        open_slots(desk)
        for number, line in lines.items():
            try:
                with session.begin_nested():
                    change_world(desk, line, channel="rest")
            except WorldError as error:
                wrong.append(f"line {number}: {error}")
        if wrong:
            raise WorldError("\n".join(wrong))
        session.commit()
    return len(lines)
