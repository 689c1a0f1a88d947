"""`wenjin privacy export | erase`: what is held of a contact or a patient, handed out or erased."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from services import Desk
    from services.privacy import OpenRecord, Scope

privacy = typer.Typer(help="What is held of one person: a copy, or its erasure.", no_args_is_help=True)
Contact = Annotated[str, typer.Option(help="A contact as channel:sender, e.g. web:… or rest:a.")]
Patient = Annotated[
    str,
    typer.Option(
        help="A patient by the record's number; - asks for the number of an ID card, passport or travel permit."
    ),
]
Reason = Annotated[str, typer.Option(help="Why; it stays in the history.")]
By = Annotated[str, typer.Option(help="Login of who does it; it stays in the history.")]

NAMES = {
    "appointment": "预约",
    "waitlist": "候补",
    "escort": "陪诊",
    "herb_delivery": "中药配送",
    "equipment_loan": "借用",
    "transfer": "接送",
}


def register(app: typer.Typer) -> None:
    app.add_typer(privacy, name="privacy")


@privacy.command()
def export(
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The .json to write; a .txt that explains it comes beside.")
    ],
    contact: Contact = "",
    patient: Patient = "",
    reason: Reason = "本人查阅、复制（个人信息保护法第四十五条）",
    by: By = "",
) -> None:
    """Everything held, in the open: for the person themselves and nobody else. It is written down who took it."""
    from bot.disclosure import write_copy
    from services.privacy import export as take

    with _at_desk(by) as desk:
        scope = _find(desk, contact, patient)
        if scope is None:
            raise typer.Exit(1)
        _tell_whose(scope)
        found = take(desk, scope=scope, reason=reason)
        kind, name = ("contact", contact) if scope.whole else ("patient", _call(scope))
        written = write_copy(output, found, hospital=desk.hospital, at=desk.now, kind=kind, name=name)
    typer.echo(
        f"{sum(map(len, found.values()))} 条：{'，'.join(map(str, written))}（仅本机当前用户可读，交给本人后请删除）"
    )


@privacy.command()
def erase(
    contact: Contact = "",
    patient: Patient = "",
    reason: Reason = "本人要求删除（个人信息保护法第四十七条）",
    by: By = "",
    cancel_open: Annotated[
        bool,
        typer.Option(
            "--cancel-open", help="Cancel what is still to happen: appointments, waitlist, escorts."
        ),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask (for scripts).")] = False,
) -> None:
    """Takes out who it was and what was said; counts and states stay. Not to be undone; backups still hold it."""
    from services.errors import NotAllowed
    from services.privacy import erase as take_out

    with _at_desk(by) as desk:
        scope = _find(desk, contact, patient)
        if scope is None:
            raise typer.Exit(0)  # what is asked for is so: nothing is held
        _tell_whose(scope)
        if not yes:
            _confirm(contact or f"patient:{scope.subject.id}")
        try:
            done = take_out(desk, scope=scope, reason=reason, cancel_open=cancel_open)
        except NotAllowed as error:
            desk.session.rollback()
            _tell_open(error.code, error.details["records"])
            raise typer.Exit(1) from None
    if not done.new:
        typer.echo("以前已经删除过，没有可删的了。")
        return
    for one in done.cancelled:
        typer.echo(f"已取消：{_describe(one)}")
    typer.echo(
        f"已删除：{sum((done.rows or {}).values())} 条记录里的身份、原话和健康信息。以前的备份里还有，请按备份期限销毁。"
    )


@contextmanager
def _at_desk(by: str) -> Iterator[Desk]:
    """One transaction, in the name of a member of staff or of the command line."""
    from sqlmodel import Session

    from bot.database import open_database
    from bot.hours import hospital_hours
    from bot.rooms import open_hospital, open_settings
    from services import Desk
    from services.staff import find_staff

    settings = open_settings()
    hospital = open_hospital(settings)
    now = hospital_hours(hospital.timezone, frozen=settings.now)()
    engine = open_database(settings)
    try:
        with Session(engine, expire_on_commit=False) as session:
            desk = Desk(session, hospital, now, "command")
            if by:
                staff = find_staff(desk, login=by.strip().lower())
                if staff is None:
                    typer.echo(f"没有这个工作人员账号：{by}", err=True)
                    raise typer.Exit(1)
                desk = desk.acting_as(f"staff:{staff.id}")
            yield desk
            session.commit()
        if engine.dialect.name == "sqlite":  # what was overwritten still stands in the write-ahead log
            with closing(engine.raw_connection()) as raw:
                raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        engine.dispose()


def _find(desk: Desk, contact: str, patient: str) -> Scope | None:
    """Whose data; ``None`` after saying that nothing is held of them."""
    from services.contacts import find_contact
    from services.errors import Invalid, NotFound
    from services.privacy import find_contact_scope, find_person_scope

    if bool(contact) == bool(patient):
        typer.echo("请写明是谁：--contact 渠道:标识（如 rest:a），或 --patient 就诊人序号", err=True)
        raise typer.Exit(2)
    try:
        if contact:
            channel, _, sender = contact.partition(":")
            known = find_contact(desk, channel=channel, sender=sender)
            if known is None:
                raise NotFound
            return find_contact_scope(desk, contact_id=known.id)
        if patient == "-":
            return find_person_scope(
                desk, id_number=typer.prompt("证件号（身份证、护照、通行证）", hide_input=True)
            )
        return find_person_scope(desk, patient_id=int(patient))
    except NotFound:
        typer.echo(f"没有查到 {contact or '这位就诊人'}：系统里没有保存其信息。请核对有没有写错。", err=True)
        return None
    except (Invalid, ValueError):
        typer.echo(
            "就诊人写序号；要用证件号（身份证、护照、通行证）查，写 --patient -，再按提示输入。", err=True
        )
        raise typer.Exit(2) from None


def _call(scope: Scope) -> str:
    from services.identity import mask_name

    names = dict.fromkeys(mask_name(one.name) for one in scope.patients)
    return "、".join(names) or scope.subject.subject


def _tell_whose(scope: Scope) -> None:
    """A guardian's number stands for the children too: who they are, and how one of them is named alone."""
    from services.documents import CHILD
    from services.identity import mask_name

    children = [one for one in scope.patients if one.id_kind == CHILD and not scope.erased]
    if scope.whole or not children:
        return
    own = dict.fromkeys(mask_name(one.name) for one in scope.patients if one.id_kind != CHILD)
    wards = [f"{mask_name(one.name)}（就诊人 {one.id}，孩子，用监护人的证件登记）" for one in children]
    typer.echo("包括：" + "、".join([*own, *wards]) + "。只办孩子的，写 --patient 就诊人序号。")


def _confirm(name: str) -> None:
    typer.echo(f"将删除 {name} 的身份、对话、原话和健康信息，不能恢复。")
    if typer.prompt(f"请再输入一次 {name} 以确认").strip() != name:
        typer.echo("不一致，什么也没有删。", err=True)
        raise typer.Exit(1)


def _tell_open(code: str, records: tuple[OpenRecord, ...]) -> None:
    for one in records:
        typer.echo(_describe(one), err=True)
    if code == "under_way":
        typer.echo("以上正在进行，取消不了：等办完（或在工作台办结）再删除。什么也没有改。", err=True)
    else:
        typer.echo("以上还没有办：先取消，或加 --cancel-open 一并取消。什么也没有删。", err=True)


def _describe(one: OpenRecord) -> str:
    when = (
        f" {one.when:%Y-%m-%d %H:%M}" if isinstance(one.when, dt.datetime) else f" {one.when or ''}".rstrip()
    )
    return f"{NAMES.get(one.kind, one.kind)} {one.order_number}{when}"
