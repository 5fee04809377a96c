"""N-gram language models of KenLM, matched to a recogniser's vocabulary."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import KW_ONLY, dataclass
from pathlib import Path

from lyricsrec.base.errors import ModelError
from lyricsrec.base.reading.input_files import open_input, rows_of
from lyricsrec.decoding.emission import Vocabulary
from lyricsrec.decoding.kenlm_file import check_kenlm_file, unreadable
from lyricsrec.decoding.lm_folder import read_info, read_vocabulary
from lyricsrec.decoding.settings import Weights


@dataclass(frozen=True)
class LanguageModel:
    """A KenLM model that fits a vocabulary.

    `words` is its vocabulary, None for a binary without a folder, which does not list it. `fold` converts the
    recogniser's letters to the model's case. `name` is used in messages and results. `tuned` are the weights found by
    `lm tune`, None where it was not tuned.
    """

    path: Path
    words: tuple[str, ...] | None
    fold: Callable[[str], str]
    _: KW_ONLY
    name: str
    tuned: Weights | None = None


def read_language_model(path: Path, vocabulary: Vocabulary) -> LanguageModel:
    """Read what a KenLM model consists of, and match its case to the vocabulary.

    `path` is an ARPA file, a binary, or a folder made by `lyricsrec lm build`.

    Raises ModelError when KenLM cannot read it, or when fewer than a tenth of its words consist of the vocabulary's
    letters in any case.
    """
    if path.is_dir():
        settings = read_info(path)
        listed = read_vocabulary(path)
        check_kenlm_file(path / settings.model)
        tuned = settings.tuning.weights if settings.tuning else None
        return LanguageModel(
            path / settings.model, listed, _fold_for(listed, vocabulary, path), name=path.resolve().name, tuned=tuned
        )
    check_kenlm_file(path)
    words = _arpa_words(path) if path.name.endswith(".arpa") else None
    return LanguageModel(path, words, _fold_for(words, vocabulary, path), name=path.name)


@contextlib.contextmanager
def quiet_kenlm() -> Iterator[None]:
    """Suppress KenLM's progress bar on stderr, which it draws for every ARPA file."""
    kept = os.dup(2)
    with open(os.devnull, "wb") as nowhere:  # noqa: PTH123
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def _arpa_words(path: Path) -> tuple[str, ...]:
    """The unigrams of an ARPA file, in its order."""
    words: list[str] = []
    inside = False
    try:
        with open_input(path) as file:
            for line in (row.decode() for row in rows_of(file)):
                if line.startswith("\\"):
                    if inside:
                        return tuple(words)
                    inside = line.strip() == "\\1-grams:"
                elif inside and line.strip():
                    words.append(line.rstrip("\n").split("\t")[1])
    except (OSError, UnicodeDecodeError, IndexError):
        raise unreadable(path) from None
    raise unreadable(path)


def _fold_for(words: Sequence[str] | None, vocabulary: Vocabulary, path: Path) -> Callable[[str], str]:
    if vocabulary.has_phonemes:
        # Pronunciations are found in any case.
        return str
    if words is None:
        words = _common_words(path)
    letters = "".join(vocabulary.letters)
    real_words = [word for word in words if not word.startswith("<")]
    folds: tuple[Callable[[str], str], ...] = (str, str.lower, str.upper)
    fitting = {fold: sum(set(word) <= set(fold(letters)) for word in real_words) for fold in folds}
    best = max(folds, key=lambda fold: fitting[fold])
    if real_words and fitting[best] < 0.1 * len(real_words):
        unknown = sorted(set("".join(real_words)) - set(letters.lower()) - set(letters.upper()))
        raise ModelError(
            f"the language model {path.name} does not fit the recogniser: its words use letters the recogniser "
            f"does not have ({' '.join(unknown[:20])})",
            "Build the language model from text in the recogniser's alphabet.",
        )
    return best


def _common_words(path: Path) -> list[str]:
    """The common English words that a binary model knows, which show its case."""
    import kenlm

    try:
        with quiet_kenlm():
            model = kenlm.Model(str(path))
    except OSError:
        raise unreadable(path) from None
    return [w for common in ("the", "you", "and", "me", "love") for w in (common, common.upper()) if w in model]
