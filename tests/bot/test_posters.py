"""The posters of the 吐槽码: what is printed is read back as a phone would."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp
from typer.testing import CliRunner

from bot.commands import app
from bot.posters import draw_posters
from knowledge import Hospital

ADDRESS = "https://wenjin.example.cn"


@pytest.fixture(scope="module")
def pages(hospital: Hospital) -> Iterator[pypdfium2.PdfDocument]:
    """Every place of the hospital, on one page each."""
    document = pypdfium2.PdfDocument(draw_posters(hospital, hospital.place_codes, address=ADDRESS + "/"))
    yield document
    document.close()


def read_code(document: pypdfium2.PdfDocument, number: int) -> str:
    page = document[number]
    picture = page.render(scale=1.2).to_numpy()
    page.close()
    (found,) = zxingcpp.read_barcodes(picture)
    return str(found.text)


def read_text(document: pypdfium2.PdfDocument, number: int) -> str:
    page = document[number]
    text = page.get_textpage().get_text_range()
    page.close()
    return str(text)


def test_every_place_has_a_page_whose_code_leads_to_it(
    hospital: Hospital, pages: pypdfium2.PdfDocument
) -> None:
    assert [read_code(pages, number) for number in range(len(pages))] == [
        f"{ADDRESS}/t/{one.code}" for one in hospital.place_codes
    ]


def test_a_page_says_where_one_is_and_what_to_do_without_a_phone(
    hospital: Hospital, pages: pypdfium2.PdfDocument
) -> None:
    for number, one in enumerate(hospital.place_codes):
        text = read_text(pages, number).replace("\r\n", "")
        assert one.name in text
        assert f"说编号 {one.code}" in text
        assert hospital.complaints.phone in text
        assert "可以不留名" in text and "Quét mã" in text


def test_a_page_is_a4_and_nothing_is_printed_beyond_its_edge(pages: pypdfium2.PdfDocument) -> None:
    for number in range(len(pages)):
        page = pages[number]
        width, height = page.get_size()
        assert (round(width), round(height)) == (595, 842)
        for one in page.get_objects():
            left, bottom, right, top = one.get_bounds()
            assert left >= -1 and bottom >= -1 and right <= width + 1 and top <= height + 1
        page.close()


def test_the_letters_are_in_the_file(hospital: Hospital) -> None:
    pdf = draw_posters(hospital, hospital.place_codes[:1], address=ADDRESS)
    assert b"/FontFile" in pdf


def run(*arguments: str, folder: Path) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["posters", *arguments], env={"WENJIN_DATA_DIR": str(folder)})
    return result.exit_code, result.output


def test_the_command_writes_one_file_or_one_for_each_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WENJIN_PUBLIC_URL", ADDRESS)
    both = ["--place", "OPD-2F-US", "--place", "OPD-3F-WC"]
    code, said = run(*both, "-o", str(tmp_path / "new" / "all.pdf"), folder=tmp_path)
    assert code == 0 and "2 张" in said
    with pypdfium2.PdfDocument(io.BytesIO((tmp_path / "new" / "all.pdf").read_bytes())) as document:
        assert read_code(document, 1) == f"{ADDRESS}/t/OPD-3F-WC"
    assert run(*both, "-o", str(tmp_path / "each"), folder=tmp_path)[0] == 0
    assert sorted(one.name for one in (tmp_path / "each").iterdir()) == ["OPD-2F-US.pdf", "OPD-3F-WC.pdf"]


def test_an_unknown_place_is_told_with_the_nearest_right_one(tmp_path: Path) -> None:
    code, said = run("--place", "OPD-2F-UX", "-o", str(tmp_path / "a.pdf"), folder=tmp_path)
    assert code == 1 and "OPD-2F-US" in said
    assert not (tmp_path / "a.pdf").exists()


def test_codes_that_only_this_machine_can_open_are_warned_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WENJIN_PUBLIC_URL", raising=False)
    code, said = run("--place", "OPD-2F-US", "-o", str(tmp_path / "a.pdf"), folder=tmp_path)
    assert code == 0 and "WENJIN_PUBLIC_URL" in said
