"""The notes of a transcript, line by line, as files of melodies need them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass

from lyricsrec.lyrics.music.notes import Note
from lyricsrec.lyrics.transcript import Transcript, Word

_PHRASE_PAUSE_S = 0.8


@dataclass(frozen=True)
class Sung:
    """A line of notes, the names of those who sing it, empty if unknown, and whether it is sung in the background."""

    notes: tuple[Note, ...]
    _: KW_ONLY
    singers: tuple[str, ...] = ()
    is_backing: bool = False


def sung_lines(transcript: Transcript) -> list[Sung]:
    """The lines that are sung, with the notes of their words; a timed word without notes becomes one without a pitch.

    Without words, notes are in one line up to each long pause. Lines that are only shown are left out.
    """
    notes = transcript.melody.notes if transcript.melody is not None else ()
    if not transcript.lines:
        return [Sung(tuple(phrase)) for phrase in _phrases(notes)]
    of_word: dict[int, list[Note]] = {}
    for note in notes:
        if note.word is not None:
            of_word.setdefault(note.word, []).append(note)
    found, number = [], 0
    for line in transcript.lines:
        numbered = list(enumerate(line.words, number))
        number += len(line.words)
        sung = tuple(note for i, word in numbered for note in of_word.get(i) or _without_pitch(word, i))
        if sung and line.is_sung:
            found.append(Sung(sung, singers=line.singers, is_backing=line.role == "backing"))
    return found


def _without_pitch(word: Word, number: int) -> list[Note]:
    if word.start_s is None or word.end_s is None or not word.text.strip():
        return []
    return [Note(word.text.strip(), word.start_s, word.end_s, pitch=60, hertz=0.0, word=number)]


def _phrases(notes: tuple[Note, ...]) -> Iterator[list[Note]]:
    phrase: list[Note] = []
    for note in notes:
        if phrase and note.start_s - phrase[-1].end_s > _PHRASE_PAUSE_S:
            yield phrase
            phrase = []
        phrase.append(note)
    if phrase:
        yield phrase
