"""A copy of everything held, and its erasure: after it no column of any table names the person, in clear or sealed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel

from services import (
    Desk,
    NotAllowed,
    NotFound,
    absences,
    alarms,
    appointments,
    complaints,
    escorts,
    extras,
    followups,
    handling,
    handovers,
    herb_stages,
    herbs,
    history,
    holds,
    loans,
    messages,
    onsite_help,
    outbox,
    parcels,
    patients,
    phones,
    pictures,
    promises,
    queues,
    referrals,
    requests,
    results,
    suspensions,
    suspicion,
    transfers,
    waitlist,
)
from services.answers import record_answer
from services.cipher import CipherError, unseal
from services.database import Encrypted
from services.holdings import ERASED, GONE, HOLDINGS, IMPERSONAL
from services.patients import Patient
from services.pictures import Picture
from services.privacy import erase, export, find_contact_scope, find_person_scope, list_open
from services.redaction import Redaction
from services.registration import Appointment
from services.rounds import send_due
from services.sampling import take_result
from services.slots import Slot, get_slot
from tests.services.builders import NOW, at, make_child, make_contact, make_id_number, make_patient, make_slot

SENDER, ADDRESS, NUMBER = "u-4711", "桂江市示例路 7 号 2 栋", "ZYH-88231"
MINE, MOTHERS = make_id_number(), make_id_number(dt.date(1940, 3, 5), sex="female", serial=7)
MY_PHONE, HER_PHONE = "10000005678", "10000009999"
SECRETS = {
    SENDER,
    ADDRESS,
    NUMBER,
    MINE,
    MOTHERS,
    MY_PHONE,
    HER_PHONE,
    "覃小桂",
    "莫秀兰",
    "1985-06-01",
    "1940-03-05",
}
WORDS = {
    "头痛得厉害",
    "厕所太脏了",
    "慢性支气管炎",
    "夜里喘",
    "家属说话很急",
    "三楼往左",
    "到了门口打这个电话",
}


@dataclass
class Someone:
    contact_id: int
    me: Patient
    mother: Patient
    slot: Slot
    upcoming: Appointment


def stand_in_the_rules_way(desk: Desk, patient: Patient, made: Appointment) -> None:
    """A code, a doubt that was cleared, a request for an extra place, an absence appealed against, a referral."""
    phones.send_code(desk, contact_id=patient.contact_id, phone=HER_PHONE)
    review = suspicion.hold_for_review(desk, appointment=made, grounds=["burst"])
    suspicion.end_review(desk, review=review, status="released", reason=f"问过莫秀兰，{HER_PHONE}")
    full = make_slot(desk, dt.datetime(2026, 3, 17, 9), department="眼科", doctor_id="eye-10", doctor="丙")
    known = {"contact_id": patient.contact_id, "patient_id": patient.id}
    extras.request_extra(desk, slot_id=full.id, reason="莫秀兰夜里喘", **known)
    appeal = absences.AbsenceAppeal(
        hospital_id=desk.hospital_id,
        created_at=desk.now,
        person=patient.person,
        text=f"莫秀兰来过，电话 {HER_PHONE}",
        **known,
    )
    desk.session.add(appeal)
    desk.session.flush()
    absences.settle_appeal(desk, appeal_id=appeal.id, accept=False, reason="莫秀兰没有签到")
    referrals.refer_patient(
        desk,
        external_id=f"zz-{patient.id}",
        institution="shili",
        name="莫秀兰",
        id_number=MOTHERS,
        department="肾内科",
        reason="夜里喘",
    )


def live(desk: Desk, sender: str = SENDER) -> Someone:
    """A contact with a mother and a trace in every table there is."""
    contact = make_contact(desk, sender)
    contact.display_name = "覃小桂"
    add = patients.add_patient
    me = add(desk, contact_id=contact.id, name="覃小桂", id_number=MINE, phone=MY_PHONE)
    mother = add(
        desk, contact_id=contact.id, name="莫秀兰", id_number=MOTHERS, phone=HER_PHONE, relation="母亲"
    )
    patients.give_consent(desk, contact_id=contact.id, purpose="identity")
    patients.give_consent(desk, contact_id=contact.id, purpose="health_data", patient_id=mother.id)
    past = booked(at(desk, days=-9), me, NOW - dt.timedelta(days=7), complaint="头痛得厉害")
    appointments.advance_appointment(desk, appointment_id=past.id, status="fulfilled")
    upcoming = booked(desk, mother, dt.datetime(2026, 3, 13, 8, 30), complaint="夜里喘")
    stand_in_the_rules_way(desk, mother, upcoming)
    waitlist.join_waitlist(
        desk, contact_id=contact.id, patient_id=me.id, department="皮肤科", date="2026-03-14"
    )
    elsewhere = make_slot(
        desk, dt.datetime(2026, 3, 16, 9), department="眼科", doctor_id="eye-09", doctor="乙"
    )
    hold = holds.hold_slot(desk, slot_id=elsewhere.id, contact_id=contact.id)
    appointments.book(desk, hold_id=hold.id, patient_id=me.id)
    done = suspensions.suspend_session(desk, doctor_id="eye-09", date=elsewhere.date)
    (notice,) = suspensions.list_notices(desk, suspension_id=done.suspension.id)
    suspensions.tick_off(desk, notice_id=notice.id, outcome="declined", note=f"覃小桂说不来了，{MY_PHONE}")
    here = queues.admit(desk, patient=me, department="皮肤科")
    queues.move_on(desk, arrival_id=here.id, status="left")
    results.announce_report(
        desk, external_id="LIS-7788", examination="乙肝两对半", patient=mother, ready=True
    )
    escorts.request_escort(
        desk, contact_id=contact.id, patient_id=mother.id, start=dt.datetime(2026, 3, 13, 9), note="三楼往左"
    )
    onsite_help.call_help(
        desk, contact_id=contact.id, place="门诊二楼", words=f"我妈莫秀兰走不动，{MY_PHONE}"
    )
    loans.request_loan(desk, contact_id=contact.id, kind="wheelchair", phone=MY_PHONE)
    transfers.request_transfer(
        desk,
        contact_id=contact.id,
        patient_id=mother.id,
        ride="pickup",
        start=dt.datetime(2026, 3, 13, 10),
        address=ADDRESS,
        phone=HER_PHONE,
    )
    herb = herbs.register_delivery(
        desk, contact_id=contact.id, patient_id=mother.id, doses=7, address=ADDRESS, external_id="RX-99"
    )
    herb_stages.advance_delivery(desk, delivery_id=herb.id, status="in_transit", tracking_number="SF556677")
    parcels.open_ticket(desk, delivery_id=herb.id, kind="damaged", text="破了两袋")
    herb_stages.advance_delivery(desk, delivery_id=herb.id, status="signed")
    requests.request_service(
        desk,
        contact_id=contact.id,
        kind="onsite_help",
        slots={"phone": MY_PHONE, "note": "到了门口打这个电话"},
    )
    about_her = complaints.file_complaint(
        desk, contact_id=contact.id, text=f"厕所太脏了，我妈莫秀兰滑倒，电话 {HER_PHONE[:3]} {HER_PHONE[3:7]} {HER_PHONE[7:]}",
        place_code="OPD-3F-WC", patient_name="覃小桂", phone=MY_PHONE,
    )  # fmt: skip
    pictures.keep_picture(desk, contact_id=contact.id, picture=Picture("湿滑的地面".encode(), 4, 3))
    staff = desk.acting_as("staff:1")
    handling.advance_complaint(
        staff, complaint_id=about_her.id, status="first_contact", reason="已打给覃小桂，家属说话很急"
    )
    handling.advance_complaint(
        staff, complaint_id=about_her.id, status="answered", answer="覃小桂您好，已打扫"
    )
    handovers.call_person(desk, contact_id=contact.id, reason="asked")
    handovers.add_note(staff, contact_id=contact.id, text=f"莫秀兰的女儿 {MY_PHONE}")
    alarms.raise_alarm(desk, kind="emergency", contact_id=contact.id, words=["莫秀兰夜里喘"])
    history.reveal(staff, record=mother, field="phone", reason="给莫秀兰回电")
    found = followups.enrol(
        desk, external_id=NUMBER, name="莫秀兰", phone=HER_PHONE, discharged_on=NOW.date() - dt.timedelta(days=1),
        id_number=MOTHERS, diagnosis="慢性支气管炎",
    )  # fmt: skip
    send_due(at(desk, hour=8))
    task = followups.find_open_task(desk, contact_id=contact.id)
    assert task is not None and found.follow_up.contact_id == contact.id
    _, step = followups.get_step(desk, task=task)
    record_answer(desk, task_id=task.id, question=step.questions[0], text="夜里喘，胸口痛")
    arrival = messages.receive(
        desk, channel="rest", sender=sender, message_id="m1", body={"text": f"莫秀兰，{MOTHERS}"}
    )
    outbox.post(
        desk,
        contact_id=contact.id,
        inbox_id=arrival.inbox_id,
        replies=[{"text": "已为莫秀兰登记"}],
        status="sent",
    )
    outbox.post(desk, contact_id=contact.id, replies=[{"text": "提醒莫秀兰：周五上午看诊"}])
    messages.keep_conversation(
        desk,
        contact_id=contact.id,
        state={"slots": {"patient_name": "莫秀兰", "phone": HER_PHONE}, "paused": False},
    )
    take_result(
        desk,
        external_id="LIS-7",
        name="莫秀兰",
        phone=HER_PHONE,
        id_number=MOTHERS,
        sampled_on=NOW.date(),
        items=[{"name": "血糖", "value": "8.9", "abnormal": True}],
    )
    desk.session.flush()
    return Someone(contact.id, me, mother, get_slot(desk, slot_id=upcoming.slot_id), upcoming)


def booked(desk: Desk, patient: Patient, start: dt.datetime, *, complaint: str) -> Appointment:
    slot = make_slot(desk, start, department="呼吸内科", doctor_id="resp-01", capacity=3)
    hold = holds.hold_slot(desk, slot_id=slot.id, contact_id=patient.contact_id)
    return appointments.book(desk, hold_id=hold.id, patient_id=patient.id, complaint=complaint)


def read_everything(desk: Desk) -> str:
    """Every column of every table as text, opened where it is sealed."""
    desk.session.flush()
    sealed = {one.model.__tablename__: one.sealed for one in HOLDINGS if one.sealed}
    said: list[str] = []
    for table in SQLModel.metadata.sorted_tables:
        for row in desk.session.connection().execute(sa.select(table)).mappings():
            for name, value in row.items():
                if isinstance(value, bytes):
                    value = unseal(value, sealed[table.name]).decode()
                said.append(f"{table.name}.{name}={value}")
    return "\n".join(said)


def test_every_table_and_every_sealed_column_has_its_rule() -> None:
    tables = {one.model.__tablename__ for one in HOLDINGS}
    assert tables | IMPERSONAL == set(SQLModel.metadata.tables) and not tables & IMPERSONAL
    for one in HOLDINGS:
        columns = one.model.__table__.c  # type: ignore[attr-defined]
        sealed = {
            name for name, column in columns.items() if isinstance(column.type, Encrypted | sa.LargeBinary)
        }
        assert one.removed or sealed <= set(one.emptied) | set(one.kept), one.model
        assert set(one.emptied) | set(one.kept) | set(one.hidden) <= set(columns.keys())
        assert bool(one.sealed) == ("body" in columns)


def test_the_copy_holds_all_that_is_held_in_the_open(desk: Desk) -> None:
    someone = live(desk)
    found = export(desk, scope=find_contact_scope(desk, contact_id=someone.contact_id), reason="本人查阅")
    assert set(found) == {str(one.model.__tablename__) for one in HOLDINGS}
    text = str(found)
    for word in SECRETS | WORDS - {"厕所太脏了"} | {"厕所太脏了，我妈莫秀兰滑倒"}:
        assert word in text
    visit, *_ = found["appointment"]
    assert [one["new"] for one in visit["history"]] == ["booked", "fulfilled"]
    assert found["patient"][1]["looked_at"][0]["reason"] == "给莫秀兰回电"
    assert found["patient"][0]["id_number"] == MINE and "person" not in found["patient"][0]
    assert found["inbox_message"][0]["body"]["text"].startswith("莫秀兰")


def test_a_copy_is_written_down_as_a_reveal_of_each_person(desk: Desk) -> None:
    someone = live(desk)
    export(
        desk.acting_as("staff:3"),
        scope=find_contact_scope(desk, contact_id=someone.contact_id),
        reason="本人到窗口申请",
    )
    for one in (someone.me, someone.mother):
        look = history.list_reveals(desk, record=one)[0]
        assert (look.field, look.actor, look.reason) == ("export", "staff:3", "本人到窗口申请")


def test_the_copy_of_one_human_being_is_without_the_others_data(desk: Desk) -> None:
    someone = live(desk)
    found = export(desk, scope=find_person_scope(desk, patient_id=someone.me.id), reason="本人")
    text = str(found)
    assert "覃小桂" in text and "头痛得厉害" in text
    for word in (MOTHERS, "夜里喘", "慢性支气管炎"):
        assert word not in text
    assert "inbox_message" not in found and "contact" not in found


def test_after_erasing_a_contact_no_column_names_anybody_or_says_what_was_said(desk: Desk) -> None:
    someone = live(desk)
    before = read_everything(desk)
    for word in SECRETS | WORDS:
        assert word in before
    scope = find_contact_scope(desk, contact_id=someone.contact_id)
    assert erase(desk, scope=scope, reason="覃小桂本人要求", cancel_open=True).new
    after = read_everything(desk)
    for word in SECRETS | WORDS:
        assert word not in after


def test_what_happened_stays_to_be_counted(desk: Desk) -> None:
    someone = live(desk)
    kept = appointments.list_appointments(desk, contact_id=someone.contact_id, department="呼吸内科")
    visits = [one.id for one in kept]
    erase(
        desk, scope=find_contact_scope(desk, contact_id=someone.contact_id), reason="本人", cancel_open=True
    )
    assert [
        (one.id, one.department, one.status)
        for one in appointments.list_appointments(desk, contact_id=someone.contact_id, department="呼吸内科")
    ] == [(visits[0], "呼吸内科", "cancelled"), (visits[1], "呼吸内科", "fulfilled")]
    (complaint,) = complaints.list_complaints(desk, contact_id=someone.contact_id)
    assert (complaint.status, complaint.category, complaint.place) == (
        "closed",
        "environment",
        "门诊三楼公共卫生间",
    )
    assert complaint.answered_at == NOW
    steps = [(one.new, one.actor) for one in history.list_changes(desk, record=complaint)]
    assert steps[:3] == [("received", "assistant"), ("first_contact", "staff:1"), ("answered", "staff:1")]
    assert desk.session.get_one(Patient, someone.mother.id).name == GONE
    assert desk.session.get_one(Patient, someone.mother.id).age(NOW.date()) == 86


def test_who_erased_and_why_is_kept_without_a_name(desk: Desk) -> None:
    someone = live(desk)
    scope = find_contact_scope(desk, contact_id=someone.contact_id)
    erase(desk.acting_as("staff:9"), scope=scope, reason="覃小桂本人到窗口要求", cancel_open=True)
    last = history.list_changes(desk, record=scope.subject)[-1]
    assert (last.new, last.actor, last.reason) == (ERASED, "staff:9", "＊本人到窗口要求")


OPEN = ["appointment", "waitlist", "escort", "equipment_loan", "transfer"]


def test_nothing_is_erased_while_something_is_still_to_happen(desk: Desk) -> None:
    someone = live(desk)
    scope = find_contact_scope(desk, contact_id=someone.contact_id)
    before = read_everything(desk)
    with pytest.raises(NotAllowed) as error:
        erase(desk, scope=scope, reason="本人")
    assert error.value.code == "open_records"
    assert [one.kind for one in error.value.details["records"]] == OPEN
    assert read_everything(desk) == before


def test_what_is_cancelled_with_it_gives_its_places_back(desk: Desk) -> None:
    someone = live(desk)
    scope = find_contact_scope(desk, contact_id=someone.contact_id)
    assert someone.slot.taken == 1
    done = erase(desk, scope=scope, reason="本人", cancel_open=True)
    assert [one.kind for one in done.cancelled] == OPEN
    desk.session.refresh(someone.slot)
    assert someone.slot.taken == 0
    assert list_open(desk, scope=scope) == []
    assert promises.list_promises(desk, contact_id=someone.contact_id, status="waiting") == []
    assert handovers.find_open(desk, contact_id=someone.contact_id) is None
    assert followups.list_followups(desk, contact_id=someone.contact_id, status="active") == []
    assert not outbox.claim_outbox(at(desk, hour=1))


def test_what_can_no_longer_be_cancelled_must_come_to_its_end_first(desk: Desk) -> None:
    someone = live(desk)
    appointments.advance_appointment(desk, appointment_id=someone.upcoming.id, status="arrived")
    scope = find_contact_scope(desk, contact_id=someone.contact_id)
    with pytest.raises(NotAllowed) as error:
        erase(desk, scope=scope, reason="本人", cancel_open=True)
    assert error.value.code == "under_way"
    assert [one.id for one in error.value.details["records"]] == [someone.upcoming.id]
    desk.session.rollback()


def test_erasing_twice_is_erasing_once(desk: Desk) -> None:
    someone = live(desk)
    erase(
        desk, scope=find_contact_scope(desk, contact_id=someone.contact_id), reason="本人", cancel_open=True
    )
    before = read_everything(desk)
    scope = find_contact_scope(desk, contact_id=someone.contact_id)
    assert not erase(desk, scope=scope, reason="本人").new
    assert not erase(desk, scope=find_person_scope(desk, patient_id=someone.me.id), reason="本人").new
    assert read_everything(desk) == before


def test_who_was_erased_may_come_again_as_somebody_new(desk: Desk) -> None:
    someone = live(desk)
    erase(
        desk, scope=find_contact_scope(desk, contact_id=someone.contact_id), reason="本人", cancel_open=True
    )
    again = make_contact(desk, SENDER)
    assert again.id != someone.contact_id
    patients.add_patient(desk, contact_id=again.id, name="覃小桂", id_number=MINE, phone=MY_PHONE)
    assert [one.name for one in patients.list_patients(desk, contact_id=again.id)] == ["覃小桂"]
    assert patients.list_patients(desk, contact_id=someone.contact_id) == []


def test_another_import_of_the_discharge_list_does_not_bring_the_person_back(desk: Desk) -> None:
    someone = live(desk)
    erase(
        desk, scope=find_contact_scope(desk, contact_id=someone.contact_id), reason="本人", cancel_open=True
    )
    again = followups.enrol(
        desk,
        external_id=NUMBER,
        name="莫秀兰",
        phone=HER_PHONE,
        discharged_on=NOW.date(),
        diagnosis="慢性支气管炎",
    )
    assert not again.new and again.follow_up.name == GONE
    assert "莫秀兰" not in read_everything(desk)


def test_erasing_one_human_being_leaves_the_others_of_the_contact(desk: Desk) -> None:
    someone = live(desk)
    scope = find_person_scope(desk, patient_id=someone.mother.id)
    done = erase(desk, scope=scope, reason="家属代办", cancel_open=True)
    assert [one.kind for one in done.cancelled] == ["appointment", "escort", "transfer"]
    after = read_everything(desk)
    for word in ("莫秀兰", MOTHERS, HER_PHONE, "1940-03-05", ADDRESS, NUMBER, "慢性支气管炎", "三楼往左"):
        assert word not in after
    for word in ("覃小桂", MINE, MY_PHONE, SENDER, "头痛得厉害", "厕所太脏了，我妈＊滑倒"):
        assert word in after
    assert [one.id for one in patients.list_patients(desk, contact_id=someone.contact_id)] == [someone.me.id]
    assert not outbox.claim_outbox(at(desk, hour=1)), "a reminder that names nobody is not sent"
    assert promises.list_promises(desk, subject=someone.upcoming.subject, status="waiting") == []


def test_a_person_under_two_contacts_is_erased_from_both_and_a_contact_alone_from_one(desk: Desk) -> None:
    someone = live(desk)
    father = make_contact(desk, "father")
    again = patients.add_patient(
        desk, contact_id=father.id, name="莫秀兰", id_number=MOTHERS, phone=HER_PHONE, relation="母亲"
    )
    with desk.session.begin_nested() as attempt:
        erase(
            desk,
            scope=find_contact_scope(desk, contact_id=someone.contact_id),
            reason="本人",
            cancel_open=True,
        )
        assert desk.session.get_one(Patient, again.id).name == "莫秀兰"
        attempt.rollback()
    erase(desk, scope=find_person_scope(desk, id_number=MOTHERS), reason="本人", cancel_open=True)
    assert "莫秀兰" not in read_everything(desk)


def test_a_discharge_nobody_registered_is_found_by_its_id_number(desk: Desk) -> None:
    followups.enrol(
        desk, external_id=NUMBER, name="莫秀兰", phone=HER_PHONE, discharged_on=NOW.date(), id_number=MOTHERS
    )
    erase(desk, scope=find_person_scope(desk, id_number=MOTHERS), reason="本人")
    after = read_everything(desk)
    for word in ("莫秀兰", HER_PHONE, NUMBER):
        assert word not in after
    with pytest.raises(NotFound):
        find_person_scope(desk, id_number=MOTHERS)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("电话10000009999谢谢", "电话＊谢谢"),
        ("100 0000 9999", "＊"),
        ("100-0000-9999", "＊"),
        ("１００００００９９９９", "＊"),
        ("我是莫秀兰，莫秀兰", "我是＊，＊"),
        ("没有名字", "没有名字"),
    ],
)
def test_names_and_numbers_are_found_however_they_were_typed(text: str, left: str) -> None:
    redaction = Redaction(["莫秀兰", HER_PHONE, None, "", "莫"])
    assert (redaction.clean(text), redaction.finds(text)) == (left, text != left)


@pytest.mark.parametrize(
    ("reason", "left"),
    [
        ("patient", "patient"),
        ("turn_failed:KeyError", "turn_failed:KeyError"),
        ("莫女士来电", None),
        (None, None),
    ],
)
def test_of_reasons_only_what_the_program_wrote_stays(reason: str | None, left: str | None) -> None:
    assert Redaction(()).clean_reason(reason) == left


def test_sealed_columns_were_really_read() -> None:
    """The search above would find nothing in what it cannot open."""
    with pytest.raises(CipherError):
        unseal(b"0" * 40, "inbox")


@pytest.mark.parametrize(
    ("kind", "number", "asked"),
    [
        ("passport", "XA1234567", "xa 1234567"),
        ("passport", "12345678", "12345678"),
        ("hongkong_macau", "H12345678", "H12345678"),
        ("taiwan", "12345678", "1234 5678"),
    ],
)
def test_a_person_is_found_by_the_number_of_any_document(
    desk: Desk, kind: str, number: str, asked: str
) -> None:
    one = patients.add_patient(
        desk,
        contact_id=make_contact(desk, "abroad").id,
        name="李四",
        id_number=number,
        id_kind=kind,
        birthday=dt.date(1980, 5, 1),
        sex="female",
        phone="10000001234",
        relation="本人",
    )
    assert [each.id for each in find_person_scope(desk, id_number=asked).patients] == [one.id]


def test_a_child_is_found_copied_and_erased_by_its_guardians_number(desk: Desk) -> None:
    contact = make_contact(desk, "guardian")
    guardian = make_id_number(dt.date(1990, 5, 1))
    child = make_child(desk, contact.id, guardian=guardian)
    another = make_patient(desk, contact, name="钱五")
    scope = find_person_scope(desk, id_number=guardian)
    assert [one.id for one in scope.patients] == [child.id]
    found = export(desk, scope=scope, reason="窗口申请")
    assert [one["name"] for one in found["patient"]] == ["赵小满"]
    assert erase(desk, scope=scope, reason="窗口申请").new
    desk.session.refresh(child)
    assert (child.name, child.guardian_name, child.guardian_id_number) == (GONE, None, None)
    desk.session.refresh(another)
    assert another.name == "钱五"
    with pytest.raises(NotFound):
        find_person_scope(desk, id_number=guardian)


def test_a_guardian_who_is_a_patient_comes_before_the_children(desk: Desk) -> None:
    contact = make_contact(desk, "guardian").id
    guardian = make_id_number(dt.date(1990, 5, 1))
    child = make_child(desk, contact, guardian=guardian)
    own = patients.add_patient(
        desk, contact_id=contact, name="赵大满", id_number=guardian, phone="10000001234", relation="本人"
    )
    scope = find_person_scope(desk, id_number=guardian)
    assert [one.id for one in scope.patients] == [own.id, child.id]
    assert [one.id for one in find_person_scope(desk, patient_id=child.id).patients] == [child.id]
