"""Times for words that nothing can be heard of: what lies between their neighbours."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise, takewhile
from statistics import fmean

from lyricsrec.alignment.path.walk import FoundLine
from lyricsrec.alignment.settings import AlignConfig
from lyricsrec.lyrics.transcript import Line, Placement, Word

_LONGEST_S = 1.0


def fill_gaps(lines: Sequence[Line], between: Mapping[int, Placement]) -> tuple[Line, ...]:
    """Lines whose words without times share the gap around them.

    At the edge of a line the gap reaches to the line next to it, but each word is no longer than the longest beside it.
    Lines without any times stay as they are, but for those that `between` names by number: with two neighbours that
    have times, they share the gap from its beginning, a second a word at most, and get the placement given there.
    """
    filled = []
    done_s = 0.0
    for i, line in enumerate(lines):
        next_s = next((later.start_s for later in lines[i + 1 :] if later.start_s is not None), None)
        if i in between and done_s > 0 and next_s is not None:
            waiting = takewhile(lambda number: number in between, range(i, len(lines)))
            num_words = sum(len(lines[number].words) for number in waiting)
            word_s = min(max(next_s - done_s, 0.0) / max(num_words, 1), _LONGEST_S)
            end_s = done_s + word_s * len(line.words)
            filled.append(Line(tuple(_spread(line.words, done_s, end_s)), between[i]))
        else:
            filled.append(replace(line, words=_filled(line, done_s, next_s)))
        done_s = max(filled[-1].end_s or 0.0, done_s)
    return tuple(filled)


def _filled(line: Line, done_s: float, next_s: float | None) -> tuple[Word, ...]:
    """The words of a line that may begin at `done_s`, and must end before `next_s`."""
    words = list(line.words)
    timed = [i for i, word in enumerate(words) if word.start_s is not None]
    if not timed or len(timed) == len(words):
        return line.words
    longest_s = max((words[i].end_s or 0.0) - (words[i].start_s or 0.0) for i in timed)
    for before, after in pairwise([-1, *timed, len(words)]):
        room_s = (after - before - 1) * longest_s
        begin_s = words[before].end_s if before >= 0 else None
        end_s = words[after].start_s if after < len(words) else None
        if begin_s is None:
            begin_s = min(max((end_s or 0.0) - room_s, done_s), end_s or 0.0)
        if end_s is None:
            end_s = max(min(begin_s + room_s, begin_s + room_s if next_s is None else next_s), begin_s)
        words[before + 1 : after] = _spread(words[before + 1 : after], begin_s, end_s)
    return tuple(words)


def _spread(words: Sequence[Word], begin_s: float, end_s: float) -> list[Word]:
    """Words that share a stretch equally."""
    step_s = (end_s - begin_s) / max(len(words), 1)
    return [
        replace(word, start_s=round(begin_s + i * step_s, 3), end_s=round(begin_s + (i + 1) * step_s, 3))
        for i, word in enumerate(words)
    ]


NO_LETTERS = "no letters to go by"

BETWEEN_OTHERS = "no letters to go by; put between its neighbours"

NOT_HEARD = "not heard where it should be"

SONG_NOT_HEARD = "next to nothing of these lyrics is heard in the song"

HARDLY_HEARD = "hardly heard"

ELSEWHERE = "may as well be elsewhere"


_STEEPNESS = 2.5


def place_lines(found: Iterable[FoundLine], config: AlignConfig) -> Mapping[FoundLine, Placement]:
    """The placement of each line that was looked for.

    Where they are neither certain nor well heard on the whole, the song is not that of the lyrics, or nobody sings:
    any place would be chance, and none is given.
    """
    placements = {line: _place(line, config) for line in found}
    scores = [placement.score for placement in placements.values()]
    heard = [_heard(line, config) for line in placements]
    if not scores or fmean(scores) >= config.least_of_song:
        return placements
    if fmean(scores) >= config.chance_of_song and fmean(heard) >= config.heard_song:
        return placements
    return {line: Placement(placement.score, "unplaced", SONG_NOT_HEARD) for line, placement in placements.items()}


def _place(line: FoundLine, config: AlignConfig) -> Placement:
    """A line by itself: how certain its words' places are, times how well it was heard."""
    certainty = fmean(word.certainty for word in line.words)
    heard = _heard(line, config)
    score = round(certainty * heard, 3)
    if line.left_out or heard < config.least_heard:
        return Placement(score, "unplaced", NOT_HEARD)
    if score >= config.likely:
        return Placement(score, "sure" if score >= config.sure else "likely")
    return Placement(score, "doubtful", ELSEWHERE if certainty < heard else HARDLY_HEARD)


def _heard(line: FoundLine, config: AlignConfig) -> float:
    """Between 0 and 1, a half where a letter brings as little as those of lines that are not sung do at best."""
    num_letters = sum(word.word.num_symbols for word in line.words)
    over = line.evidence / num_letters - config.letter_evidence
    return 1 / (1 + math.exp(-min(max(_STEEPNESS * over, -50.0), 50.0)))
