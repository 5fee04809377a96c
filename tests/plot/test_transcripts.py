from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from lyricsrec.errors import DataError
from lyricsrec.plot.transcripts import read_timed_lines
from lyricsrec.transcript import Line, Placement, Provenance, Transcript, Word

LINES = (Line((Word("so", 1.0, 1.5, 0.9), Word("far", None, None)), Placement(0.4, "doubtful", "a reason")),)


def document(lines: tuple[Line, ...]) -> str:
    return Transcript("song", 3.0, lines, Provenance("1", "none", "whisper", "beam")).to_json()


def test_a_transcript_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "song.json").write_text(document(LINES), "utf-8-sig")
    assert read_timed_lines(str(tmp_path / "song.json")) == LINES


def test_a_transcript_of_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(document(LINES).encode())))
    assert read_timed_lines("-") == LINES


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no transcript in JSON"),
        ("[[[", "no transcript in JSON"),
        ('{"schema": 7}', "no transcript in JSON"),
        (document((Line((Word("so", None, None),)),)), "no word has a time"),
        (document(()), "no word has a time"),
        (document((Line((Word("so", float("nan"), 1.0),)),)), "a word of line 1 has a time or a confidence that is no"),
        (document(LINES).replace("1.5", '"late"'), "a word of line 1 has a time or a confidence that is no number"),
    ],
)
def test_what_is_no_timed_transcript(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "song.json").write_text(text)
    with pytest.raises(DataError, match=message):
        read_timed_lines(str(tmp_path / "song.json"))


def test_what_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none.json: cannot be read \(No such file"):
        read_timed_lines(str(tmp_path / "none.json"))
    (tmp_path / "bytes.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError, match="no transcript in JSON"):
        read_timed_lines(str(tmp_path / "bytes.json"))


def test_a_transcript_with_lines_that_are_none(tmp_path: Path) -> None:
    broken = json.loads(document(LINES)) | {"lines": [None]}
    (tmp_path / "song.json").write_text(json.dumps(broken))
    with pytest.raises(DataError, match="no transcript in JSON"):
        read_timed_lines(str(tmp_path / "song.json"))
