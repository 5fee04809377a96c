"""How well lines fit where they were put, in bands with reasons."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from statistics import fmean

from lyricsrec.alignment.config import AlignConfig
from lyricsrec.alignment.walk import FoundLine
from lyricsrec.transcript import Placement

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
