"""A robust line fit from given times to aligned ones.

Repeated medians (Siegel, "Robust regression using repeated medians", Biometrika 1982): up to half of the aligned times
may be outliers, as when a chorus was aligned a whole repetition too late.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

_MOST_POINTS = 800
_NEAREST_S = 5.0
_NOISE_S = 0.05


@dataclass(frozen=True)
class TimingFit:
    """`aligned = stretch * given + offset_s`; half of the points are within `spread_s` of that line."""

    stretch: float
    offset_s: float
    spread_s: float


def fit_offset(given_s: ArrayLike, aligned_s: ArrayLike) -> TimingFit:
    """The fit with a stretch of 1: the median difference."""
    given, aligned = np.asarray(given_s, float), np.asarray(aligned_s, float)
    return _with_offset(given, aligned, 1.0)


def fit_line(given_s: ArrayLike, aligned_s: ArrayLike) -> TimingFit:
    """The fit of stretch and offset.

    Slopes are taken between points at least 5 s apart; if there are none, only the offset is fitted.
    """
    given, aligned = np.asarray(given_s, float), np.asarray(aligned_s, float)
    step = -(-len(given) // _MOST_POINTS)
    x, y = given[::step], aligned[::step]
    distance = x[None, :] - x[:, None]
    far = np.abs(distance) >= _NEAREST_S
    usable = far.any(axis=1)
    if not usable.any():
        return fit_offset(given, aligned)
    slopes = np.where(far, (y[None, :] - y[:, None]) / np.where(far, distance, 1.0), np.nan)[usable]
    rough = _with_offset(given, aligned, float(np.median(np.nanmedian(slopes, axis=1))))
    return _refined(given, aligned, rough)


def _refined(given: NDArray[np.float64], aligned: NDArray[np.float64], rough: TimingFit) -> TimingFit:
    """Least squares over the points near a rough fit: less noisy than medians."""
    residual = aligned - rough.stretch * given - rough.offset_s
    near = _near(residual)
    x = given[near] - given[near].mean()
    if not (x**2).sum() > 0:
        return rough
    return _with_offset(given, aligned, rough.stretch + float((x * residual[near]).sum() / (x**2).sum()))


def _with_offset(given: NDArray[np.float64], aligned: NDArray[np.float64], stretch: float) -> TimingFit:
    difference = aligned - stretch * given
    offset_s = float(np.median(difference))
    for _ in range(3):
        # Outliers on one side pull the median towards them: take it again without them.
        offset_s = float(np.median(difference[_near(difference - offset_s)]))
    return TimingFit(stretch, offset_s, float(np.median(np.abs(difference - offset_s))))


def _near(residual: NDArray[np.float64]) -> NDArray[np.bool_]:
    distance = np.abs(residual)
    return distance <= max(4 * float(np.median(distance)), _NOISE_S)
