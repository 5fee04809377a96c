"""Whisper models in CTranslate2 folders, through faster-whisper, with a search made for singing.

Each piece is searched in two views at once: the mix, and the separated vocals slowed down a little. Because songs
repeat their words, uncertain pieces are recognised a second time with the most reliable text as context, and the text
is taken that the audio supports more. Text that it hardly supports is judged by other models and may be dropped.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lyricsrec.audio.audio import Samples
from lyricsrec.audio.resample import resample
from lyricsrec.base.device import Compute
from lyricsrec.base.errors import ModelError, UsageError
from lyricsrec.base.progress import Report, ignore
from lyricsrec.lyrics.transcript import Word
from lyricsrec.models.reading import read_object, reading_model
from lyricsrec.models.resolve import LocalModel
from lyricsrec.recognition.acoustic import RECOGNIZER_RATE
from lyricsrec.recognition.base import Piece, RecognizedPiece
from lyricsrec.recognition.whisper.decoder import Layers, WhisperDecoder
from lyricsrec.recognition.whisper.encoder import FRAMES_PER_S, WINDOW_S, Encoder, loudest
from lyricsrec.recognition.whisper.evidence import ScoredWord, TextScore, score_text
from lyricsrec.recognition.whisper.judge import Judge, Witnesses
from lyricsrec.recognition.whisper.search import JointSearch
from lyricsrec.recognition.whisper.settings import WhisperConfig
from lyricsrec.recognition.whisper.symbols import read_symbols

_FEW_WORDS = 3
_GROUP_BYTES = 400 << 20
_SILENCE_S = 1.0

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Hypothesis:
    """A text for a piece, with its scores."""

    tokens: tuple[int, ...]
    score: TextScore


@dataclass(frozen=True)
class _LanguageTools:
    """The tokenizer and the search of one language."""

    tokenizer: Any
    search: JointSearch


class WhisperRecognizer:
    """Recognises the words of pieces, with their times."""

    vocabulary = None

    def __init__(
        self,
        name: str,
        folder: Path,
        compute: Compute,
        *,
        language: str | None,
        config: WhisperConfig,
        witnesses: Witnesses,
    ) -> None:
        self._encoder = Encoder(folder, compute)
        dtype = getattr(torch, compute.convolution_format)
        self._decoder = WhisperDecoder(folder, self._encoder.device, dtype)
        self._folder, self._given_language, self._config = folder, language, config
        self._judge = Judge(config, witnesses)
        self.name = name
        self.longest_s = WINDOW_S / max(config.slowdown, 1.0) - 0.3
        self._tools: dict[str, _LanguageTools] = {}
        noise = np.random.default_rng(0).standard_normal(int(WINDOW_S * RECOGNIZER_RATE)) * 0.02
        self._noise = self._decoder.cross(self._encode(noise.astype(np.float32)))
        self._heads = _alignment_heads(folder, self._decoder)

    @property
    def languages(self) -> list[str]:
        """Codes of the languages that the model knows."""
        return self._encoder.languages

    @torch.inference_mode()
    def recognize(
        self, pieces: Sequence[Piece], report: Report = ignore, *, language: str | None = None
    ) -> Iterator[RecognizedPiece]:
        """The words of each piece; texts with low acoustic evidence are dropped, with a note."""
        encoded: list[Tensor] = []
        for piece in pieces:
            encoded.append(torch.cat([self._encode(view) for view in self._views(piece)]))
            report(_between(pieces, 0.4 * len(encoded) / len(pieces)))
        if not pieces:
            return
        known = self._given_language or language
        found = None if known else self._encoder.language_of([encoded[i][:1].cpu().numpy() for i in loudest(pieces)])
        language = found.code if found else known
        assert language is not None
        tools = self._tools_for(language)
        hypotheses = self._search(pieces, encoded, tools)
        report(_between(pieces, 0.7))
        if self._config.second_pass:
            hypotheses = self._second_pass(pieces, encoded, tools, hypotheses)
        scores = [hypothesis.score for hypothesis in hypotheses]
        for piece, score, kept in zip(pieces, scores, self._judge.kept(pieces, scores, language), strict=True):
            yield replace(_result(piece, score, kept), language=language, found=found)
            report(piece.mix.end_s)

    def _views(self, piece: Piece) -> list[Samples]:
        if not self._config.two_views:
            return [piece.mix.samples[0]]
        slow = resample(torch.from_numpy(piece.voice.samples[0]), 100, round(100 * self._config.slowdown))
        return [piece.mix.samples[0], slow.numpy()]

    def _encode(self, samples: Samples) -> Tensor:
        return torch.from_numpy(self._encoder.encode(samples)).to(self._decoder.embeddings.device)

    def _tools_for(self, language: str) -> _LanguageTools:
        if language not in self._tools:
            from faster_whisper.tokenizer import Tokenizer

            tokenizer = Tokenizer(
                self._encoder.model.hf_tokenizer, self._encoder.is_multilingual, "transcribe", language
            )
            embeddings = self._decoder.embeddings
            symbols = read_symbols(self._folder, tokenizer, embeddings.shape[0], embeddings.device)
            search = JointSearch(self._decoder, symbols, self._noise, self._config)
            self._tools[language] = _LanguageTools(tokenizer, search)
        return self._tools[language]

    def _search(
        self,
        pieces: Sequence[Piece],
        encoded: Sequence[Tensor],
        tools: _LanguageTools,
        context: Sequence[int] | None = None,
    ) -> list[_Hypothesis]:
        """Search pieces in groups that fit into memory: the first pass, or with a context the second one."""
        second = context is not None
        beam = self._config.beam_width if second else self._config.first_beam
        hypotheses: list[_Hypothesis] = []
        piece_bytes = (
            2 * self._decoder.num_layers * len(encoded[0]) * int(WINDOW_S * FRAMES_PER_S) * self._decoder.width * 4
        )
        group = max(_GROUP_BYTES // piece_bytes, 1)
        for start in range(0, len(pieces), group):
            seconds = [piece.mix.duration_s for piece in pieces[start : start + group]]
            audio = [
                self._decoder.cross(views[:, : self._num_frames(s)])
                for views, s in zip(encoded[start : start + group], seconds, strict=True)
            ]
            found = tools.search.run(audio, seconds, beam, context or (), contrast=second)
            hypotheses += [self._scored(tools, *each) for each in zip(found, audio, seconds, strict=True)]
        return hypotheses

    def _num_frames(self, seconds: float) -> int:
        """Encoder frames of a piece in its slower view, and of a little silence after it."""
        return math.ceil((seconds * self._config.slowdown + _SILENCE_S) * FRAMES_PER_S)

    def _scored(self, tools: _LanguageTools, tokens: Sequence[int], audio: Layers, seconds: float) -> _Hypothesis:
        score = score_text(self._decoder, tools.tokenizer, self._heads, audio, self._noise, tokens, seconds)
        return _Hypothesis(tuple(tokens), score)

    def _second_pass(
        self, pieces: Sequence[Piece], encoded: Sequence[Tensor], tools: _LanguageTools, first: list[_Hypothesis]
    ) -> list[_Hypothesis]:
        """Recognise uncertain pieces with the most reliable text as context; keep the texts with more evidence."""
        context, used = self._context(first)
        uncertain = [
            i
            for i, hypothesis in enumerate(first)
            if i not in used and hypothesis.score.log_prob < self._config.retry_below
        ]
        log.debug("%d pieces, %d in the second pass", len(pieces), len(uncertain))
        if not uncertain:
            return first
        second = self._search([pieces[i] for i in uncertain], [encoded[i] for i in uncertain], tools, context)
        hypotheses = list(first)
        for i, new in zip(uncertain, second, strict=True):
            if new.score.evidence > first[i].score.evidence:
                hypotheses[i] = new
        return hypotheses

    def _context(self, hypotheses: Sequence[_Hypothesis]) -> tuple[list[int], set[int]]:
        """The tokens of the most reliable pieces, the most likely one last, and the indices of those pieces."""
        reliable = [
            i
            for i, hypothesis in enumerate(hypotheses)
            if self._judge.is_sure(hypothesis.score) and len(hypothesis.score.words) > _FEW_WORDS
        ]
        context: list[int] = []
        used: set[int] = set()
        for i in sorted(reliable, key=lambda i: -hypotheses[i].score.log_prob):
            if len(context) + len(hypotheses[i].tokens) <= self._config.context_tokens:
                context = [*hypotheses[i].tokens, *context]
                used.add(i)
        return context, used


def _result(piece: Piece, score: TextScore, kept: Sequence[ScoredWord]) -> RecognizedPiece:
    """The words that were kept, at their times in the song, and a note on those that were dropped."""
    start_s = piece.mix.start_s
    notes: tuple[str, ...] = ()
    if len(kept) < len(score.words):
        lost = [word for word in score.words if word not in kept]
        notes = (_note(start_s + lost[0].start_s, start_s + lost[-1].end_s, " ".join(w.text for w in lost)),)
    words = tuple(Word(w.text, start_s + w.start_s, start_s + w.end_s, confidence=w.confidence) for w in kept)
    return RecognizedPiece(words, notes)


def load_whisper(
    model: LocalModel, compute: Compute, language: str | None, config: WhisperConfig, *, witnesses: Witnesses
) -> WhisperRecognizer:
    """Load a Whisper model from its CTranslate2 folder; `witnesses` are asked about doubtful texts.

    Raises ModelError when faster-whisper is missing or the folder is damaged, UsageError for a language that the
    model does not know.
    """
    try:
        import faster_whisper  # noqa: F401
    except ImportError:
        raise ModelError("Whisper models need faster-whisper", "pip install 'lyricsrec[whisper]'") from None
    if not (model.folder / "tokenizer.json").is_file():
        # faster-whisper would download one.
        raise ModelError(f"{model.name}: {model.folder} has no tokenizer.json", "Copy it from the original model.")
    with reading_model(f"{model.name}: cannot be loaded as a Whisper model", f"Is {model.folder} complete?"):
        recognizer = WhisperRecognizer(
            model.name, model.folder, compute, language=language, config=config, witnesses=witnesses
        )
    known = recognizer.languages
    if language is not None and language not in known:
        raise UsageError(f"{model.name} does not know the language '{language}'", f"It knows: {', '.join(known)}.")
    return recognizer


def _alignment_heads(folder: Path, decoder: WhisperDecoder) -> list[tuple[int, int]]:
    """The attention heads to align by, as listed in the model's configuration; else all of the upper half."""
    heads = read_object(folder / "config.json").get("alignment_heads")
    if heads:
        return [(int(layer), int(head)) for layer, head in heads]
    upper = range(decoder.num_layers // 2, decoder.num_layers)
    return [(layer, head) for layer in upper for head in range(decoder.num_heads)]


def _between(pieces: Sequence[Piece], share: float) -> float:
    """The position in seconds at a share of the way through the pieces."""
    start_s, end_s = pieces[0].mix.start_s, pieces[-1].mix.end_s
    return start_s + share * (end_s - start_s)


def _note(start_s: float, end_s: float, text: str) -> str:
    shown = text if len(text) <= 60 else text[:60].rsplit(" ", 1)[0] + " ..."
    return f'{start_s:.1f}-{end_s:.1f} s: dropped "{shown}": likely a hallucination or a loop (low acoustic evidence)'
