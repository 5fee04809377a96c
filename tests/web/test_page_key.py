"""Singing in another key: the instrumental changes, the place in the song stays, downloads follow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("playwright")
pytest.importorskip("fastapi")

from helpers.web.browsing import CHROMIUM, until
from helpers.web.fake_server import Fake
from playwright.sync_api import Page, Route, expect

pytest_plugins = ["helpers.web.opened"]
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
HEARD = "[...document.querySelectorAll('audio')].filter((sound) => !sound.muted && !sound.paused)"


def test_another_key_plays_on_at_the_same_place(open_page: Callable[..., Page], song: dict[str, Any]) -> None:
    page = open_page(song)
    page.select_option("#speed", "0.8")
    page.evaluate("document.querySelector('audio').currentTime = 4")
    page.click("#play")
    page.select_option("#key", "-2")
    until(page, f"{HEARD}.length === 1 && {HEARD}[0].src.endsWith('/stems/instrumental?semitones=-2')")
    expect(page.locator("#tracks :checked")).to_have_value("instrumental")
    assert (
        page.evaluate(f"[{HEARD}[0].currentTime > 4, {HEARD}[0].playbackRate > 0.4, {HEARD}[0].preservesPitch]")
        == [True] * 3
    )
    # Another one; the old one is gone once the new one plays.
    page.select_option("#key", "3")
    until(page, f"{HEARD}.length === 1 && {HEARD}[0].src.endsWith('?semitones=3')")
    until(page, "document.querySelectorAll('audio').length === 2")
    # The song itself has its own key; the instrumental keeps the one that was chosen.
    page.keyboard.press("m")
    expect(page.locator("#key")).to_have_value("0")
    page.keyboard.press("m")
    expect(page.locator("#key")).to_have_value("3")
    page.click("#download-button")
    link = page.locator("#downloads [data-track=instrumental]")
    expect(link).to_contain_text("(key +3, tempo 80 %)")
    assert link.get_attribute("href") == f"api/jobs/{song['id']}/stems/instrumental?semitones=3&tempo=80&download=true"


def test_the_key_that_is_made_stays_chosen(open_page: Callable[..., Page], song: dict[str, Any], fake: Fake) -> None:
    page = open_page(song)
    held: list[Route] = []
    page.route("**/stems/**semitones=4*", lambda route: held.append(route))  # noqa: PLW0108 (playwright needs a function)
    page.select_option("#key", "4")
    expect(page.locator("#key-note")).to_have_text("Changing the key …")
    # The song is drawn anew, as when its melody is being found; the note has no other reason to stay.
    song["title"] = "Another name"
    fake.changes += 1
    expect(page.locator("#song-name")).to_contain_text("Another name")
    expect(page.locator("#key")).to_have_value("4")
    held[0].continue_()
    expect(page.locator("#key-note")).to_be_empty()
    expect(page.locator("#key")).to_have_value("4")


@pytest.mark.slow
def test_a_key_that_fails_leaves_the_old_one(open_page: Callable[..., Page], song: dict[str, Any]) -> None:
    page = open_page(song)
    page.route(
        "**/stems/**semitones=5*", lambda route: route.fulfill(status=422, json={"error": "too long", "hint": None})
    )
    page.select_option("#key", "5")
    expect(page.locator("#sound-problem")).to_have_text("too long.")
    expect(page.locator("#key")).to_have_value("0")
    expect(page.locator("#tracks :checked")).to_have_value("mix")
    page.check("#tracks [value=blend]", force=True)
    page.select_option("#key", "-1")
    until(page, "document.querySelectorAll('audio[src*=\"semitones=-1\"]').length === 2")
    expect(page.locator("#key-note")).to_be_empty()
