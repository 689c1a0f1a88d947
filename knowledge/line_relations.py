"""What must hold within a service line beyond its schema: states that lead somewhere, questions that exist, words whose
placeholders somebody fills."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from knowledge.errors import Problem, find_nearest
from knowledge.folder import Folder, Item
from knowledge.reading import LinedDict, list_dicts, list_texts
from knowledge.schema.lines import ENDED, OF_CONTRACT

PLACEHOLDER = re.compile(r"\{([a-z_][a-z0-9_]*)\}")
ALWAYS = frozenset(
    {
        "order_number",
        "who",
        "what",
        "state",
        "reason",
        "place",
        "team",
        "phone_number",
        "due",
        "day",
        "ward",
        "bed",
        "hours",
        "lacking",
        "weekdays",
    }
)
"""What a sentence of a line may speak of, besides what the line collects and what staff give it."""
RESERVED = frozenset({"patient", "record", "line", "confirmation", "outcome", "choice"})


def check_lines(folder: Folder, problems: list[Problem]) -> None:
    for item in folder.items("lines"):
        _check_questions(item, problems)
        _check_states(item, problems)
        _check_words(item, problems)
        _check_faq(folder, item, problems)


def _check_questions(item: Item, problems: list[Problem]) -> None:
    before: dict[str, list[str]] = {}
    for at, one in list_dicts(item.data.get("collect")):
        slot = str(one.get("slot"))
        line = item.line("collect", at)
        if slot in before or slot in RESERVED:
            problems.append(Problem(item.file, line, f"「{slot}」收集了两次，或者是保留的名字"))
        several = bool(one.get("several"))
        if (several or slot not in OF_CONTRACT) and not (one.get("title") and one.get("ask")):
            hint = find_nearest(slot, OF_CONTRACT)
            problems.append(Problem(item.file, line, f"自己的项「{slot}」要写 title 和 ask", hint))
        choices = [str(choice.get("id")) for _, choice in list_dicts(one.get("choices"))]
        for word in sorted({word for word in choices if choices.count(word) > 1}):
            problems.append(Problem(item.file, line, f"「{slot}」的选项「{word}」写了两次"))
        _check_several(item, line, one, problems)
        if one.get("kind") == "choice" and not choices:
            problems.append(Problem(item.file, line, f"「{slot}」是选择题，要写 choices"))
        when = one.get("when")
        for earlier in when if isinstance(when, LinedDict) else ():
            here = item.line("collect", at, "when", earlier)
            _demand(item, here, f"「{slot}」的 when 里", "前面的项", earlier, before, problems)
            for value in list_texts(when[earlier]):
                if before.get(earlier):
                    _demand(item, here, f"「{slot}」的 when 里", "选项", value, before[earlier], problems)
        before[slot] = choices
    capacity = item.data.get("capacity")
    if isinstance(capacity, LinedDict):
        for slot in list_texts(capacity.get("per")):
            _demand(item, item.line("capacity", "per"), "capacity", "项", slot, before, problems)
            if any(
                one.get("slot") == slot and one.get("several")
                for _, one in list_dicts(item.data.get("collect"))
            ):
                text = f"「{slot}」可以选几样，不能按它算名额"
                problems.append(Problem(item.file, item.line("capacity", "per"), text))
    given = {
        str(field.get("slot"))
        for _, state in list_dicts(item.data.get("states"))
        for _, field in list_dicts(state.get("needs"))
    }
    for at, reminder in list_dicts(item.data.get("reminders")):
        of = str(reminder.get("of", "date"))
        _demand(item, item.line("reminders", at), "提醒", "日期项", of, {*before, *given}, problems)


def _check_several(item: Item, line: int, one: LinedDict, problems: list[Problem]) -> None:
    """What only a question with several answers may say, and what such a question may be."""
    slot, choices = one.get("slot"), [choice for _, choice in list_dicts(one.get("choices"))]
    prepared = item.data.get("prepare")
    for choice in choices:
        wanted = choice.get("prepare")
        for name in wanted if isinstance(wanted, LinedDict) else ():
            _demand(item, line, f"「{slot}」的选项里", "准备（prepare）", name, prepared or (), problems)
    if one.get("several"):
        if one.get("kind") not in (None, "choice", "text") or (not choices and slot in OF_CONTRACT):
            problems.append(Problem(item.file, line, f"「{slot}」不是选择题，也不是写几样的，不能写 several"))
        return
    for key in ("every", "lacking", "more", "words"):
        if one.get(key):
            problems.append(Problem(item.file, line, f"「{slot}」写了 {key}，要同时写 several: true"))
    if any(choice.get("alone") for choice in choices):
        problems.append(Problem(item.file, line, f"「{slot}」的选项写了 alone，要同时写 several: true"))


def _check_states(item: Item, problems: list[Problem]) -> None:
    states = {str(one.get("id")): (at, one) for at, one in list_dicts(item.data.get("states"))}
    if len(states) != len(list_dicts(item.data.get("states"))):
        problems.append(Problem(item.file, item.line("states"), "有两个状态同名"))
    ended = {name for name, (_, one) in states.items() if one.get("status") in ENDED}
    reached, todo = set(), [next(iter(states), "")]
    while todo:
        name = todo.pop()
        if name in states and name not in reached:
            reached.add(name)
            todo.extend(list_texts(states[name][1].get("next")))
    for name, (at, one) in states.items():
        line = item.line("states", at)
        for following in list_texts(one.get("next")):
            _demand(item, line, f"状态「{name}」", "状态", following, states, problems)
        for key in ("changed", "back"):
            if isinstance(one.get(key), str):
                _demand(item, line, f"状态「{name}」的 {key} 里", "状态", one[key], states, problems)
        if name not in reached:
            problems.append(Problem(item.file, line, f"状态「{name}」从第一个状态走不到"))
        if name not in ended and not one.get("next"):
            problems.append(
                Problem(item.file, line, f"状态「{name}」没有下一步，也没写它是怎么结束的（status）")
            )
        if name in ended and one.get("next"):
            problems.append(Problem(item.file, line, f"状态「{name}」已经结束，不能再有 next"))
        if "cancel" in list_texts(one.get("patient")) and not any(
            states[to][1].get("status") == "cancelled" for to in list_texts(one.get("next")) if to in states
        ):
            problems.append(
                Problem(item.file, line, f"状态「{name}」说患者能取消，next 里却没有已取消的状态")
            )
    for at, reminder in list_dicts(item.data.get("reminders")):
        for name in list_texts(reminder.get("states")):
            _demand(item, item.line("reminders", at), "提醒", "状态", name, states, problems)


def _check_words(item: Item, problems: list[Problem]) -> None:
    """Every placeholder in what patients read is something that is known by then."""
    collected = {str(one.get("slot")) for _, one in list_dicts(item.data.get("collect"))}
    given = {
        str(field.get("slot"))
        for _, state in list_dicts(item.data.get("states"))
        for _, field in list_dicts(state.get("needs"))
    }
    known = ALWAYS | collected | given
    for line, text in _find_texts(item.data):
        for name in PLACEHOLDER.findall(text):
            _demand(item, line, "话里", "可填的词", name, known, problems)


def _find_texts(data: Any, line: int = 0) -> Iterator[tuple[int, str]]:
    if isinstance(data, LinedDict):
        for key, value in data.items():
            yield from _find_texts(value, data.lines[key])
    elif isinstance(data, list):
        for value in data:
            yield from _find_texts(value, line)
    elif isinstance(data, str):
        yield line, data


def _check_faq(folder: Folder, item: Item, problems: list[Problem]) -> None:
    entries = {str(one.data.get("id")) for one in folder.items("faq")}
    named = [(item.line("faq"), item.data.get("faq"))]
    for at, one in list_dicts(item.data.get("collect")):
        for number, choice in list_dicts(one.get("choices")):
            named.append((item.line("collect", at, "choices", number), choice.get("advice")))
    for line, name in named:
        if isinstance(name, str):
            _demand(item, line, "", "问答", name, entries, problems)


def _demand(
    item: Item, line: int, where: str, kind: str, name: str, known: Iterable[str], problems: list[Problem]
) -> None:
    if name not in known:
        problems.append(
            Problem(item.file, line, f"{where}没有{kind}「{name}」", find_nearest(name, list(known)))
        )
