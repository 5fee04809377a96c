"""One step of training: the gradients of its batches, and the update of the weights."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Sequence
from dataclasses import KW_ONLY, asdict, dataclass

import torch
from accelerate import Accelerator
from torch import Tensor

from lyricsrec.base.errors import TrainingError
from lyricsrec.training.data.examples import Batch
from lyricsrec.training.data.stems import StemBatch
from lyricsrec.training.log.profile import Profile
from lyricsrec.training.model.module import losses_of, stem_losses_of
from lyricsrec.training.optimization.clipping import clip_gradients
from lyricsrec.training.settings import TrainConfig
from lyricsrec.training.state.run_state import RunState
from lyricsrec.training.stop_requests import StopRequests

_MOST_SKIPPED, _MOST_SKIPPED_FP16 = 3, 30
"""Steps in a row without finite gradients that end a run; in fp16 the first ones find the scale of the loss."""


@dataclass(frozen=True)
class StepSums:
    """Sums over the chunks of a step, of one process or of all.

    `ctc_nats`, `guard_db` and `stem_loss` are the losses before division by `num_symbols`, `num_chunks` and
    `num_stems` (excerpts with true vocals); `num_infinite` chunks have more symbols than frames; `num_stops` and
    `num_saves` count processes that were asked to stop or to save a checkpoint.
    """

    ctc_nats: float
    guard_db: float
    num_symbols: float
    _: KW_ONLY
    num_chunks: float
    audio_s: float
    stem_loss: float
    num_stems: float
    num_infinite: float
    num_unreadable: float
    num_stops: float
    num_saves: float

    @property
    def ctc(self) -> float:
        """The CTC loss in nats per symbol."""
        return self.ctc_nats / max(self.num_symbols, 1)

    @property
    def guard(self) -> float:
        """Decibels below the guard's floor, the mean over chunks."""
        return self.guard_db / max(self.num_chunks, 1)

    @property
    def stems(self) -> float:
        """The loss on true stems, the mean over excerpts; 0 without any."""
        return self.stem_loss / max(self.num_stems, 1)

    def over_processes(self, accelerator: Accelerator) -> StepSums:
        """The sums of all processes' sums."""
        own = asdict(self)
        # MPS has no float64.
        dtype = torch.float64 if accelerator.device.type != "mps" else torch.float32
        total = accelerator.reduce(torch.tensor(list(own.values()), dtype=dtype).to(accelerator.device), "sum")
        return StepSums(**dict(zip(own, total.tolist(), strict=True)))


