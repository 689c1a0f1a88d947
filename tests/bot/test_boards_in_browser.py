"""Four boards as those at the desks walk through them: help on the spot, loans, herbs, improvements."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.bot.browser import needs_chromium
from tests.bot.staff_browser import LOGIN, Served, browser, log_in, open_console, served

__all__ = ["browser", "open_console", "served"]
pytestmark = needs_chromium


def lane(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name, exact=True)


def press(page: Page, *names: str) -> None:
    for name in names:
        page.get_by_role("dialog").get_by_role("button", name=name, exact=True).click()


def test_complaints_on_one_place_become_an_improvement_whose_before_and_after_are_shown(
    open_console: Callable[..., Page], served: Served
) -> None:
    served.employ("gaijin", "manager")
    page = open_console("/improvements", login="gaijin")
    expect(page.get_by_text("现在没有")).to_be_visible()
    for sender in ("改一", "改二", "改三"):
        served.world(f"rest:{sender} 投诉 OPD-2F-US 等了三个小时没有人管")
    proposed = lane(page, "待认领").get_by_role("button", name=re.compile("门诊二楼彩超候诊区"))
    expect(proposed).to_contain_text("30 天内 3 件")
    number = proposed.locator(".number").inner_text()
    proposed.click()
    sheet = page.get_by_role("dialog")
    expect(sheet.get_by_text("等了三个小时没有人管")).to_have_count(3)
    press(page, "认领整改")
    page.get_by_label("谁负责").fill("超声科护士长")
    press(page, "确定：认领整改")
    expect(page.get_by_role("alert").filter(has_text="日期")).to_be_visible()
    expect(page.get_by_label("谁负责")).to_have_value("超声科护士长")
    page.get_by_label("什么时候改好").fill("2026-03-20")
    press(page, "确定：认领整改")
    taken = lane(page, "整改中").get_by_role("button", name=re.compile(number))
    expect(taken).to_contain_text("3月20日（周五）前改好")

    served.pass_time(minutes=5)
    taken.click()
    press(page, "已经改好")
    page.get_by_label("改了什么").fill("加了一台机器，候诊屏叫号")
    press(page, "确定：已经改好")
    done = lane(page, "已完成").get_by_role("button", name=re.compile(number))
    expect(done).to_contain_text("超声科护士长")
    done.click()
    served.world("rest:改四 投诉 OPD-2F-US 等了三个小时没有人管")  # the open card counts it
    said = "改好前 1 天 3 件，改好后 1 天 1 件"
    expect(sheet.locator("dd", has_text=said)).to_be_visible()
    expect(sheet.locator("svg text", has_text=said)).to_be_visible()


def test_a_parcel_of_herbs_goes_through_its_stages_and_a_list_tells_its_bad_rows(
    open_console: Callable[..., Page], served: Served
) -> None:
    served.employ("zhongyao", "pharmacy")
    served.world("rest:药 中药 石榴红 7 剂")
    page = open_console("/herbs", login="zhongyao")
    card = page.get_by_role("button", name=re.compile("石.红.*7 剂"))
    number = card.locator(".number").inner_text()
    for name in ("处方审核通过", "正在泡药煎药", "已打包"):
        card.click()
        press(page, name)
        expect(lane(page, name).get_by_text(number)).to_be_visible()
    card.drag_to(lane(page, "已交快递"))
    sheet = page.get_by_role("dialog")
    press(page, "已交快递")
    expect(page.get_by_text("请填「快递单号」")).to_be_visible()
    sheet.get_by_label("快递单号").fill("SF0000000007")
    press(page, "已交快递")
    expect(lane(page, "已交快递").get_by_text(number)).to_be_visible()
    served.hear("SF0000000007", sender="药")

    rows = f"配送单号,状态\n{number},运送途中\nZY-0000,已打包\n{number},飞走了\n"
    page.get_by_role("button", name="导入名单").click()
    for said in ("有进展 1，没有变化 0，有误 2", "有进展 0，没有变化 1，有误 2"):  # twice changes nothing
        sheet.locator("input[type=file]").set_input_files(
            {"name": "名单.csv", "mimeType": "text/csv", "buffer": rows.encode()}
        )
        expect(sheet.get_by_role("status")).to_contain_text(said)
        expect(sheet.get_by_role("listitem")).to_have_text(
            [
                re.compile("第 3 行 配送单号（A）「ZY-0000」：没有这个单号"),
                re.compile("第 4 行 状态（B）「飞走了」：没有这个状态"),
            ]
        )
    press(page, "关闭")
    expect(lane(page, "运送途中").get_by_text(number)).to_be_visible()


def test_a_call_for_help_arrives_its_clock_runs_and_somebody_goes(
    open_console: Callable[..., Page], served: Served
) -> None:
    served.employ("fuwutai", "nurse")
    page = open_console("/help", login="fuwutai")
    expect(page.get_by_text("现在没有")).to_be_visible()
    served.say("我在门诊二楼走不动了，快来个人", sender="摔")
    called = lane(page, "叫人中").get_by_role("button", name=re.compile("门诊二楼"))
    expect(called).to_contain_text("3:00 后叫下一位")
    expect(called).to_contain_text("农安坪")
    rings = page.get_by_role("button", name="fuwutai师傅 确认")
    expect(rings).to_be_visible()
    served.pass_time(minutes=1)
    expect(called).to_contain_text("2:00 后叫下一位")
    served.pass_time(minutes=2)
    expect(called).to_contain_text("3:00 后叫下一位")  # the next was asked
    expect(called).not_to_contain_text("农安坪")
    called.click()
    sheet = page.get_by_role("dialog")
    expect(sheet.get_by_text("叫了一位值班的")).to_have_count(2)
    press(page, "我去", "确定：我去")
    goes = lane(page, "已有人去").get_by_role("button", name=re.compile("门诊二楼"))
    who = goes.locator(".pill.green").inner_text()
    served.hear(who, sender="摔")
    expect(rings).to_have_count(0)  # who goes has answered it
    goes.click()
    press(page, "已到现场")
    there = lane(page, "已到现场").get_by_role("button", name=re.compile("门诊二楼"))
    there.click()
    press(page, "办完")
    expect(lane(page, "办完").get_by_role("button", name=re.compile("门诊二楼"))).to_be_visible()


def test_two_at_one_card_nobody_presses_what_has_changed_under_the_hand(
    open_console: Callable[..., Page], served: Served
) -> None:
    served.employ("jiayi", "nurse")
    served.employ("yibing", "nurse")
    served.world("rest:同时 借用 轮椅")
    one, other = (open_console("/loans", login=login) for login in ("jiayi", "yibing"))
    for page in (one, other):
        lane(page, "留着等取").get_by_role("button", name=re.compile("轮椅")).click()
    press(other, "取消")
    other.get_by_label("原因").fill("打电话说不来了")
    press(one, "借出")
    expect(one.get_by_role("dialog")).to_have_count(0)
    sheet = other.get_by_role("dialog")
    expect(sheet.get_by_text("同事刚刚改过这一件。")).to_be_visible()
    expect(other.get_by_label("原因")).to_have_value("打电话说不来了")
    expect(sheet.get_by_role("button", name="归还", exact=True)).to_have_count(0)
    press(other, "确定：取消")
    expect(other.get_by_text("同事刚刚改过，请看最新的状态再办。")).to_be_visible()
    press(other, "看最新的，再办", "归还", "确定：归还")
    expect(lane(other, "已归还").get_by_role("button", name=re.compile("轮椅"))).to_be_visible()


# from here on the hours pass


def test_what_is_lent_comes_back_with_its_deposit_and_what_is_overdue_stands_apart(
    open_console: Callable[..., Page], served: Served
) -> None:
    served.employ("jieyong", "nurse")
    served.world("rest:借 借用 轮椅")
    page = open_console("/loans", login="jieyong")
    kept = lane(page, "留着等取").get_by_role("button", name=re.compile("轮椅"))
    number = kept.locator(".number").inner_text()
    chair = page.get_by_role("button", name=re.compile(number))
    chair.click()
    press(page, "借出")
    expect(lane(page, "已借出").get_by_text(number)).to_be_visible()

    page.get_by_role("button", name="登记借出").dblclick()
    sheet = page.get_by_role("dialog")
    sheet.get_by_label("借什么，在哪个点").click()
    page.get_by_role("option", name=re.compile("雨伞.*导诊台")).click()
    sheet.get_by_label("借用人姓名").fill("蓝天天")
    sheet.get_by_label("电话").fill("123")
    press(page, "登记借出")
    expect(page.get_by_text("电话号码不对，请再看一眼。")).to_be_visible()
    expect(sheet.get_by_label("借用人姓名")).to_have_value("蓝天天")
    sheet.get_by_label("电话").fill("10000001234")
    press(page, "登记借出")
    umbrella = lane(page, "已借出").get_by_role("button", name=re.compile("雨伞.*蓝.天"))
    umbrella.dblclick()
    expect(sheet.locator("dd", has_text="20 元")).to_be_visible()
    press(page, "归还，退押金 20 元", "确定：归还，退押金 20 元")
    expect(lane(page, "已归还").get_by_role("button", name=re.compile("雨伞"))).to_be_visible()

    served.pass_time(hours=14)
    expect(page).to_have_url(LOGIN)  # eight hours without a press
    log_in(page, served, "jieyong", at=re.compile(r"/console/loans$"))  # where one was
    expect(page.get_by_role("button", name=re.compile("雨伞"))).to_be_visible()
    page.get_by_role("button", name="过期没还").click()
    expect(page.get_by_role("button", name=re.compile("雨伞"))).to_have_count(0)
    expect(chair).to_contain_text("过期 1 小时")
    served.hear("轮椅", sender="借")  # reminded
    chair.click()
    press(page, "归还")
    sheet.get_by_label("还在哪里").click()
    page.get_by_role("option", name=re.compile("住院")).click()
    press(page, "确定：归还")
    expect(page.get_by_text("现在没有")).to_be_visible()
    page.get_by_role("button", name="全部", exact=True).click()
    expect(lane(page, "已归还").get_by_text(number)).to_be_visible()
