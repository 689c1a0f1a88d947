"""Whom the patient speaks of: self, mother, father, child …, in the words of the family."""

from __future__ import annotations

import re

from intents.language import MARKED, strip_marks
from intents.slots.found import Found

RELATIONS = {
    "母亲": "我?(?:妈妈|老妈|妈咪|阿妈|母亲|老母|娘亲|妈|me tôi|mẹ)",
    "父亲": "我?(?:爸爸|老爸|阿爸|父亲|老豆|老子|爸)",
    "配偶": "我?(?:老婆|老公|爱人|妻子|丈夫|媳妇|太太|先生|堂客|内人)",
    "子女": "我?(?:儿子|女儿|孩子|小孩|宝宝|娃娃|娃崽|崽崽|我崽|我仔|个仔|个女|小朋友|我娃|闺女|仔仔|囡囡|bb|细路|妹仔|小家伙|毛毛)",
    "祖父母": "我?(?:爷爷|奶奶|外公|外婆|阿公|阿婆|嘎公|嘎婆|姥姥|姥爷|公公婆婆|阿嬷|太婆)",
    "公婆岳父母": "我?(?:岳父|岳母|公公|婆婆|丈母娘|老丈人|家婆|家公)",
    "兄弟姐妹": "我?(?:哥哥|弟弟|姐姐|妹妹|我哥|我姐|我弟|我妹|大佬|细佬|家姐|老弟|老妹)",
    "孙辈": "我?(?:孙子|孙女|外孙女?|孙崽|孙仔)",
    "其他": "我?(?:邻居|朋友|同事|工友|老乡|熟人|室友|舍友|同学|战友|徒弟|舅舅|姑姑|姨妈|叔叔|阿姨|婶婶|亲戚|侄子|侄女)",
    "别人": "(?<=[给帮替同代为])(?:别人|人家|他人|其他人|旁人)|(?<=[帮替])人(?=开|办|挂|约|复印|取|拿|退|问|弄)",
    "本人": "(?:我自己|本人|我本人|自己看|帮自己|我看病|就是我|给自己|我来看)",
}
VIETNAMESE = {
    "祖父母": "ông nội|ông ngoại|bà nội|bà ngoại",
    "公婆岳父母": "mẹ chồng|mẹ vợ|bố chồng|bố vợ|ba chồng|ba vợ",
    "孙辈": "cháu nội|cháu ngoại",
    "母亲": "mẹ|má tôi|má em|u tôi|mẹ già",
    "父亲": "bố|ba tôi|ba em|cha tôi|tía tôi",
    "配偶": "vợ|chồng",
    "子女": "con tôi|con em|con mình|con trai|con gái|bé nhà|cháu nhà",
    "兄弟姐妹": "anh trai|chị gái|em trai|em gái",
    "别人": "cho người khác|giùm người khác|hộ người khác",
    "本人": "cho tôi khám|tôi tự khám|bản thân tôi|chính tôi",
}
"""Longer words first: mẹ chồng is no mẹ."""
PATTERN = re.compile("|".join(f"(?P<r{i}>{words})" for i, words in enumerate(RELATIONS.values())))
NAMES = tuple(RELATIONS)
ADDRESSED = re.compile(r"^(?:阿姨|叔叔|姐姐|妹妹|朋友|先生|太太|大哥|大姐)")
WANTED_FOR = re.compile("(?:给|帮|替)$")
DENIED = re.compile("(?:不是|唔系|不系)(?:给|帮|替|为)?$")
SELF_ALONE = re.compile(r"^(?:是|就|给|帮)?(?:我|我的|我自己|自己|本人|我本人|俺)[。.!！]?$")


SELF_ALONE_VI = re.compile(
    r"^(?:(?:la|dat|kham|lam|dang ky) )?(?:(?:cho|chinh|ban than) )?(?:toi|minh|ban than)(?: (?:tu )?kham| thoi| nhe| a| luon)*[.!]*$"
    r"|^(?:dat |kham |lam )?cho em[.!]*$"
)
"""「cho tôi」, 「bản thân」: the whole answer."""
OWN_VI = r"(?: của)?(?: (?:tôi|toi|em|mình|minh|tao))?"
"""「vợ của tôi」 is one with its 「my」."""
BARE_RISKY = frozenset({"ma em", "u toi", "bo", "me", "vo", "chong"})
"""Without their marks these are also other words (bố, bò and bỏ); they count beside toi, em or a verb of care."""
MARKED_WORDS = {word: name for name, words in VIETNAMESE.items() for word in words.split("|")}
BARE_WORDS = {
    bare: name
    for word, name in MARKED_WORDS.items()
    for bare in (
        [f"{strip_marks(word)} {who}" for who in ("toi", "em", "minh")]
        if " " not in word
        else [strip_marks(word)]
    )
    if bare not in BARE_RISKY
}


def read_vietnamese_relations(text: str) -> list[Found]:
    """The first person of the family named in a Vietnamese message, with or without its marks."""
    if SELF_ALONE_VI.match(strip_marks(text.strip())):
        return [Found("relation", "本人", 0, len(text))]
    words = MARKED_WORDS if MARKED.search(text) else BARE_WORDS
    for word, name in words.items():
        match = re.search(rf"(?<!\w){word}(?!\w){OWN_VI}(?!\w)", text)
        if match:
            return [Found("relation", name, match.start(), match.end())]
    return []


def is_family(text: str) -> bool:
    """「vợ tôi」 and nothing else: no name, though a surname (Võ) is written so without its marks."""
    plain = text.strip(" .!").lower()
    return any(one.end - one.start == len(plain) for one in read_vietnamese_relations(plain))


def read_relations(text: str) -> list[Found]:
    """The person of the family for whom something is wanted, else the first named, unless it is how somebody is addressed
    or who goes along."""
    if SELF_ALONE.match(text.strip()):
        return [Found("relation", "本人", 0, len(text))]
    found: list[Found] = []
    for match in PATTERN.finditer(text):
        if match.start() == 0 and ADDRESSED.match(text):
            continue
        if re.match(
            r"(?:都|又|也|要|去|正|在|经常|常年)*(?:不在|没空|没时间|没法|不得空|出差|加班|值班|上班|打工|外地|来不了|走不开|陪不了|忙(?!不)|都不|在外|陪我|帮我|说|讲|叫我|让我|冇空)",
            text[match.end() :],
        ):
            continue
        if DENIED.search(text, 0, match.start()):  # 「不是我自己的」
            continue
        index = int((match.lastgroup or "r0")[1:])
        one = Found("relation", NAMES[index], match.start(), match.end())
        if WANTED_FOR.search(text, 0, match.start()):
            return [one]
        found.append(one)
    return found[:1]
