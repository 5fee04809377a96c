"""Folders of this machine are left out of the card of a model that is given away."""

from __future__ import annotations

import re
from typing import Any

# An absolute path up to its last name, at the start of a text or of the value of a setting.
_FOLDERS = re.compile(r"(?<![^\s=,:'\"])(?:~|[A-Za-z]:)?[\\/](?:[^\\/=,'\"\n]+[\\/])*(?=[^\\/])")


def without_folders(value: Any) -> Any:
    """A plain value in which every absolute path is its last name, also in keys, which are numbered if alike."""
    if isinstance(value, str):
        return _FOLDERS.sub("", value)
    if isinstance(value, dict):
        named: dict[Any, Any] = {}
        for key, inner in value.items():
            short, number = without_folders(key), 1
            while (name := short if number == 1 else f"{short} ({number})") in named:
                number += 1
            named[name] = without_folders(inner)
        return named
    return [without_folders(inner) for inner in value] if isinstance(value, list) else value
