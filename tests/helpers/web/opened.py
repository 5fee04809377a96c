"""Fixtures: one browser for all tests, and the page in it, on a server without models."""

from __future__ import annotations

import wave
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page

from helpers.web.browsing import chromium, watched
from helpers.web.fake_server import Fake, running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the whole run: Playwright allows only one at a time in a process."""
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Fake, str]]:
    folder = tmp_path_factory.mktemp("songs")
    time_s = np.arange(int(13.676 * 8000)) / 8000
    with wave.open(str(folder / "song.wav"), "wb") as song:
        song.setparams((1, 2, 8000, 0, "NONE", ""))
        song.writeframes((np.sin(2 * np.pi * 220 * time_s) * 3000).astype("<i2").tobytes())
    fake = Fake(folder, work_s=0.4)
    with running(fake) as address:
        yield fake, address


@pytest.fixture
def fake(server: tuple[Fake, str]) -> Fake:
    fake, _ = server
    for things in (fake.jobs, fake.edited, fake.transcripts, fake.lyrics, fake.refuse):
        things.clear()
    fake.is_lazy = False
    fake.changes += 1
    return fake


@pytest.fixture
def open_page(browser: Browser, server: tuple[Fake, str], fake: Fake) -> Iterator[Callable[..., Page]]:
    """Opens a new page at the song of a job, or at the list; none of them may report an error."""
    with ExitStack() as pages:

        def open_it(job: dict[str, Any] | None = None, **options: Any) -> Page:
            page = pages.enter_context(watched(browser, server[1], **options))
            page.goto(f"{server[1]}/#job={job['id']}" if job else server[1])
            # Elements cannot be focused while the view is hidden.
            page.wait_for_selector("body[data-view]")
            if job and job["state"] == "done":
                page.wait_for_selector("#lyrics .line")
            return page

        yield open_it


@pytest.fixture
def song(fake: Fake) -> dict[str, Any]:
    job = fake.add("a song.wav", stems=True)
    fake.finish(job)
    return job


@pytest.fixture
def aligned(fake: Fake) -> dict[str, Any]:
    job = fake.add("given lyrics.wav", "align")
    fake.finish(job)
    return job
