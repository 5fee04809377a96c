"""The training loop, on one process or many (Hugging Face Accelerate), resumable at any step."""

from __future__ import annotations

import contextlib
import math
import signal
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import torch
from accelerate import Accelerator
from accelerate.utils import DistributedType, gather_object
from torch import Tensor, nn
from torch.distributed.checkpoint.state_dict import (
    StateDictOptions,
    get_model_state_dict,
    get_optimizer_state_dict,
    set_optimizer_state_dict,
)

from lyricsrec.errors import DataError, TrainingError
from lyricsrec.training.batches import BatchPlan, loader
from lyricsrec.training.chance import (
    random_state,
    read_random_state,
    set_random_state,
    write_random_state,
)
from lyricsrec.training.checkpoint import STATE, Checkpoints, Position, TrainingState, read_state, write_state
from lyricsrec.training.config import TrainConfig
from lyricsrec.training.examples import Batch, ChunkExamples
from lyricsrec.training.guard import VoiceGuard
from lyricsrec.training.learner import Learner
from lyricsrec.training.metrics import StepFigures, ValidationFigures
from lyricsrec.training.module import TrainingModule, losses_of
from lyricsrec.training.optimizer import make_optimizer, make_schedule
from lyricsrec.training.parts import Freezing
from lyricsrec.training.recorder import Recorder
from lyricsrec.training.settings_file import write_config
from lyricsrec.training.signals import Wishes
from lyricsrec.training.validate import Validator, with_voice

_WHOLE = StateDictOptions(full_state_dict=True, cpu_offload=True)
_LEARNED_NATS = 0.05


@dataclass(frozen=True)
class Sums:
    """What a step adds up over all processes before anything is divided."""

    ctc: float
    guard: float
    symbols: float
    chunks: float
    audio_s: float
    unreadable: float
    stop: float
    save: float

    @classmethod
    def over(cls, accelerator: Accelerator, values: Sequence[float]) -> Sums:
        """The sums of every process's values."""
        own = torch.tensor(values, dtype=torch.float64 if accelerator.device.type != "mps" else torch.float32)
        return cls(*accelerator.reduce(own.to(accelerator.device), "sum").tolist())


@dataclass(frozen=True)
class Outcome:
    """How a run ended: the steps done, the last validation, the signal that stopped it (0: none).

    `learned` says whether an overfitting run has learnt its chunks by heart.
    """

    step: int
    figures: ValidationFigures | None
    stopped_by: int = 0
    learned: bool = False


