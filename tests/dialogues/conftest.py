"""A small world for the engine: a hospital of three departments, two little flows, the real patterns."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rasa_sdk import Action

import dialogues
from dialogues import Assistant, Conversation, Turn, load_book
from dialogues.actions import REGISTRY, DeskAction
from dialogues.actions.faq import AnswerFaq
from intents.understanding import FaqMatch, IntentScore, Request, Understanding
from services.desk import Desk
from services.errors import NotAllowed

ROOM = Path(dialogues.__file__).parent
NOW = dt.datetime(2026, 3, 11, 9)

FLOWS = """
flows:
  book_appointment:
    name: 预约挂号
    nlu_trigger:
      - intent: book_appointment
    absorbs: [query_schedule, reschedule_appointment]
    persisted_slots: [relation]
    on_cancel: action_test_release
    steps:
      - collect: department
        rejections:
          - if: slots.department == "急诊科"
            utter: utter_test_walk_in
      - collect: date
      - call: test_who
      - action: action_test_look
      - collect: confirmation
        next:
          - if: slots.confirmation
            then:
              - action: action_test_book
                next: END
          - else:
              - action: utter_test_left
                next: END

  test_who:
    name: 就诊人
    steps:
      - collect: relation
      - collect: phone
        ask_before_filling: true

  ask_route:
    name: 院内问路
    nlu_trigger:
      - intent: ask_route
    steps:
      - collect: place
      - action: utter_test_way

  file_complaint:
    name: 意见反馈
    nlu_trigger:
      - intent: file_complaint
        # a threshold of its own
    steps:
      - collect: complaint_text
        free_text: true
      - collect: age
        optional: true
      - action: utter_test_heard

  query_bill:
    name: 查费用
    nlu_trigger:
      - intent: query_bill
    steps:
      - action: action_test_refused

  goodness:
    name: 绕圈子
    nlu_trigger:
      - intent: give_praise
    steps:
      - id: around
        set_slots:
          - choice: round
        next:
          - if: slots.choice == "square"
            then: END
          - else: around
"""

REPLIES = """
responses:
  utter_ask_department:
    - text: 想挂哪个科？
      buttons:
        - {title: 骨科, payload: /SetSlots(department=骨科)}
        - {title: 儿科, payload: /SetSlots(department=儿科)}
  utter_ask_date:
    - text: 哪一天来？
  utter_ask_relation:
    - text: 给谁看？
      buttons:
        - {title: 本人, payload: /SetSlots(relation=本人)}
        - {title: 母亲, payload: /SetSlots(relation=母亲)}
  utter_ask_phone:
    - text: 电话是多少？
  utter_ask_confirmation:
    - text: "{department}，{date}，确认吗？"
      buttons:
        - {title: 确认, payload: /SetSlots(confirmation=true)}
        - {title: 再想想, payload: /SetSlots(confirmation=false)}
  utter_test_walk_in:
    - text: 急诊科不用预约，直接来就行。
  utter_test_looked:
    - text: "{date}还有{count}个号。"
  utter_test_booked:
    - text: 已预约：{department}，{date}。
  utter_test_left:
    - text: 好的，没有预约。
  utter_ask_place:
    - text: 您要去哪里？
  utter_test_way:
    - text: 去{place}：直走。
  utter_ask_complaint_text:
    - text: 请说说是什么事。
  utter_ask_age:
    - text: 多大年纪？不方便说可以不说。
  utter_test_heard:
    - text: 记下了：{complaint_text}
