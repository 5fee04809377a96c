"""A song as a picture: rows of time with words over the backdrop, and notes on lines to check beside them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from lyricsrec.base.clock import clock
from lyricsrec.base.errors import UsageError
from lyricsrec.base.mpl import DPI, empty_figure, save_figure
from lyricsrec.lyrics.music.harmony import Chord
from lyricsrec.plot.backdrop import Backdrop
from lyricsrec.plot.colours import DOUBT, confidence_colour
from lyricsrec.plot.content import Content
from lyricsrec.plot.layout import Aside, Row, flow, lay_out, tick_step, wrap
from lyricsrec.plot.melody import MelodyLayer

# Inches.
_LEFT, _RIGHT, _HEAD, _FOOT = 0.35, 0.35, 0.8, 0.15
_ROW_WIDTH, _PANEL_GAP, _PANEL_WIDTH = 13.3, 0.35, 3.6
_PAD, _LANE, _BAR, _SOUND, _AXIS = 0.2, 0.25, 0.07, 0.6, 0.26
_NOTE_LINE, _NOTE_GAP = 0.155, 0.12
_TEXT_GAP, _APART = 0.05, 0.025

_WORD_POINTS, _NOTE_POINTS, _SMALL_POINTS = 9, 8, 7
_INK, _FAINT, _QUIET = "#1b1b1f", "#b8b8c0", "#6b6b73"
_TALLEST_PX = 1 << 16
_ROWS_A_PAGE = 12


@dataclass(frozen=True)
class _Note:
    """A note, its text wrapped into rows."""

    aside: Aside
    rows: list[str]

    @property
    def height(self) -> float:
        return (len(self.rows) + 1) * _NOTE_LINE


def write_picture(path: Path, form: str, content: Content, *, row_s: float) -> None:
    """Write a picture as "png", "svg" or "pdf"; a PDF has pages of twelve rows.

    Raises UsageError if it would be too tall for a picture.
    """
    backdrop = content.backdrop
    row_s = min(row_s, max(backdrop.end_s - backdrop.start_s, 0.1))
    per_inch = row_s / _ROW_WIDTH
    rows = lay_out(
        content.words,
        content.asides,
        start_s=backdrop.start_s,
        end_s=backdrop.end_s,
        row_s=row_s,
        measure=lambda text: (text_width(text) + _TEXT_GAP) * per_inch,
    )
    caption = f"{content.title}: {content.caption}"
    has_notes = any(row.asides for row in rows)
    make = partial(_sheet, content=content, row_s=row_s, has_notes=has_notes)
    if form == "pdf":
        from matplotlib.backends.backend_pdf import PdfPages

        with PdfPages(path, metadata={"CreationDate": None}) as pages:
            for first in range(0, len(rows), _ROWS_A_PAGE):
                pages.savefig(make(rows[first : first + _ROWS_A_PAGE], caption))
    else:
        save_figure(make(rows, caption), path, form)


@lru_cache(maxsize=1 << 14)
def text_width(text: str, points: float = _WORD_POINTS) -> float:
    """The width of a text in inches."""
    from matplotlib.font_manager import FontProperties

    pixels, _, _ = _renderer().get_text_width_height_descent(
        text, FontProperties(family=list(_families()), size=points), ismath=False
    )
    return float(pixels) / DPI


@lru_cache(maxsize=1)
def _renderer() -> Any:
    return empty_figure(1, 1).canvas.get_renderer()


@lru_cache(maxsize=1)
def _families() -> tuple[str, ...]:
    """matplotlib's own font, and fonts on this machine with further scripts (Chinese, Japanese, Korean ...)."""
    from matplotlib.font_manager import get_font_names

    wide = ("Noto Sans CJK", "Source Han Sans", "Hiragino Sans", "Yu Gothic", "Microsoft YaHei", "Malgun Gothic",
            "WenQuanYi", "Noto Sans", "Arial Unicode MS")  # fmt: skip
    names = sorted(get_font_names())
    return ("DejaVu Sans", *(name for start in wide for name in names if name.startswith(start)))


