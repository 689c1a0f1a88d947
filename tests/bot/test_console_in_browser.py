"""The staff console in headless Chromium, with the whole house behind it: what a person sees and presses."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from services.alarms import list_alarms
from services.history import list_reveals
from tests.bot.browser import needs_chromium
from tests.bot.staff_browser import (
    LOGIN,
    PASSWORD,
    PHONE,
    TABLET,
    UNTOUCHED,
    Served,
    browser,
    log_in,
    open_console,
    served,
)

__all__ = ["browser", "open_console", "served"]
pytestmark = needs_chromium


def test_a_set_up_link_sets_a_password_once_and_the_wrong_one_opens_nothing(
    open_console: Callable[..., Page], served: Served
) -> None:
    token = served.employ("xinlai", "service", ready=False)
    page = open_console(f"/setup/{token}")
    expect(page.get_by_role("heading")).to_contain_text("xinlai师傅")
    page.get_by_label("新密码").fill("太短")
    page.get_by_label("再输一遍").fill("太短")
    page.get_by_role("button", name="设好密码").click()
    expect(page.get_by_role("alert")).to_contain_text("至少 10 位")
    page.get_by_label("新密码").fill(PASSWORD)
    page.get_by_label("再输一遍").fill(PASSWORD)
    page.get_by_role("button", name="设好密码").click()
    expect(page).to_have_url(LOGIN)

    page.goto(f"{served.url}/console/setup/{token}")
    expect(page.get_by_role("heading")).to_contain_text("不能用了")
    page.goto(f"{served.url}/console/complaints")
    expect(page).to_have_url(LOGIN)
    page.get_by_label("登录名").fill("xinlai")
    page.get_by_label("密码", exact=True).fill("不是这一句话吧不是")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("不对")
    log_in(page, served, "xinlai")
    expect(page.get_by_role("heading", name="xinlai师傅")).to_be_visible()

    page.get_by_role("button", name="退出").click()
    expect(page).to_have_url(LOGIN)
    page.goto(f"{served.url}/console/")
    expect(page).to_have_url(LOGIN)


def test_a_role_sees_and_opens_only_what_it_may(open_console: Callable[..., Page], served: Served) -> None:
    served.employ("yaofang", "pharmacy")
    page = open_console("/herbs", login="yaofang")
    expect(page.get_by_role("heading", name="中药配送")).to_be_visible()
    rail = page.get_by_role("navigation")
    expect(rail.get_by_text("会话")).to_be_visible()
    expect(rail.get_by_text("投诉")).to_have_count(0)
    for path in ("/complaints", "/staff", "/followups"):
        page.goto(f"{served.url}/console{path}")
        expect(page.get_by_text("您的角色不能看这一页")).to_be_visible()


def test_a_person_takes_over_writes_and_hands_back_at_the_very_question(
    open_console: Callable[..., Page], served: Served
) -> None:
    served.employ("jieru", "service")
    served.say("我想挂骨科明天上午的号", sender="走读")
    asked = served.tracker("走读")["slots"]["requested_slot"]
    page = open_console("/talks", login="jieru")
    served.say("<b>转人工</b>", sender="走读")
    row = page.locator(".entry", has_text="转人工")
    if not row.count():  # understood as a call for a person: the answer is the last word
        row = page.locator(".entry", has_text="等人工")
    row.first.click()
    expect(page.locator(".line.patient").last).to_contain_text("<b>转人工</b>")  # words, never markup
    page.get_by_role("button", name="接入").click()
    entry = page.get_by_label("回复患者")
    entry.fill("您好，明天的号不多，我帮您留意。")
    served.world(
        "rest:走读 就诊人 石小榴"
    )  # what is learnt meanwhile takes nothing from what is being written
    expect(page.get_by_role("heading", name="石*榴")).to_be_visible()
    expect(entry).to_have_value("您好，明天的号不多，我帮您留意。")
    entry.press("Enter")
    expect(page.locator(".line.staff").last).to_contain_text("我帮您留意")
    texts = [one.get("text") for one in served.say("好的", sender="走读")]
    assert texts[-1] == "您好，明天的号不多，我帮您留意。" and "工作人员" in texts[-2]
    assert served.tracker("走读")["paused"]
    expect(page.locator(".line.patient").last).to_contain_text("好的")  # live

    page.get_by_role("button", name="交还助手").click()
    expect(page.get_by_role("button", name="接入")).to_be_visible()
    tracker = served.tracker("走读")
    assert not tracker["paused"] and tracker["slots"]["requested_slot"] == asked


def test_a_complaint_moves_over_the_board_and_the_patient_hears_of_it(
    open_console: Callable[..., Page], served: Served
) -> None:
    served.employ("tousu", "service")
    served.world("rest:诉 投诉 OPD-2F-US 等了三个小时没有人管")
    page = open_console("/complaints", login="tousu")
    shown = page.locator(".lane[data-stage=received] .card", has_text="三个小时")
    number = shown.locator(".number").inner_text()
    shown.drag_to(page.locator(".lane[data-stage=investigating]"))
    moved = page.locator(".lane[data-stage=investigating] .card", has_text=number)
    expect(moved).to_contain_text("tousu师傅")
    assert "正在调查" in served.hear(number, sender="诉")

    moved.focus()
    page.keyboard.press("Enter")
    sheet = page.locator(".card-sheet")
    expect(sheet.locator(".step").last).to_contain_text("正在调查")
    sheet.get_by_role("button", name="已答复").click()
    sheet.get_by_role("button", name="确定：已答复").click()
    expect(page.get_by_text("请写下答复")).to_be_visible()
    sheet.get_by_label("给患者的答复").fill("已经加派人手，向您道歉。")
    sheet.get_by_role("button", name="确定：已答复").click()
    expect(page.locator(".lane[data-stage=answered] .card", has_text=number)).to_be_visible()
    served.hear("已经加派人手，向您道歉。", sender="诉")


def test_a_stage_that_may_not_follow_takes_no_card(open_console: Callable[..., Page], served: Served) -> None:
    served.employ("yizhan", "nurse")
    served.world("rest:陪 陪诊 王五 3月16日 09:00 轮椅")  # too far for the rule
    page = open_console("/escorts", login="yizhan")
    shown = page.locator(".lane[data-stage=requested] .card")
    shown.drag_to(page.locator(".lane[data-stage=completed]"))
    expect(shown).to_be_visible()
    shown.click()
    sheet = page.locator(".card-sheet")
    sheet.get_by_role("button", name="名册外的人").click()
    sheet.get_by_label("谁来陪").fill("志愿者小莫")
    sheet.get_by_label("为什么这样派").fill("家属点名要他")
    sheet.get_by_role("button", name="确定：名册外的人").click()
    expect(page.locator(".lane[data-stage=accepted] .card")).to_contain_text("志愿者小莫")
    served.hear("志愿者小莫", sender="陪")


def test_a_reveal_asks_why_and_is_written_down(open_console: Callable[..., Page], served: Served) -> None:
    served.employ("jieshi", "service")
    served.world("rest:露 就诊人 覃小芳")
    served.say("你好", sender="露")
    page = open_console("/talks", login="jieshi")
    page.locator(".entry", has_text="覃*芳").click()
    expect(page.locator(".talk-side")).to_contain_text("覃*芳")
    expect(page.get_by_text("覃小芳")).to_have_count(0)
    page.get_by_role("button", name="显示姓名").click()
    page.get_by_label("为什么要看").fill("核对陪诊名单")
    page.get_by_role("button", name="显示", exact=True).last.click()
    expect(page.locator(".talk-side")).to_contain_text("覃小芳")
    assert "核对陪诊名单" in [one.reason for one in served.house.read_now(list_reveals)]


def test_a_danger_rings_on_every_page_until_somebody_acknowledges_it_by_name(
    open_console: Callable[..., Page], served: Served
) -> None:
    served.employ("zhiban", "service")
    page = open_console("/escorts", login="zhiban")
    other = open_console("/unsent", login="zhiban")
    expect(page.get_by_role("heading", name="陪诊")).to_be_visible()
    served.say("我爸胸口痛得厉害，出大汗", sender="急")
    for one in (page, other):
        expect(one.locator(".alarm.danger")).to_contain_text("急危重症")
    page.mouse.click(600, 700)
    page.wait_for_function("window.wenjin.beeps > 0")
    expect(page).to_have_title(re.compile("警报"))
    page.locator(".alarm.danger").get_by_role("button", name="zhiban师傅 确认").click()
    page.get_by_label("打算怎么办").fill("已打电话，让他们叫 120")
    page.get_by_role("button", name="我来负责").click()
    for one in (page, other):
        expect(one.locator(".alarm.danger")).to_have_count(0)
    alarms = served.house.read_now(lambda desk: list_alarms(desk, status=None))
    assert [one.acknowledged_by for one in alarms if one.kind == "emergency"] != [None]
    expect(page).not_to_have_title(re.compile("警报"))


def test_the_first_press_counts_though_the_browser_lets_out_no_sound_before_it(
    open_console: Callable[..., Page], served: Served
) -> None:
    served.employ("xiansheng", "service")
    served.say("我爸胸口痛得厉害，出大汗", sender="又急")
    page = open_console("/escorts", login="xiansheng")
    page.add_init_script(UNTOUCHED)
    page.reload()
    expect(page.locator("body.silent .alarm.danger")).to_have_count(1)
    bar, top = page.locator(".alarms").first.bounding_box(), page.locator(".page-top").bounding_box()
    assert bar and top and bar["y"] + bar["height"] <= top["y"]  # what it says lies over nothing
    page.get_by_role("button", name="今天").click()
    expect(page.get_by_role("button", name="今天")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("body.silent")).to_have_count(0)
    page.get_by_role("button", name="xiansheng师傅 确认").click()
    page.get_by_role("button", name="我来负责").click()
    expect(page.locator(".alarm.danger")).to_have_count(0)


def test_an_administrator_adds_somebody_whose_link_is_shown_once_and_closes_the_account_at_once(
    open_console: Callable[..., Page], served: Served
) -> None:
    served.employ("boss", "admin")
    page = open_console("/staff", login="boss")
    page.get_by_role("button", name="添加").click()
    page.get_by_label("姓名").fill("韦药师")
    page.get_by_label("登录名").fill("weiyao")
    page.get_by_role("button", name="添加，生成链接").click()
    link = page.locator(".setup-link").inner_text()
    page.get_by_role("button", name="我交给本人了").click()
    expect(page.locator(".setup-link")).to_have_count(0)

    newcomer = open_console("/setup/" + link.rpartition("/")[2])
    newcomer.get_by_label("新密码").fill(PASSWORD)
    newcomer.get_by_label("再输一遍").fill(PASSWORD)
    newcomer.get_by_role("button", name="设好密码").click()
    expect(newcomer).to_have_url(LOGIN)
    log_in(newcomer, served, "weiyao")
    expect(newcomer.get_by_role("heading", name="韦药师")).to_be_visible()

    page.get_by_role("button", name="停用韦药师").click()
    page.get_by_role("button", name="停用", exact=True).last.click()
    expect(newcomer).to_have_url(LOGIN)


def test_on_a_tablet_the_list_gives_way_to_the_talk(
    open_console: Callable[..., Page], served: Served
) -> None:
    served.employ("pingban", "service")
    served.say("你好", sender="板")
    page = open_console("/talks", login="pingban", viewport=TABLET)
    page.locator(".entry").first.click()
    expect(page.locator(".talk-list")).to_be_hidden()
    page.get_by_role("button", name="患者资料").click()
    expect(page.locator(".talk-side")).to_be_visible()
    page.get_by_role("button", name="患者资料").click()
    page.get_by_role("button", name="回到列表").click()
    expect(page.locator(".talk-list")).to_be_visible()
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0


def test_a_call_for_help_leads_from_the_bar_to_its_board_on_a_phone(
    open_console: Callable[..., Page], served: Served
) -> None:
    served.employ("peizhen", "service")
    served.say("我在门诊二楼走不动了，快来个人", sender="走不动")
    page = open_console("/", login="peizhen", viewport=PHONE)
    menu = page.get_by_role("button", name=re.compile("总览"))
    expect(page.get_by_role("button", name="去看求助")).to_be_visible()  # all is drawn by then
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    place = page.locator("a[href$='/console/help']")  # the overview lists the call itself beside it
    expect(place).to_be_hidden()
    menu.click()
    expect(place.locator(".count")).to_have_text("1")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="去看求助").click()
    card = page.locator(".lane[data-stage=requested] .card", has_text="门诊二楼")
    card.click()
    page.get_by_role("button", name="我去").click()
    page.get_by_role("button", name="确定：我去").click()
    expect(page.locator(".lane[data-stage=accepted] .card", has_text="门诊二楼")).to_be_visible()
    expect(page.get_by_role("button", name="去看求助")).to_have_count(0)


def test_what_was_written_in_a_form_stays_when_it_is_refused(
    open_console: Callable[..., Page], served: Served
) -> None:
    served.employ("mingce", "manager")
    page = open_console("/companions", login="mingce")
    page.get_by_role("button", name="添加").click()
    page.get_by_label("姓名").fill("石榴红")
    page.get_by_role("dialog").get_by_role("button", name="添加").click()
    expect(page.locator(".q-notification")).to_be_visible()
    expect(page.get_by_label("姓名")).to_have_value("石榴红")


def test_the_other_forms_of_an_administrator_stay_open_too(
    open_console: Callable[..., Page], served: Served
) -> None:
    served.employ("guanli", "admin")
    page = open_console("/systems", login="guanli")
    page.get_by_role("button", name="添加").click()
    page.get_by_label("地址").fill("nonsense")
    page.get_by_role("button", name="添加，生成密钥").click()
    expect(page.locator(".q-notification")).to_contain_text("https://")
    page.get_by_label("地址").fill("https://his.example/hook")
    page.get_by_role("button", name="添加，生成密钥").click()
    expect(page.locator(".setup-link")).to_contain_text("whsec_")

    page = open_console("/staff", login="guanli")
    page.get_by_role("button", name="添加").click()
    page.get_by_label("姓名").fill("石榴红")
    page.get_by_role("button", name="添加，生成链接").click()
    expect(page.locator(".q-notification")).to_contain_text("登录名")
    expect(page.get_by_label("姓名")).to_have_value("石榴红")


def test_a_list_with_many_teams_is_chosen_from_instead_of_squeezed(
    open_console: Callable[..., Page], served: Served
) -> None:
    served.employ("fuwu", "manager")
    page = open_console("/requests", login="fuwu")
    page.get_by_role("combobox", name="看哪些").click()
    page.get_by_role("option", name="病案室").click()
    expect(page.get_by_role("combobox", name="看哪些")).to_have_value("病案室")


def test_the_wards_stand_in_a_list_on_a_phone_too(open_console: Callable[..., Page], served: Served) -> None:
    served.employ("chuangwei", "nurse")
    page = open_console("/beds", login="chuangwei", viewport=PHONE)
    expect(page.locator(".row-card", has_text="骨科病区")).to_contain_text("空 10")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


# from here on the hours pass


def test_a_suspension_is_registered_telephoned_and_lifted(
    open_console: Callable[..., Page], served: Served
) -> None:
    served.employ("tingzhen", "manager")
    for sender, name in (("停一", "石榴红"), ("停二", "黄豆豆"), ("停三", "蓝天天")):
        served.world(f"rest:{sender} 已约 {name} 骨科 韦建江 3月12日上午")
    page = open_console("/suspensions", login="tingzhen")
    expect(page.get_by_text("没有要打的电话")).to_be_visible()
    page.get_by_role("button", name="登记停诊").click()
    sheet = page.get_by_role("dialog")
    sheet.get_by_role("button", name="停诊", exact=True).click()
    expect(page.locator(".q-notification")).to_be_visible()
    sheet.get_by_label("医生").fill("韦建江")
    page.get_by_role("option", name=re.compile("韦建江")).click()
    sheet.get_by_label("哪一天").fill("2026-03-12")
    sheet.get_by_label("时段").click()
    page.get_by_role("option", name="上午").click()
    sheet.get_by_role("button", name="停诊", exact=True).click()
    expect(page.get_by_text("3 位患者会收到通知")).to_be_visible()
    told = page.locator(".row-card", has_text="等回音到 11:00")
    expect(told).to_have_count(3)
    for sender in ("停一", "停二", "停三"):  # the time to answer begins when one is told
        served.hear("停诊", sender=sender)

    served.pass_time(hours=2, minutes=1)
    expect(page.locator(".row-card", has_text="要打电话")).to_have_count(3)
    row = page.locator(".row-card", has_text="石*红")
    expect(row).to_contain_text("可以改到")
    row.get_by_role("button", name="显示电话").click()
    page.get_by_label("为什么要看").fill("停诊没有回音，打电话")
    page.get_by_role("button", name="显示", exact=True).last.click()
    expect(row).to_contain_text(re.compile(r"\d{11}"))
    row.get_by_role("button", name="石*红 没打通").click()
    page.get_by_role("dialog").get_by_role("button", name="没打通").click()
    expect(row).to_contain_text("打过 1 次")
    row.get_by_role("button", name="石*红 通知到了").click()
    page.get_by_label("说了什么").fill("改天自己来约")
    page.get_by_role("dialog").get_by_role("button", name="通知到了").click()
    expect(row).to_have_count(0)

    page.get_by_role("button", name=re.compile("恢复出诊 韦建江")).click()
    page.get_by_role("dialog").get_by_role("button", name="恢复出诊").click()
    expect(page.locator(".q-notification", has_text="请填「原因」")).to_be_visible()
    page.get_by_label("原因").fill("医生提前回来了")
    page.get_by_role("dialog").get_by_role("button", name="恢复出诊").click()
    expect(page.get_by_text("3 位还没改约的患者")).to_be_visible()  # also who was only telephoned
    expect(page.get_by_text("没有要打的电话")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("恢复出诊"))).to_have_count(0)
    served.hear("照旧", sender="停二")
