"""The lyrics as a PDF to print: title, artist, and the lines, with chords over them where they are known.

They are in one or two columns, on as many A4 pages as needed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, dataclass
from pathlib import Path

from lyricsrec.base.mpl import empty_figure
from lyricsrec.formats.markup.placed_chords import Mark, sheet_of
from lyricsrec.formats.timed_text import joined
from lyricsrec.lyrics.transcript import Line, Transcript

_WIDTH, _HEIGHT = 8.27, 11.69
_LEFT, _SECOND, _TOP, _BOTTOM = 0.09, 0.52, 0.86, 0.06
_STEP = 0.0185
_SIZE, _SMALL, _TITLE = 11, 9, 18
_LONGEST = 46
_POINTS, _CHORD = 72, "#a3195b"
_VERSE_S = 4.0
_ROWS = int((_TOP - _BOTTOM) / _STEP)


@dataclass(frozen=True)
class _Row:
    """A row of text; `chords` are symbols with the text that stands before each, which says where they are."""

    text: str
    _: KW_ONLY
    is_second: bool = False
    chords: tuple[tuple[str, str], ...] = ()


def write_sheet(path: Path, transcript: Transcript, *, title: str, artist: str | None, font: Path) -> None:
    """Write lyrics, and their chords if there are any, as PDF. Raises OSError."""
    from matplotlib.backends.backend_pdf import PdfPages
    from matplotlib.font_manager import FontProperties
    from PIL import ImageFont

    rows = list(_rows(transcript))
    columns = 1 if max((len(row.text) for row in rows), default=0) > _LONGEST else 2
    family, measure = FontProperties(fname=font), ImageFont.truetype(str(font), _SIZE)
    with PdfPages(path, metadata={"Title": title, "CreationDate": None}) as pages:
        for number, page in enumerate(_paged(rows, columns * _ROWS)):
            figure = empty_figure(_WIDTH, _HEIGHT)
            if number == 0:
                figure.text(_LEFT, 0.93, title, fontproperties=family, fontsize=_TITLE)
                figure.text(_LEFT, 0.905, artist or "", fontproperties=family, fontsize=_SIZE, color="#555555")
            for place, row in enumerate(page):
                x, y = (_LEFT, _SECOND)[place // _ROWS], _TOP - place % _ROWS * _STEP
                size, colour = (_SMALL, "#555555") if row.is_second else (_SIZE, "black")
                figure.text(x, y, row.text, fontproperties=family, fontsize=size, color=colour, parse_math=False)
                free = x
                for before, symbol in row.chords:
                    at = max(x + measure.getlength(before) / (_POINTS * _WIDTH), free)
                    figure.text(at, y, symbol, fontproperties=family, fontsize=_SIZE, color=_CHORD, parse_math=False)
                    free = at + measure.getlength(f"{symbol} ") / (_POINTS * _WIDTH)
            pages.savefig(figure)


def _paged(rows: Sequence[_Row], size: int) -> Iterator[Sequence[_Row]]:
    for first in range(0, max(len(rows), 1), size):
        yield rows[first : first + size]


def _rows(transcript: Transcript) -> Iterator[_Row]:
    """All rows; an empty one where there is a longer pause."""
    sheet = sheet_of(transcript)
    end_s: float | None = None
    for number, line in enumerate(transcript.lines):
        if end_s is not None and line.start_s is not None and line.start_s - end_s > _VERSE_S:
            yield _Row("")
        if number in sheet.before:
            yield _Row("", chords=(("", "  ".join(sheet.before[number])),))
        if number in sheet.over:
            yield _Row("", chords=tuple((_before(line, mark), mark.symbol) for mark in sheet.over[number]))
        yield _Row(line.text, is_second=not line.is_sung)
        end_s = line.end_s if line.end_s is not None else end_s
    if len(transcript.lines) in sheet.before:
        yield _Row("", chords=(("", "  ".join(sheet.before[len(transcript.lines)])),))


def _before(line: Line, mark: Mark) -> str:
    """The text of a line up to a mark."""
    texts = [word.text for word in line.words]
    if mark.word >= len(texts):
        return f"{joined(texts)} "
    rest = len(texts[mark.word]) - mark.character
    whole = joined(texts[: mark.word + 1])
    return whole[: len(whole) - rest]
