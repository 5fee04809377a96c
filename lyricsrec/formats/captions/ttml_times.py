"""Times of TTML: expressions such as `00:01:02.500`, `62.5s` or `1550f`, and what they count from.

https://www.w3.org/TR/ttml2/#timing-value-time-expression
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element

_CLOCK = re.compile(r"(?:(\d{1,4}):)?(\d{1,4}):(\d{1,2})(?:\.(\d{1,9})|:(\d{1,3})(?:\.\d{1,3})?)?")
_OFFSET = re.compile(r"(\d{1,12}(?:\.\d{1,9})?)(h|ms|m|s|f|t)?")
_MAX_S = 100 * 3600.0
_EARLIER_S = 0.02


@dataclass(frozen=True)
class Clock:
    """Frames and ticks in a second, as the root of a document gives them."""

    frame_rate: float = 30.0
    tick_rate: float = 1.0

    @classmethod
    def of(cls, root: Element) -> Clock:
        """The clock of a document; values that are not numbers are replaced by the standard's."""
        given = attributes(root)
        rate = _positive(given.get("frameRate")) or 30.0
        parts = [_positive(part) for part in given.get("frameRateMultiplier", "").replace(":", " ").split()]
        multiplier = parts[0] / parts[1] if len(parts) == 2 and parts[0] and parts[1] else 1.0
        return cls(rate * multiplier, _positive(given.get("tickRate")) or (rate if "frameRate" in given else 1.0))

    def seconds(self, expression: str) -> float:
        """A time in seconds; a bare number is one of seconds. Raises ValueError for an invalid expression."""
        if match := _CLOCK.fullmatch(expression.strip()):
            hours, minutes, seconds, fraction, frames = match.groups()
            whole = int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)
            found = whole + float(f"0.{fraction or 0}") + int(frames or 0) / self.frame_rate
        elif match := _OFFSET.fullmatch(expression.strip()):
            number, unit = float(match[1]), match[2] or "s"
            units = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001, "f": 1 / self.frame_rate, "t": 1 / self.tick_rate}
            found = number * units[unit]
        else:
            raise ValueError(f"invalid time '{expression[:24]}'")
        if found > _MAX_S:
            raise ValueError(f"the time '{expression[:24]}' is later than 100 hours")
        return round(found, 6)


@dataclass(frozen=True)
class Span:
    """When an element is shown, in seconds; None where it does not say."""

    start_s: float | None = None
    end_s: float | None = None


def span_of(element: Element, clock: Clock, origin_s: float = 0.0) -> Span:
    """The times of an element, counted from `origin_s`. Raises ValueError."""
    given = attributes(element)
    start_s, end_s, length_s = (
        clock.seconds(given[name]) if given.get(name, "").strip() else None for name in ("begin", "end", "dur")
    )
    if length_s is not None and end_s is None:
        end_s = (start_s or 0.0) + length_s
    return Span(*(None if t is None else round(t + origin_s, 6) for t in (start_s, end_s)))


def counts_from_parents(body: Element, clock: Clock) -> bool:
    """Whether times count from the start of the element around them, as the standard says.

    Music services and most programs count all from the start of the song instead. They do if no element would begin
    before the one around it.
    """
    return any(child < parent - _EARLIER_S for parent, child in _starts(body, clock, 0.0))


def _starts(element: Element, clock: Clock, around_s: float) -> Iterator[tuple[float, float]]:
    """The start of each element, after that of the element around it."""
    waiting = [(element, around_s)]
    while waiting:
        at, around_s = waiting.pop()
        try:
            start_s = span_of(at, clock).start_s
        except ValueError:
            start_s = None
        if start_s is not None:
            yield around_s, start_s
        waiting += [(child, around_s if start_s is None else start_s) for child in at]


def attributes(element: Element) -> Mapping[str, str]:
    """The attributes of an element by their names without namespaces."""
    return {local_name(name): value for name, value in element.attrib.items()}


def local_name(name: object) -> str:
    """A name without its namespace; empty for a comment."""
    return name.rpartition("}")[2] if isinstance(name, str) else ""


def _positive(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if 0 < number < 1e9 else None
