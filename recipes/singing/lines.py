"""What is sung: old verse, new phrases made of patterns, and strings of everyday words."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from pathlib import Path

from lyricsrec.lm.estimation.texts import read_sentences
from lyricsrec.lyrics.normalise import TextNormalizer

SPELLING = TextNormalizer("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "upper", "english")

FOLDER = Path(__file__).parent
PATTERNS = (FOLDER / "phrases.txt").read_text("utf-8").splitlines()
WORDS = {
    slot: words.strip().split(", ")
    for slot, words in (line.split(":") for line in (FOLDER / "words.txt").read_text("utf-8").splitlines())
}


def phrases(chance: random.Random, count: int, rare: Sequence[str]) -> list[str]:
    """New phrases; some of their nouns are words of everyday language, whatever their kind."""

    def word(match: re.Match[str]) -> str:
        if match[1] == "noun" and rare and chance.random() < 0.3:
            return chance.choice(rare)
        return chance.choice(WORDS[match[1]])

    return [SPELLING.normalize(re.sub(r"\{(\w+)\}", word, chance.choice(PATTERNS))) for _ in range(count)]


def strings(chance: random.Random, count: int, words: Sequence[str], weights: Sequence[float]) -> list[str]:
    """Words by chance, as often as they are used."""
    return [" ".join(chance.choices(words, weights, k=chance.randint(3, 7))).upper() for _ in range(count)]


def verse(texts: Sequence[Path], shortest: int = 3, longest: int = 10) -> list[str]:
    """Lines of texts, none of them twice."""
    found = {" ".join(words) for path in texts for words in read_sentences(path, SPELLING)}
    return sorted(line for line in found if shortest <= line.count(" ") + 1 <= longest)


def line_pools(texts: Sequence[Path], chance: random.Random, count: int) -> dict[str, list[str]]:
    """At most `count` lines of each kind, in an order by chance."""
    from wordfreq import top_n_list, word_frequency

    words = [word for word in top_n_list("en", 20_000) if re.fullmatch(r"[a-z]+('[a-z]+)?", word)]
    weights = [word_frequency(word, "en") ** 0.6 for word in words]
    old = verse(texts)
    chance.shuffle(old)
    return {
        "verse": old[:count],
        "phrases": phrases(chance, count, words[200:8000]),
        "strings": strings(chance, count, words, weights),
    }
