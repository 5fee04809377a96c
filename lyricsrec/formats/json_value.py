"""JSON from others: parsed strictly, with errors that name the place in the document."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any

_MAX_S = 100 * 3600.0
_SHOWN = 40


@dataclass(frozen=True)
class Value:
    """A value in a JSON document, and its place in it, such as `segments[2].start`; `raw` is None if it is missing."""

    raw: Any
    place: str = ""

    def get(self, *names: str) -> Value:
        """The field with the first of these names that is there. Raises ValueError if this is not an object."""
        if not isinstance(self.raw, dict):
            raise ValueError(f"{self._place} is not an object, but {_shown(self.raw)}")
        name = next((name for name in names if self.raw.get(name) is not None), names[0])
        return Value(self.raw.get(name), f"{self.place}.{name}" if self.place else name)

    def items(self) -> list[Value]:
        """The items of a list; none if it is missing. Raises ValueError if this is not a list."""
        if self.raw is None:
            return []
        if not isinstance(self.raw, list):
            raise ValueError(f"{self._place} is not a list, but {_shown(self.raw)}")
        return [Value(item, f"{self.place}[{number}]") for number, item in enumerate(self.raw)]

    def text(self) -> str:
        """A text. Raises ValueError if this is missing or something else."""
        if not isinstance(self.raw, str):
            raise ValueError(f"{self._place} is not a text, but {_shown(self.raw)}")
        return self.raw

    def seconds(self, *, unit_s: float = 1.0, nan_is_missing: bool = False) -> float | None:
        """A time in seconds, from a number of units of `unit_s` seconds; None if it is missing.

        Raises ValueError for what is not a number, not finite, or not between 0 and 100 hours.
        """
        given = self.raw
        if given is None or (nan_is_missing and isinstance(given, float) and math.isnan(given)):
            return None
        if isinstance(given, bool) or not isinstance(given, (int, float)):
            raise ValueError(f"{self._place} is not a number, but {_shown(given)}")
        if not 0 <= given <= _MAX_S / unit_s:
            raise ValueError(f"{self._place} is not a time, but {_shown(given)}")
        return float(given) * unit_s

    @property
    def _place(self) -> str:
        return self.place or "the document"


def _shown(raw: Any) -> str:
    """A value in an error message: short, and in JSON's words."""
    if raw is None:
        return "missing"
    if isinstance(raw, int) and not isinstance(raw, bool) and abs(raw) >= 10**_SHOWN:
        return "a number of dozens of digits"
    if isinstance(raw, (dict, list)):
        return "an object" if isinstance(raw, dict) else "a list"
    shown = json.dumps(raw)
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}..."
