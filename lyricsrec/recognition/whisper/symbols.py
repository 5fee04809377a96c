"""The tokens of a Whisper model as its search needs them."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from lyricsrec.models.reading import read_object

_NEVER = -1e9
_CREDITS = (
    *("Subtitles by", "Subtitled by", "Sous-titres", "Sous-titrage", "Untertitel", "Subtítulos", "Subtitulado por"),
    *("Sottotitoli", "Ondertiteling", "Ondertitels", "Legendas pela", "Amara.org"),
)
"""Beginnings of subtitle credits, which the model has learnt from films and writes where it recognises nothing."""


@dataclass(frozen=True, eq=False)
class Symbols:
    """What the search needs to know about the tokens.

    `begin` starts every text, `previous` marks a context, `end` ends a text. `forbidden` (for the first token
    `forbidden_first`) is added to the logits to exclude tokens. `groups` numbers the tokens: those that differ only in
    case, space or punctuation have the same number, those without letters have -1. `never` are phrases that are never
    sung, in these numbers.
    """

    begin: tuple[int, ...]
    previous: int
    end: int
    _: KW_ONLY
    forbidden: Tensor
    forbidden_first: Tensor
    groups: tuple[int, ...]
    never: tuple[tuple[int, ...], ...] = ()


def read_symbols(folder: Path, tokenizer: Any, size: int, device: torch.device) -> Symbols:
    """The symbols of a model in a CTranslate2 folder, for one language's tokenizer and `size` output tokens."""
    config = read_object(folder / "config.json")
    forbidden = torch.zeros(size)
    forbidden[[i for i in config.get("suppress_ids") or tokenizer.non_speech_tokens if 0 <= i < size]] = _NEVER
    forbidden[tokenizer.eot + 1 :] = _NEVER
    first = forbidden.clone()
    first[[i for i in config.get("suppress_ids_begin") or [] if 0 <= i < size]] = _NEVER
    numbers: dict[str, int] = {}
    groups: list[int] = []
    for token in range(size):
        text = tokenizer.decode([token]) if token < tokenizer.eot else ""
        # Lyrics write numbers as words.
        if any(c.isdigit() for c in text):
            forbidden[token] = first[token] = _NEVER
        letters = "".join(c for c in text.lower() if c.isalnum())
        groups.append(numbers.setdefault(letters, len(numbers)) if letters else -1)
    credits = [[groups[token] for token in tokenizer.encode(f" {phrase}")] for phrase in _CREDITS]
    return Symbols(
        (*tokenizer.sot_sequence, tokenizer.no_timestamps),
        tokenizer.sot_prev,
        tokenizer.eot,
        forbidden=forbidden.to(device),
        forbidden_first=first.to(device),
        groups=tuple(groups),
        never=tuple(tuple(n for n in phrase if n >= 0) for phrase in credits),
    )
