"""The differentiable path from a mix to log-probabilities.

`Pipeline` computes with these modules and training learns them, so that the two cannot drift apart: separate,
pick the vocals by name, fold to mono, resample, normalise, recognise.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast

import torch
import torchaudio.functional
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from lyricsrec.audio import Audio
from lyricsrec.segment import crossfade, windows

RECOGNIZER_RATE = 16_000
"""Rate in Hz that every recogniser here listens at."""


class VocalNet(nn.Module):
    """Demucs models of one bag, of whose stems only the vocals are kept, found by name.

    `models` share sources, rate and channels; `weights` (one for each model) say how much each counts for the vocals,
    and models that count for nothing are left out. With `saves_memory` set, training computes activations twice
    instead of keeping them.

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
        self.window_samples = int(min(float(model.segment) for model in self.models) * self.sample_rate)  # type: ignore[arg-type]
        self.saves_memory = False

    def forward(self, mix: Tensor, num_samples: Sequence[int] | None = None) -> Tensor:
        """Vocals (batch, channels, samples) of a mix of the same shape and rate, scaled like it.

        `num_samples` says how long each mix is before the silence that fills up the batch; its vocals are those that
        it has alone, and silence. What is longer than a window is separated window by window, as `Windows` cuts it.
        """
        lengths = num_samples if num_samples is not None else [mix.shape[-1]] * len(mix)
        scaled = [standardise(mix[i : i + 1, :, :length]) for i, length in enumerate(lengths)]
        cuts = [Windows(length, self.window_samples) for length in lengths]
        pieces = [piece for (standard, _, _), cut in zip(scaled, cuts, strict=True) for piece in cut.split(standard)]
        separated = iter(self._separate_pieces(pieces))
        voices = []
        for (_, mean, std), cut in zip(scaled, cuts, strict=True):
            voice = cut.join([next(separated) for _ in cut.parts]) * std + mean
            voices.append(nn.functional.pad(voice, (0, mix.shape[-1] - voice.shape[-1])))
        return torch.cat(voices)

    def separate_standard(self, mix: Tensor) -> Tensor:
        """Vocals of a mix of at most a window that `standardise` has scaled, in that scale."""
        return self._separate_pieces([mix])[0]

    def _separate_pieces(self, pieces: Sequence[Tensor]) -> list[Tensor]:
        """Vocals of pieces (1, channels, samples); those that a model pads to the same length go in one batch."""
        totals = [torch.zeros_like(piece) for piece in pieces]
        for model, weight in zip(self.models, self.weights, strict=True):
            vocals = list(model.sources).index("vocals")  # type: ignore[arg-type]
            padded = [_pad_to_valid(model, piece) for piece in pieces]
            for length in sorted({p.shape[-1] for p, _ in padded}):
                alike = [i for i, (p, _) in enumerate(padded) if p.shape[-1] == length]
                stems = self._run(model, torch.cat([padded[i][0] for i in alike]))
                for row, i in enumerate(alike):
                    left = padded[i][1]
                    totals[i] = totals[i] + weight * stems[row : row + 1, vocals, :, left : left + totals[i].shape[-1]]
        return totals

    def _run(self, model: nn.Module, mix: Tensor) -> Tensor:
        if self.saves_memory and torch.is_grad_enabled():
            return cast(Tensor, checkpoint(model, mix, use_reentrant=False))
        return cast(Tensor, model(mix))


class Windows:
    """Windows of `length` samples over `num_samples`, neighbours sharing `overlap` of their length in a cross-fade."""

    def __init__(self, num_samples: int, length: int, overlap: float = 0.25) -> None:
        self.num_samples = num_samples
        self.parts = windows(num_samples, length, overlap)
        self._fade = torch.from_numpy(crossfade(length))

    def split(self, audio: Tensor) -> list[Tensor]:
        """The windows of audio (..., samples)."""
        return [audio[..., part.start : part.stop] for part in self.parts]

    def join(self, pieces: Iterable[Tensor]) -> Tensor:
        """Audio from what became of its windows, which may come one by one."""
        total, weight = torch.empty(0), torch.zeros(self.num_samples)
        for part, piece in zip(self.parts, pieces, strict=True):
            if len(self.parts) == 1:
                return piece
            if part.start == 0:
                total = piece.new_zeros(*piece.shape[:-1], self.num_samples)
            fade = self._fade[: part.stop - part.start]
            weight[part.start : part.stop] += fade
            total[..., part.start : part.stop] += piece * fade.to(piece.device)
        return total / weight.to(total.device)


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


@dataclass(frozen=True)
class Heard:
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

    def hear(self, mix: Tensor, num_samples: Sequence[int]) -> Heard:
        """As `forward`, for mixes of `num_samples` each that silence fills up to the same length."""
        voice = self.vocals(mix, num_samples) if self.vocals is not None else mix
        heard = -(-torch.tensor(num_samples) * RECOGNIZER_RATE // self.sample_rate)
        waveform = recognizer_input(voice, self.sample_rate)
        # Resampling lets the last samples ring on.
        waveform = waveform * _inside(waveform, heard)
        return Heard(self.ctc(waveform, heard), self.ctc.num_frames(heard), voice)


def to_recognizer(audio: Audio) -> Audio:
    """Audio as recognisers take it: mono at `RECOGNIZER_RATE`."""
    samples = recognizer_input(torch.from_numpy(audio.samples)[None], audio.sample_rate)
    return Audio(samples.numpy(), RECOGNIZER_RATE, audio.start_s)
