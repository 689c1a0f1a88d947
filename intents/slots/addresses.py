"""Addresses, where the words around announce one or the words themselves make one."""

from __future__ import annotations

import re

from intents.slots.found import Found

UNIT = r"(?:省|自治区|市|县|区|镇|乡|村|屯|路|街|道|巷|弄|号|栋|幢|单元|室|楼|小区|花园|苑|广场|大厦|公寓|新村|社区|组|队|学校|公司)"
STOP = r"[^,，。;；!！?？\n]"
SAID = re.compile(
    rf"(?:收[件货]地址|收药地址|新地址|地址|住址|送货地址)(?:是|系|改成|改为|改到|换成|换到|变成|为|在|写|填|:|：|,|，|\s)*(?P<a>{STOP}{{4,60}})"
    rf"|(?:(?:寄|送|邮|发|快递|改|换|配送)(?:药|过)?(?:到|去|至|往|来|回|俾)|(?:寄|邮)(?=[\u4e00-\u9fff]{{2,8}}?(?:省|市|县|区|自治州|镇|乡)))(?P<b>{STOP}{{3,60}})"
    rf"|(?:(?:我|家|人)?(?:家|屋企|屋头)?住(?!院)(?:在|喺|到)?|(?:我|我们|老)家(?:就)?(?:在|喺))(?P<c>{STOP}{{4,60}})"
)
DELIVERY = re.compile(r"寄|送|邮|快递|地址|收件|收货|配送|包裹|收药|住在|搬")
NUMBER = r"[\d一二三四五六七八九十百零〇]"
SHAPED = re.compile(
    rf"(?:[\u4e00-\u9fff]{{2,7}}?(?:省|自治区|市|县|区|镇|乡|州))?(?:[\u4e00-\u9fffa-z\d]{{2,14}}?(?:路|街|大道|巷|村|新村|小区|花园|苑|镇|屯|社区|广场|坊|里弄)){{1,3}}{STOP}{{0,6}}?{NUMBER}{{1,5}}(?:号|栋|幢|组|单元|楼|室|巷|队|弄|座|[-—]\d)[^,，。;；!！?？\n\s]{{0,24}}"
)
LEAD = re.compile(
    r"^.*?(?:寄到|送到|改成|改为|地址是|地址系|应该是|搬到|住在|寄去|送去|邮到|邮寄到|发到|换成|改到|寄回|寄往|(?<![省市县区镇乡村])(?:在|到|去|是|喺|至))"
)
ENOUGH = re.compile(rf"[\u4e00-\u9fffa-z0-9]{{2}}{UNIT}")
NO_PLACE = re.compile("[?？]|怎么|为什么|多少")
BARE = re.compile(
    "(?:就?在|住在?|寄到|送到|到)?(?!.*(?:没|不|哪|什么|随便|还是|怎么|多少|为什么|[走问带认]路))[\u4e00-\u9fff]{2,8}"
    "(?:路|街|大道|巷|村|屯|小区|花园|社区|苑|镇)[。.]?"
)
"""「人民路」: no whole address, but the beginning of one."""
TAIL = re.compile(
    r"(?:行不行|可以吗|可以么|好吗|得吗|得不得|得唔得|要得不|吧|谢谢|咯|哦|呢|了|去|嘛|就行|就得|那里|那边|吗|收|电话.*|手机.*|收件人.*|联系.*)+$"
)
INSIDE = re.compile(
    r"几号|哪|什么|多少|^[\d一二三四五六七八九十廿]{1,3}[号日](?!\w*[路街楼栋村])|[上下]午|早上|晚上|周[一二三四五六日]|星期|^(?:老家|单位|学校|家里|我家|公司)$|院区|住院|门诊|病房|急诊|诊室|药房|药店|科$|^[一二三四五六七八九十\d]{1,2}楼"
)


def read_addresses(text: str) -> list[Found]:
    """One address at most: what follows words that announce it, else what is built like one in talk of a parcel."""
    for match in sorted(
        SAID.finditer(text), key=lambda one: one.lastgroup == "c"
    ):  # where it goes before where one lives
        group = match.lastgroup or "a"
        words, start = match[group], match.start(group)
        lead = re.match(r"(?:寄去|寄到|送到|在|到|去|是|系|我家|家里|我们|我)+", words)
        if lead and len(words) - lead.end() >= 4:
            words, start = words[lead.end() :], start + lead.end()
        words = TAIL.sub("", words).rstrip()
        if ENOUGH.search(words) and not INSIDE.search(words):
            return [Found("address", words.upper(), start, start + len(words))]
    if DELIVERY.search(text):
        for match in SHAPED.finditer(text):
            words, start = match[0], match.start()
            lead = LEAD.match(words)
            if lead:
                words, start = words[lead.end() :], start + lead.end()
            words = TAIL.sub("", words).rstrip()
            if len(words) >= 5 and not INSIDE.search(words):
                return [Found("address", words.upper(), start, start + len(words))]
    return []


def is_address(text: str) -> bool:
    """Whether a whole message is surely one, though nobody asked for it."""
    return SHAPED.fullmatch(text.strip()) is not None and not INSIDE.search(text)


def looks_like_address(text: str) -> bool:
    """Whether a whole message can be an address, as an answer to 「请说一下收件地址」."""
    plain = text.strip()
    if BARE.fullmatch(plain):
        return True
    return len(plain) >= 5 and bool(ENOUGH.search(plain)) and not NO_PLACE.search(plain)
