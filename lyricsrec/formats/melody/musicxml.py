"""MusicXML scores of a melody with its syllables. https://www.w3.org/2021/06/musicxml40"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from itertools import pairwise
from statistics import median
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from lyricsrec.base.output import printable
from lyricsrec.formats.melody.sung import sung_lines
from lyricsrec.lyrics.music.harmony import Beats, Key
from lyricsrec.lyrics.music.notes import Note
from lyricsrec.lyrics.transcript import Transcript
from lyricsrec.version import VERSION

_UNITS = 8
"""Units in a quarter: 32nd notes."""

_BEATS_IN_MEASURE = 4
_MEASURE = _BEATS_IN_MEASURE * _UNITS
_BPM = 120.0
_TYPES = {32: "whole", 24: "half.", 16: "half", 12: "quarter.", 8: "quarter", 6: "eighth.", 4: "eighth", 3: "16th."}
_TYPES |= {2: "16th", 1: "32nd"}
_SHARP = ((0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (3, 0), (3, 1), (4, 0), (4, 1), (5, 0), (5, 1), (6, 0))
_FLAT = ((0, 0), (1, -1), (1, 0), (2, -1), (2, 0), (3, 0), (4, -1), (4, 0), (5, -1), (5, 0), (6, -1), (6, 0))
_STEPS = "CDEFGAB"
_FIFTHS = dict(zip(("Db", "Ab", "Eb", "Bb", "F", "C", "G", "D", "A", "E", "B", "F#"), range(-5, 7), strict=True))
_LOW_PITCH = 57
"""Below A3 on the median, the part is in the bass clef."""


@dataclass(frozen=True)
class _Part:
    """A note on the grid of 32nds, or a part of one that a bar line cuts: from `start` up to `end`."""

    start: int
    end: int
    pitch: int
    _: KW_ONLY
    text: str = ""
    syllabic: str = "single"
    tied_before: bool = False
    tied_after: bool = False


def write_musicxml(transcript: Transcript, bpm: float | None = None) -> bytes:
    """A score with one part in four-four time, on a grid of 32nd notes along the beats of the song.

    `bpm` is that of the song's beats by default, else 120. Words without a pitch are left out.
    """
    beats = transcript.beats if bpm is None else None
    tempo = bpm or (beats.bpm if beats is not None else _BPM)
    notes = [note for line in sung_lines(transcript) for note in line.notes if note.hertz > 0]
    parts = [piece for part in _on_grid(notes, beats, tempo) for piece in _cut(part)]
    score = Element("score-partwise", version="4.0")
    SubElement(SubElement(score, "work"), "work-title").text = printable(transcript.tags.title or transcript.song)
    identification = SubElement(score, "identification")
    if transcript.tags.artist:
        SubElement(identification, "creator", type="composer").text = printable(transcript.tags.artist)
    SubElement(SubElement(identification, "encoding"), "software").text = f"lyricsrec {VERSION}"
    named = SubElement(SubElement(score, "part-list"), "score-part", id="P1")
    SubElement(named, "part-name").text = "Voice"
    staff = SubElement(score, "part", id="P1")
    fifths = _fifths(transcript.key)
    for number in range(max((part.end - 1) // _MEASURE for part in parts) + 1 if parts else 1):
        measure = SubElement(staff, "measure", number=str(number + 1))
        if number == 0:
            _write_head(measure, notes, fifths, tempo)
        _write_measure(measure, [part for part in parts if part.start // _MEASURE == number], number, fifths)
    ElementTree.indent(score)
    head = b'<?xml version="1.0" encoding="UTF-8"?>\n'
    kind = b'<!DOCTYPE score-partwise PUBLIC "-//Recordare//DTD MusicXML 4.0 Partwise//EN" '
    place = b'"http://www.musicxml.org/dtds/partwise.dtd">\n'
    body: bytes = ElementTree.tostring(score, "utf-8")
    return head + kind + place + body + b"\n"


def _fifths(key: Key | None) -> int:
    """Sharps of a key signature, negative for flats."""
    if key is None:
        return 0
    fifths = _FIFTHS[key.tonic] - (3 if key.mode == "minor" else 0)
    return fifths + 12 if fifths < -6 else fifths


def _on_grid(notes: Sequence[Note], beats: Beats | None, bpm: float) -> Iterator[_Part]:
    """Notes at whole units, each at least one long and none over another."""
    quantised = [(_unit(note.start_s, beats, bpm), _unit(note.end_s, beats, bpm)) for note in notes]
    free = 0
    for number, (note, (first, last)) in enumerate(zip(notes, quantised, strict=True)):
        start = max(first, free)
        following = quantised[number + 1][0] if number + 1 < len(notes) else last
        end = free = max(min(last, max(following, start + 1)), start + 1)
        text = "" if note.is_held else printable(" ".join(note.text.split()))
        yield _Part(start, end, note.pitch, text=text, syllabic=_syllabic(notes, number))


def _unit(time_s: float, beats: Beats | None, bpm: float) -> int:
    """The unit at a time: along the beats where there are some, at a steady tempo before and after them."""
    if beats is None or not beats.times_s:
        return round(max(time_s, 0.0) * bpm / 60 * _UNITS)
    times, counts = beats.times_s, [0]
    for before_s, after_s in pairwise(times):
        counts.append(counts[-1] + max(round((after_s - before_s) * bpm / 60), 1))
    number = min(max(bisect_right(times, time_s) - 1, 0), len(times) - 1)
    per_s = bpm / 60
    if 0 < number + 1 < len(times) and time_s >= times[0] and times[number + 1] > times[number]:
        per_s = (counts[number + 1] - counts[number]) / (times[number + 1] - times[number])
    position = counts[number] + (time_s - times[number]) * per_s
    first = -round(times[0] * bpm / 60)
    return max(round((position - first) * _UNITS), 0)


def _syllabic(notes: Sequence[Note], number: int) -> str:
    """Whether a syllable is the only one of its word, begins it, is in the middle of it, or ends it."""
    word = notes[number].word
    same = [i for i, note in enumerate(notes) if note.word == word and not note.is_held] if word is not None else []
    before, after = any(i < number for i in same), any(i > number for i in same)
    return {(False, False): "single", (False, True): "begin", (True, True): "middle", (True, False): "end"}[
        before, after
    ]


def _cut(part: _Part) -> Iterator[_Part]:
    """A note in parts that have a name and lie in one measure, tied to each other."""
    start = part.start
    while start < part.end:
        room = min(part.end, (start // _MEASURE + 1) * _MEASURE) - start
        length = next(units for units in _TYPES if units <= room)
        first, last = start == part.start, start + length == part.end
        yield replace(
            part,
            start=start,
            end=start + length,
            text=part.text if first else "",
            tied_before=not first,
            tied_after=not last,
        )
        start += length


def _write_head(measure: Element, notes: Sequence[Note], fifths: int, bpm: float) -> None:
    attributes = SubElement(measure, "attributes")
    SubElement(attributes, "divisions").text = str(_UNITS)
    SubElement(SubElement(attributes, "key"), "fifths").text = str(fifths)
    time = SubElement(attributes, "time")
    SubElement(time, "beats").text, SubElement(time, "beat-type").text = str(_BEATS_IN_MEASURE), "4"
    clef = SubElement(attributes, "clef")
    is_low = bool(notes) and median(note.pitch for note in notes) < _LOW_PITCH
    SubElement(clef, "sign").text, SubElement(clef, "line").text = ("F", "4") if is_low else ("G", "2")
    direction = SubElement(measure, "direction", placement="above")
    metronome = SubElement(SubElement(direction, "direction-type"), "metronome")
    SubElement(metronome, "beat-unit").text, SubElement(metronome, "per-minute").text = "quarter", f"{bpm:.1f}"
    SubElement(direction, "sound", tempo=f"{bpm:.2f}")


def _write_measure(measure: Element, parts: Sequence[_Part], number: int, fifths: int) -> None:
    at, end = number * _MEASURE, (number + 1) * _MEASURE
    if not parts:
        note = SubElement(measure, "note")
        SubElement(note, "rest", measure="yes")
        SubElement(note, "duration").text = str(_MEASURE)
        return
    for part in parts:
        _write_rests(measure, at, part.start)
        _write_note(measure, part, fifths)
        at = part.end
    _write_rests(measure, at, end)


def _write_rests(measure: Element, start: int, end: int) -> None:
    while start < end:
        length = next(units for units in _TYPES if units <= end - start)
        note = SubElement(measure, "note")
        SubElement(note, "rest")
        _write_length(note, length)
        start += length


def _write_length(note: Element, length: int, *, ties: Sequence[str] = ()) -> None:
    SubElement(note, "duration").text = str(length)
    for tie in ties:
        SubElement(note, "tie", type=tie)
    name = _TYPES[length]
    SubElement(note, "type").text = name.rstrip(".")
    if name.endswith("."):
        SubElement(note, "dot")


def _write_note(measure: Element, part: _Part, fifths: int) -> None:
    note = SubElement(measure, "note")
    step, alter = (_FLAT if fifths < 0 else _SHARP)[part.pitch % 12]
    pitch = SubElement(note, "pitch")
    SubElement(pitch, "step").text = _STEPS[step]
    if alter:
        SubElement(pitch, "alter").text = str(alter)
    SubElement(pitch, "octave").text = str(part.pitch // 12 - 1)
    ties = [*(["stop"] if part.tied_before else []), *(["start"] if part.tied_after else [])]
    _write_length(note, part.end - part.start, ties=ties)
    if ties:
        notations = SubElement(note, "notations")
        for tie in ties:
            SubElement(notations, "tied", type=tie)
    if part.text:
        lyric = SubElement(note, "lyric", number="1")
        SubElement(lyric, "syllabic").text = part.syllabic
        SubElement(lyric, "text").text = part.text
