"""One small file a platform: what comes in becomes a ``Message``, what goes out is a ``Reply``."""

from bot.channels.message import Message

__all__ = ["Message"]
