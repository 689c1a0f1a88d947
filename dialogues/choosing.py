"""Which of a question's choices the words mean, one or several: 「除了病理都有」, 「再加一个血糖」, 「肝功能不做了」.

Every choice named is held against what stands beside it: denied (没有, 不做了, 除了), the rest (其他都…), the only one (就查).
Nothing here knows any line; the words that name a choice come from its file.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from intents.language import strip_marks
from knowledge.schema import LineChoice, LineQuestion
from knowledge.schema.lines import list_held

GAP = 8
"""Letters that ``…`` in a phrase may stand for."""
LONGEST_ITEM = 30
_STOPS = re.compile(r"[，,。；;！!？?\n]")
_JOINS = re.compile(r"\s*(?:、|和|跟|与|及|还有|以及|加上?|也|\+|/|\bva\b)?\s*")
_FILLED = r"(?:[要用想查做办带拿开续订选退是给看测一个点那太说]|需要|交代|让|叫|很|怎么|个|去|到|齐)"
_DENIES = re.compile(
    rf"(?:(?:(?<![特个分区])别|不|(?<!有)没有?|莫|冇|唔|未|缺|差|[还就只]少|去掉|删掉?|减掉?){_FILLED}{{0,3}}"
    r"|\b(?:bo|thieu|tru|khong (?:can|lay|lam|co|xet nghiem)|khong|chua co|chua)\s*)$"
)
_DENIED = re.compile(
    r"(?:\s|就|都|的|这|那|也|还|先|个|项|样|报告|片子?|结果|单子?|手里|手上){0,4}"
    r"(?:不(?:要|用|查|做|办|续|订|退|开|需要|想|必|测|验|吃|拿|送|带)|没(?:有|带|拿|做|出|办|查|开|弄|找)|还没"
    r"|算了|去掉|删|取消|缺|免了|以外|之外|莫要|唔(?:要|使)|冇|\s*(?:thi )?(?:khong|chua))"
)
_EXCEPT = re.compile(
    r"(?:除(?:了|开|去)?|(?:就|只|光|仅|单)(?:是|还)?(?:差|缺|少|没有?)|\b(?:tru|ngoai)\s+)[^，,。]{0,2}$"
)
_BUT = re.compile(r"(?:就|只|光|单|唯独)(?:是)?$")
_ONLY = re.compile(r"(?:(?:只|就|仅|光|单)[有要查做是续订想选开带退]{0,3}|\bchi (?:co|can|lam|lay)?\s*)$")
_REST = re.compile(r"(?:其他|其它|其余|别的|剩下的?|另外的|余下的?|khac|con lai)[^，,。]{0,3}$")
_REST_ALL = re.compile(r"(?:其他|其它|其余|别的|剩下|另外的|余下|khac|con lai)")
_EVERY = re.compile(
    r"都(?!没|不|还没|未|缺|差|唔|冇)[有要查做在行齐续订退拿开带]|全[都部]|齐了|齐全|所有|\bdu\b|tat ca|\bca (?:ba|hai|bon)\b"
)
_NOTHING = re.compile(r"都(?:不|没|还没|缺|差|唔|冇)")
ADDS = re.compile(
    r"再(?:帮我|给我)?(?:加|来|查|做|要|添|开|续|订|补|测)|加(?:上|一|个|查|做|多|入)|还(?:要|想|得|需|有)|另外|顺便|也(?:要|查|做|想|续|开|给|帮|一起|加|测|退|订|印|寄|换|抽|办|补|送|可以|行|得)"
    r"|多(?:查|加|做|开|要)|添|一起(?:查|做|开|续)|\b(?:them|nua|ca)\b"
)
SWITCHES = re.compile(r"换(?:成|到|为|做)?|改(?:成|为|做|查)|\b(?:doi|thay)(?: thanh| sang| bang)?\b")
_GOT = re.compile("拿到|取到|找到|补(?:上|齐|好|来)|有了|到手|出来了|齐了|da co|lay duoc")
"""Of what one should have at hand: it has come meanwhile."""
_WRONG = re.compile(r"^\s*(?:不对|不是|错了|弄错|搞错|说错|sai roi|nham)")
_SPLITS = re.compile(r"[、，,;；]|(?<=..)(?:和|跟|以及|还有)(?=..)|\s+và\s+")
_ASKS_FOR = re.compile(
    r"^(?:对了|哦|噢|啊|对|好的?|请|麻烦|那|就|我|帮我|给我|也|再|还|要|想|想要|加|加上|续|开|来|添|多|一下|一?[个种盒瓶样]|另外|顺便|有|把|bác sĩ cho|cho|thêm|kê|tôi muốn|\s)+"
)
_TAIL = re.compile(
    r"(?:的药|也)?(?:也?(?:要|续|开|加)(?:上|一下)?)?(?:吧|了|呢|啊|呀|哈|谢谢|nữa|với|nhé|\s|[。.!！])*$"
)


@dataclass(frozen=True, slots=True)
class Mention:
    """A choice named in the words."""

    choice: LineChoice
    start: int
    end: int
    weight: int
    """Letters of the phrase by which it is named."""
    denied: bool = False
    excepted: bool = False
    """Denied, and all else holds."""
    rest: bool = False
    """Said of the rest (「其他没有」): it yields to whatever else is named."""
    only: bool = False


def fold(text: str) -> str:
    return strip_marks(unicodedata.normalize("NFKC", text).lower())


@lru_cache(maxsize=4096)
def compile_phrase(phrase: str) -> re.Pattern[str]:
    return re.compile(rf".{{0,{GAP}}}?".join(re.escape(fold(part)) for part in phrase.split("…")))


def read_choice(
    choices: Iterable[LineChoice], text: str, *, by_name: bool = True, least: int = 1
) -> str | None:
    """The one choice meant: the longest phrase (of ``least`` letters) that is not denied; what is said of the rest comes last.
    Where all but one are denied or excepted (「不寄」 of two), that one."""
    known = tuple(choices)
    found = find_mentions(known, fold(text), by_name=by_name, least=least)
    held = [one for one in found if not one.denied]
    if held:
        order = {one.id: at for at, one in enumerate(known)}
        best = max(
            held, key=lambda one: (not one.rest, one.weight, bool(one.choice.stop), -order[one.choice.id])
        )
        return best.choice.id
    left = [one for one in known if all(one is not each.choice for each in found)]
    return left[0].id if found and len(left) == 1 and len(known) > 1 else None


def read_choices(
    question: LineQuestion, text: str, *, held: Any = None, asked: bool = False
) -> list[str] | None:
    """What is held of several choices after these words, in the order of the file; ``None`` where they say nothing of it.

    ``asked``: the question is open, so that what is named is the answer; else it is one more.
    """
    plain = fold(text)
    found = find_mentions(question.choices, plain)
    ordinary = [one.id for one in question.ordinary]
    named = _list_ids(one for one in found if not one.denied and not one.choice.alone)
    denied = {one.choice.id for one in found if one.denied}
    alone = [one.choice.id for one in found if one.choice.alone and not one.denied]
    everything = _EVERY.search(plain) is not None and (not named or _REST_ALL.search(plain) is not None)
    excepted = any(one.excepted for one in found) or everything or (question.every is not None and not held)
    if any(one.excepted for one in found) and _NOTHING.search(plain):
        return _order(question, denied)  # 「除了病历都没有」
    if (denied and not named and excepted) or (denied and everything):
        return _order(question, [one for one in ordinary if one not in denied])
    if alone:
        return alone[:1]
    if not found:
        together = any(fold(word) in plain for word in question.words)
        if everything and question.every is not None and (asked or held or together):
            return ordinary
        return None
    base = list_held(held)
    switch = _find_switch(found, plain)
    if switch:
        named = _list_ids(one for one in found if not one.denied and one.start >= switch.end()) or named
    new = [*_find_base(found, plain, base, asked=asked), *named]
    return _order(question, [one for one in new if one not in denied]) or None


def _find_switch(found: Sequence[Mention], plain: str) -> re.Match[str] | None:
    """「换成」 and the like, where it is no part of a choice's name (换药)."""
    return next(
        (
            one
            for one in SWITCHES.finditer(plain)
            if not any(each.start <= one.start() < each.end for each in found)
        ),
        None,
    )


