"""Karaoke subtitles in ASS."""

from __future__ import annotations

import pysubs2

from lyricsrec.formats.karaoke.ass import ASS
from lyricsrec.lyrics.transcript import Line, Provenance, Transcript, Word


def transcript(*words: Word) -> Transcript:
    return Transcript("Song", 100.0, (Line(words),), provenance=Provenance("0", "none", "test", decoder="greedy"))


SONG = transcript(Word("So", 1.0, 1.25), Word("far", 1.5, 2.004))


def test_words_and_pauses_are_filled_in_hundredths_of_a_second() -> None:
    rendered = ASS.render(SONG)
    assert "Dialogue: 0,0:00:01.00,0:00:02.00,Karaoke,,0,0,0,,{\\kf25}So {\\k25}{\\kf50}far\n" in rendered
    assert "\nTitle: Song\nScriptType: v4.00+\n" in rendered


def test_lyrics_cannot_contain_commands() -> None:
    rendered = ASS.render(transcript(Word("{\\pos(0,0)}x", 0.0, 1.0)))
    assert rendered.endswith("{\\kf100}\\{\\\u2060pos(0,0)\\}x\n")


def test_chinese_and_japanese_words_have_no_spaces() -> None:
    rendered = ASS.render(transcript(Word("愛", 0.0, 1.0), Word("し", 1.0, 1.5), Word("oh", 1.5, 2.0)))
    assert rendered.endswith(",{\\kf100}愛{\\kf50}し {\\kf50}oh\n")


def test_style() -> None:
    style = (
        "Style: Karaoke,Arial,52,&H0000D7FF,&H00FFFFFF,&H00202020,&H80000000,-1,0,0,0,100,100,0,0,1,3,0,2,40,40,60,1"
    )
    assert style in ASS.render(SONG)


def test_a_subtitle_library_reads_it() -> None:
    (event,) = pysubs2.SSAFile.from_string(ASS.render(SONG))
    assert (event.start, event.end, event.plaintext) == (1000, 2000, "So far")
