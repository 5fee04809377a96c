"""Unsaved corrections: they survive the tab until they are saved or discarded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("playwright")
pytest.importorskip("fastapi")

from helpers.web.browsing import CHROMIUM, until, word
from helpers.web.fake_server import Fake
from playwright.sync_api import Page, expect

pytest_plugins = ["helpers.web.opened"]
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
DRAFTS = "Object.keys(localStorage).filter((key) => key.startsWith('lyricsrec.draft.')).length"


def delete_home(page: Page) -> None:
    page.click("#edit-button")
    word(page, "home").click()
    page.keyboard.press("Delete")
    until(page, f"{DRAFTS} === 1")


def opened_again(page: Page) -> Page:
    """The song in another tab of the same browser, after this one was lost."""
    again = page.context.new_page()
    again.goto(page.url)
    page.close()
    again.wait_for_selector("#lyrics .line")
    return again


def test_unsaved_corrections_are_restored(open_page: Callable[..., Page], fake: Fake, song: dict[str, Any]) -> None:
    page = open_page(song)
    delete_home(page)
    page = opened_again(page)
    expect(page.locator("#toast")).to_contain_text("unsaved corrections were restored")
    expect(page.locator("#lyrics .line").first).to_have_text("So far away from")
    page.keyboard.press("Control+z")
    expect(page.locator("#lyrics .line").first).to_have_text("So far away from home")
    until(page, f"{DRAFTS} === 0")
    page.keyboard.press("Control+Shift+z")
    page.keyboard.press("Control+s")
    expect(page.locator("#save-state")).to_have_text("Saved")
    assert fake.edited[song["id"]]["lines"][0]["text"] == "So far away from"
    assert page.evaluate(DRAFTS) == 0


def test_a_draft_does_not_overwrite_a_newer_version(
    open_page: Callable[..., Page], fake: Fake, song: dict[str, Any]
) -> None:
    page = open_page(song)
    delete_home(page)
    song["revision"] += 1
    page = opened_again(page)
    page.keyboard.press("Control+s")
    expect(page.locator("#ask")).to_contain_text("changed elsewhere")
    page.get_by_role("button", name="Use theirs").click()
    expect(page.locator("#lyrics .line").first).to_have_text("So far away from home")
    assert page.evaluate(DRAFTS) == 0
    assert fake.edited == {}


def test_discarded_corrections_are_not_restored(open_page: Callable[..., Page], song: dict[str, Any]) -> None:
    page = open_page(song)
    delete_home(page)
    page.click("#song .back")
    page.get_by_role("button", name="Discard", exact=True).click()
    page.get_by_role("link", name="a song").click()
    expect(page.locator("#lyrics .line").first).to_have_text("So far away from home")
    assert page.evaluate(DRAFTS) == 0


def test_done_saves(open_page: Callable[..., Page], fake: Fake, song: dict[str, Any]) -> None:
    page = open_page(song)
    delete_home(page)
    page.get_by_role("button", name="Done").click()
    expect(page.locator("#editor")).to_be_hidden()
    assert fake.edited[song["id"]]["lines"][0]["text"] == "So far away from"
    page.click("#edit-button")
    page.keyboard.press("Control+z")
    # Before the undo, the page would load the other version by itself.
    song["revision"] += 1
    page.get_by_role("button", name="Done").click()
    page.get_by_role("button", name="Not now").click()
    expect(page.locator("#save-state")).to_have_text("Unsaved changes")


def test_a_browser_without_storage_shows_and_saves(
    open_page: Callable[..., Page], fake: Fake, song: dict[str, Any]
) -> None:
    page = open_page(song)
    page.add_init_script("Object.defineProperty(window, 'localStorage', { get() { throw Error('blocked') } })")
    page.reload()
    page.wait_for_selector("#lyrics .line")
    page.click("#help-button")
    page.uncheck("#letters")
    page.keyboard.press("Escape")
    page.keyboard.press("e")
    expect(page.locator("#editor")).to_be_hidden()
    page.click("#edit-button")
    word(page, "home").click()
    page.keyboard.press("Delete")
    page.keyboard.press("Control+s")
    expect(page.locator("#save-state")).to_have_text("Saved")
    assert fake.edited[song["id"]]["lines"][0]["text"] == "So far away from"
