"""Acoustic evidence for a text, and the times of its words.

One pass of the decoder over a finished text gives the log-probability of each token with the audio and with noise in
its place; the difference (a log-likelihood ratio) is the acoustic evidence. Times come from the cross-attention of
Whisper's alignment heads by dynamic time warping, as in Whisper's own word timestamps.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rapidfuzz.distance import Levenshtein
from torch import Tensor
from torch.nn import functional

from lyricsrec.decoding.voting.vote import words_of
from lyricsrec.models.reading import read_object
from lyricsrec.recognition.whisper.decoder import Layers, WhisperDecoder

_FRAMES_PER_S = 50
_MEDIAN = 7
_USUAL_WORD_S = 0.7
_LEAST_PROBABILITY = 1e-9


@dataclass(frozen=True)
class ScoredWord:
    """A word and its times in seconds from the start of its piece.

    `confidence` is the geometric mean of the probabilities of its tokens, `evidence` is in nats a token, and
    `agreement` is its share of the votes.
    """

    text: str
    start_s: float
    end_s: float
    _: KW_ONLY
    confidence: float
    evidence: float
    agreement: float = 1.0


@dataclass(frozen=True)
class TextScore:
    """The scores of a text: the mean log-probability of its tokens, and their mean acoustic evidence (nats a token)."""

    log_prob: float
    evidence: float
    words: tuple[ScoredWord, ...]

    def with_agreement(self, shares: Sequence[float]) -> TextScore:
        """The same with the words' shares of the votes, or their mean where the words were split otherwise."""
        if len(shares) != len(self.words):
            shares = [float(np.mean(shares)) if shares else 0.0] * len(self.words)
        words = (replace(word, agreement=share) for word, share in zip(self.words, shares, strict=True))
        return replace(self, words=tuple(words))

    def averaged_over(self, passes: Sequence[TextScore]) -> TextScore:
        """The same with the geometric means of the confidences that its words have in the texts of passes.

        Those of a text that was voted are unreliable, as it mixes spellings; they stay for words that are in no other.
        """
        logs: list[list[float]] = [[] for _ in self.words]
        for each in passes:
            for i, j in _common(self._keys, each._keys):
                logs[i].append(float(np.log(max(each.words[j].confidence, _LEAST_PROBABILITY))))
        words = (
            replace(word, confidence=float(np.exp(np.mean(found)))) if found else word
            for word, found in zip(self.words, logs, strict=True)
        )
        return replace(self, words=tuple(words))

    @property
    def _keys(self) -> list[str]:
        """Its words as they are compared."""
        return ["".join(words_of(word.text)) for word in self.words]

    @property
    def text(self) -> str:
        """The words with spaces between them."""
        return " ".join(word.text for word in self.words)

    def without_weak_runs(self, length: int, least: float) -> tuple[ScoredWord, ...]:
        """The words without runs of `length` whose mean evidence is below `least`, such as the tails of loops."""
        evidence = np.array([word.evidence for word in self.words])
        weak = np.zeros(len(evidence), bool)
        for start in range(len(evidence) - length + 1):
            if evidence[start : start + length].mean() < least:
                weak[start : start + length] = True
        return tuple(word for word, drop in zip(self.words, weak, strict=True) if not drop)


def _common(words: Sequence[str], others: Sequence[str]) -> Iterator[tuple[int, int]]:
    """The positions of equal words in the alignment of two texts with the fewest edits."""
    for block in Levenshtein.opcodes(words, others):
        if block.tag == "equal":
            yield from zip(range(block.src_start, block.src_end), range(block.dest_start, block.dest_end), strict=True)


_EMPTY = TextScore(-np.inf, 0.0, ())


