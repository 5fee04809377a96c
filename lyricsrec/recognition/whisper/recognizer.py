"""Whisper models in CTranslate2 folders, through faster-whisper, with a search made for singing.

Each piece is searched in two views at once: the mix, and the separated vocals slowed down a little. Because songs
repeat their words, uncertain pieces are recognised again with the most reliable texts as context. The likeliest texts
of all passes vote on each word. Text that the audio hardly supports may be dropped.
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
from lyricsrec.decoding.voting.repeats import retold
from lyricsrec.decoding.voting.vote import VotedWord, shares_of_a_vote, vote, words_of
from lyricsrec.lyrics.transcript import Word
from lyricsrec.models.reading import reading_model
from lyricsrec.models.resolve import LocalModel
from lyricsrec.recognition.acoustic import RECOGNIZER_RATE
from lyricsrec.recognition.base import Piece, RecognizedPiece, WordEvidence
from lyricsrec.recognition.whisper.decoder import Layers, WhisperDecoder
from lyricsrec.recognition.whisper.encoder import FRAMES_PER_S, WINDOW_S, Encoder, loudest
from lyricsrec.recognition.whisper.evidence import ScoredWord, TextScore, alignment_heads, score_text
from lyricsrec.recognition.whisper.judge import Judge, Witnesses, note_on_dropped
from lyricsrec.recognition.whisper.search import JointSearch, Ranked
from lyricsrec.recognition.whisper.settings import WhisperConfig
from lyricsrec.recognition.whisper.symbols import read_symbols

_FEW_WORDS = 3
_GROUP_BYTES = 400 << 20
_SILENCE_S = 1.0
_LEAST_PROBABILITY = 1e-9

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Hypothesis:
    """The texts that a search found for a piece, and the scores of the best one."""

    texts: Ranked
    score: TextScore

    @property
    def tokens(self) -> list[int]:
        """The tokens of the best text."""
        return self.texts[0][1]

    def agrees_with(self, other: _Hypothesis) -> bool:
        """Whether the words of the best texts are the same."""
        return words_of(self.score.text) == words_of(other.score.text)


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
        self._heads = alignment_heads(folder, self._decoder)

    @property
    def languages(self) -> list[str]:
        """Codes of the languages that the model knows."""
        return self._encoder.languages

    @property
    def encoder(self) -> Encoder:
        """Its encoder, with the whole model."""
        return self._encoder

    @torch.inference_mode()
    def recognize(
        self, pieces: Sequence[Piece], report: Report = ignore, *, language: str | None = None
    ) -> Iterator[RecognizedPiece]:
        """The words of each piece; texts with low acoustic evidence are dropped, with a note."""
        encoded: list[Tensor] = []
        for piece in pieces:
            views = self._views(piece)
            seconds = max(map(len, views)) / RECOGNIZER_RATE + self._config.silence_s
            encoded.append(torch.cat([self._encode(view, seconds) for view in views]))
            report(_between(pieces, 0.4 * len(encoded) / len(pieces)))
        if not pieces:
            return
        known = self._given_language or language or self._encoder.only_language
        found = None if known else self._encoder.language_of([encoded[i][:1].cpu().numpy() for i in loudest(pieces)])
        language = found.code if found else known
        assert language is not None
        tools = self._tools_for(language)
        first = self._search(pieces, encoded, tools)
        report(_between(pieces, 0.7))
        second = self._second_pass(pieces, encoded, tools, first) if self._config.second_pass else {}
        passes = [[first[i], *second.get(i, [])] for i in range(len(pieces))]
        scores = [
            self._scored(tools, words, passes[i], views=encoded[i], seconds=piece.mix.duration_s)
            for i, (piece, words) in enumerate(zip(pieces, self._voted(tools, passes), strict=True))
        ]
        for i, (piece, kept) in enumerate(zip(pieces, self._judge.kept(pieces, scores), strict=True)):
            yield replace(_result(piece, scores[i], kept, is_sure=i not in second), language=language, found=found)
            report(piece.mix.end_s)

    def _views(self, piece: Piece) -> list[Samples]:
        if not self._config.two_views:
            return [piece.mix.samples[0]]
        slow = resample(torch.from_numpy(piece.voice.samples[0]), 100, round(100 * self._config.slowdown))
        return [piece.mix.samples[0], slow.numpy()]

    def _encode(self, samples: Samples, seconds: float = WINDOW_S) -> Tensor:
        return torch.from_numpy(self._encoder.encode(samples, seconds)).to(self._decoder.embeddings.device)

    def _tools_for(self, language: str) -> _LanguageTools:
        if language not in self._tools:
            from faster_whisper.tokenizer import Tokenizer

            tokenizer = Tokenizer(
                self._encoder.model.hf_tokenizer, self._encoder.is_multilingual, "transcribe", language
            )
            embeddings = self._decoder.embeddings
            symbols = read_symbols(self._folder, tokenizer, embeddings.shape[0], embeddings.device)
            search = JointSearch(self._decoder, symbols, self._config)
            self._tools[language] = _LanguageTools(tokenizer, search)
        return self._tools[language]

    def _search(
        self, pieces: Sequence[Piece], encoded: Sequence[Tensor], tools: _LanguageTools, context: Sequence[int] = ()
    ) -> list[_Hypothesis]:
        """Search pieces, given as their encoded views, in groups that fit into memory."""
        hypotheses: list[_Hypothesis] = []
        piece_bytes = (
            2 * self._decoder.num_layers * len(encoded[0]) * int(WINDOW_S * FRAMES_PER_S) * self._decoder.width * 4
        )
        group = max(_GROUP_BYTES // piece_bytes, 1)
        for start in range(0, len(pieces), group):
            seconds = [piece.mix.duration_s for piece in pieces[start : start + group]]
            audio = [self._cross(views, s) for views, s in zip(encoded[start : start + group], seconds, strict=True)]
            found = tools.search.run(audio, seconds, context)
            for texts, layers, s in zip(found, audio, seconds, strict=True):
                hypotheses.append(_Hypothesis(texts, self._score(tools, texts[0][1], layers, s)))
        return hypotheses

    def _cross(self, views: Tensor, seconds: float) -> Layers:
        """Cross-attention keys and values of a piece in its slower view, and of a little silence after it."""
        num_frames = math.ceil((seconds * self._config.slowdown + _SILENCE_S) * FRAMES_PER_S)
        return self._decoder.cross(views[:, :num_frames])

    def _score(self, tools: _LanguageTools, tokens: Sequence[int], audio: Layers, seconds: float) -> TextScore:
        return score_text(self._decoder, tools.tokenizer, self._heads, audio, self._noise, tokens, seconds)

    def _second_pass(
        self, pieces: Sequence[Piece], encoded: Sequence[Tensor], tools: _LanguageTools, first: Sequence[_Hypothesis]
    ) -> dict[int, list[_Hypothesis]]:
        """Recognise the vocals of uncertain pieces with reliable texts as context; by index of the piece.

        Pieces for which one context gives the text of the first pass are not recognised with another one.
        """
        found: dict[int, list[_Hypothesis]] = {}
        for sources in self._contexts(first):
            context = [token for i in sources for token in first[i].tokens]
            uncertain = [
                i
                for i, hypothesis in enumerate(first)
                if i not in sources
                and hypothesis.score.log_prob < self._config.retry_below
                and not any(hypothesis.agrees_with(other) for other in found.get(i, []))
            ]
            if not uncertain:
                break
            views = [encoded[i][-1:] for i in uncertain]
            again = self._search([pieces[i] for i in uncertain], views, tools, context)
            for i, hypothesis in zip(uncertain, again, strict=True):
                found.setdefault(i, []).append(hypothesis)
        log.debug("%d pieces, %d in the second pass", len(pieces), len(found))
        return found

    def _voted(self, tools: _LanguageTools, pieces: Sequence[Sequence[_Hypothesis]]) -> list[list[VotedWord] | None]:
        """The words that the passes of each piece and similar passages of others vote for; None without a voter."""
        config = self._config
        ballots = [self._ballot(tools, passes) for passes in pieces]
        texts = [" ".join(word.text for word in vote(ballot)) for ballot in ballots]
        others = retold(texts, config.repeat_score)
        return [
            vote([*ballot, *((config.repeat_vote, text) for text in more)]) if ballot else None
            for ballot, more in zip(ballots, others, strict=True)
        ]

    def _ballot(self, tools: _LanguageTools, passes: Sequence[_Hypothesis]) -> list[tuple[float, str]]:
        """The texts of a piece's passes with their votes; passes with too little evidence have none."""
        ballot: list[tuple[float, str]] = []
        for each in passes:
            if each.score.evidence >= self._config.min_evidence:
                votes = 1.0 if each is passes[0] else self._config.second_vote
                shares = shares_of_a_vote([log_prob for log_prob, _ in each.texts], self._config.vote_sharpness)
                texts = [tools.tokenizer.decode(tokens) for _, tokens in each.texts]
                ballot += [(votes * share, text) for share, text in zip(shares, texts, strict=True)]
        return ballot

    def _scored(
        self,
        tools: _LanguageTools,
        words: Sequence[VotedWord] | None,
        passes: Sequence[_Hypothesis],
        *,
        views: Tensor,
        seconds: float,
    ) -> TextScore:
        """The scores of the words that won the vote; where there was none, those of the first pass."""
        score = passes[0].score
        if words is None:
            return score
        text = " ".join(word.text for word in words)
        if words_of(text) != words_of(score.text):
            tokens = tools.tokenizer.encode(f" {text}") if text else []
            score = self._score(tools, tokens, self._cross(views, seconds), seconds)
        return score.with_agreement([word.share for word in words]).averaged_over([each.score for each in passes])

    def _contexts(self, hypotheses: Sequence[_Hypothesis]) -> list[list[int]]:
        """The indices of the most reliable pieces in groups that are one context each, the most likely piece last."""
        reliable = [
            i
            for i, hypothesis in enumerate(hypotheses)
            if self._judge.is_sure(hypothesis.score) and len(hypothesis.score.words) > _FEW_WORDS
        ]
        remaining = sorted(reliable, key=lambda i: -hypotheses[i].score.log_prob)
        contexts: list[list[int]] = []
        while remaining and len(contexts) < self._config.num_contexts:
            group: list[int] = []
            length = 0
            for i in remaining:
                if length + len(hypotheses[i].tokens) <= self._config.context_tokens:
                    length += len(hypotheses[i].tokens)
                    group.insert(0, i)
            if not group:
                break
            contexts.append(group)
            remaining = [i for i in remaining if i not in group]
        return contexts


def _result(piece: Piece, score: TextScore, kept: Sequence[ScoredWord], *, is_sure: bool) -> RecognizedPiece:
    """The words that were kept, at their times in the song, and a note on those that were dropped."""
    start_s = piece.mix.start_s
    notes: tuple[str, ...] = ()
    if len(kept) < len(score.words):
        lost = [word for word in score.words if word not in kept]
        notes = (note_on_dropped(start_s + lost[0].start_s, start_s + lost[-1].end_s, " ".join(w.text for w in lost)),)
    words = tuple(Word(w.text, start_s + w.start_s, start_s + w.end_s, confidence=w.confidence) for w in kept)
    evidence = tuple(
        WordEvidence(
            math.log(max(w.confidence, _LEAST_PROBABILITY)),
            w.evidence,
            w.agreement,
            piece_log_prob=score.log_prob,
            piece_evidence=score.evidence,
            is_sure=is_sure,
        )
        for w in kept
    )
    return RecognizedPiece(words, notes, evidence=evidence)


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


def _between(pieces: Sequence[Piece], share: float) -> float:
    """The position in seconds at a share of the way through the pieces."""
    start_s, end_s = pieces[0].mix.start_s, pieces[-1].mix.end_s
    return start_s + share * (end_s - start_s)
