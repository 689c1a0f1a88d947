"""What a text says of a body: the lines of ``when`` (see ``knowledge/schema/triage.py``) found in patients' words.

`Phrases` compiles the lines once; `Phrases.read` finds all of them in one pass (Aho-Corasick) and then looks at
each hit's surroundings: denied (没有胸痛, 胸口不痛, 烧已经退了), aside (前年中过风, 怕心梗, 新闻里说有人昏迷,
价格看得我心梗) or loose (another part of the body stands between: 头晕肚子痛). Denied hits do not count at all;
hits that are aside count for complaints, never for red flags.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise, product

import ahocorasick

from knowledge.characters import simplified
from knowledge.figures import without_figures

NEAR = 7
"""Characters that may stand between the two halves of 甲~乙."""

_TOPIC = re.compile(r"(?:[这那](?:里|儿|块|边)[啊呀呢嘛]?[，, ]?|[啊呀呢嘛咧呐哩吧哦噢][，, ])")
"""「我这个脚啊，走多了就痛」: a part of the body set before, its complaint after; the distance counts from there."""
_BREAK = re.compile(r"[，。；！？,;!?\n\r&\t ]")
_DENIED_BEFORE = re.compile(
    r"(?<![是有会能要])(?:没有?|无|冇|未|不|唔|否认|莫得|没得|从没|从未)"
    r"(?:有|再|怎么|什么|任何|明显|觉得|感觉|感到|出现|发生|过|见|是|会|伴|太|很|算|那么|点|乜|的|其他|又){0,3}$"
)
_DENIED_BETWEEN = re.compile(
    r"没(?![完事多几停])|无(?![缘故力])|冇|莫得|唔(?![知舒停住得])|不(?![停断住同一知舒适时定好自由敢能])|未"
)
_DENIED_AFTER = re.compile(
    r"(?:的(?:症状|情况|感觉))?(?:都|已经|现在|也|基本|全)*"
    r"(?:没有了?(?=$|[，。；！？,.;!? ])|没了|冇(?=$|[，。,. ])|消失|好了|不明显|退了|缓解了|止住了|是没有)"
)
_LIST = re.compile(r"(?:、|和|或者?|及|以及|跟|与|也|还|都|没有?|无|不|，没有?|，不|，也没有?|，也不|，无)*")
_JOIN = re.compile(r"[、和跟与及连同]|还有|带着|以及|到")

_PAST = re.compile(
    r"去年|前年|以前|曾经?|从前|当年|那年|小时候|年轻时|上个?月|上次|上回|病史|既往|复查|复诊|后遗症|康复|恢复期"
    r"|(?:[\d一二两三四五六七八九十几多半]+)(?:多)?(?:年|个月)(?:多)?(?:之|以)?前|[得患犯中有晕装做发断]过|多年前|几年了|年了"
)
_NOW = re.compile(
    r"现在|刚|今[天早晚日]|昨晚|昨天|又|突然|正在|马上|这会|小时(?!候)|分钟|而家|依家|目前|加重|复发|再次|啱|快来|救命|赶紧|怎么办"
)
_HERE = re.compile(r"现在|正在|快来|救命|而家|依家|我[家妈爸爷奶老儿女]|刚才|今[天早晚]|怎么办")
"""Somebody who is told about is here after all."""
_TOLD = re.compile(
    r"听说|梦见|梦到|空调|风速|英语怎么说|新闻|电视|电影|小说|书上|视频里|讲座|科普|论文|作业|考试|课本|培训|演习|演练|案例"
)
_ASKED = re.compile(
    r"什么是|是什么意思|[有的](?:什么|哪些)(?:症状|表现|征兆|前兆|先兆)|(?:症状|表现|征兆|前兆|先兆)(?:有|是|都有)(?:什么|哪些)"
    r"|(?:怎么|如何|怎样)(?:预防|避免)|预防.{0,6}(?:方法|措施|办法)|急救(?:知识|方法|课)|遗传吗|会遗传|有什么区别|的危害"
)
_FEARED = re.compile(
    r"(?:怕|担心|预防|防止|以防|避免|万一|如果|假如|要是|会不会|容易)(?:有|得|是|会|以后|再|发生|出现|老人|突然|引起|导致){0,3}$"
)
_FIGURE = re.compile(
    r"(?:[气吓笑看穷忙烦尬贵美帅听][得到的]|快要?|差点|简直要?|价格|账单|作业).{0,5}"
    r"(?:心梗|心肌梗死|脑溢血|吐血|晕过去|昏过去|晕倒|昏倒|抽搐|休克|窒息|脑梗|中风|心脏病|心脏骤停)$"
)


def _simple_characters() -> dict[int, str]:
    """Traditional → simplified and full width → half width, one character for one, so that positions stay."""
    table = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F) if chr(code) not in "，；！？"}
    return {**table, **simplified(), ord("　"): " "}


_SIMPLE = _simple_characters()


def simplify(text: str) -> str:
    """Same length, same positions: simplified characters, half-width signs, lower case."""
    plain = text.translate(_SIMPLE)
    lowered = plain.lower()
    return lowered if len(lowered) == len(plain) else plain


@dataclass(frozen=True, slots=True)
class Hit:
    start: int
    end: int
    aside: bool = False
    loose: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """What was found: for each key the texts that prove it, in the patient's own words."""

    met: Mapping[str, tuple[str, ...]]
    """Keys met by something that is so, now, here."""
    mentioned: Mapping[str, tuple[str, ...]]
    """Keys met only aside: past, feared, told, asked about."""
    loose: frozenset[str]
    """Keys of ``met`` that rest on a doubtful reading."""
    asked: bool
    """The text asks for knowledge (什么是…, …有哪些症状) and tells of nobody."""


