"""What words mean while something of the contact is in hand or has just been told: 「到哪了」 while an escort is under way,
「不借了」 of what is kept ready, 「改到下午三点」 right after a ride was arranged.

They are first read as said of that. Each reading looks at the words before it asks the records anything, and gives way
where the words name something else.
"""

from __future__ import annotations

import datetime as dt
import re

from dialogues.actions.repeated_bookings import JUST_MADE, find_just_made
from dialogues.line_starts import WISH, fold, is_question
from dialogues.meanings import mean
from dialogues.walk import Walk
from intents.language import strip_marks
from intents.understanding import Request
from services import escorts, loans, transfers
from services.arrivals import PRESENT, list_arrivals

LONGEST = 30
LATELY = dt.timedelta(days=1)
"""So long what could not be arranged is what 「那怎么办」 speaks of."""
ELSEWHERE = re.compile(
    r"报告|结果|药|快递|寄|投诉|意见|建议|挂号|候补|病历|证明|床位|预约|厕所|食堂|停车|多少钱|费用"
    r"|thuoc|buu|khieu nai|ket qua|bao nhieu tien"
)
"""Names another subject."""
WHEREABOUTS = re.compile(
    r"到哪(?:里|儿|个科|一步|步)?(?:了|啦)?[呢呀啊？?]*$|在(?:哪|边)(?:里|儿|度|个科|个诊室|一步)?(?:了|啦)?[呢呀啊？?]*$"
    r"|(?:看|做|查|检查|弄|办|抽|拍|陪|搞|完)(?:完|好|到)(?:医生|病|血|了)?[没冇未](?:有)?[呢呀啊？?]*$|(?:看|做|查|检查|陪|弄)(?:完|好)(?:医生|病)?了[吗么没]"
    r"|还(?:要|得)(?:等)?(?:多久|好久|几久)|(?:几点|什么时候|几时)(?:能|可以|才)?(?:看完|做完|查完|完|结束|好|回来)"
    r"|(?:还好|怎么样|咋样|点样|顺利|情况如何|好不好)(?:了)?[吗么呢吧啊没]*[？?]*$|陪诊员.{0,6}(?:管|负责|照顾|帮)|陪(?:诊员|护).{0,4}(?:在|去)哪"
    r"|(?:dang )?o dau|den dau roi|(?:kham )?xong chua|bao lau nua|sao roi",
)
"""Asks after somebody who is being gone along with."""
OWN_WAY = re.compile(r"^(?:我|我们|咱们)(?:现在|该|要|应该)?(?:在|到|去)哪|^(?:toi|em) dang o dau")
"""Asks where he is himself."""
OTHER_COMPANION = re.compile(
    r"换(?:个|一?个|一位|成|掉|别的|另外)*(?:人|别人|陪诊员|陪护|护工|志愿者|他|她)|陪诊员.{0,8}换|换.{0,4}陪|doi nguoi|nguoi khac di cung"
)
AT_A_LOSS = re.compile(
    r"怎么办|咋办|点算|咋整|怎么搞|想(?:想|个)?办法|帮帮忙|一个人|没人(?:陪|带|照顾)|不行啊|急死|lam sao|phai lam the nao|mot minh"
)
SEEKS = re.compile(
    r"(?:找|派|安排|叫|请|有|冇)(?:没有|冇)?(?:个|一个|位|到)?人.{0,4}陪|陪(?:诊|护)员.{0,4}(?:有|能|可以).{0,3}[吗么]|co ai di cung"
)
"""Wants somebody, and asks after nobody in particular."""
NOT_BORROWED = re.compile(
    r"(?:不|唔|莫)(?:用|想|要|需要)?(?:再)?(?:借|留|拿)(?:了|啦|咯|喇)?|(?:取消|退掉|退了).{0,4}(?:借|伞|轮椅|平车|拐杖)|khong muon nua|huy muon"
)
RETURNS = re.compile(
    r"还(?:到|去|回|给|在)(?!有)|(?:怎么|在?哪里?|几点|什么时候|几时)(?:前)?还|归还|tra (?:o dau|lai|luc nao)"
)
GAVE_BACK = re.compile(
    r"(?:还(?:了|咗|过了?|回去了?|给(?:你们|护士|他们|人家)了?|好了|掉了)|(?:拿|送|推)回去了|放回(?:去|原处|原位|那里)了?|归还了|(?:da )?tra (?:lai )?(?:xe |do )?roi)"
    r"(?:呀|啊|啦|咯|的|嘛|哦|别催|了|，|,|。|！)*$"
)
"""Says that what was lent is back."""
MOVES = re.compile(
    r"(?:改|换|推迟|提前|挪|调)(?:一?下)?(?:到|成|为|去|至)?|doi (?:sang|gio|ngay)|chuyen sang"
)
OTHER_DOCTOR = re.compile(
    r"(?:医生|大夫|号).{0,3}(?:换|改)|(?:换|改)(?:成|到|为|约)?.{0,6}(?:医生|大夫|主任)?|doi bac si"
)
UNSURE = 0.6
LATER_TURN = re.compile(
    r"(?:往|向)后(?:排|挪|延|推|调)|排(?:到)?后(?:面|边)?(?:几|一点|些)|(?:晚|迟)(?:一)?点(?:再)?(?:叫|排|轮)|让(?:别人|后面的?人?).{0,3}先|先叫别人|跳过我|lui lai|cho nguoi khac truoc"
)
"""Of somebody in a queue who cannot be there in time."""


