"""The rows of UltraStar files: tags, notes, breaks and voices, as programs and people write them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, field

from lyricsrec.formats.base import Problem

ROW_END = re.compile(r"\r\n|\n|\r")
"""The ends of rows."""

BEATS = r"-?\d{1,9}(?:[.,]\d{1,6})?"
"""A number of beats; the standard has whole ones only."""

_TAG = re.compile(r"#([^:]*):(.*)")
_KNOWN = ":*FRG"
_GOLDEN = "*G"
_NOTE = re.compile(rf"([:*A-Z])\s*({BEATS})\s+({BEATS})\s+(-?\d{{1,4}}(?:[.,]\d{{1,6}})?)(?:\s(.*))?$", re.IGNORECASE)
_NO_PITCH = re.compile(rf"([:*A-Z])\s*({BEATS})\s+({BEATS})(?:\s(?!\s*-?\d+(?:\s|$))(.*))?$", re.IGNORECASE)
_BREAK = re.compile(rf"-\s*({BEATS})?\s*({BEATS})?\s*$")
_VOICE = re.compile(r"#?P\s*([1-9])\s*$", re.IGNORECASE)
_VOICE_TAG = re.compile(r"#P\s*([1-9])\s*:", re.IGNORECASE)
_TEMPO = re.compile(rf"B\s*{BEATS}\s+{BEATS}\s*$", re.IGNORECASE)
_MIN_JUMP_SHARE = 0.5


@dataclass(frozen=True)
class Beat:
    """One note of the file: start and length in beats, pitch in semitones from middle C, and its raw syllable.

    `pitch` is None where the file has none; a golden note counts double. `row` is the number of its row, from 0.
    """

    start: float
    length: float
    pitch: float | None
    _: KW_ONLY
    text: str
    is_golden: bool = False
    row: int = field(default=-1, compare=False)


@dataclass
class Rows:
    """What the rows of a file contain: tags with upper-case names, lines of notes by voice, and problems."""

    tags: dict[str, str] = field(default_factory=dict)
    voices: dict[str, list[list[Beat]]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    _: KW_ONLY
    _voice: str = "1"
    _shift: float = 0

    def add(self, number: int, row: str) -> None:
        """Add a row, with its number from 0."""
        if (match := _VOICE.match(row)) or (self.voices and (match := _VOICE_TAG.match(row))):
            self._voice, self._shift = match.group(1), 0
        elif self._add_note(number, row):
            pass
        elif match := _BREAK.match(row):
            if self.tags.get("RELATIVE", "").upper() == "YES":
                self._shift += to_number(match.group(2) or match.group(1) or "0")
            self.voices.setdefault(self._voice, [[]]).append([])
        elif (match := _TAG.match(row)) and match.group(1).strip():
            self.tags[match.group(1).strip().upper()] = match.group(2).strip()
        elif _TEMPO.match(row):
            self._problem(number, row, "a change of tempo is not supported, so the times after it are wrong")
        else:
            self._problem(number, row, "not understood, skipped")

    def ends(self, number: int, following: Sequence[str]) -> bool:
        """Whether the song ends at a row `E`; it goes on if the next row with content names another voice."""
        if next((_VOICE.match(row.lstrip()) for row in following if row.strip()), None):
            return False
        if num_notes := sum(_NOTE.match(row.lstrip()) is not None for row in following):
            self.problems.append(Problem(f"the song ends here: {num_notes} notes after it are skipped", number + 1))
        return True

    def _add_note(self, number: int, row: str) -> bool:
        if match := _NOTE.match(row):
            kind, start, length, pitch, text = match.groups()
        elif match := _NO_PITCH.match(row):
            (kind, start, length, text), pitch = match.groups(), None
        else:
            return False
        if kind.upper() == "B" and not (text or "").strip():
            return False
        if pitch is None:
            self._problem(number, row, "a note without a pitch")
        if kind.upper() not in _KNOWN:
            self._problem(number, row, f"unknown kind of note '{kind}', read as a common one")
        self.voices.setdefault(self._voice, [[]])[-1].append(
            Beat(
                to_number(start) + self._shift,
                to_number(length),
                None if pitch is None else to_number(pitch),
                text=text or "",
                is_golden=kind.upper() in _GOLDEN,
                row=number,
            )
        )
        return True

    def _problem(self, number: int, row: str, message: str) -> None:
        self.problems.append(Problem(f"{message}: {row.strip()[:40]!r}", number + 1))


def to_number(text: str) -> float:
    """The number of beats, or semitones, in a text; whole numbers stay whole."""
    number = float(text.replace(",", "."))
    return int(number) if number.is_integer() else number


def parted(lines: Sequence[tuple[Beat, ...]]) -> list[list[tuple[Beat, ...]]]:
    """The lines of a voice as those of two, where they begin anew: a duet without rows that name its voices."""
    jumps = [i for i in range(1, len(lines)) if lines[i][0].start < lines[i - 1][0].start]
    if len(jumps) != 1:
        return [list(lines)]
    (second,) = jumps
    first_start, last_start = lines[0][0].start, lines[second - 1][0].start
    begins_anew = lines[second][0].start <= last_start - _MIN_JUMP_SHARE * (last_start - first_start)
    return [list(lines[:second]), list(lines[second:])] if begins_anew and second > 1 else [list(lines)]
