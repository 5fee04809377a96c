"""The differentiable path from a mix to log-probabilities.

`Pipeline` computes with these modules and training learns them, so that the two cannot drift apart: separate,
pick the vocals by name, fold to mono, resample, normalise, recognise.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torchaudio.functional
from torch import Tensor, nn

from lyricsrec.audio import Audio

RECOGNIZER_RATE = 16_000
"""Rate in Hz that every recogniser here listens at."""


class VocalNet(nn.Module):
    """Demucs models of one bag, of whose stems only the vocals are kept, found by name.

    `models` share sources, rate and channels; `weights` (one for each model) say how much each counts for the vocals,
    and models that count for nothing are left out.

    Raises ValueError when the models have no stem called "vocals".
    """

    def __init__(self, models: Sequence[nn.Module], weights: Sequence[float]) -> None:
        super().__init__()
        counted = [(model, weight) for model, weight in zip(models, weights, strict=True) if weight > 0]
        if any("vocals" not in model.sources for model, _ in counted) or not counted:  # type: ignore[operator]
            raise ValueError("the separator has no stem called 'vocals'")
        self.models = nn.ModuleList(model for model, _ in counted)
        total = sum(weight for _, weight in counted)
        self.weights = [weight / total for _, weight in counted]
        first = self.models[0]
        self.sample_rate = int(first.samplerate)  # type: ignore[arg-type]
        self.num_channels = int(first.audio_channels)  # type: ignore[arg-type]
        self.window_s = min(float(model.segment) for model in self.models)  # type: ignore[arg-type]

    def forward(self, mix: Tensor) -> Tensor:
        """Vocals (batch, channels, samples) of a mix of the same shape and rate, scaled like it."""
        standard, mean, std = standardise(mix)
        return self.separate_standard(standard) * std + mean

    def separate_standard(self, mix: Tensor) -> Tensor:
        """As `forward`, on a mix that `standardise` has scaled, for callers that window a longer one."""
        total = torch.zeros_like(mix)
        for model, weight in zip(self.models, self.weights, strict=True):
            padded, left = _pad_to_valid(model, mix)
            stems = model(padded)
            vocals = stems[:, list(model.sources).index("vocals")]  # type: ignore[arg-type]
            total = total + weight * vocals[..., left : left + mix.shape[-1]]
        return total


def standardise(mix: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """A mix with mean 0 and deviation 1, and that mean and deviation (batch, 1, 1); Demucs expects such."""
    mono = mix.mean(dim=1, keepdim=True)
    mean = mono.mean(dim=-1, keepdim=True)
    std = mono.std(dim=-1, keepdim=True) + 1e-8
    return (mix - mean) / std, mean, std


def _pad_to_valid(model: nn.Module, mix: Tensor) -> tuple[Tensor, int]:
    """Zero-pad both sides to a length the model takes; also how many samples were put before."""
    num_samples = mix.shape[-1]
    valid = int(model.valid_length(num_samples)) if hasattr(model, "valid_length") else num_samples  # type: ignore[operator]
    left = (valid - num_samples) // 2
    return nn.functional.pad(mix, (left, valid - num_samples - left)), left


def recognizer_input(audio: Tensor, sample_rate: int) -> Tensor:
    """Mono at `RECOGNIZER_RATE` (batch, samples) from audio (batch, channels, samples) at `sample_rate` Hz."""
    mono = audio.mean(dim=1)
    resampled: Tensor = torchaudio.functional.resample(mono, sample_rate, RECOGNIZER_RATE)
    return resampled


class CtcNet(nn.Module):
    """A CTC model of transformers that takes a waveform and gives log-probabilities.

    `normalise` scales each waveform to mean 0 and variance 1 first, as its feature extractor was set up to.
    """

    def __init__(self, model: nn.Module, *, normalise: bool) -> None:
        super().__init__()
        self.model = model
        self.normalise = normalise

    def forward(self, waveform: Tensor) -> Tensor:
        """Log-probabilities (batch, frames, symbols), natural logarithm, of (batch, samples) at `RECOGNIZER_RATE`."""
        if self.normalise:
            mean = waveform.mean(dim=-1, keepdim=True)
            variance = waveform.var(dim=-1, keepdim=True, unbiased=False)
            waveform = (waveform - mean) / torch.sqrt(variance + 1e-7)
        logits: Tensor = self.model(waveform).logits
        return logits.float().log_softmax(dim=-1)


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


def to_recognizer(audio: Audio) -> Audio:
    """Audio as recognisers take it: mono at `RECOGNIZER_RATE`."""
    samples = recognizer_input(torch.from_numpy(audio.samples)[None], audio.sample_rate)
    return Audio(samples.numpy(), RECOGNIZER_RATE, audio.start_s)
