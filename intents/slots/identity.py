"""Numbers that name a person, a parcel or a record: phone, ID card, tracking and order numbers, ticket codes."""

from __future__ import annotations

import re

from intents.slots.found import Found, longest

SPOKEN = str.maketrans("零〇幺一二两三四五六七八九", "0011223456789")
DIGIT = "[0-9零〇幺一二两三四五六七八九]"
GAP = r"[\s\-–—_·.,，、]?"
OLD = re.compile(r"(?:旧|老|原来|原先|以前|之前|原)(?:的|那个|号码?|电话|手机)*(?:是|:|：)?$")
GONE = re.compile(r"(?:这个|那个|已经|都|现在|号码?)*(?:不用|停机|停用|作废|注销|没用|打不通|销号)")
PHONE = re.compile(rf"(?<![0-9a-z])(?:\+?86[\s-]?)?([10一幺零〇](?:{GAP}{DIGIT}){{10}})(?![0-9a-z])")
LANDLINE = re.compile(r"(?<!\d)(0\d{2,3}[\s-]?\d{7,8})(?!\d)")
PHONE_SAID = re.compile(
    rf"(?:电话|手机|号码|联系方式|打)(?:号码?|是|为|改成|换成|改为|:|：|，|,|\s)*({DIGIT}(?:{GAP}{DIGIT}){{6,23}})(?![0-9a-z])"
)
MORE = re.compile(r"[零〇幺一二两三四五六七八九]+(?![个位号楼层点岁月年天次人])")
"""What goes on after eleven spoken digits: a number of twelve is no phone with one left over."""
CALLED = re.compile(r"1\d{10}|0\d{9,11}|[1-9]\d{6,7}")
"""A mobile, a landline with its area code or without."""
ID_CARD = re.compile(r"(?<![0-9a-z])((?:\d[\s-]?){17}[\dx])(?![0-9a-z])")
TRACKING = re.compile(
    r"(?<![0-9a-z])((?:sf|yt|zt|sto|jd|jt|ems|yd|db|jdv|jdx|ky|dpk|ane|cnex|gj)[\s-]?\d{8,18}|[a-z]{2}\d{9}cn|(?:7\d|9\d|4\d|3\d|1[0-2])\d{11,13})(?![0-9a-z])"
)
TRACKING_SAID = re.compile(
    r"(?:快递|运单|单号|物流|包裹|邮件|韵达|中通|圆通|申通|京东|极兔|邮政|顺丰|德邦|百世|ems)(?:快递|速递|快运|速运)?(?:的)?(?:单?号码?)?(?:是|为|:|：|\s)*([a-z]{0,4}\d(?:[\s-]?\d){7,19})(?![0-9a-z])"
)
ORDER = re.compile(
    r"(?<![0-9a-z])((?:gh|yy|tc|ts|pz|pj|zy|hd|wl|jy|bl|zm|hl|gd|xx|ls|hb)-?\d{6,8}-?[0-9a-z]{2,8})(?![0-9a-z])"
)

ORDER_SAID = re.compile(
    r"(?:预约|挂号|陪诊|投诉|工单|订单|登记|配送|受理|申请|反馈|服务|业务|转运|检查|采样|住院)(?:单号?|编号|号码?|流水号|记录)+(?:是|为|:|：|,|，|\s)*(?P<number>(?:[a-z]{1,4}-?)?\d[\da-z]{2,}(?:-[\da-z]+){0,3})(?![\da-z])"
)
"""Any number called an order's, whatever its form: 工单号20260311-5."""


def read_numbers(text: str) -> list[Found]:
    """Phones as digits (spoken ones too), ID numbers with a capital X, tracking and order numbers in capitals."""
    found: list[Found] = []
    for match in ID_CARD.finditer(text):
        found.append(Found("id_number", _bare(match[1]).upper(), match.start(1), match.end(1)))
    for match in ORDER.finditer(text):
        found.append(Found("order_number", match[1].upper(), match.start(1), match.end(1)))
    for match in ORDER_SAID.finditer(text):
        found.append(Found("order_number", match["number"].upper(), *match.span("number")))
    for pattern in (PHONE, LANDLINE, PHONE_SAID):
        for match in pattern.finditer(text):
            digits = _bare(match[1].translate(SPOKEN))
            goes_on = not match[1].isascii() and MORE.match(text, match.end(1))
            if not goes_on and (pattern is not PHONE_SAID or CALLED.fullmatch(digits)):
                found.append(Found("phone", digits, match.start(1), match.end(1)))
    for pattern in (TRACKING, TRACKING_SAID):
        for match in pattern.finditer(text):
            found.append(Found("tracking_number", _bare(match[1]).upper(), match.start(1), match.end(1)))
    phones = [one for one in found if one.slot == "phone"]
    old = [
        one
        for one in phones
        if OLD.search(text, max(0, one.start - 24), one.start) or GONE.match(text[one.end :].lstrip(",， "))
    ]
    if old and len({one.value for one in phones}) > len({one.value for one in old}):
        found = [one for one in found if one not in old]
    return longest(found)


def _bare(text: str) -> str:
    return re.sub(r"[\s\-–—_·.,，、]", "", text)
