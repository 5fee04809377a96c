"""Scores in MusicXML, read by music21."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from helpers.melodies import SONG, note
from hypothesis import given
from hypothesis import strategies as st

from lyricsrec.formats.melody.musicxml import write_musicxml
from lyricsrec.lyrics.music.harmony import Beats, Key
from lyricsrec.lyrics.music.notes import Note
from lyricsrec.lyrics.transcript import Transcript


def with_notes(song: Transcript, *notes: Note) -> Transcript:
    assert song.melody is not None
    return replace(song, lines=(), melody=replace(song.melody, notes=notes))


def rows(data: bytes) -> list[str]:
    """Each note and rest: measure, what it is, length in 32nds, ties, lyric."""
    found = []
    for measure in ElementTree.fromstring(data).iter("measure"):
        for each in measure.iter("note"):
            pitch = each.find("pitch")
            name = "rest" if pitch is None else "".join(part.text or "" for part in pitch)
            ties = "".join("(" if tie.get("type") == "start" else ")" for tie in each.findall("tie"))
            lyric = " ".join(part.text or "" for part in each.iterfind("lyric/*"))
            found.append(f"{measure.get('number')} {name} {each.findtext('duration')}{ties} {lyric}".strip())
    return found


def test_syllables_rests_and_ties_over_bars() -> None:
    assert rows(write_musicxml(SONG, 60)) == [
        *("1 rest 8", "1 C4 4 begin a", "1 C14 4 end way", "1 E4 8", "1 A3 8( single hömé"),
        *("2 A3 16)", "2 rest 16"),
    ]


def test_flats_where_the_key_has_flats() -> None:
    data = write_musicxml(replace(SONG, key=Key("F", "minor")), 60)
    assert rows(data)[2] == "1 D-14 4 end way"
    assert b"<fifths>-4</fifths>" in data
    assert b"<fifths>4</fifths>" in write_musicxml(replace(SONG, key=Key("Db", "minor")), 60)


def test_the_grid_follows_the_beats_of_the_song() -> None:
    song = with_notes(SONG, note("", 1.0, 1.5), note("", 2.6, 3.4))
    uneven = replace(song, beats=Beats(60.0, (1.0, 1.8, 2.6, 3.4)))
    assert rows(write_musicxml(uneven)) == [
        *("1 rest 8", "1 C4 4(", "1 C4 1)", "1 rest 8", "1 rest 3", "1 C4 8"),
    ]


@pytest.mark.slow
def test_music21_reads_the_same_notes_and_lyrics() -> None:
    music21 = pytest.importorskip("music21")
    score = music21.converter.parseData(write_musicxml(SONG, 60).decode(), format="musicxml")
    assert (score.metadata.title, score.metadata.composer) == ("On the run", "Ann")
    sung = list(score.stripTies().flatten().notes)
    assert [(each.offset, each.quarterLength, each.pitch.midi) for each in sung] == [
        *((1.0, 0.5, 60), (1.5, 0.5, 61)),
        *((2.0, 1.0, 64), (3.0, 3.0, 57)),
    ]
    lyrics = [(each.lyrics[0].syllabic, each.lyrics[0].text) for each in sung if each.lyrics]
    assert lyrics == [("begin", "a"), ("end", "way"), ("single", "hömé")]
    assert all(measure.duration.quarterLength == 4 for measure in score.parts[0].getElementsByClass("Measure"))


@given(st.lists(st.tuples(st.floats(0, 20), st.floats(0, 3), st.integers(40, 80)), max_size=8), st.floats(40, 240))
def test_measures_are_full_and_notes_are_cut_into_lengths_that_have_names(
    given: list[tuple[float, float, int]], bpm: float
) -> None:
    notes = [note("la", start_s, start_s + length_s, pitch) for start_s, length_s, pitch in sorted(given)]
    root = ElementTree.fromstring(write_musicxml(with_notes(SONG, *notes), bpm))
    for measure in root.iter("measure"):
        assert sum(int(each.text or 0) for each in measure.iterfind("note/duration")) == 32
    pitches = [each for each in root.iter("note") if each.find("pitch") is not None]
    starts = [each for each in pitches if all(tie.get("type") != "stop" for tie in each.findall("tie"))]
    assert len(starts) == len(notes)
    for before, after in pairwise(pitches):
        assert ("start" in [t.get("type") for t in before.findall("tie")]) == (
            "stop" in [t.get("type") for t in after.findall("tie")]
        )
