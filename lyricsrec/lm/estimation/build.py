"""Building a language model from texts, with KenLM's lmplz or with the estimation of this room."""

from __future__ import annotations

import shutil
import subprocess
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from lyricsrec.base.errors import DataError, ModelError
from lyricsrec.base.output import check_writable, replacing, sweep, write_text
from lyricsrec.base.progress import SILENT, Progress
from lyricsrec.decoding.lm_folder import PICTURE, LanguageModelInfo, commit, renewing
from lyricsrec.lm.estimation.arpa import write_arpa
from lyricsrec.lm.estimation.counts import count_ngrams
from lyricsrec.lm.estimation.kneser_ney import FALLBACK_DISCOUNTS, ListedWords, estimate
from lyricsrec.lm.estimation.texts import read_sentences
from lyricsrec.lm.estimation.word_list import read_word_list
from lyricsrec.lm.settings import LmConfig
from lyricsrec.lyrics.languages import ALPHABETS, LATIN
from lyricsrec.lyrics.normalise import TextNormalizer

LMPLZ, BUILD_BINARY = "lmplz", "build_binary"


@dataclass(frozen=True)
class WeightedText:
    """A text, and how many times it counts."""

    path: Path
    weight: int = 1


@dataclass(frozen=True, eq=False)
class Corpus:
    """The normalised sentences of some texts with their weights, and the words of a list, if there is one."""

    sentences: tuple[tuple[list[str], int], ...]
    listed: ListedWords | None

    def word_counts(self) -> Counter[str]:
        """How often each word occurs, weights included."""
        counts = Counter[str]()
        for words, weight in self.sentences:
            for word in words:
                counts[word] += weight
        return counts


def build(
    texts: Sequence[WeightedText], output: Path, config: LmConfig, *, progress: Progress = SILENT
) -> LanguageModelInfo:
    """Build a language model from texts in the folder `output`; returns how it was built.

    Words are normalised by `TextNormalizer`, as for data sets and recognisers. Probabilities have interpolated modified
    Kneser-Ney smoothing, by KenLM's lmplz if it is on the PATH and no word list is used. The same texts and settings
    give the same bytes with the same estimator.

    Raises DataError for texts that cannot be read or are too small, ModelError when a tool of KenLM fails or is
    missing, OutputError when the folder cannot be written.
    """
    if config.quantise is not None and shutil.which(BUILD_BINARY) is None:
        raise ModelError("--quantise needs KenLM's build_binary on the PATH", "Install KenLM, or leave it out.")
    check_writable(output)
    sweep(output)
    letters = config.lyrics.letters or ALPHABETS.get(config.language or "", LATIN)
    normalizer = TextNormalizer(letters, config.lyrics.case, config.language)
    corpus = _read_corpus(texts, config, normalizer, progress)
    counts = corpus.word_counts()
    common = {word for word, number in counts.items() if number >= config.min_count}
    vocabulary = sorted(common.union(corpus.listed.frequencies if corpus.listed else ()))
    estimator = _estimator(config)
    progress.note(f"estimating with {estimator}")
    with renewing(output) as names:
        with replacing(output / names.arpa) as arpa:
            if estimator == LMPLZ:
                _run_lmplz(corpus, vocabulary, arpa, config)
            else:
                _estimate(corpus, arpa, config)
            info = LanguageModelInfo(
                _write_binary(arpa, output / names.binary, config.quantise) or names.arpa,
                config.order,
                config.prune,
                min_count=config.min_count,
                letters=normalizer.letters,
                case=normalizer.case,
                language=normalizer.language,
                estimator=estimator,
                texts=tuple((text.path.name, text.weight) for text in texts),
                num_sentences=len(corpus.sentences),
                num_words=counts.total(),
                ngrams=_ngram_numbers(arpa),
                words=config.words.name if config.words else None,
                words_share=config.words_share if config.words else 0.0,
                quantised_bits=config.quantise,
                vocabulary=names.vocabulary,
            )
        write_text(output / names.vocabulary, "".join(f"{word}\n" for word in vocabulary))
        commit(output, info)
    # The tuning of an earlier model.
    (output / PICTURE).unlink(missing_ok=True)
    return info


