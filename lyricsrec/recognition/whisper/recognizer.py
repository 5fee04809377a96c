"""Whisper models in CTranslate2 folders, through faster-whisper, with a search made for singing.

Each piece is heard twice, as the mix and as the separated voice a little slowed down, and both hearings vote on every
token. What was understood surely becomes the context in which the rest is heard again, because songs repeat
their words. Text that the model would say just as well without the sound is not taken as sung: loops and texts
invented in instrumental breaks are of that kind.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torchaudio.functional
from torch import Tensor

from lyricsrec.audio.audio import Samples
from lyricsrec.base.device import Compute
from lyricsrec.base.errors import ModelError, UsageError
from lyricsrec.base.progress import Report, ignore
from lyricsrec.lyrics.transcript import Word
from lyricsrec.models.resolve import LocalModel
from lyricsrec.recognition.acoustic import RECOGNIZER_RATE
from lyricsrec.recognition.base import Piece, RecognizedPiece
from lyricsrec.recognition.whisper.decoder import Layers, WhisperDecoder
from lyricsrec.recognition.whisper.evidence import Evidence, SungWord, explain
from lyricsrec.recognition.whisper.search import JointSearch, Symbols
from lyricsrec.recognition.whisper.settings import WhisperConfig

_WINDOW_S = 30.0
_NUM_VIEWS = 2
_GROUP_BYTES = 400 << 20
_FRAMES_PER_S = 50
_SILENCE_S = 1.0


@dataclass(frozen=True)
class _Attempt:
    """A text for a piece, and how well the sound bears it out."""

    tokens: tuple[int, ...]
    evidence: Evidence


@dataclass(frozen=True)
class _Language:
    """What hearing in one language takes."""

    tokenizer: Any
    search: JointSearch


class WhisperRecognizer:
    """Recognises the words of pieces, with their times."""

    vocabulary = None

    def __init__(self, name: str, folder: Path, compute: Compute, language: str | None, config: WhisperConfig) -> None:
        from faster_whisper import WhisperModel

        device = "cuda" if compute.device == "cuda" else "cpu"
        self._model = WhisperModel(
            str(folder), device=device, compute_type=compute.ctranslate2_type, cpu_threads=torch.get_num_threads()
        )
        self._decoder = WhisperDecoder(folder, device)
        self._folder, self._given_language, self._config = folder, language, config
        self.name = name
        self.longest_s = _WINDOW_S / max(config.slower, 1.0) - 0.3
        self._voices: dict[str, _Language] = {}
        noise = np.random.default_rng(0).standard_normal(int(_WINDOW_S * RECOGNIZER_RATE)) * 0.02
        self._noise = self._decoder.cross(self._encode(noise.astype(np.float32)))
        self._heads = _alignment_heads(folder, self._decoder)

    @property
    def languages(self) -> list[str]:
        """Codes of the languages the model knows."""
        return list(self._model.supported_languages)

    @torch.inference_mode()
    def recognize(self, pieces: Sequence[Piece], report: Report = ignore) -> Iterator[RecognizedPiece]:
        """The words of each piece; texts that nothing in the sound bears out are left out, with a note."""
        encoded: list[Tensor] = []
        for piece in pieces:
            encoded.append(torch.cat([self._encode(view) for view in self._views(piece)]))
            report(_between(pieces, 0.4 * len(encoded) / len(pieces)))
        if not pieces:
            return
        language = self._given_language or self._detected(encoded)
        self._use(language)
        first = self._hear(pieces, encoded)
        report(_between(pieces, 0.7))
        for piece, attempt in zip(pieces, self._again(pieces, encoded, first), strict=True):
            yield replace(self._heard(piece, attempt), language=language)
            report(piece.mix.end_s)

    def _views(self, piece: Piece) -> list[Samples]:
        slow = torchaudio.functional.resample(
            torch.from_numpy(piece.voice.samples[0]), 100, round(100 * self._config.slower)
        )
        return [piece.mix.samples[0], slow.numpy()]

    def _encode(self, samples: Samples) -> Tensor:
        """Encoder output (1, frames, width) of up to 30 s, padded with silence to that."""
        samples = np.pad(samples, (0, max(int(_WINDOW_S * RECOGNIZER_RATE) - len(samples), 0)))
        features = self._model.feature_extractor(samples, padding=0)[:, : int(_WINDOW_S * 2 * _FRAMES_PER_S)]
        encoded = self._model.encode(np.ascontiguousarray(features, dtype=np.float32))
        return torch.from_numpy(np.array(encoded, dtype=np.float32)).to(self._decoder.embeddings.device)

    def _detected(self, encoded: Sequence[Tensor]) -> str:
        """The language of most pieces, by the mean of the model's probabilities."""
        if not self._model.model.is_multilingual:
            return "en"
        import ctranslate2

        votes: dict[str, float] = {}
        for views in encoded:
            view = ctranslate2.StorageView.from_array(np.ascontiguousarray(views[:1].cpu().numpy()))
            for token, probability in self._model.model.detect_language(view)[0]:
                votes[token] = votes.get(token, 0.0) + probability
        return max(votes, key=lambda token: votes[token]).strip("<|>")

    def _use(self, language: str) -> None:
        if language not in self._voices:
            from faster_whisper.tokenizer import Tokenizer

            multilingual = self._model.model.is_multilingual
            tokenizer = Tokenizer(self._model.hf_tokenizer, multilingual, "transcribe", language)
            symbols = _symbols(self._folder, tokenizer, self._decoder)
            search = JointSearch(self._decoder, symbols, self._noise, self._config)
            self._voices[language] = _Language(tokenizer, search)
        self._speaks = self._voices[language]

    def _hear(
        self, pieces: Sequence[Piece], encoded: Sequence[Tensor], context: Sequence[int] | None = None
    ) -> list[_Attempt]:
        """One search over pieces, in groups that fit into memory: a quick one, or a thorough one in a context."""
        thorough = context is not None
        beam = self._config.beam_width if thorough else self._config.first_beam
        attempts: list[_Attempt] = []
        piece_bytes = (
            2 * self._decoder.num_layers * _NUM_VIEWS * int(_WINDOW_S * _FRAMES_PER_S) * self._decoder.width * 4
        )
        group = max(_GROUP_BYTES // piece_bytes, 1)
        for start in range(0, len(pieces), group):
            seconds = [piece.mix.duration_s for piece in pieces[start : start + group]]
            sounds = [
                self._decoder.cross(views[:, : self._num_frames(s)])
                for views, s in zip(encoded[start : start + group], seconds, strict=True)
            ]
            found = self._speaks.search.run(sounds, seconds, beam, context or (), contrast=thorough)
            attempts += [self._explained(*each) for each in zip(found, sounds, seconds, strict=True)]
        return attempts

    def _num_frames(self, seconds: float) -> int:
        """Encoder frames that a piece fills in its slowest view, and a little of the silence after it."""
        return math.ceil((seconds * self._config.slower + _SILENCE_S) * _FRAMES_PER_S)

    def _explained(self, tokens: Sequence[int], sound: Layers, seconds: float) -> _Attempt:
        evidence = explain(self._decoder, self._speaks.tokenizer, self._heads, sound, self._noise, tokens, seconds)
        return _Attempt(tuple(tokens), evidence)

    def _again(self, pieces: Sequence[Piece], encoded: Sequence[Tensor], first: list[_Attempt]) -> list[_Attempt]:
        """Hear unsure pieces again in the context of the sure ones, and keep what explains the sound better."""
        context, used = self._context(first)
        unsure = [
            i
            for i, attempt in enumerate(first)
            if i not in used
            and (attempt.evidence.log_prob < self._config.unsure or not self._is_sung(attempt.evidence))
        ]
        if not unsure:
            return first
        second = self._hear([pieces[i] for i in unsure], [encoded[i] for i in unsure], context)
        attempts = list(first)
        for i, attempt in zip(unsure, second, strict=True):
            explains = attempt.evidence.log_prob > first[i].evidence.log_prob - self._config.margin
            if explains and len(attempt.tokens) >= self._config.kept_share * len(first[i].tokens):
                attempts[i] = attempt
        return attempts

    def _context(self, attempts: Sequence[_Attempt]) -> tuple[list[int], set[int]]:
        """The tokens of the surest pieces, the surest last, and which pieces they are."""
        config = self._config
        sure = [
            i
            for i, attempt in enumerate(attempts)
            if self._is_sung(attempt.evidence)
            and attempt.evidence.ratio > config.weak_evidence
            and len(attempt.evidence.words) > config.few_words
        ]
        context: list[int] = []
        used: set[int] = set()
        for i in sorted(sure, key=lambda i: -attempts[i].evidence.log_prob):
            if len(context) + len(attempts[i].tokens) <= config.context_tokens:
                context = [*attempts[i].tokens, *context]
                used.add(i)
        return context, used

    def _is_sung(self, evidence: Evidence) -> bool:
        config = self._config
        least = config.min_evidence if evidence.log_prob >= config.weak_log_prob else config.weak_evidence
        if evidence.log_prob < config.min_log_prob or evidence.ratio < least:
            return False
        if len(evidence.words) > config.few_words:
            return True
        return evidence.ratio >= config.few_evidence and evidence.log_prob >= config.few_log_prob

    def _sung_words(self, evidence: Evidence) -> tuple[SungWord, ...]:
        """What of a text counts as sung: all, all but the tail of a loop, or what is strong in a doubtful one."""
        config = self._config
        if not self._is_sung(evidence):
            return evidence.strong_runs(config.run_words, config.weak_evidence)
        if evidence.ratio < config.weak_evidence:
            return evidence.without_runs(config.run_words, config.run_evidence)
        return evidence.words

    def _heard(self, piece: Piece, attempt: _Attempt) -> RecognizedPiece:
        evidence = attempt.evidence
        start_s = piece.mix.start_s
        if not evidence.words:
            return RecognizedPiece(())
        kept = self._sung_words(evidence)
        notes: tuple[str, ...] = ()
        if len(kept) < len(evidence.words):
            lost = [word for word in evidence.words if word not in kept]
            notes = (_note(start_s + lost[0].start_s, start_s + lost[-1].end_s, " ".join(w.text for w in lost)),)
        words = tuple(Word(w.text, start_s + w.start_s, start_s + w.end_s, confidence=w.confidence) for w in kept)
        return RecognizedPiece(words, notes)


def load_whisper(model: LocalModel, compute: Compute, language: str | None, config: WhisperConfig) -> WhisperRecognizer:
    """Load a Whisper model from its CTranslate2 folder.

    Raises ModelError when faster-whisper is missing or the folder is damaged, UsageError for a language that the
    model does not know.
    """
    try:
        import faster_whisper  # noqa: F401
    except ImportError:
        raise ModelError("Whisper models need faster-whisper", "pip install 'lyricsrec[offline]'") from None
    if not (model.folder / "tokenizer.json").is_file():
        # faster-whisper would fetch one from the hub.
        raise ModelError(f"{model.name}: {model.folder} holds no tokenizer.json", "Copy it from the original model.")
    try:
        recognizer = WhisperRecognizer(model.name, model.folder, compute, language, config)
    except (RuntimeError, ValueError, OSError, KeyError) as error:
        raise ModelError(
            f"{model.name}: cannot be loaded as a Whisper model ({error})", f"Is {model.folder} complete?"
        ) from None
    known = recognizer.languages
    if language is not None and language not in known:
        raise UsageError(f"{model.name} does not know the language '{language}'", f"It knows: {', '.join(known)}.")
    return recognizer


def _alignment_heads(folder: Path, decoder: WhisperDecoder) -> list[tuple[int, int]]:
    """The heads that attend in time, as the model's configuration lists them; else all of the upper half."""
    heads = json.loads((folder / "config.json").read_text("utf-8")).get("alignment_heads")
    if heads:
        return [(int(layer), int(head)) for layer, head in heads]
    upper = range(decoder.num_layers // 2, decoder.num_layers)
    return [(layer, head) for layer in upper for head in range(decoder.num_heads)]


def _symbols(folder: Path, tokenizer: Any, decoder: WhisperDecoder) -> Symbols:
    """What the search must know of a tokenizer's tokens."""
    config = json.loads((folder / "config.json").read_text("utf-8"))
    size = decoder.embeddings.shape[0]
    forbidden = torch.zeros(size)
    forbidden[[i for i in config.get("suppress_ids") or tokenizer.non_speech_tokens if 0 <= i < size]] = -1e9
    forbidden[tokenizer.eot + 1 :] = -1e9
    first = forbidden.clone()
    first[[i for i in config.get("suppress_ids_begin") or [] if 0 <= i < size]] = -1e9
    numbers: dict[str, int] = {}
    alike: list[int] = []
    for token in range(size):
        text = tokenizer.decode([token]) if token < tokenizer.eot else ""
        # Lyrics spell numbers out.
        if any(c.isdigit() for c in text):
            forbidden[token] = first[token] = -1e9
        letters = "".join(c for c in text.lower() if c.isalnum())
        alike.append(numbers.setdefault(letters, len(numbers)) if letters else -1)
    device = decoder.embeddings.device
    begin = (*tokenizer.sot_sequence, tokenizer.no_timestamps)
    return Symbols(
        begin,
        tokenizer.sot_prev,
        tokenizer.eot,
        forbidden=forbidden.to(device),
        forbidden_first=first.to(device),
        alike=tuple(alike),
    )


def _between(pieces: Sequence[Piece], share: float) -> float:
    start_s, end_s = pieces[0].mix.start_s, pieces[-1].mix.end_s
    return start_s + share * (end_s - start_s)


def _note(start_s: float, end_s: float, text: str) -> str:
    shown = text if len(text) <= 60 else text[:60].rsplit(" ", 1)[0] + " ..."
    return f'{start_s:.1f}-{end_s:.1f} s: dropped "{shown}": invented or looping, the sound does not bear it out'
