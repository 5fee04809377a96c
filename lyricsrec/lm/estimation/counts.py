"""Counts of the n-grams of a text, as one table for each order."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Sequence
from dataclasses import KW_ONLY, dataclass

import numpy as np
from numpy.typing import NDArray

UNKNOWN, BEGIN, END = "<unk>", "<s>", "</s>"
SPECIAL = (UNKNOWN, BEGIN, END)
UNKNOWN_ID, BEGIN_ID, END_ID = range(3)

Ids = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class NgramCounts:
    """The n different n-grams of one order, sorted by their word ids from the first word to the last.

    All arrays have shape (n,). An n-gram is its `context` (all words but the last; a row of the table of the order
    below) and its last `word`; `suffix` is the row of all words but the first. For unigrams the row is the word's id,
    and both links are 0. `raw` (int64) is how often the n-gram occurs; 0 for the unigrams <unk> and <s>.
    """

    context: Ids
    suffix: Ids
    word: Ids
    _: KW_ONLY
    raw: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Counts:
    """The n-grams of a text, `orders[0]` the unigrams.

    `words` are <unk>, <s>, </s> and every word of the text by code point, at their ids. `kept` (bool, one per word)
    says which of them a model may hold.
    """

    words: tuple[str, ...]
    kept: NDArray[np.bool_]
    orders: tuple[NgramCounts, ...]


def count_ngrams(
    sentences: Iterable[tuple[Sequence[str], int]],
    order: int,
    *,
    min_count: int = 1,
    vocabulary: Collection[str] | None = None,
    listed: Collection[str] = (),
) -> Counts:
    """Count the n-grams of all orders up to `order` in sentences, each given as its words and its weight.

    A sentence of weight w counts w times; <s> and </s> are put around it. Words that occur fewer than `min_count`
    times (weights included), or are not in the `vocabulary`, are marked as not kept: a model then holds no n-gram
    with them and treats them as <unk>. They still count where discounts and probabilities are estimated, as with
    lmplz --limit_vocab_file: a lower bound makes a larger model, not a differently smoothed one. `listed` words are
    always kept, even if they never occur.
    Raises ValueError without a sentence, for an order or a weight below 1, for words that are empty, hold white space
    or are a special symbol, and when no sentence is long enough for an n-gram of the highest order.
    """
    if order < 1:
        raise ValueError(f"An n-gram has at least one word, not {order}.")
    text = _read(sentences, listed)
    orders = [_unigrams(text)]
    rows = text.tokens
    for length in range(2, order + 1):
        counts, rows = _longer(text, rows, length)
        orders.append(counts)
    if not len(orders[-1].raw):
        raise ValueError(f"No sentence has an n-gram of order {order}.")
    kept = orders[0].raw >= min_count
    if vocabulary is not None:
        kept &= _among(text.words, vocabulary)
    kept |= _among(text.words, listed)
    kept[: len(SPECIAL)] = True
    return Counts(text.words, kept, tuple(orders))


@dataclass(frozen=True, eq=False)
class _Text:
    """Sentences one after another, <s> and </s> included; `tokens`, `weights` and `ends` have one entry per token.

    `ends` is the position of the </s> of the token's sentence.
    """

    words: tuple[str, ...]
    tokens: Ids
    weights: NDArray[np.int64]
    _: KW_ONLY
    ends: NDArray[np.int64]


class _Numbering(dict[str, int]):
    """Maps each new word to the next free number."""

    def __missing__(self, word: str) -> int:
        self[word] = number = len(self)
        return number


def _among(words: Sequence[str], some: Collection[str]) -> NDArray[np.bool_]:
    found = frozenset(some)
    return np.array([word in found for word in words])


def _read(sentences: Iterable[tuple[Sequence[str], int]], listed: Iterable[str]) -> _Text:
    numbers = _Numbering({symbol: number for number, symbol in enumerate(SPECIAL)})
    tokens, lengths, weights = array("i"), array("q"), array("q")
    for words, weight in sentences:
        if isinstance(words, str):
            raise ValueError(f"A sentence is a sequence of words, not a string: {words!r}.")
        if weight < 1:
            raise ValueError(f"A sentence counts at least once, not {weight} times.")
        tokens.append(BEGIN_ID)
        tokens.extend(map(numbers.__getitem__, words))
        tokens.append(END_ID)
        lengths.append(len(words) + 2)
        weights.append(weight)
    for word in listed:
        numbers[word]
    if not lengths:
        raise ValueError("A language model needs at least one sentence.")
    sizes = np.frombuffer(lengths, dtype=np.int64)
    found, ids = _sorted_vocabulary(numbers, np.frombuffer(tokens, dtype=np.intc))
    _check(found, ids, int(sizes.sum() - 2 * len(sizes)))
    return _Text(
        found,
        ids,
        np.repeat(np.frombuffer(weights, dtype=np.int64), sizes),
        ends=np.repeat(np.cumsum(sizes) - 1, sizes),
    )


def _sorted_vocabulary(numbers: dict[str, int], tokens: NDArray[np.intc]) -> tuple[tuple[str, ...], Ids]:
    """Words by code point, and the tokens as their ids, so that the order of the sentences does not matter."""
    words = [*SPECIAL, *sorted(word for word in numbers if word not in SPECIAL)]
    new = np.empty(len(words), dtype=np.int32)
    new[[numbers[word] for word in words]] = np.arange(len(words), dtype=np.int32)
    return tuple(words), new[tokens]


def _check(words: Sequence[str], tokens: Ids, expected: int) -> None:
    for word in words:
        if word.split() != [word] or "\0" in word:
            raise ValueError(f"Words must have letters and no white space, unlike {word!r}.")
    if int((tokens >= len(SPECIAL)).sum()) != expected:
        raise ValueError(f"{', '.join(SPECIAL)} are special symbols and cannot be words of a text.")


def _unigrams(text: _Text) -> NgramCounts:
    size = len(text.words)
    raw = np.bincount(text.tokens, weights=text.weights, minlength=size).astype(np.int64)
    # <s> is never predicted.
    raw[BEGIN_ID] = 0
    links = np.zeros(size, dtype=np.int32)
    return NgramCounts(links, links, np.arange(size, dtype=np.int32), raw=raw)


def _longer(text: _Text, rows: Ids, length: int) -> tuple[NgramCounts, Ids]:
    """The n-grams of one order, and the row of the one that starts at each token.

    `rows` are those of the order below. A key joins the context's row and the last word in one 64-bit number, so that
    any order fits and sorted keys are sorted n-grams.
    """
    starts = np.flatnonzero(np.arange(len(text.tokens)) + length - 1 <= text.ends)
    keys = rows[starts].astype(np.int64) * len(text.words) + text.tokens[starts + length - 1]
    unique, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    raw = np.bincount(inverse, weights=text.weights[starts], minlength=len(unique)).astype(np.int64)
    context, word = np.divmod(unique, len(text.words))
    suffix = rows[starts[first] + 1]
    longer = np.zeros(len(text.tokens), dtype=np.int32)
    longer[starts] = inverse
    return NgramCounts(context.astype(np.int32), suffix, word.astype(np.int32), raw=raw), longer
