"""Symptoms in the patient's words, made plain; what is denied, over, or a name of a medicine is left out.

Three kinds are found: whole words of ``lexicon/symptoms.yml``; a part of the body and what it does (膝头痛, 手指发麻
发紫); and what grows, flows, bites or was hurt (脖子上长了个包, 耳朵流脓, 被蛇咬, 手割伤).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from intents.lexicon import Words, read_list
from intents.slots.found import Found, longest

DENIED = re.compile(
    r"(?:没有?|冇|莫得|唔系|(?<!是)不是|并不|未|无|没得|没啥|(?<!要)不(?!停|断|知|好|得|舒服|清楚|了|住)|唔|从不|毫无)(?:什么|任何|再|出现|感到|感觉|觉得|过|有|发|咩|得|怎么|太|是|会|[^\s,，。;；]{0,4}?[、和或跟及])*$"
)
OVER = re.compile(
    r"(?:已经|都|也|全|完全|早就|现在)*(?:好了|退了|消了|没了|不见了|止住了|缓解了|冇咗|好翻|好返|消失|停了|好多了)"
)
REMEDY_BEFORE = re.compile(r"[止治退消镇防抗祛除]$|缓解$|预防$|百日$")
REMEDY_AFTER = re.compile(
    r"的?(?:药|片(?!区)|贴|糖浆|膏|丸|冲剂|颗粒|喷雾|口服液|灵|散(?!光)|枕|仪|门诊|科(?!目)|中心|疫苗)"
)
FIGURE = re.compile(r"[等看排气催吵急搞跑听笑弄问烦](?:得|到)(?:我|人|俺|老子|大家)?(?:都|就|直|快)?$")
FEELING = re.compile(r"的感觉")
FILLERS = (
    "(?:[有点些里边上下老总一直很好非常都又也还是在突然经阵就会时常这那两只成日几特别超级啊呀嘛咗晒到得啲嘅个处位面块感觉呢的]"
    "|上下楼梯?|走路|下楼|上楼|蹲下?|弯腰|转头|抬手|吞口水|吃东西|吃饭|喝水|刷牙|一刷牙|早上|晚上|夜里|半夜|起床|起来|睡觉|下雨天?|阴天|一到阴天|变天|天冷|天一冷|一[\u4e00-\u9fff]一[\u4e00-\u9fff]地?|那里|这里|一?呼吸|一?咳嗽|一吸气|吸气|深呼吸|一用力|一?使劲|一?翻身|一?转身|一?笑|看手机|久了|一碰|一动|一按|摸着|按着|碰到|疯狂|开始){0,7}?"
)
CHAIN = re.compile(r"(?:[、,，]|又|还|也|和|并且|而且|还有|有一?点|得很|起来|了|咗|的|啊|啲|会|很|好)*")
CHAINED = frozenset("肿麻痒胀酸痛疼红干")
GROWN = "肉疙瘩|肉球|肉包|肿物|包块|包包|包|痘痘?|疮|痣|疙瘩|肿块|硬块|水泡|泡|红点|红点点|红疹子?|疹子|皮疹|疹|瘤子?|斑|疖子?|脓包|鸡眼|溃疡|息肉|白斑|红斑|肉粒|血泡"
FLUIDS = "鼻涕|鼻水|鼻血|眼泪|眼水|脓血|脓水|脓|血|口水|黄水|水|分泌物"
BEASTS = "狗|猫|蛇|老鼠|蜜蜂|马蜂|黄蜂|蜂|虫子?|蚊子|蜈蚣|猴子|蝎子|水母|鼠"
HURTS = "炸|电|辗|割|划|夹|砸|压|烫|烧|扭|挫|撞|磕|刺|扎|擦|刮|碰|切|轧"
AMOUNT = "(?:了|咗|出|着|满)?(?:一|几|两|好几|好)?(?:个|颗|片|些|身|堆|粒|块|圈|条|点|下|脸)?(?:好多|很多|许多|不少|点|些)?(?:红色?的?|小|大|白色?的?|硬|清|黄|脓)?"
GENERAL = frozenset({"身上", "全身", "浑身", "皮肤"})
LEANING = re.compile(
    r"睁不开|直不起来?|弯不下|抬不起来?|动不了|肿(?=起来|成|得|了)|流脓|化脓|(?<=[就很会])模糊|发紫|转圈|打转|就转|在转"
)
LEANS = {"肿": "肿", "流": "流脓", "模": "模糊", "转": "晕", "打": "晕", "就": "晕", "在": "晕"}
FAST = re.compile(r"心跳(?:得|的|好|很|特别|有点|太|咁|跳)*快")
BLOOD = re.compile(
    r"(?P<what>大便|小便|尿|痰|鼻涕|白带|屎)(?P<where>里面?|中)?(?:一直|老是|总|都)?(?:有|带|见|都是|是)(?:点|些|了|着)?鲜?(?:血丝?|红)"
)
TOLD = tuple(
    (re.compile(pattern), value)
    for pattern, value in (
        (r"(?:夜里|夜间|晚上|半夜|夜晚|夜头|成晚)[^,，。]{0,6}?(?:屙尿|尿尿|小便|解手|上厕所|撒尿|小解|拉尿|去厕所)[^,，。]{0,3}?[\d一二两三四五六七八九十几好]+[次回趟道遍]", "夜尿多"),
        *(
            (rf"(?:有一?点点?儿?|有[啲滴]|有少少|老是?|总是?|一直(?:在)?|还在|不停地?|经常|天天|突然|又)(?:{word})(?=$|[,，。!！?？;；\s了的吗呢啊又还也])", value)
            for word, value in (
                ("吐|想?呕", "呕吐"), ("拉|屙|泻", "拉肚子"), ("晕|昏", "头晕"), ("烧", "发烧"), ("麻", "发麻"),
                ("没力|没劲|冇力", "没力气"), ("气紧", "气促"), ("闷", "胸闷"), ("痒", "痒"),
            )
        ),
        (r"(?:月经|例假|大姨妈|姨妈)[^,，。]{0,5}?(?:没来|不来|没有来|未来|冇嚟|冇来)", "月经没来"),
        (r"头发[^,，。]{0,8}?掉", "掉头发"),
        (r"(?:尿|小便)里?[^,，。]{0,4}?泡沫", "尿有泡沫"),
        (r"(?:^|[,，。;；\s])(?:屙|拉)(?:了|咗)?[好\d一二两三四五六七八九十几]+(?:次|道|回|趟|遍)", "拉肚子"),
        (r"眼前?[^,，。]{0,4}?黑[点影]", "眼前有黑点"),
    )
)  # fmt: skip
"""What is told rather than named: 「夜里要起来屙尿五六回」."""
TUBE = re.compile(
    r"(?P<tube>引流管|导尿管|尿管|胃管|造瘘管|导管|picc|管子)[^,，。]{0,3}?(?P<what>堵|掉|脱|漏)"
)
FIGURE_HEAD = re.compile(r"(?<!药)[让令使](?:我|人|大家)(?:真|很|好|都|感到|觉得)*$")
NOT_VOMIT = tuple("奶血痰槽沫")
MILK = re.compile("吐奶|漾奶")
WITH_ITCH = re.compile(r"(?:很|好|又|特别|非常|超|巨|有点)(?:痒|痕)")
SKIN = re.compile(r"皮肤|疹|身|红点|疙瘩")


class Tables(NamedTuple):
    whole: Words
    joined: re.Pattern[str]
    part: dict[str, str]
    does: dict[str, str]
    same: dict[str, str]
    does_pattern: re.Pattern[str]
    part_pattern: re.Pattern[str]
    grown: re.Pattern[str]
    flowing: re.Pattern[str]
    bitten: re.Pattern[str]
    hurt: re.Pattern[str]
    hurt_first: re.Pattern[str]


def _choice(words: list[str]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


@lru_cache(maxsize=1)
def tables() -> Tables:
    data = read_list("symptoms")
    same = {word: plain for plain, words in data["same"].items() for word in words}
    part = {word: plain for plain, words in data["parts"].items() for word in (plain, *words)}
    does = {word: plain for plain, words in data["does"].items() for word in (plain, *words)}
    parts, acts = _choice(list(part)), _choice(list(does))
    where = "(?:上面?|里面?|边|那里|这里|那边|附近|后面)?(?:也|都|又|老是?|总是?|一直|突然|还|就)?"
    return Tables(
        whole=Words("symptom", [*same.items(), *((word, word) for word in [*data["words"], *data["same"]])]),
        joined=re.compile(rf"(?P<part>{parts})(?P<between>{FILLERS})(?P<does>{acts})"),
        part=part,
        does=does,
        same=same,
        does_pattern=re.compile(acts),
        part_pattern=re.compile(parts),
        grown=re.compile(
            rf"(?:(?P<part>{parts}){where}口?)?(?P<verb>长|生|起|出|冒|(?<![没唔])有(?=[一几两好]?[个颗块粒片]))(?:了)?{AMOUNT}(?P<thing>{GROWN})"
        ),
        flowing=re.compile(rf"(?:(?P<part>{parts}){where})?(?P<verb>流|淌){AMOUNT}(?P<thing>{FLUIDS})"),
        bitten=re.compile(
            rf"(?:被|给|畀|遭|让)?(?P<beast>{BEASTS})(?P<verb>咬|抓|蜇|叮|挠)(?:了|到|伤|过|咗)*"
        ),
        hurt=re.compile(
            rf"(?P<part>{parts})(?:又|也|都)?(?:(?:被|给|让|畀|遭)[^,，。]{{0,4}}?)?(?P<verb>{HURTS})(?:到|伤|破|咗|了)+"
        ),
        hurt_first=re.compile(rf"(?P<verb>{HURTS})(?:到|伤|破|咗|了){{1,3}}(?P<part>{parts})"),
    )


def spoken_symptoms() -> set[str]:
    """Symptoms as they are said: whole words, and what the parts of the body do most."""
    data = read_list("symptoms")
    parts = [word for plain, words in data["parts"].items() for word in (plain, *words)]
    joined = {
        f"{part}{does}" for part in parts for does in ("痛", "疼", "麻", "肿", "痒", "酸", "胀", "不舒服")
    }
    return joined | set(data["words"]) | {word for words in data["same"].values() for word in words}


def read_symptoms(text: str) -> list[Found]:
    """Each symptom in order of place; 脑壳痛 is 头痛, 「没有发烧」 is none."""
    known = tables()
    sure = [
        one
        for one in known.whole.find(text)
        if not (text[one.end - 1] == "吐" and text[one.end : one.end + 1] in NOT_VOMIT)
    ]
    sure += [Found("symptom", "吐奶", match.start(), match.end()) for match in MILK.finditer(text)]
    kept = longest([*sure, *_joined(text, known, sure), *_shaped(text, known), *_leaning(text, known)])
    if any(one.value == "吐血" for one in kept):
        kept = [one for one in kept if one.value != "呕吐"]
    if not any("痒" in str(one.value) for one in kept):
        itch = WITH_ITCH.search(text)
        if itch:
            kept.append(Found("symptom", "皮肤痒" if SKIN.search(text) else "痒", itch.start(), itch.end()))
    return [one for one in sorted(kept, key=lambda found: found.start) if _is_felt(text, one)]


def _joined(text: str, known: Tables, sure: list[Found]) -> list[Found]:
    found = []
    covered = 0
    for one in sure:
        covered |= one.bits
    for match in known.joined.finditer(text):
        part, start = known.part[match["part"]], match.start()
        if match["part"] == "口" and start and text[start - 1] in "管伤刀切门窗出入路进创瘘":
            continue
        if start and text[start - 1] in "左右":
            part, start = text[start - 1] + part, start - 1
        found.append(Found("symptom", _plain(part, known.does[match["does"]], known), start, match.end()))
        end = match.end()
        while True:  # 「手指发麻发紫」, 「刀口痒，有一点渗液」
            link = CHAIN.match(text, end)
            at = link.end() if link else end
            more = known.does_pattern.match(text, at)
            if (
                not more
                or (len(more[0]) == 1 and more[0] not in CHAINED)
                or known.part_pattern.match(text, at)
            ):
                break
            if covered >> at & 1:
                break
            found.append(Found("symptom", _plain(part, known.does[more[0]], known), at, more.end()))
            end = more.end()
    return found


def _leaning(text: str, known: Tables) -> list[Found]:
    """「电焊打到眼睛，流眼泪睁不开」, 「崴了脚，肿起来了」: what is done belongs to the part named before."""
    found = []
    for match in LEANING.finditer(text):
        near = known.part_pattern.finditer(text, max(0, match.start() - 16), match.start())
        parts = [part for part in near if text[part.end() : part.end() + 1] not in ("机", "术", "续", "表")]
        if parts:
            does = known.does.get(match[0], "") or LEANS[match[0][0]]
            value = _plain(known.part[parts[-1][0]], does, known)
            found.append(Found("symptom", value, match.start(), match.end()))
    return found


def _plain(part: str, does: str, known: Tables) -> str:
    value = part + does
    return known.same.get(value, value)


def _shaped(text: str, known: Tables) -> list[Found]:
    """What grows, flows, is in the stool, bites, or was hurt."""
    found = []
    for match in known.grown.finditer(text):
        if not match["part"] and match["verb"] in ("生", "冒", "有"):
            continue
        thing = (
            "疹子"
            if "疹" in match["thing"]
            else match["thing"]
            .replace("水泡", "泡")
            .replace("红点点", "红点")
            .replace("肉疙瘩", "疙瘩")
            .replace("包包", "包")
        )
        verb = "长" if match["verb"] in ("长", "有") else "起"
        if verb == "起" and thing not in ("疹子", "泡", "红点", "疙瘩", "包", "红斑", "血泡", "脓包"):
            verb = "长"
        part = known.part.get(match["part"] or "", "")
        value = ("" if part in GENERAL else part) + verb + thing
        found.append(Found("symptom", known.same.get(value, value), match.start(), match.end()))
    for match in known.flowing.finditer(text):
        thing = {"鼻水": "鼻涕", "眼水": "眼泪", "脓水": "脓", "脓血": "脓", "黄水": "水"}.get(
            match["thing"], match["thing"]
        )
        part = known.part.get(match["part"] or "", "")
        if thing == "水" and not part:
            continue
        if thing in ("鼻涕", "鼻血", "眼泪", "口水") or part in GENERAL:
            part = ""
        value = f"{part}出血" if part and thing == "血" else f"{part}流{thing}"
        found.append(Found("symptom", known.same.get(value, value), match.start(), match.end()))
    for match in BLOOD.finditer(text):
        what = match["what"] + ("里" if match["what"] == "痰" and match["where"] else "")
        found.append(Found("symptom", f"{what}带血", match.start(), match.end()))
    for pattern, value in TOLD:
        found += [Found("symptom", value, match.start(), match.end()) for match in pattern.finditer(text)]
    for match in TUBE.finditer(text):
        found.append(Found("symptom", match["tube"] + match["what"], match.start(), match.end()))
    for match in FAST.finditer(text):
        found.append(Found("symptom", "心跳快", match.start(), match.end()))
    for match in known.bitten.finditer(text):
        beast = {"蜜蜂": "蜂", "马蜂": "蜂", "黄蜂": "蜂", "虫子": "虫"}.get(match["beast"], match["beast"])
        found.append(Found("symptom", f"被{beast}{match['verb']}", match.start(), match.end()))
    for pattern in (known.hurt, known.hurt_first):
        for match in pattern.finditer(text):
            value = f"{known.part[match['part']]}{match['verb']}伤"
            found.append(Found("symptom", known.same.get(value, value), match.start(), match.end()))
    return found


def _is_felt(text: str, one: Found) -> bool:
    lead = text[max(0, one.start - 14) : one.start]
    if one.value == "出血" and lead[-1:] in ("脑", "胃", "底", "内"):
        return False  # 脑出血 is an illness
    return not (
        DENIED.search(lead)
        or OVER.match(text, one.end)
        or REMEDY_BEFORE.search(lead)
        or REMEDY_AFTER.match(text, one.end)
        or FIGURE.search(lead)
        or (one.value == "头痛" and FIGURE_HEAD.search(lead) is not None)
        or FEELING.match(text, one.end)
    )
