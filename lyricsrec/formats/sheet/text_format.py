"""Plain lyrics as a format: read as a sheet, written one line in each row."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lyricsrec.formats.base import Format, Parsed, Source
from lyricsrec.formats.marked_words import marked, readable
from lyricsrec.formats.sheet.sheet import read_sheet
from lyricsrec.lyrics.music.sections import headed
from lyricsrec.lyrics.transcript import Transcript

_LIKE_MARKUP = re.compile(r"<[/a-zA-Z]|^[\[{<#\\]|^WEBVTT|^%PDF|^%!PS|-->")


def parse_sheet(text: str) -> Parsed:
    """The lines of plain lyrics, and what was left out of them."""
    sheet = read_sheet(text)
    return Parsed(sheet.lines, problems=sheet.problems, omitted=sheet.omitted)


def _parse(source: Source) -> Parsed:
    return parse_sheet(source.text)


def _write(transcript: Transcript) -> str:
    """One row for each line."""
    rows = _rows(transcript)
    return "\n".join(rows) + "\n" if rows else ""


def _write_sections(transcript: Transcript) -> str:
    """Each section under its heading in brackets, with a blank row between two of them."""
    rows = _rows(transcript)
    parts = [
        "\n".join([f"[{name}]", *(rows[line] for line in section.lines)])
        for name, section in headed(transcript.sections, len(rows))
    ]
    return "\n\n".join(parts) + "\n" if parts else _write(transcript)


def _rows(transcript: Transcript) -> list[str]:
    """One row for each line, with marks on words that are not read as lyrics there."""
    rows = [_row([word.text for word in line.words]) for line in transcript.lines]
    for omitted in read_sheet("\n".join(rows)).omitted:
        # Among others, a row can look like a credit or a part of a site.
        rows[omitted.row - 1] = " ".join(map(marked, transcript.lines[omitted.row - 1].text.split()))
    return rows


def _row(texts: Sequence[str]) -> str:
    texts = [marked(text) if _LIKE_MARKUP.search(text) else text for text in texts]
    return " ".join(readable(texts, " ".join, _words))


def _words(row: str) -> list[str]:
    """The words that are read from a row; none where it is read as several lines."""
    lines = read_sheet(row).lines
    return [word.text for word in lines[0].words] if len(lines) == 1 else []


TXT = Format(
    "txt",
    (".txt",),
    "plain lyrics, one line a line",
    parse=_parse,
    write=_write,
    write_sections=_write_sections,
    times="none",
)
