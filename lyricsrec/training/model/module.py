"""What is trained, as one module whose `forward` gives the losses: distributed wrappers hook into that."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torchmetrics.functional.audio import scale_invariant_signal_distortion_ratio

from lyricsrec.recognition.acoustic import AcousticModel
from lyricsrec.separation.vocal_net import VocalNet
from lyricsrec.training.data.examples import Batch
from lyricsrec.training.settings import GuardConfig


class Losses(NamedTuple):
    """Sums over the chunks of a batch: CTC loss in nats, and decibels that the voice has lost.

    And, where they were asked for, what was heard: log-probabilities (batch, frames, symbols), the number of frames of
    each (batch,), vocals (batch, channels, samples); else empty.
    """

    ctc: Tensor
    guard: Tensor
    log_probs: Tensor
    num_frames: Tensor
    vocals: Tensor


class TrainingModule(nn.Module):
    """An `AcousticModel` with its losses.

    With a `guard` of some weight, the separator as it is now is kept beside it, for comparison.
    """

    def __init__(self, acoustic: AcousticModel, blank: int, guard: GuardConfig) -> None:
        super().__init__()
        self.acoustic = acoustic
        self.blank = blank
        self.floor_db = guard.floor_db
        # In a list, so that it is no part of the model.
        self._reference: list[VocalNet] = []
        if guard.weight > 0 and acoustic.vocals is not None:
            self._reference.append(copy.deepcopy(acoustic.vocals).eval().requires_grad_(False))

    def forward(
        self,
        audio: Tensor,
        num_samples: Sequence[int],
        labels: Tensor,
        num_labels: Tensor,
        *,
        keeps_heard: bool = False,
    ) -> Losses:
        """The losses of a batch, with what was heard if asked for; a chunk without labels counts nothing.

        `audio` (batch, channels, samples) is filled up with silence from `num_samples` each, `labels` (batch, longest)
        from `num_labels` (batch,) each.
        """
        heard = self.acoustic.forward_padded(audio, num_samples)
        losses = nn.functional.ctc_loss(
            heard.log_probs.transpose(0, 1),
            labels,
            heard.num_frames.to(labels.device),
            num_labels,
            blank=self.blank,
            reduction="none",
            # A text longer than its frames has no path; it must not end the run.
            zero_infinity=True,
        )
        sung = num_labels > 0
        guard = self._lost_db(audio, heard.vocals, num_samples, sung) if self._reference else losses.new_zeros(())
        kept = (heard.log_probs, heard.num_frames, heard.vocals) if keeps_heard else (losses.new_empty(0),) * 3
        return Losses((losses * sung).sum(), guard, *kept)

    def _lost_db(self, mix: Tensor, vocals: Tensor, num_samples: Sequence[int], sung: Tensor) -> Tensor:
        reference = self._reference[0].to(mix.device)
        with torch.no_grad():
            expected = reference(mix, num_samples)
        lost = [
            torch.relu(self.floor_db - si_sdr(vocals[i, :, :length], expected[i, :, :length]))
            for i, length in enumerate(num_samples)
        ]
        return (torch.stack(lost) * sung).sum()


def si_sdr(estimate: Tensor, reference: Tensor) -> Tensor:
    """Scale-invariant signal-to-distortion ratio in dB (Le Roux et al. 2019), the mean over channels."""
    return scale_invariant_signal_distortion_ratio(estimate.float(), reference.float()).mean()


def losses_of(module: nn.Module, batch: Batch, *, keeps_heard: bool = False) -> Losses:
    """The losses of a batch through a `TrainingModule` or what a distributed engine wraps it in."""
    losses: Losses = module(
        batch.audio, batch.num_samples.tolist(), batch.labels, batch.num_labels, keeps_heard=keeps_heard
    )
    return losses
