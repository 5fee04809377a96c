"""The picture of a sweep: curves of its trials, the importance of parameters, and each parameter's values."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from lyricsrec.base.mpl import new_figure, save_figure
from lyricsrec.base.output import replacing
from lyricsrec.training.sweep.results import SweepResults, TrialResult
from lyricsrec.training.sweep.settings import SweepConfig
from lyricsrec.training.sweep.space import Parameter

PICTURE = "sweep.png"
_COLUMNS = 3
_COLORS = {"complete": "tab:blue", "pruned": "tab:orange", "running": "tab:green", "fail": "tab:red"}


def plot_sweep(results: SweepResults, config: SweepConfig, picture: Path) -> None:
    """Plot a sweep as PNG. Raises OutputError when the picture cannot be written."""
    num_panels = 2 + len(config.parameters)
    num_rows = math.ceil(num_panels / _COLUMNS)
    figure, axes = new_figure(num_rows, _COLUMNS, 5 * _COLUMNS, 3.6 * num_rows)
    panels = list(axes.flat)
    label = {"wer": "WER", "cer": "CER", "loss": "nats per symbol"}[results.metric]
    _curves(panels[0], results, label)
    _importance(panels[1], results)
    for panel, (key, parameter) in zip(panels[2:], config.parameters.items(), strict=False):
        _values(panel, key, parameter, [trial for trial in results.trials if trial.value is not None])
        panel.set_ylabel(label)
    for panel in panels[num_panels:]:
        panel.set_axis_off()
    with replacing(picture) as temporary:
        save_figure(figure, temporary)


def _curves(axis: Any, results: SweepResults, label: str) -> None:
    for trial in reversed(results.trials):
        is_best = trial.number == results.best
        axis.plot(
            list(trial.curve),
            list(trial.curve.values()),
            color="black" if is_best else _COLORS[trial.state],
            alpha=1.0 if is_best else 0.5,
            label=f"trial {trial.number}, the best" if is_best else None,
            marker="o",
            markersize=3,
        )
    axis.set_title("Validations")
    axis.set_xlabel("step")
    axis.set_ylabel(label)
    if results.best is not None:
        axis.legend()


def _importance(axis: Any, results: SweepResults) -> None:
    axis.set_title("Importance")
    found = dict(reversed(list(results.importance.items())))
    if found:
        axis.barh(list(found), list(found.values()))
    else:
        axis.text(0.5, 0.5, "too few complete trials", ha="center", transform=axis.transAxes)


def _values(axis: Any, key: str, parameter: Parameter, trials: list[TrialResult]) -> None:
    have = [trial for trial in trials if key in trial.parameters]
    axis.scatter(
        [trial.parameters[key] for trial in have],
        [trial.value for trial in have],
        color=[_COLORS[trial.state] for trial in have],
    )
    if parameter.log and have:
        axis.set_xscale("log")
    axis.set_title(key)
