"""Times corrected: one straight line for a whole song, and single lines moved by more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from lyricsrec.lyrics.transcript import Line

_LONGEST_S = 8.0


@dataclass(frozen=True)
class Retiming:
    """A time t becomes `stretch * t + offset_s`, and `moves_s[i]` more in line i."""

    stretch: float = 1.0
    offset_s: float = 0.0
    moves_s: Mapping[int, float] = field(default_factory=dict)

    @property
    def changes_nothing(self) -> bool:
        """Whether every time stays as it is."""
        return self.stretch == 1.0 and self.offset_s == 0.0 and not self.moves_s

    def at(self, seconds: float, line: int | None = None) -> float:
        """The corrected time, of a line where `line` says of which."""
        moved_s = self.moves_s.get(line, 0.0) if line is not None else 0.0
        return self.stretch * seconds + self.offset_s + moved_s

    def lines(self, lines: Sequence[Line]) -> tuple[Line, ...]:
        """All lines at their corrected times, none of them below 0."""

        def moved(seconds: float | None, number: int) -> float | None:
            return None if seconds is None else max(self.at(seconds, number), 0.0)

        return tuple(
            replace(
                line,
                words=tuple(
                    replace(word, start_s=moved(word.start_s, number), end_s=moved(word.end_s, number))
                    for word in line.words
                ),
            )
            for number, line in enumerate(lines)
        )


def closed(lines: Sequence[Line], duration_s: float) -> tuple[Line, ...]:
    """Lines with a start and no end last until the next one begins, but no longer than 8 s; others stay as they are."""
    starts = [line.start_s for line in lines]
    nexts = [next((s for s in starts[i + 1 :] if s is not None), duration_s) for i in range(len(lines))]
    return tuple(_closed(line, next_s) for line, next_s in zip(lines, nexts, strict=True))


def _closed(line: Line, next_s: float) -> Line:
    started = [word.start_s for word in line.words if word.start_s is not None]
    if not started or line.words[-1].end_s is not None:
        return line
    end_s = max(min(next_s, started[-1] + _LONGEST_S), started[-1])
    return replace(line, words=(*line.words[:-1], replace(line.words[-1], end_s=end_s)))
