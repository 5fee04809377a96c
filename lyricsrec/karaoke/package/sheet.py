"""The lyrics as a PDF to print: title, artist, and the lines in one or two columns, on as many A4 pages as needed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from lyricsrec.base.mpl import empty_figure
from lyricsrec.lyrics.transcript import Line

_WIDTH, _HEIGHT = 8.27, 11.69
_LEFT, _SECOND, _TOP, _BOTTOM = 0.09, 0.52, 0.86, 0.06
_STEP = 0.0185
_SIZE, _SMALL, _TITLE = 11, 9, 18
_LONGEST = 46
_VERSE_S = 4.0
_ROWS = int((_TOP - _BOTTOM) / _STEP)


def write_sheet(path: Path, lines: Sequence[Line], *, title: str, artist: str | None, font: Path) -> None:
    """Write lyrics as PDF. Raises OSError."""
    from matplotlib.backends.backend_pdf import PdfPages
    from matplotlib.font_manager import FontProperties

    rows = list(_rows(lines))
    columns = 1 if max((len(text) for text, _ in rows), default=0) > _LONGEST else 2
    family = FontProperties(fname=font)
    with PdfPages(path, metadata={"Title": title, "CreationDate": None}) as pages:
        for number, page in enumerate(_paged(rows, columns * _ROWS)):
            figure = empty_figure(_WIDTH, _HEIGHT)
            if number == 0:
                figure.text(_LEFT, 0.93, title, fontproperties=family, fontsize=_TITLE)
                figure.text(_LEFT, 0.905, artist or "", fontproperties=family, fontsize=_SIZE, color="#555555")
            for place, (text, is_second) in enumerate(page):
                x, y = (_LEFT, _SECOND)[place // _ROWS], _TOP - place % _ROWS * _STEP
                size, colour = (_SMALL, "#555555") if is_second else (_SIZE, "black")
                figure.text(x, y, text, fontproperties=family, fontsize=size, color=colour, parse_math=False)
            pages.savefig(figure)


def _paged(rows: Sequence[tuple[str, bool]], size: int) -> Iterator[Sequence[tuple[str, bool]]]:
    for first in range(0, max(len(rows), 1), size):
        yield rows[first : first + size]


def _rows(lines: Sequence[Line]) -> Iterator[tuple[str, bool]]:
    """The text of each row, and whether it is a translation; an empty one where there is a longer pause."""
    end_s: float | None = None
    for line in lines:
        if end_s is not None and line.start_s is not None and line.start_s - end_s > _VERSE_S:
            yield "", False
        yield line.text, not line.is_sung
        end_s = line.end_s if line.end_s is not None else end_s
