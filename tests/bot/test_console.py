"""The staff console without a browser: sessions, roles, conversations, boards, audit, each as the server decides it."""

from __future__ import annotations

import asyncio
import datetime as dt
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.channels.message import Message
from bot.clock import Clock
from bot.console import companions as roster
from bot.console import talking
from bot.console.accounts import close_account, list_accounts, renew_link
from bot.console.boards import BOARDS, Card
from bot.console.boards.board import read_steps
from bot.console.door import read_secret
from bot.console.followups import list_enrolled
from bot.console.talks import Detail, list_entries, read_detail
from bot.console.unsent import list_undelivered
from bot.console.visitors import Gone, Turnstile, Visitor, log_in
from bot.hours import MovingHours
from bot.house import House
from bot.transcripts import Theatre
from bot.transcripts.world import change_world
from services import Desk, handovers, messages, outbox, staff, talk
from services.alarms import list_alarms, raise_alarm
from services.companions import enrol_roster
from services.contacts import find_contact, get_or_create_contact
from services.errors import Invalid, NotAllowed, NotFound, Taken, WrongState
from services.history import list_reveals
from services.overview import count_figures
from services.promises import drop_late, promise
from tests.conftest import NOW

PASSWORD = "一条大河波浪宽风吹稻花"


@pytest.fixture
def stage(theatre: Theatre) -> Iterator[tuple[House, MovingHours]]:
    with theatre.stage(NOW) as stage:
        yield stage


@pytest.fixture
def house(stage: tuple[House, MovingHours]) -> House:
    return stage[0]


@pytest.fixture
def hours(stage: tuple[House, MovingHours]) -> MovingHours:
    return stage[1]


def say(house: House, text: str, *, sender: str = "甲") -> list[str]:
    message = Message("rest", sender, text)
    return [one.text for one in house.writers.call(lambda: house.turns.handle(message))]


def write(house: House, work: Callable[[Desk], Any], *, actor: str = "assistant") -> Any:
    return house.writers.call(
        lambda: house.writers.transaction(lambda session: work(house.desk(session, actor=actor)))
    )


def world(house: House, *lines: str) -> None:
    for line in lines:
        write(house, lambda desk, line=line: change_world(desk, line, channel="rest"))


def contact_of(house: House, sender: str = "甲") -> int:
    found = house.read_now(lambda desk: find_contact(desk, channel="rest", sender=sender))
    assert found is not None
    return found.id


def detail(house: House, sender: str = "甲") -> Detail:
    return house.read_now(lambda desk: read_detail(desk, house, contact_id=contact_of(house, sender)))


def state(house: House, sender: str = "甲") -> dict[str, Any]:
    found = house.read_now(
        lambda desk: messages.load_conversation(desk, contact_id=contact_of(house, sender))
    )
    assert found is not None
    return found


def employ(house: House, login: str, role: str) -> int:
    """An account with its password set."""

    def work(desk: Desk) -> int:
        one, token = staff.add_staff(desk, login=login, name=f"{login}师傅", role=role)
        staff.redeem_setup_link(desk, token=token, password=PASSWORD)
        return one.id

    return write(house, work)


async def enter(house: House, login: str) -> tuple[Visitor, dict[str, Any]]:
    session: dict[str, Any] = {}
    assert await log_in(house, session, login=login, password=PASSWORD, mark="mark")
    return Visitor(house, session, "mark"), session


def card(house: House, board: str, kind: str | None = None) -> Card:
    one = BOARDS[board]
    (found,) = house.read_now(lambda desk: one.cards(desk, kind=kind or one.kinds[0][0]))
    return found


def move(house: House, board: str, stage: str, *, by: int, role: str = "service", **fields: Any) -> None:
    one = card(house, board)
    write(
        house,
        lambda desk: BOARDS[board].move(
            desk, card_id=one.id, stage=stage, fields=fields, staff_id=by, role=role
        ),
        actor=f"staff:{by}",
    )


# who is there


async def test_a_wrong_password_opens_nothing(house: House) -> None:
    employ(house, "lihuan", "service")
    session: dict[str, Any] = {}
    assert not await log_in(house, session, login="lihuan", password="不是这一个密码", mark="mark")
    assert not await log_in(house, session, login="nobody", password=PASSWORD, mark="mark")
    assert session == {}
    with pytest.raises(Gone):
        await Visitor(house, session, "mark").who()


