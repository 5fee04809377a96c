"""Figures that are drawn without a screen."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def new_figure(rows: int, columns: int, width: float, height: float, **options: Any) -> tuple[Any, Any]:
    """A figure of `width` by `height` inches, and its panels (rows, columns); `options` are those of `subplots`."""
    # The object interface: pyplot would look for a screen.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure, figure.subplots(rows, columns, squeeze=False, **options)


def save_figure(figure: Any, path: Path) -> None:
    """Write a figure as PNG, the same bytes for the same figure."""
    figure.savefig(path, format="png", dpi=100, metadata={"Software": None})
