"""What happens next: understanding and conversation in, steps, replies and actions out."""

from dialogues.conversation import Conversation, Frame, Pending
from dialogues.engine import Assistant
from dialogues.errors import DialogueError
from dialogues.loading import load_assistant, load_book
from dialogues.reply import Button, Reply
from dialogues.turn import Alarm, Turn

__all__ = [
    "Alarm",
    "Assistant",
    "Button",
    "Conversation",
    "DialogueError",
    "Frame",
    "Pending",
    "Reply",
    "Turn",
    "load_assistant",
    "load_book",
]
