"""What somebody says he does not want, before he says what he does: 「不是要病假条，是要手术记录」."""

from __future__ import annotations

import re

STOP = r"，,。.;；!！?？\n"
OPENING = r"(?:别急着|先别|莫急着|先莫|唔使急住|不是|又不是|并不是|唔系|不急着|不打听|不问|不查|不管|不退也不|不改也不|没有要|冇话要|khong phai|không phải)"
WISH = r"(?<![要用想需])(?:不用|不需要|不必|不要|不想(?!活|死|过|治|醒|做人)|唔使|唔要|莫要|不借|不退|不改|不约|不挂|不开|不寄)"
CONTRAST = r"(?:我|咱|俺|其实|这回|今天)*(?:就|只|是|而是|光|单|净|主要|压根|仅|系(?!咪)|淨系|不过|但|单纯)"
LEAD = r"(?:我|咱|这次|这回|今天|现在|呃|那个|也|又|先|话先讲|先说好|我又|啊|嗯|诶|哎)*"
TURN = re.compile(
    rf"(?:(?<=[{STOP}])|^){LEAD}(?:不是|又不是|唔系)(?:要|想|来|问)+[^{STOP}]{{1,12}}?(?=(?:我|咱)?(?:是|系)(?:想|要|问|来)|而是)"
)
"""「我不是要退号我是想问…」, said or dictated without a stop."""
GAP = re.compile(r"(?<=[\u4e00-\u9fff])\s(?=[\u4e00-\u9fff])")
"""A space between two Chinese characters parts clauses as a comma does."""
DENIED = re.compile(
    rf"(?:(?<=[{STOP}])|^)\s*(?:"
    rf"{LEAD}{OPENING}[^{STOP}]{{1,22}}[{STOP}]+"
    rf"|[^{STOP}]{{0,8}}{WISH}[^{STOP}]{{0,12}}[{STOP}]+(?=\s*(?:也不[^{STOP}]{{1,12}}[{STOP}]+)?{CONTRAST})"
    rf"|也不[^{STOP}]{{1,12}}[{STOP}]+(?=\s*{CONTRAST})"
    rf")"
)
PERSON = (
    r"(?:人工(?!窗|台|流|授|受|关|晶|智|骨|心|血|呼|喂|收)|真人|活人|客服|工作人员|接线员|"
    r"nhân viên|nhan vien|người thật|nguoi that|tổng đài|tong dai)"
)
REFUSES = r"(?:别|甭|不想|不要|不用|不需要|不必|不(?=[转找])|唔使|唔想|唔要|唔好|莫|không\s*(?:cần|muốn|phải)|khong\s*(?:can|muon|phai)|đừng|dung)"
PERSON_REFUSED = re.compile(
    rf"{REFUSES}\s*(?:再|老|总|先|急着|给我|帮我|去|同|跟|和)*\s*"
    rf"(?:(?:转|找|接|叫|喊|联系|打|搵|要|gặp|gap|gọi|goi|nói chuyện với|noi chuyen voi|chuyển(?: cho)?|chuyen(?: cho)?)*(?:到|去|给|通)?(?:了)?\s*{PERSON}"
    rf"|(?:真)?人(?:聊|说|讲|倾)(?:话|偈)?)(?:服务|客服|电话|chăm sóc)?(?:了|啦|嘛|咯|先)*"
    rf"|{PERSON}(?:服务|客服)?(?:就|先|都|也)*(?:不用|不要|不必|不需要|免|唔使|唔要)(?:了|啦)*"
)
"""「不想找人工」, 「人工就不用了」: in Chinese, and in Vietnamese with its marks or without."""
PERSON_ASIDE = re.compile(
    rf"(?:(?<=[{STOP}\s])|^)(?:我|你|请|麻烦|都|也|先|现在|tôi|toi|em)*\s*(?:{PERSON_REFUSED.pattern})(?:[{STOP}\s]+|(?=直接|你|我|帮|就|只|告诉|话我))"
)
"""The same where more follows, which is what is wanted."""
LEAST = 4
"""Characters that must be left to say what is wanted."""


def set_aside(text: str) -> tuple[str, str]:
    """``(wanted, denied)``: the normalised message without the clauses that say what is not meant, and those.

    Only where enough follows to say what is meant; 「不要再发短信了」 is a request and stays whole.
    """
    parted = GAP.sub("，", text)
    refused = PERSON_ASIDE.search(text)
    found = [refused] if refused else list(DENIED.finditer(parted)) or list(TURN.finditer(parted))[:1]
    parts = [match.span() for match in found]
    if not parts:
        return text, ""
    kept, denied, last = [], [], 0
    for start, end in parts:
        kept.append(text[last:start])
        denied.append(text[start:end])
        last = end
    kept.append(text[last:])
    wanted = "".join(kept)
    if sum(char.isalnum() for char in wanted) < LEAST or not any(char.isalnum() for char in text[last:]):
        return text, ""
    return wanted, "".join(denied)


def refuses_person(text: str) -> bool:
    """「别给我转人工」; but 「不要机器人，转人工」 refuses none: what is left of it calls for one."""
    rest = PERSON_REFUSED.sub("", text)
    return rest != text and re.search(PERSON, rest) is None
