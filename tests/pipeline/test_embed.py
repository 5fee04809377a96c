from dataclasses import replace
from pathlib import Path

import mutagen
import pytest
from helpers.sounds import chord, write_song

from lyricsrec.base.errors import DataError
from lyricsrec.lyrics.transcript import Line, Provenance, Tags, Transcript, Word
from lyricsrec.pipeline.embed import embed_lyrics, tag_lyrics

SONG = Transcript(
    "Song",
    9.0,
    (
        Line((Word("So", 4.0, 4.5), Word("far", 4.5, 5.0))),
        Line((Word("Oh", 1.25, 2.0),)),
        Line((Word("lost", None, None),)),
    ),
    provenance=Provenance("0", "none", "test", decoder="greedy", language="de"),
    tags=Tags("Far", "Ann"),
)


def test_lines_are_in_order_of_time_and_the_text_has_all() -> None:
    lyrics = tag_lyrics(SONG)
    assert lyrics.text == "So far\nOh\nlost"
    assert lyrics.lines == ((1250, "Oh"), (4000, "So far"))
    assert lyrics.language == "ger"
    assert "[ti:Far]\n[ar:Ann]\n" in lyrics.lrc
    assert tag_lyrics(replace(SONG, provenance=Provenance("0", "none", "x", decoder="x"))).language == "XXX"


def test_lrc_lies_in_the_tags(tmp_path: Path) -> None:
    path = write_song(tmp_path / "a.flac", chord(1.0))
    embed_lyrics(path, SONG)
    assert mutagen.File(path)["LYRICS"] == [tag_lyrics(SONG).lrc]


@pytest.mark.parametrize("lines", [(), SONG.lines[2:]])
def test_a_transcript_without_times_is_not_written(tmp_path: Path, lines: tuple[Line, ...]) -> None:
    path = write_song(tmp_path / "a.flac", chord(1.0))
    with pytest.raises(DataError, match="Song: no line has a time; nothing is written into its tags"):
        embed_lyrics(path, replace(SONG, lines=lines))
    assert "LYRICS" not in mutagen.File(path)
