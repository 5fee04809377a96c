"""Where the figures of a run go: its metrics file, pictures and tables, trackers, and whoever watches."""

from __future__ import annotations

from pathlib import Path

from accelerate import Accelerator

from lyricsrec.training.log.curves import plot_curves
from lyricsrec.training.log.metrics import MetricsFile, StepFigures, ValidationFigures, Watch
from lyricsrec.training.log.readings_page import write_readings

CURVES, READINGS = "curves.png", "readings.html"


class Recorder:
    """Keeps figures in the folder of a run; of many processes, only the main one does."""

    def __init__(self, folder: Path, watch: Watch, accelerator: Accelerator) -> None:
        self._folder, self._watch, self._accelerator = folder, watch, accelerator
        self._file = MetricsFile(folder)

    def resume_at(self, step: int) -> None:
        """Forget what was recorded after a step. Raises OutputError when the file cannot be written."""
        if self._accelerator.is_main_process:
            self._file.forget_after(step)

    def step(self, figures: StepFigures, num_steps: int) -> None:
        """Record a step. Raises OutputError when the metrics cannot be written."""
        if not self._accelerator.is_main_process:
            return
        self._file.write(figures)
        self._watch.step(figures, num_steps)
        if self._accelerator.trackers:
            values = {"train/loss": figures.loss, "train/ctc": figures.ctc, "train/guard_db": figures.guard_db}
            values |= {"train/gradient_norm": figures.gradient_norm, "train/items_per_s": figures.items_per_s}
            values |= {f"rate/{part}": rate for part, rate in figures.rates.items()}
            self._accelerator.log(values, step=figures.step)

    def validated(self, figures: ValidationFigures) -> None:
        """Record a validation, and draw the curves anew. Raises OutputError when something cannot be written."""
        if not self._accelerator.is_main_process:
            return
        self._file.write(figures)
        plot_curves(self._file.path, self._folder / CURVES)
        write_readings(figures, self._folder / READINGS)
        if self._accelerator.trackers:
            self._accelerator.log(figures.flat(), step=figures.step)
        self._watch.validated(figures)

    def note(self, message: str) -> None:
        """Pass on something worth knowing."""
        if self._accelerator.is_main_process:
            self._watch.note(message)

    def warn(self, message: str) -> None:
        """Pass on something that is not as it should be."""
        if self._accelerator.is_main_process:
            self._watch.warn(message)
