"""Lyrics whose words have times already, as the transcript in which notes are put."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from lyricsrec.audio.media import Song
from lyricsrec.lyrics.languages import language_code
from lyricsrec.lyrics.transcript import Line, Provenance, Transcript, Word
from lyricsrec.music.form.sections import with_sections
from lyricsrec.version import VERSION

_MOST_WITHOUT_TIMES = 0.1
_LONGEST_LAST_WORD_S = 1.0


def has_word_times(lines: Sequence[Line]) -> bool:
    """Whether nearly all words have a start, as in enhanced LRC, JSON or UltraStar; times of lines are not enough."""
    words = [word for line in lines for word in line.words]
    missing = sum(word.start_s is None for word in words)
    return bool(words) and missing <= _MOST_WITHOUT_TIMES * len(words)


def transcript_of(song: Song, lines: Sequence[Line], *, separator: str, language: str | None) -> Transcript:
    """A transcript of lines with times, and its sections.

    Words without an end last until the next one, the last of a line 1 s.
    """
    provenance = Provenance(
        VERSION,
        separator,
        "given lyrics",
        decoder="given times",
        language=language_code(language) or language,
    )
    closed = tuple(replace(line, words=_closed(line.words)) for line in lines)
    return with_sections(Transcript(song.title, song.duration_s, closed, provenance=provenance, tags=song.tags))


def _closed(words: Sequence[Word]) -> tuple[Word, ...]:
    found: list[Word] = []
    next_s: float | None = None
    for word in reversed(words):
        end_s = word.end_s
        if word.start_s is not None:
            if end_s is None:
                end_s = next_s if next_s is not None else word.start_s + _LONGEST_LAST_WORD_S
            next_s = word.start_s
        found.append(replace(word, end_s=end_s))
    return tuple(reversed(found))
