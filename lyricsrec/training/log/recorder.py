"""Recording of a run's metrics: metrics file, curves, page of predictions, trackers, and the terminal."""

from __future__ import annotations

from pathlib import Path

from accelerate import Accelerator

from lyricsrec.training.log.curves import plot_curves
from lyricsrec.training.log.metrics import MetricsFile, StepMetrics, ValidationMetrics, Watch
from lyricsrec.training.log.predictions_page import write_predictions
from lyricsrec.training.log.trackers import track_predictions

CURVES, PREDICTIONS = "curves.png", "readings.html"


class Recorder:
    """Writes metrics into the folder of a run; of several processes, only the main one does."""

    def __init__(self, folder: Path, watch: Watch, accelerator: Accelerator) -> None:
        self._folder, self._watch, self._accelerator = folder, watch, accelerator
        self._file = MetricsFile(folder)
        self._unreadable: set[str] = set()

    def resume_at(self, step: int) -> None:
        """Drop metrics that were recorded after a step. Raises OutputError when the file cannot be written."""
        if self._accelerator.is_main_process:
            self._file.drop_after(step)

    def step(self, metrics: StepMetrics, num_steps: int) -> None:
        """Record a step. Raises OutputError when the metrics cannot be written."""
        if not self._accelerator.is_main_process:
            return
        self._file.write(metrics)
        self._watch.step(metrics, num_steps)
        if self._accelerator.trackers:
            values = {"train/loss": metrics.loss, "train/ctc": metrics.ctc, "train/guard_db": metrics.guard_db}
            values |= {"train/items_per_s": metrics.items_per_s, "train/share_infinite": metrics.share_infinite}
            values |= {"train/stems": metrics.stems} if metrics.stems is not None else {}
            values |= {"train/gradient_norm": metrics.gradient_norm} if metrics.gradient_norm is not None else {}
            values |= {f"rate/{part}": rate for part, rate in metrics.rates.items()}
            self._accelerator.log(values, step=metrics.step)

    def validated(self, metrics: ValidationMetrics) -> None:
        """Record a validation, and redraw the curves. Raises OutputError when a file cannot be written."""
        if not self._accelerator.is_main_process:
            return
        self._file.write(metrics)
        plot_curves(self._file.path, self._folder / CURVES)
        write_predictions(metrics, self._folder / PREDICTIONS)
        if self._accelerator.trackers:
            self._accelerator.log(metrics.flat(), step=metrics.step)
            track_predictions(self._accelerator, metrics)
        self._watch.validated(metrics)
        for name in sorted(set(metrics.unreadable) - self._unreadable):
            self._watch.warn(f"{name} cannot be read: validation is without its chunks")
        self._unreadable.update(metrics.unreadable)

    def note(self, message: str) -> None:
        """Show a detail."""
        if self._accelerator.is_main_process:
            self._watch.note(message)

    def say(self, message: str) -> None:
        """Show a message."""
        if self._accelerator.is_main_process:
            self._watch.say(message)

    def warn(self, message: str) -> None:
        """Show a warning."""
        if self._accelerator.is_main_process:
            self._watch.warn(message)
