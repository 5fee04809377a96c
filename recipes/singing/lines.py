"""The lines to sing: old verse, new phrases from patterns, and random everyday words."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from pathlib import Path

from lyricsrec.lm.estimation.texts import read_sentences
from lyricsrec.lyrics.normalise import TextNormalizer

NORMALIZER = TextNormalizer("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "upper", "english")

FOLDER = Path(__file__).parent
PATTERNS = (FOLDER / "phrases.txt").read_text("utf-8").splitlines()
WORDS = {
    slot: words.strip().split(", ")
    for slot, words in (line.split(":") for line in (FOLDER / "words.txt").read_text("utf-8").splitlines())
}


def phrases(rng: random.Random, count: int, rare: Sequence[str]) -> list[str]:
    """Phrases from random patterns and words; some nouns are replaced by any word of `rare`."""

    def word(match: re.Match[str]) -> str:
        if match[1] == "noun" and rare and rng.random() < 0.3:
            return rng.choice(rare)
        return rng.choice(WORDS[match[1]])

    return [NORMALIZER.normalize(re.sub(r"\{(\w+)\}", word, rng.choice(PATTERNS))) for _ in range(count)]


def strings(rng: random.Random, count: int, words: Sequence[str], weights: Sequence[float]) -> list[str]:
    """Lines of random words, drawn by how often they are used."""
    return [" ".join(rng.choices(words, weights, k=rng.randint(3, 7))).upper() for _ in range(count)]


def verse(texts: Sequence[Path], shortest: int = 3, longest: int = 10) -> list[str]:
    """The different lines of texts with `shortest` to `longest` words."""
    found = {" ".join(words) for path in texts for words in read_sentences(path, NORMALIZER)}
    return sorted(line for line in found if shortest <= line.count(" ") + 1 <= longest)


def line_pools(texts: Sequence[Path], rng: random.Random, count: int) -> dict[str, list[str]]:
    """At most `count` lines of each kind, in random order."""
    from wordfreq import top_n_list, word_frequency

    words = [word for word in top_n_list("en", 20_000) if re.fullmatch(r"[a-z]+('[a-z]+)?", word)]
    weights = [word_frequency(word, "en") ** 0.6 for word in words]
    old = verse(texts)
    rng.shuffle(old)
    return {
        "verse": old[:count],
        "phrases": phrases(rng, count, words[200:8000]),
        "strings": strings(rng, count, words, weights),
    }
