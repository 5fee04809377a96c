"""Corrected transcripts, small ones and those that are read in a child process."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from helpers.web.served import TRANSCRIPT

from lyricsrec.lyrics.transcript import Line, Transcript, Word
from lyricsrec.web.texts import edit
from lyricsrec.web.texts.edit import InvalidEditError, read_edit


@pytest.fixture(params=["in this process", "in a child"])
def current(tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Path:
    if request.param == "in a child":
        monkeypatch.setattr(edit, "SMALL_BYTES", 0)
    path = tmp_path / "transcript.json"
    path.write_text(TRANSCRIPT.to_json(), "utf-8")
    return path


def body(transcript: Transcript, revision: int = 3) -> bytes:
    return json.dumps({"revision": revision, "transcript": json.loads(transcript.to_json())}).encode()


def test_the_lines_are_replaced_and_nothing_else(current: Path) -> None:
    lines = (Line((Word("größer", 1.0, 2.0),), singers=("A",), role="backing"), *TRANSCRIPT.lines)
    found = read_edit(body(replace(TRANSCRIPT, lines=lines, song="forged", duration_s=99.0)), current)
    assert found.revision == 3
    corrected = Transcript.from_json(found.text)
    assert replace(corrected, sections=()) == replace(TRANSCRIPT, lines=lines)
    assert [section.lines for section in corrected.sections if section.lines] == [(0, 1, 2)]


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (b"{", "not valid JSON"),
        (b"[" * 100_000, "not valid JSON|too much"),
        (b"[]", "must have the fields"),
        (b'{"revision": 1}', "must have the fields"),
        (b'{"revision": 1, "transcript": {}, "more": 1}', "must have the fields"),
        (b'{"revision": true, "transcript": {}}', "its `revision`"),
        (b'{"revision": -1, "transcript": {}}', "its `revision`"),
        (b'{"revision": 1, "transcript": []}', "schema 1"),
        (b"\xff\xfe", "not valid JSON"),
    ],
)
def test_invalid_documents(current: Path, document: bytes, reason: str) -> None:
    with pytest.raises(InvalidEditError, match=reason):
        read_edit(document, current)


@pytest.mark.parametrize("change", [{"singers": [7]}, {"singers": ["\ud800"]}, {"role": "x" * 501}])
def test_singers_and_roles_are_checked(current: Path, change: dict[str, object]) -> None:
    document = json.loads(body(TRANSCRIPT))
    document["transcript"]["lines"][0].update(change)
    with pytest.raises(InvalidEditError, match=r"line 1: its singers and its role|schema 1"):
        read_edit(json.dumps(document).encode(), current)


def test_a_large_document_is_read_in_a_child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("read in this process")

    monkeypatch.setattr(edit, "_merged", refuse)
    path = tmp_path / "transcript.json"
    path.write_text(TRANSCRIPT.to_json(), "utf-8")
    lines = tuple(Line((Word("la", 1.0, 2.0),) * 10) for _ in range(400))
    found = read_edit(body(replace(TRANSCRIPT, lines=lines)), path)
    assert Transcript.from_json(found.text).lines == lines
