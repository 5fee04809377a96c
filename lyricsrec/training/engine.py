"""The training loop, on one process or many (Hugging Face Accelerate), resumable at any step."""

from __future__ import annotations

import contextlib
import math
import signal
import time
from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, asdict, dataclass
from itertools import islice

import torch
from accelerate import Accelerator

from lyricsrec.base.errors import DataError, TrainingError
from lyricsrec.training.data.batches import BatchPlan, loader
from lyricsrec.training.data.examples import Batch, ChunkExamples
from lyricsrec.training.log.metrics import StepMetrics, ValidationMetrics
from lyricsrec.training.log.recorder import Recorder
from lyricsrec.training.model.guard import VocalGuard
from lyricsrec.training.model.module import losses_of
from lyricsrec.training.settings import TrainConfig
from lyricsrec.training.state.checkpoint import Checkpoints
from lyricsrec.training.state.random_state import keeping_random_state
from lyricsrec.training.state.run_state import RunState
from lyricsrec.training.stop_requests import StopRequests
from lyricsrec.training.validate import Validator

_OVERFITTED_NATS = 0.05
"""Validation loss per symbol below which an overfitting run has learned its chunks."""


@dataclass(frozen=True, eq=False)
class Training:
    """What is trained: the state of the run and its examples, on the processes of `accelerator`."""

    state: RunState
    examples: ChunkExamples
    accelerator: Accelerator


@dataclass(frozen=True, eq=False)
class Records:
    """What a run writes: metrics and checkpoints."""

    recorder: Recorder
    checkpoints: Checkpoints


@dataclass(frozen=True, eq=False)
class Control:
    """What decides which checkpoint is best and when a run ends early; `guard` is None without a separator."""

    validator: Validator
    guard: VocalGuard | None
    stop_requests: StopRequests


@dataclass(frozen=True)
class StepSums:
    """Sums over the chunks of a step, of one process or of all.

    `ctc_nats` and `guard_db` are the losses before division by `num_symbols` and `num_chunks`; `num_stops` and
    `num_saves` count processes that were asked to stop or to save a checkpoint.
    """

    ctc_nats: float
    guard_db: float
    num_symbols: float
    _: KW_ONLY
    num_chunks: float
    audio_s: float
    num_unreadable: float
    num_stops: float
    num_saves: float

    def over_processes(self, accelerator: Accelerator) -> StepSums:
        """The sums of all processes' sums."""
        own = asdict(self)
        # MPS has no float64.
        dtype = torch.float64 if accelerator.device.type != "mps" else torch.float32
        total = accelerator.reduce(torch.tensor(list(own.values()), dtype=dtype).to(accelerator.device), "sum")
        return StepSums(**dict(zip(own, total.tolist(), strict=True)))


@dataclass(frozen=True)
class Outcome:
    """How a run ended: the steps done, the last validation, and the signal that stopped it (0: none).

    `overfitted`: a run with `engine.overfit` recognises its chunks without an error.
    """

    step: int
    metrics: ValidationMetrics | None
    stopped_by: int = 0
    _: KW_ONLY
    overfitted: bool = False


