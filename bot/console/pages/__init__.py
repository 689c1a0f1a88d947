"""The console's pages, drawn with NiceGUI. Importing this package imports NiceGUI."""

from bot.console.pages.building import build

__all__ = ["build"]
