"""Matplotlib figures without a display, and with the same bytes for the same figure."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import IO, Any

# It logs when it builds its list of fonts, and which fonts are missing.
logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)

DPI = 100
"""Pixels per inch in PNG files."""

_UNDATED: dict[str, dict[str, None]] = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None},
}


def empty_figure(width: float, height: float, **options: Any) -> Any:
    """A figure of `width` by `height` inches; `options` are those of `Figure`."""
    # The object interface, because pyplot looks for a display.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), dpi=DPI, **options)
    FigureCanvasAgg(figure)
    return figure


def new_figure(rows: int, columns: int, width: float, height: float, **options: Any) -> tuple[Any, Any]:
    """A figure of `width` by `height` inches and its axes (rows, columns); `options` are those of `subplots`."""
    figure = empty_figure(width, height, layout="constrained")
    return figure, figure.subplots(rows, columns, squeeze=False, **options)


def save_figure(figure: Any, path: Path | IO[bytes], form: str = "png") -> None:
    """Write a figure as PNG, SVG or PDF; the same figure gives the same bytes."""
    from matplotlib import rc_context

    with rc_context({"svg.hashsalt": "lyricsrec"}):
        figure.savefig(path, format=form, dpi=DPI, metadata=_UNDATED[form])
