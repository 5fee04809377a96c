"""Plot of a run: losses, error rates, learning rates, and vocal quality or speed over its steps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from lyricsrec.base.mpl import new_figure, save_figure
from lyricsrec.base.output import replacing
from lyricsrec.training.log.metrics import read_metrics

_SHARE_SMOOTHED = 50


def plot_curves(metrics: Path, picture: Path) -> None:
    """Plot a metrics file as PNG. Raises OutputError when the picture cannot be written."""
    rows = list(read_metrics(metrics))
    steps = [row for row in rows if row["kind"] == "step"]
    validations = [row for row in rows if row["kind"] == "validation"]
    guarded = any(row["si_sdr_db"] is not None for row in validations)
    figure, axes = new_figure(2, 2, 12, 7.5)
    _losses(axes[0, 0], steps, validations)
    _error_rates(axes[0, 1], validations)
    _rates(axes[1, 0], steps)
    if guarded:
        _vocals(axes[1, 1], validations)
    else:
        _speed(axes[1, 1], steps)
    for axis in axes.flat:
        axis.set_xlabel("step")
        axis.grid(alpha=0.3)
    with replacing(picture) as temporary:
        save_figure(figure, temporary)


def _losses(axis: Any, steps: list[dict[str, Any]], validations: list[dict[str, Any]]) -> None:
    x, y = _series(steps, "ctc")
    axis.plot(x, y, color="tab:blue", alpha=0.25, linewidth=0.8)
    axis.plot(x, _smoothed(y), color="tab:blue", label="training (smoothed)")
    axis.plot(*_series(validations, "ctc"), color="tab:orange", marker="o", markersize=3, label="validation")
    axis.set_title("CTC loss")
    axis.set_ylabel("nats per symbol")
    if len(y) and y.min() > 0:
        axis.set_yscale("log")
    axis.legend()


def _error_rates(axis: Any, validations: list[dict[str, Any]]) -> None:
    for name in validations[-1]["wer"] if validations else ():
        label = name.replace("beam_lm", "beam + language model")
        x = [row["step"] for row in validations if name in row["wer"]]
        axis.plot(x, [100 * row["wer"][name] for row in validations if name in row["wer"]], marker="o", markersize=3,
                  label=f"WER, {label}")  # fmt: skip
    axis.plot(
        [row["step"] for row in validations], [100 * row["cer"]["greedy"] for row in validations], linestyle="--",
        color="grey", label="CER, greedy",
    )  # fmt: skip
    axis.set_title("Validation errors")
    axis.set_ylabel("%")
    axis.set_ylim(bottom=0)
    axis.legend()


def _rates(axis: Any, steps: list[dict[str, Any]]) -> None:
    for part in steps[-1]["rates"] if steps else ():
        x, y = [row["step"] for row in steps], [row["rates"][part] for row in steps]
        if any(y):
            axis.plot(x, [rate or np.nan for rate in y], label=part)
    axis.set_title("Learning rates")
    axis.set_yscale("log")
    if axis.lines:
        axis.legend()


def _vocals(axis: Any, validations: list[dict[str, Any]]) -> None:
    axis.plot(*_series(validations, "si_sdr_db"), marker="o", markersize=3, color="tab:green")
    axis.set_title("Separated vocals compared with the start")
    axis.set_ylabel("SI-SDR in dB")


def _speed(axis: Any, steps: list[dict[str, Any]]) -> None:
    x, y = _series(steps, "audio_s_per_s")
    axis.plot(x, _smoothed(y), color="tab:purple")
    axis.set_title("Speed")
    axis.set_ylabel("seconds of audio per second")
    axis.set_ylim(bottom=0)


def _series(rows: list[dict[str, Any]], key: str) -> tuple[Any, Any]:
    present = [row for row in rows if row[key] is not None]
    return np.array([row["step"] for row in present]), np.array([row[key] for row in present], dtype=float)


def _smoothed(values: Any) -> Any:
    """A running mean over a fiftieth of the run, at least five steps."""
    width = min(max(len(values) // _SHARE_SMOOTHED, 5), max(len(values), 1))
    weights = np.ones(width)
    norm = np.convolve(np.ones(len(values)), weights, mode="same") if len(values) else 1.0
    return np.convolve(values, weights, mode="same") / norm if len(values) else values
