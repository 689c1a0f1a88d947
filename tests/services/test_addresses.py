"""An address is asked for what a courier misses, and no more."""

from __future__ import annotations

import pytest

from knowledge import Hospital
from services import Invalid
from services.addresses import check_address, find_region, join_address


@pytest.mark.parametrize(
    "text",
    [
        "桂江市示例路 9 号",
        "桂江市江滨路12号3栋502",
        "广西桂江市青山县大村镇石桥屯",
        "上海市浦东新区世纪大道100号",
        "北京朝阳区建国路八号院",
        "新疆维吾尔自治区乌鲁木齐市天山区解放路1号",
        "桂江市第一中学",
        "桂江市东湖区阳光小区3栋2单元",
        "Hanoi, Ba Dinh 12 Kim Ma",
    ],
)
def test_what_a_courier_can_find_is_taken(text: str) -> None:
    assert check_address(f" {text}。").text == text


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("家里", "address"),
        ("123456789", "address"),
        ("江滨路12号3栋502", "address_region"),
        ("阳光小区3栋", "address_region"),
        ("桂江市", "address_road"),
        ("广西桂江市青山县", "address_road"),
        ("桂江市东湖区东湖大道", "address_number"),
        ("青山县高岭镇", "address_number"),
        ("广酉省桂江市江滨路1号", "address_province"),
    ],
)
def test_what_is_missing_is_named(text: str, missing: str) -> None:
    with pytest.raises(Invalid) as error:
        check_address(text)
    assert (error.value.code, error.value.field) == (missing, "address")


@pytest.mark.parametrize(
    ("draft", "answer", "whole"),
    [
        ("江滨路12号3栋", "桂江市", "桂江市江滨路12号3栋"),
        ("桂江市东湖大道", "99号1栋", "桂江市东湖大道99号1栋"),
        ("桂江市", "江滨路12号", "桂江市江滨路12号"),
        ("广酉省桂江市江滨路1号", "广西", "广西桂江市江滨路1号"),
        ("广酉省桂江市江滨路1号", "广西桂江市", "广西桂江市江滨路1号"),
    ],
)
def test_the_missing_part_is_joined_to_what_was_said(draft: str, answer: str, whole: str) -> None:
    with pytest.raises(Invalid) as error:
        check_address(draft)
    assert check_address(join_address(draft, answer, missing=error.value.code)).text == whole


def test_days_on_the_way_go_by_where_the_address_lies(hospital: Hospital) -> None:
    def region(text: str) -> str:
        return find_region(hospital.herbs, text)

    assert region("桂江市江滨路12号") == region("广西桂江市江滨路12号") == "city"
    assert region("广西示例市示例区演示路1号") == region("示例市示例区演示路1号") == "province"
    assert region("广东省示例市示例区演示路1号") == region("北京市朝阳区示例路1号") == "elsewhere"
    assert region("西藏自治区示例市示例区演示路1号") == "remote"
