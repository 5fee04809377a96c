"""A voice extractor that needs no weights: what sits in the centre of the stereo picture.

Lead vocals usually do. A soft mask keeps time-frequency bins where left and right agree: their coherence times one
minus their normalised difference, sharpened; a share of the mix stays in, because recognisers suffer more from
holes than from accompaniment. A mono song passes unchanged.
"""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

import torch
from torch import Tensor

from lyricsrec.audio.audio import Audio
from lyricsrec.audio.overlap_add import crossfade, windows
from lyricsrec.base.progress import Report, ignore
from lyricsrec.separation.base import Stems, stems_of


@dataclass(frozen=True)
class CenterConfig:
    """The mask: STFT of `frame` and `hop` samples, statistics smoothed over `smooth` frames, raised to `sharpness`.

    `mix_share` of the mix is left in: more is safer for voices off the centre, less is cleaner.
    """

    frame: int = 2048
    hop: int = 1024
    smooth: int = 3
    _: KW_ONLY
    sharpness: float = 1.5
    mix_share: float = 0.2


_WINDOW_S = 30.0
_OVERLAP = 0.05


class CenterSeparator:
    """Keeps the centre of the stereo picture."""

    name = "center"

    def __init__(self, config: CenterConfig | None = None) -> None:
        self._config = config or CenterConfig()

    @torch.inference_mode()
    def separate(self, mix: Audio, report: Report = ignore) -> Stems:
        """The centre as vocals, the sides as accompaniment."""
        samples = torch.from_numpy(mix.samples)
        length = round(_WINDOW_S * mix.sample_rate)
        voice, weight = torch.zeros_like(samples), torch.zeros(mix.num_samples)
        fade = torch.from_numpy(crossfade(length))
        for part in windows(mix.num_samples, length, _OVERLAP):
            fading = fade[: part.stop - part.start]
            voice[:, part.start : part.stop] += fading * centre(samples[:, part.start : part.stop], self._config)
            weight[part.start : part.stop] += fading
            report(mix.start_s + part.stop / mix.sample_rate)
        return stems_of((voice / weight).numpy(), mix)


def centre(stereo: Tensor, config: CenterConfig) -> Tensor:
    """The centre of a stereo signal (2, samples), as a signal of the same shape."""
    window = torch.hann_window(config.frame)
    spectrum = torch.stft(stereo, config.frame, config.hop, window=window, return_complex=True, pad_mode="constant")
    left, right = spectrum
    cross = _smooth(left * right.conj(), config.smooth).abs()
    power_left, power_right = (_smooth(side.abs().square(), config.smooth) for side in (left, right))
    coherence = cross / (power_left * power_right).sqrt().clamp_min(1e-12)
    difference = (power_left - power_right).abs() / (power_left + power_right).clamp_min(1e-12)
    mask = (coherence * (1 - difference)).clamp(0, 1) ** config.sharpness
    mask = config.mix_share + (1 - config.mix_share) * mask
    voice: Tensor = torch.istft(spectrum * mask, config.frame, config.hop, window=window, length=stereo.shape[-1])
    return voice


def _smooth(values: Tensor, frames: int) -> Tensor:
    """Moving average over `frames` time frames of (frequencies, time)."""
    if values.is_complex():
        return torch.complex(_smooth(values.real, frames), _smooth(values.imag, frames))
    return torch.nn.functional.avg_pool1d(values, frames, stride=1, padding=frames // 2, count_include_pad=False)
