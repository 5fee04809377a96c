"""UltraStar files that are written: read back, and the rules that USDX has for them."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from lyricsrec.formats.karaoke.ultrastar import parse_ultrastar
from lyricsrec.formats.karaoke.ultrastar_writer import UltraStarConfig, write_ultrastar
from lyricsrec.lyrics.music.notes import Melody, Note, PitchContour
from lyricsrec.lyrics.transcript import Line, Provenance, Tags, Transcript, Word

CONTOUR = PitchContour(0.016, (), ())


def song(notes: tuple[Note, ...], *lines: Line) -> Transcript:
    return Transcript(
        "run",
        20.0,
        lines,
        provenance=Provenance("0", "none", "none", decoder="none", language="en"),
        tags=Tags("On the run", "Ann", None),
        melody=Melody(CONTOUR, notes),
    )


def note(text: str, start_s: float, end_s: float, pitch: int = 60, word: int | None = 0, hertz: float = 262.0) -> Note:
    return Note(text, start_s, end_s, pitch=pitch, hertz=hertz, word=word)


SONG = song(
    (note("a", 1.0, 1.2), note("way", 1.2, 1.5, 62), note("~", 1.5, 2.0, 64), note("home", 2.1, 2.6, 57, 1)),
    Line((Word("away", 1.0, 2.0), Word("home", 2.1, 2.6))),
    Line((Word("hey!", 5.0, 5.3),)),
)


def test_notes_syllables_and_breaks() -> None:
    assert write_ultrastar(SONG, UltraStarConfig("run.mp3", "run.mp4", bpm=150)) == (
        "#VERSION:1.0.0\n#TITLE:On the run\n#ARTIST:Ann\n#LANGUAGE:English\n#MP3:run.mp3\n#VIDEO:run.mp4\n"
        "#BPM:300\n#GAP:1000\n"
        ": 0 4 0 a\n: 4 6 2 way\n: 10 10 4 ~\n: 22 10 -3  home\n- 56\nF 80 6 0 hey!\nE\n"
    )


def test_what_is_written_reads_back_with_words_times_and_pitches() -> None:
    read = parse_ultrastar(write_ultrastar(SONG).encode()).annotation()
    assert [line.text for line in read.lines] == ["away home", "hey!"]
    assert [round(word.start_s or 0, 1) for word in read.words] == [1.0, 2.1, 5.0]
    assert read.notes is not None
    assert [round(each.freq_hz) for each in read.notes[0]] == [262, 294, 330]


def test_a_multiple_of_the_tempo_is_fine_enough() -> None:
    assert [UltraStarConfig(bpm=bpm).grid_bpm for bpm in (None, 75.0, 120.5, 300.0, 700.0)] == [400, 300, 482, 300, 350]


def test_a_duet_has_the_lines_of_each_singer() -> None:
    lines = [Line((Word(text, i, i + 0.5),)) for i, text in enumerate(("one", "two", "all"))]
    names = [("Ann",), ("Bob",), ("Ann", "Bob")]
    duet = song((), *(replace(line, singers=each) for line, each in zip(lines, names, strict=True)))
    rows = write_ultrastar(duet).splitlines()
    assert rows[rows.index("#P1:Ann") :] == [
        *("#P1:Ann", "#P2:Bob", "P1", "F 0 13 0 one", "- 33", "F 53 14 0 all"),
        *("P2", "F 27 13 0 two", "- 47", "F 53 14 0 all", "E"),
    ]
    read = parse_ultrastar("\n".join(rows).encode()).annotation()
    assert [(line.text, line.singers) for line in read.lines] == list(zip(("one", "two", "all"), names, strict=True))


def sung(*lines: Line) -> list[str]:
    """The rows of the notes and voices of lines."""
    rows = write_ultrastar(song((), *lines)).splitlines()
    return [row for row in rows if row.startswith(("F", "P", "#P"))]


def test_three_singers_have_a_voice_each_and_lines_of_unknown_singers_are_those_of_all() -> None:
    lines = [Line((Word(text, i, i + 0.3),)) for i, text in enumerate(("one", "two", "three", "all"))]
    names = [("Ann",), ("Bob",), ("Cid",), ()]
    lines = [replace(line, singers=each) for line, each in zip(lines, names, strict=True)]
    assert [row.split()[-1] for row in sung(*lines)] == [
        *("#P1:Ann", "#P2:Bob", "#P3:Cid", "P1", "one", "all", "P2", "two", "all", "P3", "three", "all")
    ]
    read = parse_ultrastar(write_ultrastar(song((), *lines)).encode()).annotation()
    assert [line.singers for line in read.lines] == [*names[:3], ("Ann", "Bob", "Cid")]


def test_the_third_voice_of_a_duet_is_that_of_both() -> None:
    rows = "#BPM:400\n#P1:Ann\n#P2:Bob\nP1\nF 0 9 0 one\nP2\nF 20 9 0 two\nP3\nF 40 9 0 all\nE\n"
    assert [line.singers for line in parse_ultrastar(rows.encode()).annotation().lines][-1] == ("Ann", "Bob")


def test_backing_vocals_over_other_lines_are_a_voice() -> None:
    lead, backing = Line((Word("home", 1.0, 2.0),)), Line((Word("(ooh)", 1.5, 2.5),), role="backing")
    assert [row.split()[-1] for row in sung(lead, backing)] == ["#P1:Lead", "#P2:Backing", "P1", "home", "P2", "(ooh)"]
    later = replace(backing, words=(Word("(ooh)", 2.0, 2.5),))
    assert [row.split()[-1] for row in sung(lead, later)] == ["home", "(ooh)"]


def test_golden_notes_are_the_longest_syllables_of_lines_up_to_a_share() -> None:
    notes = (*(note("la", i, i + 0.5, word=i) for i in range(6)), note("~", 5.5, 6.0, word=5), note("ho", 6, 7, word=6))
    lines = [Line(tuple(Word("la", i, i + 0.5) for i in part)) for part in (range(3), range(3, 7))]
    for share, golden in (
        (0.0, []),
        (0.2, []),
        (0.25, ["la", "~"]),
        (0.4, ["la", "la", "~"]),
        (1.0, ["la", "la", "~"]),
    ):
        text = write_ultrastar(song(notes, *lines), UltraStarConfig(golden=share))
        assert [row.split()[-1] for row in text.splitlines() if row[0] == "*"] == golden
        read = parse_ultrastar(text.encode()).annotation().notes or ()
        assert [each.text for word in read for each in word if each.is_golden] == golden


@given(st.lists(st.tuples(st.floats(0, 20), st.floats(0, 2), st.sampled_from(["la", "~", " ", "x\ny"])), max_size=12))
def test_no_notes_overlap_and_none_is_empty(given: list[tuple[float, float, str]]) -> None:
    starts = sorted(given)
    notes = tuple(note(text, start_s, start_s + length_s, word=i) for i, (start_s, length_s, text) in enumerate(starts))
    lines = [Line((Word("la", each.start_s, each.end_s),)) for each in notes]
    voices = parse_ultrastar(write_ultrastar(song(notes, *lines)).encode()).voices
    beats = [beat for voice in voices for line in voice for beat in line]
    assert all(beat.length >= 1 and beat.text.strip() for beat in beats)
    assert all(before.start + before.length <= beat.start for before, beat in pairwise(beats))
    assert sum(beat.text.strip() == "la" for beat in beats) == sum(text == "la" for _, _, text in given)
