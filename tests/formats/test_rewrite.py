"""Lyrics corrected in the form in which they came."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.data_sets import make_dali

from lyricsrec.base.errors import UsageError
from lyricsrec.formats.read import keeps_format, parse_lyrics, read_lyrics, rewritten
from lyricsrec.formats.registry import OUTPUT_FORMATS
from lyricsrec.lyrics.retiming import Retiming
from lyricsrec.lyrics.transcript import Line, Provenance, Transcript, Word

LINES = (Line((Word("So", 1.0, 1.5), Word("far", 1.5, 2.0))), Line((Word("away", 30.0, 31.0),)))
SONG = Transcript("Song", 60.0, LINES, provenance=Provenance("0", "none", "test", decoder="greedy"))
ULTRASTAR = "#TITLE:T\n#BPM:150\n#GAP:1000\n: 0 5 0 So\n: 5 5 0  far\n- 20\n: 290 10 0 away\nE\n"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.lrc", OUTPUT_FORMATS["lrc"].render(SONG)),
        ("a.elrc", OUTPUT_FORMATS["elrc"].render(SONG)),
        ("a.srt", OUTPUT_FORMATS["srt"].render(SONG)),
        ("a.vtt", OUTPUT_FORMATS["vtt"].render(SONG)),
        ("a.json", OUTPUT_FORMATS["json"].render(SONG)),
        ("a.txt", ULTRASTAR),
    ],
)
def test_corrected_and_read_again(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text, "utf-8")
    lyrics = read_lyrics(path)
    assert keeps_format(lyrics, path)
    retiming = Retiming(1.01, 0.5, {1: -2.0})
    edited = rewritten(lyrics, retiming, path.suffix)
    assert edited.unmoved == ()
    again = parse_lyrics(edited.data.decode(), name).lines
    for line, expected in zip(again, retiming.lines(lyrics.lines), strict=True):
        assert line.text == expected.text
        for word, right in zip(line.words, expected.words, strict=True):
            # UltraStar moves lines by whole beats, here of 0.1 s.
            assert word.start_s == pytest.approx(right.start_s, abs=0.05 if name == "a.txt" else 0.0051)


@pytest.mark.parametrize("suffix", [".gz", ".json"])
def test_dali(tmp_path: Path, suffix: str) -> None:
    annotations, _ = make_dali(tmp_path, [{"id": "a1", "audio": False}, {"id": "a2", "audio": False}])
    for path in sorted(annotations.iterdir()):
        lyrics = read_lyrics(path)
        edited = tmp_path / f"edited{suffix}"
        edited.write_bytes(rewritten(lyrics, Retiming(1.0, 0.25, {1: 1.0}), suffix).data)
        starts = [[word.start_s for word in line.words] for line in read_lyrics(edited).lines]
        assert starts == [[1.25, 2.25], [9.25, 10.25]]


def test_line_numbers_are_those_of_the_file() -> None:
    # The first line has only a held note, and so no word.
    text = ULTRASTAR.replace(": 0 5 0 So\n", ": -20 5 0 ~\n- -10\n: 0 5 0 So\n")
    lyrics = parse_lyrics(text, "a.txt")
    assert (lyrics.numbers, len(lyrics.lines)) == ((1, 2), 2)
    edited = rewritten(lyrics, Retiming(1.0, 0.0, {1: 1.0}), ".txt").data
    assert parse_lyrics(edited.decode("utf-8-sig"), "a.txt").lines[1].start_s == 31.0
    assert rewritten(lyrics, Retiming(1.0, 0.0, {1: -40.0}), ".txt").unmoved == (1,)


def test_encodings_are_kept(tmp_path: Path) -> None:
    (tmp_path / "a.lrc").write_bytes("[00:01.00]Süße Träume\r\n".encode("cp1252"))
    edited = rewritten(read_lyrics(tmp_path / "a.lrc"), Retiming(1.0, 1.0), ".lrc")
    assert edited.data == "[00:02.00]Süße Träume\r\n".encode("cp1252")


def test_plain_lyrics_have_nothing_to_correct() -> None:
    lyrics = parse_lyrics("So far", "a.txt")
    assert not keeps_format(lyrics, Path("b.txt"))
    with pytest.raises(UsageError, match=r"a\.txt has no times to correct"):
        rewritten(lyrics, Retiming(), ".txt")