class Trainer:
    """One run: the model, its optimizer, and where it stands."""

    def __init__(
        self,
        config: TrainConfig,
        learner: Learner,
        examples: ChunkExamples,
        validator: Validator,
        guard: VoiceGuard | None,
        accelerator: Accelerator,
        checkpoints: Checkpoints,
        recorder: Recorder,
        wishes: Wishes,
    ) -> None:
        self._config, self._learner, self._examples = config, learner, examples
        self._validator, self._guard, self._accelerator = validator, guard, accelerator
        self._checkpoints, self._recorder, self._wishes = checkpoints, recorder, wishes
        self._plan = BatchPlan(
            [row.duration_s for row in examples.rows],
            config.data.batch_s,
            config.data.bucket,
            config.engine.seed,
            accelerator.num_processes,
        )
        self._freezing = Freezing(config.freeze, learner.acoustic)
        self._position = Position()
        self._num_unreadable = 0
        self._best_wer: float | None = None
        self._figures: ValidationFigures | None = None
        self._plain = TrainingModule(learner.acoustic, learner.vocabulary.blank, config.guard)
        self._optimizer = make_optimizer(learner.acoustic, config.optimizer)
        self._schedule = make_schedule(self._optimizer, config.optimizer, config.engine.steps)

    def fit(self, resume_from: Checkpoints | None = None) -> Outcome:
        """Train until all steps are done, the chunks to overfit are learnt, or a signal asks to stop.

        Raises TrainingError when the loss is no number any more, OutputError when a checkpoint cannot be written; the
        last checkpoint stays as it was.
        """
        self._freezing.apply(self._start(resume_from))
        self._module, self._prepared = self._accelerator.prepare(self._plain, self._optimizer)
        if resume_from is not None:
            self._restore(resume_from)
        self._begin()
        done = self._position.step
        while done < self._config.engine.steps:
            for group in self._groups():
                if self._freezing.changes_at(self._position.step):
                    self._unfreeze()
                sums = self._step(group)
                done = self._position.step
                self._after_step(sums)
                if sums.stop or self._has_learned() or done >= self._config.engine.steps:
                    return self._end(stopped=sums.stop > 0)
            self._next_epoch()
        return self._end(stopped=False)

    def _start(self, resume_from: Checkpoints | None) -> int:
        """Load weights before the model is spread over processes; returns the step to begin at."""
        last = resume_from.last() if resume_from is not None else None
        if last is None:
            return 0
        self._learner.load_weights(last)
        return read_state(last).position.step

    def _restore(self, resume_from: Checkpoints) -> None:
        last = resume_from.last()
        if last is None:
            return
        state = read_state(last)
        set_optimizer_state_dict(self._stateful(), self._optimizer, dict(state.optimizer), options=_WHOLE)
        self._schedule.load_state_dict(dict(state.schedule))
        if self._accelerator.scaler is not None and state.scaler:
            self._accelerator.scaler.load_state_dict(dict(state.scaler))
        self._position, self._best_wer = state.position, state.best_wer
        self._num_unreadable = state.num_unreadable
        own = read_random_state(last / STATE, self._accelerator.process_index)
        if own is not None:
            set_random_state(own, self._accelerator.device)

    def _begin(self) -> None:
        """Fail now rather than after an hour: two batches of validation, and the voice to compare to."""
        kept = random_state(self._accelerator.device)
        self._validator.run(self._module, self._accelerator, self._position.step, num_batches=2)
        if self._guard is not None:
            self._guard.begin(self._module, self._accelerator)
        set_random_state(kept, self._accelerator.device)
        self._freezing.set_training()
        self._started, self._shown = time.monotonic(), self._position.step

    def _groups(self) -> Iterator[list[Batch]]:
        """The batches of each step for the rest of the epoch."""
        accelerator = self._accelerator
        batches = iter(
            loader(
                self._examples,
                self._plan,
                accelerator.process_index,
                self._position.epoch,
                self._position.batch,
                self._config.data.num_workers,
            )
        )
        while group := list(islice(batches, self._config.engine.accumulate)):
            yield group

    def _next_epoch(self) -> None:
        if self._num_unreadable and self._num_unreadable >= len(self._examples) * (self._position.epoch + 1):
            raise DataError("none of the chunks' files can be read", "Are they where the manifest says they are?")
        self._position = Position(self._position.step, self._position.epoch + 1, 0)

    def _step(self, group: Sequence[Batch]) -> Sums:
        started = time.monotonic()
        own = [batch.to(self._accelerator.device) for batch in group]
        labels, chunks = (sum(int(batch.num_labels.sum()) for batch in group), sum(len(batch.rows) for batch in group))
        totals = self._accelerator.reduce(
            torch.tensor([float(labels), float(chunks)], device=self._accelerator.device), "sum"
        ).clamp(min=1)
        ctc, guard = self._gradients(own, totals)
        audio_s = sum(float(batch.num_samples.sum()) for batch in group) / self._learner.acoustic.sample_rate
        unreadable = sum(batch.num_unreadable for batch in group)
        # The signals ride along, so that all processes heed them at the same step.
        stop, save = float(self._wishes.stop), float(self._wishes.save)
        sums = Sums.over(
            self._accelerator,
            [ctc, guard, float(labels), float(chunks), audio_s, float(unreadable), stop, save],
        )
        self._check(sums)
        norm = self._move(sums)
        self._position = Position(self._position.step + 1, self._position.epoch, self._position.batch + len(group))
        self._num_unreadable += int(sums.unreadable)
        self._wishes.save = False
        self._show(sums, norm, time.monotonic() - started)
        return sums

    def _gradients(self, group: Sequence[Batch], totals: Tensor) -> tuple[float, float]:
        """Add up the gradients of a step's batches; sums of both losses on this process.

        Engines average gradients over processes: what is summed and divided by the total must be scaled up by
        their number first.
        """
        ctc = guard = 0.0
        weight = self._config.guard.weight
        for i, batch in enumerate(group):
            last = i == len(group) - 1
            with self._accelerator.no_sync(self._module) if not last else contextlib.nullcontext():
                with self._accelerator.autocast():
                    losses = losses_of(self._module, batch)
                loss = losses.ctc / totals[0] + weight * losses.guard / totals[1]
                self._accelerator.backward(loss * self._accelerator.num_processes)
            ctc += float(losses.ctc)
            guard += float(losses.guard)
        return ctc, guard

    def _check(self, sums: Sums) -> None:
        if not math.isfinite(sums.ctc + sums.guard):
            last = self._checkpoints.last()
            raise TrainingError(
                f"the loss of step {self._position.step + 1} is {sums.ctc + sums.guard}; nothing was changed by it",
                "Lower the learning rates (--set optimizer.head_rate=...), or use --precision no"
                + (f"; the last good checkpoint is {last.name}." if last else "."),
            )

    def _move(self, sums: Sums) -> float:
        """Make the step; returns the length of the gradient before it was shortened."""
        config = self._config.optimizer
        norm = self._accelerator.clip_grad_norm_(self._module.parameters(), config.max_norm)
        if sums.symbols:
            self._prepared.step()
        self._prepared.zero_grad(set_to_none=True)
        self._schedule.step()
        return float(norm) if norm is not None else 0.0

    def _show(self, sums: Sums, norm: float, seconds: float) -> None:
        ctc, guard_db = sums.ctc / max(sums.symbols, 1), sums.guard / max(sums.chunks, 1)
        rates = {group["part"]: group["lr"] for group in self._optimizer.param_groups}
        learning = {
            group["part"] for group in self._optimizer.param_groups if any(p.requires_grad for p in group["params"])
        }
        figures = StepFigures(
            self._position.step,
            self._position.epoch,
            ctc + self._config.guard.weight * guard_db,
            ctc,
            guard_db,
            norm,
            {part: rate if part in learning else 0.0 for part, rate in rates.items()},
            sums.chunks / seconds,
            sums.audio_s / seconds,
            self._num_unreadable,
        )
        self._recorder.step(figures, self._config.engine.steps)

    def _after_step(self, sums: Sums) -> None:
        step = self._position.step
        last = step >= self._config.engine.steps or sums.stop > 0
        is_best = False
        if step % self._config.validation.every == 0 or (last and not sums.stop):
            is_best = self._validate()
        if is_best or last or sums.save or step % self._config.checkpoint.every == 0 or self._has_learned():
            self._save(is_best=is_best)

    def _validate(self) -> bool:
        """Measure, and say whether the model is the best so far. What is drawn here by chance changes nothing."""
        kept = random_state(self._accelerator.device)
        figures = self._validator.run(self._module, self._accelerator, self._position.step)
        if self._guard is not None:
            figures = with_voice(figures, self._guard.measure(self._module, self._accelerator))
        set_random_state(kept, self._accelerator.device)
        self._freezing.set_training()
        self._recorder.validated(figures)
        self._figures = figures
        is_best = self._best_wer is None or figures.best_wer < self._best_wer
        if is_best:
            self._best_wer = figures.best_wer
        return is_best

    def _save(self, *, is_best: bool) -> None:
        accelerator = self._accelerator
        sharded = accelerator.distributed_type == DistributedType.FSDP
        weights = get_model_state_dict(self._stateful(), options=_WHOLE) if sharded else None
        optimizer = get_optimizer_state_dict(self._stateful(), self._optimizer, options=_WHOLE)
        own = random_state(accelerator.device)
        states = gather_object([own]) if accelerator.num_processes > 1 else [own]
        if accelerator.is_main_process:
            scaler = accelerator.scaler.state_dict() if accelerator.scaler is not None else {}
            state = TrainingState(
                self._position,
                optimizer,
                self._schedule.state_dict(),
                scaler,
                self._figures.flat() if self._figures else {},
                self._best_wer,
                self._num_unreadable,
            )
            acoustic = {k.removeprefix("acoustic."): v for k, v in weights.items()} if weights else None
            with self._checkpoints.writing(self._position.step, is_best=is_best) as folder:
                self._learner.save(folder, acoustic)
                write_config(self._config, folder)
                write_state(folder, state)
                for rank, random in enumerate(states):
                    write_random_state(random, folder / STATE, rank)
            self._recorder.note(f"saved {self._checkpoints.path(self._position.step)}")
        accelerator.wait_for_everyone()

    def _stateful(self) -> nn.Module:
        """The module whose parameters the optimizer knows."""
        if self._accelerator.distributed_type == DistributedType.FSDP:
            return self._module
        return self._plain

    def _unfreeze(self) -> None:
        """Let more parts learn from here on; an engine must be told, as it only syncs what learnt when it began."""
        learning = self._freezing.apply(self._position.step)
        self._recorder.note(f"step {self._position.step}: learning {', '.join(learning)}")
        if self._accelerator.num_processes > 1:
            plain = self._accelerator.unwrap_model(self._module, keep_fp32_wrapper=False)
            self._module = self._accelerator.prepare_model(plain)
        self._freezing.set_training()

    def _has_learned(self) -> bool:
        if not self._config.engine.overfit or self._figures is None:
            return False
        return self._figures.best_wer == 0 and self._figures.ctc < _LEARNED_NATS

    def _end(self, *, stopped: bool) -> Outcome:
        # Another process may be the one that was asked.
        stopped_by = (self._wishes.stop or signal.SIGTERM) if stopped else 0
        return Outcome(self._position.step, self._figures, stopped_by, self._has_learned())
