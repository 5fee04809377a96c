"""Running the trials of a sweep: several at a time, pruned, stopped and resumed."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from lyricsrec.base.errors import TrainingError, UsageError
from lyricsrec.base.output import check_writable, display_name
from lyricsrec.base.progress import Progress
from lyricsrec.training.log import metrics
from lyricsrec.training.sweep.settings import SweepConfig
from lyricsrec.training.sweep.space import text_of
from lyricsrec.training.sweep.study import all_begun, begun, open_study
from lyricsrec.training.sweep.trial import RunningTrial, stop_orphans

if TYPE_CHECKING:
    from optuna.study import Study
    from optuna.trial import Trial

TRAIN = (sys.executable, "-m", "lyricsrec", "train")
_LOCK = ".sweep.lock"
_STOPPED = (130, 143)
"""Exit codes of a run that Ctrl-C or SIGTERM ended after a checkpoint."""
_MOST_FAILED = 3


@dataclass(frozen=True)
class Runs:
    """How the trials of a sweep are started: the settings of all, and the command that trains.

    `devices` are the GPUs, one for a trial, in turn; none leaves the choice to the run. `threads` is the number of
    processor threads that all trials share.
    """

    settings: Sequence[str] = ()
    offline: bool = False
    _: KW_ONLY
    command: Sequence[str] = TRAIN
    devices: Sequence[str] = ()
    threads: int = 1
    poll_s: float = 1.0


class Sweep:
    """The trials of one sweep, those that run and those to come."""

    def __init__(self, config: SweepConfig, folder: Path, runs: Runs, *, study: Study, progress: Progress) -> None:
        self._config, self._folder, self._runs = config, folder, runs
        self._study, self._progress = study, progress
        self._unfinished = begun(study)
        self._running: list[RunningTrial] = []
        self._num_failed = 0

    def run(self, finished: Callable[[], None]) -> None:
        """Run all trials; `finished` is called after each.

        Raises TrainingError when the first trials all fail, or something else than the sweep stops one. Whatever
        ends it, its children are stopped, each with a checkpoint, and their trials can be resumed.
        """
        if left := stop_orphans([trial_folder(self._folder, trial.number) for trial in self._unfinished]):
            self._progress.note(f"stopped {left} runs that a killed sweep had left")
        try:
            while True:
                self._fill()
                if not self._running:
                    return
                time.sleep(self._runs.poll_s)
                for running in list(self._running):
                    if self._watch(running):
                        finished()
                self._show()
        finally:
            self._stop()

    def _fill(self) -> None:
        while len(self._running) < self._config.jobs:
            if self._unfinished:
                self._begin(self._unfinished.pop(0), is_new=False)
            elif len(all_begun(self._study)) < self._config.num_trials:
                self._begin(self._study.ask(), is_new=True)
            else:
                return

    def _begin(self, trial: Trial, *, is_new: bool) -> None:
        folder = trial_folder(self._folder, trial.number)
        values = {key: text_of(item.suggest(trial, key)) for key, item in self._config.parameters.items()}
        taken = {running.slot for running in self._running}
        slot = next(number for number in range(self._config.jobs) if number not in taken)
        running = RunningTrial(trial, folder, slot=slot)
        goes_on = not is_new and _has_checkpoint(folder)
        if not goes_on:
            # Those of a run that was killed before its first checkpoint.
            (folder / metrics.NAME).unlink(missing_ok=True)
        running.start(self._command(values, folder, goes_on=goes_on), self._room_of(slot))
        self._running.append(running)
        shown = ", ".join(f"{key}={text}" for key, text in values.items())
        self._progress.note(f"{folder.name}: {'began' if is_new else 'goes on'} with {shown}")

    def _command(self, values: dict[str, str], folder: Path, *, goes_on: bool) -> list[str]:
        """The command line of a trial; a run that goes on has its settings in its folder."""
        command = [*self._runs.command, "--output", str(folder), *(["--offline"] if self._runs.offline else [])]
        if goes_on:
            return [*command, "--resume"]
        if self._config.config is not None:
            command += ["--config", str(self._config.config)]
        own = [f"{key}={text}" for key, text in values.items()]
        return command + [f"--set={text}" for text in (*self._config.shared(), *self._runs.settings, *own)]

    def _room_of(self, slot: int) -> dict[str, str]:
        """The environment variables that give a trial its GPU and its part of the processor."""
        devices = self._runs.devices
        room = {"OMP_NUM_THREADS": str(max(self._runs.threads // self._config.jobs, 1))}
        return room | ({"CUDA_VISIBLE_DEVICES": devices[slot % len(devices)]} if devices else {})

    def _watch(self, running: RunningTrial) -> bool:
        """Hand on what a trial has measured, and prune it; whether it has ended."""
        # Asked first: what a child wrote before its end is then read below.
        code = running.exit_code
        for validation in running.new_validations(self._config.metric):
            running.trial.report(validation.value(self._config.metric), validation.step)
            if not running.is_pruned and not validation.is_blank and code is None and running.trial.should_prune():
                running.is_pruned = True
                running.ask_to_stop()
        if code is None:
            return False
        self._running.remove(running)
        self._end(running, code)
        self._tidy()
        return True

    def _end(self, running: RunningTrial, code: int) -> None:
        trial, best, name = running.trial, running.best, running.folder.name
        if best is not None:
            for key, value in (("wer", best.wer), ("cer", best.cer), ("ctc", best.ctc), ("step", best.step)):
                trial.set_user_attr(key, value)
        if running.is_pruned:
            self._tell(trial, "PRUNED", None)
            self._progress.note(f"{name}: pruned")
        elif code in _STOPPED:
            raise TrainingError(f"{name} was stopped by a signal", "Go on with --resume.")
        elif code or best is None:
            self._fail(running, running.last_words() if code else "it ended without a validation")
        else:
            self._tell(trial, "COMPLETE", best.value(self._config.metric))
            self._progress.note(f"{name}: WER {100 * best.wer:.1f} %, loss {best.ctc:.3f}")

    def _tidy(self) -> None:
        """Delete the checkpoints of finished trials, but those of the best."""
        if self._config.keep_best is None:
            return
        from lyricsrec.training.state.checkpoint import Checkpoints

        finished = [trial for trial in all_begun(self._study) if trial.state.is_finished()]
        complete = [(trial.value, trial.number) for trial in finished if trial.value is not None]
        kept = {number for _, number in sorted(complete)[: self._config.keep_best]}
        for trial in finished:
            if trial.number not in kept:
                Checkpoints(trial_folder(self._folder, trial.number)).delete()

    def _fail(self, running: RunningTrial, reason: str) -> None:
        running.trial.set_user_attr("failure", reason)
        self._tell(running.trial, "FAIL", None)
        self._progress.warn(f"{running.folder.name} failed: {reason}")
        self._num_failed += 1
        succeeded = any(trial.state.name in ("COMPLETE", "PRUNED") for trial in all_begun(self._study))
        if self._num_failed >= _MOST_FAILED and not succeeded:
            raise TrainingError(
                f"the first {self._num_failed} trials all failed ({reason})",
                f"Their messages are in {display_name(running.folder.parent)}, in the files trial-*/trial.log.",
            )

    def _tell(self, trial: Trial, state: str, value: float | None) -> None:
        from optuna.trial import TrialState

        self._study.tell(trial, value, state=TrialState[state])

    def _show(self) -> None:
        done = sum(trial.state.is_finished() for trial in all_begun(self._study))
        self._progress.update("trials", done, self._config.num_trials)

    def _stop(self) -> None:
        """Stop all children: all are asked first, so that they write their checkpoints at the same time."""
        for running in self._running:
            running.ask_to_stop()
        for running in self._running:
            running.wait_or_kill()
        self._running.clear()


def trial_folder(folder: Path, number: int) -> Path:
    """The folder of a trial."""
    return folder / f"trial-{number:04d}"


@contextmanager
def opened(config: SweepConfig, folder: Path, settings: Sequence[str], *, resume: bool) -> Iterator[Study]:
    """The study of a sweep, for this process alone. Raises UsageError, also when the sweep is already running."""
    check_writable(folder)
    try:
        with FileLock(folder / _LOCK, timeout=0):
            yield open_study(config, settings, folder, resume=resume)
    except Timeout:
        raise UsageError(
            f"{display_name(folder)}: this sweep is already running", "Wait for it, or choose another --output."
        ) from None


def available_threads() -> int:
    """The number of processor threads for all trials: OMP_NUM_THREADS where it is set, else one for each core."""
    chosen = os.environ.get("OMP_NUM_THREADS", "")
    return int(chosen) if chosen.isdecimal() and int(chosen) else os.cpu_count() or 1


def available_devices() -> list[str]:
    """The GPUs that this process may use, as CUDA_VISIBLE_DEVICES names them."""
    chosen = os.environ.get("CUDA_VISIBLE_DEVICES")
    if chosen is not None:
        return [name.strip() for name in chosen.split(",") if name.strip()]
    import torch

    return [str(number) for number in range(torch.cuda.device_count())]


def _has_checkpoint(folder: Path) -> bool:
    from lyricsrec.training.state.checkpoint import Checkpoints

    return Checkpoints(folder).last() is not None
