"""Building a language model of texts: lmplz where it is installed, our own estimation where it is not."""

from __future__ import annotations

import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from lyricsrec.base.errors import DataError, ModelError
from lyricsrec.base.output import check_writable, replacing, write_text
from lyricsrec.base.progress import SILENT, Progress
from lyricsrec.decoding.lm_folder import ARPA, BINARY, INFO_FILE, PICTURE, VOCABULARY, LanguageModelInfo
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


def build(
    texts: Sequence[WeightedText], output: Path, config: LmConfig, *, progress: Progress = SILENT
) -> LanguageModelInfo:
    """Make a language model of texts in a folder; returns how it was made.

    Words are normalised as `TextNormalizer` does it for data sets and recognisers, so that the model fits both.
    Interpolated modified Kneser-Ney smoothing, by KenLM's lmplz where it is on the PATH and no list of words is mixed
    in. The same texts and settings give the same bytes with the same estimator.

    Raises DataError for texts that cannot be read or are too small, ModelError when a tool of KenLM fails or is
    missing, OutputError when the folder cannot be written.
    """
    if config.quantise is not None and shutil.which(BUILD_BINARY) is None:
        raise ModelError("--quantise needs KenLM's build_binary on the PATH", "Install KenLM, or leave it out.")
    check_writable(output)
    letters = config.lyrics.letters or ALPHABETS.get(config.language or "", LATIN)
    normalizer = TextNormalizer(letters, config.lyrics.case, config.language)
    sentences = list(_sentences(texts, normalizer, progress))
    if not sentences:
        raise DataError("the texts hold no words that the alphabet can spell")
    count = Counter[str]()
    for words, weight in sentences:
        for word in words:
            count[word] += weight
    listed = ListedWords(read_word_list(config.words, normalizer), config.words_share) if config.words else None
    common = {word for word, number in count.items() if number >= config.min_count}
    kept = sorted(common.union(listed.frequencies if listed else ()))
    has_lmplz = config.estimator == "auto" and listed is None and shutil.which(LMPLZ) is not None
    use_lmplz = config.estimator == LMPLZ or has_lmplz
    progress.note(f"estimating with {LMPLZ if use_lmplz else 'lyricsrec'}")
    with replacing(output / ARPA) as arpa:
        if use_lmplz:
            _run_lmplz(sentences, kept, arpa, config)
        else:
            _estimate(sentences, listed, arpa, config)
        ngrams = _ngram_numbers(arpa)
        model = _binary(arpa, output, config.quantise) or ARPA
        settings = LanguageModelInfo(
            model,
            config.order,
            config.prune,
            min_count=config.min_count,
            letters=normalizer.letters,
            case=normalizer.case,
            language=normalizer.language,
            estimator=LMPLZ if use_lmplz else "lyricsrec",
            texts=tuple((text.path.name, text.weight) for text in texts),
            num_sentences=len(sentences),
            num_words=count.total(),
            ngrams=ngrams,
            words=config.words.name if config.words else None,
            words_share=config.words_share if config.words else 0.0,
            quantised_bits=config.quantise,
        )
    write_text(output / VOCABULARY, "".join(f"{word}\n" for word in kept))
    write_text(output / INFO_FILE, settings.to_json())
    # Of the tuning of another model nothing stays.
    (output / PICTURE).unlink(missing_ok=True)
    if model == BINARY:
        # The binary says the same and loads at once.
        (output / ARPA).unlink()
    else:
        (output / BINARY).unlink(missing_ok=True)
    return settings


def _sentences(
    texts: Sequence[WeightedText], normalizer: TextNormalizer, progress: Progress
) -> Iterator[tuple[list[str], int]]:
    for number, text in enumerate(texts, 1):
        yield from ((words, text.weight) for words in read_sentences(text.path, normalizer))
        progress.update("texts", number, len(texts))


def _estimate(
    sentences: Sequence[tuple[Sequence[str], int]], listed: ListedWords | None, arpa: Path, config: LmConfig
) -> None:
    words = listed.frequencies.keys() if listed else ()
    try:
        counts = count_ngrams(sentences, config.order, min_count=config.min_count, listed=words)
        model = estimate(counts, config.prune, fallback=FALLBACK_DISCOUNTS, listed=listed)
    except ValueError as error:
        raise DataError(f"no model of order {config.order} can be made: {error}") from None
    with arpa.open("wb") as file:
        write_arpa(model, file)


def _run_lmplz(
    sentences: Sequence[tuple[Sequence[str], int]], kept: Sequence[str], arpa: Path, config: LmConfig
) -> None:
    with TemporaryDirectory(dir=arpa.parent) as folder:
        vocabulary = Path(folder) / "vocabulary"
        vocabulary.write_text(" ".join(kept), encoding="utf-8")
        command = [LMPLZ, "--order", str(config.order), "--discount_fallback", "--arpa", str(arpa), "-T", folder]
        command += ["--limit_vocab_file", str(vocabulary), "-S", "50%"]
        if any(config.prune):
            command += ["--prune", *map(str, config.prune)]
        text = "".join(f"{' '.join(words)}\n" * weight for words, weight in sentences)
        done = subprocess.run(command, input=text.encode(), capture_output=True, check=False)
    if done.returncode:
        reason = done.stderr.decode(errors="replace").strip().split("\n")[-1]
        raise ModelError(f"lmplz failed: {reason}", "--estimator lyricsrec does without it.")


def _binary(arpa: Path, output: Path, bits: int | None) -> str | None:
    """Make a KenLM binary, which loads faster, where that tool is installed; returns its name.

    With `bits`, probabilities and backoffs are quantised to as many, and pointers are compressed.
    """
    if shutil.which(BUILD_BINARY) is None:
        return None
    quantised = ["-q", str(bits), "-b", str(bits), "-a", "255"] if bits is not None else []
    with replacing(output / BINARY) as binary:
        command = [BUILD_BINARY, *quantised, "trie", str(arpa), str(binary)]
        done = subprocess.run(command, capture_output=True, check=False)
        if done.returncode:
            reason = done.stderr.decode(errors="replace").strip().split("\n")[-1]
            raise ModelError(f"build_binary failed: {reason}")
    return BINARY


def _ngram_numbers(arpa: Path) -> tuple[int, ...]:
    numbers: list[int] = []
    with arpa.open(encoding="utf-8") as file:
        for line in file:
            if line.startswith("ngram "):
                numbers.append(int(line.split("=")[1]))
            elif numbers:
                break
    return tuple(numbers)
