"""The shape of flow files, in the format that Rasa calls flows, with a few keys of our own (docs/flows.md).

Pydantic only here, where data enters; `dialogues.compiling` turns it into the frozen values that the engine walks.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator


class Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Rejection(Entry):
    condition: str = Field(alias="if")
    utter: str


class Branch(Entry):
    """One line of a ``next`` list: ``if`` + ``then``, or ``else``."""

    condition: str | None = Field(None, alias="if")
    then: str | list[StepEntry] | None = None
    otherwise: str | list[StepEntry] | None = Field(None, alias="else")

    @model_validator(mode="after")
    def _has_one_shape(self) -> Branch:
        if (self.condition is None) == (self.otherwise is None) or (self.condition is None) != (
            self.then is None
        ):
            raise ValueError("a line of next is either if + then, or else")
        return self

    @property
    def target(self) -> str | list[StepEntry]:
        chosen = self.then if self.condition is not None else self.otherwise
        assert chosen is not None
        return chosen


VERBS = ("collect", "action", "set_slots", "call", "link", "noop")


class StepEntry(Entry):
    id: str | None = Field(None, pattern=r"^[a-z][a-z0-9_]*$")
    collect: str | None = None
    action: str | None = None
    set_slots: list[dict[str, Any]] | None = None
    call: str | None = None
    link: str | None = None
    noop: bool | None = None
    next: str | list[Branch] | None = None
    description: str | None = None
    # of collect
    utter: str | None = None
    rejections: list[Rejection] = []
    ask_before_filling: bool = False
    reset_after_flow_ends: bool = True
    # of collect, our own
    free_text: bool = False
    """The whole message is the answer; nothing else is read from it but danger and short words of control."""
    optional: bool = False
    """不用、没有、跳过 leaves the slot empty and goes on."""

    @model_validator(mode="after")
    def _has_one_verb(self) -> StepEntry:
        verbs = [verb for verb in VERBS if getattr(self, verb) is not None]
        if len(verbs) != 1:
            raise ValueError(f"a step has exactly one of {', '.join(VERBS)}; this one has {len(verbs)}")
        if self.collect is None:
            changed = {
                "utter",
                "rejections",
                "ask_before_filling",
                "reset_after_flow_ends",
                "free_text",
                "optional",
            }
            if extra := changed & self.model_fields_set:
                raise ValueError(f"only a collect step may have {', '.join(sorted(extra))}")
        return self

    @property
    def verb(self) -> str:
        return next(verb for verb in VERBS if getattr(self, verb) is not None)


class TriggerIntent(Entry):
    name: str
    confidence_threshold: float | None = Field(None, ge=0, le=1)


class Trigger(Entry):
    intent: TriggerIntent

    @field_validator("intent", mode="before")
    @classmethod
    def _name_alone(cls, value: Any) -> Any:
        return {"name": value} if isinstance(value, str) else value


class FlowEntry(Entry):
    name: str
    names: dict[str, str] = {}
    """Language → name; a flow called after an intent has the title of that."""
    description: str = ""
    guard: str | bool | None = Field(None, alias="if")
    nlu_trigger: list[Trigger] = []
    persisted_slots: list[str] = []
    always_include_in_prompt: bool | None = None
    """Read and ignored: only a language model would use it."""
    steps: list[StepEntry] = Field(min_length=1)
    # our own
    absorbs: list[str] = []
    """Intents that do not leave this flow while it waits and the message brings a slot of it."""
    inherits: list[str] = []
    """Slots taken over from the flow that waits below, where the patient did not say them anew."""
    repeats: list[str] = []
    """Slots that this flow, begun once more for another person, takes over from the one just ended."""
    yields: list[str] = []
    """Intents whose flow takes this one's place, with the record it spoke of: 「那改个时间」 while cancelling."""
    on_cancel: str | None = None
    """An action run when the patient gives the flow up (it gives back what was held)."""
    fee: str | None = None
    """The flow that says what this costs: 「多少钱」 at any of its questions; the question stays."""
    voids: list[str] = []
    """Flows whose open question about the same record is worthless once this one begins."""
    ask_again: bool = True
    """Whether the question left open below is asked again when this flow ends in the turn in which it began."""


class ButtonEntry(Entry):
    title: str
    payload: str


class ReplyEntry(Entry):
    text: str = ""
    buttons: list[ButtonEntry] = []
    image: str | None = None
    large: str | None = None
    """The same for large type: shorter."""
    voice: str | None = None
    """The same to be read aloud."""
    custom: dict[str, Any] = {}

    @model_validator(mode="after")
    def _says_something(self) -> ReplyEntry:
        if not (self.text or self.buttons or self.image or self.custom):
            raise ValueError("a reply has a text, buttons, an image or custom data")
        return self


class SlotEntry(Entry):
    type: Literal["text", "float", "bool", "categorical", "list", "any"]
    title: dict[str, str] | str
    """What it is called before the patient: 日期."""
    values: dict[str, dict[str, str] | str] = {}
    """Of a categorical slot: the values and what each is called."""
    lifetime: Literal["flow", "conversation"] = "flow"
    show: Literal["as_is", "date", "titles", "masked"] = "as_is"
    """How a placeholder says it: 2026-03-13 as 3月13日（周五）; a category by its title; an ID by its ends."""
    names: Literal["departments", "doctors", "places"] | None = None
    """Literals of this slot in flows and buttons must be names of the hospital's knowledge."""
    offered_only: bool = False
    """Never said by a patient: a button fills it only if that very button was offered."""
    never: list[
        Literal["small_words", "day", "number", "question", "request", "place", "relation", "aside"]
    ] = []
    """What the whole message may not be to be taken for a value: dialogues/misfits.py."""
    private: bool = False
    """Identity or health: never in logs, masked in views, never in a button's payload."""
