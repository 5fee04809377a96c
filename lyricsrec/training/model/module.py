"""The trained module, whose `forward` computes the losses, since distributed wrappers hook into `forward`."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torchmetrics.functional.audio import scale_invariant_signal_distortion_ratio

from lyricsrec.recognition.acoustic import AcousticModel
from lyricsrec.separation.trainable import TrainableSeparator
from lyricsrec.training.data.examples import Batch
from lyricsrec.training.data.stems import StemBatch
from lyricsrec.training.settings import GuardConfig, StemLoss, StemsConfig


class Losses(NamedTuple):
    """Losses summed over the chunks of a batch: CTC in nats, and the guard's decibels below its floor.

    `stems` has the loss of each excerpt against its true vocals (batch,), where these were given. `num_infinite` chunks
    have more symbols than frames, so that their CTC loss would be infinite; they add nothing. With outputs, also
    log-probabilities (batch, frames, symbols), the number of frames of each chunk (batch,), and vocals (batch,
    channels, samples); otherwise those are empty.
    """

    ctc: Tensor
    guard: Tensor
    stems: Tensor
    num_infinite: Tensor
    log_probs: Tensor
    num_frames: Tensor
    vocals: Tensor


class TrainingModule(nn.Module):
    """An `AcousticModel` with its losses.

    With a guard weight above 0, a copy of the separator is kept for comparison.
    """

    def __init__(
        self, acoustic: AcousticModel, blank: int, guard: GuardConfig, stem_loss: StemLoss = StemsConfig.loss
    ) -> None:
        super().__init__()
        self.acoustic = acoustic
        self.blank = blank
        self.floor_db = guard.floor_db
        self.stem_loss = stem_loss
        # In a list, so that it is not a submodule.
        self._reference: list[TrainableSeparator] = []
        if guard.weight > 0 and acoustic.vocals is not None:
            self._reference.append(copy.deepcopy(acoustic.vocals).eval().requires_grad_(False))

    def forward(
        self,
        audio: Tensor,
        num_samples: Sequence[int],
        labels: Tensor,
        num_labels: Tensor,
        *,
        with_outputs: bool = False,
        stems: Tensor | None = None,
    ) -> Losses:
        """The losses of a batch; a chunk without labels adds nothing.

        `audio` (batch, channels, samples) and `labels` (batch, longest) are padded from `num_samples` and `num_labels`.
        With the true vocals `stems` of the same shape as `audio`, only the separator runs, for the loss on these.
        """
        if stems is not None:
            return self._stem_losses(audio, num_samples, stems, with_outputs=with_outputs)
        output = self.acoustic.forward_padded(audio, num_samples)
        losses = nn.functional.ctc_loss(
            output.log_probs.transpose(0, 1),
            labels,
            output.num_frames.to(labels.device),
            num_labels,
            blank=self.blank,
            reduction="none",
            # A text with more symbols than frames has an infinite loss, which must not end the run.
            zero_infinity=True,
        )
        labelled = num_labels > 0
        guard = (
            self._guard_loss(audio, output.vocals, num_samples, labelled) if self._reference else losses.new_zeros(())
        )
        kept = (output.log_probs, output.num_frames, output.vocals) if with_outputs else (losses.new_empty(0),) * 3
        num_infinite = ((_min_frames(labels, num_labels) > output.num_frames.to(labels.device)) & labelled).sum()
        return Losses((losses * labelled).sum(), guard, losses.new_zeros(()), num_infinite, *kept)

    def _stem_losses(self, mix: Tensor, num_samples: Sequence[int], expected: Tensor, *, with_outputs: bool) -> Losses:
        """The loss of separated vocals against the true ones."""
        assert self.acoustic.vocals is not None
        vocals = self.acoustic.vocals(mix, num_samples)
        compare = STEM_LOSSES[self.stem_loss]
        pairs = (
            (vocals[i, :, :length].float(), expected[i, :, :length].float()) for i, length in enumerate(num_samples)
        )
        loss = torch.stack([compare(estimate, true) for estimate, true in pairs])
        none = loss.new_zeros(())
        return Losses(none, none, loss, none, none, none, vocals if with_outputs else none)

    def _guard_loss(self, mix: Tensor, vocals: Tensor, num_samples: Sequence[int], labelled: Tensor) -> Tensor:
        reference = self._reference[0].to(mix.device)
        with torch.no_grad():
            expected = reference(mix, num_samples)
        below_floor = [
            torch.relu(self.floor_db - si_sdr(vocals[i, :, :length], expected[i, :, :length]))
            for i, length in enumerate(num_samples)
        ]
        return (torch.stack(below_floor) * labelled).sum()


def _min_frames(labels: Tensor, num_labels: Tensor) -> Tensor:
    """The fewest frames (batch,) that CTC needs for labels (batch, longest): a blank parts repeated ones."""
    if labels.shape[1] < 2:
        return num_labels
    inside = torch.arange(1, labels.shape[1], device=labels.device)[None] < num_labels[:, None]
    return num_labels + ((labels[:, 1:] == labels[:, :-1]) & inside).sum(dim=1)


def si_sdr(estimate: Tensor, reference: Tensor) -> Tensor:
    """Scale-invariant signal-to-distortion ratio in dB (Le Roux et al. 2019), the mean over channels."""
    return scale_invariant_signal_distortion_ratio(estimate.float(), reference.float()).mean()


STEM_LOSSES: Mapping[StemLoss, Callable[[Tensor, Tensor], Tensor]] = {
    "si_sdr": lambda estimate, true: -si_sdr(estimate, true),
    "l1": nn.functional.l1_loss,
}
"""Losses of separated vocals against the true ones, both (channels, samples)."""


def losses_of(module: nn.Module, batch: Batch, *, with_outputs: bool = False) -> Losses:
    """The losses of a batch through a `TrainingModule` or a distributed wrapper around one."""
    losses: Losses = module(
        batch.audio, batch.num_samples.tolist(), batch.labels, batch.num_labels, with_outputs=with_outputs
    )
    return losses


def stem_losses_of(module: nn.Module, batch: StemBatch, *, with_outputs: bool = False) -> Losses:
    """The loss of a batch on true stems, as in `losses_of`."""
    none = batch.num_samples.new_zeros(0)
    losses: Losses = module(
        batch.mixture, batch.num_samples.tolist(), none, none, with_outputs=with_outputs, stems=batch.vocals
    )
    return losses
