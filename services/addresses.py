"""Addresses 收件地址: what a courier needs to find a door, and how far away it is.

The parts are those of a waybill: province, city or county, road or village, number. A city on the waybill that is
wrong sends the parcel round the country, so region and road are asked for where they are missing; whether the road
exists nobody can say here. A village with its county is enough, for houses there bear no number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from knowledge.schema import HerbRules
from services.errors import Invalid

Region = Literal["city", "province", "elsewhere", "remote"]

PROVINCES = (
    "北京", "天津", "上海", "重庆", "河北", "山西", "辽宁", "吉林", "黑龙江", "江苏", "浙江", "安徽", "福建", "江西",
    "山东", "河南", "湖北", "湖南", "广东", "海南", "四川", "贵州", "云南", "陕西", "甘肃", "青海", "台湾", "内蒙古",
    "广西", "西藏", "宁夏", "新疆", "香港", "澳门",
)  # fmt: skip
"""The 34 of GB/T 2260, without 省, 市 and 自治区."""
PROVINCE = re.compile(rf"^(?:中国)?({'|'.join(PROVINCES)})(?:省|市|(?:壮族|回族|维吾尔)?自治区|特别行政区)?")
CALLED_PROVINCE = re.compile(r"^(?:中国)?([\u4e00-\u9fff]{2,3})省")
NO_COUNTY = "小社园院校厂片病景库营辖城新郊"
"""小区, 社区, 院区 … are no county; 城区, 新区 and 郊区 alone do not say which."""
CITY = re.compile(r"([\u4e00-\u9fff]{2,7}?)(?:市(?!场|民)|自治州|地区|盟)")
COUNTY = re.compile(rf"[\u4e00-\u9fff]{{1,6}}?(?:[^{NO_COUNTY}]区|县(?!城|道|医)|旗(?!舰))")
VILLAGE = re.compile(r"村|屯|寨|组|生产队|农场|林场")
ROAD = re.compile(
    r"路|街|大道|巷|弄|胡同|里|坊|镇|乡|小区|社区|新城|花园|家园|公寓|宿舍|大厦|广场|中心|苑|庭|湾|府|院|城|园|厦|站"
    r"|学校|小学|中学|大学|公司|工厂|超市|市场|政府|[一二三四五六七八九十\d]+(?:号|栋|幢)"
)
NUMBER = re.compile(r"\d|[一二三四五六七八九十百]+(?:号|栋|幢|座|单元|楼|室|弄|组|队|巷)|[A-Za-z]座")
NAMED = re.compile(r"学校|小学|中学|大学|公司|工厂|超市|政府|派出所|卫生院|医院|大厦|快递站|驿站|代收点")
"""What bears no number because everybody knows it."""
HAN = re.compile(r"[\u4e00-\u9fff]{2}")
LATIN = re.compile(r"[A-Za-z]{2,}[\s,].*[A-Za-z]{2,}")


@dataclass(frozen=True, slots=True)
class Address:
    text: str
    province: str | None
    city: str | None


def check_address(text: str) -> Address:
    """The address, tidied; ``Invalid`` (field ``address``) with what is missing for a courier:

    ``address`` (this is none), ``address_province`` (no such province), ``address_region`` (which city or county?),
    ``address_road``, ``address_number``.
    """
    tidy = re.sub(r"\s+", " ", text).strip(" ，。,.；;")
    if not 3 <= len(tidy) <= 200 or not (HAN.search(tidy) or LATIN.search(tidy)):
        raise Invalid("address", field="address")
    if not HAN.search(tidy):  # written in Latin letters: a number is all that can be asked
        if not re.search(r"\d", tidy):
            raise Invalid("address_number", field="address")
        return Address(tidy, None, None)
    packed = tidy.replace(" ", "")
    province = PROVINCE.match(packed)
    called = CALLED_PROVINCE.match(packed)
    if called and not province:
        raise Invalid("address_province", field="address", value=called[1])
    rest = packed[province.end() :] if province else packed
    municipality = province[1] if province and province[1] in PROVINCES[:4] else None
    city, county = CITY.search(rest), COUNTY.search(rest)
    if not (city or county or municipality):
        raise Invalid("address_region", field="address")
    after = rest[max(one.end() for one in (city, county) if one) :] if city or county else rest
    if not (ROAD.search(after) or VILLAGE.search(after)):
        raise Invalid("address_road", field="address")
    if not (NUMBER.search(after) or VILLAGE.search(after) or NAMED.search(after)):
        raise Invalid("address_number", field="address")
    return Address(tidy, province[1] if province else None, city[1] if city else municipality)


def parse_address(text: str) -> str:
    """The text of an address that `check_address` lets through."""
    return check_address(text).text


def join_address(draft: str, text: str, *, missing: str) -> str:
    """What was said first, with the part that was missing put where it belongs."""
    if missing == "address_province":
        said, called = PROVINCE.match(text), CALLED_PROVINCE.match(draft)
        return f"{said[0] if said else text}{draft[called.end() :] if called else draft}"
    return f"{text}{draft}" if missing == "address_region" else f"{draft}{text}"


def find_region(rules: HerbRules, address: str) -> Region:
    """How far the address lies from the hospital, for the days on the way."""
    packed = address.replace(" ", "")
    province = PROVINCE.match(packed)
    if rules.home_city in packed[:24] and (province is None or province[1] == rules.home_province):
        return "city"
    if province is None:
        return "province"
    if province[1] in rules.remote_provinces:
        return "remote"
    return "province" if province[1] == rules.home_province else "elsewhere"
