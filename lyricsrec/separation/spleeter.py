"""Spleeter: vocals by the masks of its 2-stems model, whose weights are part of lyricsrec.

The networks run on windows of the spectrogram that overlap by as much as a frame can influence, so that a song of any
length is separated in bounded memory and without audible seams.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from lyricsrec.audio.audio import Audio
from lyricsrec.base.device import Compute
from lyricsrec.base.errors import UsageError
from lyricsrec.base.progress import Report, ignore
from lyricsrec.models.reading import check_files, read_object, reading_model
from lyricsrec.separation.base import Stems, stems_of, valid_mix
from lyricsrec.separation.settings import SPLEETER_CARD, SeparateConfig
from lyricsrec.separation.spleeter_fast import FastSpleeterNet
from lyricsrec.separation.spleeter_net import FRAME, GRID, HOP, NUM_BINS, WIDTHS, SpleeterNet
from lyricsrec.separation.trainable import TrainableSeparator
from lyricsrec.version import VERSION

Masks = Callable[[Tensor, int, int], Tensor]
"""The mask (1, 2, frames, bins) of the vocals in frames [first, last) of magnitudes of the lowest `NUM_BINS` bins."""

_KEPT, _MARGIN = 24 * GRID, 3 * GRID
"""Frames in a window, and those around it that its masks depend on."""
_TREBLE_BINS = 64
_GRID_SAMPLES = GRID * HOP
_OVERLAP_GAIN = 1.5
"""Sum of the squared Hann windows that cover a sample."""
_SCHEMA, _WEIGHTS, _WIDEST = 1, "model.safetensors", 8192


class SpleeterVocals(TrainableSeparator):
    """The vocals of a stereo mix, as a differentiable module; `origin` is the model whose training it continues."""

    sample_rate = 44_100
    num_channels = 2

    def __init__(self, net: SpleeterNet, origin: str = "spleeter") -> None:
        super().__init__()
        self.net = net
        self.origin = origin

    def forward(self, mix: Tensor, num_samples: Sequence[int] | None = None) -> Tensor:
        """Vocals (batch, 2, samples) of a mix of the same shape at `sample_rate` Hz.

        `num_samples` is how long each mix is without its padding; the padding gives silence.
        """
        lengths = num_samples if num_samples is not None else [mix.shape[-1]] * len(mix)
        voices = [self.separate(mix[i, :, :length]) for i, length in enumerate(lengths)]
        return torch.stack([nn.functional.pad(voice, (0, mix.shape[-1] - voice.shape[-1])) for voice in voices])

    def separate(self, mix: Tensor) -> Tensor:
        """Vocals (2, samples) of one mix."""
        return masked(mix, self._masks)

    def _masks(self, magnitudes: Tensor, first: int, last: int) -> Tensor:
        mask: Tensor = self._run(self.net, magnitudes)[:, :, first:last]
        return mask

    def part_of(self, parameter: str) -> str:
        """The network and its half: "vocals.down", "vocals.up", "accompaniment.down" or "accompaniment.up"."""
        _, network, layers = parameter.split(".")[:3]
        return f"{network}.{'down' if layers.startswith('down') else 'up'}"

    def save(self, folder: Path, state: Mapping[str, Tensor] | None = None) -> None:
        """Write the weights as safetensors in float32, and a card that describes them."""
        own = {f"net.{name}": value for name, value in self.net.state_dict().items()} if state is None else state
        tensors = {name.removeprefix("net."): value.detach().cpu().contiguous() for name, value in own.items()}
        save_file(tensors, folder / _WEIGHTS)
        card = {
            "schema": _SCHEMA,
            "family": "spleeter",
            "widths": list(self.net.widths),
            "trained_from": self.origin,
            "lyricsrec": VERSION,
        }
        (folder / SPLEETER_CARD).write_text(json.dumps(card, indent=1) + "\n", "utf-8")

    def randomize(self) -> None:
        """Replace all weights by random ones."""
        self.net.load_state_dict(SpleeterNet(self.net.widths).state_dict())


def masked(
    mix: Tensor, masks: Masks, *, first_sample: int = 0, treble: bool = False, report: Report = ignore
) -> Tensor:
    """What masks keep of a mix (2, samples) that begins at sample `first_sample` of a song.

    Frames lie on the same grid for every part of a song, so that its masks hardly depend on where it is cut. With
    `treble`, the mean mask of the highest bins also applies above them; otherwise nothing is kept there. `report` gets
    the number of samples done.
    """
    lead = FRAME + first_sample % _GRID_SAMPLES
    num_frames = -(-(lead + mix.shape[-1]) // HOP)
    padded = nn.functional.pad(mix, (lead, num_frames * HOP + FRAME - lead - mix.shape[-1]))
    window = torch.hann_window(FRAME, device=mix.device)
    kept = torch.zeros_like(padded)
    for first in range(0, num_frames, _KEPT):
        last = min(first + _KEPT, num_frames)
        begin, end = max(first - _MARGIN, 0), min(last + _MARGIN, num_frames)
        samples = padded[:, begin * HOP : (end - 1) * HOP + FRAME]
        spectrum = torch.fft.rfft(samples.unfold(-1, FRAME, HOP) * window)
        magnitudes = nn.functional.pad(spectrum[..., :NUM_BINS].abs(), (0, 0, 0, (begin - end) % GRID))
        mask = masks(magnitudes[None], first - begin, last - begin)[0]
        frames = torch.fft.irfft(_apply(mask, spectrum[:, first - begin : last - begin], treble), FRAME)
        kept[:, first * HOP : (last - 1) * HOP + FRAME] += _overlap_add(frames * window)
        report(min(max(last * HOP - lead, 0), mix.shape[-1]))
    return kept[:, lead : lead + mix.shape[-1]] / _OVERLAP_GAIN


def _apply(mask: Tensor, spectrum: Tensor, treble: bool) -> Tensor:
    """What a mask of the lowest bins keeps of a spectrum (channels, frames, bins)."""
    low = spectrum[..., :NUM_BINS] * mask
    if not treble:
        return low
    return torch.cat([low, spectrum[..., NUM_BINS:] * mask[..., -_TREBLE_BINS:].mean(-1, keepdim=True)], dim=-1)


def _overlap_add(frames: Tensor) -> Tensor:
    """Samples (channels, ...) of frames (channels, frames, FRAME) that follow each other by HOP."""
    num_hops = FRAME // HOP
    parts = frames.reshape(*frames.shape[:-1], num_hops, HOP).unbind(-2)
    rows = (nn.functional.pad(part, (0, 0, i, num_hops - 1 - i)) for i, part in enumerate(parts))
    return functools.reduce(torch.Tensor.add_, rows).flatten(1)


class SpleeterSeparator:
    """Applies the masks of a `SpleeterVocals` to blocks of a song."""

    def __init__(
        self, vocals: SpleeterVocals, compute: Compute, config: SeparateConfig | None = None, *, name: str = "spleeter"
    ) -> None:
        self.name = name
        self._config = config or SeparateConfig()
        self._compute = compute
        self._masks = _fast_masks(vocals, compute)

    @torch.inference_mode()
    def separate(self, mix: Audio, report: Report = ignore) -> Stems:
        """Vocals and instrumental of a stereo mix. Raises ValueError for other channels and rates than 44.1 kHz."""
        rate = SpleeterVocals.sample_rate
        mix = valid_mix(mix, self.name, rate)
        voice = masked(
            torch.from_numpy(mix.samples).to(self._compute.device),
            self._masks,
            first_sample=round(mix.start_s * rate),
            treble=self._config.treble,
            report=lambda done: report(mix.start_s + done / rate),
        )
        return stems_of(voice.cpu().numpy(), mix)


def _fast_masks(vocals: SpleeterVocals, compute: Compute) -> Masks:
    """The masks of a model in the number format that suits the device."""
    dtype = compute.convolution_format
    if compute.device == "cpu":
        return FastSpleeterNet(vocals.net, getattr(torch, dtype))
    net = vocals.net.eval().to(compute.device, memory_format=torch.channels_last)  # type: ignore[call-overload]

    def masks(magnitudes: Tensor, first: int, last: int) -> Tensor:
        with torch.autocast(compute.device, getattr(torch, dtype), enabled=dtype != "float32"):
            return net(magnitudes)[:, :, first:last]  # type: ignore[no-any-return]

    return masks


def read_vocals(folder: Path) -> SpleeterVocals:
    """The model of a folder, in float32: the one of the package, or one that `SpleeterVocals.save` wrote.

    Raises ModelError when its weights are missing or damaged.
    """
    is_trained = (folder / SPLEETER_CARD).is_file()
    check_files(folder)
    hint = "Name another checkpoint." if is_trained else "Install lyricsrec again."
    with reading_model(f"the separator in {folder} is incomplete or damaged", hint):
        widths, origin = _read_card(folder / SPLEETER_CARD) if is_trained else (WIDTHS, "spleeter")
        net = SpleeterNet(widths)
        _load_weights(net, folder / _WEIGHTS)
    return SpleeterVocals(net, origin)


def random_vocals(shape: Mapping[str, Any]) -> SpleeterVocals:
    """A model of random weights, of other `widths` if given. Raises UsageError for other shapes."""
    try:
        widths = _checked_widths(shape["widths"]) if shape else list(WIDTHS)
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(f"not the shapes of a Spleeter ({error})", f"Such as widths {list(WIDTHS)}.") from None
    return SpleeterVocals(SpleeterNet(widths), "random")


def _load_weights(net: SpleeterNet, path: Path) -> None:
    """Read weights as float32. Raises OSError or ValueError, naming the file, when they are not those of the net."""
    try:
        net.load_state_dict({name: value.float() for name, value in load_file(path).items()})
    except (SafetensorError, RuntimeError) as error:
        raise ValueError(f"{path.name}: {str(error).splitlines()[0]}") from None


def _read_card(path: Path) -> tuple[list[int], str]:
    """The widths of a model's networks, and the model it was trained from. Raises ValueError for other values."""
    card = read_object(path)
    if card.get("schema") != _SCHEMA:
        raise ValueError(f"{path.name} is not of schema version {_SCHEMA}")
    return _checked_widths(card["widths"]), str(card["trained_from"])


def _checked_widths(widths: Any) -> list[int]:
    if len(widths) != len(WIDTHS) or not all(type(width) is int and 0 < width <= _WIDEST for width in widths):
        raise ValueError(f"widths must be {len(WIDTHS)} numbers from 1 to {_WIDEST}")
    return list(widths)
