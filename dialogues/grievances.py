"""「食堂的粥像刷锅水」: something told as a bare fact, neither asked nor asked for, that may want to be a complaint."""

from __future__ import annotations

from dialogues.line_starts import WISH, fold, is_question
from intents.understanding import Request, Understanding

VOICES = frozenset({"file_complaint", "give_suggestion"})
TAKEN_FOR = frozenset(
    {"ask_facility", "ask_route", "ask_transport", "query_queue", "out_of_scope", "chitchat", "give_praise"}
    | VOICES
)
"""What such a fact is taken for: the place in it is asked after, or it is nothing of ours."""
LEAST = 0.12
"""How likely a grievance must be to be offered as one."""
SURE = 0.45
"""From here it is taken as one without asking."""


def may_complain(main: Request, understood: Understanding) -> bool:
    """Whether to offer that it be taken as a complaint."""
    if main.intent not in TAKEN_FOR or (main.intent in VOICES and main.confidence >= SURE):
        return False
    if is_question(understood.text) or WISH.search(fold(understood.text)):
        return False
    likely = sum(one.confidence for one in understood.ranking if one.name in VOICES)
    return likely >= LEAST
