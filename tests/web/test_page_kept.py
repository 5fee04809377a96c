"""The page loses nothing: words typed in a row, corrected songs, places without lyrics, songs to process again."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("playwright")
pytest.importorskip("fastapi")

from helpers.web.browsing import CHROMIUM, command, until, word
from helpers.web.fake_server import Fake
from playwright.sync_api import Page, expect

pytest_plugins = ["helpers.web.opened"]
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
LINES = "[...document.querySelectorAll('#lyrics .line')].map((line) => line.getAttribute('aria-label'))"
PAUSED = "document.querySelector('audio[data-track=mix]').paused"
TIME = "document.querySelector('audio[data-track=mix]').currentTime"
Open = Callable[..., Page]
Job = dict[str, Any]


def test_words_are_typed_in_a_row_with_tab(open_page: Open, song: Job) -> None:
    page = open_page(song)
    page.click("#edit-button")
    word(page, "So").dblclick()
    for text in ("Sooo", None, "a way", "", "houses"):
        if text is not None:
            page.keyboard.type(text)
            if not text:
                page.keyboard.press("Delete")
        page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    assert page.evaluate(LINES)[:2] == ["Sooo far a way houses", "So far away that I don't know"]
    expect(page.locator("#lyrics .chosen")).to_have_text("So")
    page.keyboard.press("Enter")
    page.keyboard.press("Shift+Tab")
    page.keyboard.type("home")
    page.keyboard.press("Enter")
    assert page.evaluate(LINES)[0] == "Sooo far a way home"
    expect(page.locator("#word-name")).to_have_text("home")


def test_an_insertion_that_is_cancelled_leaves_nothing(open_page: Open, song: Job) -> None:
    page = open_page(song)
    page.click("#edit-button")
    before = page.evaluate(LINES)
    word(page, "home").click()
    for key in ("i", "l"):
        page.keyboard.press(key)
        expect(page.get_by_label("Text of the word")).to_have_value("")
        page.keyboard.press("Escape")
        assert page.evaluate(LINES) == before
        expect(page.locator("#lyrics .chosen")).to_be_focused()
        expect(page.locator("#lyrics .chosen")).to_have_text("home")
        expect(page.locator("#save-state")).to_have_text("No changes")
    page.keyboard.press("l")
    page.keyboard.type("and again")
    page.keyboard.press("Enter")
    assert page.evaluate(LINES)[1] == "and again"
    page.keyboard.press("Control+z")
    assert page.evaluate(LINES) == before


@pytest.mark.parametrize("place", ["#full-button", "#loop", "#edit-button", "#speed", "#position", "#zoom-in", ".word"])
def test_space_plays_wherever_the_focus_is(open_page: Open, song: Job, place: str) -> None:
    page = open_page(song)
    page.locator(place).first.focus()
    page.keyboard.press(" ")
    until(page, f"!({PAUSED})")
    page.keyboard.press(" ")
    until(page, PAUSED)
    expect(page.locator("#editor")).to_be_hidden()
    assert not page.evaluate("document.body.classList.contains('full')")
    expect(page.locator("#loop")).to_have_attribute("aria-pressed", "false")


def test_space_writes_in_text_fields_and_keys_mean_one_thing(open_page: Open, song: Job) -> None:
    page = open_page(song)
    page.click("#edit-button")
    word(page, "home").click()
    page.keyboard.press("c")
    expect(page.locator("#end-time")).to_have_text("0:02.890")
    page.keyboard.press("d")
    expect(page.locator("#end-time")).to_have_text("0:02.880")
    page.keyboard.press("Enter")
    page.keyboard.type("a b")
    expect(page.get_by_label("Text of the word")).to_have_value("a b")
    assert page.evaluate(PAUSED)
    page.keyboard.press("Escape")
    page.keyboard.press("f")
    until(page, "document.body.classList.contains('full')")
    for name in ("undo", "save"):
        expect(page.locator(f"[data-command={name}]")).to_be_in_viewport(ratio=1)
    boxes = page.evaluate("""['.song-head', '#lyrics', '#editor', '.deck'].map((name) => {
      const { left, top, right, bottom } = document.querySelector(name).getBoundingClientRect();
      return [left, top, right, bottom];
    })""")
    for i, one in enumerate(boxes):
        for other in boxes[i + 1 :]:
            is_beside = one[2] <= other[0] + 1 or other[2] <= one[0] + 1
            assert is_beside or one[3] <= other[1] + 1 or other[3] <= one[1] + 1
    page.keyboard.press("f")


def test_a_word_of_the_waveform_stays_chosen_and_focused(open_page: Open, song: Job) -> None:
    page = open_page(song)
    page.click("#edit-button")
    canvas = page.locator("#wave canvas").bounding_box()
    assert canvas is not None
    scale = page.evaluate("document.querySelector('.wave-span').clientWidth / 13.676")
    page.mouse.click(canvas["x"] + 4.0 * scale, canvas["y"] + canvas["height"] - 12)
    expect(page.locator("#lyrics .chosen")).to_have_text("away")
    expect(page.locator("#lyrics .chosen")).to_be_focused()
    page.keyboard.press("Delete")
    assert page.evaluate(LINES)[1] == "So far that I don't know"


def test_places_without_lyrics_are_shown_played_and_filled(open_page: Open, fake: Fake, song: Job) -> None:
    fake.transcripts[song["id"]]["notes"] = [
        "a voice without words from 0:09 to 0:11: the lyrics may lack lines there",
        '5.7-6.0 s: dropped "oh yeah": likely a hallucination or a loop (low acoustic evidence)',
        "a remark",
    ]
    page = open_page(song)
    expect(page.locator("#notes summary")).to_have_text("Notes (1)")
    gap, dropped = page.locator(".place.gap"), page.locator(".place.dropped")
    expect(gap).to_contain_text("A voice without lyrics")
    gap.get_by_role("button", name="Play 0:09–0:11").click()
    until(page, f"!({PAUSED}) && {TIME} >= 9")
    page.keyboard.press(" ")
    dropped.get_by_role("button", name="Take back").click()
    expect(dropped).to_have_count(0)
    assert page.evaluate(LINES)[2] == "oh yeah"
    gap.get_by_role("button", name="Add lyrics").click()
    page.keyboard.type("the missing line")
    page.keyboard.press("Enter")
    expect(page.locator(".place")).to_have_count(0)
    command(page, "save")
    expect(page.locator("#save-state")).to_have_text("Saved")
    words = fake.edited[song["id"]]["lines"][4]["words"]
    assert [w["text"] for w in words] == ["the", "missing", "line"]
    assert (words[0]["start_s"], words[-1]["end_s"]) == (9, 11)


def test_a_song_in_another_language_is_not_just_ready(open_page: Open, fake: Fake, song: Job) -> None:
    song["warning"] = "This song is probably in German, and the model sung.en knows only English: expect wrong words."
    page = open_page()
    expect(page.locator("#jobs .job")).to_contain_text("Ready, but the language may be wrong")
    expect(page.locator("#jobs .problem")).to_contain_text("probably in German")
    page.get_by_role("link", name="a song").click()
    expect(page.locator("#warning")).to_contain_text("probably in German")
    page.get_by_role("button", name="I have the lyrics").click()
    page.get_by_label("Lyrics", exact=True).last.fill("Weit weg")
    page.locator("#again-start").click()
    expect(page.locator("#waiting, #song").first).to_be_visible()
    until(page, f"!location.hash.includes('{song['id']}')")
    made = next(job for job in fake.jobs.values() if job["id"] != song["id"])
    assert (made["kind"], fake.lyrics[made["id"]]) == ("align", "Weit weg")
    assert song["id"] in fake.jobs


def test_a_failed_song_is_tried_again_without_an_upload(open_page: Open, fake: Fake) -> None:
    job = fake.add("broken.wav", held=True, state="failed", error="It failed.")
    page = open_page()
    page.get_by_role("button", name="Try again: broken").click()
    fake.refuse.append((429, "The queue is full."))
    page.locator("#again-start").click()
    expect(page.locator("#again-problem")).to_contain_text("The queue is full.")
    page.select_option("#again-preset", "whisper")
    page.locator("#again-start").click()
    expect(page.locator("#again")).to_be_hidden()
    until(page, f"!location.hash.includes('{job['id']}') && location.hash.includes('job=')")
    (made,) = fake.jobs.values()
    assert (made["preset"], made["name"]) == ("whisper", "broken.wav")


def test_songs_say_until_when_they_are_kept(open_page: Open, fake: Fake, song: Job) -> None:
    song["expires_at"] = time.mktime((2030, 1, 9, 12, 0, 0, 0, 0, -1))
    page = open_page()
    expect(page.locator("#jobs .job")).to_contain_text("kept until January 9")
    song.update(expires_at=None, edited=True)
    fake.changes += 1
    expect(page.locator("#jobs .job")).to_contain_text("kept, because you corrected it")
    song.update(expires_at=time.mktime((2030, 1, 9, 12, 0, 0, 0, 0, -1)))
    fake.changes += 1
    expect(page.locator("#jobs .job")).to_contain_text("deleted on January 9, because the disk space")


def test_several_lines_and_all_places_at_once(open_page: Open, fake: Fake, song: Job) -> None:
    fake.transcripts[song["id"]]["lines"][1]["words"][3]["confidence"] = 0.1
    page = open_page(song)
    expect(page.locator("#checks-text")).to_have_text("1 word is unsure")
    page.keyboard.press("n")
    expect(page.locator("#lyrics .chosen")).to_have_text("that")
    until(page, f"!({PAUSED})")
    until(page, f"{PAUSED} && {TIME} > 4.6 && {TIME} < 6.5")
    page.keyboard.press("y")
    expect(page.locator("#checks")).to_be_hidden()
    page.keyboard.press("Shift+ArrowDown")
    expect(page.locator("#lyrics .ranged")).to_have_count(2)
    page.keyboard.press("Shift+Delete")
    assert page.evaluate(LINES) == ["So far away from home", "Twenty-one to be someone"]
    page.keyboard.press("Control+z")
    word(page, "So").click()
    word(page, "know").click(modifiers=["Shift"])
    page.select_option("#case", "upper")
    assert page.evaluate(LINES)[:3] == [
        "SO FAR AWAY FROM HOME", "SO FAR AWAY THAT I DON'T KNOW", "Where my home is anymore"]  # fmt: skip
    page.keyboard.press("Control+h")
    expect(page.locator("#replace-what")).to_be_focused()
    page.keyboard.type("home")
    expect(page.locator("#replace-found")).to_have_text("2 places")
    page.fill("#replace-by", "house")
    page.keyboard.press("Enter")
    expect(page.locator("#replace-found")).to_have_text("2 places replaced")
    assert page.evaluate(LINES)[2] == "Where my house is anymore"


def test_the_lyrics_are_edited_as_text(open_page: Open, song: Job) -> None:
    page = open_page(song)
    page.click("#edit-button")
    command(page, "text")
    text = page.get_by_label("Lyrics as text")
    before = text.input_value()
    assert before.splitlines()[0] == "So far away from home"
    text.fill("")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("#text-problem")).to_have_text("The lyrics are empty.")
    text.fill(before.replace("from home", "from my home"))
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("#toast")).to_contain_text("1 new word has no time yet")
    assert page.evaluate(LINES)[:2] == ["So far away from my home", "So far away that I don't know"]
    expect(page.locator("#checks-text")).to_have_text("1 line is uncertain")


def test_only_what_has_changed_is_timed_again(open_page: Open, fake: Fake, song: Job) -> None:
    page = open_page(song)
    page.click("#edit-button")
    command(page, "text")
    text = page.get_by_label("Lyrics as text")
    before = page.evaluate(LINES)
    again = page.locator("#text").get_by_role("button", name="Time again")
    again.click()
    expect(page.locator("#text-problem")).to_have_text("Nothing has changed, and every word has a time.")
    changed = text.input_value().replace("from home", "from my own house")
    text.fill(changed)
    fake.refuse.append((429, "the queue is full: 100 jobs are waiting"))
    again.click()
    expect(page.locator("#text-problem")).to_have_text("the queue is full: 100 jobs are waiting.")
    fake.is_lazy = True
    again.click()
    expect(page.locator("#timing-title")).to_have_text("Timing 3 words")
    expect(page.locator("#timing-state")).to_have_text("Timing the words …")
    page.locator("#timing").get_by_role("button", name="Cancel").click()
    # The text stays.
    expect(text).to_have_value(changed)
    fake.is_lazy = False
    again.click()
    expect(page.locator("#timing")).to_be_hidden()
    expect(page.locator("#lyrics .word", has_text="house")).to_be_visible()
    assert page.evaluate(LINES)[0] == "So far away from my own house"
    starts = [word["start_s"] for word in fake.timed[song["id"]]["lines"][0]["words"]]
    assert starts == [0.48, 0.84, 1.2, 1.8, 13.0, 13.1, 13.2]
    # It is one step, and nothing is saved yet.
    expect(page.locator("#save-state")).to_have_text("Unsaved changes")
    page.locator("#editor [data-command=undo]").click()
    expect(page.locator("#save-state")).to_have_text("No changes")
    assert (page.evaluate(LINES), fake.edited) == (before, {})


def test_a_line_is_timed_again(open_page: Open, fake: Fake, song: Job) -> None:
    page = open_page(song)
    page.click("#edit-button")
    page.locator("#lyrics .line").nth(1).locator(".word").first.click()
    command(page, "retime")
    expect(page.locator("#start-time")).to_have_text("0:13.000")
    timed = [[word["start_s"] for word in line["words"]] for line in fake.timed[song["id"]]["lines"]]
    assert (timed[1][:3], timed[0][0], timed[2][0]) == ([13.0, 13.1, 13.2], 0.48, 6.06)
