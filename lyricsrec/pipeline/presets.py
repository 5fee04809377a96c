"""Presets: models that go together, by name. One more preset is one row of `PRESETS`."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path

from lyricsrec.base.errors import UsageError
from lyricsrec.base.progress import SILENT, Progress
from lyricsrec.models.catalogue import MODELS, ModelInfo
from lyricsrec.recognition.registry import find_recognizer
from lyricsrec.recognition.whisper.settings import WhisperConfig


@dataclass(frozen=True)
class Preset:
    """A separator, a recogniser and, for CTC models, a language model with its weight `alpha`.

    `label` says what it is good for, on the page; `whisper` is how to recognise with a Whisper model.
    """

    name: str
    separator: str
    recognizer: str
    _: KW_ONLY
    description: str
    label: str = ""
    lm: str | None = None
    alpha: float | None = None
    whisper: WhisperConfig = field(default_factory=WhisperConfig)

    @property
    def size_mb(self) -> int:
        """Size of all its models together."""
        return sum(model.size_mb for model in self.models)

    @property
    def models(self) -> list[ModelInfo]:
        """Its models."""
        names = (self.separator, self.recognizer, self.lm)
        return [MODELS[name] for name in names if name is not None]


_ROWS = [
    Preset(
        "offline",
        "center",
        "base",
        label="Best without a download, 99 languages",
        description="the choice without a download: 99 languages; default where installed",
    ),
    Preset(
        "fast",
        "none",
        "base",
        label="Quick, 99 languages, more errors",
        description="the choice on slow machines: 99 languages in half the time, more errors",
        whisper=WhisperConfig(beam_width=1, two_views=False, second_pass=False),
    ),
    Preset(
        "builtin",
        "center",
        "sung.en",
        label="Smallest, English, many errors",
        description="smallest, many more errors, English; default without the offline extra",
        lm="lyrics",
        alpha=0.7,
    ),
    Preset(
        "wav2vec2",
        "htdemucs",
        "facebook/wav2vec2-large-960h-lv60-self",
        label="For experiments, English",
        description="for experiments with CTC: the separated vocals, English",
    ),
    Preset(
        "whisper",
        "htdemucs",
        "large-v3-turbo",
        label="Large, 99 languages, best with a GPU",
        description="the choice with a GPU: large Whisper on the separated vocals, 99 languages",
    ),
]

PRESETS: dict[str, Preset] = {preset.name: preset for preset in _ROWS}


def get_preset(name: str) -> Preset:
    """The preset called `name`. Raises UsageError for an unknown one."""
    if name not in PRESETS:
        raise UsageError(f"unknown preset '{name}'", f"Known presets: {', '.join(PRESETS)}.")
    return PRESETS[name]


def default_preset() -> str:
    """The preset to use where none is named: the first whose models are all installed."""
    return next(preset.name for preset in PRESETS.values() if all(model.is_installed() for model in preset.models))


def pull(name: str, progress: Progress = SILENT) -> list[Path]:
    """Download a preset's models, or one model by known name or repository; the folders of what has files.

    Raises ModelError when a model is unknown or not available.
    """
    if name in PRESETS:
        models = PRESETS[name].models
    elif name in MODELS:
        models = [MODELS[name]]
    else:
        return [find_recognizer(name, progress=progress).folder]
    return [model.source.resolve(progress=progress) for model in models if model.source.has_files]
