"""Word and character errors: one alignment of two texts, from which every figure is read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any, cast

import jiwer
import regex

from lyricsrec.scoring.results import INVENTED_RUN, Kind, WordFigures

_AS_IT_IS = jiwer.Compose([])
_UNSPACED = regex.compile(
    r"(?<=[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}]) "
    r"(?=[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}])"
)


@dataclass(frozen=True)
class Step:
    """A stretch of an alignment: words `first` to `last` (exclusive) of the reference and of the hypothesis."""

    kind: Kind
    reference: range
    hypothesis: range


def align_words(reference: Sequence[str], hypothesis: Sequence[str]) -> tuple[Step, ...]:
    """The fewest edits that turn the hypothesis' words into the reference's, by jiwer (Levenshtein)."""
    if not reference and not hypothesis:
        return ()
    # What jiwer takes beside strings, its types do not say.
    sung: Any = [list(reference)]
    heard: Any = [list(hypothesis)]
    (chunks,) = jiwer.process_words(
        sung, heard, reference_transform=_AS_IT_IS, hypothesis_transform=_AS_IT_IS
    ).alignments
    return tuple(
        Step(
            cast(Kind, chunk.type),
            range(chunk.ref_start_idx, chunk.ref_end_idx),
            range(chunk.hyp_start_idx, chunk.hyp_end_idx),
        )
        for chunk in chunks
    )


def count_words(reference: Sequence[str], hypothesis: Sequence[str], steps: Iterable[Step]) -> WordFigures:
    """The figures of one aligned text."""
    sizes = dict.fromkeys(("equal", "substitute", "delete", "insert"), 0)
    num_invented = 0
    for step in steps:
        size = max(len(step.reference), len(step.hypothesis))
        sizes[step.kind] += size
        num_invented += size if step.kind == "insert" and size >= INVENTED_RUN else 0
    right, heard = as_characters(reference), as_characters(hypothesis)
    return _with_rates(
        num_words=len(reference),
        num_heard=len(hypothesis),
        hits=sizes["equal"],
        substitutions=sizes["substitute"],
        deletions=sizes["delete"],
        insertions=sizes["insert"],
        num_invented=num_invented,
        num_characters=len(right),
        character_errors=_distance(right, heard),
    )


def pool(parts: Iterable[WordFigures]) -> WordFigures:
    """The figures of many texts: sums first, then the division."""
    counts = [field.name for field in fields(WordFigures) if field.name not in ("wer", "cer", "invented")]
    sums = dict.fromkeys(counts, 0)
    for part in parts:
        for name in counts:
            sums[name] += getattr(part, name)
    return _with_rates(**sums)


def as_characters(words: Sequence[str]) -> str:
    """The text whose characters are compared: single spaces between words, none within scripts that have none."""
    return str(_UNSPACED.sub("", " ".join(words)))


def _with_rates(**counts: int) -> WordFigures:
    errors = counts["substitutions"] + counts["deletions"] + counts["insertions"]
    return WordFigures(
        **counts,
        wer=_share(errors, counts["num_words"]),
        cer=_share(counts["character_errors"], counts["num_characters"]),
        invented=_share(counts["num_invented"], counts["num_heard"]),
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _distance(reference: str, hypothesis: str) -> int:
    # What jiwer counts with; its own process_characters would keep an alignment that nobody reads.
    from rapidfuzz.distance import Levenshtein

    return Levenshtein.distance(reference, hypothesis)
