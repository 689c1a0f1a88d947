"""`wenjin nlu test | export`: how well messages are understood, and the same phrases for a peer to train on."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from intents.evaluation import Evaluation

nlu = typer.Typer(help="The language model: measured, exported.", no_args_is_help=True)
JSON = Path("bench/nlu.json")
LABELLED = Path("tests/intents/slots")
APART = (Path("tests/intents/unseen"), Path("tests/intents/unseen_hard"))
SHARED = Path("../shared/data")
FEW = 200
"""Phrases that each intent should have."""


def register(app: typer.Typer) -> None:
    app.add_typer(nlu, name="nlu")


@nlu.command()
def test(
    quick: Annotated[bool, typer.Option("--quick", help="Hold back only the smallest hand.")] = False,
    voices: Annotated[bool, typer.Option("--voices", help="Also hold back each voice alone.")] = False,
    report: Annotated[
        Path | None,
        typer.Option(help="Write a page with the worst mistakes, and the confusion matrix beside it."),
    ] = None,
    shared: Annotated[Path, typer.Option(help="Folder of the public sets; skipped where absent.")] = SHARED,
    labelled: Annotated[Path, typer.Option(help="Folder of messages labelled with slots.")] = LABELLED,
    json: Annotated[Path, typer.Option(help="Where the figures go.")] = JSON,
) -> None:
    """Cross-validates by hand and voice, and measures danger, calibration, slots, other domains, dates and speed."""
    import orjson
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from bot.rooms import open_hospital, open_settings
    from intents import load_interpreter
    from intents.evaluation import evaluate

    settings = open_settings()
    hospital = open_hospital(settings)
    interpreter = load_interpreter(hospital, settings.model_dir)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading")
        done = evaluate(
            hospital,
            interpreter,
            labelled=labelled,
            shared=shared,
            model_dir=settings.model_dir,
            apart=APART,
            quick=quick,
            voices=voices,
            progress=lambda what, share: bar.update(task, description=what),
        )
    _show(done)
    json.parent.mkdir(parents=True, exist_ok=True)
    json.write_bytes(orjson.dumps(done.to_json(), option=orjson.OPT_INDENT_2) + b"\n")
    if report:
        _write(done, report)


@nlu.command()
def export(
    rasa: Annotated[Path, typer.Option(help="Folder for a Rasa 3.6 project.")],
    without: Annotated[str | None, typer.Option(help="A hand to leave out, written as a test set.")] = None,
) -> None:
    """Writes the phrases as a complete Rasa project: nlu, words, rules, domain, config and how to train it."""
    from bot.rooms import open_hospital
    from intents.evaluation import export_rasa

    try:
        counts = export_rasa(open_hospital(), rasa, without=without)
    except ValueError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    typer.echo(f"{rasa}: " + ", ".join(f"{name} {count}" for name, count in counts.items()))


def _write(done: Evaluation, report: Path) -> None:
    from intents.evaluation.paper import write_report
    from intents.evaluation.picture import draw_confusions
    from services.drawing import NoFont, render_png

    svg = draw_confusions(done.confusions)
    picture = report.with_name(f"{report.stem}-confusions.svg")
    report.parent.mkdir(parents=True, exist_ok=True)
    picture.write_text(svg, "utf-8")
    try:
        picture.with_suffix(".png").write_bytes(render_png(svg, width=2048))
    except NoFont as error:
        typer.echo(f"SVG only: {error}", err=True)
    else:
        picture = picture.with_suffix(".png")
    write_report(done, report, picture=picture.name)
    typer.echo(str(report))


def _show(done: Evaluation) -> None:
    from rich.console import Console

    console = Console()
    summary = _table("measured", "figure", "goal", title="Understanding")
    for row in _summary(done):
        summary.add_row(*row)
    console.print(summary)
    voices = _table("voice", "phrases", "hand held back", "first three", "voice held back")
    for name, one in done.voices.items():
        alone = done.voices_alone.get(name)
        voices.add_row(
            name,
            str(one.count),
            f"{one.accuracy:.1%}",
            f"{one.among_three:.1%}",
            f"{alone.accuracy:.1%}" if alone else "",
        )
    console.print(voices)
    weak = _table("weakest intents", "phrases", "F1")
    for name, f1 in sorted(done.intents.items(), key=lambda item: item[1])[:12]:
        weak.add_row(name, str(done.phrases.get(name, 0)), f"{f1:.3f}")
    console.print(weak)
    few = [f"{name} {count}" for name, count in done.phrases.items() if count < FEW]
    if few:
        console.print(f"fewer than {FEW} phrases: {', '.join(few)}", markup=False)


def _summary(done: Evaluation) -> Iterable[tuple[str, str, str]]:
    danger, speed = done.danger, done.speed
    if done.apart:
        apart = done.apart
        worst = min(apart.voices.items(), key=lambda item: item[1].accuracy)
        heard = apart.danger
        yield (
            "messages kept apart: intent, Chinese",
            f"{apart.chinese.accuracy:.1%} of {apart.chinese.count}",
            "≥ 95 %",
        )
        yield "  weakest voice", f"{worst[0]} {worst[1].accuracy:.1%}", "≥ 90 %"
        yield (
            "  intent, Vietnamese",
            f"{apart.vietnamese.accuracy:.1%} of {apart.vietnamese.count}",
            "≥ 88 %",
        )
        yield "  danger heard", f"{heard.heard}/{heard.dangers}", "all"
        yield "  false alarms", f"{heard.false_alarms}/{heard.others} ({heard.false_rate:.2%})", "≤ 1 %"
        yield "  both of two requests found", f"{apart.both_found}/{apart.pairs}", ""
        yield (
            "  one request taken for two",
            f"{apart.cut}/{apart.danger.dangers + heard.others - apart.pairs}",
            "",
        )
    if done.chinese.count:  # --quick holds one hand back, and that may have written in one language only
        yield "intent, Chinese, hand held back", f"{done.chinese.accuracy:.1%}", "≥ 95 %"
        yield (
            "  macro-F1 · among the first three",
            f"{done.chinese.macro_f1:.3f} · {done.chinese.among_three:.1%}",
            "",
        )
    if done.vietnamese.count:
        yield "intent, Vietnamese, hand held back", f"{done.vietnamese.accuracy:.1%}", "≥ 88 %"
    if done.voices_alone:
        worst = min(done.voices_alone.items(), key=lambda item: item[1].accuracy)
        count = sum(one.count for one in done.voices_alone.values())
        mean = sum(one.accuracy * one.count for one in done.voices_alone.values()) / count
        yield (
            "intent, voice held back · weakest voice",
            f"{mean:.1%} · {worst[0]} {worst[1].accuracy:.1%}",
            "≥ 90 % each",
        )
    yield "danger heard", f"{danger.heard}/{danger.dangers} ({danger.recall:.1%})", "all"
    yield "false alarms", f"{danger.false_alarms}/{danger.others} ({danger.false_rate:.2%})", "≤ 1 %"
    yield "  by rules alone: heard · false", f"{danger.by_rules} · {danger.false_by_rules}", ""
    yield "calibration error (ECE)", f"{done.calibration.ece:.3f}", ""
    if done.slots:
        yield f"slots F1, {done.slots.messages} messages", f"{done.slots.overall.f1:.3f}", "≥ 0.92"
        yield "dates and times F1", f"{done.slots.when.f1:.3f}", "≥ 0.96"
    if done.outside:
        yield (
            "other domains kept out",
            f"{done.outside.kept_out}/{done.outside.count} ({done.outside.rate:.1%})",
            "≥ 97 %",
        )
    if done.dates:
        yield "dates of public sets", f"{done.dates.right}/{done.dates.compared} ({done.dates.rate:.1%})", ""
    yield "one message, p50 · p99", f"{speed.p50_ms:.2f} · {speed.p99_ms:.2f} ms", "≤ 0.8 · ≤ 3 ms"
    yield "messages a second, one core", f"{speed.per_second:.0f}", "≥ 1,000"
    yield "memory", f"{speed.memory_mb:.0f} MB", ""


def _table(*columns: str, title: str | None = None) -> Table:
    from rich.table import Table

    table = Table(title=title)
    for number, column in enumerate(columns):
        table.add_column(column, justify="left" if number == 0 else "right")
    return table
