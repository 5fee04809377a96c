"""Parameters of a sweep: the values that a setting may take, as texts for `train --set`."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import Any, Protocol

from lyricsrec.base.settings import Count, Settings


class Suggesting(Protocol):
    """What a parameter needs of an Optuna trial."""

    def suggest_categorical(self, name: str, choices: list[str]) -> str:
        """One of these."""

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False) -> float:
        """A number between these."""

    def suggest_int(self, name: str, low: int, high: int, *, log: bool = False) -> int:
        """An integer between these."""


@dataclass(frozen=True)
class Parameter(Settings):
    """The values of a setting: `choices`, or the range from `low` to `high`, with `log` on a logarithmic scale.

    A range of two integers has integers alone. `points` is how many values of a range a grid has.
    """

    choices: tuple[Any, ...] = ()
    low: int | float | None = None
    high: int | float | None = None
    _: KW_ONLY
    log: bool = False
    points: Count = 0

    def __post_init__(self) -> None:
        is_range = self.low is not None or self.high is not None
        if bool(self.choices) == is_range:
            raise ValueError("a parameter has either choices, or low and high")
        if self.choices:
            if self.log or self.points:
                raise ValueError("log and points belong to a range, not to choices")
            if len(set(map(toml_text, self.choices))) < len(self.choices):
                raise ValueError("a choice is given twice")
        elif self.low is None or self.high is None or not self.low < self.high:
            raise ValueError("a range needs low, and high above it")
        elif self.log and self.low <= 0:
            raise ValueError("a logarithmic range begins above 0")

    @property
    def _bounds(self) -> tuple[float, float]:
        assert self.low is not None
        assert self.high is not None
        return self.low, self.high

    @property
    def is_integer(self) -> bool:
        """Whether this is a range of integers."""
        return isinstance(self.low, int) and isinstance(self.high, int)

    def suggest(self, trial: Suggesting, key: str) -> object:
        """The value of a trial, as Optuna keeps it: a choice as text, else a number."""
        if self.choices:
            return trial.suggest_categorical(key, [toml_text(value) for value in self.choices])
        low, high = self._bounds
        if self.is_integer:
            return trial.suggest_int(key, int(low), int(high), log=self.log)
        return trial.suggest_float(key, low, high, log=self.log)

    def grid(self) -> list[Any]:
        """The values of a grid, as Optuna keeps them; empty for a range without `points`."""
        if self.choices:
            return [toml_text(value) for value in self.choices]
        low, high = self._bounds
        if self.points < 2:
            return [low] * self.points
        shares = [i / (self.points - 1) for i in range(self.points)]
        if self.log:
            values = [math.exp(math.log(low) + share * (math.log(high) - math.log(low))) for share in shares]
        else:
            values = [low + share * (high - low) for share in shares]
        # The ends as they were given, without rounding.
        values[0], values[-1] = low, high
        return list(dict.fromkeys(map(round, values))) if self.is_integer else values

    def tried(self) -> Iterator[str]:
        """Texts of the values to check before a sweep begins: all choices, or both ends."""
        yield from (toml_text(value) for value in (self.choices or self._bounds))

    def distribution(self) -> dict[str, Any]:
        """The same for a sweep of Weights & Biases."""
        if self.choices:
            return {"values": [toml_text(value) for value in self.choices]}
        low, high = self._bounds
        kind = ("int_" if self.is_integer else "") + "uniform"
        if self.log:
            # There are no logarithmic integers there but powers.
            kind = "q_log_uniform_values" if self.is_integer else "log_uniform_values"
        return {"distribution": kind, "min": low, "max": high}


def text_of(value: object) -> str:
    """The value of a trial as text for `--set`; a choice is text already."""
    return value if isinstance(value, str) else toml_text(value)


def toml_text(value: Any) -> str:
    """A value as TOML in one row."""
    if isinstance(value, dict):
        inner = ", ".join(f"{json.dumps(key)} = {toml_text(item)}" for key, item in value.items())
        return f"{{ {inner} }}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(toml_text, value))}]"
    if isinstance(value, (str, Path)):
        return json.dumps(str(value), ensure_ascii=False)
    return str(value).lower() if isinstance(value, bool) else repr(value)
