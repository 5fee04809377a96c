"""The waveform: the song, the voice in front of it, the spectrogram, rows of labels, zoom."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("playwright")
pytest.importorskip("fastapi")

from helpers.web.browsing import CHROMIUM, until
from helpers.web.fake_server import Fake
from playwright.sync_api import Page, expect

pytest_plugins = ["helpers.web.opened"]
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")

COLOURS = """
(() => {
  const canvas = document.querySelector('#wave canvas');
  const copy = Object.assign(document.createElement('canvas'), { width: canvas.width, height: canvas.height });
  const pen = copy.getContext('2d', { willReadFrequently: true });
  pen.drawImage(canvas, 0, 0);
  const strip = pen.getImageData(0, 24, canvas.width, canvas.height - 24 - 60).data;
  const hex = (name) => getComputedStyle(canvas).getPropertyValue(name).trim().slice(1);
  const count = (colour) => {
    const wanted = [0, 2, 4].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
    let found = 0;
    for (let i = 0; i < strip.length; i += 4)
      if (strip[i + 3] > 250 && wanted.every((value, j) => Math.abs(strip[i + j] - value) < 3)) found += 1;
    return found;
  };
  return { wave: count(hex('--wave')), accent: count(hex('--accent')) };
})()
"""


def shown(page: Page) -> dict[str, int]:
    found: dict[str, int] = page.evaluate(COLOURS)
    return found


def test_the_voice_is_drawn_in_front_of_the_song(open_page: Callable[..., Page], song: dict[str, Any]) -> None:
    page = open_page(song)
    expect(page.locator("#wave-view")).to_have_value("voice")
    until(page, f"{COLOURS}.accent > 2000")
    assert shown(page)["wave"] > 2000
    page.select_option("#wave-view", "song")
    until(page, f"{COLOURS}.accent < 1000")
    page.select_option("#wave-view", "spectrogram")
    until(page, f"{COLOURS}.wave === 0")
    # Its lower half.
    until(page, f"{COLOURS}.accent > 10000")
    page.reload()
    expect(page.locator("#wave-view")).to_have_value("spectrogram")


@pytest.mark.slow
def test_a_song_without_stems_has_no_voice_to_show(
    open_page: Callable[..., Page], fake: Fake, aligned: dict[str, Any]
) -> None:
    page = open_page(aligned)
    expect(page.locator("#wave-view")).to_have_value("song")
    assert page.locator("#wave-view option:not([hidden])").all_text_contents() == ["Waveform", "Spectrogram"]
    fake.refuse += [(422, "this song is too long for that")]
    page.select_option("#wave-view", "spectrogram")
    expect(page.locator("#toast")).to_have_text("this song is too long for that.")
    expect(page.locator("#wave-view")).to_have_value("song")


@pytest.mark.parametrize(
    "size",
    [(740, 360), pytest.param((667, 375), marks=pytest.mark.slow), pytest.param((568, 320), marks=pytest.mark.slow)],
)
def test_phones_in_landscape_keep_play_in_view(
    open_page: Callable[..., Page], song: dict[str, Any], size: tuple[int, int]
) -> None:
    page = open_page(song, viewport={"width": size[0], "height": size[1]}, has_touch=True, is_mobile=True)
    page.evaluate("document.querySelector('audio').currentTime = 13")
    for press in (None, "#edit-button", "#tap-button"):
        if press:
            page.locator(press).dispatch_event("click")
        expect(page.locator("#play")).to_be_in_viewport(ratio=1)
        assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
        if press == "#edit-button":
            # The waveform, which was hidden, shows where the song is.
            expect(page.locator(".playhead")).to_be_in_viewport()
    expect(page.locator("#tap-pad")).to_be_in_viewport(ratio=0.9)


@pytest.mark.slow
def test_the_wheel_zooms_around_the_pointer(open_page: Callable[..., Page], song: dict[str, Any]) -> None:
    page = open_page(song)
    box = page.locator("#wave canvas").bounding_box()
    assert box is not None
    width = "document.querySelector('.wave-span').clientWidth"
    before = page.evaluate(width)
    page.mouse.move(box["x"] + 300, box["y"] + 40)
    for _ in range(2):
        page.mouse.wheel(0, -200)
    until(page, f"{width} > {before} * 2")
    # The time under the pointer stays.
    place = page.evaluate("document.querySelector('.wave-scroll').scrollLeft")
    assert (place + 300) / page.evaluate(width) == pytest.approx(300 / before, rel=0.02)
    # Where the song is paused, the waveform goes along with a jump.
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    until(page, f"document.querySelector('.wave-scroll').scrollLeft > {place} + 800")
