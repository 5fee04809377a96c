"""Figures that are drawn without a screen."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import IO, Any

# It would tell users that it makes its list of fonts, the first time, and which fonts it had hoped for.
logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)

DPI = 100
"""Pixels an inch in pictures of pixels."""

_UNDATED: dict[str, dict[str, None]] = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None},
}


def empty_figure(width: float, height: float, **options: Any) -> Any:
    """A figure of `width` by `height` inches; `options` are those of `Figure`."""
    # The object interface: pyplot would look for a screen.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), dpi=DPI, **options)
    FigureCanvasAgg(figure)
    return figure


def new_figure(rows: int, columns: int, width: float, height: float, **options: Any) -> tuple[Any, Any]:
    """A figure of `width` by `height` inches, and its panels (rows, columns); `options` are those of `subplots`."""
    figure = empty_figure(width, height, layout="constrained")
    return figure, figure.subplots(rows, columns, squeeze=False, **options)


def save_figure(figure: Any, path: Path | IO[bytes], form: str = "png") -> None:
    """Write a figure as PNG, SVG or PDF into a file, the same bytes for the same figure."""
    from matplotlib import rc_context

    with rc_context({"svg.hashsalt": "lyricsrec"}):
        figure.savefig(path, format=form, dpi=DPI, metadata=_UNDATED[form])
