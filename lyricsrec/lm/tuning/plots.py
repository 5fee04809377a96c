"""Plot of a tuning: word error rates over the weights of a language model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from lyricsrec.base.mpl import new_figure, save_figure
from lyricsrec.decoding.lm_folder import Tuning
from lyricsrec.lm.tuning.grid_search import Tried

_BEST, _GREY = "#ee6677", "#888888"


def write_picture(path: Path, name: str, tuning: Tuning, found: Tried) -> None:
    """Write a PNG with two panels: WER over alpha and beta with the points tried, and WER over the beam width."""
    figure, axes = new_figure(1, 2, 13, 5.5, width_ratios=[3, 2])
    _surface(figure, axes[0][0], found)
    _beams(axes[0][1], tuning, found)
    figure.suptitle(
        f"{name} with {Path(tuning.model).name}, {tuning.num_chunks} chunks, {tuning.num_words} words",
        parse_math=False,
    )
    save_figure(figure, path)


def _surface(figure: Any, axis: Any, found: Tried) -> None:
    points = list(found.surface)
    alphas, betas = (np.array([getattr(point, name) for point in points]) for name in ("alpha", "beta"))
    wers = np.array([100 * found.surface[point].wer for point in points])
    # Contours need points that are not on one line, and more than one value.
    if min(len(set(alphas)), len(set(betas)), len(set(wers))) > 1:
        # The worst quarter has one colour, to show the differences around the best.
        triangles = _triangles(alphas, betas)
        low, high = wers.min(), np.quantile(wers, 0.75)
        levels = np.linspace(low, high if high > low else wers.max(), 41)
        colours = axis.tricontourf(triangles, wers, levels=levels, cmap="viridis_r", extend="max")
        lines = axis.tricontour(triangles, wers, levels=levels[4::6], colors="black", linewidths=0.5, alpha=0.6)
        axis.clabel(lines, fontsize=7, fmt="%.1f")
        axis.scatter(alphas, betas, s=4, color="black", clip_on=False)
    else:
        colours = axis.scatter(alphas, betas, c=wers, cmap="viridis_r", s=60)
    figure.colorbar(colours, ax=axis, label="WER (%)", format="%.1f")
    best = found.best
    axis.scatter(best.alpha, best.beta, marker="*", s=250, color=_BEST, edgecolor="white", zorder=3, clip_on=False)
    axis.set_xlabel("alpha: weight of the language model")
    axis.set_ylabel("beta: bonus for each word")
    axis.set_title(f"best: alpha {best.alpha:g}, beta {best.beta:g}, {best.beam_width} beams", fontsize=10)


def _triangles(alphas: Any, betas: Any) -> Any:
    """A triangulation that joins neighbours of the grid, although alphas are closer together than betas."""
    from matplotlib.tri import Triangulation

    across, up = (np.median(np.diff(np.unique(values))) for values in (alphas, betas))
    return Triangulation(alphas, betas, Triangulation(alphas / across, betas / up).triangles)


def _beams(axis: Any, tuning: Tuning, found: Tried) -> None:
    widths = [weights.beam_width for weights in found.beams]
    axis.plot(widths, [100 * edits.wer for edits in found.beams.values()], "o-", color="#4477aa", label="best weights")
    axis.plot(found.best.beam_width, 100 * tuning.wer, "*", markersize=15, color=_BEST, label="chosen")
    for weights, edits in found.beams.items():
        place = (weights.beam_width, 100 * edits.wer)
        axis.annotate(f"{100 * edits.wer:.2f}", place, (0, 10), textcoords="offset points", ha="center", fontsize=8)
    axis.axhline(100 * tuning.wer_words_only, color=_GREY, linestyle=":", label="vocabulary only (alpha 0)")
    axis.axhline(100 * tuning.wer_greedy, color="black", linestyle="--", label="greedy, no language model")
    axis.set_xscale("log", base=2)
    axis.set_xticks(widths, [str(width) for width in widths])
    axis.set_ylim(bottom=0)
    axis.margins(x=0.15)
    axis.set_xlabel("beam width")
    axis.set_ylabel("WER (%)")
    axis.set_title(f"WER {100 * tuning.wer:.2f} %, greedy {100 * tuning.wer_greedy:.2f} %", fontsize=10)
    axis.legend(fontsize=8)
