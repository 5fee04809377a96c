"""Reading lyrics in any known format, and writing them back with corrected times."""

from __future__ import annotations

import logging
import sys
from dataclasses import replace
from pathlib import Path

from lyricsrec.base.errors import DataError, NoLyricsError, UsageError
from lyricsrec.base.output import display_name
from lyricsrec.base.reading.input_files import read_bounded, read_input
from lyricsrec.formats.base import Format, Lyrics, Problem, Rewritten, Source
from lyricsrec.formats.karaoke.lrc import LRC
from lyricsrec.formats.marked_words import MARK, unmarked
from lyricsrec.formats.markup.refused import refuse_bytes, refuse_markup
from lyricsrec.formats.registry import INPUT_FORMATS
from lyricsrec.formats.sheet.text_format import TXT
from lyricsrec.lyrics.retiming import Retiming
from lyricsrec.lyrics.transcript import Line, Word
from lyricsrec.lyrics.voices import Ordered, in_order

STDIN = "-"
_MAX_SHOWN = 6
_TAKES_ANY_TEXT = (TXT.name, LRC.name)

log = logging.getLogger(__name__)


def read_lyrics(path: Path) -> Lyrics:
    """Read lyrics in any format of the registry that has a parser; `-` is standard input.

    The ending of the name decides the format; where it does not (`.txt`, standard input), the content does. Raises
    DataError when the file cannot be read or does not have the format that its ending promises, NoLyricsError when it
    holds no lyrics.
    """
    if str(path) == STDIN:
        return _read(Source(_read_stdin(), "stdin"))
    name = display_name(path)
    try:
        data = read_input(path)
    except OSError as error:
        raise DataError(f"{name}: cannot be read ({error.strerror})") from None
    return _read(Source(data, name, path))


def _read_stdin() -> bytes:
    try:
        return read_bounded(sys.stdin.buffer)
    except OSError as error:
        raise DataError(f"stdin: cannot be read ({error.strerror})") from None


def parse_lyrics(text: str, name: str) -> Lyrics:
    """Read the text of a file called `name`, as `read_lyrics` does. Raises DataError."""
    # The byte order mark takes precedence over an #ENCODING tag in the text.
    return _read(Source(text.encode("utf-8-sig"), name))


def keeps_format(lyrics: Lyrics, path: Path) -> bool:
    """Whether lyrics can be written back, with corrected times, to a file of this name in their own format."""
    return lyrics.format.retime is not None and lyrics.format.has_suffix(path.suffix)


def rewritten(lyrics: Lyrics, retiming: Retiming, suffix: str) -> Rewritten:
    """The bytes of the lyrics' file with its times corrected and everything else kept.

    `suffix` is the ending of the file to write: a DALI entry can be written as `.gz` and `.json`. Raises UsageError
    for lyrics without times.
    """
    if retiming.changes_nothing and lyrics.path is not None and suffix.lower() == lyrics.path.suffix.lower():
        return Rewritten(lyrics.data)
    retime = lyrics.format.retime
    if retime is None:
        raise UsageError(f"{lyrics.name} has no times to correct", "Time the lyrics with `lyricsrec align` first.")
    if not lyrics.numbers:
        return retime(lyrics, retiming, suffix)
    moves_s = {number: move_s for line, move_s in retiming.moves_s.items() for number in lyrics.numbers[line]}
    edited = retime(lyrics, replace(retiming, moves_s=moves_s), suffix)
    unmoved = {line for line, numbers in enumerate(lyrics.numbers) if set(numbers) & set(edited.unmoved)}
    return replace(edited, unmoved=tuple(sorted(unmoved)))


def _read(source: Source) -> Lyrics:
    refuse_bytes(source)
    form = _format_of(source)
    assert form.parse is not None
    if form.name in _TAKES_ANY_TEXT:
        refuse_markup(source, is_timed=form.name != TXT.name)
    try:
        parsed = form.parse(source)
    except ValueError as error:
        raise DataError(f"{source.name}: {error}") from None
    if not any(c.isalnum() for line in parsed.lines for c in line.text):
        raise NoLyricsError(f"{source.name}: no lyrics in it", f"Formats that can be read: {', '.join(INPUT_FORMATS)}.")
    ordered = in_order([_without_ends_before_starts(_with_role(_unmarked(line))) for line in parsed.lines])
    numbers = _numbers_in_file(ordered, parsed.numbers)
    _log(source.name, parsed.problems)
    return Lyrics(
        ordered.lines,
        form,
        source.name,
        data=source.data,
        encoding=source.encoding if parsed.encoding is None else parsed.encoding,
        language=parsed.language,
        path=source.path,
        numbers=numbers,
        labels=parsed.labels,
        problems=parsed.problems,
        omitted=parsed.omitted,
    )


def _unmarked(line: Line) -> Line:
    """A line without the marks of words that look like something else."""
    if MARK not in line.text:
        return line
    return replace(line, words=tuple(replace(word, text=unmarked(word.text)) for word in line.words))


def _with_role(line: Line) -> Line:
    """A line that is in parentheses as a whole is sung in the background, unless the file says who sings it."""
    text = line.text.strip(" .,!?…")
    in_parentheses = text[:1] == "(" and text.find(")") == len(text) - 1
    return replace(line, role="backing") if in_parentheses and line.role is None and not line.singers else line


def _without_ends_before_starts(line: Line) -> Line:
    """A line without the ends of words that are before their own start or that of the line."""
    start_s = line.start_s
    if start_s is None or all(word.end_s is None or word.end_s >= _begin(word, start_s) for word in line.words):
        return line
    words = (
        word if word.end_s is None or word.end_s >= _begin(word, start_s) else replace(word, end_s=None)
        for word in line.words
    )
    return replace(line, words=tuple(words))


def _begin(word: Word, start_s: float) -> float:
    """The start of a word, else that of its line."""
    return start_s if word.start_s is None else word.start_s


def _numbers_in_file(ordered: Ordered, numbers: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
    """The numbers in the file of lines that were put in order; empty if each line has its own place."""
    if not numbers and ordered.numbers == tuple((number,) for number in range(len(ordered.lines))):
        return ()
    return tuple(tuple(numbers[part] if numbers else part for part in parts) for parts in ordered.numbers)


def _log(name: str, problems: tuple[Problem, ...]) -> None:
    """Log the first problems; the commands show what is logged here."""
    for problem in problems[:_MAX_SHOWN]:
        log.info("%s: %s", name, problem)
    if len(problems) > _MAX_SHOWN:
        log.info("%s: %d more rows like these", name, len(problems) - _MAX_SHOWN)


def _format_of(source: Source) -> Format:
    """The only format with the ending of the source, else the first that recognises its content."""
    of_suffix = [form for form in INPUT_FORMATS.values() if form.has_suffix(source.suffix)]
    candidates = of_suffix if of_suffix and not TXT.has_suffix(source.suffix) else list(INPUT_FORMATS.values())
    if len(candidates) == 1:
        return candidates[0]
    sniffed = (form for form in reversed(candidates) if form.sniff is not None and form.sniff(source))
    return next(sniffed, candidates[0])
