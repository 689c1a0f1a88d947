"""What a patient answers to a follow-up's question: understood, written down, and alarmed where it must be.

A button gives its value; typed words are read for the choice they name (好多了, 38.9, 有点红), a number for a scale.
What cannot be understood is kept as it was said, and the question stays open. In every answer, understood or not,
red flags are looked for; one of them (or a choice of level ``alarm``) calls the staff at once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import orjson

from knowledge.evidence import simplify
from knowledge.schema import FollowupChoice, FollowupPlan, FollowupQuestion
from services.alarms import raise_alarm
from services.desk import Desk
from services.errors import NotFound, WrongState
from services.followups import SENT, FollowUpTask, finish_task, get_follow_up, get_step, get_task
from services.red_flags import find_danger

LEVELS = ("ok", "notice", "alarm")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_CHINESE = {
    "零": 0,
    "一": 1,
    "二": 2,
    "两": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
    "十": 10,
}
_NO = re.compile(r"^(?:没有?|无|冇|不|否|没了|没什么)(?:了|的|呀|啊|咯|哦|什么)?[。！!.]?$")


@dataclass(frozen=True, slots=True)
class Answer:
    understood: bool
    level: str = "ok"
    reply: str = ""
    """What the patient reads back; the red flag's advice where there is one."""
    next_question: str | None = None
    """The question asked next; ``None`` when the step is answered to its end (or this one is to be asked again)."""
    red_flags: tuple[str, ...] = ()
    done: bool = False


def find_next_question(desk: Desk, *, task: FollowUpTask) -> FollowupQuestion | None:
    """The first question of the step that has no answer yet."""
    plan, step = get_step(desk, task=task)
    for name in step.questions:
        if name not in task.answered:
            return _get_question(plan, name)
    return None


def record_answer(desk: Desk, *, task_id: int, question: str, text: str) -> Answer:
    """Writes an answer down; ``text`` is a button's value or the patient's words.

    Raises `WrongState` where the step is over or stopped, `NotFound` for a question that is not of the plan.
    """
    task = get_task(desk, task_id=task_id)
    if task.status != SENT:
        raise WrongState(task.status, field="record", value=task_id)
    plan, _ = get_step(desk, task=task)
    asked = _get_question(plan, question)
    value, level, reply = _understand(asked, text)
    dangers = find_danger(desk.hospital, text, extra=plan.red_flags)
    if dangers:
        level, reply = "alarm", dangers[0].advice
    if value is not None or dangers:
        answers = task.answered | {asked.id: {"value": value, "text": text[:500], "level": level}}
        task.answers = orjson.dumps(answers).decode()
        task.level = max(task.level, level, key=LEVELS.index)
        desk.session.add(task)
        desk.session.flush()
    if level == "alarm":
        follow_up = get_follow_up(desk, follow_up_id=task.follow_up_id)
        words = tuple(word for one in dangers for word in one.evidence) or (f"{asked.text} {text[:100]}",)
        raise_alarm(
            desk, kind="red_flag", contact_id=follow_up.contact_id, words=words, subject=follow_up.subject
        )
    if value is None and not dangers:
        return Answer(False)
    following = find_next_question(desk, task=task)
    if following is None:
        finish_task(desk, task=task)
    return Answer(
        value is not None,
        level,
        reply,
        following.id if following else None,
        tuple(one.id for one in dangers),
        following is None,
    )


def _get_question(plan: FollowupPlan, name: str) -> FollowupQuestion:
    for one in plan.questions:
        if one.id == name:
            return one
    raise NotFound("unknown_question", field="question", value=name)


def _understand(question: FollowupQuestion, text: str) -> tuple[str | float | None, str, str]:
    """The value, its level and what is read back; value ``None`` where it could not be understood."""
    words = simplify(text.strip())
    if question.kind == "text":
        return (words or None), "ok", ""
    if question.kind == "number":
        return _understand_number(question, words)
    for choice in question.choices:
        if words in (choice.value, choice.title):
            return choice.value, choice.level, choice.reply
    chosen = _choose(question.choices, words)
    return (chosen.value, chosen.level, chosen.reply) if chosen else (None, "ok", "")


def _choose(choices: tuple[FollowupChoice, ...], words: str) -> FollowupChoice | None:
    """The choice whose range holds a number said, else the one named by the longest word; of equals the graver, so
    that nothing grave is read past."""
    numbers = [float(one) for one in _NUMBER.findall(words)]
    ranged = [one for one in choices if any(_holds(one, number) for number in numbers)]
    if ranged:
        return max(ranged, key=lambda one: LEVELS.index(one.level))
    best: tuple[int, int] = (0, 0)
    found: FollowupChoice | None = None
    for choice in choices:
        for word in (choice.title, *choice.words):
            at = words.find(simplify(word))
            if at < 0 or (choice.level != "ok" and _is_denied(words, at)):
                continue
            rank = (len(word), LEVELS.index(choice.level))
            if rank > best:
                best, found = rank, choice
    if found is None and _NO.match(words):
        return next((one for one in choices if one.value in ("no", "none", "fine")), None)
    return found


def _holds(choice: FollowupChoice, number: float) -> bool:
    if choice.min is None and choice.max is None:
        return False
    return (choice.min is None or choice.min <= number) and (choice.max is None or number <= choice.max)


def _is_denied(words: str, at: int) -> bool:
    return bool(re.search(r"(?:没有?|无|冇|不|未)(?:有|再|怎么|什么|是|很|太)?$", words[max(0, at - 4) : at]))


def _understand_number(question: FollowupQuestion, words: str) -> tuple[float | None, str, str]:
    match = _NUMBER.search(words)
    if match:
        number = float(match[0])
    elif sign := next((one for one in words if one in _CHINESE), None):
        number = float(_CHINESE[sign])
    elif _NO.match(words) or re.search(r"不[痛疼]|唔痛", words):
        number = 0.0
    else:
        return None, "ok", ""
    over = [
        level
        for level, low, high in (
            ("notice", question.notice_below, question.notice_above),
            ("alarm", question.alarm_below, question.alarm_above),
        )
        if (low is not None and number < low) or (high is not None and number > high)
    ]
    return number, over[-1] if over else "ok", ""
