"""The command line. Each command imports what it needs when it runs, so that `wenjin parse` starts fast."""

from __future__ import annotations

from typing import Any

import typer
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

READABLE = {"KnowledgeError", "DialogueError", "CipherError", "ScriptError", "NoModel", "NoKey"}
"""Errors whose message is written for whoever edits the files, by name: importing them would load their rooms."""


class Commands(TyperGroup):
    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except Exception as error:
            if type(error).__name__ not in READABLE:
                raise
            typer.echo(str(error), err=True)
            raise SystemExit(1) from None


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
