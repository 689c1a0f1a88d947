"""What the hospital is: departments, doctors, places, services and rules, as data that staff can read and edit."""

from knowledge.errors import KnowledgeError, Problem, UnknownName
from knowledge.hospital import Hospital
from knowledge.loading import load_hospital

__all__ = ["Hospital", "KnowledgeError", "Problem", "UnknownName", "load_hospital"]
