"""The folder of a language model: the KenLM file, its vocabulary, and how it was built and tuned.

`lm.json` names the other files. A model that replaces another gets names that are not in use, and becomes valid with
the one file `lm.json`: at any moment the folder holds the old model or the new one.
"""

from __future__ import annotations

import contextlib
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import KW_ONLY, asdict, dataclass, replace
from pathlib import Path

from lyricsrec.base.errors import ModelError, UsageError
from lyricsrec.base.output import display_name, printable, replacing, write_text
from lyricsrec.base.reading.input_files import DOCUMENT_BYTES, read_input, read_text
from lyricsrec.base.reading.json_text import load_object
from lyricsrec.base.settings import adapter, problems_of
from lyricsrec.decoding.settings import Weights
from lyricsrec.models.resolve import find_language_model, is_known_language_model

SCHEMA = 1
"""Number of the schema of `lm.json`."""

ARPA, BINARY, VOCABULARY, INFO_FILE = "lm.arpa", "lm.binary", "vocabulary.txt", "lm.json"
PICTURE = "tuning.png"
_SECOND = ".2"

_FILE_NAME = re.compile(r"\w[\w.-]{0,127}")
_BUILD_AGAIN = "Build the language model again."


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

    `model` and `vocabulary` are its files; `prune` has a threshold and `ngrams` a count for each order; `texts` are
    names with weights. `words` is the name of a word list and `words_share` its share; `quantised_bits` is the size of
    each number; `tuning` is None until `lm tune`.
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
    vocabulary: str = VOCABULARY
    tuning: Tuning | None = None

    def to_json(self) -> str:
        """The text of `lm.json`."""
        return json.dumps({"schema": SCHEMA, **asdict(self)}, ensure_ascii=False, indent=1) + "\n"


def read_info(folder: Path) -> LanguageModelInfo:
    """How the model in a folder was built and tuned. Raises ModelError when the folder contains no model."""
    from pydantic import ValidationError

    path = folder / INFO_FILE
    try:
        document = load_object(read_input(path, DOCUMENT_BYTES))
        if document.get("schema") != SCHEMA:
            shown = printable(repr(document.get("schema")))[:40]
            raise ModelError(f"{display_name(path)}: schema {shown} is not supported (this version reads {SCHEMA})")
        found: LanguageModelInfo = adapter(LanguageModelInfo).validate_python(document)
    except FileNotFoundError:
        raise ModelError(
            f"{display_name(folder)}: no language model in this folder", "Build one with `lyricsrec lm build`."
        ) from None
    except ValidationError as error:
        raise ModelError(f"{display_name(path)}: damaged: {problems_of(error)}", _BUILD_AGAIN) from None
    except (OSError, ValueError) as error:
        raise ModelError(f"{display_name(path)}: damaged ({error})", _BUILD_AGAIN) from None
    for name in (found.model, found.vocabulary):
        if _FILE_NAME.fullmatch(name) is None:
            raise ModelError(f"{display_name(path)}: damaged: it names the file {printable(name)[:40]}", _BUILD_AGAIN)
    return found


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
    info = read_info(folder)
    with renewing(copy) as names:
        _copy(folder, info, copy, names)
    return copy


def _copy(folder: Path, info: LanguageModelInfo, copy: Path, names: Names) -> None:
    renamed = {info.model: names.named_like(info.model), info.vocabulary: names.vocabulary}
    # All files, including the licence.
    for path in sorted(path for path in folder.iterdir() if path.is_file() and path.name != INFO_FILE):
        with replacing(copy / renamed.get(path.name, path.name)) as temporary:
            shutil.copyfile(path, temporary)
    if all(old == new for old, new in renamed.items()):
        with replacing(copy / INFO_FILE) as temporary:
            shutil.copyfile(folder / INFO_FILE, temporary)
    else:
        commit(copy, replace(info, model=renamed[info.model], vocabulary=renamed[info.vocabulary]))


@dataclass(frozen=True)
class Names:
    """File names of a model in a folder."""

    arpa: str
    binary: str
    vocabulary: str

    def named_like(self, model: str) -> str:
        """The name for a model file of the same kind."""
        return self.arpa if model.endswith(Path(ARPA).suffix) else self.binary


def free_names(folder: Path) -> Names:
    """Names for a new model in a folder, which its present model does not use."""
    try:
        info = read_info(folder)
        used = {info.model, info.vocabulary}
    except ModelError:
        used = set()
    plain = Names(ARPA, BINARY, VOCABULARY)
    return _second_names() if used & {ARPA, BINARY, VOCABULARY} else plain


@contextlib.contextmanager
def renewing(folder: Path) -> Iterator[Names]:
    """Names for a new model in a folder; what was written under them is removed if the block fails before `commit`."""
    names = free_names(folder)
    try:
        yield names
    except BaseException:
        if free_names(folder) == names:
            for name in (names.arpa, names.binary, names.vocabulary):
                with contextlib.suppress(OSError):
                    (folder / name).unlink(missing_ok=True)
        raise


def _second_names() -> Names:
    arpa, binary, vocabulary = (f"{Path(name).stem}{_SECOND}{Path(name).suffix}" for name in (ARPA, BINARY, VOCABULARY))
    return Names(arpa, binary, vocabulary)


def commit(folder: Path, info: LanguageModelInfo) -> None:
    """Make a new model valid, whose files are complete, and remove those of the model before it.

    Raises OutputError when `lm.json` cannot be written; the old model stays then.
    """
    write_text(folder / INFO_FILE, info.to_json())
    second = _second_names()
    every = {ARPA, BINARY, VOCABULARY, second.arpa, second.binary, second.vocabulary}
    for name in every - {info.model, info.vocabulary}:
        with contextlib.suppress(OSError):
            (folder / name).unlink()


def read_vocabulary(folder: Path) -> tuple[str, ...]:
    """The words of the model in a folder. Raises ModelError when the list is missing."""
    path = folder / read_info(folder).vocabulary
    try:
        return tuple(read_text(path, DOCUMENT_BYTES).split("\n")[:-1])
    except (OSError, UnicodeDecodeError):
        raise ModelError(f"{display_name(path)}: missing or damaged") from None
