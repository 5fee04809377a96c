"""LRC: lyrics with a time for each line, and in its enhanced form for each word.

`[mm:ss.xx]` before a line is its start; a line with several of them is sung several times. `<mm:ss.xx>` within a line
(`[mm:ss.xx]` in some programs) is the start of the next word. An empty row clears the display. A positive
`[offset:ms]` makes the lyrics appear earlier. https://en.wikipedia.org/wiki/LRC_(file_format)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from lyricsrec.base.clock import clock
from lyricsrec.formats.base import Format, Parsed, Source, retimed_text
from lyricsrec.formats.karaoke.lrc_rows import LrcRows, Place, is_skipped, offset_of, parts_of, read_rows
from lyricsrec.formats.karaoke.translations import with_translations
from lyricsrec.formats.marked_words import readable
from lyricsrec.formats.sheet.row_text import split_repeats
from lyricsrec.formats.timed_text import space_between
from lyricsrec.lyrics.music.sections import headed
from lyricsrec.lyrics.retiming import Retiming, TimedLine, timed_lines
from lyricsrec.lyrics.transcript import Line, Transcript
from lyricsrec.lyrics.voices import singers_text

_LONG_BREAK_S = 5.0
_NO_BRACKETS = str.maketrans("[]", "()")
_IN_ROW = re.compile(r"<[^<>]{0,20}>")
_ROW = re.compile(r"^\s{0,8}\[-?\d{1,4}:\d{1,2}(?::\d{1,2})?(?:[.,:]\d{1,6})?(?:-\d{1,3})?\]", re.MULTILINE)
_OFFSET = re.compile(r"^([ \t]{0,8}\[offset:)\s*[-+]?\d{1,7}(?:\.0*)?\s*(\])", re.IGNORECASE | re.MULTILINE)


def parse_lrc(text: str) -> Parsed:
    """The lines in order of time. The first word of each has the time of the line, others only where the file has one.

    The last word of a line has an end where the file gives the end of the line. Rows without a time stay behind the
    row they follow. A row with an invalid timestamp is skipped; `problems` name it.
    """
    found = read_rows(text)
    return Parsed(_lines(found), problems=tuple(found.problems), omitted=tuple(found.omitted))


def _lines(found: LrcRows) -> tuple[Line, ...]:
    lines: list[Line] = []
    for row in found.rows:
        if row.words:
            lines.append(Line(row.words, singers=row.singers, role=row.role))
        elif lines and row.start_s is not None:
            _end(lines, row.start_s)
    return with_translations(lines)


def _end(lines: list[Line], end_s: float) -> None:
    """Give the last line an end, and those that begin with it: its translations."""
    start_s = lines[-1].start_s
    for i in range(len(lines) - 1, -1, -1):
        last = lines[i].words[-1]
        if last.end_s is not None or lines[i].start_s != start_s:
            return
        lines[i] = replace(lines[i], words=(*lines[i].words[:-1], replace(last, end_s=end_s)))


def retime_lrc(text: str, moved: Callable[[float, int | None], float]) -> str:
    """The same file with every time t of line i changed to `moved(t, i)`; i is None for a row without words.

    Tags, text and order are kept, and so are the timestamps whose time does not change. An offset is added to the times
    and set to 0.
    """
    numbers = {row.place: number for number, row in enumerate(row for row in read_rows(text).rows if row.words)}
    offset_s = offset_of(text.splitlines())
    rows = text.splitlines(keepends=True)
    for number, row in enumerate(rows):
        if not is_skipped(row.rstrip("\r\n")):
            rows[number] = _retimed(row, number, numbers, lambda t, line: moved(max(t - offset_s, 0.0), line))
    return _OFFSET.sub(r"\g<1>0\2", "".join(rows))


def _retimed(row: str, number: int, numbers: dict[Place, int], moved: Callable[[float, int | None], float]) -> str:
    edits: dict[tuple[int, int], str] = {}
    for part in parts_of(row.rstrip("\r\n")):
        times = [stamp.seconds for stamp in part.line_stamps]
        for stamp in part.line_stamps:
            place = Place(number, part.is_background, times.index(stamp.seconds))
            edits.setdefault((stamp.begin, stamp.end), stamp.at(moved(stamp.seconds, numbers.get(place))))
        line = numbers.get(Place(number, part.is_background, 0 if times else None))
        for stamp in part.word_stamps:
            edits[stamp.begin, stamp.end] = stamp.at(moved(stamp.seconds, line))
    pieces, done = [], 0
    for (begin, end), text in sorted(edits.items()):
        pieces += [row[done:begin], text]
        done = end
    return "".join([*pieces, row[done:]])


def _sniff(source: Source) -> bool:
    return bool(_ROW.search(source.text.lstrip()))


def _parse(source: Source) -> Parsed:
    return parse_lrc(source.text)


def _retime(text: str, _name: str, retiming: Retiming) -> str:
    return retime_lrc(text, retiming.at)


def _plain(_line: TimedLine, texts: Sequence[str]) -> str:
    return " ".join(texts)


def _enhanced(line: TimedLine, texts: Sequence[str]) -> str:
    """The first `texts` after the starts of the words of a line, then the end of the line."""
    parts = []
    for number, (word, text) in enumerate(zip(line.words, texts, strict=False)):
        space = space_between(texts[number - 1], text) if number else " "
        parts.append(f"{space}<{_clock(word.start_s)}>{space}{text}")
    return f"{''.join(parts)} <{_clock(line.end_s)}>"


def _body(line: TimedLine, write: Callable[[TimedLine, Sequence[str]], str]) -> str:
    """The row of a line after its time, with marks where it would not be read as the words of the line."""
    texts = readable([word.text for word in line.words], partial(write, line), partial(_words_after, line.start_s))
    return write(line, texts)


def _words_after(start_s: float, body: str) -> list[str]:
    """The words that are read from a row; none where its end would be taken for a mark of repetition."""
    if split_repeats(_IN_ROW.sub("", body))[1] > 1:
        return []
    return [word.text for line in parse_lrc(f"[{_clock(start_s)}]{body}\n").lines for word in line.words]


def _written(transcript: Transcript, write: Callable[[TimedLine, Sequence[str]], str], *, has_headings: bool) -> str:
    """The rows of a file; with headings, a comment stands before the first line of each section."""
    tags = transcript.tags
    rows = [
        f"[ti:{' '.join((tags.title or transcript.song).split())}]",
        *(f"[{name}:{' '.join(text.split())}]" for name, text in (("ar", tags.artist), ("al", tags.album)) if text),
        f"[length:{_clock(transcript.duration_s)}]",
        f"[re:lyricsrec {transcript.provenance.lyricsrec}]",
    ]
    lines = list(timed_lines(transcript))
    voices = _voices(lines) if write is _enhanced else {}
    rows += [f"[#:{voice}={singers_text(singers).translate(_NO_BRACKETS)}]" for singers, voice in voices.items()]
    headings = _headings(transcript) if has_headings else []
    for i, line in enumerate(lines):
        while headings and headings[0][0] <= line.start_s:
            rows.append(f"[#:{headings.pop(0)[1]}]")
        voice = f"{voices[line.singers]}: " if line.singers in voices else ""
        if line.role == "backing" and write is _enhanced:
            rows.append(f"[bg:{_body(line, write)}]")
        else:
            rows.append(f"[{_clock(line.start_s)}]{voice}{_body(line, write)}")
        # Without an empty row in a long break, players would show the line through it.
        if i + 1 < len(lines) and lines[i + 1].start_s - line.end_s > _LONG_BREAK_S:
            rows.append(f"[{_clock(line.end_s)}]")
    rows += [f"[#:{name}]" for _, name in headings]
    return "\n".join(rows) + "\n"


def _voices(lines: Sequence[TimedLine]) -> dict[tuple[str, ...], str]:
    """The voices (v1, v2, ...) of the singers, where a song has several."""
    singers = dict.fromkeys(line.singers for line in lines if line.singers)
    return {} if len(singers) < 2 else {names: f"v{number}" for number, names in enumerate(singers, 1)}


def _headings(transcript: Transcript) -> list[tuple[float, str]]:
    """The starts, in seconds, and headings of the sections that have times."""
    return [
        (section.start_s, name)
        for name, section in headed(transcript.sections, len(transcript.lines))
        if section.start_s is not None
    ]


def _clock(seconds: float) -> str:
    return clock(max(seconds, 0.0), 2, minute_digits=2)


LRC = Format(
    "lrc",
    (".lrc", ".elrc"),
    "LRC: a time for each line",
    sniff=_sniff,
    parse=_parse,
    write=partial(_written, write=_plain, has_headings=False),
    write_sections=partial(_written, write=_plain, has_headings=True),
    retime=retimed_text(_retime),
    times="lines",
)
ELRC = Format(
    "elrc",
    (".elrc",),
    "enhanced LRC: a time for each word",
    write=partial(_written, write=_enhanced, has_headings=False),
    write_sections=partial(_written, write=_enhanced, has_headings=True),
    times="starts",
)
