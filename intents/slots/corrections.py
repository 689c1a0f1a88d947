"""What a later word takes back: 「不要明天，后天」, 「周三，哦不对，周四」, 「周四的改到周五」, 「挂骨科换成皮肤科」."""

from __future__ import annotations

import re

from intents.slots.found import Found

TAKEN_BACK = re.compile(
    r"(?:不要|不是|别约|别挂|不约|不想要|唔系|唔要|不得|不行|没空|冇得|取消|不用|不去|没时间|不得空|不方便|莫挂|莫约|莫要|不想看|不想挂|不看|不挂|先别挂|别看)(?:了)?$"
)
CHANGE_OF_MIND = re.compile(
    r"^[^。]{0,8}(?:不对|说错|讲错|记错|写错|错了|啊不|哦不|不不|噢不|唔系|应该是|而是|算了)"
    r"|^[^。]{0,4}(?:^|[,，;；…\s])(?:不|呃不|嗯不)[,，]|(?:那|要不|不如)还是[^,，。]{0,3}$"
    r"|(?:改成|改到|改为|换成|换到|挪到|推到|推迟到|提前到|就是?要|改约|改挂)[^,，。]{0,2}$"
)
IMPOSSIBLE = re.compile(
    r"[^,，。]{0,2}(?:不行|没空|不得(?!不)|有事|唔得|去不了|去唔到|不方便|没时间|冇得|约满|满了)(?!了?的话)"
)
OTHERWISE = re.compile(
    r"(?:实在不行|不行的话|要不然?|不然|没有的话|满了的话|没号的话|不行就|再不行|或者最迟)(?:就|挂|那)?$"
    r"|(?:要是|如果|万一)(?:都|还)?(?:没有?|没号|冇|不行|不得|满了|约不到|挂不到|约满)(?:号|了|的话)*[,，]?(?:就|那|再|挂|约)*$"
    r"|(?:没有|没号|冇号|冇|约不到|挂不到|约满了?)(?:的话)?就$"
)
MOVED_TO = re.compile(
    r"(?:改|换|挪|推|提前|延|调|移|转|变)(?:约|期|签|迟|后|成|到|为|去|至|在|给|做|个)*(?:[的号时间]{0,3}(?:是|到|成)?)$"
)
ONE_VALUE = ("date", "period", "time", "department", "doctor", "examination")
DENIED_BEFORE = re.compile(r"(?:不是|不|别|莫|唔|冇)(?:再|想|用|要)?(?:挂|看|约|要|是|去|给|帮|系|睇)?$")


REFUSED_BEFORE = re.compile(
    r"(?:不要|除了|除咗|除开|除去|唔要|莫要|别约|不想要|避开|不约|不挂|莫约|tru |trừ |khong muon |không muốn )(?:我|的|在)?$"
)
REFUSED_AFTER = re.compile(
    r"(?!.{0,2}(?:行不行|可不可以|得不得|方不方便|有没有空|得唔得))"
    r"(?:那天|这天|的话|就|我|都|也|上午|下午|晚上|整天)*"
    r"(?:不行|没空|不得空|不得(?=$|[,，。])|冇得闲|冇空|唔得|有事|去不了|来不了|去唔到|不方便|没时间|不要(?:了|$|[,，。])|不可以"
    r"|没法|要?(?:上班|上课|出差|开会|加班|考试)"
    r"| (?:(?:toi|tôi|minh|mình|em|thi|thì) )?(?:(?:khong|không) (?:duoc|được|ranh|rảnh|di|đi)|bận|ban(?= *(?:$|[,.;]))))"
)
DAYS = ("date", "period", "time")


def find_refused(text: str, found: list[Found]) -> set[str]:
    """The slots of which every value is named only to be turned down: 「不要周二」, 「除了张医生都行」, 「明天没空」.

    As an answer that is no value; for 「周五去不了，帮我退号」 the day still says which appointment.
    """
    refused = set()
    for slot in ONE_VALUE:
        mine = [one for one in found if one.slot == slot and not one.weak]
        if mine and all(
            REFUSED_BEFORE.search(text[max(0, one.start - 12) : one.start])
            or REFUSED_AFTER.match(text[one.end :])
            for one in mine
        ):
            refused.add(slot)
    return refused


def keep_last_word(text: str, found: list[Found]) -> list[Found]:
    """Of finds of one slot, in order of place, those that a later one does not replace."""
    kept: list[Found] = []
    for index, one in enumerate(found):
        if index + 1 < len(found):
            after = text[one.end : found[index + 1].start]
            lead = text[max(0, one.start - 8) : one.start]
            if TAKEN_BACK.search(lead) or CHANGE_OF_MIND.search(after) or IMPOSSIBLE.match(after):
                continue
        if kept and OTHERWISE.search(text[max(0, one.start - 12) : one.start]):
            continue
        kept.append(one)
    return kept


def keep_new_time(text: str, found: list[Found]) -> list[Found]:
    """Of an appointment that is moved the new date, period and time: what stood before the move is the old one."""
    target = None
    for one in found:
        if one.slot in ("date", "period", "time") and MOVED_TO.search(
            text[max(0, one.start - 8) : one.start]
        ):
            target = one
            break
    if target is None:
        return found
    old = {"date": ("date", "period", "time"), "period": ("period", "time"), "time": ("period", "time")}[
        target.slot
    ]
    return [one for one in found if one.slot not in old or one.start >= target.start]


def drop_turned_down(text: str, found: list[Found]) -> list[Found]:
    """「不挂骨科了，挂皮肤科」, 「骨科换成皮肤科」, 「九点，不对，九点半」: of two values of a slot the last that holds."""
    gone = _find_impossible(text, found)
    for slot in ONE_VALUE:
        mine = [one for one in found if one.slot == slot]
        if len(mine) > 1:
            held = {id(one) for one in keep_last_word(text, mine)} if slot != "date" else None
            later: set[object] = set()
            for one in reversed(mine):
                turned_down = later - {one.value} and DENIED_BEFORE.search(
                    text[max(0, one.start - 8) : one.start]
                )
                if turned_down or (held is not None and id(one) not in held):
                    gone.add(id(one))
                later.add(one.value)
    return [one for one in found if id(one) not in gone] if gone else found


def _find_impossible(text: str, found: list[Found]) -> set[int]:
    """「改到周五，我明天没空」: the days and hours that do not suit, where another is named that does; the half-day said
    with such a day goes with it."""
    gone: set[int] = set()
    for slot in DAYS:
        mine = [one for one in found if one.slot == slot and not one.weak]
        busy = [one for one in mine if REFUSED_AFTER.match(text[one.end :])]
        if len(busy) < len(mine):
            gone |= {id(one) for one in busy}
    ends = {one.end for one in found if id(one) in gone and one.slot == "date"}
    return gone | {id(one) for one in found if one.slot in ("period", "time") and one.start in ends}