def _sheet(rows: Sequence[Row], caption: str, *, content: Content, row_s: float, has_notes: bool) -> Any:
    """A figure of rows, top to bottom. Its only axes are in inches from the top."""
    melody = MelodyLayer(content.melody) if content.melody is not None else None
    heights = [_row_height(row) for row in rows]
    tops = [_HEAD + sum(heights[:i]) for i in range(len(rows))]
    notes = [(top + _PAD, _note(aside)) for top, row in zip(tops, rows, strict=True) for aside in row.asides]
    places = flow([top for top, _ in notes], [note.height for _, note in notes], _NOTE_GAP)
    bottom = max([tops[-1] + heights[-1], *(y + note.height for y, (_, note) in zip(places, notes, strict=True))])
    width = _LEFT + _ROW_WIDTH + _RIGHT + (_PANEL_GAP + _PANEL_WIDTH if has_notes else 0.0)
    height = round(bottom + _FOOT, 2)
    if height * DPI > _TALLEST_PX:
        raise UsageError(
            f"the picture would be {height * DPI:.0f} pixels tall, and at most {_TALLEST_PX} are possible",
            "Show less of the song (--from, --to), more of it in a row (--row-s 60), or write .pdf or .html.",
        )
    figure = empty_figure(width, height, facecolor="white")
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    _head(axes, caption, width, has_notes=has_notes)
    for row, top in zip(rows, tops, strict=True):
        drawing = _Drawing(axes, row, top, row_s=row_s, backdrop=content.backdrop)
        drawing.draw()
        if melody is not None:
            drawing.draw_melody(melody)
        for chord in content.chords:
            if row.start_s <= chord.start_s < row.end_s:
                drawing.draw_chord(chord)
    for y, (_, note) in zip(places, notes, strict=True):
        _draw_note(axes, note, y)
    # Drawing images changes the limits of axes.
    axes.set(xlim=(0, width), ylim=(height, 0), aspect="auto")
    return figure


def _row_height(row: Row) -> float:
    return _PAD + row.num_lanes * _LANE + _SOUND + _AXIS


def _note(aside: Aside) -> _Note:
    texts = (aside.text, aside.reason or "")
    return _Note(aside, [row for text in texts for row in wrap(text, _PANEL_WIDTH - 0.1, _note_width)])


def _note_width(text: str) -> float:
    return text_width(text, _NOTE_POINTS)


def _head(axes: Any, caption: str, width: float, *, has_notes: bool) -> None:
    """The title, and the colour scale."""
    _write(axes, _LEFT, 0.38, caption, size=13, weight="bold")
    first, last = _LEFT + _ROW_WIDTH - 2.2, _LEFT + _ROW_WIDTH - 0.2
    gradient = [[_rgb(share) for share in np.linspace(0, 1, 128)]]
    axes.imshow(gradient, extent=(first, last, 0.42, 0.28), aspect="auto", interpolation="bilinear")
    _write(axes, first - 0.08, 0.4, "confidence  0", size=_NOTE_POINTS, ha="right")
    _write(axes, last + 0.08, 0.4, "1", size=_NOTE_POINTS)
    if has_notes:
        _write(axes, width - _RIGHT - _PANEL_WIDTH, 0.4, "Lines to check", size=10, weight="bold", color=DOUBT)


def _rgb(confidence: float) -> tuple[float, ...]:
    from matplotlib.colors import to_rgb

    return to_rgb(confidence_colour(confidence))


def _draw_note(axes: Any, note: _Note, y: float) -> None:
    x = _LEFT + _ROW_WIDTH + _PANEL_GAP
    axes.plot([x - 0.1, x - 0.1], [y, y + note.height - 0.04], color=DOUBT, linewidth=2, solid_capstyle="butt")
    label = f"{note.aside.mark} {note.aside.place}"
    _write(axes, x, y + 0.11, label, size=_NOTE_POINTS, color=DOUBT, weight="bold")
    num_text = len(wrap(note.aside.text, _PANEL_WIDTH - 0.1, _note_width))
    for i, text in enumerate(note.rows):
        colour = _INK if i < num_text else _QUIET
        _write(axes, x, y + 0.11 + (i + 1) * _NOTE_LINE, text, size=_NOTE_POINTS, color=colour)


def _write(axes: Any, x: float, y: float, text: str, **style: Any) -> None:
    axes.text(x, y, text, **{"color": _INK, "parse_math": False, "family": list(_families()), **style})


