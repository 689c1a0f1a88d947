"""Danger comes first: rules that hear an emergency or a crisis whatever else the message says.

A classifier alone misses some; a rule that is too eager calls the ambulance for a figure of speech. So the rules are
the hospital's own red flags and those of ``danger.yml``, both read with `Phrases` (denied, past, feared, told of
others), and the classifier is listened to where it suspects a danger that is not its first thought. A message that the
rules do not hear as it is written is read a second time as it sounds: pinyin, homophones and Vietnamese become the
Chinese words they stand for, so that there is one table of meanings for all languages.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

from intents.danger_sounds import DangerSounds, VietnameseWords
from intents.language import detect_language
from intents.slots.spelt import LATIN
from intents.understanding import IntentScore
from knowledge import Hospital
from knowledge.evidence import Phrases
from knowledge.figures import without_figures

EMERGENCY = "report_emergency"
CRISIS = "express_crisis"
HERE = Path(__file__).parent
DANGERS = (EMERGENCY, CRISIS)
DOUBTED = 0.001
"""Below this the classifier is so sure of something else that the words of the rules are taken for a mention. Measured
on 3,555 messages apart: 20 of 27 false alarms gone, no danger lost."""
SUSPECTED = 0.3
"""From this probability of a danger on the classifier is believed, though another intent is likelier."""
SPELT = 24
SUSPECTED_SPELT = 0.8
"""The same of up to so many letters of bare pinyin, where 「wo xiang」 is wo xiang si and wo xiang tui hao alike; what is danger the rules hear."""
CERTAIN = 0.99
CLAUSE = re.compile(r"[，。！？；,;!?\s]")
WHO = re.compile(
    "[我俺佢他她爸妈爷奶娃崽仔妹弟姐哥]|阿[公婆]|老[公婆人爹娘]|外[公婆]|媳妇|孩子|儿子|女儿|宝宝|小孩|父亲|母亲|有人|孕妇|bb|孕|人(?=[昏晕倒没不])"
)
"""Somebody who is here, for whom help is asked."""
HAPPENS = re.compile(
    "[了咗喇啦不唔没冇]|[止卡噎堵捂]住|(?:正|还)在|着(?!名)|一直|突然|直冒|吐白|呼吸困难|冷汗|[上到]气"
)
BREAKS = re.compile("[破流]了")
TOLD_OF = re.compile(
    "过(?!去|来|敏)|的(?:病人|患者|人|老人|家属|那|时候|急救|处理)|(?:的)?(?:住院费|病历|诊断|证明|药)"
)
STRUCK = re.compile("(?:心梗|心肌梗[死塞]|脑梗[死塞]?|脑?卒中|中风|脑出血|脑溢血)[了咗啦嘞喽]")
"""An illness that strikes, told as what has just come: money asked beside it is no sign that it is over."""
SETTLED = re.compile(
    "[年月]|住院了|住在|住着|(?:已经|正在?)住|出院|恢复|康复|稳定|以前|后(?![付缴交面边天门])|过(?![来去敏])|复查|复诊|上[次回]|[一二两三几]次"
    "|如果|要是|万一|怕|政策|文件|了解|老百姓"
)
RISING = re.compile("(?:站起|企起|徛起|起身|起来|起床|站直|蹲久|蹲下).{0,10}(?:黑|[晕昏]|花)")
FALLEN = re.compile(
    "[晕昏](?:倒|过|死|迷|厥|低|咗|沉)|[倒栽摔跌吐痛疼喘汗血麻瘫歪闷抽紫]|不醒|反应|讲不|说不|没力|冇力"
)
"""Dizzy on getting up is for triage; with anything of these it is not left at that."""
ARRANGED_HOW = re.compile(
    "(?:卡|证明?|手续|慢病|特病|备案|登记|门特|理赔|报销|医保|出院|转院)(?:要|该|应该)?怎么办"
)
"""「慢病卡怎么办」 asks how it is arranged, and is no cry for help."""
WISH = re.compile(
    "想|不活|[活撑熬]不|唔想|不醒|会死|死得|能死|死[了咗]|[去我]死|我要|[说话讲]要|不如|打算|准备|决定"
)
MONEY = re.compile("报[销不吗多]|医保|钱|费")
ARRANGED = f"{CRISIS}:已安排"
NEAR = 4
"""Characters before which a clause that names nobody tells of the one who writes."""
LAUGHTER = re.compile("[哈嘿嘻]{2,}")
"""Of what is arranged already nobody is believed to make fun (「遗言设成定时发送了，哈哈」), nor where laughter is all there is
beside a wish to die (「我不想活了哈哈哈」): better asked once too often."""
BARE_WISH = 8
"""Characters of such a wish; a longer message says what is being laughed at."""


@dataclass(frozen=True, slots=True)
class Danger:
    intent: str
    evidence: tuple[str, ...]
    """The words that the rules heard; none where only the classifier suspects it."""
    plain: bool = False
    """Told of somebody here, or wished by oneself: no practical question beside it, and no certainty of the classifier,
    makes a mention of it (「我爸晕倒了，急诊科怎么走」, 「住院费交不起，我想死」)."""


class Calm(BaseModel):
    """Words of a message that tells, asks, pays or praises."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    history: tuple[str, ...]
    after: tuple[str, ...]
    over: tuple[str, ...]
    asked: tuple[str, ...]
    practical: tuple[str, ...]
    beside: tuple[str, ...]
    figure: tuple[str, ...]
    mild: tuple[str, ...]
    unmeant: tuple[str, ...]
    of_care: tuple[str, ...]
    slight: tuple[str, ...]
    alone: frozenset[str]
    now: tuple[str, ...]
    sure: tuple[str, ...]


