"""UltraStar files as lyrics: read, and written back with corrected times and nothing else changed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise

from lyricsrec.base.errors import DataError
from lyricsrec.formats.base import Format, Lyrics, Parsed, Rewritten, Source, parsed_annotation
from lyricsrec.formats.encoding.text_encoding import encode_like
from lyricsrec.formats.karaoke.ultrastar import UltraStarSong, parse_ultrastar
from lyricsrec.formats.karaoke.ultrastar_rows import BEATS, ROW_END, Beat, to_number
from lyricsrec.formats.karaoke.ultrastar_writer import write_ultrastar
from lyricsrec.lyrics.retiming import Retiming

_TAG_VALUE = re.compile(r"(\s*#\s*([^:]*?)\s*:\s*)(.*?)(\s*)$")
_FIRST_TAG = re.compile(r"\s*#\s*[A-Za-z]+\s*:")
_KNOWN_TAG = re.compile(r"^[ \t]*#[ \t]*(?:TITLE|ARTIST|BPM|GAP|MP3|AUDIO|VERSION)[ \t]*:", re.I | re.M)
_NOTE_START = re.compile(rf"(\s*[:*A-Z]\s*)({BEATS})", re.IGNORECASE)
_BREAK = re.compile(r"\s*-")
_NUMBER = re.compile(BEATS)


def corrected_header(song: UltraStarSong, retiming: Retiming) -> dict[str, str]:
    """The BPM and GAP that give every beat its corrected time. Raises DataError without a BPM."""
    bpm = 15 / song.beat_s / retiming.stretch
    gap_ms = 1000 * retiming.at(song.gap_s)
    header = {"GAP": f"{round(gap_ms)}"}
    if retiming.stretch != 1.0:
        comma = "," in song.tags.get("BPM", "")
        header["BPM"] = f"{bpm:.5f}".rstrip("0").rstrip(".").replace(".", "," if comma else ".")
    return header


def retime_ultrastar(data: bytes, retiming: Retiming) -> Rewritten:
    """The same file with another BPM and GAP; single lines move by whole beats, with the breaks around them.

    All other bytes are kept. Lines are those of `UltraStarSong.annotation`. In a file with relative beats no single
    line moves. Raises DataError without a BPM.
    """
    song = parse_ultrastar(data)
    text = data.decode(song.encoding, "replace")
    ends = [*ROW_END.findall(text), ""]
    rows = ROW_END.split(text)
    _set_header(rows, corrected_header(song, retiming))
    beats = {
        line: number
        for line, move_s in retiming.moves_s.items()
        if (number := round(move_s / (song.beat_s * retiming.stretch)))
    }
    shifts, unmoved = _possible_shifts(song, beats)
    for row, shift in shifts.items():
        rows[row] = _shifted(rows[row], shift)
    _fit_breaks(rows, song, shifts)
    edited = "".join(row + end for row, end in zip(rows, ends, strict=True))
    return Rewritten(encode_like(data, edited, song.encoding), unmoved)


def _shifted(row: str, shift: int) -> str:
    return _NOTE_START.sub(lambda match: f"{match[1]}{to_number(match[2]) + shift}", row, count=1)


def _set_header(rows: list[str], header: Mapping[str, str]) -> None:
    """Replace the values of tags; a missing tag is added after the BPM."""
    missing = dict(header)
    bpm_row = 0
    for number, row in enumerate(rows):
        if not (match := _TAG_VALUE.match(row)):
            continue
        name = match[2].upper()
        bpm_row = number if name == "BPM" else bpm_row
        if name in header:
            rows[number] = f"{match[1]}{header[name]}{match[4]}"
            missing.pop(name, None)
    for name, value in missing.items():
        rows[bpm_row] += f"\n#{name}:{value}"


def _possible_shifts(song: UltraStarSong, beats: Mapping[int, int]) -> tuple[dict[int, int], tuple[int, ...]]:
    """The shift in beats of each row of notes, and the lines that cannot move because their notes would overlap."""
    line_rows = song.line_rows()
    kept = {} if song.tags.get("RELATIVE", "").upper() == "YES" else dict(beats)
    while True:
        line_of = {row: line for line in kept for row in line_rows[line]}
        shifts = {row: kept[line] for row, line in line_of.items()}
        clash = next((pair for pair in _consecutive_lines(song, shifts) if _end(pair[0]) > pair[1][0].start), None)
        movers = {line_of[beat.row] for part in clash or () for beat in part if beat.row in line_of}
        if not movers:
            return shifts, tuple(sorted(set(beats) - set(kept)))
        del kept[max(movers, key=lambda line: abs(kept[line]))]


def _consecutive_lines(
    song: UltraStarSong, shifts: Mapping[int, int]
) -> list[tuple[tuple[Beat, ...], tuple[Beat, ...]]]:
    """Pairs of consecutive lines of a voice, with their shifted beats."""
    pairs = []
    for voice in song.voices:
        moved = [tuple(replace(beat, start=beat.start + shifts.get(beat.row, 0)) for beat in line) for line in voice]
        pairs += list(pairwise(moved))
    return pairs


def _end(line: tuple[Beat, ...]) -> float:
    return max(beat.start + beat.length for beat in line)


def _fit_breaks(rows: list[str], song: UltraStarSong, shifts: Mapping[int, int]) -> None:
    """Move the breaks beside shifted lines back between the notes."""
    for before, after in _consecutive_lines(song, shifts):
        if before[0].row in shifts or after[0].row in shifts:
            for row in range(before[-1].row + 1, after[0].row):
                rows[row] = _clamped(rows[row], _end(before), after[0].start)


def _clamped(row: str, low: float, high: float) -> str:
    """A row whose break is limited to the range between two beats."""
    if not _BREAK.match(row):
        return row
    mark, beats = row[: row.index("-") + 1], row[row.index("-") + 1 :]
    return mark + _NUMBER.sub(lambda match: str(min(max(to_number(match[0]), low), high)), beats)


def _sniff(source: Source) -> bool:
    has_tags = _FIRST_TAG.match(source.text) or _KNOWN_TAG.search(source.text)
    return bool(has_tags) and any(parse_ultrastar(source.data).voices)


def _parse(source: Source) -> Parsed:
    song = parse_ultrastar(source.data)
    try:
        return replace(parsed_annotation(song.annotation(), song.encoding), problems=song.problems)
    except DataError as error:
        raise DataError(f"{source.name}: {error}", error.hint) from None


def _retime(lyrics: Lyrics, retiming: Retiming, _suffix: str) -> Rewritten:
    return retime_ultrastar(lyrics.data, retiming)


ULTRASTAR = Format(
    "ultrastar",
    (".ultrastar.txt", ".txt"),
    "UltraStar karaoke song; with pitches by `melody`",
    sniff=_sniff,
    parse=_parse,
    write=write_ultrastar,
    retime=_retime,
)
