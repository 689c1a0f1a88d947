"""What the patient means: text → `Understanding` (intent, slots, evidence). Knows no database and no next step."""

from intents.interpreter import Interpreter, load_interpreter
from intents.phrases import inventory
from intents.understanding import Context, Entity, FaqMatch, IntentScore, Option, Request, Understanding

__all__ = [
    "Context",
    "Entity",
    "FaqMatch",
    "IntentScore",
    "Interpreter",
    "Option",
    "Request",
    "Understanding",
    "inventory",
    "load_interpreter",
]
