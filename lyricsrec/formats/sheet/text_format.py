"""Plain lyrics as a format: read as a sheet, written one line in each row."""

from __future__ import annotations

from lyricsrec.formats.base import Format, Parsed, Source
from lyricsrec.formats.sheet.sheet import read_sheet
from lyricsrec.lyrics.transcript import Transcript


def parse_sheet(text: str) -> Parsed:
    """The lines of plain lyrics, and what was left out of them."""
    sheet = read_sheet(text)
    return Parsed(sheet.lines, problems=sheet.problems, omitted=sheet.omitted)


def _parse(source: Source) -> Parsed:
    return parse_sheet(source.text)


def _write(transcript: Transcript) -> str:
    return transcript.text + "\n" if transcript.lines else ""


TXT = Format("txt", (".txt",), "plain lyrics, one line a line", parse=_parse, write=_write)
