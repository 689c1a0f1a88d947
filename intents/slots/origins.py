"""Where a way begins: 「我在门诊大厅，去抽血怎么走」, 「从急诊转到住院楼」, 「从火车站怎么坐车来」."""

from __future__ import annotations

import re

from intents.slots.found import Found

STANDS = re.compile(
    r"(?:我(?:现在|而家|这会儿)?(?:就?在|喺|到了|来到|走到)|人在|走到了?|刚到|刚从(?=[^,，。]{1,8}出)|现在在|这里是|(?P<from>从|由|自))(?:了|咗)?(?P<place>[^,，。;；？?！!]{0,14}?)(?:门口|口|旁边|外面|边上)?(?:了|咗)?(?=去|到|怎么|点去|点行|点样|咋|走|转|送|推|搬|出|这里|呢度|,|，|。|$)"
)
GOES = re.compile(
    r"怎么走|怎么去|去|到|转|送|推|接|往|点去|点行|点样|咋走|克|走|在哪|几楼|喺边|坐|搭|乘|过来|过去"
)
ASKS_WAY = re.compile(r"怎么走|怎么去|往哪|在哪|几楼|喺边|点行|点去|咋走|喺几楼")
HERE_FLOOR = re.compile(
    r"(?:我|人)(?:们)?(?:现在|而家|这会儿)?(?:就?在|喺|到了)(?P<floor>(?:门诊|住院|综合)?[部楼]?(?:[一二三四五六七八九十]{1,2}|[1-9])[楼层])(?!的?[^,，。]{0,4}[口处室厅台站区])"
)
DIGIT = re.compile("[1-9]")
DIGITS = "零一二三四五六七八九"
FROM = re.compile(r"从|由")
TO_CLINIC = re.compile(r"(?:到|去|回)(?P<here>门诊)(?![一二三四五六]|楼|部|大|开|看|挂|手|治)")
FROM_TOWN = re.compile(
    r"(?:从|由)(?P<town>[^,，。？?！!\s]{2,12}?)(?=出发|怎么|点样|点去|点嚟|咋|过来|过去|坐|搭|开车|打车|骑|去|到|来|嚟|走)"
)
NO_TOWN = re.compile(
    r"[今明昨前后上下去][天日年周月午]|早上|晚上|开始|几点|几号|哪|什么|小时|现在|这里|那里|一楼|二楼|家里|以前|头"
)


def read_origins(text: str, named: list[Found]) -> dict[Found, Found | None]:
    """Finds of ``named`` that are where somebody stands → the origin each becomes. What was found besides (a floor, a
    town) is under a key of its own, so that the values are all origins."""
    origins: dict[Found, Found | None] = {}
    if named:
        for match in STANDS.finditer(text):
            for one in named:
                stands = match.start("place") <= one.start < match.end() and not origins
                goes = (
                    (match["from"] and GOES.search(text, one.end))
                    or (any(other.start > one.start for other in named) and GOES.search(text, one.end))
                    or (len(named) > 1 and ASKS_WAY.search(text))
                )
                if stands and goes:
                    origins[one] = Found("origin", one.value, one.start, one.end)
    clinic = TO_CLINIC.search(text)
    if clinic:
        here = Found("place", "门诊楼", *clinic.span("here"), weak=not FROM.search(text, 0, clinic.start()))
        if not any(here.overlaps(one) for one in named):
            origins[here] = here
            for match in STANDS.finditer(text):  # 「从停车场到门诊」
                for one in named:
                    if match.start("place") <= one.start < match.end() <= clinic.end():
                        origins[one] = Found("origin", one.value, one.start, one.end)
    if not any(one and one.slot == "origin" for one in origins.values()):
        for one in (*_floors(text, named), *_towns(text, named)):
            origins[one] = one
    return origins


def _floors(text: str, named: list[Found]) -> list[Found]:
    """「我在门诊三楼，最近的厕所在哪」: of where he is only the floor is said, beside where he wants to go; said alone it is
    a place like any other."""
    match = HERE_FLOOR.search(text)
    if match and not named and not text[match.end() :].strip("了啊呀呢哦啦咯，,。.！! "):
        words = DIGIT.sub(lambda found: DIGITS[int(found[0])], match["floor"].replace("层", "楼"))
        return [Found("place", words, *match.span("floor"))]
    if (
        match is None
        or not named
        or any(match.start("floor") <= one.start < match.end("floor") for one in named)
    ):
        return []
    words = DIGIT.sub(lambda found: DIGITS[int(found[0])], match["floor"].replace("层", "楼"))
    return [Found("origin", words, *match.span("floor"))]


def _towns(text: str, named: list[Found]) -> list[Found]:
    """A place outside, for who asks how to come; whether that is asked, the intent says."""
    match = FROM_TOWN.search(text)
    if match is None or NO_TOWN.search(match["town"]):
        return []
    one = Found("origin", match["town"], *match.span("town"), weak=True)
    return [] if any(one.overlaps(other) for other in named) else [one]