def find_fresh(walk: Walk, wanted: Request, text: str) -> Request | None:
    """The request in place of a guess; ``None`` where nothing in hand gives the words another meaning."""
    if len(text) > LONGEST:
        return None
    plain = strip_marks(text.strip().lower())
    for find in (_about_escort, _about_loan, _about_ride, _about_booking, _about_queue):
        meant = find(walk, wanted, plain)
        if meant is not None:
            return meant
    return None


def _about_escort(walk: Walk, wanted: Request, plain: str) -> Request | None:
    desk, contact = walk.desk, walk.before.contact_id
    other, asks = OTHER_COMPANION.search(plain), WHEREABOUTS.search(plain) and not OWN_WAY.search(plain)
    lost, seeks = AT_A_LOSS.search(plain), SEEKS.search(plain)
    if ELSEWHERE.search(plain) or not (other or asks or lost or seeks):
        return None
    mine = escorts.list_escorts(desk, contact_id=contact, upcoming=True)
    if other and mine:
        return mean(wanted, "replace_escort")
    if asks and any(one.status == escorts.IN_PROGRESS for one in mine):
        return mean(wanted, "query_escort")
    if seeks and not mine and wanted.intent == "query_escort":
        return mean(wanted, "request_escort")
    if lost and not mine and wanted.confidence < UNSURE and find_unstaffed(walk) is not None:
        return mean(wanted, "unstaffed_escort")
    return None


def find_unstaffed(walk: Walk) -> escorts.Escort | None:
    """The newest escort, where nobody could be found for it of late and its hour is still to come."""
    newest = escorts.list_escorts(walk.desk, contact_id=walk.before.contact_id, limit=1)
    if not newest or newest[0].status not in (escorts.REJECTED, escorts.FAILED):
        return None
    return newest[0] if newest[0].start > walk.desk.now - LATELY else None


def _about_loan(walk: Walk, wanted: Request, plain: str) -> Request | None:
    back = GAVE_BACK.search(plain)
    returns = RETURNS.search(plain) and wanted.confidence < UNSURE
    if not returns and not back and not NOT_BORROWED.search(plain):
        return None
    mine = loans.list_loans(walk.desk, contact_id=walk.before.contact_id, statuses=loans.OPEN)
    if back and not any(one.status == loans.IN_PROGRESS for one in mine):
        return None
    return mean(wanted, "borrow_equipment") if mine else None


def _about_ride(walk: Walk, wanted: Request, plain: str) -> Request | None:
    """「改到下午三点」: of the ride, where it was arranged a moment ago and nothing was booked since."""
    if wanted.intent not in ("reschedule_appointment", "change_escort", "out_of_scope") or not MOVES.search(
        plain
    ):
        return None
    if ELSEWHERE.search(plain) or "陪" in plain or not wanted.slots.keys() & {"date", "time", "period"}:
        return None
    rides = transfers.list_transfers(walk.desk, contact_id=walk.before.contact_id, upcoming=True)
    newest = max(rides, key=lambda one: one.id or 0, default=None)
    booked = find_just_made(walk.desk, contact_id=walk.before.contact_id)
    if newest is None or walk.desk.now - newest.created_at > JUST_MADE:
        return None
    if booked is not None and booked.created_at > newest.created_at:
        return None
    return mean(wanted, "move_transfer", {"record": newest.id})


def _about_booking(walk: Walk, wanted: Request, plain: str) -> Request | None:
    """「医生换成覃志勇」 right after booking."""
    if "doctor" not in wanted.slots or wanted.confidence >= UNSURE or is_question(plain):
        return None
    if not OTHER_DOCTOR.search(plain) or WISH.search(fold(plain)):
        return None
    booked = find_just_made(walk.desk, contact_id=walk.before.contact_id)
    if booked is None:
        return None
    return mean(wanted, "reschedule_appointment", {"date": booked.date.isoformat()})


def _about_queue(walk: Walk, wanted: Request, plain: str) -> Request | None:
    if not LATER_TURN.search(plain):
        return None
    desk = walk.desk
    waiting = list_arrivals(desk, contact_id=walk.before.contact_id, date=desk.now.date(), statuses=PRESENT)
    return mean(wanted, "query_queue") if waiting else None
