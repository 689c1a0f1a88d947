"""What words mean to somebody who waits: for help on the spot, an escort, a ride, or whose number was called.

Somebody is sent only to who asks for it: 「我在厕所」 alone asks for nobody, but says where he is to whoever waits.
"""

from __future__ import annotations

import datetime as dt
import re

from dialogues.meanings import mean
from dialogues.spots import CHINESE, Spot, find_spot, says_only_where
from dialogues.walk import Walk
from intents.language import strip_marks
from intents.understanding import Request
from services.arrivals import CALLED, PASSED, list_arrivals
from services.escorts import IN_PROGRESS as UNDER_WAY
from services.escorts import list_escorts
from services.herbs import list_deliveries
from services.onsite_help import IN_PROGRESS, OnsiteHelp, find_open_help
from services.registration import BOOKED, NOSHOW, list_appointments
from services.transfers import list_transfers

FRESH = dt.timedelta(hours=1)
"""Later, a place alone is no longer said of the call."""
JUST_COME = dt.timedelta(days=2)
LONGEST, LONGEST_SPELT = 24, 48
"""Letters of a brief message; in Vietnamese twice as many say the same."""
URGES = re.compile(
    r"没(?:有)?(?:人|谁)(?:来|理|过来|到|管|应)|没见(?:有)?人|人呢|来人啊|快[点啲]?来|还没(?:有)?(?:人)?(?:来|到)|还不来|(?:什么时候|几时|多久)(?:能|才)?(?:来|到)"
    r"|到哪(?:里|儿)?了|等(?:了)?(?:好久|很久|半天)|处理得?怎么样|chưa (?:ai )?(?:thấy|đến|tới)|sao lâu|chua (?:ai )?(?:thay|den|toi)|sao lau",
    re.IGNORECASE,
)
OVER = re.compile(
    r"^(?:不用|唔使|不需要|不必|别|莫)(?:再)?(?:来|叫|找|麻烦|管|派|帮忙)?(?:人|你们|护士)?(?:来)?(?:了|啦|咯|喇)"
    r"|^(?:谢谢|我|他|她|佢)*(?:儿子|女儿|仔|女|家里?人|家属|老公|老婆|爱人|妈|爸|孙子?|朋友|亲戚|同事)[^，,。]{0,4}(?:来|到|接)(?:了|到)(?:我)?"
    r"|^(?:我|已经|自己|刚刚?|现在)*(?:找到(?:路|地方|了)|走出来了?|出来了|走到了|能走了|自己(?:走|来|去)了)"
    r"|^(?:谢谢|人|护士|有人|已经|好了)*(?:来了|到了|扶起来了|没事了|不用(?:来|叫人?|找人?)了?)[了啦吧。，,！!]*(?:谢谢)?$"
    r"|^(?:đến rồi|không cần (?:nữa|đến)|den roi|khong can (?:nua|den))",
    re.IGNORECASE,
)
OTHER = re.compile("报告|结果|药|快递|医生|退|投诉|预约|号源|床位|检查")
OTHER_THING = re.compile(
    "报告|结果|药|快递|包裹|退|投诉|意见|反映|建议|预约|候补|床位|叫号|几号|排|病历|证明|包"
)
LATE = re.compile(
    r"堵车|塞车|迟到|晚到|晚一?点到|来晚|要晚|赶不(?:上|到|及)|来不及|kẹt xe|ket xe|đến muộn|den muon|đến trễ|den tre|trễ giờ|tre gio",
    re.IGNORECASE,
)
"""Of somebody on his way to today's number."""
BACK = re.compile(
    r"^(?:我|我们|啊|喂|已经|现在|都)*(?:回来|回到|返嚟|过来|赶到|到)(?:了|啦|咗|诊区|候诊).{0,4}$|^(?:tôi |toi )?(?:quay lại|đã quay lại|quay lai|về|ve) (?:rồi|roi)"
)
ABSENT = re.compile("厕所|洗手间|卫生间|上洗手|解手|打水|买|吃饭|接电话|nhà vệ sinh|nha ve sinh|toilet")
LOST = re.compile(
    "^(?:.{0,3})(?:丢了|不见了|被人?拿走了?|被偷了?|找不到了?|没找到)[。！!]*$|^(?:bị )?mất rồi"
)
"""Said right after a parcel arrived, it is the parcel."""
MOVES_ESCORT = re.compile(
    r"陪[诊护检].{0,6}(?:改|换(?!(?:一?个|一位|成)?(?:人|别|他|她|陪|吗|行|可以|$))|推迟|提前|挪)|(?:改|换|推迟|提前)(?:一?下)?.{0,4}陪[诊护检]|đổi (?:giờ|ngày|lịch).{0,12}người đi cùng|doi (?:gio|ngay|lich).{0,12}nguoi di cung"
)
RIDE = re.compile(
    r"接送|派车|用车|[叫约订]的?车|司机|车(?:子|辆)?(?=安排|派|几|什么|到|来|出发|不|还|怎)|几[点时]来接|来接我?|đưa đón|dua don|tài xế|tai xe|xe đón|xe don",
    re.I,
)
ABOUT_RIDE = re.compile(
    r"取消|不[要用坐去]|改|换|安排|派好|派了|几[点时]|什么时候|到哪|怎么还|来了?[吗没]|电话|是谁|出发|hủy|huy|đổi|doi|mấy giờ|may gio|bao giờ|bao gio|số điện thoại|so dien thoai",
    re.I,
)
MOVES_RIDE = re.compile(
    r"(?:改|换|推迟|提前|延后)(?:个|一?下)?(?:时间|钟点|日子|一?天|到|成)|(?:推迟|提前|延后)|đổi (?:giờ|ngày)|doi (?:gio|ngay)",
    re.I,
)
STEP = re.compile(
    r"(?:走|做|办|查|看|进行|检查|陪|弄)?到(?:哪|什么)(?:一)?(?:步|项|里|儿|个?环节|程度|阶段)|(?:做|看|查|检查|办)到(?:哪|边)|什么情况|(?:看|做|检查|查|弄|办)(?:完|好)(?:了)?(?:没|冇|吗|未)|(?:现在|而家|这会儿|人)(?:在|喺)(?:哪|边|做什么|干什么|干嘛|干吗)"
    r"|(?:dang|da)? ?(?:den|toi) (?:dau|buoc nao)|(?:kham|lam) xong chua",
    re.I,
)
"""Asked by the family while somebody goes along with the patient."""
GUESSED = frozenset(
    {"request_onsite_help", "ask_route", "chitchat", "out_of_scope", "affirm", "greet", "query_queue"}
)


