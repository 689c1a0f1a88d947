"""The patient's pages in headless Chromium: phone and desk, keyboard alone, large type, a line that breaks."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, WebSocketRoute, expect, sync_playwright

from bot.app import make_app
from bot.house import House
from services.messages import list_conversations
from services.outbox import post
from tests.bot.browser import CHROMIUM, FLAGS, PATIENCE, needs_chromium
from tests.bot.small_house import BOOKED, small_house

PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 860}
QUESTION = "3月12日（周四）骨科还有这些号，您要哪个？"

pytestmark = needs_chromium


@dataclass
class Served:
    house: House
    url: str
    problems: list[str] = field(default_factory=list)

    @property
    def heard(self) -> list[str]:
        return self.house.assistant.heard  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with small_house(tmp_path_factory.mktemp("house")) as house:
        config = uvicorn.Config(make_app(house), port=0, log_level="critical", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield Served(house, f"http://127.0.0.1:{port}")
        server.should_exit = True
        thread.join(10)


@pytest.fixture
def open_page(browser: Browser, served: Served) -> Iterator[Callable[..., Page]]:
    """Opens pages as different people; afterwards nothing may stand in their consoles and nothing have come from
    elsewhere."""
    contexts: list[BrowserContext] = []
    served.heard.clear()
    said: list[str] = []

    def open(
        path: str = "/", *, viewport: Any = PHONE, context: BrowserContext | None = None, **options: Any
    ) -> Page:
        if context is None:
            context = browser.new_context(**{"viewport": viewport, "locale": "zh-CN", **options})
            context.set_default_timeout(PATIENCE)
            contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on(
            "request",
            lambda request: (
                said.append(request.url) if not request.url.startswith((served.url, "data:")) else None
            ),
        )
        page.goto(served.url + path)
        return page

    yield open
    for context in contexts:
        context.close()
    assert [one for one in said if "404" not in one] == []


def send(page: Page, text: str) -> None:
    page.fill("#words", text)
    page.keyboard.press("Enter")


def answers(page: Page) -> list[str]:
    return page.locator(".line.out .bubble").all_inner_texts()


def until(page: Page, script: str, arg: Any = None) -> None:
    """Waits until the script is true; Playwright's own waiting evaluates strings, which the pages' policy forbids."""
    for _ in range(3000):
        if page.evaluate(script, arg):
            return
        time.sleep(0.01)
    raise AssertionError(f"never true: {script}")


def fits(page: Page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_the_first_screen_says_who_it_is_and_what_it_does(open_page: Any, viewport: Any) -> None:
    page = open_page(viewport=viewport)
    expect(page.get_by_role("heading", name="您好，我是问津")).to_be_visible()
    expect(page.get_by_text("示例医院，虚构")).to_be_visible()
    expect(page.get_by_role("contentinfo")).to_contain_text("120")
    tiles = page.locator(".tile strong")
    assert tiles.all_inner_texts() == ["挂号", "找路", "吐槽", "陪诊", "查中药快递", "人工"]
    expect(tiles.last).to_be_in_viewport()
    assert fits(page)


def test_a_message_is_delivered_and_answered(open_page: Any) -> None:
    page = open_page()
    send(page, "你好")
    expect(page.locator(".line.out .bubble")).to_have_text("听到了：你好")
    expect(page.locator(".line.mine .under")).to_have_text("已送达")
    expect(page.get_by_role("log")).to_have_attribute("aria-live", "polite")
    assert page.locator("#words").input_value() == ""


def test_everything_can_be_done_with_the_keyboard_alone(open_page: Any, served: Served) -> None:
    page = open_page(viewport=DESK)
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#words")).to_be_focused()
    page.keyboard.type("我想挂号")
    page.keyboard.press("Enter")
    choices = page.get_by_role("group", name="可以直接选").get_by_role("button")
    expect(choices).to_have_count(3)
    for _ in range(4):  # back from the words: 朗读 may stand between
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.className") == "choice":
            break
    while page.evaluate("document.activeElement.textContent") != "1上午 08:30–09:00":
        page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".line.out .bubble").last).to_have_text(BOOKED.text)
    expect(choices.first).to_be_disabled()
    expect(choices.first).to_have_class("choice pressed")
    expect(choices.last).to_be_disabled()
    expect(page.locator("#words")).to_be_focused()
    assert served.heard == ["我想挂号", "/SetSlots(choice=101)#1"]


def test_a_digit_presses_the_numbered_button(open_page: Any, served: Served) -> None:
    page = open_page(viewport=DESK)
    send(page, "挂号")
    expect(page.locator(".choice")).to_have_count(3)
    page.keyboard.press("Alt+Digit2")
    expect(page.locator(".line.out .bubble").last).to_have_text(BOOKED.text)
    assert served.heard[-1] == "/SetSlots(choice=102)#1"


def test_an_answered_question_offers_its_buttons_no_more(open_page: Any) -> None:
    page = open_page()
    send(page, "挂号")
    expect(page.locator(".choice:enabled")).to_have_count(3)
    send(page, "我再想想")
    expect(page.locator(".choice:enabled")).to_have_count(0)
    page.reload()
    expect(page.locator(".choice")).to_have_count(3)
    expect(page.locator(".choice:enabled")).to_have_count(0)


def test_large_type_is_remembered_and_told_to_the_house(open_page: Any) -> None:
    page = open_page()
    page.get_by_role("button", name="大字号").click()
    assert fits(page)
    size = page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)")
    assert size >= 22
    page.reload()
    expect(page.get_by_role("button", name="大字号")).to_have_attribute("aria-pressed", "true")
    send(page, "我在哪")
    expect(page.locator(".line.out .bubble").last).to_contain_text("大字=True")
    page.goto(page.url + "t/OPD-2F-US")
    assert page.evaluate("document.documentElement.dataset.type") == "large"
    assert fits(page)


def test_large_type_asked_for_in_words_enlarges_the_page_and_stays(open_page: Any) -> None:
    page = open_page()
    send(page, "换成大字")
    expect(page.get_by_role("button", name="大字号")).to_have_attribute("aria-pressed", "true")
    send(page, "我在哪")
    expect(page.locator(".line.out .bubble").last).to_contain_text("大字=True")


def test_a_long_answer_is_read_from_its_beginning(open_page: Any) -> None:
    page = open_page()
    send(page, "一\n" * 3 + "很长的话" * 300)
    expect(page.locator(".line.out .bubble")).to_have_count(1)
    expect(page.locator(".line.mine .bubble")).to_be_in_viewport()
    more = page.get_by_role("button", name="下面还有")
    expect(more).to_be_visible()
    before = page.locator("main").evaluate("main => main.scrollTop")
    more.click()
    until(page, "before => document.querySelector('main').scrollTop > before", before)
    page.locator("main").evaluate("main => { main.scrollTop = main.scrollHeight }")
    expect(more).to_be_hidden()
    assert page.evaluate("document.scrollingElement.scrollTop") == 0  # the page itself stands still


@pytest.mark.parametrize("large", [False, True], ids=["normal", "large"])
def test_on_a_phone_nothing_stands_beyond_the_edge(open_page: Any, large: bool) -> None:
    page = open_page()
    if large:
        page.click("#large")
    send(page, "https://很长的地址.example/" + "x" * 200)
    send(page, "看地图")
    expect(page.locator(".thumb img")).to_be_visible()
    send(page, "挂号")
    expect(page.locator(".choice")).to_have_count(3)
    assert fits(page)
    assert page.locator("main").evaluate("main => main.scrollWidth <= main.clientWidth")


def test_a_map_is_shown_and_opens_large(open_page: Any) -> None:
    page = open_page()
    send(page, "看地图")
    picture = page.get_by_role("button", name="门诊二楼路线图，点开看大图")
    expect(picture).to_be_visible()
    until(page, "() => document.querySelector('.thumb img').naturalWidth > 0")
    picture.click()
    expect(page.get_by_role("dialog", name="放大的图")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_message_lost_with_the_line_is_sent_again_and_acts_once(open_page: Any, served: Served) -> None:
    page = open_page()
    lines: list[WebSocketRoute] = []

    def between(line: WebSocketRoute) -> None:
        lines.append(line)
        server = line.connect_to_server()
        first = len(lines) == 1

        def back(frame: Any) -> None:
            if first and ('"taken"' in frame or '"line"' in frame):
                line.close()  # the house has it, and the page does not know
            else:
                line.send(frame)

        server.on_message(back)

    page.route_web_socket("**/chat", between)
    page.reload()
    send(page, "只说一次")
    expect(page.locator(".line.out .bubble")).to_have_text("听到了：只说一次")
    expect(page.locator(".line.mine")).to_have_count(1)
    expect(page.locator(".line.mine .under")).to_have_text("已送达")
    assert len(lines) >= 2 and served.heard == ["只说一次"]


def test_what_was_written_without_a_line_goes_out_when_it_is_back(open_page: Any, served: Served) -> None:
    page = open_page()
    cut = threading.Event()
    lines: list[WebSocketRoute] = []

    def between(line: WebSocketRoute) -> None:
        lines.append(line)
        if cut.is_set():
            line.close()
        else:
            line.connect_to_server()

    page.route_web_socket("**/chat", between)
    page.reload()
    send(page, "一")
    expect(page.locator(".line.out .bubble")).to_have_text("听到了：一")
    cut.set()
    lines[-1].close()
    expect(page.get_by_role("status")).to_contain_text("正在重连")
    send(page, "二")
    expect(page.locator(".line.mine .under").last).to_have_text("等网络好了就发出")
    _post(served.house, "您不在时说的")
    cut.clear()
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator(".line.mine .under").last).to_have_text("已送达")
    expect(page.locator(".line.out .bubble")).to_have_count(3)
    assert sorted(answers(page)) == sorted(["听到了：一", "您不在时说的", "听到了：二"])
    expect(page.get_by_role("status")).to_have_text("")


def test_the_page_behind_a_code_opens_the_chat_with_the_place(open_page: Any, served: Served) -> None:
    page = open_page("/t/OPD-2F-US")
    expect(page.get_by_role("heading", name="门诊二楼彩超候诊区")).to_be_visible()
    assert fits(page)
    page.get_by_label("不留名").check()
    page.get_by_role("button", name="吐槽").click()
    expect(page.locator(".line.mine .bubble")).to_have_text("我要吐槽")
    expect(page.locator("#place")).to_contain_text("门诊二楼彩超候诊区")
    assert page.url == served.url + "/"
    send(page, "我在哪")
    expect(page.locator(".line.out .bubble").last).to_have_text("OPD-2F-US 不留名=True 大字=False")
    page.get_by_role("switch", name="不留名").click()
    send(page, "我在哪")
    expect(page.locator(".line.out .bubble").last).to_have_text("OPD-2F-US 不留名=False 大字=False")
    page.reload()
    expect(page.locator(".line.mine")).to_have_count(3)
    assert served.heard == ["/file_complaint", "我在哪", "我在哪"]


def test_the_page_behind_a_code_speaks_vietnamese_and_large_and_the_chat_goes_on_so(open_page: Any) -> None:
    page = open_page("/t/OPD-2F-US", locale="vi-VN")
    expect(page.get_by_role("button", name="Phàn nàn")).to_be_visible()
    expect(page.get_by_label("Không để tên")).to_be_visible()
    expect(page.get_by_role("heading")).to_have_text("门诊二楼彩超候诊区")  # as on the sign
    page.get_by_role("button", name="Chữ lớn").click()
    assert page.locator("html").get_attribute("data-type") == "large" and fits(page)
    page.get_by_role("button", name="中文").click()
    expect(page.get_by_role("button", name="吐槽")).to_be_visible()
    page.get_by_role("button", name="Tiếng Việt").click()
    page.get_by_role("button", name="Khen ngợi").click()
    expect(page.locator(".line.mine .bubble")).to_have_text("Tôi muốn khen")
    assert page.locator("html").get_attribute("lang") == "vi"
    assert page.locator("html").get_attribute("data-type") == "large"
    page.goto(page.url + "t/NOWHERE")
    expect(page.get_by_role("heading")).to_have_text("Không tìm thấy nơi này")


def test_what_is_said_before_the_history_has_come_stands_after_it(open_page: Any) -> None:
    page = open_page()
    send(page, "早先说的")
    expect(page.locator(".line.out")).to_have_count(1)
    page.goto(page.url + "t/OPD-2F-US")
    page.get_by_role("button", name="表扬").click()
    expect(page.locator(".line.out")).to_have_count(2)
    assert page.locator(".line .bubble").all_inner_texts() == [
        "早先说的",
        "听到了：早先说的",
        "我想表扬",
        "好的，我们来办：give_praise",
    ]


def test_without_scripts_the_pages_still_tell_what_to_do(open_page: Any, served: Served) -> None:
    page = open_page("/t/OPD-2F-US", java_script_enabled=False)
    expect(page.get_by_role("main")).to_contain_text(served.house.hospital.phone)
    page.get_by_role("button", name="吐槽").click()
    # Chromium with scripts switched off from outside parses <noscript> but does not show it
    assert served.house.hospital.phone in page.content().split("<noscript>")[1].split("</noscript>")[0]
    page.goto(served.url + "/t/NOWHERE")
    expect(page.get_by_role("link", name="打开对话")).to_be_visible()


def test_the_key_stays_on_the_device_and_changes_when_somebody_else_uses_it(open_page: Any) -> None:
    page = open_page()
    send(page, "我的私事")
    expect(page.locator(".line.out")).to_have_count(1)
    key = page.evaluate("JSON.parse(localStorage['wenjin.key'])")
    assert len(key) == 43 and key not in page.url and key not in page.content()
    page.click("#open-settings")
    page.click("#forget")
    page.click("#forget")
    until(page, "key => JSON.parse(localStorage['wenjin.key'] ?? 'null') !== key", key)
    expect(page.locator("#welcome")).to_be_visible()
    expect(page.locator(".line")).to_have_count(0)


def test_danger_stands_out_and_120_can_be_tapped(open_page: Any) -> None:
    page = open_page()
    send(page, "我胸痛")
    expect(page.locator(".line.emergency .bubble")).to_contain_text("120")
    expect(page.locator(".line.emergency a[href='tel:120']")).to_be_visible()


def test_the_page_speaks_vietnamese_to_who_reads_it_and_goes_back_at_a_press(
    open_page: Any, served: Served
) -> None:
    page = open_page()
    page.get_by_role("button", name="Tiếng Việt").click()
    expect(page.get_by_role("heading", name="Xin chào, tôi là Wenjin")).to_be_visible()
    assert page.locator("#words").get_attribute("placeholder") == "Bạn cần gì?"
    assert page.evaluate("document.documentElement.lang") == "vi" and fits(page)
    left = page.locator("body").evaluate(
        "body => [...body.querySelectorAll('main [data-door], .sheet button, #chips button, .bottom span')]"
        ".map((one) => one.textContent).filter((text) => /[\\u4e00-\\u9fff]/.test(text))"
    )
    assert left == []
    page.reload()
    expect(page.get_by_role("heading", name="Xin chào, tôi là Wenjin")).to_be_visible()
    page.get_by_role("button", name="中文").click()
    expect(page.get_by_role("heading", name="您好，我是问津")).to_be_visible()


def test_the_narrowest_phone_shows_all_of_the_hospitals_name_in_both_languages(open_page: Any) -> None:
    page = open_page(viewport={"width": 320, "height": 640})
    for _ in range(2):
        assert fits(page)
        assert page.locator(".top").evaluate("top => top.offsetHeight") < 110
        page.locator("#language").click()


def _post(house: House, text: str) -> None:
    """Something the clock says to the contact who wrote last."""

    def work(session: Any) -> None:
        desk = house.desk(session)
        newest = max(one.contact_id for one in list_conversations(desk))
        post(desk, contact_id=newest, replies=[{"text": text}], author="clock")

    house.writers.call(lambda: house.writers.transaction(work))
    house.bell.ring()
