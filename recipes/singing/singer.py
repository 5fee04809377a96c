"""Speech turned to song: WORLD (Morise et al. 2016) takes it apart, vowels are held, the pitch follows a melody."""

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
    """Speech taken apart, a frame each `FRAME_MS`: pitch in Hz (0: unvoiced), spectral envelope, aperiodicity."""

    pitch: Signal
    envelope: Signal
    breath: Signal
    rate: int

    @classmethod
    def of(cls, samples: Signal, rate: int) -> Speech:
        """Take a signal apart."""
        rough, times = pyworld.dio(samples, rate, frame_period=FRAME_MS)
        pitch = pyworld.stonemask(samples, rough, times, rate)
        envelope = pyworld.cheaptrick(samples, pitch, times, rate)
        return cls(pitch, envelope, pyworld.d4c(samples, pitch, times, rate), rate)

    @property
    def is_voiced(self) -> bool:
        """Whether there is enough voice to sing with."""
        return bool((self.pitch > 0).sum() >= 20)


@dataclass(frozen=True)
class Singer:
    """How somebody sings.

    Formants are moved by a ratio, the voice by semitones from how it speaks; vowels are held so many times as long;
    vibrato is in semitones, and a share of speech's own melody remains.
    """

    formants: float
    transpose: float
    hold: float
    vibrato: float
    glide_s: float
    spoken: float

    @classmethod
    def by_chance(cls, chance: random.Random) -> Singer:
        """A singer like no other."""
        return cls(
            formants=chance.uniform(0.85, 1.18),
            transpose=chance.uniform(-5, 9),
            hold=chance.choice((1.0, 1.3, 1.8, 2.5)),
            vibrato=max(chance.uniform(-0.2, 0.5), 0.0),
            glide_s=chance.uniform(0.03, 0.12),
            spoken=chance.choice((0.0, 0.0, 0.3, 1.0)),
        )

    def sing(self, speech: Speech, chance: random.Random) -> Signal:
        """The sound of speech as this singer sings it, to a melody by chance."""
        nuclei = _nuclei(speech)
        source = self._held(speech, nuclei, chance)
        voiced = speech.pitch[source] > 0
        median = float(np.median(speech.pitch[speech.pitch > 0]))
        spoken = 12 * np.log2(np.where(voiced, speech.pitch[source], median) / median)
        melody = self._melody(np.searchsorted(source, nuclei), len(source), chance)
        pitch = np.where(voiced, median * 2 ** ((melody + self.spoken * spoken + self.transpose) / 12), 0.0)
        envelope = _warped(speech.envelope[source], self.formants)
        result: Signal = pyworld.synthesize(pitch, envelope, speech.breath[source], speech.rate, FRAME_MS)
        return result

    def _held(self, speech: Speech, nuclei: npt.NDArray[np.int64], chance: random.Random) -> npt.NDArray[np.int64]:
        """For each frame of the song, the frame of the speech that sounds: the middles of vowels last longer."""
        factors = np.ones(len(speech.pitch))
        reach = round(40 / FRAME_MS)
        for nucleus in nuclei:
            held = chance.choice((1.0, 1.0, self.hold, self.hold, 2 * self.hold))
            factors[max(nucleus - reach, 0) : nucleus + reach] = max(held, 1.0)
        ends = np.cumsum(factors)
        return np.searchsorted(ends, np.arange(int(ends[-1]))).clip(max=len(factors) - 1)

    def _melody(self, onsets: npt.NDArray[np.int64], num_frames: int, chance: random.Random) -> Signal:
        """Semitones for each frame: a note of a scale a syllable, long ones may have several."""
        steps = np.zeros(num_frames)
        degree = chance.randint(-1, 2)
        bounds = [0, *(int(onset) for onset in onsets[1:]), num_frames]
        for first, last in pairwise(bounds):
            parts = chance.choice((1, 1, 2, 3)) if (last - first) * FRAME_MS > 400 else 1
            for part in np.array_split(np.arange(first, last), parts):
                octave, place = divmod(degree, len(SCALE))
                steps[part] = 12 * octave + SCALE[place]
                degree = min(max(degree + chance.choice((-3, -2, -1, -1, 0, 0, 1, 1, 2, 3)), -4), 6)
        glided = uniform_filter1d(steps, max(round(self.glide_s * 1000 / FRAME_MS), 1), mode="nearest")
        time_s = np.arange(num_frames) * FRAME_MS / 1000
        waves: Signal = self.vibrato * np.sin(2 * np.pi * chance.uniform(4.5, 6.5) * time_s)
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


def doubled(samples: Signal, rate: int, chance: random.Random) -> Signal:
    """With a second voice that is a little late and a little off."""
    late = round(chance.uniform(0.015, 0.04) * rate)
    ratio = 2 ** (chance.uniform(-0.2, 0.2) / 12)
    place = np.arange(len(samples)) * ratio
    second = np.interp(place, np.arange(len(samples)), samples, right=0.0)
    return np.asarray(samples + chance.uniform(0.3, 0.8) * np.pad(second, (late, 0))[: len(samples)])


def in_room(samples: Signal, rate: int, chance: random.Random) -> Signal:
    """With reverberation: noise that decays (Polack's model)."""
    decay_s = chance.uniform(0.2, 1.8)
    noise = np.random.default_rng(chance.getrandbits(32)).standard_normal(round(decay_s * rate))
    tail = noise * np.exp(-6.9 * np.arange(len(noise)) / len(noise))
    wet = fftconvolve(samples, tail / np.sqrt(np.sum(tail**2)))[: len(samples)]
    return np.asarray(samples + chance.uniform(0.05, 0.5) * wet)


def through_a_mixer(samples: Signal, rate: int, chance: random.Random) -> Signal:
    """With an equaliser's tilt and a limiter's warmth."""
    spectrum = np.fft.rfft(samples)
    hz = np.fft.rfftfreq(len(samples), 1 / rate)
    octaves = np.log2(np.clip(hz, 60, None) / 1000)
    tilt_db = chance.uniform(-3, 3) * octaves - np.where(hz < chance.uniform(60, 200), 18.0, 0.0)
    equal = np.fft.irfft(spectrum * 10 ** (tilt_db / 20), len(samples))
    loudest = float(np.abs(equal).max()) or 1.0
    drive = chance.uniform(0.5, 2.5)
    return np.asarray(np.tanh(drive * equal / loudest) / np.tanh(drive))
