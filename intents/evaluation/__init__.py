"""How well the messages are understood: measured on phrases that the judged model has not seen.

`evaluate` does the whole of it; each figure has a module of its own.
"""

from intents.evaluation.rasa import export_rasa
from intents.evaluation.report import Evaluation, evaluate

__all__ = ["Evaluation", "evaluate", "export_rasa"]
