"""When the words of known lyrics are sung."""

from __future__ import annotations

import math
from collections.abc import Sequence

from lyricsrec.alignment.alphabet import spell_lines
from lyricsrec.alignment.path.scores import score_table
from lyricsrec.alignment.path.walk import FoundLine, Stretch, find_words
from lyricsrec.alignment.placement import BETWEEN_OTHERS, NO_LETTERS, fill_gaps, place_lines
from lyricsrec.alignment.settings import AlignConfig
from lyricsrec.decoding.emission import Emission
from lyricsrec.lyrics.transcript import Line, Placement, Word


def align(emission: Emission, lines: Sequence[Line], config: AlignConfig) -> tuple[Line, ...]:
    """The same lines with the times at which they are sung, each with its placement.

    Times that the words have already are hints. Words without letters, and lines of them, share the time between their
    neighbours; the words of a line that was not found have no times.
    """
    spelled = spell_lines(lines, emission.vocabulary, config.language)
    hints = {
        (number, i): (word.start_s - emission.start_s) / emission.frame_s
        for number, line in enumerate(lines)
        for i, word in enumerate(line.words)
        if word.start_s is not None
    }
    stretch = Stretch(score_table(emission, config), 0, spelled, hints=hints, frame_s=emission.frame_s)
    placements = place_lines(find_words(stretch, config), config)
    found = {line.words[0].word.line: line for line in placements}
    nothing = Placement(0.0, "unplaced", NO_LETTERS)
    timed = []
    for number, line in enumerate(lines):
        here = found.get(number)
        words = _untimed(line)
        placement = nothing if here is None else placements[here]
        if here is not None and placement.band != "unplaced":
            words = _timed(words, here, emission, config)
        timed.append(Line(words, placement))
    letterless = set(range(len(lines))) - set(found)
    return fill_gaps(timed, dict.fromkeys(letterless, Placement(0.0, "doubtful", BETWEEN_OTHERS)))


def _untimed(line: Line) -> tuple[Word, ...]:
    return tuple(Word(word.text, None, None) for word in line.words)


def _timed(words: tuple[Word, ...], found: FoundLine, emission: Emission, config: AlignConfig) -> tuple[Word, ...]:
    """The words of a line with the times of those that were found; none lasts into the next."""
    timed = list(words)
    followers = [*(after.first for after in found.words[1:]), math.inf]
    for word, follower in zip(found.words, followers, strict=True):
        stop = max(min(word.last + 1, follower), word.first)
        start_s, end_s = (round(max(emission.time_s(int(f)) - config.lead_s, 0.0), 3) for f in (word.first, stop))
        timed[word.word.word] = Word(timed[word.word.word].text, start_s, end_s, confidence=round(word.certainty, 3))
    return tuple(timed)
