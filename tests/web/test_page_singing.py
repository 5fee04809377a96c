"""Singing with the page: breaks, overlapping voices, repeating a line, full screen."""

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
TIME = "document.querySelector('audio[data-track=mix]').currentTime"
SOUND = "document.querySelector('audio[data-track=mix]')"


def sing(fake: Fake, song: dict[str, Any], *lines: tuple[str, float, float]) -> None:
    """Make these the lines of a song; each is one word."""
    words = [[{"text": t, "start_s": a, "end_s": b, "confidence": 0.9}] for t, a, b in lines]
    fake.transcripts[song["id"]]["lines"] = [
        {"text": w[0]["text"], "start_s": w[0]["start_s"], "end_s": w[0]["end_s"], "words": w} for w in words
    ]


def test_a_break_counts_down_to_the_next_line(open_page: Callable[..., Page], fake: Fake, song: dict[str, Any]) -> None:
    sing(fake, song, ("one", 0.5, 1), ("two", 1.5, 2), ("three", 12, 13))
    page = open_page(song)
    strip = page.locator(".line .break")
    expect(strip).to_have_count(1)
    expect(strip).to_have_text("0:10")
    assert word(page, "three").evaluate("(it) => it.closest('.line').firstElementChild.className") == "break"
    page.evaluate(f"{SOUND}.currentTime = 2.5")
    expect(page.locator(".line.now")).to_contain_text("two")
    page.evaluate(f"{SOUND}.currentTime = 5")
    expect(page.locator(".line.now")).to_contain_text("three")
    expect(strip).to_have_text("7")
    expect(page.locator("[data-sung=now], [data-sung=sung]")).to_have_count(0)
    page.evaluate(f"{SOUND}.currentTime = 10.4")
    expect(page.locator(".break.on.soon")).to_have_text("2")
    page.evaluate(f"{SOUND}.currentTime = 12.2")
    expect(page.locator(".break.on")).to_have_count(0)
    expect(word(page, "three")).to_have_attribute("aria-current", "true")


def test_overlapping_voices_are_both_highlighted(
    open_page: Callable[..., Page], fake: Fake, song: dict[str, Any]
) -> None:
    sing(fake, song, ("lead", 1, 5), ("(backing)", 2, 3), ("next", 6, 7))
    page = open_page(song)
    page.evaluate(f"{SOUND}.currentTime = 2.5")
    expect(page.locator("[data-sung=now]")).to_have_text(["lead", "(backing)"])
    page.evaluate(f"{SOUND}.currentTime = 4")
    expect(page.locator("[data-sung=now]")).to_have_text(["lead"])
    page.evaluate(f"{SOUND}.currentTime = 6.5")
    expect(page.locator(".line.now")).to_have_text(["next"])


def test_a_line_is_repeated_until_switched_off(open_page: Callable[..., Page], song: dict[str, Any]) -> None:
    page = open_page(song)
    page.click("#play")
    page.keyboard.press("Escape")
    word(page, "So", 1).click()
    page.keyboard.press("r")
    expect(page.locator("#loop")).to_have_attribute("aria-pressed", "true")
    page.evaluate(f"{SOUND}.currentTime = 5.6")
    until(page, f"{TIME} > 2.6 && {TIME} < 4")
    # A click elsewhere repeats the line there; the last one is repeated at the song's end, too.
    word(page, "someone").click()
    page.evaluate(f"{SOUND}.currentTime = 13.6")
    until(page, f"{TIME} > 10.8 && {TIME} < 13 && !{SOUND}.paused")
    page.click("#loop")
    page.evaluate(f"{SOUND}.currentTime = 13.6")
    until(page, f"{SOUND}.ended")


def test_the_lyrics_fill_the_screen(open_page: Callable[..., Page], song: dict[str, Any]) -> None:
    page = open_page(song)
    size = "parseFloat(getComputedStyle(document.querySelector('.line')).fontSize)"
    small = page.evaluate(size)
    word(page, "Where").click()
    page.keyboard.press("f")
    expect(page.get_by_role("button", name="Leave full screen")).to_be_visible()
    expect(page.locator("#wave")).to_be_hidden()
    until(page, f"{size} > {1.5 * small}")
    until(page, "document.querySelector('#song').classList.contains('idle')")
    until(page, "getComputedStyle(document.querySelector('.deck')).opacity === '0'")
    # The line stays in the middle although everything is larger.
    until(
        page,
        """(() => { const line = document.querySelector('.line.now').getBoundingClientRect();
      return line.top > innerHeight * 0.15 && line.bottom < innerHeight * 0.75; })()""",
    )
    page.mouse.move(10, 10)
    until(page, "getComputedStyle(document.querySelector('.deck')).opacity === '1'")
    page.keyboard.press(" ")
    page.get_by_role("button", name="Leave full screen").click()
    expect(page.locator("#wave")).to_be_visible()
    page.keyboard.press("f")
    # A browser that is still entering may take the request to leave before that to enter.
    until(page, "document.fullscreenElement !== null")
    page.keyboard.press("e")
    expect(page.locator("#editor")).to_be_visible()
    expect(page.locator("#wave")).to_be_visible()
    page.keyboard.press("f")
    until(page, "!document.fullscreenElement")


@pytest.mark.parametrize("size", [(844, 390), (640, 320), (568, 320)])
def test_phones_in_landscape_show_lyrics_and_controls(
    open_page: Callable[..., Page], aligned: dict[str, Any], size: tuple[int, int]
) -> None:
    page = open_page(aligned, viewport={"width": size[0], "height": size[1]}, has_touch=True, is_mobile=True)
    controls = page.locator("#play, #position, #edit-button, #full-button")
    assert (
        controls.evaluate_all("(all) => all.map((it) => it.getBoundingClientRect().bottom <= innerHeight)")
        == [True] * 4
    )
    for control in controls.all():
        expect(control).to_be_visible()
    assert page.evaluate("document.querySelector('#lyrics').clientHeight") >= 100
    page.tap("#edit-button")
    expect(page.locator("#play")).to_be_in_viewport(ratio=1)
    expect(page.locator("[data-command=undo]")).to_be_in_viewport(ratio=1)


def test_long_words_break(open_page: Callable[..., Page], fake: Fake, song: dict[str, Any]) -> None:
    sing(fake, song, ("Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenfabrikantenwitwe", 0.5, 1))
    page = open_page(song, viewport={"width": 360, "height": 640})
    assert page.evaluate("document.querySelector('.word').getBoundingClientRect().right <= innerWidth")
