"""What the words mean because the patient complained before: more of it, pictures of it, that it is settled, that the
answer does not content him. And what is a complaint although it is taken for something else: 「投诉厕所脏」.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

from dialogues.dangers import DANGER
from dialogues.line_starts import WISH, fold, is_question
from dialogues.meanings import mean
from dialogues.walk import Walk
from intents.language import strip_marks
from intents.understanding import Request
from services.afterthoughts import OPEN, list_pending
from services.complaints import list_complaints

FILE, QUERY, ADD, WITHDRAW, PICTURES, DISPUTE, ASK, UNNAME = (
    "file_complaint",
    "query_complaint",
    "add_to_complaint",
    "withdraw_complaint",
    "complaint_pictures",
    "dispute_answer",
    "ask_question",
    "unname_complaint",
)
TOLD = frozenset({FILE, "give_praise", "give_suggestion"})
WHERE = frozenset({"ask_route", "request_onsite_help", "ask_facility"})
"""What a place alone is taken for."""
WANTS = re.compile(r"[?？吗呢哪]|怎|咋|去|带|找|走|帮|来|快|叫|点样|o dau|duong|dua|giup")
"""Asks for the way or for somebody; without it the place is where it happened."""
UNSURE = 0.1
SURE = 0.85
ABOUT = re.compile(r"投诉|吐槽|举报|反映|意见|建议|那件事|那个事|khieu nai|gop y|phan anh")
ASKS_AFTER = re.compile(
    r"怎么样|咋样|点样|进度|进展|处理|查|哪|单号|结果|答复|答覆|回复|回音|回我|多久|多长|什么时候|几时|几天|好了|受理|解决|下文|消息|动静"
    r"|(?:投诉|吐槽|意见|建议|事情?|问题)(?:怎么|咋|点解|为什么|都|也|还|一直|到现在)*(?:没有?|不|冇)(?:人|谁|个人)?(?:理|回|管|处理|答|搭理|联系|动静)|石沉"
    r"|[吗么呢没未?？]$|有没有|tc-?\d|den dau|the nao|bao gio|khi nao|ket qua|tra loi|xu ly|xong chua|tra cuu|ma don|tien do"
)
"""What somebody says who asks how his complaint stands."""
NAMING = re.compile(
    r"我|的|要|想|那|这|个|件|条|次|一下|上|回|刚才|刚刚|之前|昨天|前天|今天|记录|单|toi|muon|cua|don|[\s，,。.!！]"
)
"""What may stand beside 「投诉」 without telling anything."""
TELLS = 2
"""Letters beside the word itself from which a complaint is told."""
BACK = re.compile(
    r"撤(?:回|销|掉|诉|案|了|吧)|(?:不|唔)(?:再)?(?:投诉|追究|吐槽|举报)(?:了|啦|咯)|(?:取消|收回|作废|销掉).{0,6}(?:投诉|吐槽|意见|举报)"
    r"|(?:投诉|吐槽|意见|举报).{0,6}(?:取消|收回|作废|算了|不用管|不要了|销掉)|rut (?:lai )?(?:don |cai )?(?:khieu nai|gop y|phan anh)|(?:huy|thoi) (?:khieu nai|gop y)"
)
OTHER_BACK = re.compile(r"号|候补|陪|药|授权|同意|床|检查|饭|餐|车|证明|病历|会诊|采血|护士上门")
"""What else may be taken back: those words speak of that."""
MORE = re.compile(
    r"补充|(?:再|还)(?:要|想|得)?(?:加|添|补)(?:一|几|上)?(?:点|句|条|下|些)?|还有(?:一|几)?(?:点|句|条|件事)?(?:要|没|忘)(?:说|讲|写)|(?:忘|漏)(?:了|记)?(?:说|讲|写)|bo sung|noi them|quen noi"
)
SHOWS = re.compile(
    r"(?:照片|图片|相片|截图|视频|录像|拍了).{0,10}(?:怎么|咋|哪|如何|能不能|可以|要不要|想|给你|传|发)|(?:怎么|哪里|可以|想|要)(?:发|传|上传|提交).{0,4}(?:照片|图|相|视频)"
    r"|(?:gui|dang) (?:anh|hinh)|(?:anh|hinh).{0,12}(?:gui|dang)"
)
FOUND = re.compile(
    r"^(?:我们?|人家|已经|刚刚?|自己|刚才|,|，)*(?:找到|借到|拿到|买到|有|约到|挂到|拿了|借了)(?!没|什么|多少|几)[^吗么?？]*了[。.!！]*$|^(?:da )?(?:tim thay|muon duoc|co).* roi[. !]*$"
)
"""It is there already: nothing is asked for."""
NOT_CONTENT = re.compile(
    r"不(?:太|是很|是|怎么|够|能)?(?:满意|认可|接受|服气)|没(?:有)?(?:给我|帮我|得到)?解决|(?:道歉|答复|回复|这样).{0,6}(?:有什么用|没用|有屁用)|糊弄|敷衍|打发我"
    r"|khong (?:hai long|chap nhan|dong y)|chua (?:giai quyet|duoc giai quyet)"
)
DEMANDS = re.compile(
    r"(?:要|让|叫|喊|必须|应该|得|起码|至少|最少)(?:求|她|他|佢|你们?|医院|领导|科室|那个|这个|护士|医生|护工|保安|收费员|当面|亲自|给|我|本人)*.{0,3}(?:道歉|赔礼|赔钱|赔偿|处分|开除|检讨|说法|解释清楚|退钱|退费|书面)"
    r"|(?:当面|公开|书面|亲自)道歉|(?:xin loi|boi thuong|ky luat).{0,12}(?:toi|truc tiep|truoc mat)|(?:muon|phai|bat).{0,16}(?:xin loi|boi thuong|ky luat)"
)
"""What is demanded over something that was complained of already."""
JUST_FILED = dt.timedelta(hours=2)
"""So soon after filing, what is told goes with what was filed, unless it surely asks for something else."""
ANEW = re.compile(r"再投诉|新的投诉|又来投诉|^(?:我)?(?:要|想)?投诉|另一件")
ONLY_ASKS = re.compile(
    r"^(?:没有?(?:要)?投诉[，, ]*)?(?:我|其实|也)*(?:就是|只是|就|只|唔系投诉[，, ]*)(?:想|来|随便)*(?:问问|问一问|问一下|问一句|问下|咨询|咨询一下)(?:而已|罢了|的|啦|嘛)*[。.!！]*$"
)
GOES_ON = re.compile(
    r"^(?:哦|对了|喂|那个|，|,|\s)*(?:还有(?!没|什么|几)|而且|并且|另外|再(?:有|就是)|关键是?|最(?:气|过分|可气)的?是?|不(?:光|止|仅)|补充|忘(?:了|记)说|con nua|hon nua|ngoai ra)"
)
NAMES_WHO = re.compile(
    r"^(?:哦|对了|，|,|\s)*(?:就是)?(?:那|这)?(?:个|位|名)?(?:医生|大夫|护士|护工|保安|导诊|收费员|人|他|她)?(?:姓|叫|名字|工号|的?名字|长得|穿|戴|是个|是位|大概|胸牌)"
)
UNNAMED = re.compile(
    r"^(?:我)?(?:要|想|就|请)?(?:匿名|不(?:留|写)名|唔(?:使)?留名|别(?:写|留|说|透露)我?的?名字?|不要(?:写|留|透露)我?的?名字?|保密)(?:吧|的|哈|谢谢|提|处理|了|。)*$|^an danh$|^(?:xin )?giau ten$"
)
LOOSE = frozenset(
    {
        FILE,
        QUERY,
        "give_praise",
        "give_suggestion",
        "out_of_scope",
        "chitchat",
        "stop_task",
        "goodbye",
        "thank",
        "affirm",
        "deny",
        "greet",
        "repeat_last",
        "ask_bot",
    }
)
"""What such words are taken for when nobody knows that there is a complaint."""


def find_voice(walk: Walk, wanted: Request, text: str) -> Request:
    """The request in place of an intent guessed from the same words; ``wanted`` where it stays."""
    plain = strip_marks(text.lower())
    if wanted.intent in DANGER or FILE not in walk.book.flows:
        return wanted
    if ONLY_ASKS.match(plain) and wanted.intent in LOOSE:
        return mean(wanted, ASK)
    meant = _find_deed(walk, wanted, plain)
    if meant is not None:
        return mean(wanted, meant)
    more = _find_more(walk, wanted, plain)
    if more is not None:
        return more
    if wanted.intent == QUERY and tells_complaint(plain):
        return mean(wanted, FILE)
    return wanted


def tells_complaint(plain: str) -> bool:
    """「投诉厕所脏」 asks after nothing."""
    about = ABOUT.search(plain)
    if about is None or ASKS_AFTER.search(plain):
        return False
    rest = NAMING.sub("", ABOUT.sub("", plain))
    return sum(map(str.isalnum, rest)) >= TELLS


def _find_deed(walk: Walk, wanted: Request, plain: str) -> str | None:
    named = ABOUT.search(plain) is not None
    contact = walk.before.contact_id
    back = BACK.search(plain) and (named or not OTHER_BACK.search(plain))
    if not named and not back and wanted.intent not in LOOSE:
        return None
    more, shows = MORE.search(plain), SHOWS.search(plain)
    if back or more or shows:
        pending = list_pending(walk.desk, contact_id=contact, limit=1)
        if pending or named:
            return WITHDRAW if back else PICTURES if shows else ADD
    if DEMANDS.search(plain) and not ANEW.search(plain) and _was_just_raised(walk):
        return ADD
    if NOT_CONTENT.search(plain) and not ANEW.search(plain):
        mine = list_complaints(walk.desk, contact_id=contact, limit=1)
        if mine and mine[0].status == "answered":
            return DISPUTE
    return None


def _was_just_raised(walk: Walk) -> bool:
    """Filed a moment ago, answered, or taken up again because the answer did not content him."""
    for one in list_pending(walk.desk, contact_id=walk.before.contact_id, limit=1):
        fresh = walk.desk.now - one.created_at <= JUST_FILED
        return fresh or one.status in ("answered", "reopened")
    return False


def _find_more(walk: Walk, wanted: Request, plain: str) -> Request | None:
    """「还有，厕所没纸」, 「那个护士姓覃」, 「匿名」 right after filing."""
    unnamed, goes_on, who = UNNAMED.match(plain), GOES_ON.match(plain), NAMES_WHO.match(plain)
    if not (unnamed or goes_on or who) or is_question(plain) or WISH.search(fold(plain)):
        return None
    if not who and wanted.intent not in LOOSE and wanted.confidence >= SURE and not MORE.search(plain):
        return None  # 「另外，取消明天的预约」
    newest = list_complaints(walk.desk, contact_id=walk.before.contact_id, limit=1)
    if not newest or newest[0].kind == "praise" or walk.desk.now - newest[0].created_at > JUST_FILED:
        return None
    if newest[0].status not in OPEN:
        return None
    return mean(wanted, UNNAME if unnamed else ADD, {"record": newest[0].id})


def join_told(walk: Walk, requests: tuple[Request, ...], text: str) -> tuple[Request, ...]:
    """「我撤回吧，怕医生给我穿小鞋」: one request, of what was filed; 「不用来了，找到轮椅了」 wants no wheelchair."""
    if len(requests) < 2:
        return requests
    whole = find_voice(walk, replace(requests[0], text=text), text)
    if whole.intent in (ADD, WITHDRAW, UNNAME):
        return (whole,)
    wanted = tuple(one for one in requests[1:] if not FOUND.match(strip_marks(one.text.strip().lower())))
    return (requests[0], *wanted)


def join_place(walk: Walk, requests: tuple[Request, ...]) -> tuple[Request, ...]:
    """「投诉护士骂人 门诊二楼彩超」: where it happened is no second request, nor 「二楼」 while it is told."""
    main, *rest = requests
    if any(frame.flow in TOLD for frame in walk.chain()) and _is_where(main):
        return (replace(main, confidence=UNSURE), *rest)
    if main.intent not in TOLD:
        return requests
    return (main, *(one for one in rest if not _is_where(one)))


def _is_where(one: Request) -> bool:
    return one.intent in WHERE and WANTS.search(strip_marks(one.text.lower())) is None