class Trainer:
    """Runs the steps of a run, with validations and checkpoints between them."""

    def __init__(self, config: TrainConfig, training: Training, records: Records, control: Control) -> None:
        self._config, self._records, self._control = config, records, control
        self._state, self._examples, self._accelerator = training.state, training.examples, training.accelerator
        self._unreadable: set[str] = set()
        self._plan = BatchPlan(
            [row.duration_s for row in self._examples.rows],
            config.data.batch_s,
            config.data.bucket,
            seed=config.engine.seed,
            num_processes=self._accelerator.num_processes,
        )

    def fit(self) -> Outcome:
        """Train until all steps are done, the chunks are overfitted, or a signal asks to stop.

        Raises TrainingError when the loss is not finite, DataError when no audio file can be read, OutputError when a
        checkpoint cannot be written; the last checkpoint is then unchanged.
        """
        state = self._state
        self._begin()
        while state.position.step < self._config.engine.steps:
            for group in self._groups():
                if state.freezing.changes_at(state.position.step):
                    trained = state.unfreeze()
                    self._records.recorder.note(f"step {state.position.step}: training {', '.join(trained)}")
                sums = self._step(group)
                stopped = sums.num_stops > 0
                self._after_step(stopped=stopped, asked_to_save=sums.num_saves > 0)
                if stopped or self._is_overfitted() or state.position.step >= self._config.engine.steps:
                    return self._outcome(stopped=stopped)
            self._next_epoch()
        return self._outcome(stopped=False)

    def _begin(self) -> None:
        """Try two validation batches, so that errors show at once, and compute the vocals to compare with."""
        state = self._state
        with keeping_random_state(self._accelerator.device):
            self._control.validator.run(state.whole, self._accelerator, state.position.step, num_batches=2)
            if self._control.guard is not None:
                self._control.guard.begin(state.whole, self._accelerator, resumed=state.position.step > 0)
        state.freezing.set_training()
        self._clock = time.monotonic()

    def _groups(self) -> Iterator[list[Batch]]:
        """The batches of each step for the rest of the epoch."""
        position = self._state.position
        batches = iter(
            loader(
                self._examples,
                self._plan,
                self._config.data.num_workers,
                rank=self._accelerator.process_index,
                epoch=position.epoch,
                first_batch=position.batch,
            )
        )
        while group := list(islice(batches, self._config.engine.accumulate)):
            yield group

    def _next_epoch(self) -> None:
        if self._state.num_unreadable >= len(self._examples) * (self._state.position.epoch + 1):
            raise DataError(
                "no audio file of the training chunks can be read", "Check that they are where the manifest says."
            )
        self._state.position = self._state.position.next_epoch()

    def _step(self, group: Sequence[Batch]) -> StepSums:
        self._warn_of_unreadable(group)
        sums = self._backward(group).over_processes(self._accelerator)
        self._check_loss(sums)
        gradient_norm = self._update_weights(sums)
        self._state.position = self._state.position.after_step(len(group))
        self._state.num_unreadable += int(sums.num_unreadable)
        if sums.num_saves:
            self._control.stop_requests.checkpoint = False
        self._record(sums, gradient_norm)
        return sums

    def _warn_of_unreadable(self, group: Sequence[Batch]) -> None:
        """Warn once of each audio file that cannot be read."""
        if not any(batch.num_unreadable for batch in group):
            return
        rows = [row for batch in group for row, labels in zip(batch.rows, batch.num_labels, strict=True) if not labels]
        for name in sorted({row.audio for row in rows} - self._unreadable):
            self._records.recorder.warn(f"{name} cannot be read: its chunks are skipped and counted")
            self._unreadable.add(name)

    def _backward(self, group: Sequence[Batch]) -> StepSums:
        """Accumulate the gradients of a step's batches; returns the sums on this process.

        Accelerate averages gradients over processes, so the loss, divided by the totals of all processes, is scaled by
        their number first.
        """
        accelerator, weight = self._accelerator, self._config.guard.weight
        num_symbols = sum(int(batch.num_labels.sum()) for batch in group)
        num_chunks = sum(len(batch.rows) for batch in group)
        counts = torch.tensor([float(num_symbols), float(num_chunks)], device=accelerator.device)
        all_symbols, all_chunks = accelerator.reduce(counts, "sum").clamp(min=1)
        ctc_nats = guard_db = 0.0
        for i, batch in enumerate(group):
            is_last = i == len(group) - 1
            with contextlib.nullcontext() if is_last else accelerator.no_sync(self._state.module):
                with accelerator.autocast():
                    losses = losses_of(self._state.module, batch.to(accelerator.device))
                loss = losses.ctc / all_symbols + weight * losses.guard / all_chunks
                accelerator.backward(loss * accelerator.num_processes)
            ctc_nats += float(losses.ctc.detach())
            guard_db += float(losses.guard.detach())
        requests = self._control.stop_requests
        return StepSums(
            ctc_nats,
            guard_db,
            num_symbols,
            num_chunks=num_chunks,
            audio_s=sum(float(batch.num_samples.sum()) for batch in group) / self._examples.sample_rate,
            num_unreadable=sum(batch.num_unreadable for batch in group),
            # Summed with the rest, so that all processes act on a signal at the same step.
            num_stops=bool(requests.stop_signal),
            num_saves=requests.checkpoint,
        )

    def _check_loss(self, sums: StepSums) -> None:
        loss = sums.ctc_nats + sums.guard_db
        if not math.isfinite(loss):
            last = self._records.checkpoints.last()
            raise TrainingError(
                f"the loss of step {self._state.position.step + 1} is {loss}; the weights were not changed",
                "Lower the learning rates (--set optimizer.head_rate=...), or use --precision no"
                + (f"; the last good checkpoint is {last.name}." if last else "."),
            )

    def _update_weights(self, sums: StepSums) -> float:
        """Update the weights; returns the norm of the gradient before clipping."""
        norm = self._accelerator.clip_grad_norm_(self._state.module.parameters(), self._config.optimizer.max_norm)
        if sums.num_symbols:
            self._state.stepper.step()
        self._state.stepper.zero_grad(set_to_none=True)
        self._state.schedule.step()
        return float(norm) if norm is not None else 0.0

    def _record(self, sums: StepSums, gradient_norm: float) -> None:
        seconds = time.monotonic() - self._clock
        self._clock = time.monotonic()
        ctc, guard_db = sums.ctc_nats / max(sums.num_symbols, 1), sums.guard_db / max(sums.num_chunks, 1)
        metrics = StepMetrics(
            self._state.position.step,
            self._state.position.epoch,
            ctc + self._config.guard.weight * guard_db,
            ctc=ctc,
            guard_db=guard_db,
            gradient_norm=gradient_norm,
            rates=self._state.learning_rates(),
            items_per_s=sums.num_chunks / seconds,
            audio_s_per_s=sums.audio_s / seconds,
            num_unreadable=self._state.num_unreadable,
        )
        self._records.recorder.step(metrics, self._config.engine.steps)

    def _after_step(self, *, stopped: bool, asked_to_save: bool) -> None:
        """Validate and save a checkpoint where they are due."""
        step = self._state.position.step
        is_last = stopped or step >= self._config.engine.steps
        is_best = False
        if step % self._config.validation.every == 0 or (is_last and not stopped):
            is_best = self._validate()
        is_due = step % self._config.checkpoint.every == 0
        if is_due or is_best or is_last or asked_to_save or self._is_overfitted():
            self._state.save(self._records.checkpoints, is_best=is_best)
            self._records.recorder.note(f"saved {self._records.checkpoints.path(step)}")

    def _validate(self) -> bool:
        """Validate; returns whether the model is the best so far. Training draws the same random numbers after it."""
        state, control = self._state, self._control
        with keeping_random_state(self._accelerator.device):
            metrics = control.validator.run(state.whole, self._accelerator, state.position.step)
            if control.guard is not None:
                metrics = metrics.with_si_sdr(control.guard.measure(state.whole, self._accelerator))
        state.freezing.set_training()
        self._clock = time.monotonic()
        self._records.recorder.validated(metrics)
        state.metrics = metrics
        is_best = state.best_wer is None or metrics.best_wer < state.best_wer
        if is_best:
            state.best_wer = metrics.best_wer
        return is_best

    def _is_overfitted(self) -> bool:
        metrics = self._state.metrics
        if not self._config.engine.overfit or metrics is None:
            return False
        return metrics.best_wer == 0 and metrics.ctc < _OVERFITTED_NATS

    def _outcome(self, *, stopped: bool) -> Outcome:
        # Another process may be the one that received the signal.
        stopped_by = (self._control.stop_requests.stop_signal or signal.SIGTERM) if stopped else 0
        return Outcome(self._state.position.step, self._state.metrics, stopped_by, overfitted=self._is_overfitted())
