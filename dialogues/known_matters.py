"""What the words mean because of what is on record: 「那天我住院了来不了」 of somebody with an absence held against him."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from dialogues.actions.repeated_bookings import find_just_made
from dialogues.actions.waiting import wants_that
from dialogues.dangers import DANGER
from dialogues.fresh_matters import find_fresh
from dialogues.help_matters import find_help_matter
from dialogues.herb_matters import find_parcel
from dialogues.line_starts import WISH, fold, is_question
from dialogues.meanings import mean
from dialogues.person_matters import find_person_matter
from dialogues.voice_matters import find_voice
from dialogues.walk import Walk
from intents.language import strip_marks
from intents.understanding import Request, Understanding
from services import absences, escorts, patients
from services.arrivals import list_arrivals
from services.extras import list_extras
from services.registration import list_appointments
from services.waiting import find_unanswered, list_waitlist

MISSED = re.compile(
    "没(?:有|能)?(?:来|去|到|赶上|签到|看成)|(?:来|去)不(?:了|成)|没法(?:来|去)|赶不(?:上|到|及)|来不及|爽约|未到|耽误|错过|没(?:来|去)成"
    "|记错|我(?:明明|是)?(?:来|去)了|khong (?:den|di) duoc"
)
PAST = re.compile(
    "凭什么|哪天|哪次|几时|算不算|哪有|哪里有|我来了|去了的|那天|那次|那个号|当天|当时|上次|上回|昨天|前天|上周|之前|住院|住进|因为|记错|为什么|怎么|冤|不是我|hom do|lan truoc|hom qua"
)
AHEAD = re.compile("明天|后天|今天|下周|下个|取消|退号|退掉|改到|改成|改约|换到|怎么走|在哪")
LONGEST = 60
COMES = re.compile(
    r"(?:还|要|用)?(?:来|去)(?:不|唔)(?:来|去)|(?:还|还要|还用|还得|还能|还可以|用不用|要不要|需不需要|使唔使)(?:再|要|用|过)?(?:来|去|过去|过来)(?:医院|看病|看诊|看|就诊)?(?:了|啊|呀|的)?(?:吗|么|嘛|不|没|冇|啊|呢|呀)?[？?]*$"
    r"|照(?:常|样|旧)(?:来|去|看|出诊)|(?:co|con) (?:phai |can )?den (?:nua )?(?:khong|chu)"
)
"""「那我明天还来不来」: whether the number stands. Where the question is whether to come for something else, that is named."""
NOT_COMING_FOR = re.compile(
    "报告|结果|拿|取|抽血|采|检查|复查|拆线|换药|打针|住院|回来|来得及|来人|来了|去哪|哪里"
)
COMES_LONGEST = 20


APPEAL = re.compile("申诉|khieu nai")
EXTRA = re.compile("加.{0,2}号|them luot|医生.{0,3}(?:同意|答应)")
STATE = re.compile(
    "怎么样|怎样|结果|进度|消息|批|同意|答应|答复|回复|处理|过了|好了[没吗]|到哪|多久|什么时候|几时|有没有|ket qua|the nao|den dau|xong chua|tra loi"
)
"""What came of something asked for."""
WAITING = re.compile(
    "还(?:在|有没有)?(?:排|等)?(?:着|我的?)?候补|候补.{0,5}(?:还在|还有|算数|排着|怎么样|消息)|cho luot.{0,12}(?:con|sao|den dau)"
)
COMPLAINING = frozenset(
    {"file_complaint", "query_complaint", "query_appointment", "chitchat", "deny", "ask_bot"}
)
"""What the halves of 「凭什么，我哪天没去」 are taken for."""
WAITS = re.compile("第几|排到|轮到|(?:不|唔|莫)(?:再)?(?:等|排)(?:了|啦|咯)")
NO_WAIT = frozenset(
    {"query_queue", "stop_task", "deny", "goodbye", "out_of_scope", "chitchat", "cancel_appointment"}
)
"""What such words are taken for where nobody waits."""


def find_matter(walk: Walk, wanted: Request, text: str) -> Request:
    """The request in place of an intent guessed from the same words; ``wanted`` where nothing on record fits."""
    if not text or len(text) > LONGEST or wanted.intent in ("appeal_absence", *DANGER):
        return wanted
    helped = find_help_matter(walk, wanted, text)
    if helped is not None:
        return helped
    personal = find_person_matter(walk, wanted, text)
    if personal is not wanted:
        return personal
    fresh = find_fresh(walk, wanted, text)
    if fresh is not None:
        return fresh
    if wanted.intent in NO_WAIT and WAITS.search(text) and _only_waits(walk):
        return mean(wanted, "join_waitlist")
    plain = strip_marks(text.lower())
    contact = walk.before.contact_id
    if EXTRA.search(plain) and STATE.search(plain) and list_extras(walk.desk, contact_id=contact, limit=1):
        return mean(replace(wanted, slots={}), "request_extra")
    if (WAITING.search(plain) or wants_that(text)) and _has_waited(walk):
        return mean(replace(wanted, slots={}), "join_waitlist")
    if APPEAL.search(plain) and (absences.find_appeal(walk.desk, contact_id=contact) or _is_absent(walk)):
        return mean(wanted, "appeal_absence")
    comes = len(text) <= COMES_LONGEST and COMES.search(plain) and not NOT_COMING_FOR.search(text)
    if comes and list_appointments(walk.desk, contact_id=contact, upcoming=True, limit=1):
        return mean(wanted, "query_appointment")
    for find in (_find_absence, find_voice, find_parcel):
        meant = find(walk, wanted, text)
        if meant is not wanted:
            return meant
    return wanted


NEEDY = frozenset({"request_escort", "request_onsite_help", "request_transfer", "borrow_equipment"})
"""What 「一个人来」 and 「走不动」 are taken for."""


def find_escort_due(walk: Walk, wanted: Request, understood: Understanding) -> dict[str, Any] | None:
    """「一个人来」, 「走不动」 told of the visit booked a moment ago, where that makes an escort free: its slots. Of a visit
    today, somebody may stand here and need help now."""
    need = understood.slots.get("special_need")
    if need is None or wanted.intent not in NEEDY or is_question(understood.text):
        return None
    if WISH.search(fold(understood.text)) or understood.slots.keys() & {"relation", "patient_name", "date"}:
        return None
    last = find_just_made(walk.desk, contact_id=walk.before.contact_id)
    if last is None or last.date == walk.desk.now.date():
        return None
    patient = patients.get_patient(walk.desk, patient_id=last.patient_id)
    if not escorts.check_eligibility(
        walk.desk, patient=patient, needs=escorts.read_needs([str(need)])
    ).eligible:
        return None
    return {"special_need": need, "patient": patient.id, "date": last.date.isoformat()}


def _has_waited(walk: Walk) -> bool:
    contact = walk.before.contact_id
    waiting = list_waitlist(walk.desk, contact_id=contact, limit=1)
    return bool(waiting) or find_unanswered(walk.desk, contact_id=contact) is not None


def _is_absent(walk: Walk) -> bool:
    mine = patients.list_patients(walk.desk, contact_id=walk.before.contact_id)
    return any(absences.list_absences(walk.desk, person=one.person) for one in mine)


def _only_waits(walk: Walk) -> bool:
    """On the waitlist, and in no queue at the hospital."""
    contact, today = walk.before.contact_id, walk.desk.now.date()
    waiting = list_waitlist(walk.desk, contact_id=contact, limit=1)
    return bool(waiting) and not list_arrivals(walk.desk, contact_id=contact, date=today)


def _find_absence(walk: Walk, wanted: Request, text: str) -> Request:
    if MISSED.search(text) is None or PAST.search(text) is None or AHEAD.search(text):
        return wanted
    if not _is_absent(walk):
        return wanted
    slots = {name: value for name, value in wanted.slots.items() if name == "relation"}
    if not is_question(text):  # 「算爽约吗」 asks; what is told is passed on
        slots["appeal_text"] = text
    return mean(replace(wanted, slots={}), "appeal_absence", slots)
