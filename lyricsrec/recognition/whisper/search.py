"""A beam search over several views of the same piece at once.

At every step the decoder's hidden states are averaged over the views of a piece. Repetitions of a phrase are limited to
avoid loops.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, field

import torch
from torch import Tensor

from lyricsrec.recognition.whisper.decoder import Layers, WhisperDecoder
from lyricsrec.recognition.whisper.settings import WhisperConfig
from lyricsrec.recognition.whisper.symbols import Symbols

_CANDIDATES = 24
_LONGEST_PHRASE = 24
_PLAUSIBLE = 3.0
_NEVER = -1e9


@dataclass
class _Piece:
    """The beams of one piece: unfinished texts, and finished ones with their mean log-probability."""

    limit: int
    texts: list[list[int]]
    scores: list[float]
    _: KW_ONLY
    ended: list[tuple[float, list[int]]] = field(default_factory=list)


@dataclass
class _Extension:
    """One step of a piece's beams: for each, the beam that it extends and its new token."""

    parents: list[int]
    tokens: list[int]


class _Stream:
    """The decoder over the views of each piece."""

    def __init__(self, decoder: WhisperDecoder, audio: Sequence[Layers]) -> None:
        self._decoder = decoder
        self._audio = list(audio)
        self._cache: Layers = []
        self._views = audio[0][0][0].shape[0]

    def open(self, prefix: Sequence[int], beam: int) -> Tensor:
        """Hidden states (pieces, beams, width) after the opening tokens."""
        rows = self._views * len(self._audio)
        tokens = torch.tensor(prefix, device=self._decoder.embeddings.device).expand(rows, 1, -1)
        hidden = self._decoder.step(tokens, self._cache, self._audio)[:, :, -1]
        self._cache = [(k.expand(-1, beam, -1, -1, -1), v.expand(-1, beam, -1, -1, -1)) for k, v in self._cache]
        return self._averaged(hidden.expand(-1, beam, -1))

    def advance(self, kept: Sequence[int], parents: Tensor, tokens: Tensor) -> Tensor:
        """Hidden states after one more token of the pieces `kept`; beams (pieces, beams) extend `parents`."""
        pieces = torch.tensor(kept, device=tokens.device)
        self._audio = [self._audio[i] for i in kept]
        rows = (pieces[:, None] * self._views + torch.arange(self._views, device=tokens.device)).reshape(-1, 1)
        chosen = parents.repeat_interleave(self._views, dim=0)
        extended = tokens.repeat_interleave(self._views, dim=0)[..., None]
        self._cache = [(_taken(key, rows, chosen), _taken(value, rows, chosen)) for key, value in self._cache]
        return self._averaged(self._decoder.step(extended, self._cache, self._audio)[:, :, 0])

    def _averaged(self, hidden: Tensor) -> Tensor:
        """The mean over views, (pieces, beams, width)."""
        return hidden.reshape(len(self._audio), self._views, hidden.shape[1], -1).mean(dim=1)


def _taken(values: Tensor, rows: Tensor, beams: Tensor) -> Tensor:
    """`values[rows, beams]` for indices (rows, 1) and (rows, beams), faster on processors."""
    flat = rows * values.shape[1] + beams
    return values.flatten(0, 1).index_select(0, flat.flatten()).reshape(*flat.shape, *values.shape[2:])


Ranked = list[tuple[float, list[int]]]
"""Texts as tokens with their mean log-probabilities, the likeliest first."""