class Stepper:
    """Makes the steps of a run; `audio_rate` is the sample rate of the batches."""

    def __init__(
        self,
        config: TrainConfig,
        state: RunState,
        accelerator: Accelerator,
        *,
        requests: StopRequests,
        audio_rate: int,
        profile: Profile | None = None,
    ) -> None:
        self._config, self._state, self._accelerator = config, state, accelerator
        self._profile = profile or Profile(accelerator.device, config.engine.precision)
        self._requests, self._audio_rate = requests, audio_rate
        self._skipped = 0

    def step(self, group: Sequence[Batch], stems: StemBatch | None = None) -> tuple[StepSums, float | None]:
        """Train on the batches of a step; returns the sums of all processes, and the gradient's norm before clipping.

        Excerpts with true vocals, `stems`, count where the separator is trained.

        A step whose gradients are not finite leaves the weights as they are, is counted, and has the norm None. Raises
        TrainingError when the loss is not finite, or too many such steps follow each other.
        """
        audio_s = sum(float(batch.num_samples.sum()) for batch in group) / self._audio_rate
        with self._profile.counting(audio_s):
            own = self._backward(group, stems if self._state.trains_separator else None)
        sums = own.over_processes(self._accelerator)
        total = sums.ctc_nats + sums.guard_db + sums.stem_loss
        if not math.isfinite(total):
            raise self._diverged(f"the loss of step {self._state.position.step + 1} is {total}")
        is_update = sums.num_symbols + sums.num_stems > 0
        with self._profile.section("optimizer"):
            norm = self._update_weights() if is_update else 0.0
            if norm is not None and is_update and self._state.average is not None:
                self._state.average.update()
        self._state.stepper.zero_grad(set_to_none=True)
        self._state.position = self._state.position.after_step(len(group))
        self._state.schedule.apply(self._state.position.step)
        self._state.num_unreadable += int(sums.num_unreadable)
        if sums.num_saves:
            self._requests.checkpoint = False
        return sums, norm

    def _backward(self, group: Sequence[Batch], stems: StemBatch | None) -> StepSums:
        """Accumulate the gradients of a step's batches; returns the sums on this process.

        Accelerate averages gradients over processes, so the loss, divided by the totals of all processes, is scaled by
        their number first.
        """
        accelerator, weight = self._accelerator, self._config.guard.weight
        num_symbols = sum(int(batch.num_labels.sum()) for batch in group)
        num_chunks = sum(len(batch.rows) for batch in group)
        counted = stems.counts(self._config.stems.loss) if stems is not None else torch.zeros(0)
        num_stems = int(counted.sum())
        counts = torch.tensor([float(num_symbols), float(num_chunks), float(num_stems)], device=accelerator.device)
        all_symbols, all_chunks, all_stems = accelerator.reduce(counts, "sum").clamp(min=1)
        # Distributed wrappers wait for the gradients of all weights with the last batch, so that this comes first.
        stem_loss = self._backward_stems(stems, counted, all_stems) if stems is not None else 0.0
        ctc_nats = guard_db = 0.0
        num_infinite = 0
        for i, batch in enumerate(group):
            is_last = i == len(group) - 1
            with contextlib.nullcontext() if is_last else accelerator.no_sync(self._state.module):
                with self._profile.section("forward"), accelerator.autocast():
                    losses = losses_of(self._state.module, batch.to(accelerator.device))
                loss = losses.ctc / all_symbols + weight * losses.guard / all_chunks
                with self._profile.section("backward"):
                    accelerator.backward(loss * accelerator.num_processes)
            ctc_nats += float(losses.ctc.detach())
            guard_db += float(losses.guard.detach())
            num_infinite += int(losses.num_infinite)
        return StepSums(
            ctc_nats,
            guard_db,
            num_symbols,
            num_chunks=num_chunks,
            audio_s=sum(float(batch.num_samples.sum()) for batch in group) / self._audio_rate,
            stem_loss=stem_loss,
            num_stems=num_stems,
            num_infinite=num_infinite,
            num_unreadable=sum(batch.num_unreadable for batch in group),
            # Summed with the rest, so that all processes act on a signal at the same step.
            num_stops=bool(self._requests.stop_signal),
            num_saves=self._requests.checkpoint,
        )

    def _backward_stems(self, stems: StemBatch, counted: Tensor, all_stems: Tensor) -> float:
        """Accumulate the gradients of a batch on true stems; returns the sum of its losses on this process."""
        accelerator = self._accelerator
        with accelerator.no_sync(self._state.module):
            with self._profile.section("forward"), accelerator.autocast():
                losses = stem_losses_of(self._state.module, stems.to(accelerator.device))
            loss = (losses.stems * counted.to(accelerator.device)).sum()
            with self._profile.section("backward"):
                accelerator.backward(self._config.stems.weight * loss / all_stems * accelerator.num_processes)
        return float(loss.detach())

    def _update_weights(self) -> float | None:
        """Update the weights if the gradients are finite; returns their norm before clipping, else None."""
        accelerator = self._accelerator
        norm = clip_gradients(accelerator, self._state.module, self._state.optimizer, self._config.optimizer)
        is_finite = math.isfinite(norm)
        if is_finite or accelerator.scaler is not None:
            # The scaler of fp16 leaves out a step with infinite gradients itself, and lowers its scale.
            self._state.stepper.step()
        if is_finite:
            self._skipped = 0
            return norm
        self._skipped += 1
        self._state.num_skipped += 1
        most = _MOST_SKIPPED if accelerator.scaler is None else _MOST_SKIPPED_FP16
        if self._skipped >= most:
            step = self._state.position.step
            raise self._diverged(f"the gradients of steps {step + 2 - most} to {step + 1} are not finite")
        return None

    def _diverged(self, what: str) -> TrainingError:
        last = self._state.last_saved
        return TrainingError(
            f"{what}; the weights were not changed",
            "Lower the learning rates (--set optimizer.head_rate=...), or use --precision no"
            + (f"; the last good checkpoint is {last.name}." if last else "."),
        )