class _Drawing:
    """One row on a sheet."""

    def __init__(self, axes: Any, row: Row, top: float, *, row_s: float, backdrop: Backdrop) -> None:
        self._axes, self._row, self._backdrop = axes, row, backdrop
        self._per_s = _ROW_WIDTH / row_s
        self._top = top
        self._sound_top = top + _PAD + row.num_lanes * _LANE
        self._sound_bottom = self._sound_top + _SOUND

    def draw(self) -> None:
        self._draw_sound()
        self._draw_axis()
        self._draw_boxes()
        for aside in self._row.asides:
            self._draw_aside(aside)

    def draw_chord(self, chord: Chord) -> None:
        """The symbol of a chord, at the foot of the sound."""
        x, y = self._x(chord.start_s), self._sound_bottom
        self._axes.plot([x, x], [y - 0.2, y], color=_INK, linewidth=1.4, solid_capstyle="butt", zorder=3)
        box = {"facecolor": "white", "edgecolor": "none", "pad": 0.8, "alpha": 0.85}
        style = {"size": _NOTE_POINTS, "weight": "bold", "bbox": box, "zorder": 4}
        _write(self._axes, x + 0.04, y - 0.05, chord.symbol(), **style)

    def draw_melody(self, melody: MelodyLayer) -> None:
        """Draw the melody over the sound."""
        first, last = self._row.start_s, self._row.end_s
        melody.draw(self._axes, self._x, first, last, top=self._sound_top, bottom=self._sound_bottom)

    def _x(self, time_s: float) -> float:
        return _LEFT + (time_s - self._row.start_s) * self._per_s

    def _draw_sound(self) -> None:
        pixels = self._backdrop.cut(self._row.start_s, self._row.end_s)
        if pixels.size:
            extent = (self._x(self._row.start_s), self._x(self._row.end_s), self._sound_bottom, self._sound_top)
            self._axes.imshow(
                pixels[::-1], extent=extent, aspect="auto", cmap="bone_r", vmin=0, vmax=330, interpolation="bilinear"
            )

    def _draw_axis(self) -> None:
        first, last = self._row.start_s, self._row.end_s
        y = self._sound_bottom
        self._axes.plot([self._x(first), self._x(last)], [y, y], color=_INK, linewidth=0.8, solid_capstyle="butt")
        step = tick_step(_ROW_WIDTH / self._per_s)
        digits = 1 if step < 1 else 0
        for number in range(math.ceil(first / step - 1e-6), math.floor(last / step + 1e-6) + 1):
            x = self._x(number * step)
            self._axes.plot([x, x], [y, y + 0.05], color=_INK, linewidth=0.8)
            _write(self._axes, x, y + 0.17, clock(number * step, digits), size=_SMALL_POINTS, ha="center", color=_QUIET)

    def _draw_boxes(self) -> None:
        from matplotlib.collections import LineCollection, PolyCollection

        boxes = self._row.boxes
        colours = [confidence_colour(box.span.confidence) for box in boxes]
        bottoms = [self._sound_top - box.lane * _LANE - 0.02 for box in boxes]
        # A small gap separates words without a pause between them.
        sides = [(self._x(box.start_s), max(self._x(box.end_s) - _APART, self._x(box.start_s) + 0.02)) for box in boxes]
        for height, alpha in ((_LANE - 0.03, 0.22), (_BAR, 1.0)):
            shapes = [
                [(left, y), (right, y), (right, y - height), (left, y - height)]
                for (left, right), y in zip(sides, bottoms, strict=True)
            ]
            self._axes.add_collection(PolyCollection(shapes, facecolors=colours, alpha=alpha, linewidths=0, zorder=2))
        stems = [[(left, y), (left, self._sound_bottom)] for (left, _), y in zip(sides, bottoms, strict=True)]
        self._axes.add_collection(LineCollection(stems, colors=colours, linewidths=0.9, alpha=0.8, zorder=1.5))
        for box, y in zip(boxes, bottoms, strict=True):
            if box.text:
                style = "italic" if box.span.is_doubtful else "normal"
                _write(self._axes, self._x(box.text_s), y - _BAR - 0.03, box.text, size=_WORD_POINTS, style=style)
            if box.span.begins_line and box.span.start_s >= self._row.start_s:
                self._draw_line_start(box.start_s, y - _LANE + 0.03, DOUBT if box.span.is_doubtful else _INK)

    def _draw_line_start(self, time_s: float, top: float, colour: str) -> None:
        """A flag on the first word of a line."""
        x = self._x(time_s)
        self._axes.plot([x, x], [top - 0.06, self._sound_bottom], color=colour, linewidth=1.2, zorder=1.6)
        self._axes.plot(x + 0.04, top - 0.03, marker=">", markersize=4.5, color=colour, markeredgewidth=0, zorder=3)

    def _draw_aside(self, aside: Aside) -> None:
        """The number of a line with a note, at its position in the row."""
        x, y = self._x(aside.at_s), self._top + _PAD - 0.07
        if not aside.is_placed:
            self._axes.plot([x, x], [y + 0.05, self._sound_bottom], color=DOUBT, linewidth=1.0, linestyle=(0, (4, 3)))
        _write(self._axes, x, y, aside.mark, size=_SMALL_POINTS, color=DOUBT, ha="center", weight="bold")
