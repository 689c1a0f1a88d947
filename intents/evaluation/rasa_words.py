"""The hospital's words as Rasa takes them: lookup tables, synonyms, patterns of numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from intents.lexicon import read_list
from intents.slots.identity import ID_CARD, ORDER, PHONE, TRACKING
from knowledge import Hospital

PATTERNS = {"phone": PHONE, "id_number": ID_CARD, "order_number": ORDER, "tracking_number": TRACKING}


def write_words(hospital: Hospital) -> str:
    """``data/words.yml``: each list of names with what people say for them, and how numbers look."""
    names = list_names(hospital)
    blocks = [
        _block("lookup", slot, sorted({word for name, words in known.items() for word in (name, *words)}))
        for slot, known in names.items()
    ]
    owners: dict[str, str] = {}  # Rasa keeps one meaning for a word, whatever the slot
    for known in names.values():
        for name in known:
            owners.setdefault(name, name)
    synonyms: dict[str, list[str]] = {}
    for known in names.values():
        for name, words in known.items():
            for word in words:
                if owners.setdefault(word, name) == name and word != name:
                    synonyms.setdefault(name, []).append(word)
    blocks += [_block("synonym", name, sorted({*words})) for name, words in sorted(synonyms.items())]
    blocks += [_block("regex", name, [one.pattern]) for name, one in PATTERNS.items()]
    return "\n".join(['version: "3.1"', "nlu:", *blocks]) + "\n"


def list_names(hospital: Hospital) -> dict[str, Mapping[str, Iterable[str]]]:
    """Slot → standard name → what else it is called."""
    return {
        "department": {one.name: one.aliases for one in hospital.departments},
        "doctor": {one.name: () for one in hospital.doctors},
        "place": {one.name: one.aliases for one in hospital.places},
        "examination": read_list("examinations")["examinations"],
    }


def _block(kind: str, name: str, examples: Iterable[str]) -> str:
    return "\n".join([f"- {kind}: {name}", "  examples: |", *(f"    - {one}" for one in examples)])
