"""Instrumental and vocals in a real browser: made on request, played, downloaded, or not offered with a reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("playwright")
pytest.importorskip("fastapi")

from helpers.web.browsing import CHROMIUM, until, wav
from helpers.web.fake_server import Fake
from playwright.sync_api import Page, expect

pytest_plugins = ["helpers.web.opened"]
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")

OFFERED = """[...document.querySelectorAll('#tracks label')].filter((label) => label.checkVisibility())
  .map((label) => label.textContent)"""
AUDIBLE = "[...document.querySelectorAll('audio')].find((sound) => !sound.muted).dataset.track"

Open = Callable[..., Page]
Job = dict[str, Any]


@pytest.fixture
def plain(fake: Fake) -> Job:
    """A song without tracks."""
    job = fake.add("a song.wav")
    fake.finish(job)
    return job


def change(fake: Fake, job: Job, **values: Any) -> None:
    job.update(values)
    fake.changes += 1


def test_tracks_are_made_while_the_lyrics_stay(open_page: Open, fake: Fake, plain: Job) -> None:
    fake.is_lazy = True
    page = open_page(plain)
    assert page.evaluate(OFFERED) == []
    page.locator("#lyrics .word", has_text="Where").click()
    page.click("#make-tracks")
    expect(page.locator("#tracks-note")).to_have_text("Making instrumental and vocals")
    expect(page.locator("#make-tracks")).to_be_hidden()
    change(fake, plain, state="running", stage="separating", progress=0.4)
    expect(page.locator("#tracks-note")).to_have_text("Making instrumental and vocals, 40 %")
    expect(page.locator("#lyrics .line")).to_have_count(4)
    expect(page.locator("#lyrics .word.chosen, #lyrics .word:focus")).to_have_text("Where")
    fake.finish(plain)
    expect(page.locator("#tracks")).to_be_visible()
    assert page.evaluate(OFFERED) == ["Song", "Instrumental", "Vocals", "Mix"]
    expect(page.locator("#tracks-note")).to_be_empty()
    expect(page.locator("#song-facts")).to_contain_text("instrumental, vocals")
    expect(page.locator("#announcement")).to_have_text("The tracks of a song are ready")
    page.locator("#tracks label", has_text="Instrumental").click()
    until(page, f"{AUDIBLE} === 'instrumental'")
    page.click("#download-button")
    links = page.locator("#downloads [data-track]")
    expect(links).to_have_text(["Instrumental download the instrumental (.flac)", "Vocals download the vocals (.flac)"])
    assert links.nth(0).get_attribute("href") == f"api/jobs/{plain['id']}/stems/instrumental?download=true"


def test_the_list_shows_what_is_being_made(open_page: Open, fake: Fake, plain: Job) -> None:
    page = open_page()
    row = page.locator("#jobs .job")
    change(fake, plain, state="running", stage="separating", progress=0.4)
    expect(row).to_contain_text("Ready, making tracks, 40 %")
    row.get_by_role("link").click()
    expect(page.locator("#lyrics .line")).to_have_count(4)


@pytest.mark.parametrize(
    ("tracks", "note", "offered"),
    [
        ([], "No instrumental or vocals: no voice was found.", []),
        (["vocals"], "No instrumental: nothing but the voice was found.", ["Song", "Vocals"]),
    ],
)
def test_a_track_with_nothing_to_hear_is_not_offered_but_explained(
    open_page: Open,
    fake: Fake,
    plain: Job,
    *,
    tracks: list[str],
    note: str,
    offered: list[str],
) -> None:
    change(fake, plain, tracks=tracks, stems_note=note)
    page = open_page(plain)
    expect(page.locator("#tracks-note")).to_have_text(note)
    expect(page.locator("#make-tracks")).to_be_hidden()
    assert page.evaluate(OFFERED) == offered
    page.keyboard.press("m")
    expect(page.locator("#tracks [value=mix]")).to_be_checked()
    page.click("#download-button")
    expect(page.locator("#downloads [data-track]")).to_have_count(len(tracks))


def test_a_full_queue_is_shown(open_page: Open, fake: Fake, plain: Job) -> None:
    page = open_page(plain)
    fake.refuse = [(429, "the queue is full")]
    page.click("#make-tracks")
    expect(page.locator("#sound-problem")).to_have_text("the queue is full.")
    expect(page.locator("#make-tracks")).to_be_enabled()


def test_new_songs_show_their_lyrics_before_their_tracks(open_page: Open, fake: Fake) -> None:
    fake.is_lazy = True
    page = open_page()
    page.set_input_files("#files", [wav(fake)])
    page.check("#stems")
    page.click("#start")
    page.locator("#jobs .job").get_by_role("link").click()
    expect(page.locator("#waiting")).to_be_visible()
    (job,) = fake.jobs.values()
    fake.finish(job)
    change(fake, job, state="running", stage="separating", progress=0.1, tracks=[])
    expect(page.locator("#lyrics .line")).to_have_count(4)
    expect(page.locator("#tracks-note")).to_have_text("Making instrumental and vocals, 10 %")
    expect(page.locator("#announcement")).to_have_text("my song is ready")


def test_instrumental_and_vocals_are_mixed(open_page: Open, song: Job) -> None:
    page = open_page(song)
    heard = """Object.fromEntries([...document.querySelectorAll('audio')].filter((sound) => !sound.muted)
      .map((sound) => [sound.dataset.track, sound.volume]))"""
    expect(page.locator("#levels")).to_be_hidden()
    page.click("#play")
    page.locator("#tracks label", has_text="Mix").click()
    until(page, f"Object.keys({heard}).sort().join() === 'instrumental,vocals'")
    page.get_by_label("Vocals", exact=True).last.fill("0.25")
    assert page.evaluate(heard) == {"instrumental": 1, "vocals": 0.25}
    page.locator("#tracks label", has_text="Instrumental").click()
    until(page, f"Object.keys({heard}).join() === 'instrumental'")
    page.locator("#tracks label", has_text="Song").click()
    until(page, f"JSON.stringify({heard}) === '{{\"mix\":1}}'")
    expect(page.locator("#levels")).to_be_hidden()
