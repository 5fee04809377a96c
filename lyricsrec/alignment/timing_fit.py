"""The straight line from given times to heard ones, found however many of the heard ones are wrong.

Repeated medians (Siegel, "Robust regression using repeated medians", Biometrika 1982): up to half of the points may lie
anywhere, as they do where a chorus was placed a whole repetition too late.
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
    """`heard = stretch * given + offset_s`; half of the points are within `spread_s` of that."""

    stretch: float
    offset_s: float
    spread_s: float


def fit_offset(given_s: ArrayLike, heard_s: ArrayLike) -> TimingFit:
    """The best fit that only shifts: the median difference."""
    given, heard = np.asarray(given_s, float), np.asarray(heard_s, float)
    return _with_offset(given, heard, 1.0)


def fit_line(given_s: ArrayLike, heard_s: ArrayLike) -> TimingFit:
    """The best fit that shifts and stretches.

    Of points nearer to each other than 5 s, whose slope says little, none are compared; where no others are, only
    a shift is fitted.
    """
    given, heard = np.asarray(given_s, float), np.asarray(heard_s, float)
    step = -(-len(given) // _MOST_POINTS)
    x, y = given[::step], heard[::step]
    distance = x[None, :] - x[:, None]
    far = np.abs(distance) >= _NEAREST_S
    x_ok = far.any(axis=1)
    if not x_ok.any():
        return fit_offset(given, heard)
    slopes = np.where(far, (y[None, :] - y[:, None]) / np.where(far, distance, 1.0), np.nan)[x_ok]
    rough = _with_offset(given, heard, float(np.median(np.nanmedian(slopes, axis=1))))
    return _refined(given, heard, rough)


def _refined(given: NDArray[np.float64], heard: NDArray[np.float64], rough: TimingFit) -> TimingFit:
    """Least squares over the points near a rough fit, which has less noise than any median."""
    residual = heard - rough.stretch * given - rough.offset_s
    near = _near(residual)
    x = given[near] - given[near].mean()
    if not (x**2).sum() > 0:
        return rough
    return _with_offset(given, heard, rough.stretch + float((x * residual[near]).sum() / (x**2).sum()))


def _with_offset(given: NDArray[np.float64], heard: NDArray[np.float64], stretch: float) -> TimingFit:
    difference = heard - stretch * given
    offset_s = float(np.median(difference))
    for _ in range(3):
        # Where most wrong points lie on one side, they pull the median of all towards it.
        offset_s = float(np.median(difference[_near(difference - offset_s)]))
    return TimingFit(stretch, offset_s, float(np.median(np.abs(difference - offset_s))))


def _near(residual: NDArray[np.float64]) -> NDArray[np.bool_]:
    distance = np.abs(residual)
    return distance <= max(4 * float(np.median(distance)), _NOISE_S)
