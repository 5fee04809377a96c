"""`lyricsrec sections` as users see it, and headings in files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from helpers.command_line import Cli

from lyricsrec.formats.read import parse_lyrics
from lyricsrec.formats.registry import FORMATS
from lyricsrec.lyrics.music.sections import Section
from lyricsrec.lyrics.transcript import Line, Provenance, Transcript, Word

CHORUS = "Oh hold the line\nHold it now\n"
SHEET = f"Rain on my window\nAll night long\n\n{CHORUS}\nSnow on my doorstep\n\n{CHORUS}"
TABLE = """\
Verse 1  2 lines  Rain on my window
Chorus   2 lines  Oh hold the line
Verse 2  1 line   Snow on my doorstep
Chorus   2 lines  Oh hold the line
form: V C V C
"""
SUNG = Transcript(
    "song",
    40.0,
    (Line((Word("Oh", 10.0, 11.0), Word("rain", 11.0, 12.0))), Line((Word("[Chorus]", 14.0, 15.0),))),
    provenance=Provenance("1", "none", "none", decoder="none"),
    sections=(
        Section("intro", 0.0, 10.0),
        Section("verse", 10.0, 12.0, lines=(0,)),
        Section("pre-chorus", 14.0, 15.0, lines=(1,)),
        Section("outro", 15.0, 40.0),
    ),
)


def test_blank_rows_of_a_sheet_are_sections(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "song.txt").write_text(SHEET)
    assert cli("sections", "song.txt").stdout.decode() == TABLE
    assert cli("sections", "-", stdin=SHEET.encode()).stdout.decode() == TABLE


def test_lyrics_under_headings(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "song.json").write_text(SUNG.to_json())
    done = cli("sections", "song.json", "-f", "json")
    assert json.loads(done.stdout)["sections"] == json.loads(SUNG.to_json())["sections"]
    done = cli("sections", "song.json", "-o", "song.cho", "-v")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"wrote song.cho\n")
    assert (tmp_path / "song.cho").read_text("utf-8").startswith("{title: song}\n\n{comment: Intro}\n\n{start_of_verse")


def test_headings_are_read_back_as_such() -> None:
    for name in ("txt", "lrc", "elrc", "chordpro"):
        text = FORMATS[name].with_sections.render(SUNG)
        assert text.count("Intro") == text.count("Outro") == 1, name
        lyrics = parse_lyrics(text, f"song{FORMATS[name].suffix}")
        assert [line.text for line in lyrics.lines] == ["Oh rain", "[Chorus]"], name


def test_headings_of_each_format() -> None:
    assert FORMATS["txt"].with_sections.render(SUNG).replace("\u034f", "") == (
        "[Intro]\n\n[Verse]\nOh rain\n\n[Pre-chorus]\n[Chorus]\n\n[Outro]\n"
    )
    rows = FORMATS["lrc"].with_sections.render(SUNG).replace("\u034f", "").splitlines()[3:]
    assert rows == ["[#:Intro]", "[#:Verse]", "[00:10.00]Oh rain", "[#:Pre-chorus]", "[00:14.00][Chorus]", "[#:Outro]"]
    assert FORMATS["chordpro"].render(SUNG).replace("\u034f", "") == (
        "{title: song}\n\n{comment: Intro}\n\n{start_of_verse: Verse}\nOh rain\n{end_of_verse}\n\n"
        "{start_of_prechorus: Pre-chorus}\n[Chorus]\n{end_of_prechorus}\n\n{comment: Outro}\n"
    )
    assert FORMATS["srt"].with_sections is FORMATS["srt"]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("none.lrc",), 1, "none.lrc: cannot be read"),
        (("none.mp3",), 1, "none.mp3: no such file"),
        ((".",), 2, ". is a folder"),
        (("song.txt", "-f", "mid"), 2, "unknown format 'mid'"),
    ],
)
def test_what_cannot_be_done(cli: Cli, tmp_path: Path, arguments: tuple[str, ...], code: int, message: str) -> None:
    (tmp_path / "song.txt").write_text(SHEET)
    done = cli("sections", *arguments)
    assert done.returncode == code
    assert message in done.stderr.decode()
