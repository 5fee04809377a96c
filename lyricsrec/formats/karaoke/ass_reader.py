"""Reads ASS and SSA: subtitles in dialogue rows, with karaoke tags for the times of words and syllables.

`{\\k50}` before a syllable gives its length in hundredths of a second (`\\K` and `\\kf` are filled from the left,
`\\ko` has an outline); `{\\kt100}` starts the next one at a time in the row. http://www.tcax.org/docs/ass-specs.htm,
https://aegisub.org/docs/latest/ass_tags
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from lyricsrec.base.errors import DataError
from lyricsrec.formats.base import Parsed, Problem, Source
from lyricsrec.formats.timed_text import ROW_END, shown_rows, timed_rows
from lyricsrec.lyrics.transcript import Line, Role
from lyricsrec.lyrics.voices import singers_named

if TYPE_CHECKING:
    from pysubs2 import SSAEvent

_SECTION = re.compile(r"\s*\[(?:script info|v4\+? styles\+?|events)\]", re.IGNORECASE | re.MULTILINE)
_EVENT = re.compile(r"\s*(?:Dialogue|Comment)\s*:", re.IGNORECASE)
_DIALOGUE = re.compile(r"^[ \t]*Dialogue[ \t]*:[^,\n]*,\s*\d+:\d\d:\d\d[.:]\d+\s*,\s*\d+:\d\d:\d\d", re.MULTILINE)
_FORMAT = re.compile(r"\s*Format\s*:(.*)", re.IGNORECASE)
_FIELDS = ("layer", "start", "end", "style", "name", "marginl", "marginr", "marginv", "effect", "text")
_FIRST_FIELDS = ("layer", "marked")
# An escaped brace, commands in braces, or a line break or space that cannot break.
_TOKEN = re.compile(r"\\(?P<brace>[{}])|\{(?P<commands>[^{}]*)\}|\\(?P<space>[Nnh])|(?P<slash>\\\u2060)")
_COMMAND = re.compile(r"\\(?:(?P<kind>kt|k[fo]?|K)\s*(?P<number>\d{1,7}(?:\.\d+)?)|p(?P<drawing>\d))")
_SPACES = {"N": ROW_END, "n": " ", "h": "\u00a0"}
_ROLES: tuple[Role, ...] = ("backing", "translation", "romanised")
_ROLE = re.compile(
    r"(?P<backing>\b(?:backing|background|backup|bgv?|choir)\b)|(?P<translation>\b(?:translat\w*|翻译|字幕)\b)"
    r"|(?P<romanised>\bromani[sz]\w*|\broma(?:ji|n)\b|\bpinyin\b)",
    re.IGNORECASE,
)
_HUNDREDTH_S = 0.01


def is_ass(text: str) -> bool:
    """Whether a text has the sections of ASS or SSA, or dialogue rows as they have."""
    return _SECTION.match(text) is not None or _DIALOGUE.search(text) is not None


def parse_ass(source: Source) -> Parsed:
    """One line for each row of a dialogue that has lyrics; `Name` is the singer.

    Where karaoke templates were applied, the rows that they were made from are read. Rows that cannot be read are
    reported. Raises DataError if the text does not have the format.
    """
    if not is_ass(source.text):
        raise DataError(f"{source.name}: not an ASS or SSA file", "Fix the file, or give plain lyrics as .txt.")
    events: list[SSAEvent] = []
    problems: list[Problem] = []
    for number, event in _events(source.text):
        if event is None:
            problems.append(Problem("not a readable dialogue row", number))
        else:
            events.append(event)
    lines = [line for event in _sung(events) for line in _lines(event)]
    return Parsed(_beside_others(lines), problems=tuple(problems))


def _events(text: str) -> Iterator[tuple[int, SSAEvent | None]]:
    """The events and the numbers of their rows; None for a row that is not readable."""
    from pysubs2 import SSAFile

    order: Sequence[str] = _FIELDS
    for number, row in enumerate(text.splitlines(), 1):
        if match := _FORMAT.match(row):
            names = [name.strip().casefold() for name in match.group(1).split(",")]
            order = names if "text" in names and "start" in names else order
        elif _EVENT.match(row):
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore", RuntimeWarning)
                    read = SSAFile.from_string(_in_order(row.strip(), order), format_="ass")
                yield number, read.events[0]
            except (ValueError, TypeError, IndexError, OverflowError):
                yield number, None


def _in_order(row: str, order: Sequence[str]) -> str:
    """An event with its fields in the usual order; only the first `len(order) - 1` commas separate fields."""
    kind, _, rest = row.partition(":")
    if tuple(order[1:]) == _FIELDS[1:]:
        return f"{kind.strip().capitalize()}:{rest}"
    fields = dict(zip(order, rest.split(",", len(order) - 1), strict=False))
    in_order = ["0", *(fields.get(name, "0" if name.startswith("margin") else "") for name in _FIELDS[1:])]
    return f"{kind.strip().capitalize()}: {','.join(in_order)}"


def _sung(events: Sequence[SSAEvent]) -> list[SSAEvent]:
    """Dialogues; the templates' sources instead of the syllables that templates made of them."""
    sources = [event for event in events if event.is_comment and event.effect.strip().casefold() == "karaoke"]
    made = [event for event in events if event.effect.strip().casefold() == "fx"]
    dialogues = [event for event in events if not event.is_comment]
    if sources and made:
        return [*sources, *(event for event in dialogues if event not in made)]
    return dialogues


