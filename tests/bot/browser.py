"""The headless Chromium of the page tests, where the machine has one; without it they are skipped, loudly."""

from __future__ import annotations

import shutil
import warnings

import pytest
from playwright.sync_api import expect

PATIENCE = 30_000
"""Milliseconds: what is waited for costs nothing once it is there, and a busy machine is no fault of the page."""
expect.set_options(timeout=PATIENCE)
CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

if CHROMIUM is None:
    warnings.warn(
        "NO CHROMIUM ON THIS MACHINE: THE PAGES ARE NOT TESTED (apt-get install chromium)",
        stacklevel=1,
    )
needs_chromium = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium on this machine: the pages are not tested"
)
