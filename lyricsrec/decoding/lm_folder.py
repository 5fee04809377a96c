"""The folder of a language model: the KenLM file, its vocabulary, and how it was built and tuned."""

from __future__ import annotations

import json
import shutil
from dataclasses import KW_ONLY, MISSING, asdict, dataclass, fields
from pathlib import Path
from typing import Any

from lyricsrec.base.errors import ModelError, UsageError
from lyricsrec.base.input_files import DOCUMENT_BYTES, read_text
from lyricsrec.base.output import display_name, replacing
from lyricsrec.decoding.settings import Weights
from lyricsrec.models.resolve import find_language_model, is_known_language_model

SCHEMA = 1
"""Number of the schema of `lm.json`."""

ARPA, BINARY, VOCABULARY, INFO_FILE = "lm.arpa", "lm.binary", "vocabulary.txt", "lm.json"
PICTURE = "tuning.png"


@dataclass(frozen=True)
class Tuning:
    """The best weights of a language model, and how they were found.

    Word error rates are shares, pooled over the chunks: `wer` with `weights`, `wer_greedy` with greedy decoding,
    `wer_words_only` at alpha 0 (with its best beta), which uses the language model's words but not their probabilities.
    `model` and `separator` are those that gave the log-probabilities.
    """

    weights: Weights
    wer: float
    wer_greedy: float
    _: KW_ONLY
    wer_words_only: float
    model: str
    separator: str
    num_chunks: int
    num_words: int

    @property
    def helps(self) -> bool:
        """Whether the language model gives fewer errors than greedy decoding and than its words alone."""
        return self.wer < min(self.wer_greedy, self.wer_words_only)


@dataclass(frozen=True)
class LanguageModelInfo:
    """How a language model was built and tuned.

    `model` is its file; `prune` has a threshold and `ngrams` a count for each order; `texts` are names with weights.
    `words` is the name of a word list and `words_share` its share; `quantised_bits` is the size of each number;
    `tuning` is None until `lm tune`.
    """

    model: str
    order: int
    prune: tuple[int, ...]
    _: KW_ONLY
    min_count: int
    letters: str
    case: str
    language: str | None
    estimator: str
    texts: tuple[tuple[str, int], ...]
    num_sentences: int
    num_words: int
    ngrams: tuple[int, ...]
    words: str | None = None
    words_share: float = 0.0
    quantised_bits: int | None = None
    tuning: Tuning | None = None

    def to_json(self) -> str:
        """The text of `lm.json`."""
        return json.dumps({"schema": SCHEMA, **asdict(self)}, ensure_ascii=False, indent=1) + "\n"


def read_info(folder: Path) -> LanguageModelInfo:
    """How the model in a folder was built and tuned. Raises ModelError when the folder contains no model."""
    path = folder / INFO_FILE
    try:
        document = json.loads(path.read_text("utf-8"))
        if document["schema"] != SCHEMA:
            raise ModelError(
                f"{display_name(path)}: schema {document['schema']!r} is not supported (this version reads {SCHEMA})"
            )
        values = {
            field.name: document[field.name]
            for field in fields(LanguageModelInfo)
            if field.name in document or field.default is MISSING
        }
        tuning = _read_tuning(document.get("tuning"))
    except FileNotFoundError:
        raise ModelError(
            f"{display_name(folder)}: no language model in this folder", "Build one with `lyricsrec lm build`."
        ) from None
    except (OSError, ValueError, KeyError, TypeError):
        raise ModelError(f"{display_name(path)}: damaged", "Build the language model again.") from None
    texts = tuple((name, weight) for name, weight in values["texts"])
    lists = {"texts": texts, "prune": tuple(values["prune"]), "ngrams": tuple(values["ngrams"])}
    return LanguageModelInfo(**{**values, **lists, "tuning": tuning})


def _read_tuning(row: dict[str, Any] | None) -> Tuning | None:
    if row is None:
        return None
    found = row["weights"]
    weights = Weights(float(found["alpha"]), float(found["beta"]), int(found["beam_width"]))
    return Tuning(**{**row, "weights": weights})


def own_folder(name: str, copy: Path | None) -> Path:
    """The folder of a language model to modify: its own or, with `copy`, a copy of it.

    Raises UsageError when there is no such model, or when it is part of lyricsrec and `copy` is None, OutputError when
    the copy cannot be written.
    """
    folder = find_language_model(name)
    if copy is None:
        if is_known_language_model(name):
            raise UsageError(
                f"'{name}' is part of lyricsrec and cannot be changed", "Tune a copy of it: give --output."
            )
        return folder
    read_info(folder)
    # All files, including the licence.
    for path in sorted(path for path in folder.iterdir() if path.is_file()):
        with replacing(copy / path.name) as temporary:
            shutil.copyfile(path, temporary)
    return copy


def read_vocabulary(folder: Path) -> tuple[str, ...]:
    """The words of the model in a folder. Raises ModelError when the list is missing."""
    try:
        return tuple(read_text(folder / VOCABULARY, DOCUMENT_BYTES).split("\n")[:-1])
    except (OSError, UnicodeDecodeError):
        raise ModelError(f"{display_name(folder / VOCABULARY)}: missing or damaged") from None
