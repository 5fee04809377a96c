"""Breaks words into lines that can be sung in one breath and shown in one row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass

from lyricsrec.base.settings import Natural, Positive, Settings
from lyricsrec.lyrics.transcript import Line, Word

_CLOSING = "\"'”’)]"
_ABBREVIATIONS = frozenset(["mr.", "mrs.", "ms.", "dr.", "st.", "jr.", "sr.", "vs."])


@dataclass(frozen=True)
class LineConfig(Settings):
    """Where lines break.

    At each pause of `pause_s` (twice that after a single word); at the end of a sentence if the line has `min_words`;
    and where a line would exceed `max_chars` or `max_s`, at its widest gap, with a bonus after punctuation and before
    a capital letter. Larger limits give fewer, longer lines.
    """

    max_chars: Natural = 42
    max_s: Positive = 8.0
    pause_s: Positive = 0.9
    _: KW_ONLY
    min_words: Natural = 3


def break_lines(words: Sequence[Word], config: LineConfig) -> tuple[Line, ...]:
    """Group words into lines; each word is in exactly one, in order."""
    lines: list[Line] = []
    start = 0
    for i in range(len(words)):
        if i + 1 == len(words) or _must_break(words[start : i + 1], words[i + 1], config):
            lines += [Line(tuple(part)) for part in _fitting(words[start : i + 1], config)]
            start = i + 1
    return tuple(lines)


def _must_break(line: Sequence[Word], following: Word, config: LineConfig) -> bool:
    # Only a long pause may leave a single word on its line.
    if _gap_s(line[-1], following) >= (config.pause_s if len(line) > 1 else 2 * config.pause_s):
        return True
    return ends_sentence(line[-1].text) and len(line) >= config.min_words


def _fitting(line: Sequence[Word], config: LineConfig) -> list[Sequence[Word]]:
    if len(line) == 1 or _fits(line, config):
        return [line]
    best = max(range(1, len(line)), key=lambda i: _break_merit(line, i))
    return [*_fitting(line[:best], config), *_fitting(line[best:], config)]


def _fits(line: Sequence[Word], config: LineConfig) -> bool:
    start_s, end_s = line[0].start_s, line[-1].end_s
    too_slow = start_s is not None and end_s is not None and end_s - start_s > config.max_s
    return len(" ".join(word.text for word in line)) <= config.max_chars and not too_slow


def _break_merit(line: Sequence[Word], i: int) -> float:
    """How good a break before word `i` is: its pause in seconds, plus bonuses on the same scale."""
    before, after = line[i - 1], line[i]
    merit = min(_gap_s(before, after), 1.0)
    if ends_sentence(before.text):
        merit += 0.8
    elif ends_clause(before.text):
        merit += 0.5
    if after.text[:1].isupper() and after.text.split("'")[0] != "I":
        merit += 0.4
    # Even halves are easier to read than a long row and a single word.
    balance = min(i, len(line) - i) / len(line)
    return merit + balance


def _gap_s(before: Word, after: Word) -> float:
    if before.end_s is None or after.start_s is None:
        return 0.0
    return max(after.start_s - before.end_s, 0.0)


def ends_sentence(word: str) -> bool:
    """Whether the punctuation of a word ends a sentence."""
    bare = word.rstrip(_CLOSING)
    return bare.endswith((".", "!", "?", "…", "。", "！", "？")) and bare.lower() not in _ABBREVIATIONS


def ends_clause(word: str) -> bool:
    """Whether a word is followed by a comma or similar punctuation."""
    return word.rstrip(_CLOSING).endswith((",", ";", ":", "—", "–", "，", "、"))
