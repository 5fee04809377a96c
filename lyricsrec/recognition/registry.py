"""The registry of recognisers: how each family's folder is detected, which files it needs, and how it is loaded.

One more family is one file with its loader and one entry of `FAMILIES`; its known models are rows of the catalogue.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lyricsrec.base.device import Compute
from lyricsrec.base.errors import ModelError
from lyricsrec.base.progress import SILENT, Progress
from lyricsrec.models.catalogue import CTC_FILES, MODELS, WHISPER_FILES
from lyricsrec.models.reading import check_files, read_object
from lyricsrec.models.resolve import LocalModel, suggestion
from lyricsrec.models.sources import Hub
from lyricsrec.recognition.settings import RecognizeConfig

if TYPE_CHECKING:
    from lyricsrec.recognition.base import Recognizer

_OTHER_ROLES = {"separator": ("a separator", "--separator"), "lm": ("a language model", "--lm")}

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Family:
    """A family of recognisers.

    `files` are patterns of the files to download. `detect` says whether a folder, whose config.json is given, is of
    this family; it may raise ModelError for a folder that is nearly one. `gives_emissions`: it gives log-probabilities,
    which decoding and alignment need, rather than words.
    """

    files: tuple[str, ...]
    detect: Callable[[Path, Mapping[str, Any]], bool]
    load: Callable[[LocalModel, Compute, RecognizeConfig], Recognizer]
    _: KW_ONLY
    gives_emissions: bool


def _is_whisper(folder: Path, config: Mapping[str, Any]) -> bool:
    if config.get("model_type") == "whisper":
        raise ModelError(
            f"{folder}: a Whisper checkpoint of transformers, not of CTranslate2",
            "Convert it with `ct2-transformers-converter` (package ctranslate2) and name that folder.",
        )
    return (folder / "model.bin").is_file() and "model_type" not in config


def _is_ctc(folder: Path, config: Mapping[str, Any]) -> bool:
    named = config.get("architectures")
    return isinstance(named, list) and any(isinstance(name, str) and name.endswith("ForCTC") for name in named)


def _load_whisper(model: LocalModel, compute: Compute, config: RecognizeConfig) -> Recognizer:
    from lyricsrec.recognition.whisper.recognizer import load_whisper
    from lyricsrec.recognition.witnesses import BuiltInWitnesses

    return load_whisper(model, compute, config.language, config.whisper, witnesses=BuiltInWitnesses(compute))


def _load_ctc(model: LocalModel, compute: Compute, config: RecognizeConfig) -> Recognizer:
    from lyricsrec.recognition.ctc import load_ctc

    return load_ctc(model, compute, config.language, only_if_known=config.optional_language)


FAMILIES: dict[str, Family] = {
    "whisper": Family(WHISPER_FILES, _is_whisper, _load_whisper, gives_emissions=False),
    "ctc": Family(CTC_FILES, _is_ctc, _load_ctc, gives_emissions=True),
}


def family_of(model: LocalModel) -> Family:
    """The family of a recogniser."""
    return FAMILIES[model.family]


def load_recognizer(model: LocalModel, compute: Compute, config: RecognizeConfig) -> Recognizer:
    """Load a recogniser.

    Raises ModelError when its files are damaged or a library is missing, UsageError for a language that it does not
    know.
    """
    recognizer = family_of(model).load(model, compute, config)
    log.debug("recogniser %s (%s) loaded on %s", model.name, model.family, compute.device)
    return recognizer


def find_recognizer(name: str, *, offline: bool = False, progress: Progress = SILENT) -> LocalModel:
    """Resolve a recogniser by known name, hub repository (`owner/name`) or folder, downloading it if needed.

    Raises ModelError when there is no such model, when it is of no known family, and when it would have to be
    downloaded but `offline` is set or the hub does not answer.
    """
    folder = Path(name).expanduser()
    if folder.is_dir():
        return LocalModel(name, _detect(folder), folder)
    info = MODELS.get(name)
    if info is not None and info.role in _OTHER_ROLES:
        role, flag = _OTHER_ROLES[info.role]
        raise ModelError(f"'{name}' is {role}, not a recogniser", f"Did you mean {flag} {name}?")
    if info is not None:
        folder = info.source.resolve(offline=offline, progress=progress)
    elif name.count("/") != 1 or folder.is_absolute() or name.startswith("."):
        raise ModelError(f"no model '{name}': neither a folder nor a known name", suggestion(name))
    else:
        folder = _any_family(name).resolve(offline=offline, progress=progress)
    log.debug("recogniser %s found in %s", name, folder)
    return LocalModel(name, _detect(folder), folder)


def _any_family(repo: str) -> Hub:
    """A repository of unknown family: the files of all families are needed."""
    patterns = [pattern for family in FAMILIES.values() for pattern in family.files]
    return Hub(repo, tuple(dict.fromkeys(patterns)))


def _detect(folder: Path) -> str:
    """The name of the family of a folder. Raises ModelError when it is of none."""
    try:
        config = read_object(folder / "config.json")
    except FileNotFoundError:
        raise ModelError(f"{folder}: not a model (it has no config.json)") from None
    except OSError as error:
        raise ModelError(f"{folder}: its config.json cannot be read ({error.strerror})") from None
    except ValueError as error:
        raise ModelError(f"{folder}: its config.json cannot be read ({error})") from None
    check_files(folder)
    for name, family in FAMILIES.items():
        if family.detect(folder, config):
            return name
    raise ModelError(
        f"{folder}: neither a CTC model of transformers nor a CTranslate2 Whisper model",
        "Its config.json should name an architecture that ends in ForCTC.",
    )
