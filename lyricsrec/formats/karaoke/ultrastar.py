"""UltraStar songs: the karaoke format that DALI was made from.

Tags, then notes `: beat length pitch syllable` (`*` golden, `F` freestyle, `R` and `G` rap), `-` between lines, `P1`
and `P2` before the voices of a duet. Beat b is at GAP / 1000 + b * 60 / (4 * BPM) seconds; pitch p is MIDI note
60 + p. https://usdx.eu/format
"""

from __future__ import annotations

import codecs
import re
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path

from lyricsrec.base.errors import DataError
from lyricsrec.base.output import display_name
from lyricsrec.formats.encoding.text_encoding import decode, marked_encoding
from lyricsrec.lyrics.annotation import Annotation, Note, song_id_of
from lyricsrec.lyrics.languages import language_name
from lyricsrec.lyrics.transcript import Line, Word

_ENCODING_TAG = re.compile(rb"^\s*#\s*ENCODING\s*:\s*([\w .-]+?)\s*$", re.IGNORECASE | re.MULTILINE)
_TAG = re.compile(r"#([^:]*):(.*)")
_NOTE = re.compile(r"([:*FRG])\s*(-?\d{1,9})\s+(-?\d{1,9})\s+(-?\d{1,4})(?:\s(.*))?$", re.IGNORECASE)
_BREAK = re.compile(r"-\s*(-?\d{1,9})?\s*(-?\d{1,9})?\s*$")
_VOICE = re.compile(r"P\s*(\d)\s*$", re.IGNORECASE)
_HELD = "~"

ROW_END = re.compile(r"\r\n|\n|\r")
"""The ends of rows."""


@dataclass(frozen=True)
class Beat:
    """One note of the file: start and length in beats, pitch in semitones from middle C, and its raw syllable.

    `row` is the number of its row, from 0.
    """

    start: int
    length: int
    pitch: int
    _: KW_ONLY
    text: str
    row: int = field(default=-1, compare=False)


@dataclass(frozen=True)
class UltraStarSong:
    """The content of an UltraStar file.

    `tags` have upper-case names; `voices` are the lines of notes of each singer. `problems` describe rows that are not
    understood.
    """

    tags: dict[str, str]
    voices: tuple[tuple[tuple[Beat, ...], ...], ...]
    encoding: str = "utf-8"
    _: KW_ONLY
    problems: tuple[str, ...] = ()

    @property
    def bpm(self) -> float | None:
        """The BPM tag, a quarter of the beats in a minute; None if it is missing or not a number."""
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
        if not self.bpm or self.bpm < 0:
            raise DataError("no valid #BPM tag, so its notes have no times", "Add the tempo, such as #BPM:240.")
        return 60 / (4 * self.bpm)

    def line_rows(self) -> list[list[int]]:
        """The rows of the notes of each line of `annotation`. Raises DataError without a BPM."""
        return list(self._lines().values())

    def annotation(self) -> Annotation:
        """The words with their times and notes; the lines of a duet in order of time, shared lines once.

        Raises DataError without a BPM.
        """
        ordered = list(self._lines())
        artist, title = self.tags.get("ARTIST", ""), self.tags.get("TITLE", "")
        return Annotation(
            song_id=song_id_of(artist, title),
            artist=artist,
            title=title,
            lines=tuple(Line(tuple(_word(notes) for notes in words)) for words in ordered),
            language=language_name(self.tags.get("LANGUAGE")),
            genres=tuple(part.strip() for part in self.tags.get("GENRE", "").split(",") if part.strip()),
            notes=tuple(notes for words in ordered for notes in words),
        )

    def _lines(self) -> dict[tuple[tuple[Note, ...], ...], list[int]]:
        """The notes of the words of each line, and their rows; a line that two voices share has the rows of both."""
        lines: dict[tuple[tuple[Note, ...], ...], list[int]] = {}
        for voice in self.voices:
            for line in voice:
                lines.setdefault(tuple(_words(line, self.beat_s, self.gap_s)), []).extend(beat.row for beat in line)
        if len(self.voices) > 1:
            return dict(sorted(lines.items(), key=lambda item: item[0][0][0].start_s))
        return lines


def read_ultrastar(path: Path) -> UltraStarSong:
    """Read an UltraStar file of any common encoding.

    Raises DataError if it cannot be read or has no notes.
    """
    try:
        data = path.read_bytes()
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
    tags: dict[str, str] = {}
    voices: dict[str, list[list[Beat]]] = {}
    voice, shift = "1", 0
    for number, raw in enumerate(ROW_END.split(text), 1):
        line = raw.lstrip()
        if not line:
            continue
        if line.strip().upper() == "E":
            break
        if match := _VOICE.match(line):
            voice, shift = match.group(1), 0
        elif match := _NOTE.match(line):
            start, length, pitch = (int(match.group(i)) for i in (2, 3, 4))
            voices.setdefault(voice, [[]])[-1].append(
                Beat(start + shift, length, pitch, text=match.group(5) or "", row=number - 1)
            )
        elif match := _BREAK.match(line):
            if tags.get("RELATIVE", "").upper() == "YES":
                shift += int(match.group(2) or match.group(1) or 0)
            voices.setdefault(voice, [[]]).append([])
        elif (match := _TAG.match(line)) and match.group(1).strip():
            tags[match.group(1).strip().upper()] = match.group(2).strip()
        else:
            problems.append(f"row {number} is not understood: {line.strip()[:40]!r}")
    sung = tuple(tuple(tuple(line) for line in voices[name] if line) for name in sorted(voices))
    return UltraStarSong(tags, tuple(lines for lines in sung if lines), encoding, problems=tuple(problems))


def _decode(data: bytes) -> tuple[str, str, list[str]]:
    problems: list[str] = []
    if marked_encoding(data) is None and (tag := _ENCODING_TAG.search(data)):
        name = tag.group(1).decode("ascii", "replace")
        try:
            return data.decode(name), codecs.lookup(name).name, problems
        except (LookupError, UnicodeError):
            problems.append(f"invalid #ENCODING:{name}")
    return (*decode(data), problems)


def _words(line: tuple[Beat, ...], beat_s: float, gap_s: float) -> list[tuple[Note, ...]]:
    """The notes of each word; words begin at the start of a line and where a syllable has a space before or after."""
    words: list[list[Note]] = []
    apart = True
    for beat in line:
        syllable = beat.text.strip()
        start_s = gap_s + beat.start * beat_s
        note = Note(
            syllable or _HELD, start_s, start_s + beat.length * beat_s, freq_hz=440.0 * 2 ** ((beat.pitch - 9) / 12)
        )
        held = note.text == _HELD
        if not words or (not held and (apart or beat.text[:1].isspace())):
            words.append([note])
        else:
            words[-1].append(note)
        apart = beat.text[-1:].isspace() or (apart and held)
    return [tuple(word) for word in words]


def _word(notes: tuple[Note, ...]) -> Word:
    return Word("".join(note.text for note in notes).replace(_HELD, ""), notes[0].start_s, notes[-1].end_s)


def _number(text: str | None) -> float | None:
    try:
        return float((text or "").replace(",", "."))
    except ValueError:
        return None
