"""The training loop, on one process or many (Hugging Face Accelerate), resumable at any step."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from itertools import islice

from accelerate import Accelerator
from accelerate.utils import gather_object

from lyricsrec.base.errors import DataError
from lyricsrec.training.data.batches import BatchPlan, loader
from lyricsrec.training.data.examples import Batch, ChunkExamples
from lyricsrec.training.data.sets import Draws, durations_of, fingerprint
from lyricsrec.training.data.shards import Shelves
from lyricsrec.training.data.stems import StemBatch, StemExcerpts, stem_batches
from lyricsrec.training.log.metrics import StepMetrics, ValidationMetrics
from lyricsrec.training.log.profile import Profile, ProfileReport
from lyricsrec.training.log.recorder import Recorder
from lyricsrec.training.model.guard import VocalGuard
from lyricsrec.training.model.stem_check import StemCheck
from lyricsrec.training.settings import TrainConfig
from lyricsrec.training.state.checkpoint import Checkpoints
from lyricsrec.training.state.random_state import keeping_random_state
from lyricsrec.training.state.run_state import RunState
from lyricsrec.training.step import Stepper, StepSums
from lyricsrec.training.stop_requests import StopRequests
from lyricsrec.training.validate import Validator

_OVERFITTED_NATS = 0.05
"""Validation loss per symbol below which an overfitting run has learned its chunks."""


@dataclass(frozen=True, eq=False)
class Training:
    """What is trained: the state of the run, its chunks and excerpts with true stems, on processes."""

    state: RunState
    examples: ChunkExamples
    accelerator: Accelerator
    _: KW_ONLY
    stems: StemExcerpts | None = None


@dataclass(frozen=True, eq=False)
class Records:
    """What a run writes: metrics, checkpoints, and where the time goes."""

    recorder: Recorder
    checkpoints: Checkpoints
    profile: Profile


@dataclass(frozen=True, eq=False)
class Control:
    """What decides which checkpoint is best and when a run ends early; `guard` is None without a separator."""

    validator: Validator
    guard: VocalGuard | None
    stop_requests: StopRequests
    _: KW_ONLY
    stem_check: StemCheck | None = None


@dataclass(frozen=True)
class Outcome:
    """How a run ended: the steps done, the last validation, and the signal that stopped it (0: none).

    `overfitted`: a run with `engine.overfit` recognises its chunks without an error. `reason`: why a run ended early.
    `profile`: with `engine.profile`, where the time went, after enough steps.
    """

    step: int
    metrics: ValidationMetrics | None
    stopped_by: int = 0
    _: KW_ONLY
    overfitted: bool = False
    reason: str = ""
    profile: ProfileReport | None = None


class Trainer:
    """Runs the steps of a run, with validations and checkpoints between them."""

    def __init__(self, config: TrainConfig, training: Training, records: Records, control: Control) -> None:
        self._config, self._records, self._control = config, records, control
        self._state, self._examples, self._accelerator = training.state, training.examples, training.accelerator
        self._examples_of_stems = training.stems
        self._warned: set[str] = set()
        rows = self._examples.rows
        self._draws = Draws.of(rows, config.engine.seed)
        self._plan = BatchPlan(
            durations_of(rows),
            config.data.batch_s,
            config.data.bucket,
            seed=config.engine.seed,
            num_processes=self._accelerator.num_processes,
            draws=self._draws,
            shelves=Shelves.of(rows),
            shard_buffer=config.data.shard_buffer,
        )
        if self._state.begin_data(self._plan.batching, fingerprint(rows)):
            records.recorder.warn("the training chunks are others than before: a new epoch begins")
        self._stems = self._stem_batches()
        self._stepper = Stepper(
            config,
            training.state,
            training.accelerator,
            requests=control.stop_requests,
            audio_rate=training.examples.sample_rate,
            profile=records.profile,
        )

    def _stem_batches(self) -> Iterator[StemBatch] | None:
        if self._examples_of_stems is None:
            return None
        return stem_batches(
            self._examples_of_stems,
            self._config.stems,
            range(self._state.position.step, self._config.engine.steps),
            rank=self._accelerator.process_index,
            num_processes=self._accelerator.num_processes,
            num_workers=self._config.data.num_workers,
        )

    def fit(self) -> Outcome:
        """Train until all steps are done, the chunks are overfitted, or a signal asks to stop.

        Raises TrainingError when losses, gradients or weights are not finite, DataError when no audio file can be read,
        OutputError when a checkpoint cannot be written; the last checkpoint is then unchanged.
        """
        state = self._state
        if self._is_exhausted():
            return self._outcome(stopped=False)
        self._begin()
        while state.position.step < self._config.engine.steps:
            for group in self._groups():
                if state.freezing.changes_at(state.position.step):
                    trained = state.unfreeze()
                    self._records.recorder.note(f"step {state.position.step}: training {', '.join(trained)}")
                sums = self._step(group, self._next_stems())
                stopped = sums.num_stops > 0
                self._after_step(stopped=stopped, asked_to_save=sums.num_saves > 0)
                if stopped or self._is_done() or state.position.step >= self._config.engine.steps:
                    return self._outcome(stopped=stopped)
            self._next_epoch()
        return self._outcome(stopped=False)

    def _begin(self) -> None:
        """Try two validation batches, so that errors show at once, and compute the vocals to compare with."""
        state = self._state
        with keeping_random_state(self._accelerator.device):
            self._control.validator.run(state.whole, self._accelerator, state.position.step, num_batches=2)
            if self._control.guard is not None:
                lost = self._control.guard.begin(state.whole, self._accelerator, resumed=state.position.step > 0)
                if lost:
                    self._records.recorder.warn(
                        f"the vocals of {lost} clips are not compared any more: validation no longer has these chunks"
                    )
        state.freezing.set_training()
        self._clock = time.monotonic()

    def _groups(self) -> Iterator[list[Batch]]:
        """The batches of each step for the rest of the epoch."""
        rank, position = self._accelerator.process_index, self._state.position
        workers = self._config.data.num_workers
        batches = iter(loader(self._examples, self._plan, workers, rank=rank, position=position))
        while True:
            with self._records.profile.section("data"):
                group = list(islice(batches, self._config.engine.accumulate))
            if not group:
                return
            yield group

    def _next_epoch(self) -> None:
        if self._state.num_unreadable >= self._draws.count_until(self._state.position.epoch + 1):
            raise DataError(
                "no audio file of the training chunks can be read", "Check that they are where the manifest says."
            )
        self._state.position = self._state.position.next_epoch()

    def _next_stems(self) -> StemBatch | None:
        """The excerpts with true vocals that come with the next step, if any do."""
        if self._stems is None or self._state.position.step % self._config.stems.every:
            return None
        with self._records.profile.section("data"):
            batch = next(self._stems)
        for name in batch.unreadable:
            self._warn_once(f"{name} cannot be read: its excerpts are skipped")
        return batch

    def _step(self, group: Sequence[Batch], stems: StemBatch | None) -> StepSums:
        # The schedule moves on with the step.
        rates = self._state.learning_rates()
        sums, gradient_norm = self._stepper.step(group, stems)
        if sums.num_unreadable:
            self._warn_of_unreadable(group)
        if gradient_norm is None:
            self._records.recorder.warn(f"step {self._state.position.step} is left out: its gradients are not finite")
        if sums.num_infinite:
            self._warn_once("some chunks have more symbols than the recogniser has frames: their loss is left out")
        self._record(sums, gradient_norm, rates)
        return sums

    def _warn_of_unreadable(self, group: Sequence[Batch]) -> None:
        """Warn once of each audio file that a process cannot read."""
        own = sorted({name for batch in group for name in batch.unreadable})
        names = gather_object(own) if self._accelerator.num_processes > 1 else own
        for name in sorted(set(names)):
            self._warn_once(f"{name} cannot be read: its chunks are skipped and counted")

    def _warn_once(self, message: str) -> None:
        if message not in self._warned:
            self._records.recorder.warn(message)
            self._warned.add(message)

    def _record(self, sums: StepSums, gradient_norm: float | None, rates: Mapping[str, float]) -> None:
        self._records.profile.step_done(sums.num_chunks, sums.audio_s)
        seconds = time.monotonic() - self._clock
        self._clock = time.monotonic()
        metrics = StepMetrics(
            self._state.position.step,
            self._state.position.epoch,
            sums.ctc + self._config.guard.weight * sums.guard + self._config.stems.weight * sums.stems,
            ctc=sums.ctc,
            guard_db=sums.guard,
            stems=sums.stems if sums.num_stems else None,
            gradient_norm=gradient_norm,
            rates=rates,
            items_per_s=sums.num_chunks / seconds,
            audio_s_per_s=sums.audio_s / seconds,
            share_infinite=sums.num_infinite / max(sums.num_chunks, 1),
            num_unreadable=self._state.num_unreadable,
            num_skipped=self._state.num_skipped,
        )
        self._records.recorder.step(metrics, self._config.engine.steps)

    def _after_step(self, *, stopped: bool, asked_to_save: bool) -> None:
        """Validate and save a checkpoint where they are due."""
        step = self._state.position.step
        is_last = stopped or step >= self._config.engine.steps
        is_best = False
        if step % self._config.validation.every == 0 or (is_last and not stopped):
            with self._records.profile.section("validation"):
                is_best = self._validate()
        is_due = step % self._config.checkpoint.every == 0
        if is_due or is_best or is_last or asked_to_save or self._is_done():
            with self._records.profile.section("checkpoints"):
                self._state.save(self._records.checkpoints)
            self._records.recorder.note(f"saved {self._records.checkpoints.path(step)}")

    def _validate(self) -> bool:
        """Validate; returns whether the model is among the best.

        Training draws the same random numbers after it.
        """
        state, control = self._state, self._control
        with keeping_random_state(self._accelerator.device), state.weights.used():
            metrics = control.validator.run(state.whole, self._accelerator, state.position.step)
            if control.guard is not None:
                metrics = metrics.with_si_sdr(control.guard.measure(state.whole, self._accelerator))
            if control.stem_check is not None:
                metrics = replace(metrics, stems_db=control.stem_check.measure(state.whole, self._accelerator))
        state.freezing.set_training()
        self._clock = time.monotonic()
        self._records.recorder.validated(metrics)
        state.metrics = metrics
        for part in state.schedule.validated(metrics):
            self._records.recorder.note(f"step {metrics.step}: a plateau, so the rate of the {part} is lowered")
        state.schedule.apply(state.position.step)
        state.stopping.add(metrics)
        return state.ranking.add(metrics)

    def _is_done(self) -> bool:
        return self._is_overfitted() or self._is_exhausted()

    def _is_exhausted(self) -> bool:
        """Whether as many validations in a row brought no gain as end a run early."""
        patience = self._config.stop.patience
        return bool(patience) and self._state.stopping.num_without >= patience

    def _is_overfitted(self) -> bool:
        metrics = self._state.metrics
        if not self._config.engine.overfit or metrics is None:
            return False
        return metrics.best_wer == 0 and metrics.ctc < _OVERFITTED_NATS

    def _outcome(self, *, stopped: bool) -> Outcome:
        # Another process may be the one that received the signal.
        stopped_by = (self._control.stop_requests.stop_signal or signal.SIGTERM) if stopped else 0
        is_overfitted = self._is_overfitted()
        reason = f"{self._state.stopping}" if self._is_exhausted() else ""
        step, metrics = self._state.position.step, self._state.metrics
        accelerator = self._accelerator
        profile = self._records.profile.report(accelerator.num_processes) if accelerator.is_main_process else None
        return Outcome(step, metrics, stopped_by, overfitted=is_overfitted, reason=reason, profile=profile)
