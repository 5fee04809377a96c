"""Centre extraction: a separator without weights that keeps the centre of the stereo image.

Lead vocals are usually panned to the centre. A soft mask keeps time-frequency bins where left and right agree: their
coherence times one minus their normalised difference, raised to a power. A share of the mix stays in, because gaps
harm recognition more than accompaniment. A mono song passes unchanged.
"""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

import torch
from torch import Tensor

from lyricsrec.audio.audio import Audio
from lyricsrec.audio.overlap_add import OverlapAdd
from lyricsrec.base.progress import Report, ignore
from lyricsrec.base.settings import Natural, Positive, Settings, Share
from lyricsrec.separation.base import Stems, stems_of, valid_mix


@dataclass(frozen=True)
class CenterConfig(Settings):
    """The mask: STFT of `frame` and `hop` samples, statistics smoothed over `smooth` frames, raised to `sharpness`.

    `mix_share` of the mix stays in: more is safer for vocals off the centre, less is cleaner.
    """

    frame: Natural = 2048
    hop: Natural = 1024
    smooth: Natural = 3
    _: KW_ONLY
    sharpness: Positive = 1.5
    mix_share: Share = 0.2


_WINDOW_S = 30.0
_OVERLAP = 0.05


class CenterSeparator:
    """Keeps the centre of the stereo image."""

    name = "center"

    def __init__(self, config: CenterConfig | None = None) -> None:
        self._config = config or CenterConfig()

    @torch.inference_mode()
    def separate(self, mix: Audio, report: Report = ignore) -> Stems:
        """The centre as vocals, the sides as instrumental. Raises ValueError unless the mix is stereo."""
        mix = valid_mix(mix, self.name)
        windows = OverlapAdd(mix.num_samples, round(_WINDOW_S * mix.sample_rate), _OVERLAP)
        voice = windows.apply(
            torch.from_numpy(mix.samples),
            lambda stereo: centre(stereo, self._config),
            lambda done: report(mix.start_s + done / mix.sample_rate),
        )
        return stems_of(voice.numpy(), mix)


def centre(stereo: Tensor, config: CenterConfig) -> Tensor:
    """The centre of a stereo signal (2, samples), as a signal of the same shape."""
    window = torch.hann_window(config.frame)
    # Samples that only the end of one frame covers would be divided by nearly nothing.
    padded = torch.nn.functional.pad(stereo, (0, config.frame))
    spectrum = torch.stft(padded, config.frame, config.hop, window=window, return_complex=True, pad_mode="constant")
    left, right = spectrum
    cross = _smooth(left * right.conj(), config.smooth).abs()
    power_left, power_right = (_smooth(side.abs().square(), config.smooth) for side in (left, right))
    coherence = cross / (power_left * power_right).sqrt().clamp_min(1e-12)
    difference = (power_left - power_right).abs() / (power_left + power_right).clamp_min(1e-12)
    mask = (coherence * (1 - difference)).clamp(0, 1) ** config.sharpness
    mask = config.mix_share + (1 - config.mix_share) * mask
    voice: Tensor = torch.istft(spectrum * mask, config.frame, config.hop, window=window, length=padded.shape[-1])
    return voice[..., : stereo.shape[-1]]


def _smooth(values: Tensor, frames: int) -> Tensor:
    """Moving average over `frames` time frames of (frequencies, time)."""
    if values.is_complex():
        return torch.complex(_smooth(values.real, frames), _smooth(values.imag, frames))
    return torch.nn.functional.avg_pool1d(values, frames, stride=1, padding=frames // 2, count_include_pad=False)