class JointSearch:
    """Finds the text of pieces, each given in several views."""

    def __init__(self, decoder: WhisperDecoder, symbols: Symbols, config: WhisperConfig) -> None:
        self._decoder, self._symbols, self._config = decoder, symbols, config
        self._members: dict[int, list[int]] = {}
        for token, number in enumerate(symbols.groups):
            self._members.setdefault(number, []).append(token)

    def run(self, audio: Sequence[Layers], seconds: Sequence[float], context: Sequence[int] = ()) -> list[Ranked]:
        """The finished texts of each piece.

        `audio` are the cross-attention keys and values of each piece's views, `seconds` the lengths of the pieces.
        Words of the previous text `context` become likelier.
        """
        beam = self._config.beam_width
        prefix = ([self._symbols.previous, *context] if context else []) + list(self._symbols.begin)
        room = self._decoder.max_length - len(prefix) - 1
        pieces = [
            _Piece(
                min(int(self._config.tokens_per_s * s) + 8, room),
                [[] for _ in range(beam)],
                [0.0] + [_NEVER] * (beam - 1),
            )
            for s in seconds
        ]
        stream = _Stream(self._decoder, audio)
        hidden = stream.open(prefix, beam)
        live, length = list(pieces), 0
        while live:
            log_probs, tokens = self._ranked(hidden, live, first=length == 0)
            length += 1
            extensions = [self._extend(p, log_probs[i], tokens[i], length) for i, p in enumerate(live)]
            kept = [i for i, extension in enumerate(extensions) if extension is not None]
            going_on = [extension for extension in extensions if extension is not None]
            if not kept:
                break
            live = [live[i] for i in kept]
            parents = torch.tensor([extension.parents for extension in going_on], device=hidden.device)
            chosen = torch.tensor([extension.tokens for extension in going_on], device=hidden.device)
            hidden = stream.advance(kept, parents, chosen)
        return [sorted(piece.ended, key=lambda end: -end[0]) for piece in pieces]

    def _ranked(
        self, hidden: Tensor, live: Sequence[_Piece], *, first: bool
    ) -> tuple[list[list[list[float]]], list[list[list[int]]]]:
        """Log-probabilities and indices of the likeliest next tokens of every beam, all close to its best one."""
        excluded = self._symbols.forbidden_first if first else self._symbols.forbidden
        beam = self._config.beam_width
        top, tokens = self._decoder.likeliest(hidden, excluded, _CANDIDATES)
        log_probs = torch.log_softmax(top, dim=-1)
        log_probs = log_probs.masked_fill(top < top[..., :1] - _PLAUSIBLE, _NEVER)
        for i, piece in enumerate(live):
            for b, text in enumerate(piece.texts):
                for banned in self._banned(text):
                    log_probs[i, b].masked_fill_(tokens[i, b] == banned, _NEVER)
        best, order = log_probs.topk(beam + 1, dim=-1)
        return best.tolist(), tokens.gather(-1, order).tolist()

    def _extend(
        self, piece: _Piece, log_probs: list[list[float]], tokens: list[list[int]], length: int
    ) -> _Extension | None:
        """Extend a piece's beams by one token; None when its search is finished."""
        beam = len(piece.scores)
        options = sorted(
            (
                (piece.scores[b] + log_prob, b, token)
                for b in range(beam)
                for log_prob, token in zip(log_probs[b], tokens[b], strict=True)
            ),
            key=lambda option: -option[0],
        )
        texts: list[list[int]] = []
        scores: list[float] = []
        extension = _Extension([], [])
        for score, parent, token in options:
            if score < _NEVER / 2 or len(texts) == beam:
                break
            if token == self._symbols.end:
                piece.ended.append((score / (len(piece.texts[parent]) + 1), piece.texts[parent]))
                continue
            texts.append([*piece.texts[parent], token])
            scores.append(score)
            extension.parents.append(parent)
            extension.tokens.append(token)
        over = len(piece.ended) >= beam or length >= piece.limit or not texts
        if over and not piece.ended:
            piece.ended = [(score / (len(t) + 1), t) for score, t in zip(scores, texts, strict=True)] or [(_NEVER, [])]
        missing = beam - len(texts)
        piece.texts, piece.scores = texts + [[] for _ in range(missing)], scores + [_NEVER] * missing
        extension.parents += [0] * missing
        extension.tokens += [self._symbols.end] * missing
        return None if over else extension

    def _banned(self, text: Sequence[int]) -> list[int]:
        """Tokens that would complete one repetition of a phrase too many, or a phrase that is never sung."""
        groups = [number for token in text if (number := self._symbols.groups[token]) >= 0]
        credits = [phrase[-1] for phrase in self._symbols.never if groups[1 - len(phrase) :] == [*phrase[:-1]]]
        return self._repetitions(groups) + [token for number in credits for token in self._members[number]]

    def _repetitions(self, groups: Sequence[int]) -> list[int]:
        """Tokens that would complete one repetition of a phrase too many, after tokens of these numbers."""
        repeats = self._config.max_repeats
        banned: list[int] = []
        for period in range(1, _LONGEST_PHRASE + 1):
            needed = period * (repeats + 1) - 1
            if needed > len(groups):
                break
            tail = groups[-needed:]
            if tail[: needed - period] == tail[period:]:
                banned += self._members[tail[-period]]
        return banned
