"""The differentiable path from a mix to log-probabilities.

`Pipeline` computes with these modules and training learns them, so that the two cannot drift apart: separate,
pick the vocals by name, fold to mono, resample, normalise, recognise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import torch
import torchaudio.functional
from torch import Tensor, nn

from lyricsrec.audio.audio import Audio
from lyricsrec.separation.vocal_net import VocalNet

RECOGNIZER_RATE = 16_000
"""Rate in Hz that every recogniser here listens at."""


def recognizer_input(audio: Tensor, sample_rate: int) -> Tensor:
    """Mono at `RECOGNIZER_RATE` (batch, samples) from audio (batch, channels, samples) at `sample_rate` Hz."""
    mono = audio.mean(dim=1)
    resampled: Tensor = torchaudio.functional.resample(mono, sample_rate, RECOGNIZER_RATE)
    return resampled


class CtcNet(nn.Module):
    """A CTC model of transformers that takes a waveform and gives log-probabilities.

    `normalise` scales each waveform to mean 0 and variance 1 first, as its feature extractor was set up to; `masks`
    tells the model where a batch was filled up with silence (models whose first layer normalises over time were made
    without that).
    """

    def __init__(self, model: nn.Module, *, normalise: bool, masks: bool = False) -> None:
        super().__init__()
        self.model = model
        for module in model.modules():
            if hasattr(module, "_requires_grad"):
                # transformers' feature encoders would make a leaf of their input, which a separator's vocals are not.
                module._requires_grad = False  # type: ignore[assignment]
        self.normalise = normalise
        self.masks = masks

    def forward(self, waveform: Tensor, num_samples: Tensor | None = None) -> Tensor:
        """Log-probabilities (batch, frames, symbols), natural logarithm, of (batch, samples) at `RECOGNIZER_RATE`.

        `num_samples` (batch,) says how long each waveform is before the silence that fills up the batch.
        """
        inside = None if num_samples is None else _inside(waveform, num_samples)
        if self.normalise:
            waveform = _normalised(waveform, inside)
        mask = {"attention_mask": inside.long()} if inside is not None and self.masks else {}
        logits: Tensor = self.model(waveform, **mask).logits
        return logits.float().log_softmax(dim=-1)

    def num_frames(self, num_samples: Tensor) -> Tensor:
        """Frames that waveforms of so many samples give."""
        model: Any = self.model
        return cast(Tensor, model._get_feat_extract_output_lengths(num_samples)).long()


def _inside(waveform: Tensor, num_samples: Tensor) -> Tensor:
    """Which samples (batch, samples) are of the waveforms themselves."""
    return torch.arange(waveform.shape[-1], device=waveform.device)[None] < num_samples[:, None].to(waveform.device)


def _normalised(waveform: Tensor, inside: Tensor | None) -> Tensor:
    if inside is None:
        variance, mean = torch.var_mean(waveform, dim=-1, keepdim=True, unbiased=False)
        return (waveform - mean) / torch.sqrt(variance + 1e-7)
    count = inside.sum(dim=-1, keepdim=True)
    mean = (waveform * inside).sum(dim=-1, keepdim=True) / count
    centred = (waveform - mean) * inside
    return centred / torch.sqrt(centred.square().sum(dim=-1, keepdim=True) / count + 1e-7)


@dataclass(frozen=True, eq=False)
class AcousticOutput:
    """What an `AcousticModel` makes of a batch.

    `log_probs` (batch, frames, symbols), of which the first `num_frames` (batch,) are of the mixes themselves, and the
    `vocals` (batch, channels, samples) they were heard in.
    """

    log_probs: Tensor
    num_frames: Tensor
    vocals: Tensor


class AcousticModel(nn.Module):
    """Separator and recogniser as one module: the tensor path of the whole pipeline.

    `vocals` may be None: then the mix goes to the recogniser as it is, at `sample_rate` Hz.
    """

    def __init__(self, vocals: VocalNet | None, ctc: CtcNet, sample_rate: int) -> None:
        super().__init__()
        self.vocals = vocals
        self.ctc = ctc
        self.sample_rate = vocals.sample_rate if vocals is not None else sample_rate

    def forward(self, mix: Tensor) -> Tensor:
        """Log-probabilities (batch, frames, symbols) of a mix (batch, channels, samples) at `sample_rate` Hz."""
        voice = self.vocals(mix) if self.vocals is not None else mix
        log_probs: Tensor = self.ctc(recognizer_input(voice, self.sample_rate))
        return log_probs

    def forward_padded(self, mix: Tensor, num_samples: Sequence[int]) -> AcousticOutput:
        """As `forward`, for mixes of `num_samples` each that silence fills up to the same length."""
        voice = self.vocals(mix, num_samples) if self.vocals is not None else mix
        heard = -(-torch.tensor(num_samples) * RECOGNIZER_RATE // self.sample_rate)
        waveform = recognizer_input(voice, self.sample_rate)
        # Resampling lets the last samples ring on.
        waveform = waveform * _inside(waveform, heard)
        return AcousticOutput(self.ctc(waveform, heard), self.ctc.num_frames(heard), voice)


def to_recognizer(audio: Audio) -> Audio:
    """Audio as recognisers take it: mono at `RECOGNIZER_RATE`."""
    samples = recognizer_input(torch.from_numpy(audio.samples)[None], audio.sample_rate)
    return Audio(samples.numpy(), RECOGNIZER_RATE, audio.start_s)
