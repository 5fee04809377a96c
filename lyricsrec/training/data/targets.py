"""What a new head outputs: the letters of the data set, word pieces, or phonemes."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from lyricsrec.base.errors import DataError, ModelError, UsageError
from lyricsrec.base.output import display_name
from lyricsrec.base.reading.input_files import DOCUMENT_BYTES, read_input
from lyricsrec.decoding.pronunciation import read_lexicon
from lyricsrec.training.data.sets import letters_of, texts_of
from lyricsrec.training.settings import DataConfig, ModelConfig, TargetName

_SPECIAL = {"bos_id": -1, "eos_id": -1, "pad_id": -1, "unk_id": 0}


def _with_letters(model: ModelConfig, data: DataConfig) -> ModelConfig:
    if model.letters is not None:
        return model
    return replace(model, letters=letters_of(data, (data.train, data.validation)))


def _with_pieces(model: ModelConfig, data: DataConfig) -> ModelConfig:
    if model.pieces:
        return model
    if model.piece_model is not None:
        return replace(model, pieces=read_pieces(model.piece_model))
    return replace(model, pieces=train_pieces(texts_of(data, (data.train,)), model.num_pieces))


def _with_phonemes(model: ModelConfig, data: DataConfig) -> ModelConfig:
    if model.lexicon is None:
        raise UsageError(
            "the target phonemes needs a pronunciation dictionary", "Give --set model.lexicon=FILE, such as CMUdict."
        )
    if model.phonemes:
        return model
    own = read_lexicon(model.lexicon).of(texts_of(data, (data.train, data.validation)))
    if not own.entries:
        raise DataError(f"{display_name(model.lexicon)}: has no word of the data set")
    return replace(model, phonemes=own.symbols)


TARGETS: Mapping[TargetName, Callable[[ModelConfig, DataConfig], ModelConfig]] = {
    "letters": _with_letters,
    "pieces": _with_pieces,
    "phonemes": _with_phonemes,
}
"""How a model's settings get the symbols of its new head from its data."""


def with_symbols(model: ModelConfig, data: DataConfig) -> ModelConfig:
    """The settings of a model with the symbols of its new head, from the data set where they are not given.

    Raises DataError when a manifest is missing or its texts are too few for the pieces, ModelError for a sentencepiece
    model that cannot be read, UsageError when sentencepiece is not installed or a lexicon is missing.
    """
    return TARGETS[model.target](model, data)


def train_pieces(texts: Iterator[str], count: int) -> tuple[str, ...]:
    """At most `count` word pieces of texts in upper case, by sentencepiece's unigram model (Kudo 2018)."""
    sentencepiece, made = _sentencepiece(), io.BytesIO()
    sentences = (" ".join(text.upper().split()) for text in texts)
    try:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=sentences,
            model_writer=made,
            vocab_size=count + 1,
            model_type="unigram",
            character_coverage=1.0,
            # With little text there are fewer pieces than asked for.
            hard_vocab_limit=False,
            normalization_rule_name="identity",
            num_threads=1,
            minloglevel=2,
            **_SPECIAL,
        )
    except (RuntimeError, OSError) as error:
        if "smaller than required_chars" in str(error):
            raise DataError(
                f"{count} word pieces are fewer than the letters of the data set", "Raise model.num_pieces."
            ) from None
        raise DataError(f"no word pieces can be made of the training texts ({_reason(error)})") from None
    return _pieces_of(made.getvalue())


def read_pieces(path: Path) -> tuple[str, ...]:
    """The pieces of a sentencepiece model. Raises ModelError when it cannot be read."""
    try:
        return _pieces_of(read_input(path, DOCUMENT_BYTES))
    except (OSError, ValueError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or _reason(error)
        raise ModelError(f"{display_name(path)}: not a sentencepiece model ({reason})") from None


def _pieces_of(model: bytes) -> tuple[str, ...]:
    processor = _sentencepiece().SentencePieceProcessor(model_proto=model)
    unused: Sequence[Callable[[int], bool]] = (processor.is_unknown, processor.is_control, processor.is_byte)
    numbers = (i for i in range(processor.get_piece_size()) if not any(is_so(i) for is_so in unused))
    return tuple(str(processor.id_to_piece(i)) for i in numbers)


def _reason(error: Exception) -> str:
    return str(error).rpartition("] ")[2].split("\n", 1)[0] or type(error).__name__


def _sentencepiece() -> Any:
    try:
        import sentencepiece
    except ImportError:
        raise UsageError("word pieces need sentencepiece", "pip install 'lyricsrec[pieces]'") from None
    return sentencepiece
