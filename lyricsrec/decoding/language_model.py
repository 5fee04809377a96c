"""An n-gram language model on disk, matched to a recogniser's vocabulary."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import KW_ONLY, dataclass
from pathlib import Path

from lyricsrec.base.errors import ModelError
from lyricsrec.decoding.emission import Vocabulary
from lyricsrec.decoding.lm_folder import read_info, read_vocabulary
from lyricsrec.decoding.settings import Weights


@dataclass(frozen=True)
class LanguageModel:
    """A KenLM model that fits a vocabulary.

    `words` is its vocabulary, None for a binary without a folder, which does not list it. `fold` makes the
    recogniser's spelling the model's: it turns letters to the model's case. `name` is what to call it. `tuned` are the
    weights that `lm tune` found for it, None where it was not tuned.
    """

    path: Path
    words: tuple[str, ...] | None
    fold: Callable[[str], str]
    _: KW_ONLY
    name: str
    tuned: Weights | None = None


def read_language_model(path: Path, vocabulary: Vocabulary) -> LanguageModel:
    """Look into a KenLM model, and match its case to the vocabulary.

    `path` is an ARPA file, a binary, or a folder that `lyricsrec lm build` made.

    Raises ModelError when KenLM cannot read it or in no case a tenth of its words can be spelled.
    """
    if path.is_dir():
        settings = read_info(path)
        listed = read_vocabulary(path)
        tuned = settings.tuning.weights if settings.tuning else None
        return LanguageModel(
            path / settings.model, listed, _fold_for(listed, vocabulary, path), name=path.resolve().name, tuned=tuned
        )
    words = _arpa_words(path) if path.name.endswith(".arpa") else None
    return LanguageModel(path, words, _fold_for(words, vocabulary, path), name=path.name)


def unreadable(path: Path | None) -> ModelError:
    """The error for a file that is no language model."""
    return ModelError(f"{path}: KenLM cannot read it", "It should be an ARPA file or made by build_binary.")


@contextlib.contextmanager
def quiet_kenlm() -> Iterator[None]:
    """Keep KenLM, which draws a progress bar for every text model, off stderr."""
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
        with path.open(encoding="utf-8") as file:
            for line in file:
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
    if words is None:
        words = _common_words(path)
    letters = "".join(vocabulary.letters)
    real_words = [word for word in words if not word.startswith("<")]
    folds: tuple[Callable[[str], str], ...] = (str, str.lower, str.upper)
    spelled = {fold: sum(set(word) <= set(fold(letters)) for word in real_words) for fold in folds}
    best = max(folds, key=lambda fold: spelled[fold])
    if real_words and spelled[best] < 0.1 * len(real_words):
        strange = sorted(set("".join(real_words)) - set(letters.lower()) - set(letters.upper()))
        raise ModelError(
            f"the language model {path.name} does not fit the recogniser: its words use letters the recogniser "
            f"does not have ({' '.join(strange[:20])})",
            "Build the language model from text in the recogniser's alphabet.",
        )
    return best


def _common_words(path: Path) -> list[str]:
    """Those of a few words of English that a binary model knows, to learn its case."""
    import kenlm

    try:
        with quiet_kenlm():
            model = kenlm.Model(str(path))
    except OSError:
        raise unreadable(path) from None
    return [w for common in ("the", "you", "and", "me", "love") for w in (common, common.upper()) if w in model]
