"""Danger comes first: rules that hear an emergency or a crisis whatever else the message says.

A classifier alone misses some; a rule that is too eager calls the ambulance for a figure of speech. So the rules
are the hospital's own red flags with their reading of denials, the past and figures of speech
(``knowledge/evidence.py``), and a short list of cries for help.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

from knowledge import Hospital
from knowledge.evidence import Phrases

EMERGENCY = "report_emergency"
CRISIS = "express_crisis"
HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Danger:
    intent: str
    evidence: tuple[str, ...]


class DangerRules:
    def __init__(self, hospital: Hospital) -> None:
        own = yaml.safe_load((HERE / "danger.yml").read_text("utf-8"))
        triage = hospital.triage
        self._phrases = Phrases(triage.words, (*triage.masks, *own["harmless"]))
        self._phrases.add(f"{EMERGENCY}:cry", own["emergency"])
        self._phrases.add(f"{CRISIS}:cry", own["crisis"])
        for flag in triage.red_flags:
            if flag.crisis:
                self._phrases.add(f"{CRISIS}:{flag.id}", flag.when)
            elif flag.level == "critical" and not flag.age_known and flag.sex is None:
                self._phrases.add(f"{EMERGENCY}:{flag.id}", flag.when)
        self._phrases.build()

    def find(self, text: str) -> Danger | None:
        """What is dangerous in normalised ``text``; a crisis before an emergency."""
        met = self._phrases.read(text).met
        if not met:
            return None
        for intent in (CRISIS, EMERGENCY):
            proof = [word for key, words in met.items() if key.startswith(intent) for word in words]
            if proof:
                return Danger(intent, tuple(dict.fromkeys(proof)))
        return None
