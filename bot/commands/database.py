"""`wenjin db upgrade | backup | restore | check`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

db = typer.Typer(help="The database.", no_args_is_help=True)
Progress = Callable[[int, int], None]


def register(app: typer.Typer) -> None:
    app.add_typer(db, name="db")


@contextmanager
def _working(zh: str, en: str) -> Iterator[tuple[Any, Callable[..., None], Progress]]:
    """The settings, how to say something, and a bar that is told how much of how much is done; what cannot be done is
    said in one line."""
    from rich.console import Console
    from rich.progress import Progress as Bar

    from bot.rooms import open_settings
    from bot.saying import Refused, Saying

    settings = open_settings()

    def say(zh: str, en: str, *, err: bool = False) -> None:
        typer.echo(Saying(zh, en).put(settings), err=err)

    console = Console(stderr=True)
    with Bar(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(Saying(zh, en).put(settings), total=None)
        try:
            yield settings, say, lambda done, of: bar.update(task, completed=done, total=of)
        except Refused as error:
            bar.stop()
            say(*error.saying, err=True)
            raise typer.Exit(1) from None


@db.command()
def upgrade() -> None:
    """Brings the schema to this version; all or nothing."""
    from bot.database import open_database

    with _working("升级数据库", "upgrading") as (settings, say, progress):
        taken: list[int] = []

        def count(done: int, of: int) -> None:
            taken[:] = [of]
            progress(done, of)

        engine = open_database(settings, progress=count)
        name = engine.dialect.name
        engine.dispose()
    steps = taken[0] if taken else 0
    done = (f"升级了 {steps} 步", f"{steps} revisions applied") if steps else ("已经是最新", "up to date")
    say(f"{name}：数据库结构{done[0]}", f"{name}: schema {done[1]}")


@db.command()
def backup(file: Annotated[Path, typer.Argument(help="The copy to write.")]) -> None:
    """A whole copy, also while the assistant serves. The data key is not in it: keep that apart, and safe."""
    from bot.archive import back_up

    with _working("备份", "copying") as (settings, say, progress):
        size = back_up(settings, file, progress=progress) / 2**20
    say(f"{file}：备份好了，{size:.1f} MB", f"{file}: {size:.1f} MB")
    if settings.data_key is None:
        key = settings.key_file
        say(
            f"姓名、电话这些加密的内容，要有 {key} 里的密钥才打得开：请另外存一份",
            f"encrypted columns open only with the key in {key}: keep a copy of it elsewhere",
        )


@db.command()
def restore(
    file: Annotated[Path, typer.Argument()],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Puts a backup in place of the current database; the assistant must not be running."""
    from bot.archive import find_unopened
    from bot.archive import restore as put_back
    from bot.rooms import open_settings
    from bot.saying import Saying

    file.stat()  # a file that is not there is said so in one line
    if not yes:
        asked = Saying("当前数据库会被换掉，继续吗？", "The current database will be replaced. Go on?")
        typer.confirm(asked.put(open_settings()), abort=True)
    with _working("恢复", "restoring") as (settings, say, progress):
        kept = put_back(settings, file, progress=progress)
    say(
        f"已用 {file} 恢复" + (f"；原来的在 {kept}" if kept else ""),
        f"restored from {file}" + (f"; what was there before is in {kept}" if kept else ""),
    )
    for problem in find_unopened(settings):
        say(f"注意：{problem.zh}", f"warning: {problem.en}", err=True)


@db.command()
def check() -> None:
    """Looks for damage: the file itself, references, slots oversold, columns that do not open; exit 1 if any."""
    from bot.archive import find_damage

    with _working("检查", "checking") as (settings, say, progress):
        problems = find_damage(settings, progress=progress)
    for problem in problems:
        say(*problem)
    count = len(problems)
    if count:
        say(f"{count} 处有问题", f"{count} problems")
    else:
        say("没有损坏", "no damage found")
    raise typer.Exit(1 if problems else 0)
