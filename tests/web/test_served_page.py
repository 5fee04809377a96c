"""The page with a real server and model: a song is uploaded, transcribed, played, corrected and downloaded."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("playwright")

from helpers.web.browsing import CHROMIUM, watched
from helpers.web.served import SONG, Process
from playwright.sync_api import Browser, Page, expect

from lyricsrec.formats.karaoke.lrc import parse_lrc

pytest_plugins = ["helpers.web.opened"]
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")

SOUNDING = """new Promise((resolve) => {
  const seen = [];
  const look = () => {
    const now = document.querySelector('#lyrics [data-sung=now]');
    if (now) seen.push([document.querySelector('audio[data-track=mix]').currentTime, now.textContent.trim()]);
    if (seen.length < 60) requestAnimationFrame(look); else resolve(seen);
  };
  requestAnimationFrame(look);
})"""


@pytest.fixture(scope="module")
def page(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    server = Process(tmp_path_factory.mktemp("served"))
    server.start()
    try:
        with watched(browser, server.url) as page:
            page.goto(server.url)
            yield page
    finally:
        server.end(signal.SIGTERM)


@pytest.mark.slow
def test_from_a_song_to_corrected_lyrics(page: Page, tmp_path: Path) -> None:
    page.set_input_files("#files", SONG)
    page.click("#preset-choice summary")
    page.check("[name=preset][value=builtin]")
    page.click("#start")
    job = page.locator("#jobs .job")
    expect(job.get_by_role("progressbar").or_(job.get_by_text("Ready"))).to_be_visible(timeout=120_000)
    expect(job).to_contain_text("Ready", timeout=120_000)
    job.get_by_role("link").first.click()
    page.wait_for_selector("#lyrics .line")

    words = page.evaluate(
        "fetch(`/api/jobs/${location.hash.slice(5)}/transcript`).then((answer) => answer.json())"
        ".then((found) => found.transcript.lines.flatMap((line) => line.words))"
    )
    page.locator("#lyrics .word").first.click()
    page.click("#play")
    seen = page.evaluate(SOUNDING)
    page.click("#play")
    for time_s, text in seen:
        assert any(w["text"] == text and w["start_s"] - 0.05 <= time_s <= w["end_s"] + 0.05 for w in words), time_s

    page.click("#edit-button")
    page.locator("#lyrics .word").first.dblclick()
    page.get_by_label("Text of the word").fill("Corrected")
    page.keyboard.press("Enter")
    page.keyboard.press("Control+s")
    expect(page.locator("#save-state")).to_have_text("Saved")
    page.reload()
    expect(page.locator("#lyrics .word").first).to_have_text("Corrected")

    page.click("#download-button")
    with page.expect_download() as download:
        page.click("[data-format=lrc]")
    file = tmp_path / "song.lrc"
    download.value.save_as(file)
    assert parse_lrc(file.read_text("utf-8")).lines[0].words[0].text == "Corrected"
