"""The page with the keyboard: the focus is never lost, and keys do what is expected."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("playwright")
pytest.importorskip("fastapi")

from helpers.web.browsing import CHROMIUM, wav
from helpers.web.fake_server import Fake
from playwright.sync_api import Page, expect

pytest_plugins = ["helpers.web.opened"]
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")


def test_the_focus_stays_near_a_cancelled_or_deleted_song(open_page: Callable[..., Page], fake: Fake) -> None:
    for name in ("one.wav", "two.wav"):
        fake.add(name, held=True)
    page = open_page()
    page.get_by_role("button", name="Cancel one").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Delete one")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Keep")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Delete one")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Shift+Tab")
    expect(page.locator("#ask").get_by_role("button", name="Delete")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="two")).to_be_focused()


def test_a_row_that_moves_keeps_the_focus(open_page: Callable[..., Page], fake: Fake) -> None:
    first, second = fake.add("one.wav", held=True), fake.add("two.wav", held=True)
    page = open_page()
    page.get_by_role("link", name="two").focus()
    second.update(state="running", stage="recognising", progress=0.5)
    fake.changes += 1
    expect(page.locator("#jobs .job-name").first).to_have_text("two")
    expect(page.get_by_role("link", name="two")).to_be_focused()
    assert first["state"] == "queued"


def test_a_failed_upload_can_be_removed_or_retried(open_page: Callable[..., Page], fake: Fake) -> None:
    fake.refuse += [(415, "This is no song"), (415, "This is no song")]
    page = open_page()
    page.set_input_files("#files", [wav(fake)])
    page.click("#start")
    expect(page.locator("#uploads .problem")).to_have_text("This is no song.")
    page.get_by_role("button", name="Try again").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Try again")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#files")).to_be_focused()


def test_clear_resets_the_form(open_page: Callable[..., Page], fake: Fake) -> None:
    page = open_page()
    page.set_input_files("#files", [wav(fake)])
    page.check("[name=kind][value=align]")
    page.click("#clear")
    expect(page.locator("#files")).to_be_focused()
    page.set_input_files("#files", [wav(fake)])
    expect(page.locator("[name=kind][value=transcribe]")).to_be_checked()
    expect(page.locator("#preset-choice")).to_contain_text("Small, English")


def test_help_starts_at_the_top_and_returns_the_focus(open_page: Callable[..., Page], song: dict[str, Any]) -> None:
    page = open_page(song, viewport={"width": 390, "height": 500})
    page.locator("#lyrics .word").first.focus()
    page.keyboard.press("?")
    expect(page.locator("#help-title")).to_be_in_viewport()
    page.keyboard.press("Escape")
    expect(page.locator("#lyrics .word").first).to_be_focused()


def test_a_song_that_is_too_large_is_not_uploaded(open_page: Callable[..., Page], fake: Fake) -> None:
    page = open_page()
    large = {"name": "large.wav", "mimeType": "audio/wav", "buffer": bytes(1_200_000)}
    page.set_input_files("#files", [large, wav(fake)])
    expect(page.locator("#add-problem")).to_have_text(
        "“large.wav” is too large (1.2 MB). The limit of the server is 1.0 MB."
    )
    expect(page.locator("#picked .picked-name")).to_have_text(["my song"])


def test_arrow_keys_seek_unless_a_control_uses_them(open_page: Callable[..., Page], song: dict[str, Any]) -> None:
    page = open_page(song)
    time = "document.querySelector('audio[data-track=mix]').currentTime"
    for place in ("#play", "#edit-button", "#main"):
        page.focus(place)
        page.keyboard.press("ArrowRight")
        assert page.evaluate(time) == pytest.approx(5, abs=0.1)
        page.keyboard.press("ArrowLeft")
        assert page.evaluate(time) == pytest.approx(0, abs=0.1)
    page.focus("#volume")
    page.keyboard.press("ArrowLeft")
    assert page.evaluate(time) == pytest.approx(0, abs=0.1)
