"""Where in the house somebody says he is: 「三楼电梯口」, 「ở sảnh tầng 1」; no other words count as a place.

Read from the map's own names, from floors, and from words of place that no map has (走廊, 门口). What staff are to read is
Chinese, so a Vietnamese place is said in Chinese.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dialogues.line_starts import fold, is_question
from knowledge import Hospital

NUMBER = "[一二三四五六七八九十两\\d]"
FLOOR = rf"(?:负|地下)?{NUMBER}{{1,3}}\s*(?:号楼|[楼层](?!梯))|(?<![a-z\d])(?:\d{{1,2}}f|b[12])(?![a-z\d])"
NUMBERED = rf"[\da-z{NUMBER[1:-1]}]{{1,4}}\s*号?(?:诊室|窗口|窗|床|门|机|房|病房|病区|区)"
PLAIN = (
    "门口|门前|大门|[东西南北侧后前]门|楼梯|台阶|走廊|过道|通道|连廊|天桥|花坛|花园|草坪|车库|地库|停车场|车场|诊室|诊区"
    "|候诊|病房|病区|护士站|护士台|窗口|柜台|大堂|大厅|厕所|卫生间|洗手间|男厕|女厕|电梯|扶梯|自助机|缴费|收费|药房|抽血"
    "|(?:彩超|超声|心电图|胃镜|肠镜|CT|核磁|磁共振|拍片|X光|化验|检验|输液|打针|换药)(?=那里|那边|那儿|这里|这边|这儿|门口|旁边|外面|室|候诊|等候)"
    "|检验|化验|放射|B超|食堂|超市|小卖部|广场|岗亭|坡道|斜坡|检查室|手术室|服务台|导诊台|急诊|门诊|住院部|院区|大楼|楼下|楼上|恢复室"
)
TAIL = "旁边|附近|对面|外面|里面|前面|后面|门口|出口|入口|口|里|旁|边|外|前|中间|拐角|尽头|处"
GLUE = r"[的那这个,，\s]{0,2}"
NAME_ENDS = re.compile(
    "(?:[室处楼房台区厅站间场馆堂库部门科层梯]|窗口|中心|电梯|扶梯|门口|超市|厕所|食堂|急诊|门诊|入口|出口)$"
)
DENIED = re.compile(
    r"(?:不是|不在|没在|没有在|唔系|唔喺|không phải(?: ở)?|khong phai(?: o)?)\s*[^，,。！!？?；;\s是在系喺]*"
)
"""「不是大厅」 in 「不是大厅，是三楼」."""
LOST = re.compile(
    r"(?:不知道|不晓得|不清楚|搞不清|搞不懂|不认得|唔知|冇知)[^，,。！!？?；;\s]*(?:哪|什么地方|边度)[里儿个层楼边]*"
)
"""「不晓得这是哪」 before what he sees around him: no question."""
ASKS = re.compile(
    r"怎么(?:走|去)|[在去到]哪|哪[里儿]|边度|喺边|几楼|第?几层|哪一?[层楼个]|什么地方|ở đâu|o dau|đường nào|duong nao"
)
TOLD = re.compile(rf"[在喺]|{FLOOR}|\bở\b|\bo\b|tầng|lầu|tang|lau")
"""A place in a question that says one all the same: 「我在药房，几时来」."""
CHINESE = re.compile("[\u4e00-\u9fff]")
ELSEWHERE = re.compile(
    r"在家|(?:我|他|她|家|们|都)住(?!院)|住在(?!医院|你们)|家里|屋里|屋企|我家|家门|宿舍|学校|单位|公司|工地|工厂|厂里|路上|马路|车上|车里|村|镇上|小区|高速|田里"
    r"|ở nhà|o nha|nhà tôi|nha toi|trên đường|tren duong|trên xe|tren xe|công ty|cong ty"
)
"""Not in the hospital: nobody can be sent there."""
BESIDE = re.compile(
    r"(?:我|他|她|佢|人|们|在|喺|系|是|就|正|现|刚才?|还|到|了|呢|呀|啊|哦|嗯|呃|的|那|这|里|边|个|咯|嘛|哈|不|没|唔|而家|现在|说错|错|一个|有个|有|看到|看见|见到|旁边|隔壁|对面|墙上|牌子|上面|写着|写住|写"
    r"|\b(?:tôi|toi|em|mình|minh|đang|dang|ở|o|tại|tai|đây|day|là|la|ạ|a|không phải|khong phai|mà|ma)\b)"
)
"""What may stand beside a place without asking for anything."""
VIETNAMESE_FLOOR = re.compile(r"(?:tầng|lầu|tang|lau)\s*(trệt|tret|hầm|ham|\d{1,2}|[^\W\d]+)")
VIETNAMESE_NUMBERS = {
    word: number
    for number, words in enumerate(
        ("mot tret", "hai", "ba", "bon tu", "nam", "sau", "bay", "tam", "chin", "muoi"), start=1
    )
    for word in words.split()
}
VIETNAMESE = {
    r"nội trú|noi tru": "住院部",
    r"ngoại trú|ngoai tru|khu khám|khu kham": "门诊",
    r"(?:khoa|phòng|phong|cửa|ở) (?:cấp cứu|cap cuu)": "急诊",
    r"sảnh|\bsanh\b": "大厅",
    r"nhà vệ sinh|nha ve sinh|phòng vệ sinh|phong ve sinh|toilet|\bwc\b": "厕所",
    r"thang máy|thang may": "电梯",
    r"thang cuốn|thang cuon": "扶梯",
    r"cầu thang|cau thang|thang bộ|thang bo\b": "楼梯",
    r"hành lang|hanh lang": "走廊",
    r"cổng|cong chinh|cong benh vien|cửa chính|cua chinh": "大门",
    r"bãi (?:đỗ |gửi |giữ )?xe|bai (?:do |gui |giu )?xe|nhà xe|hầm xe": "停车场",
    r"quầy thuốc|quay thuoc|nhà thuốc|nha thuoc": "药房",
    r"thu ngân|thu ngan|thu tiền|thu tien|đóng tiền|dong tien": "收费处",
    r"lấy máu|lay mau": "抽血处",
    r"(?:phòng|chỗ|khu|cửa) siêu âm|(?:phong|cho|khu|cua) sieu am": "B超室",
    r"(?:phòng|chỗ|khu) (?:chụp|x-?quang)|(?:phong|cho|khu) (?:chup|x-?quang)": "放射科",
    r"(?:phòng|chỗ|khu) xét nghiệm|(?:phong|cho|khu) xet nghiem": "检验科",
    r"khu chờ|khu cho|phòng chờ|phong cho|ghế chờ|ghe cho": "候诊区",
}
LETTERS = re.compile(r"[^\W\d_]")


@dataclass(frozen=True, slots=True)
class Spot:
    words: str
    """As staff read it."""
    vague: bool
    """There are many such (a toilet, a door): on which floor is still to be asked."""
    told: bool = True
    """Said as where he is (在大厅, 三楼), not only named (挂急诊)."""


class _Reader:
    """The names of one hospital, as they may be strung together: 「门诊三楼B超室门口」."""

    def __init__(self, hospital: Hospital) -> None:
        self.hospital = hospital
        names = {
            word
            for place in hospital.places
            if place.kind != "junction"
            for word in (place.name, *place.aliases)
            if len(word) > 1 and NAME_ENDS.search(word)
        }
        names |= {
            word for one in hospital.departments for word in (one.name, *one.aliases) if word[-1] == "科"
        }
        names |= {word for one in hospital.buildings for word in (one.name, *one.aliases)}
        known = "|".join(re.escape(fold(one)) for one in sorted(names, key=len, reverse=True))
        part = f"(?:{FLOOR}|{NUMBERED}|{known}|{PLAIN.lower()})"
        self.run = re.compile(f"{part}(?:{GLUE}{part})*(?:的?(?:{TAIL}))*", re.IGNORECASE)
        shared = {fold(word) for one in hospital.places if one.shared for word in (one.name, *one.aliases)}
        lone = {fold(word) for one in hospital.places if not one.shared for word in (one.name, *one.aliases)}
        self.sure = re.compile(
            "|".join(
                [
                    FLOOR,
                    *(re.escape(one) for one in sorted(lone - shared, key=len, reverse=True) if len(one) > 1),
                ]
            )
        )

    def find(self, text: str) -> tuple[str, bool] | None:
        """The words of place, and whether they are told as where somebody is."""
        runs = [one[0].strip(" ,，") for one in self.run.finditer(text)]
        led = [
            one
            for one in runs
            if re.search(rf"(?:[在喺到是系，,。！!\s]|^)\s*{re.escape(one)}", text)
            or re.search(FLOOR, one, re.I)
        ]
        best = max(led or runs, key=len, default=None)
        return (best, bool(led)) if best else None

    def is_sure(self, words: str) -> bool:
        if self.sure.search(fold(words)):
            return True
        return any(one.name[-1] == "科" and one.name in words for one in self.hospital.departments)


_READERS: dict[int, _Reader] = {}


def _get_reader(hospital: Hospital) -> _Reader:
    """Built once a hospital, kept by identity as its map is (`services.waygraph.get_map`)."""
    if id(hospital) not in _READERS:
        if len(_READERS) >= 8:
            _READERS.clear()
        _READERS[id(hospital)] = _Reader(hospital)
    return _READERS[id(hospital)]


def find_spot(hospital: Hospital, text: str, *, named: Sequence[str] = ()) -> Spot | None:
    """The place that the words say, ``None`` where they say none or ask for one; ``named`` are the places and departments
    understood in them."""
    said = LOST.sub(" ", DENIED.sub(" ", text))
    if not getattr(hospital, "buildings", ()):  # no map: nobody can be sent anywhere
        return None
    if ASKS.search(said.lower()) or (is_question(said) and not TOLD.search(said.lower())):
        return None
    reader = _get_reader(hospital)
    found = None if CHINESE.search(said) else _say_in_chinese(said, named)
    found = found or reader.find(said)
    if found is None and named:
        found = (named[0], TOLD.search(said.lower()) is not None)
    if found is None:
        return None
    words, told = found
    sure = reader.is_sure(words)
    return Spot(words if sure else words.removesuffix("里"), not sure, told)


def _say_in_chinese(text: str, named: Iterable[str]) -> tuple[str, bool] | None:
    plain = text.lower()
    floor = ""
    said = VIETNAMESE_FLOOR.search(plain)
    if said:
        number = fold(said[1])
        counted = int(number) if number.isdecimal() else VIETNAMESE_NUMBERS.get(number)
        floor = "负一楼" if number == "ham" else f"{counted}楼" if counted else ""
    found = [chinese for words, chinese in VIETNAMESE.items() if re.search(words, plain)]
    building = next((one for one in found if one in ("住院部", "门诊")), "")
    rest = [one for one in found if one != building and not any(one in name for name in named)]
    what = [*dict.fromkeys(named), *rest][:2]
    words = f"{building}{floor}{''.join(what)}"
    return (words, bool(TOLD.search(plain))) if words else None


def says_only_where(hospital: Hospital, text: str, *, named: Sequence[str] = ()) -> bool:
    """「啊我在厕所」, 「不是大厅，是三楼」: where he is, and nothing that he wants."""
    if find_spot(hospital, text, named=named) is None:
        return False
    plain = fold(_get_reader(hospital).run.sub("", text))
    for words in (*VIETNAMESE, VIETNAMESE_FLOOR.pattern):
        plain = re.sub(words, "", plain)
        plain = re.sub(fold(words), "", plain)
    return not LETTERS.search(BESIDE.sub("", plain))
