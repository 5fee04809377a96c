"""A beam search that listens to several renderings of the same stretch at once.

At every step the decoder's hidden states over all renderings of a piece are averaged, and a share of what the model
would say to mere noise is subtracted from its logits (contrastive decoding, Li et al. 2022, against an audio-free
model): text that the sound itself calls for gains, text that only sounds like language loses. Copies of a phrase are
limited, so that no search ends in a loop.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, field

import torch
from torch import Tensor

from lyricsrec.recognition.whisper.decoder import Layers, WhisperDecoder
from lyricsrec.recognition.whisper.settings import WhisperConfig

_CANDIDATES = 24
_LONGEST_PHRASE = 24
_NEVER = -1e9


@dataclass(frozen=True, eq=False)
class Symbols:
    """What the search must know of the tokens.

    `begin` opens every text, `previous` announces a context, `end` closes a text; `forbidden` (and as the first token
    `forbidden_first`) is never chosen. `alike` gives tokens that differ only in case, space or punctuation the same
    number, and -1 to those without letters.
    """

    begin: tuple[int, ...]
    previous: int
    end: int
    _: KW_ONLY
    forbidden: Tensor
    forbidden_first: Tensor
    alike: tuple[int, ...]


@dataclass
class _Piece:
    """The beams of one piece: texts that go on, and texts that ended with their mean log-probability."""

    limit: int
    texts: list[list[int]]
    scores: list[float]
    _: KW_ONLY
    ended: list[tuple[float, list[int]]] = field(default_factory=list)


@dataclass
class _Growth:
    """How a piece's beams went on: for each, the beam it came from and its new token."""

    parents: list[int]
    tokens: list[int]


class _Stream:
    """The decoder over pieces of `num_views` rows each, or over one piece that stands in for all of them."""

    def __init__(self, decoder: WhisperDecoder, sounds: Sequence[Layers], num_pieces: int, beam: int) -> None:
        self._decoder = decoder
        self._sounds = list(sounds)
        self._cache: Layers = []
        self._views = sounds[0][0][0].shape[0]
        self._shared = len(sounds) == 1
        self._pieces, self._beam = num_pieces, beam

    def open(self, prefix: Sequence[int]) -> Tensor:
        """Hidden states (pieces, beams, width) after the opening tokens."""
        rows = self._views * len(self._sounds)
        tokens = torch.tensor(prefix, device=self._decoder.embeddings.device).expand(rows, 1, -1)
        hidden = self._decoder.step(tokens, self._cache, self._sounds)[:, :, -1]
        beams = self._pieces * self._beam if self._shared else self._beam
        self._cache = [(k.expand(-1, beams, -1, -1, -1), v.expand(-1, beams, -1, -1, -1)) for k, v in self._cache]
        return self._averaged(hidden.expand(-1, beams, -1))

    def advance(self, kept: Sequence[int], parents: Tensor, tokens: Tensor) -> Tensor:
        """Hidden states after one more token: pieces `kept`, whose beams (pieces, beams) go on from `parents`."""
        pieces = torch.tensor(kept, device=tokens.device)
        self._pieces = len(kept)
        if self._shared:
            flat = (pieces[:, None] * self._beam + parents).flatten()
            self._cache = [(key[:, flat], value[:, flat]) for key, value in self._cache]
            grown = tokens.reshape(1, -1, 1).expand(self._views, -1, -1)
        else:
            self._sounds = [self._sounds[i] for i in kept]
            rows = (pieces[:, None] * self._views + torch.arange(self._views, device=tokens.device)).flatten()
            beams = parents.repeat_interleave(self._views, dim=0)
            self._cache = [(key[rows[:, None], beams], value[rows[:, None], beams]) for key, value in self._cache]
            grown = tokens.repeat_interleave(self._views, dim=0)[..., None]
        return self._averaged(self._decoder.step(grown, self._cache, self._sounds)[:, :, 0])

    def _averaged(self, hidden: Tensor) -> Tensor:
        """The mean over views, (pieces, beams, width)."""
        if self._shared:
            return hidden.mean(dim=0).reshape(self._pieces, self._beam, -1)
        return hidden.reshape(self._pieces, self._views, self._beam, -1).mean(dim=1)


