"""Recognisers of random weights from their shapes alone: no weights are read or downloaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lyricsrec.base.errors import ModelError
from lyricsrec.base.output import display_name
from lyricsrec.models.reading import read_object
from lyricsrec.recognition.ctc import MODEL_TYPES, CtcFiles, check_family, vocabulary_of

_KNOWN = {"facebook/wav2vec2-base-960h": "wav2vec2"}
"""Recognisers whose shapes are those that transformers gives to a family."""


def is_shape(name: str) -> bool:
    """Whether a recogniser is a file of shapes or the name of a family, so that it has no weights."""
    return name in MODEL_TYPES or Path(name).expanduser().is_file()


def has_weights(name: str) -> bool:
    """Whether a recogniser is a folder with weights, whose tokenizer and shapes can be read with them."""
    folder = Path(name).expanduser()
    return any((folder / file).is_file() for file in ("model.safetensors", "model.bin"))


def shape_of(name: str) -> dict[str, Any] | None:
    """The configuration of transformers for a recogniser; None where it can only be read with its weights.

    `name` is a JSON file, a folder with a `config.json`, a family such as "hubert", or a known model.
    Raises ModelError when the file cannot be read.
    """
    path = Path(name).expanduser()
    if path.is_dir():
        path = path / "config.json"
    if not path.is_file():
        family = _KNOWN.get(name, name)
        return {"model_type": family} if family in MODEL_TYPES else None
    try:
        config = read_object(path)
    except (OSError, ValueError) as error:
        raise ModelError(f"{display_name(path)}: not a file of shapes ({error})") from None
    # The encoder of a Whisper model in CTranslate2's format has its shapes in the weights.
    return config if "model_type" in config else None


def from_shape(shape: dict[str, Any], tokenizer: Any, name: str) -> CtcFiles:
    """A recogniser of random weights with a tokenizer's symbols.

    Raises ModelError for a family that cannot be used, or shapes that do not fit together.
    """
    from transformers import AutoConfig, AutoModelForCTC, SeamlessM4TFeatureExtractor, Wav2Vec2FeatureExtractor

    # Registers the architecture with transformers.
    import lyricsrec.recognition.whisper.ctc_model  # noqa: F401

    values = dict(shape)
    family = values.pop("model_type")
    check_family(family, name)
    values |= {"vocab_size": len(tokenizer), "pad_token_id": tokenizer.pad_token_id}
    try:
        config = AutoConfig.for_model(family, **values)
        model = AutoModelForCTC.from_config(config)
    except (ValueError, TypeError, RuntimeError, AttributeError, ZeroDivisionError) as error:
        raise ModelError(f"{name}: its shapes do not fit together ({error})") from None
    is_whisper = family == MODEL_TYPES[-1]
    if model.main_input_name == "input_features":
        extractor: Any = SeamlessM4TFeatureExtractor()
    else:
        masks = is_whisper or getattr(config, "feat_extract_norm", "layer") == "layer"
        extractor = Wav2Vec2FeatureExtractor(do_normalize=not is_whisper, return_attention_mask=masks)
    return CtcFiles(model, tokenizer, extractor, vocabulary=vocabulary_of(tokenizer, config, name))
