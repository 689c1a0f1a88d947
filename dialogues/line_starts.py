"""Which service line a message asks for, and whether it asks for the service or only about it.

「复印病历要带什么」 wants an answer (the FAQ has it, with a button that begins the line); 「帮我复印病历」 begins it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from dialogues.choosing import compile_phrase, fold
from knowledge.schema import Line

if TYPE_CHECKING:
    from dialogues.walk import Walk

QUESTION = re.compile(
    r"[吗么呢?？]|怎|哪|几[点天号时个楼]|多少|多久|什么时候|什么(?:东西|材料|证件|手续|条件|时间)|啥|要不要|用不用|会不会|有没有"
    r"|是不是|能不能|可不可以|要带|收费|bao nhieu|khi nao|o dau|the nao|khong\s*\?*$|mang gi|can gi"
)
WISH = re.compile(
    r"帮[我忙]|给我(?!们)|替我|代我|为我|麻烦|请(?:帮|安排|给|派|护士)|我(?:想|要|需要|得)(?!问|知道|了解|咨询|请问|带|交多|交什么|准备|怎|去哪|找哪|等多|空腹|去几)|想(?:要|约|办|开|请|预约|登记|申请|订|做|续|再|把|当|报名|复印|印)"
    r"|要(?:约|办|开|复印|印|寄|续|订|预约|登记|申请|报名)(?!什么|多|几|带)"
    r"|giup toi|cho toi|toi (?:muon|can)|dang ky|dat lich"
)
ABOUT = re.compile(r"(?:我)?(?:就|只)?(?:想|要)?(?:请?问|咨询|了解|知道|打听)(?:一下|下)?")
PROGRESS = re.compile(
    r"到哪|好[^，。]{0,3}了?[没吗]|办得怎|寄[出了]?[^，。]{0,3}没|寄出|到了没|进度|查一下我?(?:登记|申请|预约)的|排到|轮到|前面还有"
    r"|等了.{1,5}[天周]|怎么还没|还没.{0,6}(?:消息|通知|收到|寄|好|办)|几[点时](?:能|会|才)?[来到]"
    r"|什么时候(?:能|可以|才|会)?(?:有床|轮|排到|寄|来人)|[可能]以?[拿取]了[吗没]|有(?:消息|结果|床位?)了?(?:没|吗)|床位?.{0,3}有了"
    r"|(?:什么时候|几时|几点|哪天|多久)(?:才|就)?(?:能|可以|会)?(?:收到|领|到手)|(?:单号|快递号|运单号?)(?:是)?(?:几多|多少|几|什么|呢|给我|发我)"
    r"|(?:约|定|订|排|安排)(?:的|在|到|是|了)*(?:几点|哪天|几号|什么时候)|结果.{0,2}出来|xong chua|den dau|toi luot"
)
WHEN = re.compile(
    r"(?:几点|几时|哪天|几号|什么时候|哪个护士|哪位护士|谁)(?:能|可以|才|会|要)?(?:[来到去拿取做办送接]|上门|开始|好)"
    r"|是(?:几点|哪天|几号|什么时候)|几点|bao gio|khi nao|may gio"
)
"""Of something registered these ask how it stands; of anything else they are questions for the FAQ."""
CANCEL = re.compile(
    r"取消|退掉|(?<![要用去想])不(?:要|用|办|做|印|寄|约|去|想|住|报|查|接|开|续|订|采|退|参加|登记|看)[^，。]{0,6}了|撤销|撤回|huy|khong (?:can|lam) nua"
)
CHANGE = re.compile(
    r"改(?!善|天再)|换(?:一?[个天]|到|成|地址|时间|电话)|变更|挪到|doi (?:lich|ngay|dia chi|so)"
)


POSTPONE = re.compile(r"(?:来|去)不(?:了|成)|没法[来去]|让给(?:别人|下一位|其他)|khong den duoc")
DEEDS = (("cancel", CANCEL), ("change", CHANGE), ("query", PROGRESS), ("when", WHEN))
FEE = re.compile(
    r"多少钱|几多钱|[要交花收]钱[吗么不没]|收不收[费钱]|收[费钱][吗么]|怎么收费|收多少|贵不贵|免费[吗么的]*[?？吗]|几块钱|几钱|贵[吗么]|价[格钱]|(?:费用?|诊金)(?:要|是)?(?:多少|几多)|(?:多少|几多)[^，。]{0,3}(?:费|押金|预交金)|(?:押金|预交金).{0,4}(?:多少|几)|(?:邮|运|快递|代煎|煎药|寄)费.{0,3}(?:多少|几|贵|要|收)|bao nhieu tien|phi bao nhieu"
)


def find_fee_asked(walk: Walk, text: str) -> Line | None:
    """The line that waits for an answer, where the words ask what it costs: told, and the question stays."""
    if not FEE.search(fold(text)):
        return None
    running = {frame.flow for frame in walk.chain()}
    lines = getattr(walk.book.hospital, "lines", ())
    return next((line for line in lines if line.id in running and line.fee is not None), None)


def find_line_named(walk: Walk, intent: str, text: str) -> Line | None:
    """The line whose price is asked by its name (「会诊要多少钱」), with nothing of it open."""
    plain = fold(text)
    if not FEE.search(plain):
        return None
    lines = [one for one in getattr(walk.book.hospital, "lines", ()) if one.fee is not None]
    named = [one for one in lines if score_words([*one.name.values(), *one.called], plain)]
    return find_by_words(lines, intent, text) or (named[0] if len(named) == 1 else None)


def find_fee_entry(walk: Walk, text: str, intents: frozenset[str]) -> str | None:
    """The answer of the hospital's own about what these cost: the entry of theirs that is asked so."""
    if not FEE.search(fold(text)):
        return None
    for one in walk.book.faq.values():
        if one.intent in intents and any(FEE.search(fold(question)) for question in one.questions):
            return str(one.id)
    return None


