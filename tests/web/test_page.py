"""The page in a real browser: upload, playback, corrections, saving, downloads."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright")
pytest.importorskip("fastapi")

from helpers.web.browsing import CHROMIUM, command, until, wav, word
from helpers.web.fake_server import Fake
from playwright.sync_api import Page, Route, expect

pytest_plugins = ["helpers.web.opened"]
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
TIME = "document.querySelector('audio[data-track=mix]').currentTime"
AUDIBLE = "[...document.querySelectorAll('audio')].filter((sound) => !sound.muted).map((sound) => sound.dataset.track)"
WORDS = "[...document.querySelectorAll('#lyrics .line')].map((line) => line.getAttribute('aria-label'))"


def test_upload_progress_and_result(open_page: Callable[..., Page], fake: Fake) -> None:
    page = open_page()
    fake.is_lazy = True
    expect(page.locator("#queue-empty")).to_be_visible()
    page.set_input_files("#files", [wav(fake)])
    expect(page.locator("#picked li")).to_contain_text("my song")
    page.click("#start")
    job = page.locator("#jobs .job")
    expect(job).to_contain_text("Waiting, next in the queue")
    made = next(iter(fake.jobs.values()))
    made.update(state="running", stage="separating", progress=0.5)
    fake.changes += 1
    expect(job.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "23")
    expect(job).to_contain_text("Separating the vocals, 23 %")
    fake.finish(made)
    expect(job).to_contain_text("Ready")
    expect(page.locator("#announcement")).to_have_text("my song is ready")
    job.get_by_role("link", name="my song").click()
    expect(page.locator("#lyrics .line")).to_have_count(4)
    expect(page).to_have_title("my song.wav – lyricsrec")
    page.go_back()
    expect(page.locator("#home")).to_be_visible()
    page.go_forward()
    expect(page.locator("#lyrics .line")).to_have_count(4)


def test_a_list_with_an_upload_is_not_called_empty(open_page: Callable[..., Page], fake: Fake) -> None:
    page = open_page()
    held: list[Route] = []
    page.route("**/api/jobs", lambda route: held.append(route) if route.request.method == "POST" else route.continue_())
    expect(page.locator("#queue-empty")).to_be_visible()
    page.set_input_files("#files", [wav(fake)])
    page.click("#start")
    expect(page.locator("#uploads .job")).to_have_count(1)
    expect(page.locator("#queue-empty")).to_be_hidden()
    page.locator("#uploads").get_by_role("button", name="Cancel").click()
    expect(page.locator("#queue-empty")).to_be_visible()


def test_given_lyrics_are_matched_to_songs(open_page: Callable[..., Page], fake: Fake) -> None:
    page = open_page()
    text = {"name": "two.lrc", "mimeType": "text/plain", "buffer": "[00:01.00]Grüße".encode("cp1252")}
    page.set_input_files("#files", [wav(fake, "one.wav"), wav(fake, "two.wav"), text])
    expect(page.get_by_label("Lyrics of two")).to_have_value("[00:01.00]Grüße")
    page.click("#start")
    expect(page.locator("#add-problem")).to_contain_text("“one” are missing")
    expect(page.get_by_label("Lyrics of one")).to_be_focused()
    page.get_by_label("Lyrics of one").fill("So far away")
    page.click("#start")
    expect(page.locator("#jobs .job")).to_have_count(2)
    assert sorted(fake.lyrics.values()) == ["So far away", "[00:01.00]Grüße"]
    assert {job["kind"] for job in fake.jobs.values()} == {"align"}


def test_presets_languages_and_stems(open_page: Callable[..., Page], fake: Fake) -> None:
    page = open_page()
    page.set_input_files("#files", [wav(fake)])
    page.click("#preset-choice summary")
    expect(page.locator("[name=preset][value=wav2vec2]")).to_be_disabled()
    expect(page.locator("#language-field")).to_be_hidden()
    page.check("[name=preset][value=whisper]")
    page.select_option("#language", label="German")
    page.check("#stems")
    page.click("#start")
    expect(page.locator("#jobs .job")).to_contain_text("instrumental, vocals")
    job = next(iter(fake.jobs.values()))
    assert (job["preset"], job["language"], job["stems"]) == ("whisper", "de", True)


def test_refused_songs_show_the_reason_and_a_full_queue_is_retried(open_page: Callable[..., Page], fake: Fake) -> None:
    fake.refuse += [(415, "This is no song."), (429, "The queue is full.")]
    page = open_page()
    page.set_input_files("#files", [wav(fake)])
    page.click("#start")
    expect(page.locator("#uploads")).to_contain_text("This is no song.")
    page.get_by_role("button", name="Try again: my song").click()
    expect(page.locator("#uploads")).to_contain_text("Retrying in 1 s")
    expect(page.locator("#jobs")).to_contain_text("Ready")
    expect(page.locator("#uploads li")).to_have_count(0)


def test_cancel_delete_and_fifty_songs(open_page: Callable[..., Page], fake: Fake) -> None:
    page = open_page()
    held = [fake.add(f"song {i}.wav", held=True) for i in range(50)]
    held[0].update(state="failed", error="It is damaged.")
    fake.changes += 1
    expect(page.locator("#queue-summary")).to_have_text("49 waiting, 1 failed")
    expect(page.locator("#jobs")).to_contain_text("It is damaged.")
    page.get_by_role("button", name="Cancel song 7", exact=True).click()
    expect(page.locator("#jobs .job[data-state=cancelled]")).to_contain_text("song 7")
    page.get_by_role("button", name="Delete song 7", exact=True).click()
    expect(page.get_by_role("button", name="Keep")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#jobs .job")).to_have_count(50)
    page.get_by_role("button", name="Delete song 7", exact=True).click()
    page.locator("#ask").get_by_role("button", name="Delete").click()
    expect(page.locator("#jobs .job")).to_have_count(49)
    del fake.jobs[held[9]["id"]]
    fake.changes += 1
    expect(page.locator("#jobs .job")).to_have_count(48)


def test_a_lost_connection_is_retried(open_page: Callable[..., Page], fake: Fake) -> None:
    page = open_page(fake.add("gone.wav", held=True))
    expect(page.locator("#waiting-title")).to_have_text("gone")
    page.click("#waiting .back")
    fake.hang_ups += 1
    expect(page.locator("#connection")).to_contain_text("trying again")
    fake.jobs.clear()
    fake.add("new.wav", held=True)
    expect(page.locator("#connection")).to_be_empty()
    expect(page.locator("#jobs .job-name")).to_have_text(["new"])


def test_songs_and_lyrics_can_be_dropped(open_page: Callable[..., Page], fake: Fake) -> None:
    page = open_page()

    def drop(target: str, name: str, text: str) -> None:
        files = page.evaluate_handle(
            "([name, text]) => { const all = new DataTransfer(); all.items.add(new File([text], name)); return all; }",
            [name, text],
        )
        page.dispatch_event(target, "drop", {"dataTransfer": files})

    drop("#home", "words.txt", "la")
    expect(page.locator("#add-problem")).to_contain_text("Choose a song first")
    drop("#home", "a.mp3", "sound")
    drop("#home", "b.mp3", "sound")
    expect(page.locator("#picked li")).to_have_count(2)
    drop("#picked li:nth-child(2)", "words.txt", "la la")
    expect(page.get_by_label("Lyrics of b")).to_have_value("la la")
    expect(page.get_by_label("Lyrics of a")).to_have_value("")
    page.get_by_role("button", name="Remove a").click()
    expect(page.locator("#picked li")).to_have_count(1)


def test_a_song_that_is_not_ready_or_unknown(open_page: Callable[..., Page], fake: Fake) -> None:
    page = open_page(fake.add("slow.wav", held=True))
    expect(page.locator("#waiting-state")).to_have_text("Waiting, next in the queue")
    next(iter(fake.jobs.values()))["held"] = False
    page.wait_for_selector("#lyrics .line")
    page.goto(page.url.replace("job=", "job=none-"))
    expect(page.locator("#waiting-title")).to_have_text("Song not found")


def test_the_highlighted_word_matches_the_audio(open_page: Callable[..., Page], song: dict[str, Any]) -> None:
    page = open_page(song)
    # A click plays from the word on.
    word(page, "home").click()
    until(
        page, f"document.querySelector('#play').getAttribute('aria-label') === 'Pause' && {TIME} >= 2.28 && {TIME} < 3"
    )
    expect(word(page, "home")).to_have_attribute("aria-current", "true")
    seen = page.evaluate(f"""new Promise((resolve) => {{
      const seen = [];
      const look = () => {{
        const now = document.querySelector('#lyrics [data-sung=now]');
        seen.push([{TIME}, now?.textContent ?? null, Number(now?.style.getPropertyValue('--part') ?? 0)]);
        if (seen.length < 110) requestAnimationFrame(look); else resolve(seen);
      }};
      requestAnimationFrame(look);
    }})""")
    page.click("#play")
    assert seen[-1][0] > 3.3
    spans = {
        "home": (2.28, 2.88),
        "So": (3.08, 3.18),
        "far": (3.46, 3.54),
        "away": (3.76, 4.2),
        "that": (4.32, 4.6),
        "I": (4.7, 4.78),
    }
    for time_s, text, part in seen:
        if text is None:
            assert not any(begin + 0.05 < time_s < end - 0.05 for begin, end in spans.values())
        else:
            begin, end = spans[text]
            assert begin - 0.05 <= time_s <= end + 0.05
            assert part == pytest.approx((time_s - begin) / (end - begin), abs=0.05 / (end - begin))


def test_the_vocals_are_muted_in_sync(open_page: Callable[..., Page], song: dict[str, Any]) -> None:
    page = open_page(song)
    page.click("#play")
    page.keyboard.press("m")
    expect(page.locator("#tracks [value=instrumental]")).to_be_checked()
    until(
        page, "[...document.querySelectorAll('audio')].find((sound) => !sound.muted).dataset.track === 'instrumental'"
    )
    # It may take a moment on a busy machine.
    time = "document.querySelector('audio[data-track={}]').currentTime"
    until(page, f"Math.abs({time.format('mix')} - {time.format('instrumental')}) < 0.03")
    page.locator("#tracks label", has_text="Vocals").click()
    until(
        page,
        f"{AUDIBLE}.join() === 'vocals'",
    )
    page.click("#play")
    page.keyboard.press("m")
    until(page, "[...document.querySelectorAll('audio')].every((sound) => sound.paused)")


def test_an_edit_survives_a_reload_and_is_downloaded(
    open_page: Callable[..., Page], fake: Fake, song: dict[str, Any], tmp_path: Path
) -> None:
    page = open_page(song)
    page.click("#edit-button")
    word(page, "anymore").dblclick()
    page.get_by_label("Text of the word").fill("any more")
    page.keyboard.press("Enter")
    expect(page.locator("#save-state")).to_have_text("Unsaved changes")
    page.keyboard.press("Control+z")
    assert page.evaluate(WORDS)[2] == "Where my home is anymore"
    expect(page.locator("#save-state")).to_have_text("No changes")
    page.keyboard.press("Control+Shift+z")
    page.keyboard.press("Control+s")
    expect(page.locator("#save-state")).to_have_text("Saved")
    page.reload()
    page.wait_for_selector("#lyrics .line")
    assert page.evaluate(WORDS)[2] == "Where my home is any more"
    # A download saves first.
    page.click("#edit-button")
    word(page, "know").click()
    page.keyboard.press("Delete")
    page.click("#download-button")
    with page.expect_download() as download:
        page.click("[data-format=txt]")
    download.value.save_as(tmp_path / "song.txt")
    assert (tmp_path / "song.txt").read_text("utf-8").splitlines()[1:3] == [
        "So far away that I don't",
        "Where my home is any more",
    ]
    command(page, "revert")
    page.get_by_role("button", name="Discard", exact=True).click()
    until(page, f"{WORDS}[2] === 'Where my home is anymore'")
    assert fake.edited == {}


def test_a_conflict_with_another_window(open_page: Callable[..., Page], fake: Fake, song: dict[str, Any]) -> None:
    first, second = open_page(song), open_page(song)
    for page in (first, second):
        page.click("#edit-button")
        word(page, "home").click()
        page.keyboard.press("Delete")
    word(first, "Where").click()
    first.keyboard.press("Delete")
    first.keyboard.press("Control+s")
    expect(first.locator("#save-state")).to_have_text("Saved")
    second.keyboard.press("Control+s")
    second.get_by_role("button", name="Not now").click()
    expect(second.locator("#save-state")).to_have_text("Unsaved changes")
    second.keyboard.press("Control+s")
    second.get_by_role("button", name="Keep mine").click()
    expect(second.locator("#save-state")).to_have_text("Saved")
    assert fake.edited[song["id"]]["lines"][2]["text"] == "Where my home is anymore"


def test_leaving_with_unsaved_corrections_asks(
    open_page: Callable[..., Page], fake: Fake, song: dict[str, Any]
) -> None:
    page = open_page(song)
    page.click("#edit-button")
    word(page, "home").click()
    page.keyboard.press("Delete")
    page.click("#song .back")
    page.get_by_role("button", name="Stay here").click()
    expect(page.locator("#song")).to_be_visible()
    assert song["id"] in page.url
    page.click("#song .back")
    page.locator("#ask").get_by_role("button", name="Save").click()
    expect(page.locator("#home")).to_be_visible()
    assert fake.edited[song["id"]]["lines"][0]["text"] == "So far away from"


def test_unplaced_lines_are_shown_and_can_be_placed(
    open_page: Callable[..., Page], fake: Fake, aligned: dict[str, Any]
) -> None:
    page = open_page(aligned)
    expect(page.locator("#checks")).to_contain_text("1 line is not placed, 1 is uncertain")
    page.click("#checks-next")
    expect(page.locator("#line-problem")).to_contain_text("fits elsewhere too")
    command(page, "trust")
    page.keyboard.press("Escape")
    page.click("#checks-next")
    expect(page.locator("#line-problem")).to_contain_text("not found in the recording")
    page.locator("#position").fill("9.5")
    command(page, "place")
    expect(page.locator("#checks")).to_be_hidden()
    command(page, "save")
    expect(page.locator("#save-state")).to_have_text("Saved")
    lines = fake.edited[aligned["id"]]["lines"]
    assert [line["placement"]["band"] for line in lines] == ["sure"] * 5
    assert lines[3]["start_s"] == pytest.approx(9.5)
    assert lines[3]["end_s"] <= 11.24


def test_edges_are_dragged_and_times_nudged(open_page: Callable[..., Page], fake: Fake, song: dict[str, Any]) -> None:
    page = open_page(song)
    page.click("#edit-button")
    word(page, "home", 1).click()
    canvas = page.locator("#wave canvas").bounding_box()
    assert canvas is not None
    span = page.evaluate("document.querySelector('.wave-span').clientWidth / 13.676")
    left = canvas["x"] - page.evaluate("document.querySelector('.wave-scroll').scrollLeft")
    page.mouse.move(left + 7.3 * span, canvas["y"] + 60)
    page.mouse.down()
    page.mouse.move(left + 7.35 * span, canvas["y"] + 60)
    page.mouse.move(left + 7.5 * span, canvas["y"] + 60)
    page.mouse.up()
    expect(page.locator("#end-time")).to_have_text(re.compile(r"0:07\.(49|50)"))
    page.keyboard.press("Control+z")
    expect(page.locator("#end-time")).to_have_text("0:07.300")
    word(page, "home", 1).focus()
    for key in ("a", "Shift+C", "q"):
        page.keyboard.press(key)
    expect(page.locator("#start-time")).to_have_text("0:06.780")
    expect(page.locator("#end-time")).to_have_text("0:07.390")
    page.get_by_role("button", name="Start 100 ms earlier").click()
    expect(page.locator("#start-time")).to_have_text("0:06.680")
    page.fill("#shift-by", "150")
    page.click("#shift [type=submit]")
    expect(page.locator("#start-time")).to_have_text("0:06.830")
    command(page, "save")
    expect(page.locator("#save-state")).to_have_text("Saved")
    assert fake.edited[song["id"]]["lines"][0]["start_s"] == pytest.approx(0.63)


def test_words_and_lines_with_the_keyboard_alone(
    open_page: Callable[..., Page], fake: Fake, song: dict[str, Any]
) -> None:
    page = open_page()
    expect(page.locator("#jobs .job")).to_have_count(1)
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('a.job-name')"):
            break
    page.keyboard.press("Enter")
    page.wait_for_selector("#lyrics .line")
    page.keyboard.press("e")
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('.word')"):
            break
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    expect(word(page, "far", 1)).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.type("fa r")
    page.keyboard.press("Enter")
    page.keyboard.press("j")
    page.keyboard.press("End")
    page.keyboard.press("b")
    page.keyboard.press("i")
    page.keyboard.type("now")
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    assert page.evaluate(WORDS) == [
        "So far away from home", "So far away that I don't", "know now", "Where my home is anymore",
        "Twenty-one to be someone"]  # fmt: skip
    page.keyboard.press("g")
    page.keyboard.press("Control+s")
    expect(page.locator("#save-state")).to_have_text("Saved")
    assert len(fake.edited[song["id"]]["lines"]) == 4
    page.keyboard.press(" ")
    until(page, f"{TIME} > 0.1")
    page.keyboard.press(" ")
    expect(page.locator("#play")).to_have_attribute("aria-label", "Play")
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()


@pytest.mark.parametrize("width", [320, 360])
def test_phones_scroll_in_one_direction(open_page: Callable[..., Page], aligned: dict[str, Any], width: int) -> None:
    page = open_page(aligned, viewport={"width": width, "height": 640}, has_touch=True, is_mobile=True)
    overflow = "document.documentElement.scrollWidth - innerWidth"
    inside = """[...document.querySelectorAll('#song button, #song select, #song input')]
      .filter((it) => it.checkVisibility() && !it.closest('.tracks'))
      .filter((it) => it.getBoundingClientRect().left < 0 || it.getBoundingClientRect().right > innerWidth)
      .map((it) => it.outerHTML)"""
    assert page.evaluate(overflow) == 0
    page.tap("#edit-button")
    word(page, "sings").tap()
    assert page.evaluate(overflow) == 0
    assert page.evaluate(inside) == []
    box = page.locator("#play").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= 640
    page.tap("#song .back")
    expect(page.locator("#jobs .job")).to_have_count(1)
    assert page.evaluate(overflow) == 0


def test_everything_has_a_name_for_screen_readers(
    open_page: Callable[..., Page], fake: Fake, aligned: dict[str, Any]
) -> None:
    page = open_page(aligned)
    page.click("#edit-button")
    client = page.context.new_cdp_session(page)
    roles = {
        "button",
        "link",
        "slider",
        "textbox",
        "checkbox",
        "radio",
        "combobox",
        "spinbutton",
        "progressbar",
        "dialog",
        "group",
    }

    def nameless() -> list[str]:
        nodes = client.send("Accessibility.getFullAXTree")["nodes"]
        shown = [node for node in nodes if not node.get("ignored") and node["role"]["value"] in roles]
        assert shown
        return [str(node["role"]["value"]) for node in shown if not node.get("name", {}).get("value")]

    # Chromium reports <details> as groups; their summaries name them.
    assert set(nameless()) <= {"group"}
    page.click("#song .back")
    page.set_input_files("#files", [wav(fake)])
    expect(page.locator("#options")).to_be_visible()
    assert set(nameless()) <= {"group"}


def test_an_hour_is_shown_at_once(open_page: Callable[..., Page], fake: Fake) -> None:
    job = fake.add("long.wav", duration_s=3600.0)
    fake.finish(job)
    found = fake.transcripts[job["id"]]
    lines = found["lines"]
    found["duration_s"] = 3600.0
    found["lines"] = [
        {
            **line,
            "words": [{**w, "start_s": w["start_s"] + 14 * k, "end_s": w["end_s"] + 14 * k} for w in line["words"]],
        }
        for k in range(257)
        for line in lines
    ]
    page = open_page(job)
    expect(page.locator("#lyrics .line")).to_have_count(1028)
    assert page.evaluate("document.querySelector('#wave canvas').width") <= 1200
    page.click("#edit-button")
    page.locator("#lyrics .line").nth(500).locator(".word").first.click()
    took_ms = page.evaluate("""(() => { const began = performance.now();
      document.querySelector('[data-command=tap]').click(); return performance.now() - began; })()""")
    # A tenth of that on a free machine.
    assert took_ms < 1000


def test_the_current_line_is_visible_during_playback(open_page: Callable[..., Page], song: dict[str, Any]) -> None:
    page = open_page(song, viewport={"width": 1200, "height": 520})
    word(page, "someone").click()
    page.click("#play")
    page.locator("#lyrics").evaluate("(lyrics) => { lyrics.scrollTop = 0; }")
    page.click("#play")
    until(
        page,
        "(() => { const [line, view] = ['#lyrics .line.now', '#lyrics'].map((name) => "
        "document.querySelector(name)?.getBoundingClientRect()); "
        "return line && line.top >= view.top && line.bottom <= view.bottom; })()",
    )
    page.click("#play")


def test_correcting_starts_at_the_current_word(open_page: Callable[..., Page], song: dict[str, Any]) -> None:
    page = open_page(song, viewport={"width": 1200, "height": 520})
    word(page, "someone").click()
    page.locator("#lyrics").evaluate("(lyrics) => { lyrics.scrollTop = 0; document.activeElement.blur(); }")
    page.evaluate("document.querySelector('audio[data-track=mix]').currentTime = 2.5")
    expect(word(page, "home")).to_have_attribute("data-sung", "now")
    page.click("#edit-button")
    expect(page.locator("#lyrics .chosen")).to_have_text("home")
    expect(page.locator("#lyrics .chosen")).to_be_in_viewport(ratio=1)
    expect(page.locator("#editor")).to_contain_text("home")
    page.click("#edit-button")
    # A word that has the focus stays selected.
    word(page, "someone").focus()
    page.keyboard.press("e")
    expect(page.locator("#lyrics .chosen")).to_have_text("someone")
