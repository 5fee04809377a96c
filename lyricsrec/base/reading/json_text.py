"""JSON from files of unknown origin: the one parser, with errors that can be shown.

What `json` lets through is refused or tamed here: nesting without end, integers that no float can hold (they become
infinite, which every check of a number refuses), and, with `texts`, halves of surrogate pairs, which no file can hold.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any, TypeGuard

_LONGEST_INT = 300
_SURROGATE = re.compile("[\ud800-\udfff]")
_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")


def load_json(data: str | bytes) -> Any:
    """Parse JSON.

    Raises ValueError for JSON that is broken, nested too deeply, or has half of a surrogate pair in a text.
    """
    try:
        text = data if isinstance(data, str) else data.decode(json.detect_encoding(data))
        document = json.loads(text, parse_int=_integer)
    except RecursionError:
        raise ValueError("broken JSON (nested too deeply)") from None
    except UnicodeDecodeError:
        raise ValueError("broken JSON (not UTF-8)") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"broken JSON ({error})") from None
    if _SURROGATE_ESCAPE.search(text) and (place := next(_surrogates(document), None)) is not None:
        raise ValueError(f"{place or 'the document'} has half of a surrogate pair, which is not a character")
    return document


def load_object(data: str | bytes) -> dict[str, Any]:
    """Parse a JSON object. Raises ValueError as `load_json` does, and for any other value."""
    document = load_json(data)
    if not isinstance(document, dict):
        raise ValueError(f"not a JSON object, but {kind_of(document)}")
    return document


def kind_of(raw: Any) -> str:
    """What a value is, in JSON's words."""
    if raw is None:
        return "null"
    names: dict[type, str] = {dict: "an object", list: "a list", str: "a text", bool: "true or false"}
    return names.get(type(raw), "a number")


def is_finite(raw: Any) -> TypeGuard[float]:
    """Whether a value is a number that is finite, also as a float; true and false are not numbers."""
    if isinstance(raw, bool) or not isinstance(raw, (int, float)):
        return False
    try:
        return math.isfinite(raw)
    except OverflowError:
        return False


def _integer(text: str) -> int | float:
    return int(text) if len(text) <= _LONGEST_INT else float(text)


def _surrogates(document: Any) -> Iterator[str]:
    """The places of texts, and of fields by name, that cannot be encoded."""
    waiting = [("", document)]
    while waiting:
        place, value = waiting.pop()
        if isinstance(value, str) and _SURROGATE.search(value):
            yield place
        elif isinstance(value, dict):
            if any(map(_SURROGATE.search, value)):
                yield f"a name in {place or 'the document'}"
            waiting += [(f"{place}.{name}" if place else name, part) for name, part in reversed(value.items())]
        elif isinstance(value, list):
            waiting += [(f"{place}[{number}]", value[number]) for number in reversed(range(len(value)))]
