"""Practising with the page: tapping along, the loop between two marks, the count-in, the tempo."""

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
SOUND = "document.querySelector('audio[data-track=mix]')"
TIME = f"{SOUND}.currentTime"
NOW = "document.querySelector('#now').textContent"


def test_space_marks_words_while_the_song_plays(
    open_page: Callable[..., Page], fake: Fake, song: dict[str, Any]
) -> None:
    page = open_page(song)
    page.click("#edit-button")
    word(page, "Where").click()
    page.keyboard.press("Shift+T")
    expect(page.locator("#tap-pad")).to_contain_text("Where")
    page.keyboard.press(" ")
    # It plays from two seconds before the word.
    until(page, f"!{SOUND}.paused && {TIME} > 4.1 && {TIME} < 7")
    for text, next_one in (("Where", "my"), ("my", "home")):
        page.keyboard.down(" ")
        expect(page.locator(".word.chosen")).to_have_text(next_one)
        page.wait_for_timeout(250)
        page.keyboard.up(" ")
        expect(page.locator("#tap-pad .tap-word")).to_have_text(next_one)
        assert text != next_one
    page.keyboard.press("Escape")
    expect(page.locator(".tap-state")).to_have_text("2 words were marked. Undo takes the pass back.")
    page.wait_for_timeout(100)
    expect(page.locator(".tap-state")).to_have_text("2 words were marked. Undo takes the pass back.")
    assert page.evaluate(f"{SOUND}.paused")
    page.click("#tap-done")
    word(page, "Where").click()
    marked = page.evaluate("document.querySelector('#end-time').textContent")
    page.click("[data-command=save]")
    expect(page.locator("#save-state")).to_have_text("Saved")
    first, second, third = fake.edited[song["id"]]["lines"][2]["words"][:3]
    assert first["end_s"] - first["start_s"] == pytest.approx(0.3, abs=0.15)
    assert marked == f"0:{first['end_s']:06.3f}"
    assert second["start_s"] >= first["end_s"]
    assert third["text"] == "home"
    # The whole pass is one step.
    page.keyboard.press("Control+z")
    expect(page.locator("#start-time")).to_have_text("0:06.060")
    expect(page.locator("[data-command=undo]")).to_be_disabled()


@pytest.mark.slow
def test_a_finger_taps_and_the_last_mark_can_be_taken_back(
    open_page: Callable[..., Page], song: dict[str, Any]
) -> None:
    page = open_page(song, viewport={"width": 390, "height": 844}, has_touch=True)
    page.tap("#edit-button")
    word(page, "Where").tap()
    page.tap("#tap-button")
    page.tap("#tap-pad")
    until(page, f"!{SOUND}.paused && {TIME} > 4.1")
    for text in ("my", "home"):
        page.tap("#tap-pad")
        expect(page.locator("#tap-pad .tap-word")).to_have_text(text)
    page.tap("#tap-back")
    expect(page.locator("#tap-pad .tap-word")).to_have_text("my")
    page.tap("#tap-back")
    expect(page.locator("#tap-pad .tap-word")).to_have_text("Where")
    page.tap("#tap-done")
    expect(page.locator("[data-command=undo]")).to_be_disabled()


@pytest.mark.slow
def test_the_delay_of_taps_is_kept(open_page: Callable[..., Page], song: dict[str, Any]) -> None:
    page = open_page(song)
    page.click("#edit-button")
    page.click("#tap-button")
    page.click("#tap-measure")
    until(page, "document.querySelector('#delay [role=status]').textContent.includes('…')")
    for _ in range(8):
        page.keyboard.press(" ")
        page.wait_for_timeout(300)
    page.locator("#delay").get_by_role("button", name="Cancel").click()
    page.fill("#tap-latency", "120")
    page.keyboard.press("Tab")
    page.reload()
    page.click("#edit-button")
    page.click("#tap-button")
    expect(page.locator("#tap-latency")).to_have_value("120")


def test_two_marks_repeat_what_is_between_them(open_page: Callable[..., Page], song: dict[str, Any]) -> None:
    page = open_page(song)
    page.evaluate(f"{TIME} = 2")
    until(page, f"{NOW} === '0:02.0'")
    page.keyboard.press("1")
    page.evaluate(f"{TIME} = 4")
    until(page, f"{NOW} === '0:04.0'")
    page.keyboard.press("2")
    expect(page.locator("#loop-b")).to_have_attribute("aria-pressed", "true")
    page.evaluate(f"{TIME} = 3.6")
    page.keyboard.press(" ")
    until(page, f"{TIME} > 1.9 && {TIME} < 3")
    page.keyboard.press("Escape")
    expect(page.locator("#loop-clear")).to_be_hidden()
    page.evaluate(f"{TIME} = 3.8")
    until(page, f"{TIME} > 4.1")


@pytest.mark.slow
def test_the_count_in_is_in_the_tempo_of_the_song(
    open_page: Callable[..., Page], fake: Fake, song: dict[str, Any]
) -> None:
    song["found"] = ["chords"]
    fake.follow_ups["chords"] = {"key": None, "bpm": 150.0, "beats": [], "chords": []}
    page = open_page(song)
    expect(page.get_by_text("150 beats a minute")).to_be_visible()
    page.click("#count-in")
    page.evaluate("""() => {
      window.counted = [];
      const number = document.querySelector('#count-in-number');
      new MutationObserver(() => window.counted.push([number.textContent, performance.now()]))
        .observe(number, { childList: true, characterData: true, subtree: true });
    }""")
    page.keyboard.press(" ")
    until(page, f"!{SOUND}.paused")
    counted = page.evaluate("window.counted")
    assert [number for number, _ in counted] == ["4", "3", "2", "1"]
    assert (counted[-1][1] - counted[0][1]) / 1000 == pytest.approx(3 * 60 / 150, abs=0.1)


@pytest.mark.slow
def test_the_count_in_comes_before_the_song(open_page: Callable[..., Page], song: dict[str, Any]) -> None:
    page = open_page(song)
    page.click("#count-in")
    page.click("#speed")
    page.select_option("#speed", "2")
    page.keyboard.press("Escape")
    page.click("#play")
    expect(page.locator("#count-in-number")).to_have_text("3")
    assert page.evaluate(f"{SOUND}.paused")
    # Space breaks it off, and starts it again.
    page.keyboard.press(" ")
    expect(page.locator("#count-in-number")).to_be_hidden()
    page.keyboard.press(" ")
    expect(page.locator("#count-in-number")).to_have_text("1")
    until(page, f"!{SOUND}.paused")
    assert page.evaluate(f"[{SOUND}.playbackRate, {SOUND}.preservesPitch]") == [2, True]
    page.reload()
    expect(page.locator("#count-in")).to_have_attribute("aria-pressed", "true")
