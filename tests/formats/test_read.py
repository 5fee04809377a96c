"""Lyrics of every format read, and written back with corrected times."""

from __future__ import annotations

import io
import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from helpers.data_sets import make_dali
from helpers.files import DATA, EXAMPLES

from lyricsrec.base.errors import DataError, NoLyricsError, UsageError
from lyricsrec.formats.read import keeps_format, parse_lyrics, read_lyrics, rewritten
from lyricsrec.formats.registry import OUTPUT_FORMATS
from lyricsrec.lyrics.retiming import Retiming
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
def test_format_by_ending_else_by_content(name: str, text: str, form: str, lines: tuple[Line, ...]) -> None:
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
    assert (lyrics.format.name, lyrics.encoding, lyrics.lines[0].text) == ("ultrastar", "cp850", "Hello world!")
    assert read_lyrics(sorted(EXAMPLES.glob("karaoke/*.txt"))[0]).language == "english"


def test_dali_entries_with_a_time_that_is_not_a_number(tmp_path: Path) -> None:
    songs = [{"words": [("one", 1.0, 1.5), ("two", float("nan"), 2.5)]}] * 2
    annotations, _ = make_dali(tmp_path, [{**song, "id": f"a{i}", "audio": False} for i, song in enumerate(songs, 1)])
    expected = (Line((Word("one", 1.0, 1.5),)), Line((Word("two", None, 2.5),)))
    for path in sorted(annotations.iterdir()):
        lyrics = read_lyrics(path)
        assert (lyrics.format.name, lyrics.lines, lyrics.language) == ("dali", expected, "english")
    assert {path.suffix for path in annotations.iterdir()} == {".gz", ".json"}


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.txt", b"", "a.txt: empty file"),
        ("a.txt", b"\xef\xbb\xbf \n", "a.txt: empty file"),
        ("a.txt", b"[Chorus]\n\n...\n", "a.txt: no lyrics in it"),
        ("a.lrc", b"[ti:x]\n[00:01.00]\n", "a.lrc: no lyrics in it"),
        ("a.vtt", b"WEBVTT\n", "a.vtt: no lyrics in it"),
        ("a.srt", b"So far\n", "a.srt: not a SubRip file (no row with times)"),
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
        ("a.json", JSON.replace('"So"', "5").encode(), "a.json: lines[0].words[0].text is not a text, but 5"),
        (
            "a.json",
            JSON.replace("1.5", '"x"').encode(),
            'a.json: lines[0].words[0].end_s is not a number, but "x"',
        ),
    ],
)
def test_unusable_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, data: bytes, message: str | None
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).write_bytes(data)
    with pytest.raises(DataError) as error:
        read_lyrics(Path(name))
    assert message is None or str(error.value) == message
    is_without_lyrics = message is not None and message.endswith((": empty file", ": no lyrics in it"))
    assert isinstance(error.value, NoLyricsError) == is_without_lyrics


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"cannot be read \(No such file or directory\)"):
        read_lyrics(tmp_path / "none.txt")


REWRITTEN_LINES = (Line((Word("So", 1.0, 1.5), Word("far", 1.5, 2.0))), Line((Word("away", 30.0, 31.0),)))
REWRITTEN_SONG = Transcript("Song", 60.0, REWRITTEN_LINES, provenance=Provenance("0", "none", "test", decoder="greedy"))
ULTRASTAR_LINES = "#TITLE:T\n#BPM:150\n#GAP:1000\n: 0 5 0 So\n: 5 5 0  far\n- 20\n: 290 10 0 away\nE\n"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.lrc", OUTPUT_FORMATS["lrc"].render(REWRITTEN_SONG)),
        ("a.elrc", OUTPUT_FORMATS["elrc"].render(REWRITTEN_SONG)),
        ("a.srt", OUTPUT_FORMATS["srt"].render(REWRITTEN_SONG)),
        ("a.vtt", OUTPUT_FORMATS["vtt"].render(REWRITTEN_SONG)),
        ("a.json", OUTPUT_FORMATS["json"].render(REWRITTEN_SONG)),
        ("a.txt", ULTRASTAR_LINES),
    ],
)
def test_corrected_times_are_read_back(tmp_path: Path, name: str, text: str) -> None:
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
def test_corrected_dali_entries(tmp_path: Path, suffix: str) -> None:
    annotations, _ = make_dali(tmp_path, [{"id": "a1", "audio": False}, {"id": "a2", "audio": False}])
    for path in sorted(annotations.iterdir()):
        lyrics = read_lyrics(path)
        edited = tmp_path / f"edited{suffix}"
        edited.write_bytes(rewritten(lyrics, Retiming(1.0, 0.25, {1: 1.0}), suffix).data)
        starts = [[word.start_s for word in line.words] for line in read_lyrics(edited).lines]
        assert starts == [[1.25, 2.25], [9.25, 10.25]]


