"""Melody and chords on the page: found on request, in any key, over the lines, in full screen and the waveform."""

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
NOTES = [
    {"text": "So", "start_s": 0.48, "end_s": 0.58, "pitch": 60, "hertz": 261.6, "word": 0},
    {"text": "far", "start_s": 0.84, "end_s": 0.92, "pitch": 64, "hertz": 329.6, "word": 1},
    {"text": "a", "start_s": 1.2, "end_s": 1.61, "pitch": 67, "hertz": 392.0, "word": 2},
]
MELODY = {"tuning_cents": 0.0, "notes": NOTES}
CHORDS = {
    "key": {"tonic": "F", "mode": "major"},
    "bpm": 96.4,
    "beats": [],
    "chords": [
        {"start_s": 0.0, "end_s": 1.7, "label": "F:maj", "symbol": "F"},
        {"start_s": 1.7, "end_s": 3.8, "label": "Bb:maj/3", "symbol": "Bb/D"},
        {"start_s": 3.8, "end_s": 9.9, "label": "N", "symbol": None},
        {"start_s": 9.9, "end_s": 11.0, "label": "C:7", "symbol": "C7"},
    ],
}
OVER = """[...document.querySelectorAll('#lyrics .line')].map((line) =>
  [...line.querySelectorAll('[data-chord]')].map((word) => `${word.dataset.chord} ${word.textContent}`))"""
# Pixels of the canvas that are not empty.
PAINTED = """(() => {{ const canvas = document.querySelector('{0}');
  const pen = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', {{ willReadFrequently: true }});
  pen.drawImage(canvas, 0, 0);
  const {{ data }} = pen.getImageData(0, 0, canvas.width, canvas.height);
  return data.filter((part, i) => i % 4 === 3 && part > 0).length; }})()"""


def find(fake: Fake, song: dict[str, Any], *names: str) -> None:
    """What a worker does."""
    fake.follow_ups.update(melody=MELODY, chords=CHORDS)
    song.update(state="done", progress=None, wanted=[], found=list(names), formats=[*song["formats"], "midi", "lab"])
    fake.changes += 1


def test_melody_and_chords_are_found_on_request(
    open_page: Callable[..., Page], fake: Fake, song: dict[str, Any]
) -> None:
    page = open_page(song)
    expect(page.locator("#key-name")).to_be_hidden()
    page.get_by_role("button", name="Find the chords").click()
    expect(page.locator("#music-note")).to_have_text("Ready, finding the chords, 50 %")
    expect(page.get_by_role("button", name="Find the chords")).to_be_hidden()
    page.locator("#music").get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Find the chords")).to_be_enabled()
    page.get_by_role("button", name="Find the melody").click()
    expect(page.locator("#music-note")).to_contain_text("finding the melody")
    song.update(state="done", wanted=[], not_found={"melody": "no voice found"})
    fake.changes += 1
    expect(page.locator("#music-note")).to_have_text("no voice found.")
    expect(page.get_by_role("button", name="Find the melody")).to_be_hidden()
    page.get_by_role("button", name="Find the chords").click()
    expect(page.locator("#music-note")).to_contain_text("finding the chords")
    find(fake, song, "chords")
    expect(page.locator("#key-name")).to_have_text("Key: F major · 96 beats a minute")


def test_chords_stand_over_the_words_in_the_key_that_is_chosen(
    open_page: Callable[..., Page], fake: Fake, song: dict[str, Any]
) -> None:
    find(fake, song, "chords")
    page = open_page(song)
    until(page, f"JSON.stringify({OVER}) === JSON.stringify([['F So', 'Bb/D from'], ['Bb/D So'], [], []])")
    # A chord between two lines stands before the second.
    expect(page.locator("#lyrics .line .between")).to_have_text("C7")
    expect(page.locator("#lyrics .word").first).to_have_text("So")
    page.select_option("#transpose", "-1")
    expect(page.locator("#key-name")).to_contain_text("Key: E major")
    until(page, f"JSON.stringify({OVER}[0]) === JSON.stringify(['E So', 'A/C# from'])")
    page.select_option("#capo", "2")
    until(page, f"JSON.stringify({OVER}[0]) === JSON.stringify(['D So', 'G/B from'])")
    page.get_by_label("Chords", exact=True).uncheck()
    until(page, f"{OVER}.flat().length === 0")
    page.reload()
    page.wait_for_selector("#lyrics .line")
    expect(page.get_by_label("Chords", exact=True)).not_to_be_checked()


