"""Patience: how many validations in a row have brought no gain, for schedules and for ending a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lyricsrec.training.log.metrics import ValidationMetrics
from lyricsrec.training.settings import BestMetric


class Patience:
    """Counts validations since the last gain of more than `min_gain` in a metric; lower is better.

    While an error rate is 100 % or more, as at the start, the loss decides. `saved` is what `state` gave; it counts
    where it was of the same metric.
    """

    def __init__(self, metric: BestMetric, min_gain: float = 0.0, saved: Mapping[str, Any] | None = None) -> None:
        self._metric, self._min_gain = metric, min_gain
        known = saved if saved and saved["metric"] == metric else {}
        self._best: tuple[bool, float] | None = tuple(known["best"]) if known.get("best") else None
        self.best_step: int = known.get("best_step", 0)
        self.num_without: int = known.get("num_without", 0)

    def add(self, found: ValidationMetrics) -> None:
        """Take a validation into account."""
        value = found.value(self._metric)
        is_useless = self._metric != "loss" and value >= 1
        now = (is_useless, found.ctc if is_useless else value)
        if self._best is None or now[0] < self._best[0] or (now[0] == self._best[0] and self._is_gain(now[1])):
            self._best, self.best_step, self.num_without = now, found.step, 0
        else:
            self.num_without += 1

    def _is_gain(self, value: float) -> bool:
        return self._best is not None and self._best[1] - value > self._min_gain

    def state(self) -> dict[str, Any]:
        """What a resumed run needs to go on."""
        best = list(self._best) if self._best is not None else None
        return {"metric": self._metric, "best": best, "best_step": self.best_step, "num_without": self.num_without}

    def __str__(self) -> str:
        what = "loss" if self._metric == "loss" else self._metric.upper()
        unit = f"{self._min_gain:g} nats per symbol" if what == "loss" else f"{100 * self._min_gain:g} points"
        gain = f"better by more than {unit}" if self._min_gain else "better"
        return f"no {what} of the last {self.num_without} validations was {gain} than that of step {self.best_step}"
