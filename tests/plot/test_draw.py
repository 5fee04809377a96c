"""Pictures and pages of a small song, as files."""

from __future__ import annotations

import base64
import html
import io
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
import soundfile
from helpers.progress import Warnings
from helpers.sounds import chord, write_song
from PIL import Image

from lyricsrec.audio.inputs import find_songs
from lyricsrec.base.errors import AudioError, OutputError, UsageError
from lyricsrec.base.settings import checked
from lyricsrec.lyrics.music.harmony import Chord
from lyricsrec.lyrics.transcript import Line, Placement, Word
from lyricsrec.plot.colours import confidence_colour
from lyricsrec.plot.draw import plot
from lyricsrec.plot.settings import PlotConfig

LINES = (
    Line(
        (
            Word("<b>\"Rock'n'roll\"</b>", 0.5, 1.0, confidence=1.0),
            Word("R&amp;B", 1.2, 1.5, confidence=0.0),
            Word("$x_1$", 1.6, 1.9),
        )
    ),
    Line((Word("lost", None, None), Word("</script>", None, None)), Placement(0.0, "unplaced", "a < b")),
    Line((Word("naïve", 2.0, 2.5, confidence=0.5),), Placement(0.4, "doubtful", "fits elsewhere")),
)


FLAGS = {"row_s": "--row-s", "from_s": "--from", "to_s": "--to"}


