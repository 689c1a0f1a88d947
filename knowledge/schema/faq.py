"""``faq/*.yml``, key ``faq``: one file a topic.

faq:
  - id: insurance_other_province
    intent: ask_insurance
    topic: 医保
    questions: [外省医保能直接报销吗, 异地就医怎么备案, 我是广东医保在这里能用吗]
    answer: 可以。就诊前请先在国家异地就医备案小程序办好备案……
    places: [门诊一楼医保服务窗口]
    phone: "0000-0000120"
    next: [insurance_slow_disease, talk_to_human]
"""

from __future__ import annotations

from pydantic import Field

from knowledge.schema.base import Entry, Id, Text, Words


class Faq(Entry):
    id: Id
    intent: Text
    """One of the contract's intents."""
    topic: Text
    """The heading under which staff find it: 挂号, 费用, 医保, 住院, 病案, 检查, 探视, 设施, 药房 …"""
    questions: tuple[Text, ...] = Field(min_length=1)
    """Different wordings of the one question, the clearest first (it is the button's title elsewhere)."""
    answer: Text
    """Short, warm, plain; no diagnosis, no dose."""
    titles: dict[str, Text] = {}
    """Language → the question, for a button."""
    answers: dict[str, Text] = {}
    """Language → the answer; where it is lacking the Chinese one is given and said to be Chinese."""
    places: Words = ()
    """Ids or names of places where it is done; after loading the names."""
    phone: str | None = None
    next: tuple[Id, ...] = ()
    """What may be pressed next: ids of FAQ entries or intents. A person is always offered besides."""
    general: bool = False
    """The answer for its intent where no entry fits the words: one an intent."""
