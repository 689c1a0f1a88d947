"""Everything the assistant has by heart: flows, replies, slots and actions, all names checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dialogues.flows import Flow
from dialogues.slots import Slot
from dialogues.wording import Wording

if TYPE_CHECKING:
    from rasa_sdk import Action

    from knowledge import Hospital
    from knowledge.schema import Faq


@dataclass(frozen=True, slots=True)
class Book:
    hospital: Hospital
    flows: Mapping[str, Flow]
    slots: Mapping[str, Slot]
    wording: Wording
    actions: Mapping[str, Action]
    builtin: Mapping[str, Callable[[Any], None]]
    """Actions of the engine itself, named by patterns: dialogues/repair.py."""
    triggers: Mapping[str, tuple[tuple[Flow, float | None], ...]]
    """Intent → the flows it may start, with their own threshold of confidence."""
    titles: Mapping[str, str]
    """Intent → what a button says of it."""
    translations: Mapping[str, Mapping[str, str]]
    """Intent → language → the title there."""
    groups: Mapping[str, str]
    """Intent → its group in the inventory."""
    faq: Mapping[str, Faq]
    house: Mapping[str, str]
    """Placeholders that are the same in every reply: the hospital's names and telephone numbers."""

    def title_of(self, name: str, language: str) -> str:
        """What patients read of a flow or an intent: its name in their language (a flow called after an intent has that
        one's title), else the Chinese one; empty where there is neither."""
        flow = self.flows.get(name)
        own = flow.names.get(language) if flow else None
        translated = own or self.translations.get(name, {}).get(language)
        return translated or (flow.name if flow else self.titles.get(name, ""))
