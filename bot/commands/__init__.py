"""The command line. Each command imports what it needs when it runs, so that `wenjin parse` starts fast."""

from __future__ import annotations

import typer

from bot.commands import conversation, database, doctor, knowledge, language, serving, staff

app = typer.Typer(
    name="wenjin",
    help="问津: a hospital's patient-service assistant.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,  # a local may hold what a patient said
    context_settings={"help_option_names": ["-h", "--help"]},
)
for group in (serving, conversation, language, knowledge, staff, database, doctor):
    group.register(app)
