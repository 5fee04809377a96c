"""Golden notes of UltraStar, which count double: the syllables that are held longest, spread over the song."""

from __future__ import annotations

from collections.abc import Sequence

from lyricsrec.formats.melody.sung import Sung
from lyricsrec.lyrics.music.notes import Note


def golden_notes(lines: Sequence[Sung], share: float) -> frozenset[Note]:
    """The notes of the longest syllables with a pitch, at most one syllable in a line, up to a share of the sung time.

    A syllable is golden with the notes that continue it. Of equally long ones the first is taken.
    """
    syllables = [(number, syllable) for number, line in enumerate(lines) for syllable in _syllables(line)]
    left_s = share * sum(_length_s(syllable) for _, syllable in syllables)
    taken: set[int] = set()
    found: set[Note] = set()
    for number, syllable in sorted(syllables, key=lambda each: (-round(_length_s(each[1]), 2), each[1][0].start_s)):
        if number in taken:
            continue
        left_s -= _length_s(syllable)
        if left_s < 0:
            break
        taken.add(number)
        found.update(syllable)
    return frozenset(found)


def _syllables(line: Sung) -> list[list[Note]]:
    """The notes with a pitch of each syllable."""
    found: list[list[Note]] = []
    for note in line.notes:
        if note.is_held and found and found[-1]:
            found[-1].append(note)
        else:
            found.append([note] if note.hertz > 0 else [])
    return [syllable for syllable in found if syllable]


def _length_s(syllable: Sequence[Note]) -> float:
    return sum(note.end_s - note.start_s for note in syllable)