def alignment_heads(folder: Path, decoder: WhisperDecoder) -> list[tuple[int, int]]:
    """The attention heads to align by, as listed in the model's configuration; else all of the upper half."""
    heads = read_object(folder / "config.json").get("alignment_heads")
    if heads:
        return [(int(layer), int(head)) for layer, head in heads]
    upper = range(decoder.num_layers // 2, decoder.num_layers)
    return [(layer, head) for layer in upper for head in range(decoder.num_heads)]


def score_text(
    decoder: WhisperDecoder,
    tokenizer: Any,
    heads: Sequence[tuple[int, int]],
    views: Layers,
    noise: Layers,
    tokens: Sequence[int],
    seconds: float,
) -> TextScore:
    """Score a text with the views of its piece (the first of them at natural speed) and with noise.

    `heads` are the (layer, head) pairs to align by.
    """
    if not tokens:
        return _EMPTY
    num_views = views[0][0].shape[0]
    begin = [*tokenizer.sot_sequence, tokenizer.no_timestamps]
    text = torch.tensor([*begin, *tokens, tokenizer.eot], device=decoder.embeddings.device)
    attention: list[Tensor] = []
    hidden = decoder.step(text.expand(num_views + 1, 1, -1), [], [views, noise], attention)[:, 0]
    states = torch.stack([hidden[:num_views].mean(dim=0), hidden[num_views]])[:, len(begin) - 1 : -1]
    log_probs = decoder.log_probs_of(states, text[len(begin) :].expand(2, -1)).cpu().numpy()
    focus = _focus([attention[layer][0, head] for layer, head in heads], len(begin), seconds)
    # The row before the first token covers the time before the singing.
    starts = monotonic_starts(-focus)[1:]
    words = _words(tokenizer, tokens, starts, log_probs[0], log_probs[0] - log_probs[1])
    words = without_pauses(words, focus[1:], starts)
    return TextScore(float(log_probs[0].mean()), float((log_probs[0] - log_probs[1]).mean()), words)


def _focus(attention: Sequence[Tensor], num_begin: int, seconds: float) -> np.ndarray[Any, Any]:
    """Attention of each token (1 + tokens + end, frames), averaged over heads (length, frames) and smoothed."""
    num_rows = attention[0].shape[0] - num_begin + 1
    num_frames = max(int(seconds * _FRAMES_PER_S), num_rows)
    weights = torch.stack(list(attention))[..., :num_frames]
    weights = (weights - weights.mean(dim=1, keepdim=True)) / weights.std(
        dim=1, keepdim=True, unbiased=False
    ).clamp_min(1e-9)
    padded = functional.pad(weights.mean(dim=0)[None], (_MEDIAN // 2, _MEDIAN // 2), mode="replicate")[0]
    smooth = padded.unfold(-1, _MEDIAN, 1).median(dim=-1).values[num_begin - 2 : -1]
    return np.asarray(smooth.cpu().numpy())


def monotonic_starts(cost: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The frame at which each row of a cost matrix (rows, frames) starts on the cheapest path.

    Dynamic time warping in which rows follow each other in order, each has at least one frame, and none share a frame.
    """
    num_rows, num_frames = cost.shape
    total = np.cumsum(cost, axis=1)
    best = total[0]
    entered = np.zeros((num_rows, num_frames), int)
    for row in range(1, num_rows):
        enter = np.full(num_frames, np.inf)
        enter[1:] = best[:-1] - total[row, :-1]
        lowest = np.minimum.accumulate(enter)
        entered[row] = np.maximum.accumulate(np.where(enter <= lowest, np.arange(num_frames), 0))
        best = lowest + total[row]
    starts = np.zeros(num_rows, int)
    frame = num_frames - 1
    for row in range(num_rows - 1, 0, -1):
        starts[row] = entered[row, frame]
        frame = starts[row] - 1
    return starts


def _words(
    tokenizer: Any,
    tokens: Sequence[int],
    starts: np.ndarray[Any, Any],
    log_probs: np.ndarray[Any, Any],
    evidence: np.ndarray[Any, Any],
) -> tuple[ScoredWord, ...]:
    """Tokens joined into words; text that follows a word without a space (punctuation, `-one`) belongs to it.

    `starts` are the tokens' first frames, and at last the end.
    """
    groups: list[tuple[str, int, int]] = []
    first = 0
    spaced = tokenizer.decode(list(tokens)).strip().count(" ") > 0
    for text, part in zip(*tokenizer.split_to_word_tokens(list(tokens)), strict=True):
        last = first + len(part)
        if groups and ((spaced and not text.startswith(" ")) or not any(c.isalnum() for c in text)):
            groups[-1] = (groups[-1][0] + text, groups[-1][1], last)
        else:
            groups.append((text, first, last))
        first = last
    return tuple(
        ScoredWord(
            text.strip(),
            float(starts[a]) / _FRAMES_PER_S,
            float(starts[b]) / _FRAMES_PER_S,
            confidence=float(np.exp(log_probs[a:b].mean())),
            evidence=float(evidence[a:b].mean()),
        )
        for text, a, b in groups
        if any(c.isalnum() for c in text)
    )


def without_pauses(
    words: Sequence[ScoredWord], focus: np.ndarray[Any, Any], starts: np.ndarray[Any, Any]
) -> tuple[ScoredWord, ...]:
    """Words shortened to at most twice the median length of their piece.

    The warping path leaves no gaps, so a word next to a pause includes it. Of a word that is too long, the stretch with
    the most attention is kept; `focus` and `starts` are the attention and first frames of the tokens.
    """
    if not words:
        return ()
    usual_s = min(float(np.median([word.end_s - word.start_s for word in words])), _USUAL_WORD_S)
    longest = round(max(2 * usual_s, _USUAL_WORD_S) * _FRAMES_PER_S)
    kept: list[ScoredWord] = []
    for word in words:
        first, last = (round(t * _FRAMES_PER_S) for t in (word.start_s, word.end_s))
        if last - first > longest:
            rows = (starts >= first) & (starts < last)
            attended = np.cumsum(np.concatenate([[0.0], focus[rows, first:last].max(axis=0)]))
            first += int(np.argmax(attended[longest:] - attended[:-longest]))
            last = first + longest
        kept.append(replace(word, start_s=first / _FRAMES_PER_S, end_s=last / _FRAMES_PER_S))
    return tuple(kept)
