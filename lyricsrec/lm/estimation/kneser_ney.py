"""N-gram language models with interpolated modified Kneser-Ney smoothing.

The formulas are those of Chen & Goodman, "An Empirical Study of Smoothing Techniques for Language Modeling" (1998),
with the counts at sentence beginnings, the unigrams and the pruning of Heafield et al., "Scalable Modified Kneser-Ney
Language Model Estimation" (2013), so that the models equal those of KenLM's lmplz, up to the precision of its 32-bit
floats. One difference is intended: among the adjusted counts that discounts of the lower orders come from, lmplz has
the raw count of the n-gram that it handles last. That changes third digits where the last new word of some hundred
lines occurs again after the same word; here, the order of the sentences does not matter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lyricsrec.lm.estimation.counts import BEGIN_ID, END_ID, SPECIAL, Counts, Ids, NgramCounts

Floats = NDArray[np.float64]
Discounts = tuple[float, float, float]

FALLBACK_DISCOUNTS: Discounts = (0.5, 1.0, 1.5)
"""For texts too small to estimate discounts from: those of lmplz --discount_fallback."""

_LOWEST = 1e-99


@dataclass(frozen=True, eq=False)
class NgramTable:
    """The n n-grams of one order, sorted by ids.

    `ids` has shape (n, order); `log10_probs` and `log10_backoffs` have shape (n,). Backoffs are 0 where none applies
    (n-grams that end a sentence, and those of the highest order), zero probabilities -99.
    """

    ids: Ids
    log10_probs: Floats
    log10_backoffs: Floats


@dataclass(frozen=True, eq=False)
class NgramModel:
    """A back-off language model: its words at their ids (<unk>, <s> and </s> first), and a table for each order.

    `discounts` are D1, D2 and D3+ of each order.
    """

    words: tuple[str, ...]
    tables: tuple[NgramTable, ...]
    discounts: tuple[Discounts, ...]


@dataclass(frozen=True)
class ListedWords:
    """Words with their frequencies (of any sum), and the share of a text's words that they stand for, 0 to 1."""

    frequencies: Mapping[str, float]
    share: float


def estimate(
    counts: Counts,
    prune: Sequence[int] = (),
    *,
    fallback: Discounts | None = None,
    listed: ListedWords | None = None,
) -> NgramModel:
    """The interpolated modified Kneser-Ney model of counted n-grams.

    `prune` has a threshold for each order from the unigrams on, the last one standing for the orders after it:
    n-grams that occur at most that often are left out, which makes a model much smaller and little worse; discounts
    are still those of the whole text. `fallback` are the discounts of an order whose counts are too few to estimate
    them, as in small or repetitive texts. `listed` words, which `counts` must have kept, are mixed into the unigrams
    and so into all that backs off to them: a larger share suits texts with other words than the counted ones.
    Raises ValueError for thresholds that decrease, are negative or too many, for fallback discounts that are not three
    between 0 and 1, 2 and 3, and where a fallback is needed and there is none.
    """
    thresholds = _thresholds(prune, len(counts.orders))
    if fallback is not None and (len(fallback) != 3 or not all(0 <= d <= n for n, d in enumerate(fallback, start=1))):
        raise ValueError(f"The discounts of counts 1, 2 and 3 lie between 0 and those counts, unlike {fallback}.")
    adjusted = adjusted_counts(counts)
    discounts = tuple(_discounts(c, order, fallback) for order, c in enumerate(adjusted, start=1))
    frequencies = _frequencies(counts, listed)
    kept = _kept(counts, thresholds, frequencies > 0)
    probs, backoffs = _interpolate(counts, adjusted, discounts, kept, frequencies)
    return NgramModel(
        tuple(word for word, keep in zip(counts.words, kept[0], strict=True) if keep),
        _tables(counts, kept, probs, backoffs),
        discounts,
    )


def adjusted_counts(counts: Counts) -> list[NDArray[np.int64]]:
    """The counts that Kneser-Ney estimates from, one array per order: how many different words precede an n-gram.

    N-grams of the highest order, and those that begin with <s> and so have nothing before them, keep their raw count.
    """
    adjusted = []
    begins = np.arange(len(counts.words)) == BEGIN_ID
    for this, above in zip(counts.orders, counts.orders[1:], strict=False):
        extensions = np.bincount(above.suffix, minlength=len(this.raw))
        adjusted.append(np.where(begins, this.raw, extensions))
        begins = begins[above.context]
    return [*adjusted, counts.orders[-1].raw]


def _thresholds(prune: Sequence[int], order: int) -> list[int]:
    thresholds = list(prune) or [0]
    if len(thresholds) > order:
        raise ValueError(f"There are {len(thresholds)} pruning thresholds for a model of order {order}.")
    if thresholds[0] < 0 or sorted(thresholds) != thresholds:
        raise ValueError(f"Pruning thresholds must not be negative or decrease with the order: {thresholds}.")
    return thresholds + thresholds[-1:] * (order - len(thresholds))


