"""What the classifier sees of a message: characters, words, sounds and what the slot readers found."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence

from intents.concepts import read_concepts
from intents.language import strip_marks
from intents.pinyin import sounds

DIGITS = re.compile(r"\d+")
NOISE = re.compile(r"[\s,，。.、;；:：\"'“”‘’()（）\[\]【】~～…·]+")
LATIN = re.compile(r"[a-zà-ỹđ]+")


ENDS = 12
"""How many of a message's last characters count apart: what is asked mostly stands at its end."""


def features(text: str, words: Sequence[str], found: Iterable[str], denied: str = "") -> list[str]:
    """Named features of normalised ``text``, its ``words``, and the names of the slots ``found`` in it.

    What was ``denied`` (`denial.set_aside`) is no part of them and gives only its meanings, marked. Digits count by their presence, not their value: a phone number says that there is one, not which. Measured on
    hands held back: pairs of words and sounds in threes added nothing, pairs with a gap and the two ends did.
    """
    plain = DIGITS.sub("0", NOISE.sub(" ", text)).strip()
    names = ["bias"]
    body = plain.replace(" ", "")
    padded = f"^{body}$"
    for size in (1, 2, 3):
        names.extend(f"c{padded[i : i + size]}" for i in range(len(padded) - size + 1))
    names.extend(f"e{padded[i]}{padded[i + 2]}" for i in range(len(padded) - 2))
    names.extend((f"f{body[:2]}", f"f{body[:4]}", f"g{body[-2:]}", f"g{body[-4:]}"))
    last = body[-ENDS:]
    names.extend(f"h{char}" for char in last)
    names.extend(f"h{last[i : i + 2]}" for i in range(len(last) - 1))
    names.extend(f"w{word}" for word in words if NOISE.fullmatch(word) is None and not word.isdigit())
    heard = sounds(text)
    names.extend(f"p{one} {two}" for one, two in itertools.pairwise(heard))
    latin = [strip_marks(word) for word in LATIN.findall(plain)]
    names.extend(f"l{word}" for word in latin)
    names.extend(f"m{one} {two}" for one, two in itertools.pairwise(latin))
    slots = list(found)
    names.extend(f"s{slot}" for slot in slots)
    touched = read_concepts(text)
    names.append(f"N{min(len(touched), 4)}")
    names.append(
        f"M{min(len(touched), 2)}{min(len(slots), 1)}"
    )  # what touches nothing of ours is seldom meant for us
    names.extend(f"k{concept}" for concept in touched)
    names.extend(f"j{one} {two}" for one, two in itertools.combinations(touched[:6], 2))
    names.extend(f"~{concept}" for concept in read_concepts(denied) if denied)
    names.append(f"n{min(len(body) // 4, 10)}")
    if text.rstrip().endswith(("?", "？", "吗", "呢", "没", "冇", "未", "咩")):
        names.append("question")
    return names
