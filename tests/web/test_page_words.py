"""Pasted lyrics on the page: what is left out of them is shown, and can be kept. Songs get other names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("fastapi")
pytest.importorskip("playwright")

from helpers.web.browsing import CHROMIUM
from helpers.web.fake_server import Fake
from playwright.sync_api import Page, expect

pytest_plugins = ["helpers.web.opened"]
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")

SHEET = "[Verse 1]\nSo far away (x2)\n\n[Chorus]\nmy home [spoken]\nWritten by John Doe"


def test_what_is_left_out_is_struck_through_and_can_be_kept(open_page: Callable[..., Page], fake: Fake) -> None:
    page = open_page()
    page.set_input_files("#files", {"name": "a song.wav", "mimeType": "audio/wav", "buffer": b"RIFF"})
    page.locator("[name=kind][value=align]").check(force=True)
    text = page.get_by_label("Lyrics of a song")
    text.fill("So far away")
    preview = page.locator("#picked .sheet-preview")
    expect(preview).to_be_hidden()
    text.fill(SHEET)
    expect(preview.locator("summary")).to_have_text("3 lines will be timed, something is left out of 5 rows")
    assert preview.locator("s").all_text_contents() == [
        "[Verse 1]", "(x2)", "[Chorus]", "[spoken]", "Written by John Doe"]  # fmt: skip
    page.get_by_role("button", name="Keep “Written by John Doe”").click()
    expect(preview.locator("summary")).to_have_text("4 lines will be timed, something is left out of 4 rows")
    expect(page.get_by_role("button", name="Leave out “Written by John Doe”")).to_be_focused()
    page.get_by_role("button", name="Keep “[Chorus]”").click()
    expect(preview.locator("summary")).to_contain_text("5 lines")
    page.get_by_role("button", name="Leave out “[Chorus]”").click()
    expect(preview.locator("summary")).to_contain_text("4 lines")
    page.click("#start")
    expect(page.locator("#jobs .job")).to_have_count(1)
    (lyrics,) = fake.lyrics.values()
    sent: list[Any] = lyrics.replace("\u034f", "").split("\n")
    assert ["".join(row.split()) for row in sent] == ["".join(row.split()) for row in SHEET.split("\n")]
    assert "\u034f" in lyrics.split("\n")[-1]


def test_a_song_is_renamed(open_page: Callable[..., Page], song: dict[str, Any]) -> None:
    page = open_page(song)
    page.get_by_role("button", name="Rename").click()
    expect(page.locator("#rename-title")).to_have_value("a song")
    page.locator("#rename-title").fill("On the Run")
    page.locator("#rename-artist").fill("Josh Woodward")
    page.locator("#rename").get_by_role("button", name="Save").click()
    expect(page.locator("#song-name")).to_have_text("Josh Woodward – On the Run")
    page.get_by_role("link", name="All songs").click()
    expect(page.locator("#jobs .job-name")).to_have_text("Josh Woodward – On the Run")
    expect(page.get_by_role("button", name="Delete Josh Woodward – On the Run")).to_be_visible()
