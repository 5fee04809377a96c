"""The page in several windows, and with many songs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("playwright")
pytest.importorskip("fastapi")

from helpers.web.browsing import CHROMIUM, word
from helpers.web.fake_server import Fake
from playwright.sync_api import Page, expect

pytest_plugins = ["helpers.web.opened"]
pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")]


def delete(page: Page, text: str) -> None:
    page.click("#edit-button")
    word(page, text).click()
    page.keyboard.press("Delete")


def test_other_windows_show_what_one_saves(open_page: Callable[..., Page], song: dict[str, Any]) -> None:
    first, idle, busy = open_page(song), open_page(song), open_page(song)
    delete(busy, "Where")
    delete(first, "home")
    first.keyboard.press("Control+s")
    expect(first.locator("#save-state")).to_have_text("Saved")
    expect(idle.locator("#lyrics .line").first).to_have_text("So far away from")
    expect(idle.locator("#toast")).to_contain_text("changed elsewhere")
    # Unsaved corrections stay, and so does the undo history of the window that saved.
    expect(busy.locator("#lyrics .line").nth(2)).to_have_text("my home is anymore")
    expect(busy.locator("#lyrics .line").first).to_have_text("So far away from home")
    expect(first.locator("[data-command=undo]")).to_be_enabled()
    expect(first.locator("#toast")).to_have_text("")


def test_a_song_that_is_deleted_while_it_is_open(
    open_page: Callable[..., Page], fake: Fake, song: dict[str, Any]
) -> None:
    page = open_page(song)
    del fake.jobs[song["id"]]
    fake.changes += 1
    expect(page.locator("#home")).to_be_visible()
    expect(page.locator("#toast")).to_have_text("This song was deleted.")


def test_songs_can_be_searched(open_page: Callable[..., Page], fake: Fake) -> None:
    for i in range(3):
        fake.add(f"song {i}.wav", held=True)
    page = open_page()
    expect(page.locator("#jobs .job")).to_have_count(3)
    expect(page.locator("#find")).to_be_hidden()
    fake.add("On the Run.wav", held=True)
    page.get_by_role("searchbox", name="Find").fill("run on")
    expect(page.locator("#jobs .job:visible .job-name")).to_have_text(["On the Run"])
    # The search also applies to songs that are added later.
    fake.add("another.wav", held=True)
    expect(page.locator("#jobs .job")).to_have_count(5)
    expect(page.locator("#jobs .job:visible")).to_have_count(1)
    page.get_by_role("searchbox", name="Find").fill("xyz")
    expect(page.locator("#find-none")).to_have_text("No matching songs.")
    page.get_by_role("searchbox", name="Find").fill("")
    expect(page.locator("#jobs .job:visible")).to_have_count(5)
