"""Perplexity of language models on lyrics that they were not trained on.

    python benchmarks/language_model.py lyrics other-lm/ --text songs/*/lyrics.txt --text jamendo/*.txt

Each --text takes the files of one set, each line a sentence, normalised as the model's words are. Prints for every set
and model the share of unknown words, and the perplexity, ends of lines included, in three ways:

- known: over known words only, so not comparable between models with different vocabularies;
- all: with unknown words at KenLM's probability of <unk>, as if they were all the same word;
- letters: with unknown words at that probability and 1.4 (log10) per letter, as in the lexicon search. These values are
  comparable: a smaller vocabulary is no advantage.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import kenlm

from lyricsrec.decoding.language_model import quiet_kenlm
from lyricsrec.decoding.lm_folder import read_info
from lyricsrec.decoding.settings import DecodeConfig
from lyricsrec.lm.estimation.texts import read_sentences
from lyricsrec.lyrics.normalise import TextNormalizer
from lyricsrec.models.resolve import find_language_model

PRICE = DecodeConfig().unknown_price


def perplexities(model: kenlm.Model, sentences: Sequence[Sequence[str]]) -> tuple[float, float, float, float]:
    """Share of unknown words, and perplexity over known words, all words, and all words with unknown ones by letter."""
    known = unknown = letters = 0.0
    num_known = num_unknown = 0
    for words in sentences:
        for (log10_prob, _, is_unknown), word in zip(model.full_scores(" ".join(words)), [*words, ""], strict=True):
            if is_unknown:
                unknown, num_unknown, letters = unknown + log10_prob, num_unknown + 1, letters + len(word)
            else:
                known, num_known = known + log10_prob, num_known + 1
    total = num_known + num_unknown
    return (
        num_unknown / (total - len(sentences)),
        10 ** (-known / num_known),
        10 ** (-(known + unknown) / total),
        10 ** (-(known + unknown - PRICE * letters) / total),
    )


def load(name: str) -> tuple[kenlm.Model, TextNormalizer]:
    path = find_language_model(name)
    normalizer = TextNormalizer()
    if path.is_dir():
        settings = read_info(path)
        path, normalizer = path / settings.model, TextNormalizer(settings.letters, settings.case, settings.language)
    with quiet_kenlm():
        return kenlm.Model(str(path)), normalizer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lm", nargs="+", help="a known name, a folder of `lm build`, an ARPA file or a KenLM binary")
    parser.add_argument("--text", nargs="+", type=Path, action="append", required=True, help="files of one set")
    flags = parser.parse_args()
    print("| set | words | model | unknown | perplexity: known | all | letters |\n| --- " + "| --- " * 6 + "|")
    for number, paths in enumerate(flags.text, 1):
        for name in flags.lm:
            model, normalizer = load(name)
            sentences = [words for path in paths for words in read_sentences(path, normalizer)]
            share, *found = perplexities(model, sentences)
            num_words = sum(map(len, sentences))
            cells = [str(number), f"{num_words:,}", name, f"{share:.1%}", *(f"{value:.0f}" for value in found)]
            print(f"| {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
