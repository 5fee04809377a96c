"""When the words of known lyrics are sung."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from lyricsrec.alignment.alphabet import spell_lines
from lyricsrec.alignment.config import AlignConfig
from lyricsrec.alignment.gaps import fill_gaps
from lyricsrec.alignment.placement import NO_LETTERS, place
from lyricsrec.alignment.scores import score_table
from lyricsrec.alignment.walk import FoundLine, FoundWord, Stretch, find_words
from lyricsrec.emission import Emission
from lyricsrec.transcript import Line, Placement, Word


def align(emission: Emission, lines: Sequence[Line], config: AlignConfig) -> tuple[Line, ...]:
    """The same lines with the times at which they are sung, each with its placement.

    Times that the words have already are hints. Words without letters share the time between their neighbours; the
    words of a line that was not found have no times.
    """
    spelled = spell_lines(lines, emission.vocabulary, config.language)
    hints = {
        (number, i): (word.start_s - emission.start_s) / emission.frame_s
        for number, line in enumerate(lines)
        for i, word in enumerate(line.words)
        if word.start_s is not None
    }
    stretch = Stretch(score_table(emission, config), 0, spelled, hints, emission.frame_s)
    found = {line.words[0].word.line: line for line in find_words(stretch, config)}
    placed = [_placed(line, found.get(number), emission, config) for number, line in enumerate(lines)]
    return fill_gaps(placed)


def _placed(line: Line, found: FoundLine | None, emission: Emission, config: AlignConfig) -> Line:
    """A line with the times of the words that were found."""
    placement = Placement(0.0, "unplaced", NO_LETTERS) if found is None else place(found, config)
    words = [Word(word.text, None, None) for word in line.words]
    if found is not None and placement.band != "unplaced":
        followers = [*(after.first for _, after in pairwise(found.words)), None]
        for word, follower in zip(found.words, followers, strict=True):
            words[word.word.word] = _timed(words[word.word.word].text, word, follower, emission, config)
    return Line(tuple(words), placement)


def _timed(text: str, word: FoundWord, follower: int | None, emission: Emission, config: AlignConfig) -> Word:
    stop = word.last + 1 if follower is None else min(word.last + 1, max(follower, word.first))
    start_s, end_s = (max(emission.time_s(frame) - config.lead_s, 0.0) for frame in (word.first, stop))
    return Word(text, round(start_s, 3), round(end_s, 3), round(word.certainty, 3))