async def test_five_wrong_passwords_lock_the_account_for_a_while(house: House, hours: MovingHours) -> None:
    employ(house, "lihuan", "service")
    for _ in range(5):
        await log_in(house, {}, login="lihuan", password="错的错的错的错的", mark="mark")
    assert not await log_in(house, {}, login="lihuan", password=PASSWORD, mark="mark")
    hours.time += dt.timedelta(minutes=16)
    assert await log_in(house, {}, login="lihuan", password=PASSWORD, mark="mark")


async def test_a_session_ends_after_hours_without_an_action_and_not_before(
    house: House, hours: MovingHours
) -> None:
    employ(house, "lihuan", "service")
    visitor, _ = await enter(house, "lihuan")
    hours.time += dt.timedelta(hours=7)
    assert (await visitor.who()).login == "lihuan"
    visitor.stay()
    hours.time += dt.timedelta(hours=7)
    await visitor.read("conversations", list_entries)
    hours.time += dt.timedelta(hours=2)  # looking on is no action
    with pytest.raises(Gone):
        await visitor.read("conversations", list_entries)


async def test_a_closed_account_and_a_new_password_end_every_open_session(house: House) -> None:
    boss = employ(house, "boss", "admin")
    one = employ(house, "lihuan", "service")
    visitor, _ = await enter(house, "lihuan")
    token = write(house, lambda desk: renew_link(desk, staff_id=one), actor=f"staff:{boss}")
    assert (await visitor.who()).id == one  # the old password holds until the link is used
    write(house, lambda desk: staff.redeem_setup_link(desk, token=token, password=PASSWORD + "新"))
    with pytest.raises(Gone):
        await visitor.who()

    other, _ = await enter(house, "boss")
    write(house, lambda desk: staff.close_staff(desk, staff_id=boss))
    with pytest.raises(Gone):
        await other.write("staff", list_accounts)


async def test_a_session_is_worth_nothing_in_a_browser_that_did_not_log_in(house: House) -> None:
    employ(house, "lihuan", "service")
    _, session = await enter(house, "lihuan")
    for mark in ("", "planted"):
        with pytest.raises(Gone):
            await Visitor(house, session, mark).who()


async def test_what_the_role_does_not_permit_is_refused_by_the_server(house: House) -> None:
    employ(house, "yaofang", "pharmacy")
    employ(house, "shuzi", "observer")
    world(house, "甲 投诉 OPD-2F-US 等了三个小时")
    pharmacist, _ = await enter(house, "yaofang")
    board = BOARDS["complaints"]
    with pytest.raises(NotAllowed):
        await pharmacist.read("complaints", lambda desk: board.cards(desk, kind="complaint"))
    with pytest.raises(NotAllowed):
        await pharmacist.write(
            "staff", lambda desk: staff.add_staff(desk, login="x1", name="某", role="admin")
        )
    with pytest.raises(NotAllowed):
        await pharmacist.write("reveal", lambda desk: pytest.fail("done without permission"))
    assert await pharmacist.read("herbs", lambda desk: BOARDS["herbs"].cards(desk, kind="all")) == ()
    observer, _ = await enter(house, "shuzi")
    for permission in ("conversations", "alarms", "herbs", "reveal", "staff"):
        with pytest.raises(NotAllowed):
            await observer.read(permission, lambda desk: pytest.fail("read without permission"))


def test_failed_tries_to_log_in_are_counted_by_address_and_minute() -> None:
    time = [0.0]
    turnstile = Turnstile(3, clock=lambda: time[0])
    assert [turnstile.let("10.0.0.1") for _ in range(4)] == [True, True, True, False]
    for _ in range(9):  # right ones do not count
        assert turnstile.let("10.0.0.2")
        turnstile.forgive("10.0.0.2")
    time[0] = 61
    assert turnstile.let("10.0.0.1")


def test_nobody_closes_himself_or_the_last_administrator(house: House) -> None:
    first, second = employ(house, "first", "admin"), employ(house, "second", "admin")
    with pytest.raises(NotAllowed, match="oneself"):
        write(house, lambda desk: close_account(desk, staff_id=first), actor=f"staff:{first}")
    write(house, lambda desk: close_account(desk, staff_id=second), actor=f"staff:{first}")
    with pytest.raises(NotAllowed, match="last_admin"):
        write(house, lambda desk: close_account(desk, staff_id=first), actor="staff:99")