def _read_corpus(
    texts: Sequence[WeightedText], config: LmConfig, normalizer: TextNormalizer, progress: Progress
) -> Corpus:
    sentences: list[tuple[list[str], int]] = []
    for number, text in enumerate(texts, 1):
        sentences += ((words, text.weight) for words in read_sentences(text.path, normalizer))
        progress.update("texts", number, len(texts))
    if not sentences:
        raise DataError("the texts contain no words with letters of the alphabet", "Check --alphabet and the texts.")
    listed = ListedWords(read_word_list(config.words, normalizer), config.words_share) if config.words else None
    return Corpus(tuple(sentences), listed)


def _estimator(config: LmConfig) -> str:
    if config.estimator != "auto":
        return config.estimator
    return LMPLZ if config.words is None and shutil.which(LMPLZ) is not None else "lyricsrec"


def _estimate(corpus: Corpus, arpa: Path, config: LmConfig) -> None:
    listed = corpus.listed
    try:
        counts = count_ngrams(
            corpus.sentences,
            config.order,
            min_count=config.min_count,
            listed=listed.frequencies.keys() if listed else (),
        )
        model = estimate(counts, config.prune, fallback=FALLBACK_DISCOUNTS, listed=listed)
    except ValueError as error:
        raise DataError(
            f"cannot estimate a model of order {config.order}: {error}", "Give more text, or lower --order."
        ) from None
    with arpa.open("wb") as file:
        write_arpa(model, file)


def _run_lmplz(corpus: Corpus, vocabulary: Sequence[str], arpa: Path, config: LmConfig) -> None:
    with TemporaryDirectory(dir=arpa.parent) as folder:
        vocabulary_file = Path(folder) / "vocabulary"
        vocabulary_file.write_text(" ".join(vocabulary), encoding="utf-8")
        command = [LMPLZ, "--order", str(config.order), "--discount_fallback", "--arpa", str(arpa), "-T", folder]
        command += ["--limit_vocab_file", str(vocabulary_file), "-S", "50%"]
        if any(config.prune):
            command += ["--prune", *map(str, config.prune)]
        text = "".join(f"{' '.join(words)}\n" * weight for words, weight in corpus.sentences)
        done = subprocess.run(command, input=text.encode(), capture_output=True, check=False)
    _check_exit(done, LMPLZ, "Use --estimator lyricsrec instead.")


def _write_binary(arpa: Path, path: Path, bits: int | None) -> str | None:
    """Write a KenLM binary, which loads faster, if the tool is installed; returns its name, else None.

    With `bits`, probabilities and backoffs are quantised to that size, and pointers are compressed.
    """
    if shutil.which(BUILD_BINARY) is None:
        return None
    quantised = ["-q", str(bits), "-b", str(bits), "-a", "255"] if bits is not None else []
    with replacing(path) as binary:
        command = [BUILD_BINARY, *quantised, "trie", str(arpa), str(binary)]
        done = subprocess.run(command, capture_output=True, check=False)
        _check_exit(done, BUILD_BINARY)
    return path.name


def _check_exit(done: subprocess.CompletedProcess[bytes], tool: str, hint: str | None = None) -> None:
    if done.returncode:
        reason = done.stderr.decode(errors="replace").strip().split("\n")[-1]
        raise ModelError(f"{tool} failed: {reason}", hint)


def _ngram_numbers(arpa: Path) -> tuple[int, ...]:
    """The number of n-grams of each order, from the header of an ARPA file."""
    numbers: list[int] = []
    with arpa.open(encoding="utf-8") as file:
        for line in file:
            if line.startswith("ngram "):
                numbers.append(int(line.split("=")[1]))
            elif numbers:
                break
    return tuple(numbers)
