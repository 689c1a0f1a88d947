"""The evaluation as a page of Markdown: figures, then the worst mistakes with a reason for each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from intents.evaluation.mistakes import REASONS, Neighbours, count_reasons, find_worst
from intents.evaluation.report import Evaluation
from intents.phrases import read_phrases

MOST_CONFUSED = 30
SHOWN = 50


def write_report(evaluation: Evaluation, path: Path, *, picture: str = "") -> None:
    """``picture`` is the file name of the confusion matrix, beside ``path``."""
    path.write_text("\n".join(_page(evaluation, picture)) + "\n", encoding="utf-8")


def _page(done: Evaluation, picture: str) -> Iterator[str]:
    yield "# How well messages are understood\n"
    yield (
        f"{sum(done.phrases.values())} phrases; each is judged by a model that has not seen its hand. Chinese "
        f"**{done.chinese.accuracy:.1%}** (macro-F1 {done.chinese.macro_f1:.3f}, among the first three "
        f"{done.chinese.among_three:.1%}), Vietnamese **{done.vietnamese.accuracy:.1%}**.\n"
    )
    yield from _table(
        ("held back", "phrases", "accuracy", "first three", "macro-F1"),
        (
            (f"hand {name}", one.count, one.accuracy, one.among_three, one.macro_f1)
            for name, one in done.hands.items()
        ),
    )
    yield from _table(
        ("voice", "phrases", "its hand held back", "only the voice held back"),
        (
            (
                name,
                one.count,
                one.accuracy,
                done.voices_alone[name].accuracy if name in done.voices_alone else "",
            )
            for name, one in done.voices.items()
        ),
    )
    if done.apart:
        yield "## Messages kept apart\n"
        yield (
            f"Chinese **{done.apart.chinese.accuracy:.1%}** of {done.apart.chinese.count}, Vietnamese "
            f"**{done.apart.vietnamese.accuracy:.1%}** of {done.apart.vietnamese.count}; both of two requests found in "
            f"{done.apart.both_found} of {done.apart.pairs}.\n"
        )
        yield from _table(
            ("kept apart", "messages", "accuracy"),
            ((name, one.count, one.accuracy) for name, one in done.apart.voices.items()),
        )
    danger = done.danger
    yield "## Danger\n"
    yield (
        f"{danger.heard} of {danger.dangers} heard ({danger.recall:.1%}; {danger.exact} as the very one of the two, "
        f"{danger.by_rules} by rules). {danger.false_alarms} of {danger.others} others alarm ({danger.false_rate:.2%}; "
        f"{danger.false_by_rules} by rules).\n"
    )
    yield f"## Calibration\n\nExpected calibration error {done.calibration.ece:.3f}.\n"
    yield from _table(
        ("said", "phrases", "mean confidence", "right"),
        (
            (f"{one.low:.1f}–{one.high:.1f}", one.count, one.confidence, one.accuracy)
            for one in done.calibration.bins
        ),
    )
    if done.slots:
        yield "## Slots\n"
        yield (
            f"{done.slots.messages} labelled messages, {done.slots.all_right} wholly right; F1 "
            f"{done.slots.overall.f1:.3f}, dates and times {done.slots.when.f1:.3f}.\n"
        )
        yield from _table(
            ("slot", "wanted", "found", "right", "F1"),
            ((name, one.wanted, one.found, one.right, one.f1) for name, one in done.slots.by_slot.items()),
        )
    yield from _elsewhere(done)
    yield "## Confusions\n"
    if picture:
        yield f"![confusion matrix]({picture})\n"
    confused = [(meant, guess, count) for (meant, guess), count in done.confusions.items() if meant != guess]
    yield from _table(("meant", "guessed", "times"), confused[:MOST_CONFUSED])
    yield from _table(
        ("intent", "phrases", "F1"),
        (
            (name, done.phrases.get(name, 0), f1)
            for name, f1 in sorted(done.intents.items(), key=lambda item: item[1])
        ),
    )
    yield from _mistakes(done)


def _elsewhere(done: Evaluation) -> Iterator[str]:
    if done.outside:
        yield "## Other domains\n"
        yield (
            f"{done.outside.kept_out} of {done.outside.count} kept out of hospital flows ({done.outside.rate:.1%}); "
            f"{done.outside.as_outside} called out of scope outright.\n"
        )
        yield from _table(("taken for", "times"), list(done.outside.let_in.items())[:12])
    if done.dates:
        yield "## Dates of public sets\n"
        yield (
            f"{done.dates.right} of {done.dates.compared} as expected there ({done.dates.rate:.1%}); "
            f"{done.dates.left_out} not compared (never said by a patient, or no slot of ours).\n"
        )
    yield "## Speed\n"
    speed = done.speed
    yield (
        f"{speed.per_second:.0f} messages/s on one core, p50 {speed.p50_ms:.2f} ms, p99 {speed.p99_ms:.2f} ms, "
        f"{speed.memory_mb:.0f} MB resident.\n"
    )


def _mistakes(done: Evaluation) -> Iterator[str]:
    neighbours = Neighbours(read_phrases())
    yield "## Reasons of all mistakes\n"
    yield "Rules of thumb, to say where to look first.\n"
    yield from _table(
        ("reason", "times", "what it says"),
        (
            (reason, count, REASONS[reason])
            for reason, count in count_reasons(done.judged, neighbours).items()
        ),
    )
    yield f"## The worst {SHOWN}\n"
    yield from _table(
        ("phrase", "voice", "meant", "guessed", "sure", "reason", "nearest of the guess"),
        (
            (
                one.judgement.phrase.text,
                one.judgement.phrase.voice,
                one.judgement.phrase.intent,
                one.judgement.guess,
                f"{one.judgement.confidence:.2f}",
                one.reason,
                f"{one.nearest} ({one.like_guess:.2f})",
            )
            for one in find_worst(done.judged, neighbours, limit=SHOWN)
        ),
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield "| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |"
    yield ""
