"""Sections of small songs, and their labels."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from lyricsrec.lyrics.music.sections import Section, form_of
from lyricsrec.lyrics.transcript import Line, Provenance, Transcript, Word
from lyricsrec.music.form.labels import groups_of, labels_of, section_likeness
from lyricsrec.music.form.sections import find_sections, with_sections
from lyricsrec.music.form.similarity import bare, similarities

VERSES = (
    ("grey morning on the river", "a boat is drifting past", "my coffee turns to winter", "no summer ever lasts"),
    ("old letters in the kitchen", "your coat behind the door", "the radio keeps wishing", "for someone from before"),
    ("a train across the valley", "two tickets in my hand", "the dog sleeps in the alley", "we never really planned"),
)
CHORUS = ("oh hold the line for me", "hold the line tonight", "I am coming home to sea", "hold on to the light")
HEARD = ("oh hold a line for me", "hold the lime tonight", "I am coming home to see", "hold onto the light")
BRIDGE = ("and if the tide should turn", "let every lantern burn")


def song_of(*parts: tuple[str, ...], pause_s: float = 3.0, begin_s: float = 1.0) -> list[Line]:
    """Lines of 2 s with 0.4 s between them, and a pause before each part."""
    lines, end_s = [], begin_s - pause_s
    for part in parts:
        end_s += pause_s - 0.4
        for text in part:
            start_s, end_s = end_s + 0.4, end_s + 2.4
            lines.append(Line((Word(text, round(start_s, 3), round(end_s, 3)),)))
    return lines


SONG = song_of(VERSES[0], CHORUS, VERSES[1], HEARD, BRIDGE, CHORUS)


def test_verses_choruses_and_a_bridge() -> None:
    sections = find_sections(SONG)
    assert form_of(sections) == "V C V C B C"
    assert [section.lines for section in sections][:2] == [(0, 1, 2, 3), (4, 5, 6, 7)]
    assert (sections[1].start_s, sections[1].end_s) == (SONG[4].start_s, SONG[7].end_s)


def test_the_same_without_times() -> None:
    untimed = [Line(tuple(Word(word.text, None, None) for word in line.words)) for line in SONG]
    sections = find_sections(untimed)
    assert form_of(sections) == "V C V C B C"
    assert {section.start_s for section in sections} == {None}


def test_verses_only_where_nothing_repeats() -> None:
    assert form_of(find_sections(song_of(*VERSES))) == "V V V"


def test_parts_without_words() -> None:
    lines = song_of(VERSES[0], CHORUS, pause_s=15.0, begin_s=8.0)
    sections = find_sections(lines, 50.0)
    assert [section.label for section in sections] == ["intro", "verse", "instrumental", "verse", "outro"]
    assert sections[0] == Section("intro", 0.0, 8.0)
    assert (sections[-1].end_s, sections[-1].lines) == (50.0, ())


def test_known_begins_are_taken() -> None:
    sections = find_sections(song_of(VERSES[0], CHORUS), begins=[2])
    assert [section.lines for section in sections] == [(0, 1), (2, 3, 4, 5, 6, 7)]


def test_translations_belong_to_the_line_before() -> None:
    lines = [part for line in SONG for part in (line, Line(line.words, role="translation"))]
    sections = find_sections(lines)
    assert form_of(sections) == "V C V C B C"
    assert sections[1].lines == tuple(range(8, 16))


def test_songs_without_lines_and_audio_books() -> None:
    assert find_sections([]) == ()
    assert find_sections([Line((Word("oh", None, None),))] * 1501) == ()


def test_a_transcript_gets_sections() -> None:
    made = Provenance("0", "none", "none", decoder="none")
    found = with_sections(Transcript("a", 0.0, tuple(SONG), provenance=made))
    assert found.sections == find_sections(SONG)


def test_pre_chorus_intro_and_outro() -> None:
    texts = [("la la",), VERSES[0], BRIDGE, CHORUS, VERSES[1], BRIDGE, CHORUS, ("good night",)]
    lines = [bare(text) for part in texts for text in part]
    starts = np.cumsum([0, *map(len, texts)]).tolist()
    parts = [range(first, last) for first, last in pairwise(starts)]
    expected = ["intro", "verse", "pre-chorus", "chorus", "verse", "pre-chorus", "chorus", "outro"]
    assert labels_of(parts, similarities(lines)) == expected
    assert groups_of(parts, similarities(lines)) == [0, 1, 2, 3, 4, 2, 3, 7]


def test_the_likeness_of_sections_aligns_their_lines() -> None:
    similar = np.zeros((5, 5))
    similar[0, 2] = similar[1, 4] = 1.0
    assert section_likeness(range(0, 2), range(2, 5), similar) == 2 / 3
