"""What somebody says he does not want, before he says what he does: 「不是要病假条，是要手术记录」."""

from __future__ import annotations

import re

STOP = r"，,。.;；!！?？\n"
OPENING = r"(?:不是|又不是|并不是|唔系|不急着|不打听|不问|不查|不管|不退也不|不改也不|没有要|冇话要|khong phai|không phải)"
WISH = r"(?<![要用想需])(?:不用|不需要|不必|不要|不想(?!活|死|过|治|醒|做人)|唔使|唔要|莫要|不借|不退|不改|不约|不挂|不开|不寄)"
CONTRAST = r"(?:我|咱|俺|其实|这回|今天)*(?:就|只|是|而是|光|单|净|主要|压根|仅|系(?!咪)|淨系|不过|但|单纯)"
LEAD = r"(?:我|咱|这次|这回|今天|现在|呃|那个|也|又|先|话先讲|先说好|我又|啊|嗯|诶|哎)*"
DENIED = re.compile(
    rf"(?:(?<=[{STOP}])|^)\s*(?:"
    rf"{LEAD}{OPENING}[^{STOP}]{{1,22}}[{STOP}]+"
    rf"|[^{STOP}]{{0,8}}{WISH}[^{STOP}]{{0,12}}[{STOP}]+(?=\s*(?:也不[^{STOP}]{{1,12}}[{STOP}]+)?{CONTRAST})"
    rf"|也不[^{STOP}]{{1,12}}[{STOP}]+(?=\s*{CONTRAST})"
    rf")"
)
LEAST = 4
"""Characters that must be left to say what is wanted."""


def set_aside(text: str) -> tuple[str, str]:
    """``(wanted, denied)``: the normalised message without the clauses that say what is not meant, and those.

    Only where enough follows to say what is meant; 「不要再发短信了」 is a request and stays whole.
    """
    parts = [match.span() for match in DENIED.finditer(text)]
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