def read_deed(text: str) -> str | None:
    """What the words want of something registered already: ``cancel``, ``change``, ``query``, ``when`` (a query only of what
    is registered), or none of these."""
    plain = fold(text)
    return next((deed for deed, words in DEEDS if words.search(plain)), None)


INDIFFERENT = re.compile(
    "随便.{0,2}[哪什]么?个?|(?:什么|哪个?|边个?|谁).{0,4}(?:都|也)(?:行|可以|得|好)|(?:[会懂识](?:不会|不懂)?)?[讲说听](?:不[讲说听])?.{1,3}[话语](?:吗|么|不|的)*"
)
"""「随便哪个医生」 asks nothing, though it has the word of a question; 「他会讲白话吗」 wishes for it."""
POLITE = re.compile(
    r"(?:能不能|可不可以|可以不可以|能否|可否|可以|能|方便)(?:帮我|给我|麻烦|请)?(?=再|加|多|换|改|去掉|减)|(?:[加换改减掉]|不(?:要|用|查|做|办|续|订|退))[^，,。？?]{0,12}(?:可以|行|好|得)(?:吗|么|不|冇)"
)
"""「能不能再加一个血糖」 asks for it."""


def is_asking(text: str) -> bool:
    """Whether the words ask about something, so that they answer nothing and ask for nothing."""
    plain = INDIFFERENT.sub("", text)
    return is_question(plain) and POLITE.search(plain) is None


def is_question(text: str) -> bool:
    """Whether the words ask about something rather than for it."""
    plain = ABOUT.sub("", fold(text))
    return QUESTION.search(plain) is not None and WISH.search(plain) is None


def find_by_words(lines: Iterable[Line], intent: str, text: str) -> Line | None:
    """The line whose phrases (with their intent, where they name one) the text has; of several the one with most letters
    in it."""
    plain = fold(text)
    best: tuple[int, Line | None] = (0, None)
    for line in lines:
        score = max(
            (
                score_words(one.words, plain)
                for one in line.starts
                if one.words and one.intent in (None, intent)
            ),
            default=0,
        )
        if score > best[0]:
            best = score, line
    return best[1]


def find_by_intent(lines: Iterable[Line], intent: str) -> list[Line]:
    """The lines that an intent alone begins."""
    return [line for line in lines if any(one.intent == intent and not one.words for one in line.starts)]


def score_words(words: Sequence[str], plain: str) -> int:
    """Letters of all phrases found."""
    return sum(len(one) for one in words if compile_phrase(one).search(plain))
