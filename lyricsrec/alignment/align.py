"""The times of known lyrics in a song."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from lyricsrec.alignment.path.search import AlignedLine, Stretch, align_stretch
from lyricsrec.alignment.path.trellis import score_table
from lyricsrec.alignment.placement import BETWEEN_OTHERS, NO_LETTERS, interpolate_times, place_lines
from lyricsrec.alignment.settings import AlignConfig
from lyricsrec.alignment.tokens import tokenize_lines
from lyricsrec.alignment.translations import beside_partners, partners
from lyricsrec.decoding.emission import Emission
from lyricsrec.lyrics.transcript import Line, Placement, Word


def align(emission: Emission, lines: Sequence[Line], config: AlignConfig) -> tuple[Line, ...]:
    """The same lines with the times at which they are sung, each with its placement.

    Times that the words already have are hints. Words without letters get interpolated times, and so do lines of such
    words and romanised lines that are not found; the words of an unplaced line have no times. Translations get the
    times of their line.
    """
    with_letters = tokenize_lines(lines, emission.vocabulary, config.language)
    romanized = {line.line for line in with_letters if line.romanized}
    partner_of = partners(lines, {line.line for line in with_letters} - romanized, romanized)
    tokenized = [line for line in with_letters if line.line not in partner_of]
    hints = {
        (number, i): (word.start_s - emission.start_s) / emission.frame_s
        for number, line in enumerate(lines)
        for i, word in enumerate(line.words)
        if word.start_s is not None
    }
    stretch = Stretch(score_table(emission, config), 0, tokenized, hints=hints, frame_s=emission.frame_s)
    placements = place_lines(align_stretch(stretch, config), config)
    aligned = {line.words[0].word.line: line for line in placements}
    without_letters = Placement(0.0, "unplaced", NO_LETTERS)
    timed = []
    for number, line in enumerate(lines):
        path = aligned.get(number)
        words = _untimed(line)
        placement = without_letters if path is None else placements[path]
        if path is not None and placement.band != "unplaced":
            words = _timed(words, path, emission, lead_s=config.lead_s)
        timed.append(replace(line, words=words, placement=placement))
    letterless = set(range(len(lines))) - set(aligned) - set(partner_of)
    letterless |= {number for number in romanized & set(aligned) if timed[number].start_s is None}
    placed = interpolate_times(timed, dict.fromkeys(letterless, Placement(0.0, "doubtful", BETWEEN_OTHERS)))
    return beside_partners(placed, partner_of)


def _untimed(line: Line) -> tuple[Word, ...]:
    return tuple(Word(word.text, None, None) for word in line.words)


def _timed(words: tuple[Word, ...], path: AlignedLine, emission: Emission, *, lead_s: float) -> tuple[Word, ...]:
    """The words of a line with the times of those on the path; none overlaps the next."""
    timed = list(words)
    next_starts = [*(after.first for after in path.words[1:]), math.inf]
    for word, next_start in zip(path.words, next_starts, strict=True):
        stop = max(min(word.last + 1, next_start), word.first)
        start_s, end_s = (round(max(emission.time_s(int(f)) - lead_s, 0.0), 3) for f in (word.first, stop))
        timed[word.word.word] = Word(timed[word.word.word].text, start_s, end_s, confidence=round(word.confidence, 3))
    return tuple(timed)
