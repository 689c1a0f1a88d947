"""Addresses, where the words around announce one or the words themselves make one."""

from __future__ import annotations

import re

from intents.slots.found import Found

UNIT = r"(?:省|自治区|市|县|区|镇|乡|村|屯|路|街|道|巷|弄|号|栋|幢|单元|室|楼|小区|花园|苑|广场|大厦|公寓|新村|社区|组|队|学校|公司)"
SAID = re.compile(
    r"(?:收[件货]地址|收药地址|新地址|地址|住址|送货地址)(?:是|改成|改为|改到|换成|换到|变成|为|在|:|：|,|，|\s)*(?P<a>[^,，。;；!！?？\n]{4,60})"
    r"|(?:寄|送|邮|发|快递|改|换|配送)(?:药|过)?(?:到|去|至|往|来|回)(?P<b>[^,，。;；!！?？\n]{3,60})"
    r"|(?:我|家|人)?(?:家|屋企|屋头)?住(?!院)(?:在|喺|到)?(?P<c>[^,，。;；!！?？\n]{4,60})"
)
ENOUGH = re.compile(rf"[\u4e00-\u9fffa-z0-9]{{2,}}{UNIT}")
TAIL = re.compile(
    r"(?:行不行|可以吗|可以么|好吗|得吗|得不得|吧|谢谢|咯|哦|呢|了|去|就行|就得|那里|那边|电话.*|手机.*|收件人.*)+$"
)


def read_addresses(text: str) -> list[Found]:
    for match in SAID.finditer(text):
        group = match.lastgroup or "a"
        words = TAIL.sub("", match[group]).strip()
        if ENOUGH.search(words) and not re.search(r"几号|哪|什么|多少|^\d{1,2}号(?!\w*[路街楼栋村])", words):
            start = match.start(group)
            return [Found("address", words, start, start + len(words))]
    return []


def looks_like_address(text: str) -> bool:
    """Whether a whole message can be an address, as an answer to 「请说一下收件地址」."""
    return (
        len(text.strip()) >= 5
        and bool(ENOUGH.search(text))
        and not re.search(r"[?？]|怎么|为什么|多少", text)
    )
