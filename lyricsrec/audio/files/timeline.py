"""Where successive pieces of sound lie on the clock of their container."""

from __future__ import annotations

_TOLERANCE_S = 0.05
_OVERLAP_S = 1.0
_LONGEST_HOLE_S = 3600.0
_LONGEST_HOLE_IN_STREAM_S = 10.0


class Timeline:
    """Places pieces of sound by their times.

    `begin` and `position` are where the first begins and the last ends, in samples.

    A time that is later than the samples before it reach leaves a hole, an earlier one an overlap. A clock that jumps
    back by more than a second, or ahead by more than an hour (10 s with `is_stream`, as in transport streams), was set
    anew, as where files were joined: what follows continues without a hole. With `counts_samples`, differences of up
    to 50 ms between a time and the samples before it are rounding, and change nothing.
    """

    def __init__(self, rate: int, *, is_stream: bool = False, counts_samples: bool = True) -> None:
        self._rate = rate
        self._tolerance = _TOLERANCE_S * rate if counts_samples else 0
        self._longest_hole = round((_LONGEST_HOLE_IN_STREAM_S if is_stream else _LONGEST_HOLE_S) * rate)
        self._shift = 0
        self.begin = self.position = 0
        self.is_new = True
        self.was_set_anew = self.has_holes = False

    def start_at(self, time_s: float) -> None:
        """Begin at a time instead of 0."""
        self.begin = self.position = round(time_s * self._rate)

    def place(self, time_s: float | None, num_samples: int) -> int:
        """Place a piece of sound, and return the length of the hole before it in samples; negative for an overlap.

        The samples that overlap, at most `num_samples`, are to be dropped. Without a time the piece follows the last.
        """
        gap = 0 if time_s is None else round(time_s * self._rate) + self._shift - self.position
        if not -_OVERLAP_S * self._rate <= gap <= self._longest_hole:
            self._shift -= gap
            self.was_set_anew = True
            gap = 0
        # The first piece is placed exactly: nothing before it was rounded.
        if abs(gap) <= self._tolerance and not self.is_new:
            gap = 0
        gap = max(gap, -num_samples)
        self.is_new = self.is_new and gap == -num_samples
        self.has_holes = self.has_holes or gap > _TOLERANCE_S * self._rate
        self.position += gap + num_samples
        return gap
