"""How likely a recognised word is right: a logistic model over what speaks for it, fitted by `recipes/confidence`.

Of the words with a confidence of 0.8, about 80 % are right. The weights, and the songs that they come from, are in
`lyricsrec/data/confidence`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from lyricsrec.base.errors import ModelError
from lyricsrec.lyrics.normalise import normalized_words
from lyricsrec.lyrics.transcript import Word
from lyricsrec.recognition.base import WordEvidence

_FOLDER = Path(__file__).parents[1] / "data" / "confidence"
VOTED = _FOLDER / "voted.json"
"""The weights for Whisper models with a second pass, whose texts vote."""
SINGLE = _FOLDER / "single.json"
"""The weights for Whisper models with one pass."""
_ENGLISH = "en"
_SUREST = 0.99
_DIGITS = 3
_SMALL = 0.03

Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class RecognizedSong:
    """The words of a song, the evidence for each of them, and the code of their language, None if unknown."""

    words: Sequence[Word]
    evidence: Sequence[WordEvidence]
    language: str | None


def _hesitation(song: RecognizedSong) -> Values:
    """How improbable the model finds a word: the logarithm of minus the mean log-probability of its tokens (nats)."""
    return np.asarray(np.log(_SMALL + _improbable([each.log_prob for each in song.evidence])))


def _hesitation_around(song: RecognizedSong) -> Values:
    """The mean hesitation of the two words before and the two after; the first and last word stand for missing ones."""
    padded = np.pad(_hesitation(song), 2, mode="edge")
    return np.asarray((padded[:-4] + padded[1:-3] + padded[3:-1] + padded[4:]) / 4)


def _surprise(song: RecognizedSong) -> Values:
    """How improbable a word is without the audio: the root of minus its log-probability with noise instead."""
    return np.sqrt(_improbable([each.log_prob - each.evidence for each in song.evidence]))


def _disagreement(song: RecognizedSong) -> Values:
    """The share of the votes, of all texts that were found for the piece, that other words have."""
    return np.array([1 - each.agreement for each in song.evidence])


def _repeats(song: RecognizedSong) -> Values:
    """log(1 + n) for a word that follows, or is followed by, the same word in n other places of the song."""
    pairs = list(pairwise(_compared(song)))
    counts = Counter(pairs)
    others = [0, *(counts[pair] - 1 for pair in pairs), 0]
    return np.array([np.log1p(max(both)) for both in pairwise(others)])


def _length(song: RecognizedSong) -> Values:
    """The logarithm of the number of letters, plus one half: equally probable short words are more often right."""
    return np.log([0.5 + len(word) for word in _compared(song)])


def _english(song: RecognizedSong) -> Values:
    """1 for English, which Whisper models know best, 0 for other languages."""
    return np.full(len(song.words), float(song.language == _ENGLISH))


CLUES: Mapping[str, Callable[[RecognizedSong], Values]] = {
    "hesitation": _hesitation,
    "hesitation_around": _hesitation_around,
    "surprise": _surprise,
    "disagreement": _disagreement,
    "repeats": _repeats,
    "length": _length,
    "english": _english,
}
"""What a confidence depends on, by name."""


@dataclass(frozen=True)
class ConfidenceModel:
    """Turns clues into probabilities: log-odds are `bias` plus the sum of the clues times their `weights`.

    Words with a confidence below `unsure_below` deserve a second look.
    """

    weights: Mapping[str, float]
    bias: float
    unsure_below: float

    def confidences(self, song: RecognizedSong) -> list[float]:
        """The probability that each word is right, at most 0.99, rounded to three digits."""
        if not song.words:
            return []
        log_odds = sum((weight * CLUES[name](song) for name, weight in self.weights.items()), np.array(self.bias))
        probabilities = np.broadcast_to(1 / (1 + np.exp(-log_odds)), len(song.words))
        return [round(float(p), _DIGITS) for p in probabilities.clip(1 - _SUREST, _SUREST)]


def load_confidence(path: Path) -> ConfidenceModel:
    """Read the weights. Raises ModelError when the file is damaged."""
    try:
        stored: Any = json.loads(path.read_text("utf-8"))
        weights = {str(name): float(weight) for name, weight in stored["weights"].items()}
        model = ConfidenceModel(weights, float(stored["bias"]), float(stored["unsure_below"]))
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise ModelError(f"{path}: not the weights of a confidence model ({error})") from None
    if unknown := model.weights.keys() - CLUES.keys():
        raise ModelError(f"{path}: unknown clues {', '.join(sorted(unknown))}", f"Known clues: {', '.join(CLUES)}.")
    return model


def _improbable(log_probs: Sequence[float]) -> Values:
    return np.maximum(-np.array(log_probs, float), 0.0)


def _compared(song: RecognizedSong) -> list[str]:
    """The words without case and punctuation."""
    return ["".join(normalized_words(word.text, "plain")) for word in song.words]