"""


class Look(DeskAction, name="action_test_look"):
    def perform(self, desk: Desk, slots: Any, say: Any) -> Mapping[str, Any]:
        say("utter_test_looked", count=2)
        return {"confirmation": None}


class Book(DeskAction, name="action_test_book"):
    booked: list[tuple[Any, ...]] = []

    def perform(self, desk: Desk, slots: Any, say: Any) -> Mapping[str, Any]:
        self.booked.append((slots.contact_id, slots["department"], slots["date"]))
        say("utter_test_booked")
        return {}


class Release(DeskAction, name="action_test_release"):
    released: list[Any] = []

    def perform(self, desk: Desk, slots: Any, say: Any) -> None:
        self.released.append(slots["department"])


class Refused(DeskAction, name="action_test_refused"):
    def perform(self, desk: Desk, slots: Any, say: Any) -> None:
        raise NotAllowed("too_many", field="patient", value="secret")


class Call(Action):  # plain Rasa, as a hospital may bring it
    def name(self) -> str:
        return "action_call_person"

    async def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
        dispatcher.utter_message(response="utter_person_called")
        return []


class KeepAssistant(Action):
    def name(self) -> str:
        return "action_keep_assistant"

    def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
        dispatcher.utter_message(response="utter_person_not_called")
        return []


class FileInDanger(Action):
    def name(self) -> str:
        return "action_file_in_danger"

    def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
        return []


class HelpInDanger(FileInDanger):
    def name(self) -> str:
        return "action_help_in_danger"


DANGER = (FileInDanger(), HelpInDanger())
ACTIONS = {
    one.name(): one
    for one in (Look(), Book(), Release(), Refused(), Call(), KeepAssistant(), *DANGER, AnswerFaq())
}
for _name in [one for one in REGISTRY if one.startswith("action_test_")]:
    del REGISTRY[_name]  # the house's own assistant, loaded in the same process, must not know them


@pytest.fixture(autouse=True)
def only_own_actions() -> Iterator[None]:
    """An action that a test defines is gone with the test, for the same reason."""
    before = dict(REGISTRY)
    yield
    REGISTRY.clear()
    REGISTRY.update(before)


FEW = {one.name(): one for one in (Call(), KeepAssistant(), *DANGER, AnswerFaq())}
PARKING = SimpleNamespace(
    id="parking",
    intent="ask_transport",
    questions=("停车怎么收费",),
    answer="停车每小时两元。",
    titles={},
    answers={},
    places=("停车场",),
    phone="00000001",
    next=("insurance", "ask_route"),
    general=True,
)
INSURANCE = SimpleNamespace(
    id="insurance",
    intent="ask_insurance",
    questions=("医保怎么用",),
    answer="带上医保卡或电子凭证。",
    titles={},
    answers={},
    places=(),
    phone=None,
    next=(),
    general=False,
)
HOSPITAL: Any = SimpleNamespace(
    id="test",
    name="测试医院（示例）",
    short_name="测试医院",
    phone="00000000",
    emergency_phone="00000120",
    departments=tuple(SimpleNamespace(name=name) for name in ("骨科", "儿科", "急诊科")),
    doctors=(),
    places=(SimpleNamespace(name="停车场"),),
    faq=(PARKING, INSURANCE),
    complaints=SimpleNamespace(grievance_words=("投诉",)),
    find_department=lambda words: None,
)


def write_folder(folder: Path, flows: str = "", replies: str = "", slots: str = "") -> Path:
    for name, text in (("flows/flows.yml", flows), ("replies/flows.yml", replies), ("slots.yml", slots)):
        if text:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, "utf-8")
    return folder


def base_folder(folder: Path) -> Path:
    """The patterns, slots and replies of the room, without the flows of the hospital."""
    folder.mkdir(parents=True)
    (folder / "replies").mkdir()
    (folder / "slots.yml").symlink_to(ROOM / "slots.yml")
    (folder / "patterns").symlink_to(ROOM / "patterns")
    (folder / "replies" / "patterns.yml").symlink_to(ROOM / "replies" / "patterns.yml")
    return folder


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return base_folder(tmp_path_factory.mktemp("room") / "base")


@pytest.fixture(scope="session")
def assistant(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    folder = write_folder(tmp_path_factory.mktemp("small"), FLOWS, REPLIES)
    return Assistant(load_book(HOSPITAL, [base, folder], actions=ACTIONS))


def understood(
    text: str,
    intent: str = "out_of_scope",
    confidence: float = 0.9,
    *,
    answer: Mapping[str, Any] | None = None,
    requests: tuple[Request, ...] = (),
    ranking: tuple[tuple[str, float], ...] = (),
    faq: tuple[FaqMatch, ...] = (),
    danger: tuple[str, ...] = (),
    truncated: bool = False,
    language: str = "zh",
    **slots: Any,
) -> Understanding:
    first = Request(intent, confidence, slots, text)
    return Understanding(
        text=text,
        intent=IntentScore(intent, confidence),
        ranking=tuple(IntentScore(*one) for one in (ranking or ((intent, confidence),))),
        slots=slots,
        requests=requests or (first,),
        answer=answer or {},
        faq=faq,
        danger=danger,
        truncated=truncated,
        language=language,
    )


class Talk:
    """A conversation that goes through JSON after every turn."""

    def __init__(self, assistant: Assistant) -> None:
        self.assistant = assistant
        self.desk = Desk(session=None, hospital=HOSPITAL, now=NOW)  # type: ignore[arg-type]
        self.conversation = Conversation(7, "rest", "a")
        self.last: Turn = Turn(self.conversation)

    def _keep(self, turn: Turn) -> list[str]:
        self.last = turn
        saved = turn.conversation.to_json()
        self.conversation = Conversation.from_json(json.loads(json.dumps(saved)))
        assert self.conversation.to_json() == saved
        return [one.text for one in turn.replies]

    def say(self, text: str, intent: str = "out_of_scope", confidence: float = 0.9, **more: Any) -> list[str]:
        return self._keep(
            self.assistant.step(
                self.conversation, understood(text, intent, confidence, **more), desk=self.desk
            )
        )

    def press(self, payload: str) -> list[str] | None:
        turn = self.assistant.press(self.conversation, payload, desk=self.desk)
        return None if turn is None else self._keep(turn)

    def start(self, flow: str, **slots: Any) -> list[str]:
        return self._keep(self.assistant.start(self.conversation, flow, slots, desk=self.desk))

    def resume(self) -> list[str]:
        return self._keep(self.assistant.resume(self.conversation, desk=self.desk))

    def pause(self) -> None:
        self.conversation = self.conversation.having(paused=True)

    def button(self, title: str) -> str:
        """The payload of a button of the last turn."""
        return next(one.payload for reply in self.last.replies for one in reply.buttons if one.title == title)

    @property
    def asked(self) -> str | None:
        return self.conversation.requested_slot

    @property
    def flows(self) -> list[str]:
        return [frame.flow for frame in self.conversation.stack]

    def to_confirmation(self) -> list[str]:
        """A booking up to the last question."""
        self.say("我想挂骨科后天的号", "book_appointment", department="骨科", date="2026-03-13")
        self.say("我妈", answer={"relation": "母亲"})
        return self.say("10000001234", answer={"phone": "10000001234"})


@pytest.fixture
def booked() -> list[tuple[Any, ...]]:
    Book.booked.clear()
    return Book.booked


@pytest.fixture
def released() -> list[Any]:
    Release.released.clear()
    return Release.released


@pytest.fixture
def talk(assistant: Assistant) -> Talk:
    return Talk(assistant)


@pytest.fixture(scope="session")
def make_talk() -> type[Talk]:
    return Talk


@pytest.fixture
def load(base: Path, tmp_path: Path) -> Callable[..., Assistant]:
    """An assistant from flows and replies written in a test."""

    def build(
        flows: str = "",
        replies: str = "",
        slots: str = "",
        actions: Mapping[str, Action] = FEW,
        vietnamese: str = "",
        together: bool = False,
    ) -> Assistant:
        """``vietnamese``: replies of a third folder that has no others, or of the same (``together``)."""
        folders = [base, write_folder(tmp_path / "mine", flows, replies, slots)]
        if vietnamese:
            path = tmp_path / ("mine" if together else "third") / "replies" / "flows.vi.yml"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(vietnamese, "utf-8")
            folders += [] if together else [path.parent.parent]
        return Assistant(load_book(HOSPITAL, folders, actions=actions))

    build.actions = FEW  # type: ignore[attr-defined]
    return build