class Phrases:
    def __init__(self, words: Mapping[str, Iterable[str]], masks: Iterable[str] = ()) -> None:
        self._words = {name: tuple(simplify(one) for one in ways) for name, ways in words.items()}
        self._groups: dict[frozenset[str], int] = {}
        self._concepts: dict[tuple[str, ...], int] = {}
        self._terms: list[tuple[tuple[int, ...], int]] = []
        self._rules: list[tuple[str, tuple[int, ...]]] = []
        self._masks = frozenset(simplify(one) for one in masks)
        self._longest_mask = max(map(len, self._masks), default=0)

    def add(self, key: str, lines: Iterable[str]) -> None:
        """``key`` is met by any of ``lines``. Raises ``KeyError`` for a set that is not in ``words``."""
        plain: list[str] = []
        for line in lines:
            parts = [simplify(part.strip()) for part in line.split(" + ")]
            if len(parts) == 1:
                plain.append(parts[0])
            else:
                self._rules.append((key, tuple(self._concept((part,)) for part in parts)))
        if plain:
            self._rules.append((key, (self._concept(tuple(plain)),)))

    def build(self) -> Phrases:
        literals: defaultdict[str, list[int]] = defaultdict(list)
        for group, number in self._groups.items():
            for literal in group:
                literals[literal].append(number)
        self._automaton = ahocorasick.Automaton()
        for literal in {*literals, *self._masks}:
            self._automaton.add_word(
                literal, (len(literal), tuple(literals[literal]), literal in self._masks)
            )
        self._automaton.make_automaton()
        self._singles: defaultdict[int, list[int]] = defaultdict(list)
        self._chains: defaultdict[int, list[tuple[tuple[int, ...], int]]] = defaultdict(list)
        for groups, concept in self._terms:
            if len(groups) == 1:
                self._singles[groups[0]].append(concept)
            else:
                self._chains[groups[0]].append((groups, concept))
        self._by_concept: defaultdict[int, list[tuple[str, tuple[int, ...]]]] = defaultdict(list)
        for key, concepts in self._rules:
            self._by_concept[concepts[0]].append((key, concepts))
        return self

    def read(self, text: str) -> Reading:
        plain = without_figures(simplify(text))
        asked = bool(_ASKED.search(plain)) and not _NOW.search(plain)
        told = asked or (bool(_TOLD.search(plain)) and not _HERE.search(plain))
        found = self._find(plain, told)
        met: dict[str, tuple[str, ...]] = {}
        mentioned: dict[str, tuple[str, ...]] = {}
        firm: set[str] = set()
        for concept in found:
            for key, concepts in self._by_concept.get(concept, ()):
                if not all(one in found for one in concepts):
                    continue
                hits = [min(found[one], key=lambda hit: (hit.aside, hit.loose)) for one in concepts]
                proof = tuple(dict.fromkeys(text[hit.start : hit.end] for hit in hits))
                if any(hit.aside for hit in hits):
                    mentioned.setdefault(key, proof)
                else:
                    met.setdefault(key, proof)
                    if not any(hit.loose for hit in hits):
                        firm.add(key)
        return Reading(
            met, {k: v for k, v in mentioned.items() if k not in met}, frozenset(met) - firm, asked
        )

    def _concept(self, lines: tuple[str, ...]) -> int:
        """The number of "any of these lines"; a line is a chain of words and sets."""
        if lines in self._concepts:
            return self._concepts[lines]
        number = self._concepts[lines] = len(self._concepts)
        literals: set[str] = set()
        for line in lines:
            self._expand(line, number, literals)
        if literals:
            self._terms.append(((self._group(literals),), number))
        return number

    def _expand(self, line: str, concept: int, literals: set[str]) -> None:
        atoms = line.split("~")
        if len(atoms) == 1 and not line.startswith("{"):
            literals.add(line)
        elif len(atoms) == 1:
            for way in self._words[line[1:-1]]:
                self._expand(way, concept, literals)
        else:
            for chain in product(*(self._links(atom) for atom in atoms)):
                self._terms.append((tuple(group for link in chain for group in link), concept))

    def _links(self, atom: str) -> list[tuple[int, ...]]:
        """What may stand for one link of a chain: the plain words as one group, and each chain of its set."""
        if not atom.startswith("{"):
            return [(self._group({atom}),)]
        ways = self._words[atom[1:-1]]
        words = {way for way in ways if "~" not in way and not way.startswith("{")}
        chains = [
            tuple(group for link in chain for group in link)
            for way in ways
            if "~" in way
            for chain in product(*(self._links(one) for one in way.split("~")))
        ]
        inner = [link for way in ways if way.startswith("{") and "~" not in way for link in self._links(way)]
        return [*([(self._group(words),)] if words else []), *inner, *chains]

    def _group(self, literals: Iterable[str]) -> int:
        return self._groups.setdefault(frozenset(literals), len(self._groups))

    def _is_masked(self, start: int, end: int, masked: list[tuple[int, int]]) -> bool:
        """Whether a longer word of ``masked`` (in order of place) covers it."""
        first = bisect_left(masked, (end - self._longest_mask, 0))
        last = bisect_left(masked, (start + 1, 0))
        return any(end <= b and b - a > end - start for a, b in masked[first:last])

    def _find(self, text: str, told: bool) -> dict[int, list[Hit]]:
        spans: list[tuple[int, int, tuple[int, ...]]] = []
        masked: list[tuple[int, int]] = []
        for last, (length, groups, is_mask) in self._automaton.iter(text):
            start, end = last - length + 1, last + 1
            if is_mask:
                masked.append((start, end))
            if groups:
                spans.append((start, end, groups))
        if masked:
            masked.sort()
            spans = [one for one in spans if not self._is_masked(one[0], one[1], masked)]
        if not spans:
            return {}
        spans.sort()
        breaks = [match.start() for match in _BREAK.finditer(text)]
        clause = _Clauses(text, breaks, told)
        by_group: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
        denied_to = -1
        denied: set[tuple[int, int]] = set()
        for start, end, groups in spans:
            chained = denied_to >= 0 and start >= denied_to and _LIST.fullmatch(text, denied_to, start)
            if (
                chained
                or (start and _DENIED_BEFORE.search(text[max(0, start - 8) : start]))
                or _DENIED_AFTER.match(text, end)
            ):
                denied.add((start, end))
                denied_to = max(denied_to, end)
            for group in groups:
                by_group[group].append((start, end))
        found: defaultdict[int, list[Hit]] = defaultdict(list)
        heads = sorted({span for group, hits in by_group.items() if group in self._chains for span in hits})
        for group, hits in by_group.items():
            for concept in self._singles.get(group, ()):
                found[concept] += [Hit(a, b, clause.is_aside(a, b)) for a, b in hits if (a, b) not in denied]
            for groups, concept in self._chains.get(group, ()):
                if all(one in by_group for one in groups):
                    found[concept] += [
                        Hit(a, b, clause.is_aside(a, b), loose)
                        for a, b, loose in _chain([by_group[one] for one in groups], text, denied, heads)
                    ]
        return {concept: hits for concept, hits in found.items() if hits}


