"""What a command says to whoever typed it: in Chinese, or in English where ``WENJIN_LANGUAGE=en``."""

from __future__ import annotations

from typing import NamedTuple

from bot.settings import Settings


class Saying(NamedTuple):
    zh: str
    en: str

    def put(self, settings: Settings) -> str:
        return self.en if settings.language == "en" else self.zh


class Refused(Exception):
    """Something cannot be done; its message is written for whoever typed the command."""

    def __init__(self, zh: str, en: str):
        self.saying = Saying(zh, en)
        super().__init__(zh)
