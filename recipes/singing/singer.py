"""Turns speech into singing: analysed by WORLD (Morise et al. 2016), with held vowels and the pitch of a melody."""

from __future__ import annotations

import random
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyworld
from scipy.ndimage import uniform_filter1d
from scipy.signal import fftconvolve, find_peaks

Signal = npt.NDArray[np.float64]

FRAME_MS = 5.0
SCALE = (0, 2, 4, 5, 7, 9, 11)


@dataclass(frozen=True)
class Speech:
    """Analysed speech, one frame per `FRAME_MS`: pitch in Hz (0: unvoiced), spectral envelope, aperiodicity."""

    pitch: Signal
    envelope: Signal
    breath: Signal
    rate: int

    @classmethod
    def of(cls, samples: Signal, rate: int) -> Speech:
        """Analyse a signal."""
        rough, times = pyworld.dio(samples, rate, frame_period=FRAME_MS)
        pitch = pyworld.stonemask(samples, rough, times, rate)
        envelope = pyworld.cheaptrick(samples, pitch, times, rate)
        return cls(pitch, envelope, pyworld.d4c(samples, pitch, times, rate), rate)

    @property
    def is_voiced(self) -> bool:
        """Whether enough frames are voiced to be sung."""
        return bool((self.pitch > 0).sum() >= 20)


@dataclass(frozen=True)
class Singer:
    """The voice and manner of a singer.

    `formants` is the ratio by which formants are moved, `transpose` the semitones above the speaking voice, `hold` the
    factor by which vowels are lengthened, `vibrato` its depth in semitones, `spoken` the share of the melody of the
    speech that is kept.
    """

    formants: float
    transpose: float
    hold: float
    vibrato: float
    glide_s: float
    spoken: float

    @classmethod
    def draw(cls, rng: random.Random) -> Singer:
        """A random singer."""
        return cls(
            formants=rng.uniform(0.85, 1.18),
            transpose=rng.uniform(-5, 9),
            hold=rng.choice((1.0, 1.3, 1.8, 2.5)),
            vibrato=max(rng.uniform(-0.2, 0.5), 0.0),
            glide_s=rng.uniform(0.03, 0.12),
            spoken=rng.choice((0.0, 0.0, 0.3, 1.0)),
        )

    def sing(self, speech: Speech, rng: random.Random) -> Signal:
        """The speech as sung by this singer to a random melody."""
        nuclei = _nuclei(speech)
        source = self._held(speech, nuclei, rng)
        voiced = speech.pitch[source] > 0
        median = float(np.median(speech.pitch[speech.pitch > 0]))
        spoken = 12 * np.log2(np.where(voiced, speech.pitch[source], median) / median)
        melody = self._melody(np.searchsorted(source, nuclei), len(source), rng)
        pitch = np.where(voiced, median * 2 ** ((melody + self.spoken * spoken + self.transpose) / 12), 0.0)
        envelope = _warped(speech.envelope[source], self.formants)
        result: Signal = pyworld.synthesize(pitch, envelope, speech.breath[source], speech.rate, FRAME_MS)
        return result

    def _held(self, speech: Speech, nuclei: npt.NDArray[np.int64], rng: random.Random) -> npt.NDArray[np.int64]:
        """The frame of the speech for each frame of the song; the middles of vowels last longer."""
        factors = np.ones(len(speech.pitch))
        reach = round(40 / FRAME_MS)
        for nucleus in nuclei:
            held = rng.choice((1.0, 1.0, self.hold, self.hold, 2 * self.hold))
            factors[max(nucleus - reach, 0) : nucleus + reach] = max(held, 1.0)
        ends = np.cumsum(factors)
        return np.searchsorted(ends, np.arange(int(ends[-1]))).clip(max=len(factors) - 1)

    def _melody(self, onsets: npt.NDArray[np.int64], num_frames: int, rng: random.Random) -> Signal:
        """Semitones for each frame: one note of a scale per syllable, several for some long ones."""
        steps = np.zeros(num_frames)
        degree = rng.randint(-1, 2)
        bounds = [0, *(int(onset) for onset in onsets[1:]), num_frames]
        for first, last in pairwise(bounds):
            parts = rng.choice((1, 1, 2, 3)) if (last - first) * FRAME_MS > 400 else 1
            for part in np.array_split(np.arange(first, last), parts):
                octave, place = divmod(degree, len(SCALE))
                steps[part] = 12 * octave + SCALE[place]
                degree = min(max(degree + rng.choice((-3, -2, -1, -1, 0, 0, 1, 1, 2, 3)), -4), 6)
        glided = uniform_filter1d(steps, max(round(self.glide_s * 1000 / FRAME_MS), 1), mode="nearest")
        time_s = np.arange(num_frames) * FRAME_MS / 1000
        waves: Signal = self.vibrato * np.sin(2 * np.pi * rng.uniform(4.5, 6.5) * time_s)
        return np.asarray(glided - np.mean(glided) + waves)