def _chain(
    steps: list[list[tuple[int, int]]],
    text: str,
    denied: set[tuple[int, int]],
    heads: list[tuple[int, int]],
) -> list[tuple[int, int, bool]]:
    """Spans in which the steps follow one another nearby, in one clause, with no denial between."""
    runs = [(a, b, False) for a, b in steps[0] if (a, b) not in denied]
    for step in steps[1:]:
        longer = []
        for start, end, loose in runs:
            topic = _TOPIC.match(text, end)
            near = topic.end() if topic else end
            for at in range(bisect_left(step, (near, 0)), len(step)):
                a, b = step[at]
                if a - near > NEAR:
                    break
                if _DENIED_AFTER.match(text, b):
                    continue
                gap = text[near:a]
                if gap and (_BREAK.search(gap) or _DENIED_BETWEEN.search(gap)):
                    continue
                between = heads[bisect_left(heads, (end + 1, 0)) : bisect_left(heads, (a, 0))]
                apart = any(y <= a for _, y in between) and not _JOIN.search(gap)
                longer.append((start, b, loose or apart))
        runs = longer
    return runs


class _Clauses:
    """The clause around a hit, and whether what it tells is so now."""

    def __init__(self, text: str, breaks: list[int], told: bool) -> None:
        edges = [-1, *breaks, len(text)]
        self._text = text
        self._told = told
        self._clauses = [(a + 1, b) for a, b in pairwise(edges)]
        self._starts = [a for a, _ in self._clauses]
        self._past: dict[tuple[int, int], bool] = {}

    def is_aside(self, start: int, end: int) -> bool:
        if self._told:
            return True
        clause = self._clauses[bisect_right(self._starts, start) - 1]
        if not clause[0] <= start < clause[1]:
            clause = (0, len(self._text))
        if clause not in self._past:
            part = self._text[clause[0] : clause[1]]
            self._past[clause] = bool(_PAST.search(part)) and not _NOW.search(part)
        if self._past[clause]:
            return True
        before = self._text[max(clause[0], start - 10) : start]
        return bool(_FEARED.search(before) or _FIGURE.search(self._text, max(clause[0], start - 10), end))
