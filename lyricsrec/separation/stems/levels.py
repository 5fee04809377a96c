"""Which stems are worth keeping, by the power of the stems in every second of a song."""

from __future__ import annotations

import math

import numpy as np

from lyricsrec.audio.audio import Audio
from lyricsrec.separation.base import STEMS, StemName, Stems

SILENT_DBFS = -60.0
"""A song whose loudest second is below this (RMS, relative to full scale) is silent."""

VOICE_DB, BACKING_DB = -8.0, -12.0
"""Vocals and instrumental are in a song if `FOUND_S` of its seconds (`FOUND_SHARE` of a shorter song) reach these
powers, relative to the song's mean power. What Spleeter takes for a voice in an instrumental reaches -12 dB, what it
leaves of a solo voice -14 dB; in twelve full mixes the vocals reach -5 dB, the instrumental -3 dB."""

FOUND_S, FOUND_SHARE = 10, 0.1


class Levels:
    """Measures stems while they are written, block by block."""

    def __init__(self) -> None:
        self._energy = np.zeros((0, 3))
        self._num_samples = 0
        self._rate = 1

    def add(self, stems: Stems) -> None:
        """Take in the stems of a block; they need not begin with a full second."""
        self._rate = stems.vocals.sample_rate
        mix = Audio(stems.vocals.samples + stems.instrumental.samples, self._rate, stems.vocals.start_s)
        first = round(mix.start_s * self._rate)
        seconds = range(first // self._rate, -(-(first + mix.num_samples) // self._rate))
        if not seconds:
            return
        self._energy.resize((max(len(self._energy), seconds[-1] + 1), 3), refcheck=False)
        borders = [max(second * self._rate - first, 0) for second in seconds]
        for column, part in enumerate((mix, stems.vocals, stems.instrumental)):
            energy = np.add.reduceat(np.square(part.samples, dtype=np.float64).mean(axis=0), borders)
            self._energy[seconds[0] : seconds[-1] + 1, column] += energy
        self._num_samples = max(self._num_samples, first + mix.num_samples)

    def missing(self) -> dict[StemName, str]:
        """The stems that are not worth keeping, each with the reason."""
        if not len(self._energy) or _db(self._energy[:, 0].max() / self._second) < SILENT_DBFS:
            return dict.fromkeys(STEMS, "the song is silent")
        if not self._is_found(1, VOICE_DB):
            return dict.fromkeys(STEMS, "no voice was found")
        if not self._is_found(2, BACKING_DB):
            return {"instrumental": "nothing but the voice was found"}
        return {}

    @property
    def _second(self) -> int:
        """Samples in a second of the song, or in all of a shorter one."""
        return min(self._rate, self._num_samples)

    def _is_found(self, column: int, least_db: float) -> bool:
        mean = self._energy[:, 0].sum() / self._num_samples
        place = max(int(min(FOUND_S, FOUND_SHARE * len(self._energy))), 1)
        power = np.sort(self._energy[:, column])[-place] / self._second
        return _db(power / mean) >= least_db


def _db(power: float) -> float:
    return 10 * math.log10(power) if power > 0 else -math.inf
