"""A model that is asked about a doubtful text: is there a voice at all?

It is small and built in, and loaded only when there is a doubt.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import torch

from lyricsrec.audio.audio import Audio, Samples, rms_envelope
from lyricsrec.audio.resample import resample
from lyricsrec.base.device import Compute
from lyricsrec.recognition.base import Piece
from lyricsrec.separation.base import Separator
from lyricsrec.separation.registry import load_separator
from lyricsrec.separation.settings import SeparateConfig

_SEPARATOR, _SEPARATOR_RATE = "spleeter", 44_100
_FRAME, _HOP = 1024, 320
_SILENT_DB = -120.0


class BuiltInWitnesses:
    """The separator Spleeter."""

    def __init__(self, compute: Compute) -> None:
        self._compute = compute

    @cached_property
    def _separator(self) -> Separator:
        return load_separator(_SEPARATOR, SeparateConfig(), self._compute, offline=True)

    def voice_db(self, piece: Piece, spans: Sequence[tuple[float, float]]) -> float:
        """Level of the vocals relative to the mix over spans, in seconds from the start of the piece, in dB."""
        mix = piece.mix
        mono = resample(torch.from_numpy(mix.samples), mix.sample_rate, _SEPARATOR_RATE)
        stereo = Audio(mono.expand(2, -1).contiguous().numpy(), _SEPARATOR_RATE, mix.start_s)
        vocals = self._separator.separate(stereo).vocals.samples[0]
        return relative_db(vocals, stereo.samples[0], spans, rate=_SEPARATOR_RATE)


def relative_db(vocals: Samples, mix: Samples, spans: Sequence[tuple[float, float]], *, rate: int) -> float:
    """Level of vocals (samples,) relative to the mix (samples,) over spans in seconds, in dB, at least -120."""
    hop = round(_HOP * rate / 16_000)
    power = [np.square(rms_envelope(part, round(_FRAME * rate / 16_000), hop)) for part in (vocals, mix)]
    inside = np.zeros(len(power[0]), bool)
    for start_s, end_s in spans:
        inside[int(start_s * rate / hop) : int(end_s * rate / hop) + 1] = True
    voice, whole = (float(part[inside].sum()) for part in power)
    if voice <= 0 or whole <= 0:
        return _SILENT_DB
    return max(10 * float(np.log10(voice / whole)), _SILENT_DB)