def _find_base(found: Sequence[Mention], plain: str, base: Sequence[Any], *, asked: bool) -> list[Any]:
    """What of that held so far stays beside what is named now."""
    adds, denies = ADDS.search(plain) is not None, any(one.denied for one in found)
    switch = _find_switch(found, plain)
    if switch:
        given_up = {one.choice.id for one in found if one.start < switch.start()}
        return [one for one in base if one not in given_up] if given_up & set(base) else []
    if _WRONG.match(plain) or any(one.only for one in found) or (asked and not adds and not denies):
        return []
    return list(base)


def _order(question: LineQuestion, values: Iterable[Any]) -> list[Any]:
    wanted = list(dict.fromkeys(values))
    alone = {one.id for one in question.choices if one.alone}
    if any(one not in alone for one in wanted):
        wanted = [one for one in wanted if one not in alone]
    known = [one.id for one in question.choices if one.id in wanted]
    return known + [one for one in wanted if one not in known]


def _list_ids(found: Iterable[Mention]) -> list[str]:
    return list(dict.fromkeys(one.choice.id for one in found))


def changes_several(question: LineQuestion, text: str, *, held: Any = None) -> bool:
    """Whether the words add to several, take from them or put one for another; a choice only named does neither."""
    plain = fold(text)
    if not question.choices:
        return ADDS.search(plain) is not None or bool(_list_given_up(plain, held))
    found = find_mentions(question.choices, plain)
    wanted = (
        ADDS.search(plain)
        or (question.every is not None and _GOT.search(plain))
        or _find_switch(found, plain)
        or any(one.denied or one.only for one in found)
    )
    return bool(found and wanted)


