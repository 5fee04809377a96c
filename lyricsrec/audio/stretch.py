"""Another key or tempo of sound, by Signalsmith Stretch (a phase vocoder with peaks that are mapped by frequency)."""

from __future__ import annotations

import numpy as np

from lyricsrec.audio.audio import Samples

MAX_SEMITONES = 6
"""How far a key can be moved, up or down."""

MIN_TEMPO, MAX_TEMPO = 50, 200
"""The slowest and the fastest tempo, in percent."""

# The same sound every time.
_SEED = 1


def stretch(samples: Samples, sample_rate: int, *, semitones: int = 0, tempo: int = 100) -> Samples:
    """Sound (channels, samples) in another key, by semitones, and tempo, in percent of the old one.

    The result is as long as the tempo asks for, to the sample; one that is louder than full scale is turned down.
    """
    from python_stretch import Signalsmith

    shifter = Signalsmith.Stretch(_SEED)
    shifter.preset(len(samples), sample_rate)
    shifter.setTransposeSemitones(semitones)
    shifter.setTimeFactor(tempo / 100)
    changed: Samples = np.asarray(shifter.process(np.ascontiguousarray(samples, np.float32)), np.float32)
    loudest = float(np.abs(changed).max(initial=0.0))
    return changed / np.float32(loudest) if loudest > 1 else changed
