"""UltraStar songs: the karaoke format that DALI was made from.

Tags, then notes `: beat length pitch syllable` (`*` golden, `F` freestyle, `R` and `G` rap), `-` between lines, `P1`
and `P2` before the voices of a duet, `P3` before what both sing, or `P1` to `P9` before more voices. Beat b is at
GAP / 1000 + b * 60 / (4 * BPM) seconds; pitch p is MIDI note 60 + p. https://usdx.eu/format
"""

from __future__ import annotations

import codecs
import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from pathlib import Path

from lyricsrec.base.errors import DataError
from lyricsrec.base.output import display_name
from lyricsrec.base.reading.input_files import read_input
from lyricsrec.formats.base import Problem
from lyricsrec.formats.encoding.text_encoding import decode, marked_encoding
from lyricsrec.formats.karaoke.ultrastar_rows import ROW_END, Beat, Rows, parted
from lyricsrec.lyrics.annotation import Annotation, Note, song_id_of
from lyricsrec.lyrics.languages import language_name
from lyricsrec.lyrics.music.notes import HELD
from lyricsrec.lyrics.transcript import Line, Word
from lyricsrec.lyrics.voices import in_order

_ENCODING_TAG = re.compile(rb"^[ \t]*#\s*ENCODING\s*:\s*([\w .-]+?)\s*$", re.IGNORECASE | re.MULTILINE)
_MIN_BPM, _MAX_BPM = 0.1, 100_000.0


