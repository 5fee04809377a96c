"""Reading training settings from TOML with every key and value checked, and writing them back."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, get_type_hints

import tomli_w

from lyricsrec.base.errors import UsageError
from lyricsrec.base.output import display_name, write_text
from lyricsrec.base.reading.input_files import read_text
from lyricsrec.base.settings import Settings, checked
from lyricsrec.training.settings.train import TrainConfig

NAME = "config.toml"
"""File name of the resolved settings beside a checkpoint."""

_FILE_BYTES, _ROW_CHARACTERS = 1 << 18, 4096
"""The parser's time grows as the square of a row's number of dotted keys."""


def read_config(
    path: Path | None,
    settings: Sequence[str] = (),
    flags: Mapping[str, Any] | None = None,
    *,
    names: Mapping[str, str] | None = None,
    start: Path | None = None,
    defaults: Mapping[str, Any] | None = None,
) -> TrainConfig:
    """The settings of a TOML file, of `section.key=value` texts, and of flags; later ones override earlier ones.

    `flags` maps "section.key" to values, None for a flag that was not given, and `names` to what messages call it.
    `start` is a file that all of them override: the settings of a run that is resumed; without one, they override the
    `defaults` of a command. Raises UsageError for a file that cannot be read, and for every unknown key and invalid
    value, by name.
    """
    try:
        document = _merged([start, path], settings, flags or {})
        for key, value in (defaults or {}).items() if start is None else ():
            section, _, name = key.partition(".")
            if isinstance(values := document.setdefault(section, {}), dict):
                values.setdefault(name, value)
        return checked(TrainConfig, document, flags=names)
    except UsageError:
        for file in (start, path):
            if file is not None:
                # Where the file alone is wrong, the message names it.
                checked(TrainConfig, _read(file), f"{display_name(file)}: ")
        raise


def _merged(files: Sequence[Path | None], settings: Sequence[str], flags: Mapping[str, Any]) -> dict[str, Any]:
    document: dict[str, Any] = {}
    for path in files:
        if path is not None:
            document = _overridden(TrainConfig, document, _read(path))
    for text in settings:
        key, equals, value = text.partition("=")
        if not equals:
            raise UsageError(f"--set '{text}' has no value", "Write it as --set optimizer.head_rate=1e-4.")
        _put(document, key.strip(), _value(value.strip()))
    for key, value in flags.items():
        if value is not None:
            _put(document, key, value)
    return document


def _overridden(kind: type[Settings], document: Mapping[str, Any], later: Mapping[str, Any]) -> dict[str, Any]:
    """A document of these settings with the values of a later one; sections are merged, other values replaced."""
    sections = {name: hint for name, hint in get_type_hints(kind).items() if _is_section(hint)}
    merged = dict(document)
    for key, value in later.items():
        both = key in sections and isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = _overridden(sections[key], merged[key], value) if both else value
    return merged


def _is_section(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, Settings)


def flat_settings(settings: Settings, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """All settings as (section.key, value), in the order of the settings file."""
    for field in fields(settings):  # type: ignore[arg-type]
        value = getattr(settings, field.name)
        if isinstance(value, Settings):
            yield from flat_settings(value, f"{prefix}{field.name}.")
        else:
            yield prefix + field.name, value


def config_text(config: TrainConfig) -> str:
    """All settings as TOML; None and empty sections are left out."""
    return tomli_w.dumps(_plain(asdict(config)))


def write_config(config: TrainConfig, folder: Path) -> None:
    """Write all settings into a folder. Raises OutputError when it cannot be written."""
    write_text(folder / NAME, config_text(config))


def _read(path: Path) -> dict[str, Any]:
    try:
        return _parsed(read_text(path, _FILE_BYTES))
    except OSError as error:
        raise UsageError(f"{display_name(path)}: cannot be read ({error.strerror})") from None
    except ValueError as error:
        raise UsageError(f"{display_name(path)}: not TOML ({error})") from None


def _value(text: str) -> Any:
    """A TOML value; a bare word is taken as text."""
    try:
        return _parsed(f"value = {text}")["value"]
    except ValueError:
        return text


def _parsed(text: str) -> dict[str, Any]:
    """Parse TOML. Raises ValueError for what is not TOML, or nested too deeply, and for very long rows."""
    if any(len(row) > _ROW_CHARACTERS for row in text.splitlines()):
        raise ValueError(f"a row of more than {_ROW_CHARACTERS} characters")
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _put(document: dict[str, Any], dotted: str, value: Any) -> None:
    *sections, key = dotted.split(".")
    for section in sections:
        inner = document.setdefault(section, {})
        if not isinstance(inner, dict):
            raise UsageError(f"--set {dotted}: '{section}' is not a section")
        document = inner
    document[key] = value


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        plain = {key: _plain(inner) for key, inner in value.items() if inner is not None}
        # Parts whose optimizer has nothing of its own.
        return {key: inner for key, inner in plain.items() if inner or not isinstance(inner, dict)}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    return value.as_posix() if isinstance(value, Path) else value
