"""Chords over lyrics: where they stand, as text, ChordPro and labels."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lyricsrec.base.errors import UsageError
from lyricsrec.formats.chords.over_lines import over
from lyricsrec.formats.chords.registry import chord_format, chord_format_of_file
from lyricsrec.formats.marked_words import MARK
from lyricsrec.formats.markup.placed_chords import Mark
from lyricsrec.formats.read import parse_lyrics
from lyricsrec.lyrics.music.harmony import Beats, Chord, Key
from lyricsrec.lyrics.music.sections import Section
from lyricsrec.lyrics.transcript import Line, Provenance, Transcript, Word

SONG = Transcript(
    "Song",
    40.0,
    (
        Line((Word("So", 10.0, 10.4), Word("far", 10.5, 10.9), Word("away", 11.0, 12.0))),
        Line((Word("from", 13.0, 13.4), Word("[home]", 14.0, 15.0))),
        Line((Word("lost", None, None),)),
    ),
    provenance=Provenance("0.0.0", "none", "test", decoder="greedy"),
    key=Key("G", "major"),
    beats=Beats(92.3, (0.5, 1.0)),
    chords=(
        Chord(0.0, 3.0, "N"),
        Chord(3.0, 6.0, "G:maj"),
        Chord(6.0, 9.8, "C:maj"),
        Chord(9.8, 11.3, "G:maj/3"),
        Chord(11.3, 12.4, "D:7"),
        Chord(12.4, 14.1, "E:min"),
        Chord(14.1, 15.5, "A:min7"),
        Chord(15.5, 20.0, "D:maj"),
        Chord(20.0, 40.0, "G:maj"),
    ),
)


def test_chordpro() -> None:
    text = chord_format("chordpro").render(SONG)
    assert text.split("\n\n")[0].splitlines() == ["{title: Song}", "{key: G}", "{tempo: 92}"]
    row = f"[Em]from [Am7][{MARK}home]"
    assert text.split("\n\n")[1:] == [f"[G] [C]\n[G/B]So far a[D7]way\n{row}\nlost", "[D] [G]\n"]


def test_chordpro_is_read_back_to_the_same_words() -> None:
    lyrics = parse_lyrics(chord_format("chordpro").render(SONG), "a.cho")
    assert [line.text for line in lyrics.lines] == ["So far away", "from [home]", "lost"]


def test_a_capo_changes_what_is_fingered_and_not_the_labels() -> None:
    song = replace(SONG, capo=2)
    text = chord_format("ChordPro").render(song)
    assert "{key: F}\n{tempo: 92}\n{capo: 2}" in text
    assert "[F/A]So far a[C7]way" in text
    assert chord_format("text").render(song).startswith("Capo 2\nF Bb\n")
    assert "9.800\t11.300\tG:maj/3\n" in chord_format("lab").render(song)


def test_sections_have_their_chords() -> None:
    sections = (
        Section("intro", 0.0, 10.0),
        Section("verse", 10.0, 15.0, lines=(0, 1, 2)),
        Section("outro", 15.0, 40.0),
    )
    text = chord_format("chordpro").render(replace(SONG, sections=sections))
    assert text.index("{comment: Intro}") < text.index("[G] [C]") < text.index("{start_of_verse: Verse}")
    assert "\n[G/B]So far a[D7]way\n" in text
    assert "[Verse]\n" in chord_format("text").render(replace(SONG, sections=sections))


def test_text_has_chords_above_the_lines() -> None:
    rows = chord_format("text").render(SONG).splitlines()
    assert rows[:3] == ["G C", "G/B     D7", "So far away"]
    assert rows[3].startswith("Em   Am7")
    assert over(["a", "b"], [Mark(0, 0, "Cmaj7"), Mark(1, 0, "G"), Mark(2, 0, "D")]) == "Cmaj7 G D\na     b"
    assert over(["愛", "b"], [Mark(1, 0, "G")]) == "   G\n愛 b"
    assert over(["so"], []) == "so"


def test_labels_and_lyrics_without_chords() -> None:
    assert chord_format("lab").render(SONG).splitlines()[:2] == ["0.000\t3.000\tN", "3.000\t6.000\tG:maj"]
    plain = replace(SONG, chords=None, key=None, beats=None)
    assert chord_format("lab").render(plain) == ""
    assert chord_format("text").render(plain) == "So far away\nfrom [home]\nlost\n"
    silent = replace(SONG, lines=())
    assert chord_format("text").render(silent) == "G C G/B D7 Em Am7 D G\n"


def test_formats_by_name_and_file() -> None:
    assert [chord_format_of_file(name) for name in ("a.lab", "a.CHO", "a.json", "a.txt", "a.mp3")] == [
        chord_format("lab"),
        chord_format("chordpro"),
        chord_format("json"),
        chord_format("text"),
        None,
    ]
    with pytest.raises(UsageError, match="unknown format 'midi'"):
        chord_format("midi")