def _lines(event: SSAEvent) -> Iterator[Line]:
    start_s, end_s = max(event.start, 0) / 1000, max(event.end, 0) / 1000
    text = _Text(event.text, start_s)
    singers = singers_named(event.name)
    if text.has_times:
        rows = timed_rows(text.pieces, [*text.starts, end_s])
    else:
        rows = shown_rows("".join(text.pieces), start_s, end_s)
    for words in rows:
        if any(c.isalnum() for word in words for c in word.text):
            yield Line(words, singers=singers, role=_role(event.style))


def _role(style: str) -> Role | None:
    """The role that the name of a style tells."""
    match = _ROLE.search(style)
    return None if match is None else next(role for role in _ROLES if match[role])


def _beside_others(lines: Sequence[Line]) -> tuple[Line, ...]:
    """The lines; what begins with no other line is sung, whatever its style is called."""
    starts = {line.start_s for line in lines if line.is_sung}
    return tuple(line if line.is_sung or line.start_s in starts else replace(line, role=None) for line in lines)


class _Text:
    """The text of an event in pieces, and where each starts."""

    def __init__(self, text: str, start_s: float) -> None:
        """Read the text of an event that starts at `start_s`, in which times are counted from there."""
        self.pieces = [""]
        self.starts = [start_s]
        self.has_times = False
        self._is_drawing = False
        self._origin_s = self._done_s = start_s
        position = 0
        for token in _TOKEN.finditer(text):
            self._write(text[position : token.start()])
            position = token.end()
            if token["commands"] is None:
                self._write(token["brace"] or ("\\" if token["slash"] else _SPACES[token["space"]]))
            else:
                self._obey(token["commands"])
        self._write(text[position:])
        if self.has_times:
            self._start()

    def _obey(self, commands: str) -> None:
        for command in _COMMAND.finditer(commands):
            if command["drawing"] is not None:
                self._is_drawing = command["drawing"] != "0"
                continue
            length_s = float(command["number"]) * _HUNDREDTH_S
            if command["kind"] == "kt":
                self._done_s = self._origin_s + length_s
                continue
            self._start()
            self._done_s += length_s

    def _start(self) -> None:
        self.has_times = True
        self.pieces.append("")
        self.starts.append(round(self._done_s, 3))

    def _write(self, text: str) -> None:
        if not self._is_drawing:
            self.pieces[-1] += text
