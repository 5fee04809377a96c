"""Karaoke files from the page in a real browser: the look and its picture, making, progress, cancelling, the result."""

from __future__ import annotations

from collections.abc import Callable

import pytest

pytest.importorskip("playwright")
pytest.importorskip("fastapi")

from helpers.web.browsing import CHROMIUM
from helpers.web.fake_server import Fake
from playwright.sync_api import Page, expect

pytest_plugins = ["helpers.web.opened"]
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")

Open = Callable[..., Page]


def test_a_video_is_chosen_made_cancelled_and_downloaded(open_page: Open, fake: Fake) -> None:
    job = fake.add("a song.wav")
    fake.finish(job)
    page = open_page(job)
    page.click("#download-button")
    page.click("#karaoke-button")
    expect(page.locator("#karaoke img")).to_have_js_property("complete", True)
    page.select_option("#karaoke-style", "stage")
    page.locator("#karaoke").get_by_label("Sung words").fill("#ff0000")
    picture = page.locator("#karaoke img[src*='sung=%23ff0000']")
    expect(picture).to_have_attribute(
        "src", f"api/jobs/{job['id']}/karaoke-preview?sung=%23ff0000&style=stage&at_s=0.00#0"
    )
    expect(page.locator("#karaoke")).to_contain_text("The voice is removed first")
    page.click("#karaoke [type=submit]")
    made = page.locator("#karaoke li")
    expect(made).to_contain_text("Video (MP4) Waiting")
    expect(page.locator("#karaoke [type=submit]")).to_be_disabled()
    wanted = job["karaoke"][0]["look"]
    assert wanted == {"style": "stage", "sung": "#ff0000", "size": "720p", "backing": 0}
    job.update(state="running", stage="drawing", progress=0.5)
    fake.changes += 1
    expect(made.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "50")
    job["karaoke"][0].update(state="stopped")
    made.get_by_role("button", name="Cancel").click()
    expect(made).to_contain_text("Cancelled")
    job["karaoke"][0].update(state="failed", error="the disk is full")
    fake.changes += 1
    expect(made).to_contain_text("Could not be made: the disk is full")
    job["karaoke"][0].update(state="done", size_bytes=2_500_000)
    fake.changes += 1
    link = made.get_by_role("link", name="Download (2.5 MB)")
    expect(link).to_have_attribute("href", f"api/jobs/{job['id']}/karaoke/mp4")


def test_a_picture_that_cannot_be_drawn_is_explained(open_page: Open, fake: Fake) -> None:
    job = fake.add("a song.wav")
    fake.finish(job)
    page = open_page(job)
    fake.refuse.append((422, "the font DejaVuSans.ttf has no Hangul (Korean)"))
    page.click("#download-button")
    page.click("#karaoke-button")
    expect(page.locator("#karaoke .problem")).to_contain_text("has no Hangul (Korean)")
