"""Settings of the model, its frozen parts and the guard of the separator."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from typing import Literal

from lyricsrec.base.settings import AtLeastZero, Count, Natural, Settings

PARTS = ("separator", "features", "encoder", "adapter", "head")
"""Parts of a model that can be frozen and have their own learning rates; "encoder.0" and so on are its layers, those of
the separator "separator.vocals" and so on (`TrainableSeparator.part_of`)."""


TargetName = Literal["letters", "pieces", "phonemes"]


@dataclass(frozen=True)
class ModelConfig(Settings):
    """The model to train.

    `recognizer` is a known name, a hub repository, a folder, or "tiny.en": a CTC model, or a Whisper model whose
    encoder gets a CTC head. `separator` is "spleeter", the name of a Demucs model, the folder of a trained one, or
    "none" to recognise the mix; None takes the one that is stored with a checkpoint, if there is one. Without
    `new_head` a CTC model keeps its own vocabulary; a new head outputs the `target`: "letters" (`letters`, None:
    those of the data set), or "pieces", parts of words (`pieces`, else those of the sentencepiece model `piece_model`,
    else up to `num_pieces` that are made of the data set's texts, extra `pieces`), or "phonemes" (`phonemes`, else
    those of the data set's words in the pronunciation dictionary `lexicon`). On a Whisper encoder it has `head_layers`
    convolutions over `head_kernel` frames with `head_width` channels. `language` is the
    ISO 639-3 code of a multilingual model's (MMS) adapters. `random` starts from random weights: only the shapes of
    `recognizer` and `separator` are read, which may then be files of shapes or the names of families.
    """

    recognizer: str = "facebook/wav2vec2-base-960h"
    separator: str | None = None
    new_head: bool = False
    _: KW_ONLY
    target: TargetName = "letters"
    letters: str | None = None
    pieces: tuple[str, ...] = ()
    piece_model: Path | None = None
    num_pieces: Natural = 500
    phonemes: tuple[str, ...] = ()
    lexicon: Path | None = None
    language: str | None = None
    head_layers: Count = 2
    head_kernel: Natural = 5
    head_width: Natural = 384
    random: bool = False

    def __post_init__(self) -> None:
        for symbol in self.letters or "":
            if symbol == "|" or symbol.isspace():
                raise ValueError(f"letters cannot contain {symbol!r}; the space between words is always included")


@dataclass(frozen=True)
class FreezeConfig(Settings):
    """Parts that are not trained.

    `parts` ("separator", "separator.vocals", "features", "encoder", "encoder.0", "adapter", "head") stay frozen, or
    until the step that `until` gives for them.
    """

    parts: tuple[str, ...] = ("separator", "features")
    until: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class GuardConfig(Settings):
    """Protection of the separator's vocals, which training by CTC alone degrades.

    At every validation the vocals of `num_clips` fixed clips are compared with those at the start of the run (SI-SDR,
    Le Roux et al. 2019). With a `weight`, each decibel below `floor_db` in training adds that much to the loss, which
    preserves the vocals at the price of a second separator in memory.
    """

    num_clips: Count = 4
    weight: AtLeastZero = 0.0
    floor_db: float = 20.0
