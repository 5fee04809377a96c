"""The training loop, on one process or many (Hugging Face Accelerate), resumable at any step."""

from __future__ import annotations

import contextlib
import math
import signal
import time
from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, dataclass
from itertools import islice

import torch
from accelerate import Accelerator
from torch import Tensor

from lyricsrec.base.errors import DataError, TrainingError
from lyricsrec.training.data.batches import BatchPlan, loader
from lyricsrec.training.data.examples import Batch, ChunkExamples
from lyricsrec.training.log.metrics import StepFigures, ValidationFigures
from lyricsrec.training.log.recorder import Recorder
from lyricsrec.training.model.guard import VoiceGuard
from lyricsrec.training.model.learner import Learner
from lyricsrec.training.model.module import losses_of
from lyricsrec.training.settings import TrainConfig
from lyricsrec.training.state.checkpoint import Checkpoints, Position
from lyricsrec.training.state.random_state import random_state, set_random_state
from lyricsrec.training.state.run_state import RunState
from lyricsrec.training.stop_requests import Wishes
from lyricsrec.training.validate import Validator, with_voice

_LEARNED_NATS = 0.05


@dataclass(frozen=True)
class Sums:
    """What a step adds up over all processes before anything is divided."""

    ctc: float
    guard: float
    symbols: float
    _: KW_ONLY
    chunks: float
    audio_s: float
    unreadable: float
    stop: float
    save: float

    @classmethod
    def over(cls, accelerator: Accelerator, values: Sequence[float]) -> Sums:
        """The sums of every process's values."""
        own = torch.tensor(values, dtype=torch.float64 if accelerator.device.type != "mps" else torch.float32)
        sums = accelerator.reduce(own.to(accelerator.device), "sum").tolist()
        return cls(**dict(zip(cls.__dataclass_fields__, sums, strict=True)))


@dataclass(frozen=True)
class Outcome:
    """How a run ended: the steps done, the last validation, the signal that stopped it (0: none).

    `learned` says whether an overfitting run has learnt its chunks by heart.
    """

    step: int
    figures: ValidationFigures | None
    stopped_by: int = 0
    _: KW_ONLY
    learned: bool = False