class DangerTable(BaseModel):
    """What ``danger.yml`` may hold; names that are no set of words are found when the rules are built."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    words: dict[str, tuple[str, ...]]
    emergency: dict[str, tuple[str, ...]]
    crisis: dict[str, tuple[str, ...]]
    harmless: tuple[str, ...]
    calm: Calm
    vietnamese: dict[str, str]


@lru_cache(maxsize=1)
def read_table() -> DangerTable:
    """Raises ``ValidationError`` for a field that does not exist or is of the wrong kind."""
    return DangerTable.model_validate(
        yaml.load((HERE / "danger.yml").read_text("utf-8"), Loader=yaml.CSafeLoader)
    )


class DangerRules:
    def __init__(self, hospital: Hospital) -> None:
        own = read_table()
        triage = hospital.triage
        self._phrases = Phrases({**triage.words, **own.words}, (*triage.masks, *own.harmless))
        self._unless: dict[str, re.Pattern[str]] = {}
        for intent, rules in ((EMERGENCY, own.emergency), (CRISIS, own.crisis)):
            for name, lines in rules.items():
                self._phrases.add(f"{intent}:{name}", lines)
        for flag in triage.red_flags:
            if flag.crisis or (flag.level == "critical" and not flag.age_known and flag.sex is None):
                key = f"{CRISIS if flag.crisis else EMERGENCY}:{flag.id}"
                self._phrases.add(key, flag.when)
                if flag.unless:
                    self._unless[key] = _any(flag.unless)
        self._phrases.build()
        calm = own.calm
        self._told = _any((*calm.history, *calm.over, *calm.asked, *calm.figure))
        self._beside = _any((*calm.practical, *calm.beside))
        self._practical = _any((*calm.practical, *calm.after))
        self._unmeant = _any(calm.unmeant)
        self._of_care = _any(calm.of_care)
        self._mild = _any(calm.mild)
        self._now = _any(calm.now)
        self._over = _any(calm.sure)
        self._slight = _any(calm.slight)
        self._alone = calm.alone
        self._sounds = DangerSounds([*_literals(own), *own.harmless, *calm.now, *calm.history])
        self._vietnamese = VietnameseWords(own.vietnamese)

    def find(self, text: str) -> Danger | None:
        """What is dangerous in normalised ``text`` by the rules alone; a crisis before an emergency."""
        return next(filter(None, map(self._read, self._readings(text))), None)

    def weigh(
        self, text: str, ranking: Sequence[IntentScore], *, suspect: bool = True
    ) -> tuple[Danger | None, tuple[IntentScore, ...]]:
        """The danger in ``text`` and the classifier's ``ranking`` put right.

        What the rules hear stands first, unless the classifier is all but certain of something else. Where they hear nothing, a danger that the classifier suspects stands first too,
        unless the message is plainly calm: then it is no danger, however sure the classifier is. Without ``suspect`` only
        the rules are heard.
        """
        danger = None if text.strip(" 。！!？?") in self._alone else self.find(text)
        suspected = [one for one in ranking if one.name in DANGERS]
        if (
            danger
            and not danger.plain
            and sum(one.confidence for one in suspected) < DOUBTED
            and not self._is_now(text)
        ):
            return None, tuple(ranking)  # 「重症监护室能不能送花进去看昏迷的病人」
        if danger is None:
            said = suspect and any(map(str.isalnum, text))  # a weeping face alone is no call for help
            spelt = len(text) <= SPELT and text.isascii() and detect_language(text) == "zh"
            enough = SUSPECTED_SPELT if spelt else SUSPECTED
            believed = said and sum(one.confidence for one in suspected) >= enough
            likeliest = max(suspected, key=lambda one: one.confidence, default=ranking[0])
            if (believed or likeliest is ranking[0]) and any(
                self._is_no_more(one, likeliest.name) for one in self._readings(text)
            ):
                return None, _without(ranking, suspected)
            if not believed:
                return None, tuple(ranking) if said and not spelt else _without(ranking, suspected)
            danger = Danger(likeliest.name, ())
        first = IntentScore(danger.intent, CERTAIN)
        return danger, (first, *(one for one in ranking if one.name != danger.intent))

    def _readings(self, text: str) -> Iterator[str]:
        """What the message may mean, as it is written first."""
        if detect_language(text) == "vi":
            yield self._vietnamese.read(text)
            return
        yield text
        heard = self._sounds.repair(text)
        if heard != text:
            yield heard
        if text.isascii() and LATIN.search(text):  # 「ran doc can」 could be either
            yield self._vietnamese.read(text)

    def _read(self, text: str) -> Danger | None:
        text = without_figures(text)
        met = self._phrases.read(text).met
        sober = LAUGHTER.sub("", text)
        if ARRANGED in met:
            text = sober
        bare = len(sober.strip("，,。.！!~～ ")) <= BARE_WISH
        for intent in (CRISIS, EMERGENCY):
            proof = [
                word
                for key, words in met.items()
                if key.startswith(intent) and not (key in self._unless and self._unless[key].search(text))
                for word in words
            ]
            struck = _find_struck(text) if intent == EMERGENCY else None
            if struck:
                proof.append(struck)
            if not proof:
                continue
            plain = struck is not None or ARRANGED in met or _is_plain(text, intent, proof)
            said = sober if bare and intent == CRISIS else text
            if not self._is_calm(said, intent, plain=plain):
                asked = struck is not None or intent == CRISIS or bool(self._beside.search(text))
                return Danger(intent, tuple(dict.fromkeys(proof)), plain and asked)
        return None

    def _is_calm(self, text: str, intent: str, *, plain: bool = False) -> bool:
        if self._over.search(text):
            return True
        if intent == CRISIS:
            told, practical = self._unmeant, self._of_care
        else:
            told, practical = self._told, self._practical
        calm = told.search(text) or (not plain and practical.search(text))
        return bool(calm) and not self._is_now(text)

    def _is_now(self, text: str) -> bool:
        return self._now.search(ARRANGED_HOW.sub("", text)) is not None

    def _is_no_more(self, text: str, intent: str) -> bool:
        """Whether the classifier alone is not to be believed."""
        if text.strip(" 。！!？?") in self._alone or self._is_calm(text, intent):
            return True
        if intent == CRISIS and without_figures(text) != text:
            return True
        if intent == EMERGENCY and RISING.search(text) and not FALLEN.search(text):
            return True
        weak = self._mild.search(text) or (intent == EMERGENCY and self._slight.search(text))
        return bool(weak) and not self._is_now(text)


def _find_struck(text: str) -> str | None:
    """「心梗了」, 「我妈脑梗了」: what has just struck somebody here."""
    struck = STRUCK.search(text)
    if struck is None or SETTLED.search(text):
        return None
    lead = CLAUSE.split(text[: struck.start()])[-1]
    return struck[0] if WHO.search(lead) or len(lead) <= NEAR else None


def _is_plain(text: str, intent: str, proof: Iterable[str]) -> bool:
    """Whether the words stand for what is so here and now, whatever is asked beside them."""
    for word in proof:
        start = text.find(word)
        end = start + len(word)
        if intent == CRISIS:
            if WISH.search(text, max(0, start - 4), end):
                return True
            continue
        lead = CLAUSE.split(text[:start])[-1]
        if (
            (WHO.search(lead) or (len(lead) <= NEAR and not MONEY.search(text)))
            and (HAPPENS.search(text, max(0, start - 2), end + 1) or BREAKS.match(text, end))
            and not TOLD_OF.match(text, end)
        ):
            return True
    return False


def _without(ranking: Sequence[IntentScore], doubted: Sequence[IntentScore]) -> tuple[IntentScore, ...]:
    """The ranking as it is if ``doubted`` are not meant; what is left adds up to one."""
    rest = [one for one in ranking if one not in doubted]
    share = sum(one.confidence for one in rest) or 1.0
    return (
        *(IntentScore(one.name, round(one.confidence / share, 4)) for one in rest),
        *(IntentScore(one.name, 0.0) for one in doubted),
    )


def _any(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, sorted(set(words), key=len, reverse=True))))


def _literals(table: DangerTable) -> list[str]:
    """The words of all lines, without signs and names of sets."""
    lines = [
        line
        for group in (table.words, table.emergency, table.crisis)
        for lines in group.values()
        for line in lines
    ]
    parts = (part for line in lines for part in re.split(r" \+ |~", line) if "{" not in part)
    return list(dict.fromkeys(part.strip() for part in parts))
