"""The intent of a message: a linear model, trained with scikit-learn and read with a few lines of numpy.

A scikit-learn pipeline takes milliseconds a message; the same sum over the rows of the features that are present
takes some tens of microseconds.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import orjson

from intents.understanding import IntentScore


def shrink(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weights as one byte each, with the scale of each row: a quarter of the room, the same decisions."""
    scales = (np.abs(weights).max(axis=1) / 127).astype(np.float32)
    scales[scales == 0] = 1
    return np.rint(weights / scales[:, None]).astype(np.int8), scales


@dataclass(frozen=True, slots=True)
class Classifier:
    intents: tuple[str, ...]
    vocabulary: dict[str, int]
    weights: np.ndarray
    """int8, features × intents; a row times its scale is what the feature says for each intent."""
    scales: np.ndarray
    """float32, one a feature."""
    bias: np.ndarray
    temperature: float
    """Divides the scores before they become probabilities, so that these are calibrated."""
    fingerprint: str = ""
    joints: tuple[float, ...] = ()
    """The weights by which `requests` judges whether two requests meet."""

    def rank(self, names: Sequence[str]) -> tuple[IntentScore, ...]:
        """All intents, the likeliest first; the confidences add up to one."""
        return self.order(self.odds(self.score(self.find(names))))

    def order(self, odds: np.ndarray) -> tuple[IntentScore, ...]:
        return tuple(
            IntentScore(self.intents[i], round(float(odds[i]), 4)) for i in np.argsort(-odds, kind="stable")
        )

    def find(self, names: Sequence[str]) -> list[int]:
        """The rows of the features that the model knows."""
        vocabulary = self.vocabulary
        return [vocabulary[name] for name in dict.fromkeys(names) if name in vocabulary]

    def add(self, rows: Sequence[int]) -> np.ndarray:
        """What the features say for each intent, added up; float32."""
        if not rows:
            return np.zeros(len(self.intents), dtype=np.float32)
        return self.scales[rows] @ self.weights[rows]

    def score(self, rows: Sequence[int]) -> np.ndarray:
        """One number an intent, float32, for a message that has the features ``rows``."""
        return self.bias + self.add(rows) / np.float32(np.sqrt(max(1, len(rows))))

    def odds(self, scores: np.ndarray) -> np.ndarray:
        """The scores as calibrated probabilities."""
        scores = scores / self.temperature
        odds = np.exp(scores - scores.max())
        return odds / odds.sum()

    def save(self, path: Path) -> None:
        """Writes the model; the same model gives the same bytes."""
        path.parent.mkdir(parents=True, exist_ok=True)
        header = orjson.dumps(
            {
                "intents": self.intents,
                "vocabulary": list(self.vocabulary),
                "temperature": self.temperature,
                "fingerprint": self.fingerprint,
                "joints": self.joints,
                "features": len(self.vocabulary),
            }
        )
        body = (
            self.weights.tobytes() + self.scales.astype("<f4").tobytes() + self.bias.astype("<f4").tobytes()
        )
        header = zlib.compress(header, 6)  # the names of the features are two thirds of it
        path.write_bytes(len(header).to_bytes(8, "little") + header + body)

    @classmethod
    def load(cls, path: Path) -> Classifier:
        data = path.read_bytes()
        size = int.from_bytes(data[:8], "little")
        header = orjson.loads(zlib.decompress(data[8 : 8 + size]))
        intents, count = tuple(header["intents"]), header["features"]
        cut = 8 + size + count * len(intents)
        weights = np.frombuffer(data[8 + size : cut], dtype="i1").reshape(count, len(intents))
        numbers = np.frombuffer(data[cut:], dtype="<f4").astype(np.float32)
        vocabulary = {name: index for index, name in enumerate(header["vocabulary"])}
        return cls(
            intents,
            vocabulary,
            weights,
            numbers[:count],
            numbers[count:],
            header["temperature"],
            header["fingerprint"],
            tuple(header["joints"]),
        )


def fingerprint(folder: Path) -> str:
    """A name for the phrases a model was made from; another text, another name."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.yml")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]
