"""Validation of the nested dictionaries of a DALI entry, with errors that name the faulty item."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

LEVELS = ("notes", "words", "lines", "paragraphs")
"""The levels of an entry, lowest first."""

_NEEDED = ("words", "lines")


def check_entry(info: Any, annotations: Any) -> None:
    """Raise ValueError, naming what is missing or wrong, unless this is an entry in horizontal or vertical form.

    The horizontal form needs words, lines, and their links; notes and paragraphs may be missing.
    """
    if not isinstance(info, dict) or not isinstance(info.get("id"), str):
        raise ValueError("no id in its info")
    for name in ("metadata", "scores"):
        if not isinstance(info.get(name) or {}, dict):
            raise ValueError(f"{name} in its info is not a dictionary")
    if not isinstance(annotations, dict) or not isinstance(annotations.get("annot"), dict):
        raise ValueError("no annotations")
    param = annotations.get("annot_param")
    if not isinstance(param, dict) or not (_is_number(param.get("fr")) and _is_number(param.get("offset"))):
        raise ValueError("annot_param lacks fr or offset")
    annot, form = annotations["annot"], annotations.get("type")
    if form == "vertical":
        _check_vertical(annot.get("hierarchical"), len(LEVELS) - 1)
    elif form == "horizontal":
        _check_horizontal(annot)
    else:
        raise ValueError(f"type is {form!r}, neither 'horizontal' nor 'vertical'")


def _check_horizontal(annot: Mapping[str, Any]) -> None:
    levels: dict[str, Any] = {level: annot.get(level) if level in _NEEDED else annot.get(level, []) for level in LEVELS}
    for level, items in levels.items():
        _check_list(items, level)
    for level, above in zip(LEVELS, (*LEVELS[1:], None), strict=True):
        for number, item in enumerate(levels[level]):
            _check_item(item, f"{level}[{number}]")
            if not isinstance(item["text"], str):
                raise ValueError(f"{level}[{number}] has no text")
            if above is not None and (level == "words" or "index" in item):
                _check_index(item, f"{level}[{number}]", len(levels[above]))


def _check_vertical(items: Any, level: int) -> None:
    _check_list(items, LEVELS[level])
    for number, item in enumerate(items):
        name = f"{LEVELS[level]}[{number}]"
        _check_item(item, name)
        if level:
            _check_vertical(item["text"], level - 1)
        elif not isinstance(item["text"], str):
            raise ValueError(f"{name} has no text")


def _check_list(items: Any, level: str) -> None:
    if not isinstance(items, (list, tuple)):
        raise ValueError(f"no list of {level}")


def _check_item(item: Any, name: str) -> None:
    if not isinstance(item, dict) or "text" not in item:
        raise ValueError(f"{name} has no text")
    time = item.get("time")
    if not isinstance(time, (list, tuple)) or len(time) != 2 or not all(map(_is_number, time)):
        raise ValueError(f"{name} has no start and end time")


def _check_index(item: Mapping[str, Any], name: str, num_above: int) -> None:
    index = item.get("index")
    if not isinstance(index, int) or not 0 <= index < num_above:
        raise ValueError(f"{name} has index {index!r}, but the level above has {num_above} items")


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
