"""The command line. Each command imports what it needs when it runs, so that `wenjin parse` starts fast."""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer
import yaml
from typer.core import TyperGroup

from bot.commands import (
    conversation,
    database,
    doctor,
    followups,
    herbs,
    knowledge,
    language,
    nlu,
    posters,
    privacy,
    reports,
    serving,
    staff,
    webhooks,
)

HELP = Path(__file__).with_name("help.yml")
READABLE = {"KnowledgeError", "DialogueError", "CipherError", "ScriptError", "NoModel", "NoKey"}
"""Errors whose message is written for whoever edits the files, by name: importing them would load their rooms."""

DATABASE = {"OperationalError", "DatabaseError", "ArgumentError", "NoSuchModuleError"}
"""SQLAlchemy's where an address is wrong, nobody answers there or the file is no database. Never the address itself: it
may hold a password."""
FAULTS = {
    errno.ENOENT: "没有这个文件或文件夹",
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.EISDIR: "这是文件夹，要一个文件",
    errno.ENOTDIR: "不是文件夹",
    errno.ENOSPC: "磁盘满了",
    errno.EROFS: "这里不能写",
}


class Commands(TyperGroup):
    def __init__(self, **given: Any):
        super().__init__(**given)
        speak_chinese(self, yaml.load(HELP.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader))

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except Exception as error:
            told = explain(error)
            if told is None or os.environ.get("WENJIN_LOG_LEVEL") == "debug":
                raise
            typer.echo(told, err=True)
            raise SystemExit(1) from None


def speak_chinese(command: Any, words: Mapping[str, Mapping[str, str]], path: str = "") -> None:
    """Puts the Chinese before the English: whoever types commands at the hospital reads the one, who writes them the other."""
    own = words.get(path, {})
    if "help" in own:
        command.short_help = own["help"]
        command.help = f"{own['help']}。\n\n{command.help or ''}"
    for one in command.params:
        if one.name in own:
            one.help = f"{own[one.name]} · {one.help}" if getattr(one, "help", None) else own[one.name]
    for name, following in getattr(command, "commands", {}).items():
        speak_chinese(following, words, f"{path} {name}".strip())


def explain(error: Exception) -> str | None:
    """What is wrong and what to do, for whoever typed the command; ``None``: a mistake of ours, to be seen in full."""
    names = {one.__name__ for one in type(error).__mro__}
    if names & READABLE:
        return str(error)
    if isinstance(error, UnicodeDecodeError):
        return "文件读不懂：要 UTF-8 的文本。"
    if isinstance(error, OSError) and error.filename:
        why = FAULTS.get(error.errno or 0, error.strerror)
        hint = "；先运行 wenjin train" if str(error.filename).endswith("model.bin") else ""
        return f"{error.filename}：{why}{hint}"
    if names & DATABASE:
        reason = str(getattr(error, "orig", None) or "地址读不懂").strip().splitlines()[0]
        return f"数据库打不开：{reason}\n请看 WENJIN_DATABASE_URL，写成 sqlite:////文件 或 postgresql://用户:口令@主机/库名。"
    return None


app = typer.Typer(
    name="wenjin",
    cls=Commands,
    help="问津: a hospital's patient-service assistant.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,  # a local may hold what a patient said
    context_settings={"help_option_names": ["-h", "--help"]},
)
for group in (
    serving,
    conversation,
    language,
    nlu,
    knowledge,
    followups,
    herbs,
    staff,
    webhooks,
    posters,
    reports,
    privacy,
    database,
    doctor,
):
    group.register(app)
