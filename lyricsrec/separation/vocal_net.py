"""Demucs models as one differentiable module that outputs the vocals."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import torch
import yaml
from torch import Tensor, nn

from lyricsrec.audio.overlap_add import OverlapAdd
from lyricsrec.separation.settings import SEPARATOR_BAG, SeparateConfig
from lyricsrec.separation.trainable import TrainableSeparator


class VocalNet(TrainableSeparator):
    """The Demucs models of one bag; of their stems only the one named "vocals" is kept.

    `models` share sources, sample rate and channels; `weights` (one for each model) weight their vocals in the sum, and
    models of weight 0 are left out.

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

    def forward(self, mix: Tensor, num_samples: Sequence[int] | None = None) -> Tensor:
        """Vocals (batch, channels, samples) of a mix of the same shape and rate, scaled like it.

        `num_samples` are the lengths of the mixes without padding; the vocals of each do not depend on the others in
        the batch, and are zero in the padding. Longer mixes are separated window by window (`OverlapAdd`).
        """
        lengths = num_samples if num_samples is not None else [mix.shape[-1]] * len(mix)
        scaled = [standardize(mix[i : i + 1, :, :length]) for i, length in enumerate(lengths)]
        cuts = [OverlapAdd(length, self.window_samples, SeparateConfig.overlap) for length in lengths]
        pieces = [piece for (standard, _, _), cut in zip(scaled, cuts, strict=True) for piece in cut.split(standard)]
        separated = iter(self.separate_standard(pieces))
        voices = []
        for (_, mean, std), cut in zip(scaled, cuts, strict=True):
            voice = cut.join([next(separated) for _ in cut.parts]) * std + mean
            voices.append(nn.functional.pad(voice, (0, mix.shape[-1] - voice.shape[-1])))
        return torch.cat(voices)

    def separate_standard(self, pieces: Sequence[Tensor]) -> list[Tensor]:
        """Vocals of mixes (1, channels, samples) of at most one window that `standardize` has scaled, scaled the same.

        Pieces that a model pads to the same length share a batch.
        """
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

    def part_of(self, parameter: str) -> str:
        """The module inside the Demucs models that a parameter belongs to, such as "encoder" or "tdecoder"."""
        return parameter.split(".")[2]

    def save(self, folder: Path, state: Mapping[str, Tensor] | None = None) -> None:
        """Write the models as safetensors, and a list of them; see `TrainableSeparator.save`."""
        from safetensors.torch import save_file

        names = [f"vocals{i}" for i in range(len(self.models))]
        for i, (name, model) in enumerate(zip(names, self.models, strict=True)):
            args, kwargs = (json.dumps(part, default=_fraction) for part in model._init_args_kwargs)  # type: ignore[union-attr]
            metadata = {"klass": f"{type(model).__module__}.{type(model).__name__}", "args": args, "kwargs": kwargs}
            own = {
                key: value if state is None else state[f"models.{i}.{key}"] for key, value in model.state_dict().items()
            }
            tensors = {key: value.detach().cpu().contiguous() for key, value in own.items()}
            save_file(tensors, folder / f"{name}.safetensors", metadata)
        bag = {
            "models": names,
            "weights": [[weight] * len(self.models[0].sources) for weight in self.weights],  # type: ignore[arg-type]
            "segment": self.window_samples / self.sample_rate,
        }
        (folder / SEPARATOR_BAG).write_text(yaml.safe_dump(bag), "utf-8")

    def randomize(self) -> None:
        """Replace all weights by random ones."""
        for model in self.models:
            args, kwargs = model._init_args_kwargs  # type: ignore[misc]
            model.load_state_dict(type(model)(*args, **kwargs).state_dict())


def _fraction(value: Any) -> dict[str, Any]:
    """A fraction as Demucs writes it in JSON."""
    if not isinstance(value, Fraction):
        raise TypeError(f"cannot write a {type(value).__name__} as a setting of a Demucs model")
    return {"_type": "fraction", "numerator": value.numerator, "denominator": value.denominator}


def standardize(mix: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """A mix scaled to mean 0 and standard deviation 1, as Demucs expects, with both (batch, 1, 1)."""
    mono = mix.mean(dim=1, keepdim=True)
    mean = mono.mean(dim=-1, keepdim=True)
    std = (mono.std(dim=-1, keepdim=True) if mix.shape[-1] > 1 else torch.zeros_like(mean)) + 1e-8
    return (mix - mean) / std, mean, std


def _pad_to_valid(model: nn.Module, mix: Tensor) -> tuple[Tensor, int]:
    """Zero-pad both sides to a length that the model accepts; also the number of samples added in front."""
    num_samples = mix.shape[-1]
    valid = int(model.valid_length(num_samples)) if hasattr(model, "valid_length") else num_samples  # type: ignore[operator]
    left = (valid - num_samples) // 2
    return nn.functional.pad(mix, (left, valid - num_samples - left)), left
