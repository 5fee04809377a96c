"""Training settings in TOML: read with every key and value checked, written out as they were used."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import tomli_w
from pydantic import TypeAdapter, ValidationError

from lyricsrec.base.errors import UsageError
from lyricsrec.base.output import display_name, write_text
from lyricsrec.training.settings import TrainConfig

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

NAME = "config.toml"
"""The resolved settings beside a checkpoint are called so."""

_CHECKED = TypeAdapter(TrainConfig)


def read_config(path: Path | None, settings: Sequence[str] = (), flags: Mapping[str, Any] | None = None) -> TrainConfig:
    """The settings of a TOML file, of `section.key=value` texts, and of flags; the later win.

    `flags` maps "section.key" to values, None where a flag was not given. Raises UsageError for a file that cannot be
    read, and for every key that does not exist and value that does not fit, by name.
    """
    document = _read(path) if path is not None else {}
    _checked(document, f"{display_name(path)}: " if path is not None else "")
    for text in settings:
        key, equals, value = text.partition("=")
        if not equals:
            raise UsageError(f"--set '{text}' sets nothing", "Write it as --set optimizer.head_rate=1e-4.")
        _put(document, key.strip(), _value(value.strip()))
    for key, value in (flags or {}).items():
        if value is not None:
            _put(document, key, value)
    return _checked(document)


def config_text(config: TrainConfig) -> str:
    """All settings as TOML; what is None is left out."""
    return tomli_w.dumps(_plain(asdict(config)))


def write_config(config: TrainConfig, folder: Path) -> None:
    """Write all settings into a folder. Raises OutputError when that cannot be done."""
    write_text(folder / NAME, config_text(config))


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise UsageError(f"{display_name(path)}: cannot be read ({error.strerror})") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{display_name(path)}: not TOML ({error})") from None


def _value(text: str) -> Any:
    """A value as TOML has it; a bare word is itself."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _put(document: dict[str, Any], dotted: str, value: Any) -> None:
    *sections, key = dotted.split(".")
    for section in sections:
        inner = document.setdefault(section, {})
        if not isinstance(inner, dict):
            raise UsageError(f"--set {dotted}: '{section}' has no settings below it")
        document = inner
    document[key] = value


def _checked(document: dict[str, Any], source: str = "") -> TrainConfig:
    try:
        return _CHECKED.validate_python(document)
    except ValidationError as error:
        problems = [_problem(dict(item)) for item in error.errors()]
        shown = "; ".join(problems[:5]) + (f"; and {len(problems) - 5} more" if len(problems) > 5 else "")
        known = ", ".join(TrainConfig.__dataclass_fields__)
        raise UsageError(source + shown, f"The sections are {known}.") from None


def _problem(error: dict[str, Any]) -> str:
    place = ".".join(str(part) for part in error["loc"])
    if error["type"] == "unexpected_keyword_argument":
        return f"no setting is called '{place}'"
    message = str(error["msg"])
    return f"{place}: {message[0].lower()}{message[1:]}, not {error['input']!r}"


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    return value.as_posix() if isinstance(value, Path) else value