def _discounts(adjusted: NDArray[np.int64], order: int, fallback: Discounts | None) -> Discounts:
    """D1, D2 and D3+ from the numbers of n-grams with counts 1 to 4 (Chen & Goodman, equation 26)."""
    n1, n2, n3, n4 = (int((adjusted == count).sum()) for count in range(1, 5))
    if n1 and n2 and n3:
        y = n1 / (n1 + 2 * n2)
        found = (1 - 2 * y * n2 / n1, 2 - 3 * y * n3 / n2, 3 - 4 * y * n4 / n3)
        # The upper limits always hold.
        if min(found) >= 0:
            return found
    if fallback is None:
        raise ValueError(
            f"The text is too small or too repetitive to estimate discounts of order {order}: "
            f"{n1}, {n2}, {n3} and {n4} n-grams count 1, 2, 3 and 4. Give fallback discounts."
        )
    return fallback


def _frequencies(counts: Counts, listed: ListedWords | None) -> Floats:
    """The shares of listed words among all words of a text, one for each word."""
    if listed is None:
        return np.zeros(len(counts.words))
    total = sum(listed.frequencies.values())
    if not (0 <= listed.share < 1 and min(listed.frequencies.values(), default=0) > 0):
        raise ValueError("Listed words have frequencies above 0, and a share from 0 to below 1.")
    shares = np.array([listed.frequencies.get(word, 0.0) for word in counts.words]) * (listed.share / total)
    if not np.isclose(shares[counts.kept].sum(), listed.share):
        raise ValueError("Listed words must be counted as such.")
    return shares


def _kept(counts: Counts, thresholds: Sequence[int], listed: NDArray[np.bool_]) -> list[NDArray[np.bool_]]:
    """Which n-grams a model holds; whatever is in it has its context and its suffix there, too."""
    kept: list[NDArray[np.bool_]] = []
    for order, threshold in zip(counts.orders, thresholds, strict=True):
        frequent = order.raw > threshold
        if kept:
            frequent &= kept[-1][order.context] & counts.kept[order.word]
        else:
            frequent = (frequent | listed) & counts.kept
            frequent[: len(SPECIAL)] = True
        kept.append(frequent)
    return kept


def _interpolate(
    counts: Counts,
    adjusted: Sequence[NDArray[np.int64]],
    discounts: Sequence[Discounts],
    kept: Sequence[NDArray[np.bool_]],
    listed: Floats,
) -> tuple[list[Floats], list[Floats]]:
    """Probabilities of all orders, and the backoffs of the orders below the highest.

    An n-gram has its discounted share of its context plus the context's backoff times the probability of its suffix;
    a unigram's suffix is the empty one, uniform over the words without <s>. Listed words have their share of all
    unigrams but </s>, since a word list has no line ends.
    """
    lower = np.array([1 / (int(kept[0].sum()) - 1)])
    probs: list[Floats] = []
    backoffs: list[Floats] = []
    for order, count, discount, keep in zip(counts.orders, adjusted, discounts, kept, strict=True):
        amounts = np.array([0.0, *discount])[np.minimum(count, 3)]
        total = np.bincount(order.context, weights=count, minlength=len(lower))
        # The discounted and pruned mass goes to the order below.
        freed = np.bincount(order.context, weights=np.where(keep, amounts, count), minlength=len(lower))
        backoff = np.divide(freed, total, out=np.ones(len(lower)), where=total > 0)
        share = np.divide(count - amounts, total[order.context], out=np.zeros(len(count)), where=count > 0)
        lower = share + backoff[order.context] * lower[order.suffix]
        if not probs:
            end = lower[END_ID]
            lower = (1 - listed.sum()) * lower + (1 - end) * listed
            lower[END_ID] = end
        probs.append(lower)
        backoffs.append(backoff)
    # <s> is part of every scored sentence, with probability 1 as in lmplz.
    probs[0][BEGIN_ID] = 1.0
    return probs, backoffs[1:]


def _tables(
    counts: Counts, kept: Sequence[NDArray[np.bool_]], probs: Sequence[Floats], backoffs: Sequence[Floats]
) -> tuple[NgramTable, ...]:
    numbers = (np.cumsum(kept[0]) - 1).astype(np.int32)
    ids = np.empty((1, 0), dtype=np.int32)
    rows = np.zeros(1, dtype=np.int64)
    tables = []
    for n, (order, keep) in enumerate(zip(counts.orders, kept, strict=True)):
        ids = _ids(order, keep, ids[rows[order.context[keep]]], numbers)
        rows = np.cumsum(keep) - 1
        backoff = backoffs[n][keep] if n < len(backoffs) else np.ones(len(ids))
        tables.append(NgramTable(ids, _log10(probs[n][keep]), _log10(backoff)))
    return tuple(tables)


def _ids(order: NgramCounts, keep: NDArray[np.bool_], contexts: Ids, numbers: Ids) -> Ids:
    return np.column_stack([contexts, numbers[order.word[keep]]])


def _log10(values: Floats) -> Floats:
    # Rounding may leave a value a bit above 1, which KenLM rejects; adding 0 makes -0 a plain 0.
    return np.log10(np.clip(values, _LOWEST, 1.0)) + 0.0