def test_corrections_find_their_line_where_lines_were_left_out() -> None:
    # The first line has only a held note, and so no word.
    text = ULTRASTAR_LINES.replace(": 0 5 0 So\n", ": -20 5 0 ~\n- -10\n: 0 5 0 So\n")
    lyrics = parse_lyrics(text, "a.txt")
    assert (lyrics.numbers, len(lyrics.lines)) == (((1,), (2,)), 2)
    edited = rewritten(lyrics, Retiming(1.0, 0.0, {1: 1.0}), ".txt").data
    assert parse_lyrics(edited.decode("utf-8-sig"), "a.txt").lines[1].start_s == 31.0
    assert rewritten(lyrics, Retiming(1.0, 0.0, {1: -40.0}), ".txt").unmoved == (1,)


def test_corrected_files_keep_their_encoding(tmp_path: Path) -> None:
    (tmp_path / "a.lrc").write_bytes("[00:01.00]Süße Träume\r\n".encode("cp1252"))
    edited = rewritten(read_lyrics(tmp_path / "a.lrc"), Retiming(1.0, 1.0), ".lrc")
    assert edited.data == "[00:02.00]Süße Träume\r\n".encode("cp1252")


def test_plain_lyrics_have_no_times_to_correct() -> None:
    lyrics = parse_lyrics("So far", "a.txt")
    assert not keeps_format(lyrics, Path("b.txt"))
    with pytest.raises(UsageError, match=r"a\.txt has no times to correct"):
        rewritten(lyrics, Retiming(), ".txt")


UNORDERED_SRT = """1
00:00:06,000 --> 00:00:09,000
where my home is

2
00:00:01,000 --> 00:00:02,500
So far
away

3
00:00:03,000 --> 00:00:05,500
so far from home
"""


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.srt", UNORDERED_SRT),
        ("a.vtt", "WEBVTT\n\n" + UNORDERED_SRT.replace(",", ".")),
        ("a.lab", "6\t9\twhere my home is\n1\t2.5\tSo far\taway\n3\t5.5\tso far from home\n"),
        (
            "a.json",
            json.dumps(
                {
                    "segments": [
                        {"start": 6.0, "end": 9.0, "text": " where my home is"},
                        {"start": 1.0, "end": 2.5, "text": " So far away"},
                        {"start": 3.0, "end": 5.5, "text": " so far from home"},
                    ]
                }
            ),
        ),
    ],
)
def test_lines_in_any_order_are_read_in_order_of_time(name: str, text: str) -> None:
    lines = parse_lyrics(text, name).lines
    expected = ["So far away", "so far from home", "where my home is"]
    assert " / ".join(line.text for line in lines).replace("far / away", "far away") == " / ".join(expected)
    assert [line.start_s for line in lines if line.start_s] == [1.0, 3.0, 6.0]


def test_corrections_of_lines_that_are_out_of_order(tmp_path: Path) -> None:
    (tmp_path / "a.srt").write_text(UNORDERED_SRT)
    lyrics = read_lyrics(tmp_path / "a.srt")
    edited = rewritten(lyrics, Retiming(1.0, 0.0, {3: 0.5}), ".srt").data.decode()
    assert edited == UNORDERED_SRT.replace("00:00:06,000 --> 00:00:09,000", "00:00:06,500 --> 00:00:09,500")
    json_lines = parse_lyrics(
        OUTPUT_FORMATS["json"].render(replace(REWRITTEN_SONG, lines=REWRITTEN_LINES[::-1])), "a.json"
    )
    assert [line.text for line in json_lines.lines] == ["So far", "away"]
    again = rewritten(json_lines, Retiming(1.0, 0.0, {0: 0.25}), ".json").data.decode("utf-8-sig")
    assert [line.start_s for line in Transcript.from_json(again).lines] == [30.0, 1.25]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.srt", "1\n00:00:04,000 --> 00:00:02,000\nSo far\n"),
        ("a.vtt", "WEBVTT\n\n00:04.000 --> 00:02.000\nSo far\n"),
        ("a.csv", "start,end,text\n4.0,2.0,So far\n"),
        ("a.json", '{"segments": [{"start": 4.0, "end": 2.0, "text": "So far"}]}'),
    ],
)
def test_ends_before_their_starts_do_not_count(name: str, text: str) -> None:
    assert [line.words for line in parse_lyrics(text, name).lines] == [(Word("So", 4.0, None), Word("far", None, None))]
