"""The words of a stretch at the times where the emission of that part of the song supports them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate, pairwise

from lyricsrec.alignment.align import align
from lyricsrec.alignment.between.stretches import Stretch
from lyricsrec.alignment.settings import AlignConfig
from lyricsrec.audio.segment import Span
from lyricsrec.decoding.emission import Emission
from lyricsrec.lyrics.transcript import Line, Word

_LEAST_FRAMES = 4


def fill(lines: Sequence[Line], stretch: Stretch, emission: Emission, config: AlignConfig) -> tuple[Line, ...]:
    """The lines, with times for all words of a stretch; the other words are unchanged.

    `emission` covers the stretch, and may cover more. Words that cannot be aligned share the time between their
    neighbours. A line all of whose words are timed here gets its placement.
    """
    parts = _parts(lines, stretch)
    aligned = _aligned([words for _, _, words in parts], stretch.span, emission, config)
    timed = _spread([word for line in aligned for word in line.words], stretch.span)
    done, filled = 0, list(lines)
    for (number, first, words), found in zip(parts, aligned, strict=True):
        line = filled[number]
        new = (*line.words[:first], *timed[done : done + len(words)], *line.words[first + len(words) :])
        placement = found.placement if len(words) == len(line.words) else line.placement
        filled[number] = replace(line, words=new, placement=placement)
        done += len(words)
    return tuple(filled)


def _parts(lines: Sequence[Line], stretch: Stretch) -> list[tuple[int, int, tuple[Word, ...]]]:
    """What each line has of a stretch: its number, the number of the first word, and the words."""
    parts, done = [], 0
    for number, line in enumerate(lines):
        if not line.is_sung:
            continue
        first, stop = max(stretch.first - done, 0), min(stretch.last + 1 - done, len(line.words))
        if first < stop:
            parts.append((number, first, line.words[first:stop]))
        done += len(line.words)
    return parts


def _aligned(
    parts: Sequence[tuple[Word, ...]], span: Span, emission: Emission, config: AlignConfig
) -> tuple[Line, ...]:
    """The parts as lines, aligned with the emission of the stretch alone; without times where that is too short."""
    lines = tuple(Line(tuple(Word(word.text, None, None) for word in words)) for words in parts)
    first, stop = (round((at_s - emission.start_s) / emission.frame_s) for at_s in (span.start_s, span.end_s))
    first, stop = max(first, 0), min(stop, len(emission.log_probs))
    if stop - first < max(_LEAST_FRAMES, sum(len(line.text) for line in lines)):
        return lines
    part = replace(emission, log_probs=emission.log_probs[first:stop], start_s=emission.time_s(first))
    # The text is known to be sung here: no line is skipped, however faint it is.
    sure = replace(config, skip_line_cost=1e6, min_support=0.0, min_song_score=0.0)
    return align(part, lines, sure)


def _spread(words: Sequence[Word], span: Span) -> list[Word]:
    """The words in order within a span; those without times share what lies between their neighbours by length."""
    timed: list[Word] = []
    edges = [-1, *(i for i, word in enumerate(words) if word.start_s is not None), len(words)]
    for before, after in pairwise(edges):
        start_s = span.start_s if before < 0 else words[before].end_s or span.start_s
        stop_s = span.end_s if after == len(words) else words[after].start_s or span.end_s
        between = words[before + 1 : after]
        total = sum(len(word.text) for word in between) or 1
        marks = [0, *accumulate(len(word.text) for word in between)]
        at_s = [round(start_s + max(stop_s - start_s, 0.0) * mark / total, 3) for mark in marks]
        timed += [
            replace(word, start_s=begin_s, end_s=end_s, confidence=None)
            for word, (begin_s, end_s) in zip(between, pairwise(at_s), strict=True)
        ]
        if after < len(words):
            timed.append(words[after])
    return [_clamped(word, span) for word in timed]


def _clamped(word: Word, span: Span) -> Word:
    """A word within a span: frames are coarser than the times of its neighbours."""
    assert word.start_s is not None
    assert word.end_s is not None
    start_s = min(max(word.start_s, span.start_s), span.end_s)
    return replace(word, start_s=start_s, end_s=max(start_s, min(word.end_s, span.end_s)))
