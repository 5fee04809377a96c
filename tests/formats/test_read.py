"""Lyrics in every form people have them."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest
from helpers.data_sets import make_dali
from helpers.files import DATA, EXAMPLES

from lyricsrec.base.errors import DataError, NoLyricsError
from lyricsrec.formats.read import parse_lyrics, read_lyrics
from lyricsrec.lyrics.transcript import Line, Provenance, Transcript, Word

PLAIN = (Line((Word("So", None, None), Word("far", None, None))),)
TIMED = (Line((Word("So", 1.0, None), Word("far", None, None))),)
LRC = "[00:01.00]So far\n"
SRT = "1\n00:00:01,000 --> 00:00:02,000\nSo far\n"
ULTRASTAR = "#TITLE:T\n#ARTIST:A\n#LANGUAGE:English\n#BPM:150\n#GAP:1000\n: 0 5 0 So\n: 10 5 0  far\nE\n"
JSON = Transcript(
    "S",
    9.0,
    (Line((Word("So", 1.0, 1.5, confidence=0.5),)),),
    provenance=Provenance("0", "none", "t", decoder="greedy"),
).to_json()


@pytest.mark.parametrize(
    ("name", "text", "form", "lines"),
    [
        ("a.txt", "[Chorus]\nSo far\n", "txt", PLAIN),
        ("a.lyrics", "So far", "txt", PLAIN),
        ("a.lrc", LRC, "lrc", TIMED),
        ("A.ELRC", LRC, "lrc", TIMED),
        ("a.txt", "[ti:x]\n" + LRC, "lrc", TIMED),
        ("stdin", LRC, "lrc", TIMED),
        ("a.lrc", "So far", "lrc", PLAIN),
        ("a.srt", SRT, "srt", (Line((Word("So", 1.0, None), Word("far", None, 2.0))),)),
        ("stdin", SRT, "srt", (Line((Word("So", 1.0, None), Word("far", None, 2.0))),)),
        ("stdin", "WEBVTT\n\n00:01.000 --> 00:02.000\nSo\n", "vtt", (Line((Word("So", 1.0, 2.0),)),)),
        ("a.txt", ULTRASTAR, "ultrastar", (Line((Word("So", 1.0, 1.5), Word("far", 2.0, 2.5))),)),
        ("a.txt", "#1: So far", "txt", (Line((Word("#1:", None, None), *PLAIN[0].words)),)),
        ("a.json", JSON, "json", (Line((Word("So", 1.0, 1.5),)),)),
        ("stdin", JSON, "json", (Line((Word("So", 1.0, 1.5),)),)),
    ],
)
def test_form_by_ending_else_by_content(name: str, text: str, form: str, lines: tuple[Line, ...]) -> None:
    lyrics = parse_lyrics(text, name)
    assert (lyrics.format.name, lyrics.lines) == (form, lines)
    assert lyrics.timed == (lines != PLAIN and form != "txt")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "a.txt").write_bytes("Süße Träume".encode(encoding))
    lyrics = read_lyrics(tmp_path / "a.txt")
    assert (lyrics.lines[0].text, lyrics.encoding) == ("Süße Träume", encoding)


def test_stdin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(LRC.encode())))
    lyrics = read_lyrics(Path("-"))
    assert (lyrics.format.name, lyrics.name, lyrics.lines) == ("lrc", "stdin", TIMED)


def test_ultrastar_files() -> None:
    lyrics = read_lyrics(DATA / "ultrastar_parser_cases" / "cp865.txt")
    assert (lyrics.format.name, lyrics.encoding, lyrics.lines[0].text) == ("ultrastar", "cp865", "Hello world!")
    assert read_lyrics(sorted(EXAMPLES.glob("karaoke/*.txt"))[0]).language == "english"


def test_dali_entries_with_a_time_that_is_none(tmp_path: Path) -> None:
    songs = [{"words": [("one", 1.0, 1.5), ("two", float("nan"), 2.5)]}] * 2
    annotations, _ = make_dali(tmp_path, [{**song, "id": f"a{i}", "audio": False} for i, song in enumerate(songs, 1)])
    expected = (Line((Word("one", 1.0, 1.5),)), Line((Word("two", None, 2.5),)))
    for path in sorted(annotations.iterdir()):
        lyrics = read_lyrics(path)
        assert (lyrics.format.name, lyrics.lines, lyrics.language) == ("dali", expected, "english")
    assert {path.suffix for path in annotations.iterdir()} == {".gz", ".json"}


@pytest.mark.parametrize(
    ("name", "data", "complaint"),
    [
        ("a.txt", b"", "a.txt: empty file"),
        ("a.txt", b"\xef\xbb\xbf \n", "a.txt: empty file"),
        ("a.txt", b"[Chorus]\n\n...\n", "a.txt: no lyrics in it"),
        ("a.lrc", b"[ti:x]\n[00:01.00]\n", "a.lrc: no lyrics in it"),
        (
            "a.json",
            b"{",
            "a.json: broken JSON (Expecting property name enclosed in double quotes: line 1 column 2 (char 1))",
        ),
        ("a.json", b'{"schema": 9}', "a.json: not a lyricsrec transcript of schema 1"),
        ("a.json", b'{"info": 1, "annotations": 2}', "a.json: incomplete DALI entry: no id in its info"),
        ("a.json", JSON.replace('"words": [', '"x": [').encode(), None),
        ("a.json", b'{"schema": 1, "song": "", "duration_s": 1, "lines": ["x"], "notes": [], "provenance": {}}', None),
        ("a.mp3", b"ID3\0\0\0abc", "a.mp3: not a text file"),
        ("a.txt", b"\x1f\x8bxyz", "a.txt: packed data, not text"),
        ("a.gz", b"xyz", None),
        ("a.txt", b"#TITLE:x\n: 0 1 1 la\n", "a.txt: no valid #BPM tag, so its notes have no times"),
        ("a.json", JSON.replace('"So"', "5").encode(), "a.json: a word has no text, but 5"),
        ("a.json", JSON.replace("1.5", '"x"').encode(), "a.json: a time of the word 'So' is not a number"),
    ],
)
def test_what_cannot_be_used_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, data: bytes, complaint: str | None
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).write_bytes(data)
    with pytest.raises(DataError) as error:
        read_lyrics(Path(name))
    assert complaint is None or str(error.value) == complaint
    says_nothing = complaint is not None and complaint.endswith((": empty file", ": no lyrics in it"))
    assert isinstance(error.value, NoLyricsError) == says_nothing


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"cannot be read \(No such file or directory\)"):
        read_lyrics(tmp_path / "none.txt")


def test_json_whose_times_are_infinite_counts_as_untimed() -> None:
    document = json.loads(JSON)
    document["lines"][0]["words"][0]["start_s"] = float("inf")
    assert parse_lyrics(json.dumps(document), "a.json").lines == (Line((Word("So", None, 1.5),)),)
