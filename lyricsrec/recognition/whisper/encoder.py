"""The encoder of a Whisper model, run by CTranslate2, and the language of a song that it shows.

The language is found once for a song, from the pieces with the loudest vocals.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lyricsrec.audio.audio import Samples
from lyricsrec.base.device import Compute
from lyricsrec.recognition.acoustic import RECOGNIZER_RATE
from lyricsrec.recognition.base import FoundLanguage, Piece

WINDOW_S = 30.0
FRAMES_PER_S = 50
_NUM_PIECES = 6
_LEAST = 1e-9

log = logging.getLogger(__name__)


class Encoder:
    """Encodes audio at 16 kHz, and knows the tokenizer and the languages of its model."""

    def __init__(self, folder: Path, compute: Compute) -> None:
        """Load a CTranslate2 folder. Raises RuntimeError, ValueError or OSError for a damaged one."""
        import torch
        from faster_whisper import WhisperModel

        self.device = "cuda" if compute.device == "cuda" else "cpu"
        self.model: Any = WhisperModel(
            str(folder), device=self.device, compute_type=compute.ctranslate2_type, cpu_threads=torch.get_num_threads()
        )

    @property
    def is_multilingual(self) -> bool:
        """Whether the model knows several languages."""
        return bool(self.model.model.is_multilingual)

    @property
    def languages(self) -> list[str]:
        """Codes of the languages that the model knows."""
        return list(self.model.supported_languages)

    def encode(self, samples: Samples) -> Samples:
        """The encoder's output (1, frames, width) for up to 30 s, padded with silence to that."""
        samples = np.pad(samples, (0, max(int(WINDOW_S * RECOGNIZER_RATE) - len(samples), 0)))
        features = self.model.feature_extractor(samples, padding=0)[:, : int(WINDOW_S * 2 * FRAMES_PER_S)]
        encoded = self.model.encode(np.ascontiguousarray(features, dtype=np.float32))
        return np.array(encoded, dtype=np.float32)

    def language_of(self, encoded: Sequence[Samples]) -> FoundLanguage:
        """The language of pieces that were encoded; English, surely, for an English-only model."""
        if not self.is_multilingual:
            return FoundLanguage("en", 1.0)
        import ctranslate2

        found = []
        for piece in encoded:
            view = ctranslate2.StorageView.from_array(np.ascontiguousarray(piece))
            found.append({token.strip("<|>"): share for token, share in self.model.model.detect_language(view)[0]})
        return most_likely(found)

    def find_language(self, pieces: Sequence[Piece]) -> FoundLanguage:
        """The language of a song, from its mix."""
        return self.language_of([self.encode(pieces[i].mix.samples[0]) for i in loudest(pieces)])


def loudest(pieces: Sequence[Piece]) -> list[int]:
    """The indices of up to six pieces with the loudest vocals, in order."""
    loudness = [float(np.square(piece.voice.samples).mean()) if piece.voice.num_samples else 0.0 for piece in pieces]
    return sorted(sorted(range(len(pieces)), key=lambda i: -loudness[i])[:_NUM_PIECES])


def most_likely(probabilities: Sequence[Mapping[str, float]]) -> FoundLanguage:
    """The language with the highest mean log-probability over the pieces, and its share among all languages.

    The mean is low for a language that is impossible in one piece; the share is low where pieces disagree, as in music
    without singing.
    """
    means = {
        code: float(np.mean([np.log(max(piece[code], _LEAST)) for piece in probabilities])) for code in probabilities[0]
    }
    code = max(means, key=lambda name: means[name])
    share = 1 / sum(float(np.exp(mean - means[code])) for mean in means.values())
    log.debug("language: %s (%.2f)", code, share)
    return FoundLanguage(code, share)