class Trainer:
    """Makes the steps of a run, and measures and saves in between."""

    def __init__(
        self,
        config: TrainConfig,
        learner: Learner,
        state: RunState,
        examples: ChunkExamples,
        validator: Validator,
        guard: VoiceGuard | None,
        accelerator: Accelerator,
        checkpoints: Checkpoints,
        recorder: Recorder,
        wishes: Wishes,
    ) -> None:
        self._config, self._state, self._examples = config, state, examples
        self._validator, self._guard, self._accelerator = validator, guard, accelerator
        self._checkpoints, self._recorder, self._wishes = checkpoints, recorder, wishes
        self._sample_rate = learner.acoustic.sample_rate
        self._unreadable: set[str] = set()
        self._plan = BatchPlan(
            [row.duration_s for row in examples.rows],
            config.data.batch_s,
            config.data.bucket,
            seed=config.engine.seed,
            num_processes=accelerator.num_processes,
        )

    def fit(self) -> Outcome:
        """Train until all steps are done, the chunks to overfit are learnt, or a signal asks to stop.

        Raises TrainingError when the loss is no number any more, OutputError when a checkpoint cannot be written; the
        last checkpoint stays as it was.
        """
        state = self._state
        self._begin()
        while state.position.step < self._config.engine.steps:
            for group in self._groups():
                if state.freezing.changes_at(state.position.step):
                    learning = state.unfreeze()
                    self._recorder.note(f"step {state.position.step}: learning {', '.join(learning)}")
                sums = self._step(group)
                self._after_step(sums)
                if sums.stop or self._has_learned() or state.position.step >= self._config.engine.steps:
                    return self._end(stopped=sums.stop > 0)
            self._next_epoch()
        return self._end(stopped=False)

    def _begin(self) -> None:
        """Fail now rather than after an hour: two batches of validation, and the voice to compare to."""
        kept = random_state(self._accelerator.device)
        self._validator.run(self._state.whole, self._accelerator, self._state.position.step, num_batches=2)
        if self._guard is not None:
            self._guard.begin(self._state.whole, self._accelerator, resumed=self._state.position.step > 0)
        set_random_state(kept, self._accelerator.device)
        self._state.freezing.set_training()
        self._clock = time.monotonic()

    def _groups(self) -> Iterator[list[Batch]]:
        """The batches of each step for the rest of the epoch."""
        accelerator = self._accelerator
        batches = iter(
            loader(
                self._examples,
                self._plan,
                accelerator.process_index,
                self._state.position.epoch,
                self._state.position.batch,
                self._config.data.num_workers,
            )
        )
        while group := list(islice(batches, self._config.engine.accumulate)):
            yield group

    def _next_epoch(self) -> None:
        position = self._state.position
        if self._state.num_unreadable >= len(self._examples) * (position.epoch + 1):
            raise DataError("none of the chunks' files can be read", "Are they where the manifest says they are?")
        self._state.position = Position(position.step, position.epoch + 1, 0)

    def _step(self, group: Sequence[Batch]) -> Sums:
        own = [batch.to(self._accelerator.device) for batch in group]
        labels, chunks = (sum(int(batch.num_labels.sum()) for batch in group), sum(len(batch.rows) for batch in group))
        totals = self._accelerator.reduce(
            torch.tensor([float(labels), float(chunks)], device=self._accelerator.device), "sum"
        ).clamp(min=1)
        ctc, guard = self._gradients(own, totals)
        audio_s = sum(float(batch.num_samples.sum()) for batch in group) / self._sample_rate
        unreadable = sum(batch.num_unreadable for batch in group)
        if unreadable:
            self._name_unreadable(group)
        # The signals ride along, so that all processes heed them at the same step.
        stop, save = float(self._wishes.stop), float(self._wishes.save)
        sums = Sums.over(
            self._accelerator,
            [ctc, guard, float(labels), float(chunks), audio_s, float(unreadable), stop, save],
        )
        self._check(sums)
        norm = self._move(sums)
        done = self._state.position
        self._state.position = Position(done.step + 1, done.epoch, done.batch + len(group))
        self._state.num_unreadable += int(sums.unreadable)
        if sums.save:
            self._wishes.save = False
        self._show(sums, norm)
        return sums

    def _name_unreadable(self, group: Sequence[Batch]) -> None:
        """Say once of each file that it cannot be read."""
        rows = [row for batch in group for row, labels in zip(batch.rows, batch.num_labels, strict=True) if not labels]
        for name in sorted({row.audio for row in rows} - self._unreadable):
            self._recorder.warn(f"{name} cannot be read: its chunks are skipped and counted")
            self._unreadable.add(name)

    def _gradients(self, group: Sequence[Batch], totals: Tensor) -> tuple[float, float]:
        """Add up the gradients of a step's batches; sums of both losses on this process.

        Engines average gradients over processes: what is summed and divided by the total must be scaled up by
        their number first.
        """
        ctc = guard = 0.0
        weight = self._config.guard.weight
        for i, batch in enumerate(group):
            last = i == len(group) - 1
            with self._accelerator.no_sync(self._state.module) if not last else contextlib.nullcontext():
                with self._accelerator.autocast():
                    losses = losses_of(self._state.module, batch)
                loss = losses.ctc / totals[0] + weight * losses.guard / totals[1]
                self._accelerator.backward(loss * self._accelerator.num_processes)
            ctc += float(losses.ctc.detach())
            guard += float(losses.guard.detach())
        return ctc, guard

    def _check(self, sums: Sums) -> None:
        if not math.isfinite(sums.ctc + sums.guard):
            last = self._checkpoints.last()
            raise TrainingError(
                f"the loss of step {self._state.position.step + 1} is {sums.ctc + sums.guard}; it changed nothing",
                "Lower the learning rates (--set optimizer.head_rate=...), or use --precision no"
                + (f"; the last good checkpoint is {last.name}." if last else "."),
            )

    def _move(self, sums: Sums) -> float:
        """Make the step; returns the length of the gradient before it was shortened."""
        config = self._config.optimizer
        norm = self._accelerator.clip_grad_norm_(self._state.module.parameters(), config.max_norm)
        if sums.symbols:
            self._state.stepper.step()
        self._state.stepper.zero_grad(set_to_none=True)
        self._state.schedule.step()
        return float(norm) if norm is not None else 0.0

    def _show(self, sums: Sums, norm: float) -> None:
        seconds = time.monotonic() - self._clock
        self._clock = time.monotonic()
        ctc, guard_db = sums.ctc / max(sums.symbols, 1), sums.guard / max(sums.chunks, 1)
        rates = {group["part"]: group["lr"] for group in self._state.optimizer.param_groups}
        learning = {
            group["part"]
            for group in self._state.optimizer.param_groups
            if any(p.requires_grad for p in group["params"])
        }
        figures = StepFigures(
            self._state.position.step,
            self._state.position.epoch,
            ctc + self._config.guard.weight * guard_db,
            ctc=ctc,
            guard_db=guard_db,
            gradient_norm=norm,
            rates={part: rate if part in learning else 0.0 for part, rate in rates.items()},
            items_per_s=sums.chunks / seconds,
            audio_s_per_s=sums.audio_s / seconds,
            num_unreadable=self._state.num_unreadable,
        )
        self._recorder.step(figures, self._config.engine.steps)

    def _after_step(self, sums: Sums) -> None:
        step = self._state.position.step
        last = step >= self._config.engine.steps or sums.stop > 0
        is_best = False
        if step % self._config.validation.every == 0 or (last and not sums.stop):
            is_best = self._validate()
        if is_best or last or sums.save or step % self._config.checkpoint.every == 0 or self._has_learned():
            self._state.save(self._checkpoints, is_best=is_best)
            self._recorder.note(f"saved {self._checkpoints.path(step)}")

    def _validate(self) -> bool:
        """Measure, and say whether the model is the best so far. What is drawn here by chance changes nothing."""
        kept = random_state(self._accelerator.device)
        figures = self._validator.run(self._state.whole, self._accelerator, self._state.position.step)
        if self._guard is not None:
            figures = with_voice(figures, self._guard.measure(self._state.whole, self._accelerator))
        set_random_state(kept, self._accelerator.device)
        self._state.freezing.set_training()
        self._clock = time.monotonic()
        self._recorder.validated(figures)
        self._state.figures = figures
        is_best = self._state.best_wer is None or figures.best_wer < self._state.best_wer
        if is_best:
            self._state.best_wer = figures.best_wer
        return is_best

    def _has_learned(self) -> bool:
        if not self._config.engine.overfit or self._state.figures is None:
            return False
        return self._state.figures.best_wer == 0 and self._state.figures.ctc < _LEARNED_NATS

    def _end(self, *, stopped: bool) -> Outcome:
        # Another process may be the one that was asked.
        stopped_by = (self._wishes.stop or signal.SIGTERM) if stopped else 0
        return Outcome(self._state.position.step, self._state.figures, stopped_by, learned=self._has_learned())
