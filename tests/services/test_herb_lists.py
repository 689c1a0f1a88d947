"""The pharmacy's list: good rows in, bad ones told by sheet, row, column and reason; twice changes nothing."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from sqlmodel import select

from services import Desk, Invalid, promises
from services.herb_lists import import_deliveries
from services.herbs import HerbDelivery, find_delivery
from services.history import list_changes
from services.patients import Patient
from tests.services.builders import make_contact, make_patient
from tests.services.parcel_builders import sent

HEADINGS = ["处方号", "姓名", "手机号", "剂数", "煎法", "取药方式", "地址", "状态", "快递公司", "快递单号"]
ADDRESS = "桂江市示例路 1 号"


def make_book(*rows: list[Any]) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "三月"
    sheet.append(["中药房每日名单"])
    sheet.append(HEADINGS)
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def row(number: str, **changes: Any) -> list[Any]:
    values = dict(
        zip(HEADINGS, [number, "张三", 10000001234, 7, "代煎", "快递", ADDRESS, "", "", ""], strict=True)
    )
    return list((values | changes).values())


def count(desk: Desk) -> tuple[int, int]:
    found = desk.session.exec(select(HerbDelivery)).all()
    return len(found), sum(len(list_changes(desk, record=one)) for one in found)


def test_unknown_prescriptions_are_registered_and_known_ones_move_on(desk: Desk) -> None:
    make_patient(desk)
    first = import_deliveries(desk, file=make_book(row("R1"), row("R2", 状态="已打包", 煎法="自煎")))
    assert (first.registered, first.moved, first.known, first.errors) == (2, 0, 0, ())
    packed = find_delivery(desk, number="R2")
    assert packed is not None and (packed.status, packed.decoction) == ("packed", "raw")
    handed = row("R2", 状态="已交快递", 快递公司="顺丰", 快递单号="sf0001", 煎法="自煎")
    again = import_deliveries(desk, file=make_book(row("R1", 状态="煎药"), handed))
    assert (again.registered, again.moved) == (0, 2)
    assert (packed.status, packed.courier_code, packed.tracking_number) == (
        "handed_over",
        "shunfeng",
        "SF0001",
    )
    assert "herb_stage" in [one.kind for one in promises.list_promises(desk, subject=packed.subject)]


def test_the_same_list_twice_changes_nothing_and_a_stage_left_behind_is_no_error(desk: Desk) -> None:
    make_patient(desk)
    book = make_book(row("R1", 状态="审核通过"), row("R2", 状态="已交快递", 快递公司="EMS", 快递单号="E1"))
    import_deliveries(desk, file=book)
    before = count(desk)
    again = import_deliveries(desk, file=book)
    assert (again.registered, again.moved, again.known, again.errors) == (0, 0, 2, ())
    assert count(desk) == before
    stale = import_deliveries(desk, file=make_book(row("R2", 状态="已打包")))
    assert (stale.known, stale.errors) == (1, ())


def test_bad_rows_are_told_by_sheet_row_column_and_reason_and_good_ones_kept(desk: Desk) -> None:
    make_patient(desk)
    report = import_deliveries(
        desk,
        file=make_book(
            row("R1"),
            row("", 状态="已打包"),
            row("R3", 姓名="李四"),
            row("R4", 手机号="12"),
            row("R5", 剂数="很多"),
            row("R6", 剂数=99),
            row("R7", 煎法="油炸"),
            row("R8", 取药方式="无人机"),
            row("R9", 地址="桂江市江滨路"),
            row("R10", 状态="飞走了"),
            row("R11", 状态="已交快递"),
        ),
    )
    assert (report.registered, count(desk)[0]) == (1, 1)
    assert [(one.sheet, one.row, one.column, one.reason) for one in report.errors] == [
        ("三月", 4, "配送单号", "missing"),
        ("三月", 5, "姓名（B）", "unknown_patient"),
        ("三月", 6, "手机号（C）", "phone"),
        ("三月", 7, "剂数（D）", "doses"),
        ("三月", 8, "剂数（D）", "doses"),
        ("三月", 9, "煎法（E）", "decoction"),
        ("三月", 10, "取药方式（F）", "delivery_mode"),
        ("三月", 11, "地址（G）", "address_number"),
        ("三月", 12, "状态（H）", "unknown_stage"),
        ("三月", 13, "快递单号（J）", "missing"),
    ]
    assert all(one.text != one.reason for one in report.errors)
    assert not any(private in str(report) for private in ("李四", "江滨路", "10000001234"))


def test_of_several_accounts_the_patients_own_is_told(desk: Desk) -> None:
    make_patient(desk, make_contact(desk, "son"), relation="父亲")
    own = make_patient(desk, make_contact(desk, "father"))
    import_deliveries(desk, file=make_book(row("R1")))
    found = find_delivery(desk, number="R1")
    assert found is not None and found.contact_id == own.contact_id
    assert isinstance(own, Patient)


def test_a_csv_of_an_old_system_moves_deliveries_by_our_number(desk: Desk, tmp_path: Path) -> None:
    one = sent(desk)
    path = tmp_path / "名单.csv"
    path.write_bytes(f"单号,进度\n{one.order_number},in_transit\nZY0-1,已打包\n".encode("gb18030"))
    report = import_deliveries(desk, file=path)
    assert (report.moved, one.status) == (1, "in_transit")
    assert [(error.row, error.reason) for error in report.errors] == [(3, "unknown_number")]


@pytest.mark.parametrize("data", [b"", "随便写的\n第二行".encode(), "姓名,状态\n张三,已打包\n".encode()])
def test_a_file_that_is_no_list_is_refused_clearly(desk: Desk, data: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        import_deliveries(desk, file=data)
    assert refused.value.code == "no_heading"