def find_help_matter(walk: Walk, wanted: Request, text: str) -> Request | None:
    """The request in place of a guess; ``None`` where nothing on record gives the words another meaning. The words are
    looked at first: most messages are none of these, and ask the records nothing."""
    brief = len(text) <= (LONGEST if CHINESE.search(text) else LONGEST_SPELT)
    place = _find_place(walk, text) or (_find_awaited_place(walk, text) if brief else None)
    urged = brief and URGES.search(text) is not None and OTHER.search(text) is None
    over = brief and OVER.search(text.strip()) is not None
    if place is not None or urged or over:
        call = _find_open(walk)
        if call is not None and place is not None and _may_move(walk, call):
            return mean(wanted, "request_onsite_help", {"place": place.words})
        if call is not None and place is None:
            return mean(wanted, "query_escort" if urged else "cancel_escort")
    if brief and (place is not None or ABSENT.search(text) or BACK.search(text.strip().lower())):
        away = place is not None or not BACK.search(text.strip().lower())
        if (not away or wanted.intent in GUESSED) and _was_called(walk):
            return mean(wanted, "query_queue")
    if brief and STEP.search(strip_marks(text)) and not OTHER_THING.search(text) and _is_accompanied(walk):
        return mean(wanted, "query_escort")
    if LATE.search(text) and _has_number_today(walk):
        return mean(wanted, "query_queue")
    if MOVES_ESCORT.search(text) and _has_escort(walk):
        return mean(wanted, "change_escort")
    if RIDE.search(text) and ABOUT_RIDE.search(text) and _has_ride(walk):
        return mean(wanted, "move_transfer" if MOVES_RIDE.search(text) else "request_transfer")
    if wanted.intent in GUESSED and LOST.search(text) and _got_parcel(walk):
        return mean(wanted, "report_parcel")
    return None


def asks_nobody(walk: Walk, text: str) -> bool:
    """Only where he is, and nobody was called who could be sent there."""
    return _find_place(walk, text) is not None and _find_open(walk) is None


def tells_where(walk: Walk, text: str) -> bool:
    """「啊我在三楼厕所」: said as where he is, not as where he wants to go."""
    place = _find_place(walk, text)
    return place is not None and place.told


def _find_place(walk: Walk, text: str) -> Spot | None:
    """A place, where nothing else is said."""
    named = [str(one.value) for one in walk.entities if one.slot in ("place", "department")]
    hospital = walk.book.hospital
    return find_spot(hospital, text, named=named) if says_only_where(hospital, text, named=named) else None


def _find_awaited_place(walk: Walk, text: str) -> Spot | None:
    """「有个抽血的窗口」 of whom somebody looks for and nobody knows where he is: any place that he names."""
    named = [str(one.value) for one in walk.entities if one.slot in ("place", "department")]
    spot = find_spot(walk.book.hospital, text, named=named)
    if spot is None:
        return None
    call = _find_open(walk)
    return spot if call is not None and not call.place else None


def _find_open(walk: Walk) -> OnsiteHelp | None:
    return find_open_help(walk.desk, contact_id=walk.before.contact_id)


def _may_move(walk: Walk, call: OnsiteHelp) -> bool:
    return call.status != IN_PROGRESS and walk.desk.now - call.created_at <= FRESH


def _was_called(walk: Walk) -> bool:
    desk, contact = walk.desk, walk.before.contact_id
    today = desk.now.date()
    return bool(list_arrivals(desk, contact_id=contact, date=today, statuses=(CALLED, PASSED), limit=1))


def _has_number_today(walk: Walk) -> bool:
    desk, contact = walk.desk, walk.before.contact_id
    today = desk.now.date()
    return bool(list_appointments(desk, contact_id=contact, date=today, statuses=(BOOKED, NOSHOW), limit=1))


def _has_escort(walk: Walk) -> bool:
    return bool(list_escorts(walk.desk, contact_id=walk.before.contact_id, upcoming=True, limit=1))


def _is_accompanied(walk: Walk) -> bool:
    """An escort of his is under way."""
    going = list_escorts(walk.desk, contact_id=walk.before.contact_id, statuses=(UNDER_WAY,), limit=1)
    return bool(going) and going[0].start.date() == walk.desk.now.date()


def _has_ride(walk: Walk) -> bool:
    return bool(list_transfers(walk.desk, contact_id=walk.before.contact_id, upcoming=True, limit=1))


def _got_parcel(walk: Walk) -> bool:
    newest = list_deliveries(walk.desk, contact_id=walk.before.contact_id, limit=1)
    return bool(newest) and walk.desk.now - newest[0].stage_at <= JUST_COME
