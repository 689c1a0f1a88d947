"""Builds the language model from the phrases: seconds on two cores, the same bytes every time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_matrix
from sklearn.svm import LinearSVC

from intents.classifier import Classifier, fingerprint
from intents.features import features
from intents.interpreter import MODEL, evidence
from intents.normalise import normalise
from intents.phrases import FOLDER, Phrase, inventory, read_phrases
from intents.slots.reader import SlotReader
from intents.tokens import Segmenter, write_dictionary
from knowledge import Hospital

TODAY = date(2026, 3, 11)
"""Only whether a date was found counts for the model, not which."""
FOLDS = 4
RARE = 2
"""A feature seen in fewer phrases teaches nothing about others."""

Progress = Callable[[str, float], None]


def train(hospital: Hospital, model_dir: Path | None = None, progress: Progress | None = None) -> Classifier:
    """Reads the phrases, fits the model, calibrates it on phrases left out, writes it to ``model_dir``."""
    tell = progress or (lambda what, share: None)
    folder = model_dir or MODEL
    write_dictionary(folder)
    phrases = read_phrases()
    rows = read_features(hospital, phrases, folder, tell)
    labels = [phrase.intent for phrase in phrases]
    tell("calibrating", 0.5)
    temperature = calibrate(rows, labels)
    tell("fitting", 0.9)
    model = fit(rows, labels, temperature, fingerprint(FOLDER))
    model.save(folder / "model.bin")
    tell("done", 1.0)
    return model


def read_features(
    hospital: Hospital, phrases: Sequence[Phrase], folder: Path, tell: Progress
) -> list[list[str]]:
    reader = SlotReader(hospital)
    segmenter = Segmenter(reader.words(), folder)
    rows = []
    for number, phrase in enumerate(phrases):
        text = normalise(phrase.text).text
        names = features(text, segmenter.cut(text), evidence(reader.read(text, today=TODAY)))
        rows.append(list(dict.fromkeys(names)))
        if number % 200 == 0:
            tell("reading phrases", 0.5 * number / len(phrases))
    return rows


def fit(
    rows: Sequence[Sequence[str]], labels: Sequence[str], temperature: float, name: str = ""
) -> Classifier:
    """One linear separator an intent, over features weighted by how rare they are."""
    counts = Counter(feature for row in rows for feature in row)
    kept = sorted(feature for feature, count in counts.items() if count >= RARE)
    vocabulary = {feature: index for index, feature in enumerate(kept)}
    rarity = np.array([np.log((1 + len(rows)) / (1 + counts[feature])) + 1 for feature in kept])
    intents = tuple(intent for intent in inventory() if intent in set(labels))
    target = np.array([intents.index(label) for label in labels])
    machine = LinearSVC(C=0.5, random_state=0, dual=True, max_iter=3000)
    machine.fit(_matrix(rows, vocabulary, rarity), target)
    weights = (machine.coef_.T * rarity[:, None]).astype(np.float16)
    return Classifier(
        intents,
        vocabulary,
        weights.astype(np.float32),
        machine.intercept_.astype(np.float32),
        temperature,
        name,
    )


def calibrate(rows: Sequence[Sequence[str]], labels: Sequence[str]) -> float:
    """The temperature under which the confidence of phrases left out is what came true."""
    margins, truth = [], []
    for fold in range(FOLDS):
        inside = [index for index in range(len(rows)) if index % FOLDS != fold]
        model = fit([rows[i] for i in inside], [labels[i] for i in inside], 1.0)
        place = {intent: number for number, intent in enumerate(model.intents)}
        for index in range(fold, len(rows), FOLDS):
            known = [model.vocabulary[name] for name in rows[index] if name in model.vocabulary]
            scores = model.bias + (model.weights[known].sum(axis=0) / np.sqrt(len(known)) if known else 0)
            margins.append(scores)
            truth.append(place[labels[index]])
    scores, right = np.array(margins), np.array(truth)

    def loss(temperature: float) -> float:
        odds = scores / temperature
        odds -= odds.max(axis=1, keepdims=True)
        return float(np.mean(np.log(np.exp(odds).sum(axis=1)) - odds[np.arange(len(right)), right]))

    return round(float(minimize_scalar(loss, bounds=(0.02, 2.0), method="bounded").x), 4)


def _matrix(rows: Sequence[Sequence[str]], vocabulary: dict[str, int], rarity: np.ndarray) -> csr_matrix:
    starts, places, values = [0], [], []
    for row in rows:
        known = [vocabulary[name] for name in row if name in vocabulary]
        places.extend(known)
        values.extend(rarity[known] / np.sqrt(max(1, len(known))))
        starts.append(len(places))
    return csr_matrix((values, places, starts), shape=(len(rows), len(vocabulary)))
