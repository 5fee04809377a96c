"""The differentiable path from a mix to log-probabilities.

The pipeline and training share these modules, so that they cannot diverge: separate, pick the vocals by name, mix to
mono, resample, normalise, recognise.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor, nn

from lyricsrec.audio.audio import Audio
from lyricsrec.audio.resample import resample
from lyricsrec.recognition.filterbank import FilterBank
from lyricsrec.separation.trainable import TrainableSeparator

RECOGNIZER_RATE = 16_000
"""Sample rate in Hz of all recognisers."""

_LONG, _MEASURED = 64 * RECOGNIZER_RATE, 8 * RECOGNIZER_RATE
_ROUNDING_S = 0.001


def recognizer_input(audio: Tensor, sample_rate: int) -> Tensor:
    """Mono at `RECOGNIZER_RATE` (batch, samples) from audio (batch, channels, samples) at `sample_rate` Hz."""
    mono = audio.mean(dim=1)
    return resample(mono, sample_rate, RECOGNIZER_RATE)


@dataclass(frozen=True)
class FrameGrid:
    """The frames of a recogniser: one every `frame_s` seconds; n of them need n * `frame_s` + `extra_s` of audio."""

    frame_s: float = 0.02
    extra_s: float = 0.005

    def min_duration_s(self, num_frames: int) -> float:
        """The shortest audio that has so many frames, also where resampling rounds its length."""
        return num_frames * self.frame_s + self.extra_s + _ROUNDING_S


class CtcNet(nn.Module):
    """A CTC model of transformers as a module from waveforms to log-probabilities.

    `normalize` scales each waveform to mean 0 and variance 1 first, as the model's feature extractor does; `masks`
    passes the model a mask of the padding (models whose first layer normalises over time were trained without one).
    A model that takes `features` of the waveform gets those, with a mask.
    """

    def __init__(
        self, model: nn.Module, *, normalize: bool, masks: bool = False, features: FilterBank | None = None
    ) -> None:
        super().__init__()
        self.model = model
        for module in model.modules():
            if hasattr(module, "_requires_grad"):
                # Else transformers would set requires_grad on the input, which fails for a separator's output.
                module._requires_grad = False  # type: ignore[assignment]
        self.normalize = normalize
        self.masks = masks
        self.features = features

    def forward(self, waveform: Tensor, num_samples: Tensor | None = None) -> Tensor:
        """Log-probabilities (batch, frames, symbols), natural logarithm, of (batch, samples) at `RECOGNIZER_RATE`.

        `num_samples` (batch,) are the lengths of the waveforms without padding.
        """
        if self.features is not None:
            return self._of_features(self.features, waveform, num_samples)
        inside = None if num_samples is None else _inside(waveform, num_samples)
        if self.normalize:
            waveform = _normalized(waveform, inside)
        mask = {"attention_mask": inside.long()} if inside is not None and self.masks else {}
        logits: Tensor = self.model(waveform, **mask).logits
        return logits.float().log_softmax(dim=-1)

    def _of_features(self, features: FilterBank, waveform: Tensor, num_samples: Tensor | None) -> Tensor:
        lengths = num_samples if num_samples is not None else torch.full((len(waveform),), waveform.shape[-1])
        found = features(waveform, lengths)
        inside = _inside(found[..., 0], features.num_frames(lengths))
        logits: Tensor = self.model(found, attention_mask=inside.long()).logits
        return logits.float().log_softmax(dim=-1)

    def num_frames(self, num_samples: Tensor) -> Tensor:
        """The number of frames for waveforms of these numbers of samples."""
        model: Any = self.model
        if self.features is not None:
            num_samples = self.features.num_frames(num_samples)
        return cast(Tensor, model._get_feat_extract_output_lengths(num_samples)).long()

    @functools.cached_property
    def frames(self) -> FrameGrid:
        """The distance of the frames, and the shortest audio for some, measured on `num_frames`."""
        few, many = self.num_frames(torch.tensor([_LONG, 2 * _LONG])).tolist()
        spacing = _LONG / (many - few)
        lengths = torch.arange(1, _MEASURED)
        found = self.num_frames(lengths)
        wanted = torch.arange(1, int(found.max()) + 1)
        shortest = lengths[torch.searchsorted(found, wanted)]
        extra = float((shortest - wanted * spacing).max())
        return FrameGrid(spacing / RECOGNIZER_RATE, extra / RECOGNIZER_RATE)


def _inside(waveform: Tensor, num_samples: Tensor) -> Tensor:
    """Mask (batch, samples) of the samples that are not padding."""
    return torch.arange(waveform.shape[-1], device=waveform.device)[None] < num_samples[:, None].to(waveform.device)


def _normalized(waveform: Tensor, inside: Tensor | None) -> Tensor:
    if inside is None:
        variance, mean = torch.var_mean(waveform, dim=-1, keepdim=True, unbiased=False)
        return (waveform - mean) / torch.sqrt(variance + 1e-7)
    count = inside.sum(dim=-1, keepdim=True)
    mean = (waveform * inside).sum(dim=-1, keepdim=True) / count
    centred = (waveform - mean) * inside
    return centred / torch.sqrt(centred.square().sum(dim=-1, keepdim=True) / count + 1e-7)


@dataclass(frozen=True, eq=False)
class AcousticOutput:
    """The output of an `AcousticModel` for a batch.

    `log_probs` (batch, frames, symbols), of which the first `num_frames` (batch,) are not padding, and the separated
    `vocals` (batch, channels, samples).
    """

    log_probs: Tensor
    num_frames: Tensor
    vocals: Tensor


class AcousticModel(nn.Module):
    """Separator and recogniser as one module: the tensor path of the whole pipeline.

    `vocals` may be None: then the mix, at `sample_rate` Hz, goes to the recogniser without separation.
    """

    def __init__(self, vocals: TrainableSeparator | None, ctc: CtcNet, sample_rate: int) -> None:
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
        """As `forward`, for a batch of mixes of `num_samples` each that are padded to the same length."""
        voice = self.vocals(mix, num_samples) if self.vocals is not None else mix
        lengths = -(-torch.tensor(num_samples) * RECOGNIZER_RATE // self.sample_rate)
        waveform = recognizer_input(voice, self.sample_rate)
        # Resampling smears the last samples into the padding.
        waveform = waveform * _inside(waveform, lengths)
        return AcousticOutput(self.ctc(waveform, lengths), self.ctc.num_frames(lengths), voice)


def to_recognizer(audio: Audio) -> Audio:
    """Audio converted for recognisers: mono at `RECOGNIZER_RATE`."""
    samples = recognizer_input(torch.from_numpy(audio.samples)[None], audio.sample_rate)
    return Audio(samples.numpy(), RECOGNIZER_RATE, audio.start_s)