def test_the_cookie_key_is_made_once_and_for_the_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "session.key"
    secret = read_secret(file)
    assert len(secret) >= 32 and read_secret(file) == secret
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [file]


def test_commands_and_the_application_do_without_the_toolkit(root: Path) -> None:
    code = "import bot.app, bot.commands, sys; raise SystemExit('nicegui' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0


# conversations


def test_a_person_takes_over_is_heard_and_hands_back_at_the_very_question(house: House) -> None:
    one = employ(house, "lihuan", "service")
    say(house, "我想挂骨科明天上午的号")
    contact_id, before = contact_of(house), state(house)
    assert before["requested_slot"]

    write(
        house,
        lambda desk: talking.take_over(desk, house, contact_id=contact_id, staff_id=one),
        actor=f"staff:{one}",
    )
    assert state(house)["paused"] and detail(house).holder == "lihuan师傅"
    write(
        house,
        lambda desk: talking.write(
            desk, contact_id=contact_id, staff_id=one, text="骨科明天号不多，我帮您留意。"
        ),
        actor=f"staff:{one}",
    )
    heard = say(house, "好")
    assert len(heard) == 2 and "工作人员" in heard[0] and heard[1] == "骨科明天号不多，我帮您留意。"
    assert say(house, "韦建江") == []  # the assistant keeps silent

    write(
        house,
        lambda desk: talking.hand_back(desk, house, contact_id=contact_id, staff_id=one),
        actor=f"staff:{one}",
    )
    after = state(house)
    assert not after["paused"] and after["requested_slot"] == before["requested_slot"]
    resumed = [line.text for line in detail(house).lines if line.speaker == "assistant"]
    assert "您想看哪位" in resumed[-1] and detail(house).handover is None