class JointSearch:
    """Finds the text of pieces that are each heard in several views."""

    def __init__(self, decoder: WhisperDecoder, symbols: Symbols, noise: Layers, config: WhisperConfig) -> None:
        self._decoder, self._symbols, self._noise, self._config = decoder, symbols, noise, config
        self._members: dict[int, list[int]] = {}
        for token, number in enumerate(symbols.alike):
            self._members.setdefault(number, []).append(token)

    def run(
        self,
        sounds: Sequence[Layers],
        seconds: Sequence[float],
        beam: int,
        context: Sequence[int] = (),
        *,
        contrast: bool = True,
    ) -> list[list[int]]:
        """The best tokens of each piece.

        `sounds` are the keys and values of each piece's views, `seconds` the pieces' lengths. `context` is text that
        went before: its words and spellings become likelier. Without `contrast` nothing is subtracted, which is a
        third faster.
        """
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
        heard = _Stream(self._decoder, sounds, len(pieces), beam)
        unheard = _Stream(self._decoder, [self._noise], len(pieces), beam) if contrast else None
        hidden = heard.open(prefix)
        without = unheard.open(self._symbols.begin) if unheard else None
        live, length = list(pieces), 0
        while live:
            log_probs, tokens = self._ranked(hidden, without, live, beam, first=length == 0)
            length += 1
            grown = [self._grow(p, log_probs[i], tokens[i], length) for i, p in enumerate(live)]
            kept = [i for i, growth in enumerate(grown) if growth is not None]
            growths = [growth for growth in grown if growth is not None]
            if not kept:
                break
            live = [live[i] for i in kept]
            parents = torch.tensor([growth.parents for growth in growths], device=hidden.device)
            chosen = torch.tensor([growth.tokens for growth in growths], device=hidden.device)
            hidden = heard.advance(kept, parents, chosen)
            without = unheard.advance(kept, parents, chosen) if unheard else None
        return [max(piece.ended, key=lambda end: end[0])[1] for piece in pieces]

    def _ranked(
        self, hidden: Tensor, without: Tensor | None, live: Sequence[_Piece], beam: int, *, first: bool
    ) -> tuple[list[list[list[float]]], list[list[list[int]]]]:
        """The likeliest `beam` + 1 next tokens of every beam, contrasted with noise, and their log-probabilities."""
        symbols, config = self._symbols, self._config
        logits = self._decoder.logits(hidden) + (symbols.forbidden_first if first else symbols.forbidden)
        top, tokens = logits.topk(_CANDIDATES, dim=-1)
        scores = top
        if without is not None:
            noise = (self._decoder.embeddings[tokens] @ without.unsqueeze(-1)).squeeze(-1)
            scores = (1 + config.contrast) * top - config.contrast * noise
        log_probs = torch.log_softmax(scores, dim=-1)
        log_probs = log_probs.masked_fill(top < top[..., :1] - config.plausible, _NEVER)
        for i, piece in enumerate(live):
            for b, text in enumerate(piece.texts):
                for banned in self._one_copy_too_many(text):
                    log_probs[i, b].masked_fill_(tokens[i, b] == banned, _NEVER)
        best, order = log_probs.topk(beam + 1, dim=-1)
        return best.tolist(), tokens.gather(-1, order).tolist()

    def _grow(
        self, piece: _Piece, log_probs: list[list[float]], tokens: list[list[int]], length: int
    ) -> _Growth | None:
        """Let a piece's beams grow by one token; None when its search is over."""
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
        growth = _Growth([], [])
        for score, parent, token in options:
            if score < _NEVER / 2 or len(texts) == beam:
                break
            if token == self._symbols.end:
                piece.ended.append((score / (len(piece.texts[parent]) + 1), piece.texts[parent]))
                continue
            texts.append([*piece.texts[parent], token])
            scores.append(score)
            growth.parents.append(parent)
            growth.tokens.append(token)
        over = len(piece.ended) >= beam or length >= piece.limit or not texts
        if over and not piece.ended:
            piece.ended = [(score / (len(t) + 1), t) for score, t in zip(scores, texts, strict=True)] or [(_NEVER, [])]
        missing = beam - len(texts)
        piece.texts, piece.scores = texts + [[] for _ in range(missing)], scores + [_NEVER] * missing
        growth.parents += [0] * missing
        growth.tokens += [self._symbols.end] * missing
        return None if over else growth

    def _one_copy_too_many(self, text: Sequence[int]) -> list[int]:
        """Tokens that would complete more than the allowed copies of a phrase in a row."""
        alike = [number for token in text if (number := self._symbols.alike[token]) >= 0]
        copies = self._config.copies
        banned: list[int] = []
        for period in range(1, _LONGEST_PHRASE + 1):
            needed = period * (copies + 1) - 1
            if needed > len(alike):
                break
            tail = alike[-needed:]
            if tail[: needed - period] == tail[period:]:
                banned += self._members[tail[-period]]
        return banned
