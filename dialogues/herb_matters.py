"""What the words mean because herbs are on their way: 「丢了」, 「柜子里没有」, 「别人的药」 of whom a parcel was sent; and while
a delivery is being registered, 「不寄了，取消」 gives that up.
"""

from __future__ import annotations

import re

from dialogues.dangers import DANGER
from dialogues.meanings import mean
from dialogues.walk import Walk
from intents.language import strip_marks
from intents.understanding import Request
from services import parcels
from services.herbs import list_deliveries

REGISTER, REPORT, FOUND_FLOW = "register_herb_delivery", "report_parcel", "parcel_found"
PARCEL = re.compile(
    r"药(?!效|量|店|膏)|包裹|快递|驿站|柜|拆开|拆了|签收|代收|(?:寄|送|发)(?:来|给我|错|少)|thuoc|goi|kien|hang|tu do|buu"
)
"""Speaks of what was sent."""
WRAPPED = re.compile(r"拆|袋|包(?!括)|快递|寄|签收|柜|goi|tui")
"""Of a parcel and not of taking a medicine: 「药漏了一顿」."""
LOOSE = frozenset(
    {
        "deny",
        "affirm",
        "out_of_scope",
        "chitchat",
        "stop_task",
        "thank",
        "goodbye",
        "greet",
        "query_herb_delivery",
        "change_herb_delivery",
        "request_onsite_help",
        "query_queue",
        "ask_bot",
        "repeat_last",
    }
)
"""What short words about a parcel are taken for by one who knows of none."""
KNOWN = frozenset({"change_request", "reschedule_appointment", "request_transfer"})
"""Of something else than herbs the phone is changed."""
NAMED = frozenset({"place", "department", "doctor", "examination", "complaint_category"})
"""Something else is spoken of: 「二楼电梯坏了」."""
SHORT = 8
GIVEN_UP = re.compile(
    r"不(?:用|要|想)?(?:寄|登记|办|弄|邮)(?:了|啦|咯)|取消|退掉|算了|唔寄|khong (?:gui|dang ky) nua|huy|thoi"
)
LOST = re.compile(r"^(?:东西|我的东西)?(?:弄|搞)?(?:丢|不见)(?:了|咗)[。！!]*$")
"""Somebody lost something: for that nobody is sent running."""
POSTAGE = re.compile(
    r"(?:邮|运|快递|寄|配送|代煎|煎药)(?:费|钱)|(?:寄|邮|代煎|快递).{0,3}(?:多少钱|几多钱|收费|要钱|免费)|包邮|phi (?:gui|van chuyen|sac)"
)
OTHER_POST = re.compile(r"病历|病案|证明|报告|发票|胶片|护士|benh an")
"""What else is sent for a fee."""
NEW_PHONE = re.compile(
    r"(?:换|改|更换|更改)(?:一?个|一?下|成|为|到)*(?:收货|收件|联系)?(?:的)?(?:电话|手机|号码)|(?:电话|手机|号码)(?:要|想)?(?:换|改)|doi so dien thoai"
)
CAME = re.compile(
    r"^(?:哦|噢|啊|好|刚刚?|刚才|已经|现在|药|中药|快递|包裹|又|我|都|，|,|\s)*(?:收到|拿到|找到|取到|送到|到)(?:了|啦|咗|喇)(?:哈|呢|，|,|。|！|!|\s|谢谢|不用查)*$"
    r"|^(?:da |vua )?(?:nhan duoc|tim thay|lay duoc|thay)(?: thuoc| goi| hang)? roi[.! ]*$"
)
"""It has come after all."""


def find_parcel(walk: Walk, wanted: Request, text: str) -> Request:
    """The request in place of an intent guessed from the same words; ``wanted`` where it stays."""
    plain = strip_marks(text.strip().lower())
    if wanted.intent in DANGER or REPORT not in walk.book.flows:
        return wanted
    if any(frame.flow == REGISTER for frame in walk.chain()):
        gives_up = wanted.intent == "change_herb_delivery" and GIVEN_UP.search(plain)
        return mean(wanted, "stop_task") if gives_up else wanted
    contact = walk.before.contact_id
    if CAME.match(plain) and wanted.intent in LOOSE:
        return mean(wanted, FOUND_FLOW) if parcels.find_missed(walk.desk, contact_id=contact) else wanted
    if POSTAGE.search(plain) and not OTHER_POST.search(plain) and _has_registered(walk):
        return mean(wanted, "herb_fee")
    if NEW_PHONE.search(plain) and wanted.intent not in KNOWN and _has_registered(walk, under_way=True):
        return mean(wanted, "change_herb_delivery")
    if not _speaks_of_parcel(wanted, plain) or not parcels.find_problems(walk.desk, plain):
        return wanted
    if parcels.list_reportable(walk.desk, contact_id=contact):
        return mean(wanted, REPORT)
    return mean(wanted, "ask_facility") if LOST.match(plain) else wanted


def _has_registered(walk: Walk, *, under_way: bool = False) -> bool:
    contact = walk.before.contact_id
    return bool(list_deliveries(walk.desk, contact_id=contact, under_way=under_way, limit=1))


def _speaks_of_parcel(wanted: Request, plain: str) -> bool:
    if wanted.intent == "ask_medication":
        return WRAPPED.search(plain) is not None
    if PARCEL.search(plain):
        return True
    return wanted.intent in LOOSE and len(plain) <= SHORT and not NAMED.intersection(wanted.slots)