def test_chords_follow_the_key_of_the_tracks(open_page: Callable[..., Page], fake: Fake, song: dict[str, Any]) -> None:
    find(fake, song, "chords")
    page = open_page(song)
    expect(page.locator("#key-name")).to_contain_text("Key: F major")
    page.select_option("#key", "2")
    expect(page.locator("#key-name")).to_contain_text("Key: G major")
    until(page, f"JSON.stringify({OVER}[0]) === JSON.stringify(['G So', 'C/E from'])")
    expect(page.locator("#transpose")).to_have_value("2")


def test_the_melody_runs_in_full_screen_and_in_the_waveform(
    open_page: Callable[..., Page], fake: Fake, song: dict[str, Any]
) -> None:
    page = open_page(song)
    until(page, f"{PAINTED.format('#wave canvas')} > 0")
    before = page.evaluate(PAINTED.format("#wave canvas"))
    find(fake, song, "melody", "chords")
    expect(page.get_by_label("Melody", exact=True).first).to_be_visible()
    until(page, f"{PAINTED.format('#wave canvas')} !== {before}")
    expect(page.locator("#lane")).to_be_hidden()
    page.click("#full-button")
    expect(page.locator("#lane")).to_be_visible()
    until(page, f"{PAINTED.format('#lane')} > 1000")
    page.click("#full-button")
    page.get_by_label("Melody", exact=True).first.uncheck()
    page.click("#full-button")
    expect(page.locator("#lane")).to_be_hidden()


def test_keys_chords_and_notes_as_text(open_page: Callable[..., Page]) -> None:
    page = open_page()

    def run(code: str) -> Any:
        return page.evaluate(f"async () => {{ const m = await import('/static/harmony.js'); return {code}; }}")

    names = "m.namesIn({tonic: 'F', mode: 'major'})"
    assert run(f"['C', 'F#m7', 'Bb/D', 'Cdim', 'G7sus4'].map((one) => m.transposeChord(one, 1, {names}))") == [
        "Db", "Gm7", "B/Eb", "Dbdim", "Ab7sus4",
    ]  # fmt: skip
    assert run("['A', 'Cb', 'F##'].map(m.pitchClass)") == [9, 11, 7]
    assert run("m.transposeKey({tonic: 'A', mode: 'minor'}, -2)") == {"tonic": "G", "mode": "minor"}
    assert run("m.namesIn({tonic: 'G', mode: 'minor'})[10]") == "Bb"
    assert run("m.namesIn({tonic: 'E', mode: 'minor'})[10]") == "A#"
    assert run("[m.noteName(60, m.namesIn(null)), m.noteName(70, m.namesIn(null))]") == ["C4", "A#4"]
    assert run("m.chordAt([{start_s: 1, end_s: 2, symbol: 'C'}], 2)") is None
    lanes = "await import('/static/melody_drawing.js')"
    assert page.evaluate(f"async () => ({lanes}).pitchRange([{{pitch: 60}}, {{pitch: 62}}])") == [55, 67]


def test_keys_have_the_names_of_the_language(open_page: Callable[..., Page]) -> None:
    names = "[['B', 'major'], ['Bb', 'minor']].map(([tonic, mode]) => m.keyName({ tonic, mode }))"
    code = f"async () => {{ const m = await import('/static/key_names.js'); return {names}; }}"
    assert open_page(locale="de-DE").evaluate(code) == ["H-Dur", "b-Moll"]
