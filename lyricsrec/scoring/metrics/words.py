"""Word and character error rates, from one alignment of reference and hypothesis."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any, cast

import jiwer
import regex

from lyricsrec.scoring.results import HALLUCINATION_RUN, Kind, WordFigures

_UNCHANGED = jiwer.Compose([])
_UNSPACED = regex.compile(
    r"(?<=[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}]) "
    r"(?=[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}])"
)


@dataclass(frozen=True)
class Step:
    """A step of an alignment: the indices of its words in the reference and in the hypothesis."""

    kind: Kind
    reference: range
    hypothesis: range


def align_words(reference: Sequence[str], hypothesis: Sequence[str]) -> tuple[Step, ...]:
    """The shortest edit sequence between reference and hypothesis, by jiwer (Levenshtein distance)."""
    if not reference and not hypothesis:
        return ()
    # jiwer accepts lists of words, but its types do not include them.
    sides: tuple[Any, Any] = ([list(reference)], [list(hypothesis)])
    (chunks,) = jiwer.process_words(*sides, reference_transform=_UNCHANGED, hypothesis_transform=_UNCHANGED).alignments
    return tuple(
        Step(
            cast(Kind, chunk.type),
            range(chunk.ref_start_idx, chunk.ref_end_idx),
            range(chunk.hyp_start_idx, chunk.hyp_end_idx),
        )
        for chunk in chunks
    )


def count_words(reference: Sequence[str], hypothesis: Sequence[str], steps: Iterable[Step]) -> WordFigures:
    """The error counts and rates of one aligned text."""
    sizes = dict.fromkeys(("equal", "substitute", "delete", "insert"), 0)
    num_hallucinated = 0
    for step in steps:
        size = max(len(step.reference), len(step.hypothesis))
        sizes[step.kind] += size
        num_hallucinated += size if step.kind == "insert" and size >= HALLUCINATION_RUN else 0
    reference_characters, hypothesis_characters = as_characters(reference), as_characters(hypothesis)
    return _with_rates(
        num_words=len(reference),
        num_hypothesis_words=len(hypothesis),
        hits=sizes["equal"],
        substitutions=sizes["substitute"],
        deletions=sizes["delete"],
        insertions=sizes["insert"],
        num_hallucinated=num_hallucinated,
        num_characters=len(reference_characters),
        character_errors=_distance(reference_characters, hypothesis_characters),
    )


def pool(parts: Iterable[WordFigures]) -> WordFigures:
    """The error counts of many texts, summed, and the rates from these sums."""
    counts = [field.name for field in fields(WordFigures) if field.name not in ("wer", "cer", "hallucinated")]
    sums = dict.fromkeys(counts, 0)
    for part in parts:
        for name in counts:
            sums[name] += getattr(part, name)
    return _with_rates(**sums)


def as_characters(words: Sequence[str]) -> str:
    """Words joined for the character error rate: with single spaces, except in scripts written without spaces."""
    return str(_UNSPACED.sub("", " ".join(words)))


def _with_rates(**counts: int) -> WordFigures:
    errors = counts["substitutions"] + counts["deletions"] + counts["insertions"]
    return WordFigures(
        **counts,
        wer=_share(errors, counts["num_words"]),
        cer=_share(counts["character_errors"], counts["num_characters"]),
        hallucinated=_share(counts["num_hallucinated"], counts["num_hypothesis_words"]),
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _distance(reference: str, hypothesis: str) -> int:
    # jiwer counts with this, too, but its process_characters would also build an alignment.
    from rapidfuzz.distance import Levenshtein

    return Levenshtein.distance(reference, hypothesis)
