"""Models that are asked about a doubtful text: is there a voice at all, and are there letters like these?

They are small and built in, and loaded only when there is a doubt.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import cached_property

import numpy as np
import torch

from lyricsrec.audio.audio import Audio, Samples, rms_envelope
from lyricsrec.audio.resample import resample
from lyricsrec.base.device import Compute
from lyricsrec.decoding.emission import Emission, Vocabulary
from lyricsrec.models.catalogue import MODELS, TIMING_LANGUAGE, TIMING_MODEL
from lyricsrec.models.resolve import LocalModel
from lyricsrec.recognition.base import Piece
from lyricsrec.recognition.ctc import CtcRecognizer, load_ctc
from lyricsrec.separation.base import Separator
from lyricsrec.separation.registry import load_separator
from lyricsrec.separation.settings import SeparateConfig

_SEPARATOR, _SEPARATOR_RATE = "spleeter", 44_100
_FRAME, _HOP = 1024, 320
_SILENT_DB = -120.0


class BuiltInWitnesses:
    """The separator Spleeter, and the CTC model `sung.en` for English."""

    def __init__(self, compute: Compute) -> None:
        self._compute = compute

    @cached_property
    def _separator(self) -> Separator:
        return load_separator(_SEPARATOR, SeparateConfig(), self._compute, offline=True)

    @cached_property
    def _ctc(self) -> CtcRecognizer:
        return load_ctc(LocalModel(TIMING_MODEL, "ctc", MODELS[TIMING_MODEL].source.resolve()), self._compute)

    def voice_db(self, piece: Piece, spans: Sequence[tuple[float, float]]) -> float:
        """Level of the vocals relative to the mix over spans, in seconds from the start of the piece, in dB."""
        mix = piece.mix
        mono = resample(torch.from_numpy(mix.samples), mix.sample_rate, _SEPARATOR_RATE)
        stereo = Audio(mono.expand(2, -1).contiguous().numpy(), _SEPARATOR_RATE, mix.start_s)
        vocals = self._separator.separate(stereo).vocals.samples[0]
        return relative_db(vocals, stereo.samples[0], spans, rate=_SEPARATOR_RATE)

    def letters(self, piece: Piece, text: str, language: str) -> float | None:
        """How much more probable a text is than silence, in nats a letter; None in languages other than English."""
        if language != TIMING_LANGUAGE:
            return None
        return letters_evidence(self._ctc.emission(piece.voice), text)


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


def letters_evidence(emission: Emission, text: str) -> float:
    """Log-probability of a text minus that of silence, over a piece, in nats a letter (CTC, Graves et al. 2006).

    -inf for a text without letters, or with more of them than the piece has room for.
    """
    vocabulary = emission.vocabulary
    tokens = _tokens(text, vocabulary)
    log_probs = torch.from_numpy(emission.log_probs).float()
    num_letters = sum(token != vocabulary.space for token in tokens)
    if not num_letters or len(tokens) > len(log_probs):
        return -float("inf")
    loss = torch.nn.functional.ctc_loss(
        log_probs[:, None],
        torch.tensor([tokens]),
        torch.tensor([len(log_probs)]),
        torch.tensor([len(tokens)]),
        blank=vocabulary.blank,
        reduction="none",
    )
    return float(-loss[0] - log_probs[:, vocabulary.blank].sum()) / num_letters


def _tokens(text: str, vocabulary: Vocabulary) -> list[int]:
    """The letters of a text that a vocabulary of single letters knows, with word delimiters between words."""
    known = {label: i for i, label in enumerate(vocabulary.labels) if label in vocabulary.letters}
    cased = text.upper() if vocabulary.upper_case else text.lower()
    words = unicodedata.normalize("NFKD", cased).split()
    spelt = [found for word in words if (found := [known[c] for c in word if c in known])]
    tokens: list[int] = []
    for word in spelt:
        tokens += [vocabulary.space, *word] if tokens and vocabulary.space is not None else word
    return tokens
