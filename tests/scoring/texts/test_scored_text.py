"""Texts that are scored, from files of all forms."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from lyricsrec.base.errors import DataError
from lyricsrec.lyrics.music.sections import Section
from lyricsrec.lyrics.normalise import tokenize
from lyricsrec.lyrics.transcript import Line, Provenance, Transcript, Word
from lyricsrec.scoring.texts.text import ScoredText, read_scored_text, scored_text, transcript_text

PROVENANCE = Provenance("0", "none", "fake", decoder="none", language="de")


def line(text: str) -> Line:
    return Line(tuple(Word(word, None, None) for word in text.split(" ")))


def file(folder: Path, text: str | bytes, name: str = "song.txt") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("So far\naway\n\nOh no\n", "So far\naway\n\nOh no"),
        ("So far\r\naway\r\n \r\n\r\nOh no", "So far\naway\n\nOh no"),
        ("So far\raway\r\rOh no", "So far\naway\n\nOh no"),
        ("[Verse 1]\nSo far\naway\n[Chorus]\nOh no\n", "So far\naway\n\nOh no"),
        ("♪\nSo far (x2)\n", "So far\nSo far"),
        ("\n\n\nSo far\n\n\n\n", "So far"),
        ("שלום עולם\n\n你好", "שלום עולם\n\n你好"),
    ],
)
def test_plain_texts_have_lines_in_sections(tmp_path: Path, given: str, text: str) -> None:
    found = read_scored_text(file(tmp_path, given), "a title")
    assert (found.text, found.title, found.language, found.duration_s) == (text, "a title", None, None)
    assert [row.text for row in found.lines] == text.replace("\n\n", "\n").split("\n")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.txt", ""),
        ("a.txt", " \n\n"),
        ("a.txt", "[Music]\n"),
        ("a.txt", "...\n♪"),
        ("a.lrc", "[00:01.00]"),
        ("a.json", Transcript("a", 3.0, (), provenance=PROVENANCE).to_json()),
    ],
)
def test_a_file_without_lyrics_is_an_empty_text(tmp_path: Path, name: str, text: str) -> None:
    assert read_scored_text(file(tmp_path, text, name), "a") == ScoredText(title="a")


@pytest.mark.parametrize(
    ("name", "text"), [("a.json", b"{"), ("a.json", b'{"schema": 1}'), ("a.txt", b"\0\1\2"), ("a.gz", b"no")]
)
def test_unreadable_texts_are_reported(tmp_path: Path, name: str, text: bytes) -> None:
    with pytest.raises(DataError, match=name):
        read_scored_text(file(tmp_path, text, name))
    with pytest.raises(DataError, match="cannot be read"):
        read_scored_text(tmp_path / "missing.txt")


def test_a_transcript_keeps_language_times_and_length(tmp_path: Path) -> None:
    words = (Word("Süß", 1.0, 1.5, confidence=0.9), Word("bist", 2.0, 2.5))
    transcript = Transcript("Lied", 61.5, (Line(words), line("...")), provenance=PROVENANCE)
    read = read_scored_text(file(tmp_path, transcript.to_json(), "Lied.json"), "Lied")
    assert (read.text, read.language, read.duration_s) == ("Süß bist", "german", 61.5)
    assert [(word.start_s, word.end_s) for word in read.lines[0].words] == [(1.0, 1.5), (2.0, 2.5)]
    direct = transcript_text(transcript)
    assert (direct.text, direct.title, direct.language, direct.duration_s) == ("Süß bist", "Lied", "de", 61.5)


def test_the_sections_of_a_transcript(tmp_path: Path) -> None:
    lines = (line("so far"), line("so weit"), line("away"))
    lines = (lines[0], replace(lines[1], role="translation"), lines[2])
    sections = (Section("verse", 0.0, 1.0, lines=(0, 1)), Section("chorus", 1.0, 2.0, lines=(2,)))
    transcript = Transcript("Lied", 61.5, lines, provenance=PROVENANCE, sections=sections)
    assert transcript_text(transcript).text == "so far\n\naway"
    assert read_scored_text(file(tmp_path, transcript.to_json(), "Lied.json")).text == "so far\n\naway"
    partly = replace(transcript, sections=sections[:1])
    assert transcript_text(partly).text == "so far\naway"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_the_length_is_read_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    text = Transcript("Lied", 61.5, (line("Süß bist du"),), provenance=PROVENANCE).to_json()
    read = read_scored_text(file(tmp_path, text.encode(encoding), "Lied.json"))
    assert (read.text, read.duration_s) == ("Süß bist du", 61.5)


@pytest.mark.parametrize("duration", ['"long"', "null", "NaN", "Infinity", "-1", "[]"])
def test_an_unknown_length_is_left_out(tmp_path: Path, duration: str) -> None:
    text = Transcript("Lied", 61.5, (line("Süß"),), provenance=PROVENANCE).to_json().replace("61.5", duration)
    assert read_scored_text(file(tmp_path, text, "Lied.json")).duration_s is None


def test_labels_and_times_of_lines_are_kept(tmp_path: Path) -> None:
    labels = read_scored_text(file(tmp_path, "1\t2\tso far\n2\t3\tsp\n3\t4\taway\n", "a.lab"))
    assert [label.text for label in labels.labels] == ["so far", "sp", "away"]
    lrc = read_scored_text(file(tmp_path, "[00:01.00]So far\n[00:03.50]Away\n", "a.lrc"))
    assert ([row.start_s for row in lrc.lines], lrc.labels) == ([1.0, 3.5], ())


def test_a_line_is_a_row_whatever_its_words_hold() -> None:
    odd = Line((Word("so\nfar", 0.0, 1.0), Word("a\u2028way ", None, None)))
    text = scored_text([[odd, line("oh")], [line("♪ ...")], [line("no")]], "t", "english", duration_s=3.0)
    assert text == ScoredText(((odd, line("oh")), (line("no"),)), "t", "english", duration_s=3.0)
    assert text.text == "so far a way\noh\n\nno"
    for protocol in ("long", "short"):
        assert [token.row for token in tokenize(text.text, protocol, "en")][-2:] == [1, 2]


def test_transcripts_in_json_with_odd_words_are_read(tmp_path: Path) -> None:
    document = json.loads(Transcript("a", 3.0, (line("so far"),), provenance=PROVENANCE).to_json())
    document["lines"][0]["words"][0]["text"] = "so\r\n so"
    assert read_scored_text(file(tmp_path, json.dumps(document), "a.json")).text == "so so far"
