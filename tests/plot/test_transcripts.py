from __future__ import annotations

import io
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from lyricsrec.base.errors import DataError
from lyricsrec.lyrics.transcript import Line, Placement, Provenance, Transcript, Word
from lyricsrec.plot.transcripts import read_timed_lines

LINES = (Line((Word("so", 1.0, 1.5, confidence=0.9), Word("far", None, None)), Placement(0.4, "doubtful", "a reason")),)


def document(lines: tuple[Line, ...]) -> str:
    return Transcript("song", 3.0, lines, provenance=Provenance("1", "none", "whisper", decoder="beam")).to_json()


def test_a_transcript_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "song.json").write_text(document(LINES), "utf-8-sig")
    assert read_timed_lines(str(tmp_path / "song.json")) == LINES


def test_a_transcript_of_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(document(LINES).encode())))
    assert read_timed_lines("-") == LINES


LRC = "[00:01.00]So far away\n[00:05.00]<00:05.00> from <00:05.50> home\n[01:09.00]I don't know\n"
SRT = """1
00:00:01,000 --> 00:00:03,000
So far
away

2
00:00:05,000 --> 00:00:06,000
From home
"""


def test_lines_with_one_time_are_one_word(tmp_path: Path) -> None:
    (tmp_path / "song.lrc").write_text(LRC)
    lines = read_timed_lines(str(tmp_path / "song.lrc"))
    assert [[(word.text, word.start_s, word.end_s) for word in line.words] for line in lines] == [
        [("So far away", 1.0, 5.0)],
        [("from", 5.0, 5.5), ("home", 5.5, None)],
        [("I don't know", 69.0, 69.0)],
    ]


def test_a_subtitle_of_two_rows_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "song.srt").write_text(SRT)
    lines = read_timed_lines(str(tmp_path / "song.srt"))
    assert [[(word.text, word.start_s, word.end_s) for word in line.words] for line in lines] == [
        [("So far away", 1.0, 3.0)],
        [("From home", 5.0, 6.0)],
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "song.json: empty"),
        ("[[[", "broken JSON"),
        ('{"schema": 7}', "not a lyricsrec transcript"),
        (
            document(LINES).replace('"words": [', '"words": [null, '),
            r"lines\[0\].words\[0\] is not an object, but missing",
        ),
        (document((Line((Word("so", None, None),)),)), "no word has a time"),
        (document(()), "no lyrics in it"),
        (document(LINES).replace("1.5", "NaN"), "is not a time, but NaN"),
        (document(LINES).replace("0.9", '"high"'), "confidence must be a valid number"),
        (document(LINES).replace("1.5", '"late"'), "is not a number"),
    ],
)
def test_invalid_transcripts_are_errors(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "song.json").write_text(text)
    with pytest.raises(DataError, match=message):
        read_timed_lines(str(tmp_path / "song.json"))


def test_plain_lyrics_have_no_times(tmp_path: Path) -> None:
    (tmp_path / "song.txt").write_text("So far away\nfrom home\n")
    with pytest.raises(DataError, match="no word has a time"):
        read_timed_lines(str(tmp_path / "song.txt"))


def test_what_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none.json: cannot be read \(No such file"):
        read_timed_lines(str(tmp_path / "none.json"))
