"""A real browser for tests of the page."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page, expect, sync_playwright

from helpers.web.fake_server import Fake

_PATIENCE_MS = 30_000
expect.set_options(timeout=_PATIENCE_MS)

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless Chromium that may play audio without a click."""
    arguments = ["--no-sandbox", "--autoplay-policy=no-user-gesture-required"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        try:
            yield browser
        finally:
            browser.close()


def until(page: Page, condition: str) -> None:
    """Wait until a JavaScript expression is true; unlike `wait_for_function` under the page's own policy."""
    page.evaluate(f"""new Promise((resolve, reject) => {{
      const began = performance.now();
      const look = () => {{
        if ({condition}) resolve();
        else if (performance.now() - began > {_PATIENCE_MS}) reject(new Error("timed out"));
        else setTimeout(look, 20);
      }};
      look();
    }})""")


@contextmanager
def watched(browser: Browser, address: str, **options: Any) -> Iterator[Page]:
    """A page in a context of its own, which must not report errors or send requests to other hosts.

    Chromium also reports 4xx responses as errors, which are ignored.
    """
    context = browser.new_context(**{"viewport": {"width": 1200, "height": 900}, **options})
    page = context.new_page()
    page.set_default_timeout(_PATIENCE_MS)
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda said: problems.append(said.text) if said.type in ("error", "warning") else None)
    own = (address, f"blob:{address}")
    page.on("request", lambda asked: None if asked.url.startswith(own) else problems.append(asked.url))
    try:
        yield page
    finally:
        context.close()
    errors = [problem for problem in problems if "status of 4" not in problem]
    assert not errors, errors


def wav(fake: Fake, name: str = "my song.wav") -> dict[str, Any]:
    return {"name": name, "mimeType": "audio/wav", "buffer": (fake.folder / "song.wav").read_bytes()}


def word(page: Page, text: str, nth: int = 0) -> Any:
    return page.locator("#lyrics .word", has_text=text).nth(nth)


def command(page: Page, name: str) -> None:
    page.locator(f"#editor [data-command={name}]:visible").first.click()