class Page(HTMLParser):
    """The texts of a page by the name of their element, and its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
        self.attributes: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self._open = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open = tag
        self.attributes.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append((self._open, data))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.attributes if name == tag]


def draw(song: Path, output: Path, lines: tuple[Line, ...] = LINES, **settings: object) -> Warnings:
    progress = Warnings()
    plot(
        find_songs([str(song)])[0], lines, output, config=checked(PlotConfig, settings, flags=FLAGS), progress=progress
    )
    return progress


@pytest.mark.parametrize("background", ["spectrogram", "waveform", "none"])
def test_a_png_has_the_size_of_its_rows(tone: Path, tmp_path: Path, background: str) -> None:
    assert not draw(tone, tmp_path / "song.png", background=background, row_s=1.0).warnings
    with Image.open(tmp_path / "song.png") as image:
        image.load()
        # 13.3 inches of row, 0.35 on both sides, 0.35 and 3.6 for the panel; 0.8 and 0.15 above and below the rows,
        # each 1.06 high and 0.25 for every lane: one in each.
        assert image.size == (1795, 80 + 3 * 131 + 15)


def test_without_notes_there_is_no_panel(tone: Path, tmp_path: Path) -> None:
    draw(tone, tmp_path / "song.png", LINES[:1])
    with Image.open(tmp_path / "song.png") as image:
        assert image.size == (1400, 80 + 131 + 15)


def test_notes_taller_than_their_rows_make_the_picture_taller(tone: Path, tmp_path: Path) -> None:
    many = (*LINES[:1], *([LINES[1]] * 6))
    draw(tone, tmp_path / "song.png", many)
    with Image.open(tmp_path / "song.png") as image:
        # Six notes of three lines from 0.2 inches below the head.
        assert image.size[1] == 100 + 6 * 3 * 15.5 + 5 * 12 + 15


def test_colours_of_confidence_are_in_the_picture(tone: Path, tmp_path: Path) -> None:
    words = tuple(Word("", i / 2, i / 2 + 0.4, confidence=i / 4) for i in range(5))
    draw(tone, tmp_path / "song.png", (Line(words),), row_s=3.0)
    with Image.open(tmp_path / "song.png") as image:
        # The bars end 0.02 inches above the sound, which begins 0.8 + 0.2 + 0.25 inches from the top.
        for i in range(5):
            x, y = round(35 + 1330 * (i / 2 + 0.2) / 3), 120
            assert "#{:02x}{:02x}{:02x}".format(*image.convert("RGB").getpixel((x, y))) == confidence_colour(i / 4)


def test_the_same_song_gives_the_same_bytes(tone: Path, tmp_path: Path) -> None:
    for form in ("png", "svg", "pdf", "html"):
        for number in (1, 2):
            draw(tone, tmp_path / f"{number}.{form}")
        assert (tmp_path / f"1.{form}").read_bytes() == (tmp_path / f"2.{form}").read_bytes()


def test_pdf_has_pages_of_twelve_rows(tone: Path, tmp_path: Path) -> None:
    draw(write_song(tmp_path / "long.wav", chord(13.5, 8000), 8000), tmp_path / "song.pdf", row_s=1.0)
    assert len(re.findall(rb"/Type /Page\b", (tmp_path / "song.pdf").read_bytes())) == 2


def test_a_page_holds_every_word_escaped_once_and_loads_nothing(tone: Path, tmp_path: Path) -> None:
    draw(tone, tmp_path / "song.html")
    page = Page((tmp_path / "song.html").read_text("utf-8"))
    words = [word.text for word in (*LINES[0].words, *LINES[2].words)]
    assert [text for tag, text in page.texts if tag == "button" and text.strip()][1:] == words
    for word in words[:2]:
        # Quotes as Jinja escapes them.
        assert page.text.count(html.escape(word, quote=False).replace('"', "&#34;").replace("'", "&#39;")) == 1
        assert word not in page.text
    assert "lost </script>" in [text for _, text in page.texts]
    assert "a < b" in [text for _, text in page.texts]
    assert not re.search(r"https?://", page.text)
    assert page.text.count("<script>") == page.text.count("</script>") == 1
    assert [image["src"].partition(",")[0] for image in page.all("img")] == ["data:image/webp;base64"]
    assert page.all("audio")[0]["src"] == "./tone.wav"


def test_words_of_a_page_have_their_times_and_colours(tone: Path, tmp_path: Path) -> None:
    draw(tone, tmp_path / "song.html", from_s=1.0, to_s=2.25)
    page = Page((tmp_path / "song.html").read_text("utf-8"))
    names = ("class", "data-start", "data-length", "data-colour", "title")
    assert [tuple(word[name] for name in names) for word in page.all("button") if "title" in word] == [
        ("", "0.200", "0.300", "#f5a623", "0:01.20 to 0:01.50, confidence 0.00"),
        ("", "0.600", "0.300", "#888888", "0:01.60 to 0:01.90, confidence unknown"),
        ("first doubtful", "1.000", "0.250", "#d0487c", "0:02.00 to 0:02.25, confidence 0.50"),
    ]
    assert [item["data-at"] for item in page.all("li")] == ["0.950", "1.000"]
    # The song plays from its beginning, the page begins later.
    time = page.all("div")[3]
    assert (time["data-from"], time["data-length"], time["data-offset"]) == ("1.000", "1.250", "1.000")


def test_a_browser_lays_out_the_page_and_plays_the_song(tone: Path, tmp_path: Path) -> None:
    pytest.importorskip("playwright")
    from helpers.web.browsing import CHROMIUM, chromium

    if CHROMIUM is None:
        pytest.skip("needs Chromium")
    chords = (Chord(0.4, 1.55, "C:maj"), Chord(1.55, 1.7, "G:7"), Chord(1.7, 9.0, "A:min"))
    plot(find_songs([str(tone)])[0], LINES, tmp_path / "song.html", chords=chords, config=PlotConfig())
    with chromium() as browser:
        opened = browser.new_page()
        problems: list[str] = []
        opened.on("console", lambda message: problems.append(message.text))
        opened.on("pageerror", lambda error: problems.append(str(error)))
        opened.goto((tmp_path / "song.html").as_uri())
        opened.locator("audio").evaluate("audio => audio.readyState || new Promise(r => audio.onloadedmetadata = r)")
        assert opened.locator("audio").is_visible()
        assert not opened.locator("#choose").is_visible()
        # 100 pixels per second: the second word starts 0.7 s after the first one.
        lefts = [word.bounding_box()["x"] for word in opened.locator(".words button").all()[:2]]
        assert lefts[1] - lefts[0] == pytest.approx(70, abs=1)
        colours = opened.locator(".words button").evaluate_all(
            "all => all.map(b => getComputedStyle(b).borderBottomColor)"
        )
        assert colours[1] == "rgb(245, 166, 35)"
        # Each chord stands over the word that begins nearest to it, in the line that is sung.
        over = opened.locator("#now span").evaluate_all("all => all.map(word => word.dataset.chord || null)")
        assert over == ["C", None, "G7 Am"]
        assert problems == []


def test_a_page_embeds_the_part_it_shows(tone: Path, tmp_path: Path) -> None:
    draw(tone, tmp_path / "song.html", audio="embed", from_s=1.0, to_s=2.5)
    page = Page((tmp_path / "song.html").read_text("utf-8"))
    kind, _, data = (page.all("audio")[0]["src"] or "").partition(",")
    assert kind == "data:audio/mpeg;base64"
    with soundfile.SoundFile(io.BytesIO(base64.b64decode(data))) as sound:
        assert sound.samplerate == 44_100
        assert sound.frames / 44_100 == pytest.approx(1.5, abs=0.06)
    assert 'data-offset="0.000"' in page.text


def test_a_page_without_sound_asks_for_it(tone: Path, tmp_path: Path) -> None:
    draw(tone, tmp_path / "song.html", audio="none")
    page = Page((tmp_path / "song.html").read_text("utf-8"))
    assert "src" not in page.all("audio")[0]
    assert "hidden" not in next(label for label in page.all("label") if label.get("id") == "choose")
    assert "tone.wav" not in page.text


def test_a_link_goes_to_the_song_wherever_it_lies(tmp_path: Path) -> None:
    song = write_song(tmp_path / "a: 100% 'song' #1?.wav", chord(1.0))
    (tmp_path / "out").mkdir()
    draw(song, tmp_path / "out" / "song.html", LINES[:1])
    page = Page((tmp_path / "out" / "song.html").read_text("utf-8"))
    assert page.all("audio")[0]["src"] == "./../a%3A%20100%25%20%27song%27%20%231%3F.wav"


def test_words_after_the_end_cause_a_warning(tone: Path, tmp_path: Path) -> None:
    late = Line((Word("a", 2.0, 2.5), Word("b", 2.9, 3.2), Word("c", 70.0, 71.0)))
    progress = draw(tone, tmp_path / "song.png", (late,))
    assert progress.warnings == [
        "2 of 3 words are after the end of the song at 0:03.0: check that the transcript is of this song"
    ]


def test_letters_without_a_font_cause_one_warning(tone: Path, tmp_path: Path) -> None:
    progress = draw(tone, tmp_path / "song.png", (Line((Word("\U0001f984\U00013000", 1.0, 2.0),)),))
    assert [warning.split(";")[0] for warning in progress.warnings] in (
        ["the fonts on this machine lack some of the letters"],
        [],
    )


@pytest.mark.parametrize(
    ("name", "settings", "message"),
    [
        ("song.jpg", {}, "unknown format of --output 'song.jpg'"),
        ("song", {}, "unknown format of --output 'song'"),
        ("song.png", {"row_s": 0.0}, "--row-s must be greater than or equal to 1, not 0.0"),
        ("song.png", {"row_s": float("nan")}, "--row-s must be a finite number, not nan"),
        (
            "song.png",
            {"background": "stars"},
            "background must be 'spectrogram', 'waveform' or",
        ),
        ("song.png", {"audio": "loud"}, "audio must be 'link', 'embed' or 'none', not 'loud'"),
        ("song.png", {"from_s": -1.0}, "--from must be greater than or equal to 0, not -1.0"),
        ("song.png", {"from_s": 2.0, "to_s": 1.0}, "--to 1 must be later than --from 2 (both in seconds)"),
        ("song.png", {"from_s": 60.0}, "--from 60 is after the end of the song, which lasts 3.0 s"),
    ],
)
def test_invalid_settings_are_errors(
    tone: Path, tmp_path: Path, name: str, settings: dict[str, object], message: str
) -> None:
    with pytest.raises(UsageError, match=re.escape(message)):
        draw(tone, tmp_path / name, **settings)
    assert {path.name for path in tmp_path.iterdir()} == {"tone.wav"}


def test_a_picture_that_would_be_too_tall(tone: Path, tmp_path: Path) -> None:
    heap = Line(tuple(Word("la", 1.0, 1.1) for _ in range(3000)))
    with pytest.raises(UsageError, match="the picture would be 75201 pixels tall"):
        draw(tone, tmp_path / "song.png", (heap,))
    assert not (tmp_path / "song.png").exists()


def test_no_song_and_no_room(tone: Path, tmp_path: Path) -> None:
    with pytest.raises(AudioError, match="no such file"):
        draw(tmp_path / "none.mp3", tmp_path / "song.png")
    with pytest.raises(OutputError, match="cannot write into"):
        draw(tone, tone / "song.png")


def test_chords_are_in_pages_and_pictures(tone: Path, tmp_path: Path) -> None:
    chords = (Chord(0.0, 1.0, "A:min7"), Chord(1.0, 1.5, "C:maj/3"), Chord(99.0, 100.0, "B:maj"))
    (song,) = find_songs([str(tone)])
    config = PlotConfig()
    for name in ("song.html", "song.png", "plain.png"):
        plot(song, LINES, tmp_path / name, chords=() if name == "plain.png" else chords, config=config)
    texts = [text for tag, text in Page((tmp_path / "song.html").read_text("utf-8")).texts if tag == "div"]
    assert [text for text in texts if text in ("Am7", "C/E", "B")] == ["Am7", "C/E"]
    with Image.open(tmp_path / "song.png") as image, Image.open(tmp_path / "plain.png") as plain:
        assert image.size == plain.size
        assert image.tobytes() != plain.tobytes()
