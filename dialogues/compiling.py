"""From the schema to the flows that the engine walks: steps laid flat, ways resolved, dead ends found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from dialogues.conditions import Condition, ConditionError, parse_condition
from dialogues.flows import END, Flow, Refusal, Step, Way
from dialogues.schema import Branch, FlowEntry, StepEntry
from knowledge.errors import Problem, find_nearest
from knowledge.reading import find_line

Loc = tuple[str | int, ...]
Kind = Literal["flow", "pattern", "interrupt"]
INTERRUPTS = ("pattern_emergency", "pattern_crisis")


@dataclass(slots=True)
class Source:
    """One flow in its file: where its lines are and where its problems go."""

    file: str
    data: Any
    flow: str
    problems: list[Problem]

    def line(self, loc: Loc = ()) -> int:
        return find_line(self.data, ("flows", self.flow, *loc))

    def report(self, loc: Loc, text: str, *, hint: str | None = None) -> None:
        self.problems.append(Problem(self.file, self.line(loc), f"{self.flow}: {text}", hint))

    def condition(self, text: str | bool, loc: Loc) -> Condition | None:
        try:
            return parse_condition(str(text).lower() if isinstance(text, bool) else text)
        except ConditionError as error:
            self.report(loc, f"条件读不懂：{error}")
            return None


@dataclass(slots=True)
class _Laid:
    """A step given its id and place, its ways not yet resolved."""

    id: str
    entry: StepEntry
    loc: Loc
    ways: list[tuple[str | None, str, Loc]] = field(default_factory=list)
    """Condition, target and where it is written."""


def compile_flow(entry: FlowEntry, source: Source, actions: frozenset[str]) -> Flow:
    """The frozen flow; what is wrong with it goes to ``source.problems``."""
    laid: list[_Laid] = []
    _lay(
        entry.steps,
        ("steps",),
        laid,
        source,
        {step.id for step in _all_steps(entry.steps) if step.id},
        after=END,
    )
    steps = {one.id: _build_step(one, place, source, actions) for place, one in enumerate(laid)}
    _check_ways(laid, steps, source)
    kind: Kind = "pattern" if source.flow.startswith("pattern_") else "flow"
    collected: dict[str, str] = {}
    for one in laid:
        if one.entry.collect:
            collected.setdefault(one.entry.collect, one.id)
    return Flow(
        id=source.flow,
        name=entry.name,
        names=entry.names,
        description=entry.description,
        kind="interrupt" if source.flow in INTERRUPTS else kind,
        first=laid[0].id,
        steps=steps,
        guard=source.condition(entry.guard, ("if",)) if entry.guard is not None else None,
        triggers=tuple((one.intent.name, one.intent.confidence_threshold) for one in entry.nlu_trigger),
        kept=frozenset(entry.persisted_slots) | {step.name for step in steps.values() if step.keep},
        collected=collected,
        mentioned=_find_mentioned(steps.values(), collected),
        absorbs=frozenset(entry.absorbs),
        inherits=tuple(entry.inherits),
        repeats=tuple(entry.repeats),
        yields=frozenset(entry.yields),
        on_cancel=entry.on_cancel,
        fee=entry.fee,
        voids=frozenset(entry.voids),
        ask_again=entry.ask_again,
        file=source.file,
        line=source.line(),
    )


def _all_steps(steps: Sequence[StepEntry]) -> list[StepEntry]:
    found: list[StepEntry] = []
    for step in steps:
        found.append(step)
        for branch in step.next if isinstance(step.next, list) else ():
            if isinstance(branch.target, list):
                found.extend(_all_steps(branch.target))
    return found


def _lay(
    entries: Sequence[StepEntry],
    loc: Loc,
    laid: list[_Laid],
    source: Source,
    taken: set[str],
    *,
    after: str | None,
) -> str:
    """Lays steps one after another and returns the id of the first; ``after`` is where the last one leads."""
    if not entries:
        source.report(loc, "这里没有步骤")
        return END
    named = [
        _Laid(step.id or _name_step(step, taken), step, (*loc, index)) for index, step in enumerate(entries)
    ]
    for index, one in enumerate(named):
        following = named[index + 1].id if index + 1 < len(named) else after
        laid.append(one)
        _lay_ways(one, following, laid, source, taken)
    return named[0].id


def _lay_ways(one: _Laid, following: str | None, laid: list[_Laid], source: Source, taken: set[str]) -> None:
    after = one.entry.next
    where = (*one.loc, "next")
    if one.entry.link is not None:
        if after is not None:
            source.report(where, "link 之后不再回来，不能有 next")
        one.ways.append((None, END, where))
    elif after is None:
        if following is None:
            source.report(one.loc, "嵌套步骤的最后一步要写 next（END 或某一步的 id）")
        one.ways.append((None, following or END, one.loc))
    elif isinstance(after, str):
        one.ways.append((None, after, where))
    else:
        for index, branch in enumerate(after):
            one.ways.append(_lay_branch(branch, (*where, index), laid, source, taken))
        if any(condition is None for condition, _, _ in one.ways[:-1]):
            source.report(where, "else 之后的分支永远走不到")
        if not one.ways or one.ways[-1][0] is not None:
            source.report(where, "分支最后要有 else，否则条件都不成立时没有出口")


def _lay_branch(
    branch: Branch, loc: Loc, laid: list[_Laid], source: Source, taken: set[str]
) -> tuple[str | None, str, Loc]:
    inner = (*loc, "then" if branch.condition is not None else "else")
    target = branch.target
    if isinstance(target, list):
        target = _lay(target, inner, laid, source, taken, after=None)
    return branch.condition, target, inner


def _name_step(step: StepEntry, taken: set[str]) -> str:
    """A name that stays when steps are inserted before it: a conversation may be waiting at it."""
    word = {"action": step.action, "set_slots": "set_slots", "noop": "noop"}.get(step.verb)
    name = base = word or f"{step.verb}_{getattr(step, step.verb)}"
    count = 1
    while name in taken:
        count += 1
        name = f"{base}_{count}"
    taken.add(name)
    return name


def _build_step(one: _Laid, place: int, source: Source, actions: frozenset[str]) -> Step:
    entry, loc = one.entry, one.loc
    ways = []
    for condition, target, where in one.ways:
        parsed = source.condition(condition, (*where[:-1], "if")) if condition is not None else None
        ways.append(Way(parsed, target))
    refusals = []
    for index, refusal in enumerate(entry.rejections):
        parsed = source.condition(refusal.condition, (*loc, "rejections", index, "if"))
        if parsed:
            refusals.append(Refusal(parsed, refusal.utter))
    slot = entry.collect
    asking = f"action_ask_{slot}"
    return Step(
        id=one.id,
        verb=entry.verb,  # type: ignore[arg-type]
        name=slot or entry.action or entry.call or entry.link or "",
        ways=tuple(ways),
        place=place,
        line=source.line(loc),
        values=tuple((name, value) for pair in entry.set_slots or () for name, value in pair.items()),
        ask=(entry.utter or (asking if asking in actions else f"utter_ask_{slot}")) if slot else "",
        refusals=tuple(refusals),
        ask_before_filling=entry.ask_before_filling,
        keep=not entry.reset_after_flow_ends,
        free_text=entry.free_text,
        optional=entry.optional,
    )


def _check_ways(laid: Sequence[_Laid], steps: Mapping[str, Step], source: Source) -> None:
    """Targets exist, every step can be reached, and from every step the flow can end."""
    names = [one.id for one in laid]
    for name in {name for name in names if names.count(name) > 1}:
        source.report(("steps",), f"两个步骤都叫「{name}」")
    for one in laid:
        for _, target, where in one.ways:
            if target != END and target not in steps:
                source.report(where, f"没有步骤「{target}」", hint=find_nearest(target, [*names, END]))
    reached: set[str] = set()
    todo = [laid[0].id]
    while todo:
        name = todo.pop()
        if name in steps and name not in reached:
            reached.add(name)
            todo.extend(way.target for way in steps[name].ways)
    ending = {END}
    while found := {
        name for name in steps if name not in ending and any(way.target in ending for way in steps[name].ways)
    }:
        ending |= found
    for one in laid:
        if one.id not in reached:
            source.report(one.loc, f"步骤「{one.id}」永远走不到")
        elif one.id not in ending and all(way.target in steps for way in steps[one.id].ways):
            source.report(one.loc, f"从步骤「{one.id}」走不到 END")


def _find_mentioned(steps: Any, collected: Mapping[str, str]) -> frozenset[str]:
    """Slots this flow has anything to do with: a message that brings one of them speaks of this flow."""
    found = set(collected)
    for step in steps:
        found.update(name for name, _ in step.values)
        for one in (*step.ways, *step.refusals):
            if one.condition:
                found |= one.condition.slots
    return frozenset(found)