def test_taking_over_pauses_and_records_together_or_not_at_all(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = employ(house, "lihuan", "service")
    say(house, "我想挂骨科明天上午的号")
    contact_id = contact_of(house)

    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("killed")

    monkeypatch.setattr(outbox, "post", fail)
    with pytest.raises(RuntimeError):
        write(house, lambda desk: talking.take_over(desk, house, contact_id=contact_id, staff_id=one))
    assert not state(house)["paused"] and detail(house).handover is None


def test_a_conversation_has_one_person_at_a_time(house: House) -> None:
    one, two = employ(house, "lihuan", "service"), employ(house, "mo", "service")
    say(house, "转人工")
    contact_id = contact_of(house)

    def take(by: int, *, instead: bool = False) -> None:
        write(
            house,
            lambda desk: talking.take_over(desk, house, contact_id=contact_id, staff_id=by, instead=instead),
            actor=f"staff:{by}",
        )

    take(one)
    take(one)  # pressed twice
    told = [line for line in detail(house).lines if line.speaker == "staff"]
    assert len(told) == 1
    with pytest.raises(Taken):
        take(two)
    for act in (
        lambda desk: talking.write(desk, contact_id=contact_id, staff_id=two, text="您好"),
        lambda desk: talking.hand_back(desk, house, contact_id=contact_id, staff_id=two),
    ):
        with pytest.raises(Taken):
            write(house, act)
    take(two, instead=True)
    assert detail(house).staff_id == two and state(house)["paused"]
    assert [line for line in detail(house).lines if line.speaker == "staff"] == told
    with pytest.raises(Taken):
        write(house, lambda desk: talking.write(desk, contact_id=contact_id, staff_id=one, text="还在"))


def test_nobody_writes_without_having_taken_over_and_nothing_empty(house: House) -> None:
    one = employ(house, "lihuan", "service")
    say(house, "你好")
    contact_id = contact_of(house)
    with pytest.raises(WrongState):
        write(house, lambda desk: talking.write(desk, contact_id=contact_id, staff_id=one, text="您好"))
    write(house, lambda desk: talking.take_over(desk, house, contact_id=contact_id, staff_id=one))
    for text in ("  ", "长" * 2001):
        with pytest.raises(Invalid):
            write(
                house,
                lambda desk, text=text: talking.write(desk, contact_id=contact_id, staff_id=one, text=text),
            )


def test_who_waits_for_a_person_stands_first_and_says_how_long(house: House, hours: MovingHours) -> None:
    say(house, "转人工", sender="甲")
    hours.time += dt.timedelta(minutes=7)
    say(house, "转人工", sender="乙")
    say(house, "你好", sender="丙")
    write(
        house,
        lambda desk: handovers.call_person(
            desk, contact_id=contact_of(house, "乙"), reason="onsite_help", urgent=True
        ),
    )
    entries = house.read_now(list_entries)
    assert [one.contact_id for one in entries] == [contact_of(house, who) for who in ("乙", "甲", "丙")]
    assert [one.minutes for one in entries[:2]] == [0, 7]
    figures = house.read_now(count_figures)
    assert figures.waiting == 2 and figures.waiting_since == NOW


def test_a_danger_marks_the_conversation_until_somebody_acknowledges_it(house: House) -> None:
    say(house, "我爸胸口痛得厉害，出大汗")
    assert house.read_now(list_entries)[0].danger
    assert detail(house).alarms[0][3] == ""


def test_names_phones_and_numbers_are_covered_and_markup_stays_words(house: House) -> None:
    world(house, "甲 就诊人 覃小芳")
    say(house, "我叫覃小芳，电话10000001234 <img src=x onerror=alert(1)>")
    entry, talk = house.read_now(list_entries)[0], detail(house)
    assert entry.name == "覃*芳" and talk.patients[0].name == "覃*芳"
    for text in (entry.words, talk.lines[0].text):
        assert "覃小芳" not in text and "10000001234" not in text
    assert talk.lines[0].covered and "<img src=x" in talk.lines[0].text
    assert "覃小芳" not in str(talk.affairs)


def test_every_reveal_wants_a_reason_and_is_written_down(house: House) -> None:
    one = employ(house, "lihuan", "service")
    world(house, "甲 就诊人 覃小芳")
    say(house, "我的电话10000001234")
    contact_id, talk = contact_of(house), detail(house)

    def show(reason: str) -> str:
        return write(
            house,
            lambda desk: talking.reveal_patient(
                desk, contact_id=contact_id, patient_id=talk.patients[0].id, field="name", reason=reason
            ),
            actor=f"staff:{one}",
        )

    with pytest.raises(Invalid):
        show("  ")
    assert show("核对陪诊名单") == "覃小芳"
    bare = write(
        house,
        lambda desk: talking.reveal_line(
            desk, contact_id=contact_id, key=talk.lines[0].key, reason="给患者回电话"
        ),
        actor=f"staff:{one}",
    )
    assert "10000001234" in bare
    audit = house.read_now(lambda desk: [(r.field, r.actor, r.reason) for r in list_reveals(desk)])
    assert audit == [("body", f"staff:{one}", "给患者回电话"), ("name", f"staff:{one}", "核对陪诊名单")]
    with pytest.raises(NotFound):
        write(
            house,
            lambda desk: talking.reveal_patient(
                desk, contact_id=contact_id + 99, patient_id=talk.patients[0].id, field="name", reason="看看"
            ),
        )


# boards


def test_the_board_moves_a_complaint_and_the_patient_hears_of_each_step(
    house: House, hours: MovingHours
) -> None:
    one = employ(house, "lihuan", "service")
    world(house, "甲 投诉 OPD-2F-US 等了三个小时没有人管")
    number = card(house, "complaints").number
    move(house, "complaints", "investigating", by=one)
    Clock(house).tick()
    heard = say(house, "你好")
    assert number in heard[0] and "正在调查" in heard[0]
    hours.time += dt.timedelta(hours=1)
    with pytest.raises(Invalid):
        move(house, "complaints", "answered", by=one, answer="  ")
    move(house, "complaints", "answered", by=one, answer="已经加派人手，向您道歉。")
    Clock(house).tick()
    assert "已经加派人手，向您道歉。" in "".join(say(house, "你好"))
    board, shown = BOARDS["complaints"], card(house, "complaints")
    steps = house.read_now(lambda desk: read_steps(desk, board, card_id=shown.id))
    assert [(step.name, step.who) for step in steps[1:]] == [
        ("接手", "lihuan师傅"),
        ("正在调查", "lihuan师傅"),
        ("已答复", "lihuan师傅"),
    ]


def test_who_takes_a_complaint_first_keeps_it(house: House) -> None:
    one, two, boss = (
        employ(house, "lihuan", "service"),
        employ(house, "mo", "service"),
        employ(house, "boss", "manager"),
    )
    world(house, "甲 投诉 OPD-2F-US 等了三个小时")
    move(house, "complaints", "first_contact", by=one)
    for fields in ({}, {"instead": True}):
        with pytest.raises(Taken):
            move(house, "complaints", "investigating", by=two, **fields)
    assert card(house, "complaints").stage == "first_contact"
    move(house, "complaints", "", by=boss, role="manager", instead=True)
    assert card(house, "complaints").holder_id == boss


def test_only_stages_that_may_follow_are_offered_and_taken(house: House) -> None:
    one = employ(house, "lihuan", "manager")
    world(house, "甲 投诉 OPD-2F-US 等了三个小时", "甲 陪诊 王五 3月12日 09:00 轮椅", "甲 中药 王五 7剂 自取")
    stages = ["first_contact", "investigating", "closed", "transfer", "question"]
    assert [m.stage for m in card(house, "complaints").moves] == stages
    stages = ["assign:rule", "accepted", "rejected", "cancelled", "assign:others"]
    assert [m.stage for m in card(house, "escorts").moves] == stages
    assert [m.stage for m in card(house, "herbs").moves] == ["checked", "cancelled"]
    for board, stage in (("complaints", "answered"), ("escorts", "completed"), ("herbs", "packed")):
        with pytest.raises(WrongState):
            move(house, board, stage, by=one, answer="好")


def test_an_anonymous_complaint_tells_nobody_whose_it_is(house: House) -> None:
    world(house, "甲 就诊人 覃小芳")
    say(house, "你好")
    contact_id = contact_of(house)
    text = "护士站的人说话特别难听，我不想让他们知道是我"

    def file(desk: Desk) -> str:
        from services.complaints import file_complaint

        return file_complaint(desk, contact_id=contact_id, text=text, anonymous=True).order_number

    number = write(house, file)
    write(
        house,
        lambda desk: outbox.post(desk, contact_id=contact_id, replies=[{"text": f"收到了，单号 {number}。"}]),
    )
    message = Message("rest", "甲", text)
    write(
        house,
        lambda desk: messages.receive(
            desk, channel="rest", sender="甲", message_id="anonymous", body={"text": message.text}
        ),
    )
    shown = card(house, "complaints")
    assert shown.contact_id is None and shown.secrets == () and "匿名" in shown.tags
    talk = detail(house)
    assert number not in str(talk) and text not in str(talk)
    assert all(one.kind != "complaint" for one in talk.affairs)
    key = next(line.key for line in talk.lines if line.key.startswith("in:") and "匿名" in line.text)
    bare = write(
        house,
        lambda desk: talking.reveal_line(desk, contact_id=contact_id, key=key, reason="想知道是谁"),
    )
    assert text not in bare


def test_an_escort_gets_a_companion_and_the_patient_is_told(house: House) -> None:
    one = employ(house, "mo", "nurse")
    world(house, "甲 陪诊 王五 3月11日 15:00 轮椅")
    for fields in ({"companion": "志愿者小莫"}, {"reason": "家属点名要他"}):
        with pytest.raises(Invalid):
            move(house, "escorts", "assign:others", by=one, **fields)
    fields = {"companion": "志愿者小莫", "companion_phone": "10000009999", "reason": "家属点名要他"}
    move(house, "escorts", "assign:others", by=one, **fields)
    Clock(house).tick()
    assert "志愿者小莫" in "".join(say(house, "你好"))
    move(house, "escorts", "in-progress", by=one)
    move(house, "escorts", "step:examination", by=one)
    assert card(house, "escorts").text == "陪着做检查"
    move(house, "escorts", "completed", by=one)
    assert [m.stage for m in card(house, "escorts").moves] == ["back"]


def test_an_escort_begun_by_mistake_is_taken_back_with_a_reason(house: House) -> None:
    one = employ(house, "mo", "nurse")
    write(house, enrol_roster)
    world(house, "甲 陪诊 王五 3月11日 15:00 轮椅")
    move(house, "escorts", "assign:rule", by=one)
    move(house, "escorts", "in-progress", by=one)
    (back,) = [m for m in card(house, "escorts").moves if m.stage == "back"]
    assert back.label == "点错了，还没碰头"
    with pytest.raises(Invalid):
        move(house, "escorts", "back", by=one)
    move(house, "escorts", "back", by=one, reason="点到下面那张卡了")
    shown = card(house, "escorts")
    assert shown.stage == "accepted" and "in-progress" in [m.stage for m in shown.moves]
    last = write(house, lambda desk: read_steps(desk, BOARDS["escorts"], card_id=shown.id))[-1]
    assert (last.name, last.note) == ("已安排", "点到下面那张卡了")
    assert last.who not in ("系统", "患者")


def test_a_person_overrules_who_the_rule_would_send_and_says_why(house: House) -> None:
    one = employ(house, "mo", "nurse")
    write(house, enrol_roster)
    world(house, "甲 陪诊 王五 3月12日 09:00 轮椅")
    move(house, "escorts", "assign:rule", by=one)
    first = card(house, "escorts").holder
    (again,) = [m for m in card(house, "escorts").moves if m.stage == "accepted"]
    names = again.fields[0].choices
    assert again.label == "改派" and again.fields[0].value.startswith(first)
    assert "培训过期" in next(name for name in names if name.startswith("莫竹音"))
    other = next(name for name in names if not name.startswith(first))
    with pytest.raises(Invalid):
        move(house, "escorts", "accepted", by=one, companion=other)
    with pytest.raises(NotAllowed):
        move(house, "escorts", "accepted", by=one, companion="莫竹音", reason="家属点名")
    move(house, "escorts", "accepted", by=one, companion=other, reason="家属点名")
    assert card(house, "escorts").holder == other.split(" #")[0]


def test_a_call_for_help_rings_until_somebody_goes_and_the_next_is_asked_when_he_cannot(house: House) -> None:
    one = employ(house, "mo", "nurse")
    write(house, enrol_roster)
    say(house, "我在门诊五楼走不动了，快来个人")
    shown = card(house, "help")
    assert (shown.title, shown.text, shown.due) == ("门诊五楼", "陆星野", "3:00 后叫下一位")
    assert [alarm.kind for alarm in house.read_now(list_alarms)] == ["onsite_help"]
    with pytest.raises(Invalid):
        move(house, "help", "decline", by=one)
    move(house, "help", "decline", by=one, reason="在送别的患者")
    assert card(house, "help").text == "农安坪"
    move(house, "help", "accepted", by=one)
    assert house.read_now(list_alarms) == []
    move(house, "help", "in-progress", by=one)
    move(house, "help", "completed", by=one)
    assert card(house, "help").moves == ()


def test_a_wheelchair_goes_out_and_comes_back_at_the_other_point(house: House) -> None:
    one = employ(house, "mo", "nurse")
    world(house, "甲 借用 轮椅")
    facts = dict(card(house, "loans").facts)
    assert facts["现在还有"] == "门诊一楼轮椅借用点 39，住院部一楼轮椅平车借用点 20"
    move(house, "loans", "in-progress", by=one)
    move(house, "loans", "completed", by=one, place="住院部一楼轮椅平车借用点")
    facts = dict(card(house, "loans").facts)
    assert facts["现在还有"] == "门诊一楼轮椅借用点 39，住院部一楼轮椅平车借用点 21"


def test_a_ride_gets_a_driver_and_shows_what_is_left_of_its_hour(house: House) -> None:
    one = employ(house, "mo", "nurse")
    world(house, "甲 接送 王五 3月12日 10:00 从江滨院区送到东湖院区 平车")
    assert dict(card(house, "transfers").facts)["这个钟头还有"] == "座位 8，平车位 0"
    with pytest.raises(Invalid):
        move(house, "transfers", "accepted", by=one, driver="莫师傅")
    move(house, "transfers", "accepted", by=one, driver="莫师傅", driver_phone="10000005690")
    move(house, "transfers", "in-progress", by=one)
    move(house, "transfers", "completed", by=one)
    assert card(house, "transfers").moves == ()


def test_the_roster_is_kept_in_the_console_with_a_reason_for_every_change(house: House) -> None:
    employ(house, "mo", "nurse")
    write(house, enrol_roster)
    fields = {
        "code": "lan-01",
        "name": "蓝小荷",
        "phone": "10000005699",
        "kind": "志愿者",
        "duties": "陪诊、求助值班",
        "post": "导诊台",
        "shifts": "工作日 08:00-12:00",
        "languages": "普通话、壮话",
        "skills": "wheelchair",
        "trained_until": "2026-03-20",
    }
    new = write(house, lambda desk: roster.add_person(desk, fields))
    found = {one.id: one for one in house.read_now(roster.list_persons)}
    assert (found[new].training, found[new].on_shift, found[new].post) == (
        "soon",
        True,
        "门诊一楼导诊台（一站式服务中心）",
    )
    for wrong in ({"shifts": "随便"}, {"languages": "火星话"}, {"trained_until": "明年"}, {"reason": ""}):
        with pytest.raises(Invalid):
            given = {"reason": "换班", **wrong}
            write(house, lambda desk, given=given: roster.change_person(desk, companion_id=new, fields=given))
    write(
        house, lambda desk: roster.set_person_state(desk, companion_id=new, state="away", reason="家里有事")
    )
    assert {one.id: one.state for one in house.read_now(roster.list_persons)}[new] == "请假"


def test_herbs_are_handed_over_with_a_tracking_number_the_patient_can_use(house: House) -> None:
    one = employ(house, "yaofang", "pharmacy")
    world(house, "甲 中药 王五 7剂 桂江市青山路18号3栋502")
    assert card(house, "herbs").secrets[-1][2] == "桂江市青山路…"
    for stage in ("checked", "packed"):
        move(house, "herbs", stage, by=one)
    assert [m.stage for m in card(house, "herbs").moves] == ["handed_over"]  # not to be fetched: it is sent
    with pytest.raises(Invalid):
        move(house, "herbs", "handed_over", by=one, courier="顺丰速运")
    move(house, "herbs", "handed_over", by=one, courier="顺丰速运", tracking_number="SF10000001")
    Clock(house).tick()
    assert "SF10000001" in "".join(say(house, "你好"))


# what was not sent, follow-ups


def test_what_was_not_sent_is_shown_with_its_reason(house: House) -> None:
    def spoil(desk: Desk) -> None:
        contact = get_or_create_contact(desk, channel="telegram", sender="5001")
        outbox.post(desk, contact_id=contact.id, replies=[{"text": "明天上午就诊"}])
        (line,) = talk.list_lines(desk, contact_id=contact.id)
        outbox.mark_failed(desk, outbox_id=line.id, error="undeliverable: blocked by the user")
        day = dt.timedelta(days=1)
        promise(
            desk,
            contact_id=contact.id,
            kind="appointment_reminder",
            due_at=desk.now - day,
            drop_after=desk.now - day / 2,
            subject="appointment:1",
        )
        drop_late(desk)

    write(house, spoil)
    found = house.read_now(list_undelivered)
    assert {(one.what, one.channel) for one in found} == {("消息", "电报"), ("就诊提醒", "电报")}
    assert any("blocked by the user" in one.why for one in found) and any(
        "过了有用的时间" in one.why for one in found
    )
    assert house.read_now(count_figures).unsent == 2


def test_follow_ups_show_the_red_ones_first(house: House, hours: MovingHours) -> None:
    world(house, "甲 出院 张三 2026-03-10", "乙 出院 李四 2026-03-10")
    everyone = house.read_now(list_enrolled)
    last = everyone[-1]

    def worsen(desk: Desk) -> None:
        from services.followups import list_tasks

        task = list_tasks(desk, follow_up_id=last.id)[0]
        task.status, task.level = "answered", "alarm"
        desk.session.add(task)

    write(house, worsen)
    first = house.read_now(list_enrolled)[0]
    assert first.id == last.id and first.level == "alarm" and first.name.endswith("*")
    assert [one.day for one in first.days] == [1, 3, 7, 14]


async def test_an_alarm_is_acknowledged_by_one_name(house: House) -> None:
    from services.alarms import acknowledge_alarm

    for login in ("lihuan", "mo"):
        employ(house, login, "service")
    alarm = write(house, lambda desk: raise_alarm(desk, kind="emergency", words=["胸痛"]))
    visitors = [(await enter(house, login))[0] for login in ("lihuan", "mo")]
    won = await asyncio.gather(
        *(one.write("alarms", lambda desk: acknowledge_alarm(desk, alarm_id=alarm.id)) for one in visitors)
    )
    assert sorted(won) == [False, True]
    (kept,) = house.read_now(lambda desk: list_alarms(desk, status=None))
    assert kept.acknowledged_by == f"staff:{(await visitors[won.index(True)].who()).id}"


def test_a_nurse_writes_down_a_call_and_the_row_wants_no_other(house: House) -> None:
    from bot.console.followups import note_telephone

    world(house, "甲 出院 张三 2026-03-03")
    (one,) = house.read_now(list_enrolled)
    assert one.to_call and one.days[0].status == "skipped"
    given = {"reached": "打通了", "said": "恢复得好，能下地走", "level": "平稳"}
    write(house, lambda desk: note_telephone(desk, task_id=one.days[0].id, fields=given))
    (one,) = house.read_now(list_enrolled)
    assert not one.to_call and [day.status for day in one.days[:2]] == ["called", "called"]
    assert one.days[0].calls[0][3] == "恢复得好，能下地走"


def test_the_desk_lends_a_wheelchair_to_somebody_without_a_chat(house: House) -> None:
    board = BOARDS["loans"]
    opening = board.opening(house.hospital)
    piece = opening.fields[0].choices[0]
    given = {"piece": piece, "borrower": "韦大山", "phone": "10000001234"}
    write(house, lambda desk: board.begin(desk, fields=given))
    (card,) = house.read_now(lambda desk: board.cards(desk, kind="all"))
    assert card.stage == "in-progress" and card.tags == ("窗口借出",) and card.contact_id is None
    assert [word for _, _, word in card.secrets] == ["韦*山", "100****1234"]
    move = card.moves[0]
    write(
        house,
        lambda desk: board.move(
            desk, card_id=card.id, stage=move.stage, fields={}, staff_id=1, role="service"
        ),
    )
    (card,) = house.read_now(lambda desk: board.cards(desk, kind="all"))
    assert card.stage == "completed" and card.secrets == ()


def test_a_loan_card_says_whose_it_is_and_is_found_by_name_number_or_phone(house: House) -> None:
    board = BOARDS["loans"]
    world(house, "rest:甲 就诊人 覃小芳", "rest:甲 借用 轮椅")
    piece = board.opening(house.hospital).fields[0].choices[0]
    given = {"piece": piece, "borrower": "韦大山", "phone": "10000005678"}
    write(house, lambda desk: board.begin(desk, fields=given))
    cards = house.read_now(lambda desk: board.cards(desk, kind="all"))
    by_desk, by_chat = sorted(cards, key=lambda one: one.contact_id or 0)
    assert by_desk.title.endswith("韦*山") and by_chat.title.endswith("覃*芳")
    for words in ("韦大山", "0005678", by_desk.number.lower(), "轮椅 韦大"):
        assert [one.number for one in cards if one.answers_to(words)] == [by_desk.number]


def test_an_abnormal_result_that_nobody_hears_of_is_telephoned_from_its_board(house: House) -> None:
    from services.sampling import take_result

    write(
        house,
        lambda desk: take_result(
            desk,
            external_id="L1",
            name="韦大山",
            phone="10000001234",
            sampled_on=dt.date(2026, 3, 10),
            items=[{"name": "血糖", "value": "12", "unit": "mmol/L", "range": "3.9–6.1", "abnormal": True}],
        ),
    )
    board = BOARDS["sampling"]
    (card,) = house.read_now(lambda desk: board.cards(desk, kind="call"))
    assert card.tags == ("要打电话",) and "韦大山" not in str(card)
    assert house.read_now(lambda desk: [one.kind for one in list_alarms(desk)]) == ["sampling_unreached"]
    said = {"said": "接电话的是女儿，说明天带来看内分泌科"}

    def work(stage: str) -> None:
        write(
            house,
            lambda desk: board.move(
                desk, card_id=card.id, stage=stage, fields=said, staff_id=1, role="nurse"
            ),
        )

    work("called")
    assert house.read_now(list_alarms) == []
    assert house.read_now(lambda desk: board.cards(desk, kind="call")) == ()
    work("seen")
    (card,) = house.read_now(lambda desk: board.cards(desk, kind="all"))
    assert card.stage == "seen" and card.moves == ()
    steps = house.read_now(lambda desk: read_steps(desk, board, card_id=card.id))
    assert [one.name for one in steps][1:] == ["打了电话", "看过医生"]
