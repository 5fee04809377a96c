"""The live table of a training run on a terminal, and plain lines elsewhere."""

from __future__ import annotations

import time
from types import TracebackType

from rich.live import Live
from rich.table import Table

from lyricsrec.base.clock import clock
from lyricsrec.cli.screen import Screen
from lyricsrec.training.log.metrics import SetMetrics, StepMetrics, ValidationMetrics

_LINE_EVERY_S = 30.0


class TrainingWatch:
    """Shows a run on stderr: a live table on a terminal, otherwise a line every half minute."""

    def __init__(self, screen: Screen, *, quiet: bool = False) -> None:
        self._screen, self._quiet = screen, quiet
        self._live = Live(console=screen.console, refresh_per_second=4, transient=True)
        self._is_live = screen.console.is_terminal and not quiet
        self._started = self._lined = 0.0
        self._first_step = 0
        self._validation: ValidationMetrics | None = None

    def __enter__(self) -> TrainingWatch:
        if self._is_live:
            self._screen.pause()
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._is_live:
            self._live.stop()

    def step(self, metrics: StepMetrics, num_steps: int) -> None:
        """Show a step."""
        now = time.monotonic()
        if not self._started:
            self._started, self._first_step = now, metrics.step
        done = metrics.step - self._first_step
        left_s = (now - self._started) / done * (num_steps - metrics.step) if done else None
        if self._is_live:
            self._live.update(self._table(metrics, num_steps, left_s))
        elif not self._quiet and (now - self._lined > _LINE_EVERY_S or metrics.step == num_steps):
            self._lined = now
            self._screen.say(f"step {metrics.step}/{num_steps}: loss {metrics.loss:.3f}, {_left(left_s)} left")

    def validated(self, metrics: ValidationMetrics) -> None:
        """Show a validation."""
        self._validation = metrics
        if not self._quiet:
            self._screen.say(f"step {metrics.step}: {validation_text(metrics)}")

    def note(self, message: str) -> None:
        """Pass a detail to the screen."""
        self._screen.note(message)

    def say(self, message: str) -> None:
        """Pass a message to the screen."""
        self._screen.say(message)

    def warn(self, message: str) -> None:
        """Pass a warning to the screen."""
        self._screen.warn(message)

    def _table(self, metrics: StepMetrics, num_steps: int, left_s: float | None) -> Table:
        table = Table(show_header=False, box=None, pad_edge=False)
        table.add_row("step", f"{metrics.step} of {num_steps} (epoch {metrics.epoch + 1}), {_left(left_s)} left")
        guard = f", vocals {metrics.guard_db:.1f} dB below their limit" if metrics.guard_db else ""
        stems = f", true stems {metrics.stems:.3f}" if metrics.stems is not None else ""
        table.add_row("loss", f"{metrics.loss:.4f} (CTC {metrics.ctc:.4f} nats per symbol{guard}{stems})")
        rates = ", ".join(f"{part} {rate:.2e}" if rate else f"{part} frozen" for part, rate in metrics.rates.items())
        table.add_row("learning rates", rates)
        norm = metrics.gradient_norm
        table.add_row("gradient", f"{norm:.3f}" if norm is not None else "not finite, step left out")
        table.add_row("speed", f"{metrics.items_per_s:.1f} chunks/s, {metrics.audio_s_per_s:.0f} s of audio/s")
        if metrics.share_infinite:
            table.add_row("left out", f"{100 * metrics.share_infinite:.1f} % of the step: more symbols than frames")
        if metrics.num_unreadable:
            table.add_row("unreadable", f"{metrics.num_unreadable} chunks so far")
        if self._validation is not None:
            table.add_row("validation", f"step {self._validation.step}: {validation_text(self._validation)}")
        return table


def validation_text(metrics: ValidationMetrics) -> str:
    """The metrics of a validation in one line, those of each of several data sets last."""
    voice = f", vocals {metrics.si_sdr_db:.1f} dB SI-SDR relative to the start" if metrics.si_sdr_db is not None else ""
    voice += f", {metrics.stems_db:.1f} dB SI-SDR to the true vocals" if metrics.stems_db is not None else ""
    left_out = f", {metrics.num_unreadable} chunks unreadable" if metrics.num_unreadable else ""
    left_out += f", {metrics.num_infinite} with more symbols than frames" if metrics.num_infinite else ""
    sets = "".join(f"; {name}: loss {own.ctc:.3f}, {_rates(own)}" for name, own in metrics.sets.items())
    return f"loss {metrics.ctc:.3f}, {_rates(metrics)}{voice}{left_out}{sets}"


def _rates(metrics: ValidationMetrics | SetMetrics) -> str:
    return ", ".join(
        f"WER {100 * metrics.wer[name]:.1f} % CER {100 * metrics.cer[name]:.1f} % ({name.replace('_', ' + ')})"
        for name in metrics.wer
    )


def _left(seconds: float | None) -> str:
    if seconds is None:
        return "?"
    return clock(seconds, hour_digits=1)
