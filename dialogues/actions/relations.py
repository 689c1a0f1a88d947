"""How the language's words for the family become the relations that a patient's record keeps."""

from __future__ import annotations

from services.patients import RELATIONS

KEPT = {
    "子女": "孩子",
    "祖父母": "祖辈",
    "公婆岳父母": "其他亲属",
    "孙辈": "其他亲属",
}


ANOTHER = "别人"
"""「帮别人开」: who, is not said; only that it is not for oneself."""
SELF = "本人"


def keep_relation(word: str | None) -> str | None:
    """A relation of the record; ``None`` where nothing was said."""
    if not word or word in ("any", ANOTHER):
        return None
    kept = KEPT.get(word, word)
    return kept if kept in RELATIONS else "其他"


def fits_relation(word: str | None, relation: str) -> bool:
    """Whether the words said allow a patient with this relation; nothing said allows all."""
    if word == ANOTHER:
        return relation != SELF
    return keep_relation(word) in (None, relation)