@dataclass(frozen=True)
class UltraStarSong:
    """The content of an UltraStar file.

    `tags` have upper-case names; `voices` are the lines of notes of each singer, `singers` the names of those who sing
    each voice, empty if there is one. `problems` are rows that are skipped or unusual.
    """

    tags: dict[str, str]
    voices: tuple[tuple[tuple[Beat, ...], ...], ...]
    encoding: str = "utf-8"
    _: KW_ONLY
    singers: tuple[tuple[str, ...], ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def bpm(self) -> float | None:
        """The BPM tag, a quarter of the beats in a minute; None if it is missing or not a finite number."""
        return _number(self.tags.get("BPM"))

    @property
    def gap_s(self) -> float:
        """The time of beat 0 in seconds."""
        return (_number(self.tags.get("GAP")) or 0.0) / 1000

    @property
    def audio(self) -> str | None:
        """The name of the audio file."""
        return self.tags.get("AUDIO") or self.tags.get("MP3") or None

    @property
    def beat_s(self) -> float:
        """The length of a beat in seconds. Raises DataError without a BPM."""
        if not self.bpm or not _MIN_BPM <= self.bpm <= _MAX_BPM:
            raise DataError("no valid #BPM tag, so its notes have no times", "Add the tempo, such as #BPM:240.")
        return 60 / (4 * self.bpm)

    def line_rows(self) -> list[list[int]]:
        """The rows of the notes of each line of `annotation`. Raises DataError without a BPM."""
        sung = self._sung()
        numbers = in_order([one.line for one in sung]).numbers
        return [[row for part in parts for row in sung[part].rows] for parts in numbers]

    def annotation(self) -> Annotation:
        """The words with their times and notes; lines in order of time, those that voices sing together once.

        Raises DataError without a BPM.
        """
        sung = self._sung()
        ordered = in_order([one.line for one in sung])
        artist, title = self.tags.get("ARTIST", ""), self.tags.get("TITLE", "")
        return Annotation(
            song_id=song_id_of(artist, title),
            artist=artist,
            title=title,
            lines=ordered.lines,
            language=language_name(self.tags.get("LANGUAGE")),
            genres=tuple(part.strip() for part in self.tags.get("GENRE", "").split(",") if part.strip()),
            notes=tuple(notes for parts in ordered.numbers for notes in sung[parts[0]].notes),
        )

    def _sung(self) -> list[_SungLine]:
        """The lines of all voices, one voice after the other."""
        beat_s, gap_s = self.beat_s, self.gap_s
        return [
            _sung_line(line, _words(line, beat_s, gap_s), singers)
            for voice, singers in zip(self.voices, self.singers or ((),) * len(self.voices), strict=True)
            for line in voice
        ]


@dataclass(frozen=True)
class _SungLine:
    """A line of a voice, the notes of each word, and the rows of its notes."""

    line: Line
    notes: tuple[tuple[Note, ...], ...]
    rows: tuple[int, ...]


def _sung_line(beats: tuple[Beat, ...], notes: Sequence[tuple[Note, ...]], singers: tuple[str, ...]) -> _SungLine:
    line = Line(tuple(_word(word) for word in notes), singers=singers)
    return _SungLine(line, tuple(notes), tuple(beat.row for beat in beats))


def read_ultrastar(path: Path) -> UltraStarSong:
    """Read an UltraStar file of any common encoding.

    Raises DataError if it cannot be read or has no notes.
    """
    try:
        data = read_input(path)
    except OSError as error:
        raise DataError(f"{display_name(path)}: cannot be read ({error.strerror})") from None
    song = parse_ultrastar(data)
    if not any(song.voices):
        raise DataError(f"{display_name(path)}: no notes in it, so it is not an UltraStar song", "Leave it out.")
    return song


def parse_ultrastar(data: bytes) -> UltraStarSong:
    """Parse the bytes of an UltraStar file.

    The encoding is taken from the byte order mark, else from the `#ENCODING` tag, else found by `decode`.
    """
    text, encoding, problems = _decode(data)
    rows = Rows(problems=problems)
    for number, raw in enumerate(found := ROW_END.split(text)):
        row = raw.lstrip()
        if row.strip().upper() == "E":
            if rows.ends(number, found[number + 1 :]):
                break
        elif row:
            rows.add(number, row)
    voices = {name: [tuple(line) for line in lines if line] for name, lines in sorted(rows.voices.items())}
    if len(voices) == 1:
        voices = dict(zip("12", parted(*voices.values()), strict=False))
    sung = {name: tuple(lines) for name, lines in voices.items() if lines}
    singers = tuple(_singers(name, rows.tags, sung) for name in sung) if len(sung) > 1 else ()
    return UltraStarSong(rows.tags, tuple(sung.values()), encoding, singers=singers, problems=tuple(rows.problems))


def _singers(voice: str, tags: Mapping[str, str], voices: Collection[str]) -> tuple[str, ...]:
    """The names of those who sing a voice; the third is that of both, unless it has a name or there is a fourth."""
    has_third = any(tags.get(name) for name in ("P3", "DUETSINGERP3")) or max(voices) > "3"
    voices = ("1", "2") if voice == "3" and not has_third else (voice,)
    return tuple(tags.get(f"P{name}") or tags.get(f"DUETSINGERP{name}") or f"P{name}" for name in voices)


def _decode(data: bytes) -> tuple[str, str, list[Problem]]:
    problems: list[Problem] = []
    if marked_encoding(data) is None and (tag := _ENCODING_TAG.search(data)):
        name = tag.group(1).decode("ascii", "replace")
        try:
            return data.decode(name), codecs.lookup(name).name, problems
        except (LookupError, UnicodeError):
            problems.append(Problem(f"invalid #ENCODING:{name}"))
    return (*decode(data), problems)


def _words(line: tuple[Beat, ...], beat_s: float, gap_s: float) -> list[tuple[Note, ...]]:
    """The notes of each word; words begin at the start of a line and where a syllable has a space before or after."""
    words: list[list[Note]] = []
    apart = True
    for beat in line:
        syllable = beat.text.strip()
        start_s = gap_s + beat.start * beat_s
        freq_hz = 0.0 if beat.pitch is None else 440.0 * 2 ** ((beat.pitch - 9) / 12)
        note = Note(
            syllable or HELD, start_s, start_s + beat.length * beat_s, freq_hz=freq_hz, is_golden=beat.is_golden
        )
        held = note.text == HELD
        if not words or (not held and (apart or beat.text[:1].isspace())):
            words.append([note])
        else:
            words[-1].append(note)
        apart = beat.text[-1:].isspace() or (apart and held)
    return [tuple(word) for word in words]


def _word(notes: tuple[Note, ...]) -> Word:
    return Word("".join(note.text for note in notes).replace(HELD, ""), notes[0].start_s, notes[-1].end_s)


def _number(text: str | None) -> float | None:
    try:
        number = float((text or "").replace(",", "."))
    except ValueError:
        return None
    return number if math.isfinite(number) else None