def _nuclei(speech: Speech) -> npt.NDArray[np.int64]:
    """Frames in the middle of syllables: where voiced speech is loudest."""
    level = 10 * np.log10(speech.envelope.sum(axis=1) + 1e-12)
    smooth = uniform_filter1d(np.where(speech.pitch > 0, level, level.min()), 5)
    peaks, _ = find_peaks(smooth, prominence=2.0, distance=round(80 / FRAME_MS))
    return np.asarray(peaks[speech.pitch[peaks] > 0], np.int64)


def _warped(envelope: Signal, ratio: float) -> Signal:
    """A spectral envelope (frames, bins) with its formants moved by a ratio."""
    bins = np.arange(envelope.shape[1])
    place = np.clip(bins / ratio, 0, bins[-1])
    low = np.minimum(place.astype(np.int64), bins[-1] - 1)
    share = place - low
    log = np.log(envelope + 1e-16)
    return np.ascontiguousarray(np.exp(log[:, low] * (1 - share) + log[:, low + 1] * share))


def doubled(samples: Signal, rate: int, rng: random.Random) -> Signal:
    """Add a second voice that is slightly late and slightly out of tune."""
    late = round(rng.uniform(0.015, 0.04) * rate)
    ratio = 2 ** (rng.uniform(-0.2, 0.2) / 12)
    place = np.arange(len(samples)) * ratio
    second = np.interp(place, np.arange(len(samples)), samples, right=0.0)
    return np.asarray(samples + rng.uniform(0.3, 0.8) * np.pad(second, (late, 0))[: len(samples)])


def in_room(samples: Signal, rate: int, rng: random.Random) -> Signal:
    """Add reverberation: exponentially decaying noise (Polack's model)."""
    decay_s = rng.uniform(0.2, 1.8)
    noise = np.random.default_rng(rng.getrandbits(32)).standard_normal(round(decay_s * rate))
    tail = noise * np.exp(-6.9 * np.arange(len(noise)) / len(noise))
    wet = fftconvolve(samples, tail / np.sqrt(np.sum(tail**2)))[: len(samples)]
    return np.asarray(samples + rng.uniform(0.05, 0.5) * wet)


def through_a_mixer(samples: Signal, rate: int, rng: random.Random) -> Signal:
    """Apply the tilt of an equaliser and the saturation of a limiter."""
    spectrum = np.fft.rfft(samples)
    hz = np.fft.rfftfreq(len(samples), 1 / rate)
    octaves = np.log2(np.clip(hz, 60, None) / 1000)
    tilt_db = rng.uniform(-3, 3) * octaves - np.where(hz < rng.uniform(60, 200), 18.0, 0.0)
    equal = np.fft.irfft(spectrum * 10 ** (tilt_db / 20), len(samples))
    loudest = float(np.abs(equal).max()) or 1.0
    drive = rng.uniform(0.5, 2.5)
    return np.asarray(np.tanh(drive * equal / loudest) / np.tanh(drive))
