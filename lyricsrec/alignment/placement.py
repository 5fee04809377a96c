"""How well each line of the lyrics was placed, and times for words that could not be aligned themselves."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise, takewhile
from statistics import fmean

from lyricsrec.alignment.path.search import AlignedLine
from lyricsrec.alignment.settings import AlignConfig
from lyricsrec.lyrics.transcript import Line, Placement, Word

NO_LETTERS = "has no letters that the model knows"
BETWEEN_OTHERS = "has no letters that the model knows; placed between its neighbours"
NOT_FOUND = "not found in the recording"
ROMANIZED = "not found by its romanisation; the model does not know its letters"
WRONG_SONG = "hardly any of these lyrics were found in the recording"
UNCLEAR = "unclear in the recording"
ELSEWHERE = "could also be elsewhere in the song"

_STEEPNESS = 2.5
_LONGEST_S = 1.0


def place_lines(aligned: Iterable[AlignedLine], config: AlignConfig) -> Mapping[AlignedLine, Placement]:
    """The placement of each line.

    All lines are unplaced where neither their scores nor their acoustic support are high enough on average: the song is
    another one, or instrumental, and every place would be random.
    """
    placements = {line: _place(line, config) for line in aligned}
    scores = [placement.score for placement in placements.values()]
    supports = [_support(line, config) for line in placements]
    if not scores or fmean(scores) >= config.min_song_score:
        return placements
    if fmean(scores) >= config.min_supported_song_score and fmean(supports) >= config.min_song_support:
        return placements
    return {
        line: Placement(placement.score, "unplaced", ROMANIZED if _is_romanized(line) else WRONG_SONG)
        for line, placement in placements.items()
    }


def _is_romanized(line: AlignedLine) -> bool:
    return all(word.word.romanized for word in line.words)


def _place(line: AlignedLine, config: AlignConfig) -> Placement:
    """The placement of a line by itself: the confidence of its words times its acoustic support."""
    confidence = fmean(word.confidence for word in line.words)
    support = _support(line, config)
    score = round(confidence * support, 3)
    if line.skipped or support < config.min_support:
        return Placement(score, "unplaced", NOT_FOUND)
    if score >= config.min_likely:
        return Placement(score, "sure" if score >= config.min_sure else "likely")
    return Placement(score, "doubtful", ELSEWHERE if confidence < support else UNCLEAR)


def _support(line: AlignedLine, config: AlignConfig) -> float:
    """Acoustic support from 0 to 1: a logistic function of the evidence per token, a half at `half_support`."""
    num_tokens = sum(word.word.num_tokens for word in line.words)
    excess = line.evidence / num_tokens - config.half_support
    return 1 / (1 + math.exp(-min(max(_STEEPNESS * excess, -50.0), 50.0)))


def interpolate_times(lines: Sequence[Line], between: Mapping[int, Placement]) -> tuple[Line, ...]:
    """Lines whose words without times share the gap around them.

    At the edge of a line the gap reaches to the next line, but each word is at most as long as the longest word of its
    own line. Lines without any times stay as they are, except those that `between` maps from their number: with timed
    lines on both sides they share the gap from its beginning, at most a second a word, and get the placement given
    there.
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
            words = tuple(spread(line.words, done_s, end_s))
            filled.append(replace(line, words=words, placement=between[i]))
        else:
            filled.append(replace(line, words=_interpolated(line, done_s, next_s)))
        done_s = max(filled[-1].end_s or 0.0, done_s)
    return tuple(filled)


def _interpolated(line: Line, done_s: float, next_s: float | None) -> tuple[Word, ...]:
    """The words of a line that may begin at `done_s` and must end before `next_s`."""
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
        words[before + 1 : after] = spread(words[before + 1 : after], begin_s, end_s)
    return tuple(words)


def spread(words: Sequence[Word], begin_s: float, end_s: float) -> list[Word]:
    """Words that share a stretch equally."""
    step_s = (end_s - begin_s) / max(len(words), 1)
    return [
        replace(word, start_s=round(begin_s + i * step_s, 3), end_s=round(begin_s + (i + 1) * step_s, 3))
        for i, word in enumerate(words)
    ]
