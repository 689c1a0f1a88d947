"""`wenjin posters`: the 吐槽码 of each place, ready to print."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from knowledge import Hospital
    from knowledge.schema import PlaceCode


def register(app: typer.Typer) -> None:
    app.command()(posters)


def posters(
    place: Annotated[
        list[str] | None, typer.Option(help="Only this place code; may be given again. Default: all.")
    ] = None,
    output: Annotated[
        Path,
        typer.Option("--output", "-o", help="FILE.pdf with a page a place, or a folder with a file each."),
    ] = Path("posters.pdf"),
) -> None:
    """A4 posters with the QR code of each 吐槽码 place, as PDF; the codes lead to WENJIN_PUBLIC_URL."""
    from rich.console import Console
    from rich.progress import track

    from bot.posters import draw_posters
    from bot.rooms import open_hospital, open_settings
    from services.drawing import NoFont

    errors = Console(stderr=True, soft_wrap=True, highlight=False)
    settings = open_settings()
    hospital = open_hospital(settings)
    codes = _choose(hospital, place or [])
    try:
        if output.suffix.lower() == ".pdf":
            output.parent.mkdir(parents=True, exist_ok=True)
            output.write_bytes(draw_posters(hospital, codes, address=settings.address))
        else:
            output.mkdir(parents=True, exist_ok=True)
            for one in track(codes, description="posters", console=errors, transient=True):
                pdf = draw_posters(hospital, [one], address=settings.address)
                (output / f"{one.code}.pdf").write_bytes(pdf)
    except (OSError, NoFont) as error:
        errors.print(f"{output}: {getattr(error, 'strerror', None) or error}", markup=False)
        raise typer.Exit(1) from None
    if not settings.public_url:
        errors.print(
            f"注意：没有设置 WENJIN_PUBLIC_URL，二维码指向 {settings.address}，别的手机打不开。设好后再打印。",
            markup=False,
        )
    typer.echo(f"{output}：{len(codes)} 张，二维码指向 {settings.address}/t/…")


def _choose(hospital: Hospital, names: list[str]) -> list[PlaceCode]:
    """The codes named, in that order, or all; ends with the nearest right name for each that is unknown."""
    if not names:
        return list(hospital.place_codes)
    found = [hospital.find_place_code(name) for name in names]
    unknown = [name for name, code in zip(names, found, strict=True) if code is None]
    for name in unknown:
        near = difflib.get_close_matches(name.upper(), [one.code for one in hospital.place_codes], n=1)
        typer.echo(f"没有这个地点编号：{name}" + (f"，是不是「{near[0]}」？" if near else ""), err=True)
    if unknown:
        raise typer.Exit(1)
    return [code for code in dict.fromkeys(found) if code is not None]
