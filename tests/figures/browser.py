"""A real browser for the pages, where there is one; it reaches nothing but the file."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 900}


@dataclass
class Seen:
    """A page in the browser, and what it complained of or asked the network for."""

    page: Any
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def hear(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.complaints.append(text)

    def asked(self, url: str) -> None:
        if not url.startswith(("file:", "data:", "blob:")):
            self.requests.append(url)

    def is_clean(self) -> bool:
        return not self.complaints and not self.requests

    def too_wide(self) -> list[str]:
        """Return what makes the page scroll sideways."""
        script = """() => document.documentElement.scrollWidth <= innerWidth + 1 ? [] :
          [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1)
          .slice(0, 5).map(e => e.outerHTML.slice(0, 120))"""
        return self.page.evaluate(script)


@contextmanager
def browsing() -> Iterator[Any]:
    """Start the browser with an empty profile of its own."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as tools:
        browser = tools.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def visit(browser: Any, file: Path, fragment: str = "", **context: Any) -> Iterator[Seen]:
    """Open a file in a window of its own."""
    window = browser.new_context(viewport=DESKTOP, **context) if "viewport" not in context else None
    window = window or browser.new_context(**context)
    seen = Seen(window.new_page())
    seen.page.on("console", lambda message: seen.hear(message.type, message.text))
    seen.page.on("pageerror", lambda error: seen.hear("error", str(error)))
    seen.page.on("request", lambda request: seen.asked(request.url))
    try:
        seen.page.goto(f"{file.as_uri()}{fragment}")
        yield seen
    finally:
        window.close()