def read_items(text: str, *, held: Any = None) -> list[str]:
    """Several answers in the patient's own words: 「厄贝沙坦和二甲双胍」; with ``held``, one more, or one of them given up."""
    base = [str(one) for one in list_held(held)]
    if given_up := _list_given_up(fold(text), held):
        return [one for one in base if one not in given_up]
    items = [
        _TAIL.sub("", _ASKS_FOR.sub("", part.strip())).strip(" 。.!！“”\"'") for part in _SPLITS.split(text)
    ]
    return list(dict.fromkeys([*base, *(one for one in items if one)]))


def _list_given_up(plain: str, held: Any) -> list[str]:
    """Those held in the patient's own words that the words deny."""
    places = [(str(one), plain.find(fold(str(one)))) for one in list_held(held)]
    return [
        one
        for one, at in places
        if at >= 0 and (_DENIES.search(_clause(plain, at)) or _DENIED.match(plain, at + len(fold(one))))
    ]


def find_mentions(
    choices: Sequence[LineChoice], plain: str, *, by_name: bool = True, least: int = 1
) -> list[Mention]:
    """Every choice named in folded words, in their order, none within another; those joined (「病理和影像没有」) share what
    is said of them."""
    spans: list[tuple[int, int, int, LineChoice]] = []
    for choice in choices:
        names = [*choice.name.values(), choice.id] if by_name else []
        for phrase in dict.fromkeys((*choice.words, *names)):
            if len(phrase) >= least:
                spans += [
                    (len(phrase), *one.span(), choice) for one in compile_phrase(phrase).finditer(plain)
                ]
    taken: list[Mention] = []
    for weight, start, end, choice in sorted(spans, key=lambda one: -one[0]):
        if end > start and all(end <= one.start or start >= one.end for one in taken):
            taken.append(Mention(choice, start, end, weight))
    taken.sort(key=lambda one: one.start)
    return _judge(taken, plain)


def _judge(taken: Sequence[Mention], plain: str) -> list[Mention]:
    runs: list[list[Mention]] = []
    for one in taken:
        joined = (
            runs
            and not one.choice.alone
            and not _denies(runs[-1][-1], plain)
            and _JOINS.fullmatch(plain, runs[-1][-1].end, one.start)
        )
        runs[-1].append(one) if joined else runs.append([one])
    judged: list[Mention] = []
    swallowed = 0
    for run in runs:
        if run[0].start < swallowed:
            continue  # 「病理都没有」: the denial of what stands before is no choice of its own
        last = judged[-1] if judged else None
        after_last = (last.start if _denies(last, plain) else last.end) if last else 0
        before = _clause(plain, run[0].start, after=after_last)
        after = _DENIED.match(plain, run[-1].end)
        alone = run[0].choice.alone
        denied = not alone and (bool(_DENIES.search(before) or after) or bool(_EXCEPT.search(before)))
        excepted = denied and bool(_EXCEPT.search(before) or (after and _BUT.search(before)))
        if denied and after is not None:
            swallowed = after.end()
        judged += [
            Mention(
                one.choice,
                one.start,
                one.end,
                one.weight,
                denied,
                excepted,
                bool(_REST.search(before)),
                not denied and bool(_ONLY.search(before)),
            )
            for one in run
        ]
    return judged


def _denies(one: Mention, plain: str) -> bool:
    """「没有」 is a choice of its own, and denies what follows (「没有头晕」)."""
    return _DENIES.fullmatch(plain, one.start, one.end) is not None


def _clause(plain: str, start: int, *, after: int = 0) -> str:
    """What stands before, in the same clause."""
    stops = [one.end() for one in _STOPS.finditer(plain, after, start)]
    return plain[max(stops, default=after) : start]
