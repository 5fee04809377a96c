"""How recognisers recognise: the settings that all share, and those of each family."""

from __future__ import annotations

from dataclasses import dataclass, field

from lyricsrec.base.settings import Settings
from lyricsrec.recognition.whisper.settings import WhisperConfig


@dataclass(frozen=True)
class RecognizeConfig(Settings):
    """How to recognise.

    `language` is the code of the language that is sung, None where the model finds it itself or knows only one. With
    `optional_language`, a model that knows only one may be given any.
    """

    language: str | None = None
    optional_language: bool = False
    whisper: WhisperConfig = field(default_factory=WhisperConfig)
