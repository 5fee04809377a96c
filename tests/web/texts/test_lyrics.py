"""Lyrics that clients send are read in a child process with limits."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from lyricsrec.base.errors import DataError
from lyricsrec.formats.read import read_lyrics
from lyricsrec.web.limited import Limits
from lyricsrec.web.texts import lyrics
from lyricsrec.web.texts.lyrics import read_given

LRC = "[la:de]\n[00:01.00]so <00:01.50>far\n[00:02.00]away\n[00:7x.10]home\n"


@pytest.mark.parametrize("text", ["so far\naway\n", LRC, "[00:01.00]Anna: so far\n[00:01.00]Ben: away\n"])
def test_lines_language_and_notes_are_those_of_the_reader(tmp_path: Path, text: str) -> None:
    path = tmp_path / "lyrics.txt"
    path.write_text(text, "utf-8")
    expected = read_lyrics(path)
    given = read_given(path)
    assert (given.lines, given.language) == (expected.lines, expected.language)
    assert len(given.notes) == len(expected.problems)


def test_a_text_without_lyrics_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "lyrics.txt"
    path.write_text("...\n")
    with pytest.raises(DataError, match=r"^the lyrics: no lyrics in it$"):
        read_given(path)


@pytest.mark.parametrize(
    "body",
    [
        "while True: pass",
        pytest.param("bytearray(3 << 30)", marks=pytest.mark.skipif(sys.platform != "linux", reason="a memory limit")),
        "import os; os.abort()",
    ],
)
def test_a_reader_that_never_ends_or_takes_all_memory_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str
) -> None:
    (tmp_path / "hostile.py").write_text(f"from lyricsrec.web.limited import begin\nbegin()\n{body}\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(lyrics, "__name__", "hostile")
    with pytest.raises(DataError, match="took too much time or memory"):
        read_given(tmp_path / "lyrics.txt", Limits(1.0, 1.0))
