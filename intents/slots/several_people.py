"""「我爸妈都要挂心内科」, 「给我爸挂骨科，我妈也挂一个」: one errand, wanted for several people."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from intents.language import strip_marks
from intents.slots.relations import RELATIONS, read_relations, read_vietnamese_relations

SELF = "本人"
TOGETHER = {
    "爸爸?妈妈?|老爸老妈|阿爸阿妈|老豆老母|爹娘|爹妈|父母亲?": ("父亲", "母亲"),
    "爷爷奶奶|外公外婆|姥姥姥爷|姥爷姥姥|阿公阿婆|嘎公嘎婆": ("祖父母", "祖父母"),
    "岳父岳母|家公家婆": ("公婆岳父母", "公婆岳父母"),
    "(?:两|俩)(?:口子|夫妻|公婆)|夫[妻妇]俩": (SELF, "配偶"),
    "(?:两|俩)个?(?:孩子|娃娃?|娃儿|小孩|小朋友|儿子|女儿|崽|仔|闺女)|双胞胎": ("子女", "子女"),
}
"""Words for two people at once."""
ME = "我自己|我本人|自己|本人|我"
PERSON = f"(?:{'|'.join(RELATIONS.values())}|{ME})"
LINK = "(?:和|跟|同|与|、|还有|以及|加上?)"
GROUP = f"我?(?:{'|'.join(TOGETHER)})|{PERSON}(?:{LINK}{PERSON}){{1,2}}"
FOR = "(?:给|帮|替|为|同)"
BOOK = "(?:挂|约|预约|登记|看(?![过了])|睇|订|排|弄|办|退|取消)"
ONE = f"(?:{BOOK}|来?一个)"
BOTH = "(?:的号?|两个人?|俩|三个人?)*"
EACH = f"(?:都|各|每人|一人|分别|一起|一块儿?|同时)(?:都|各|要|想|得|需要|帮我|给我|自)*{ONE}"
"""「都要挂」, 「各约一个」: what makes an errand of each of them. 「都来了」 says nothing of it."""
SHARED = re.compile(f"(?:{GROUP}){BOTH}{EACH}|{FOR}(?:{GROUP}){BOTH}{BOOK}")
TOGETHER_VI = {
    "(?:bo|ba|cha|tia) (?:va )?(?:me|ma)": ("父亲", "母亲"),
    "hai vo chong|vo chong (?:toi|em|minh)|(?:toi|em) va (?:vo|chong)": (SELF, "配偶"),
    "ong ba": ("祖父母", "祖父母"),
    "hai (?:dua )?(?:con|be|chau)": ("子女", "子女"),
}
SHARED_VI = r"(?<!\w)(?:cho|cua) (?:ca )?(?:{0})(?! chong| vo\b)(?!\w)|(?<!\w)(?:{0})(?: \w+){{0,2}} (?:deu|moi nguoi|cung)(?!\w)"
CLAUSE = re.compile(
    f"(?:[,，。;；\\s]+|(?=再{FOR}|还有|顺便|另外))(?=(?:还有|再|另外|顺便|也|还要|然后)*{FOR}?[^,，。;；]{{1,12}}?{ONE})"
)
"""Where a clause begins that wants it for somebody else."""
ALSO_WHOM = re.compile(f"[,，。;；\\s]*还有(?={PERSON}(?:的号?)?[。.!！]*$)")
"""「还有我妈」 says no more."""
LIKEWISE = re.compile(f"[^,，。;；]{{0,3}}?[,，。;；\\s]*(?:还有|再|另外|顺便|然后|也)*(?={FOR}?{PERSON})")
"""After 「我爸看骨科」: 「，我妈看眼科」, 「我妈眼科」."""
FILLER = re.compile(f"(?:的号?|也|都|要|想|得|去|来|需要|就|再|{BOOK}|一?[个下]|\\W)*")
"""What may stand between a person and what he is to see."""
KEEPS = re.compile("不|别|莫|留着|保留|照旧")
FOLLOWS = re.compile(f".{{0,8}}?{ONE}|(?:的号?)?[。.!！]*$")
AGAIN = re.compile("也|还有|再|另外|顺便|同样|一样")
SELF_WANTS = re.compile(f"{FOR}我(?:自己)?{BOOK}|我(?:自己)?(?:要|想|得|需要)*{BOOK}|我自己")

FOR_SELF = re.compile(
    f"\\W*(?:还有|再|另外|顺便|然后|也)*{FOR}?我(?:自己|本人)?(?=(?:也|都|要|想|得|再|需要)*{BOOK})"
)


@dataclass(frozen=True, slots=True)
class Share:
    """What of a message is for one of them, and who that is (``None``: not said)."""

    start: int
    end: int
    relation: str | None


def share_out(text: str, targets: Sequence[tuple[int, int]] = ()) -> list[Share]:
    """One share for each whom the errand is wanted for, in their order; none where it is wanted for one.

    ``targets`` are where a department, doctor or examination stands, in order.
    """
    shared = SHARED.search(text)
    whose = _list_people(shared[0]) if shared else []
    if len(whose) > 1:
        return [Share(0, len(text), one) for one in whose]
    plain = strip_marks(text.lower())
    for words, both in TOGETHER_VI.items():
        if re.search(SHARED_VI.format(words), plain):
            return [Share(0, len(text), one) for one in both]
    return _part_vietnamese(text, targets) or _part_clauses(text, targets)


def _part_vietnamese(text: str, targets: Sequence[tuple[int, int]]) -> list[Share]:
    """「khám mắt cho mẹ tôi, khám xương cho bố tôi」: each clause names a person and what is wanted for him."""
    ends = [match.end() for match in re.finditer("[,;.]", text)]
    shares = []
    for start, end in itertools.pairwise([0, *ends, len(text)]):
        whose = read_vietnamese_relations(text[start:end])
        if not whose or not any(start <= first < end for first, _ in targets):
            return []
        shares.append(Share(start, end, str(whose[0].value)))
    return shares if len({one.relation for one in shares}) == len(shares) > 1 else []


def _list_people(words: str) -> list[str]:
    for together, both in TOGETHER.items():
        if re.search(together, words):
            return list(both)
    people = []
    for match in re.finditer(PERSON, words):
        named = read_relations(match[0])
        people.append(str(named[0].value) if named else SELF)
    return people if len(set(people)) == len(people) else []


def _part_clauses(text: str, targets: Sequence[tuple[int, int]]) -> list[Share]:
    for start, end in _find_cuts(text, targets):
        first, second = text[:start], text[end:]
        clause = re.split("[,，。;；]", second)[0]
        other = _read_whom(clause)
        one = read_relations(first)
        for_self = SELF_WANTS.search(first) is not None
        if not other:
            continue
        likewise = bool(one or for_self) and any(last <= end for _, last in targets)
        likewise = likewise and _sees(clause, other[1], end, targets)
        if not likewise:
            if not re.search(BOOK, first) or not FOLLOWS.match(clause[other[1] :]):
                continue
            if not AGAIN.search(text[start:end] + clause) and not (
                re.search(FOR, clause) and (one or for_self)
            ):
                continue
        whom = str(one[0].value) if one else SELF if for_self else None
        if whom != other[0]:
            later = [(first - end, last - end) for first, last in targets if first >= end]
            rest = _part_clauses(second, later) or [Share(0, len(second), other[0])]
            return [
                Share(0, end, whom),
                *(Share(end + each.start, end + each.end, each.relation) for each in rest),
            ]
    return []


def _read_whom(clause: str) -> tuple[str, int] | None:
    """Whom a clause names, and where the words for it end."""
    for_self = FOR_SELF.match(clause)
    if for_self:
        return SELF, for_self.end()
    named = read_relations(clause)
    return (str(named[0].value), named[0].end) if named else None


def _find_cuts(text: str, targets: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Where the first share may end and the next begin, the earliest first."""
    cuts = {match.span() for match in (*CLAUSE.finditer(text), *ALSO_WHOM.finditer(text))}
    follow = [(end, LIKEWISE.match(text, end)) for _, end in targets]
    cuts |= {(end, match.end()) for end, match in follow if match and not KEEPS.search(text, end)}
    yield from sorted(cuts)


def _sees(clause: str, person: int, start: int, targets: Sequence[tuple[int, int]]) -> bool:
    """Whether ``clause``, which begins at ``start``, says what the person that ends at ``person`` is to see."""
    return any(
        start + person <= first < start + len(clause) and FILLER.fullmatch(clause[person : first - start])
        for first, _ in targets
    )
