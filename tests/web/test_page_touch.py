"""The page on a touch screen: dragging, scrolling, sizes of targets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("playwright")
pytest.importorskip("fastapi")

from helpers.web.browsing import CHROMIUM, command, until, word
from helpers.web.fake_server import Fake
from playwright.sync_api import Page, expect

pytest_plugins = ["helpers.web.opened"]
pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")]
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
SCROLLED = "document.querySelector('.wave-scroll').scrollLeft"


class Finger:
    """A finger on the waveform of a page that shows the song of 13.676 s."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.client = page.context.new_cdp_session(page)
        self.px_per_s = page.evaluate("document.querySelector('.wave-span').clientWidth") / 13.676

    def drag(self, seconds: float, by_px: float) -> None:
        box = self.page.locator("#wave canvas").bounding_box()
        assert box is not None
        x, y = box["x"] + seconds * self.px_per_s - self.page.evaluate(SCROLLED), box["y"] + 50
        self._send("touchStart", {"x": x, "y": y})
        for step in range(1, 11):
            self._send("touchMove", {"x": x + by_px * step / 10, "y": y})
        self._send("touchEnd")

    def _send(self, kind: str, *points: dict[str, float]) -> None:
        self.client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": list(points)})


def test_a_finger_drags_edges_of_the_selected_word_and_scrolls_elsewhere(
    open_page: Callable[..., Page], song: dict[str, Any]
) -> None:
    page = open_page(song, **PHONE)
    page.tap("#edit-button")
    word(page, "home").tap()
    finger = Finger(page)
    finger.drag(2.88, 12)
    expect(page.locator("#end-time")).to_have_text("0:03.030")
    page.keyboard.press("Control+z")
    expect(page.locator("#end-time")).to_have_text("0:02.880")
    # The edge of another word and the inside of a word scroll.
    for seconds in (3.76, 4.0, 4.45):
        finger.drag(seconds, -150)
        finger.drag(seconds + 1, 150)
    expect(page.locator("#word-name")).to_have_text("home")
    expect(page.locator("[data-command=undo]")).to_be_disabled()
    finger.drag(4.0, -200)
    until(page, f"{SCROLLED} > 50")


def test_a_tap_selects_a_word_in_the_waveform(open_page: Callable[..., Page], song: dict[str, Any]) -> None:
    page = open_page(song, **PHONE)
    page.tap("#edit-button")
    Finger(page).drag(4.0, 0)
    expect(page.locator("#word-name")).to_have_text("away")
    assert page.evaluate("document.querySelector('audio').currentTime") == pytest.approx(3.76)


@pytest.mark.parametrize("width", [320, 360, 390])
def test_targets_are_large(open_page: Callable[..., Page], aligned: dict[str, Any], width: int) -> None:
    page = open_page(aligned, **{**PHONE, "viewport": {"width": width, "height": 640}})
    small = """(all) => all.filter((it) => it.checkVisibility()).filter((it) => it.getBoundingClientRect().height < 43.5
        || it.matches("button") && it.getBoundingClientRect().width < 43.5)
      .map((it) => it.id || it.textContent)"""
    targets = page.locator("button:not(.word), select, summary, .tracks label, #position, .back")
    assert targets.evaluate_all(small) == []
    page.tap("#edit-button")
    assert targets.evaluate_all(small) == []
    command(page, "tap")
    page.tap("#edit-button")
    page.tap("#song .back")
    # The whole row is a link to its song.
    page.locator("#jobs .job").tap(force=True, position={"x": 40, "y": 30})
    expect(page.locator("#song")).to_be_visible()


def test_a_phone_shows_texts_for_touch(open_page: Callable[..., Page], fake: Fake, song: dict[str, Any]) -> None:
    page = open_page(**PHONE)
    expect(page.locator("#drop")).to_contain_text("Choose songs")
    expect(page.locator(".drop-big .mouse-only")).to_be_hidden()
    page.goto(f"{page.url}#job={song['id']}")
    page.wait_for_selector("#lyrics .line")
    page.evaluate("document.querySelector('#connection').textContent = 'Connection lost'")
    expect(page.locator("#connection")).to_be_visible()
