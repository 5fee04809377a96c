"""TextGrids, the annotations of Praat, in their long and short text form.

https://www.fon.hum.uva.nl/praat/manual/TextGrid_file_formats.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lyricsrec.base.errors import DataError
from lyricsrec.formats.base import Format, Label, Parsed, Source
from lyricsrec.formats.labels import label_words, lines_between_silences
from lyricsrec.lyrics.retiming import timed_lines
from lyricsrec.lyrics.transcript import Line, Transcript, Word

_MIN_INTERVAL_S = 1e-3
_WORD_TIERS = re.compile(r"\b(words?|lyrics?)\b", re.IGNORECASE)
_LINE_TIERS = re.compile(r"\b(lines?|phrases?)\b", re.IGNORECASE)
_PHONE_TIERS = re.compile(r"\b(phon|segment|syllable|letter)", re.IGNORECASE)


@dataclass(frozen=True)
class _Tier:
    name: str
    labels: tuple[Label, ...]

    @property
    def num_labels(self) -> int:
        return sum(bool(label.words) for label in self.labels)


def is_textgrid(text: str) -> bool:
    """Whether a text begins as Praat's text files do."""
    return text.lstrip("\ufeff \t\r\n").startswith("File type =")


def parse_textgrid(text: str, name: str) -> tuple[Line, ...]:
    """The lines of the tier of words: the tier called words or lyrics, else the one with the most words.

    Lines begin where those of a tier of lines or phrases do; without such a tier they end at silences. Raises DataError
    if the text is not a TextGrid.
    """
    tiers = [tier for tier in _read(text, name) if tier.num_labels]
    if not tiers:
        return ()
    lines = next((tier for tier in tiers if _LINE_TIERS.search(tier.name)), None)
    words = _tier_of_words(tiers)
    if lines is None:
        return lines_between_silences(words.labels)
    if lines is words:
        return tuple(Line(label_words(label)) for label in lines.labels if label.words)
    return _in_lines(words, lines)


def _tier_of_words(tiers: Sequence[_Tier]) -> _Tier:
    named = [tier for tier in tiers if _WORD_TIERS.search(tier.name)]
    whole = [tier for tier in tiers if not _PHONE_TIERS.search(tier.name)]
    return max(named or whole or tiers, key=lambda tier: tier.num_labels)


def _in_lines(words: _Tier, lines: _Tier) -> tuple[Line, ...]:
    """Each word goes to the last line that begins before the middle of the word."""
    starts = [label.start_s for label in lines.labels if label.words]
    found: dict[int, list[Word]] = {}
    for label in words.labels:
        middle_s = (label.start_s + (label.start_s if label.end_s is None else label.end_s)) / 2
        line = sum(start_s <= middle_s for start_s in starts)
        found.setdefault(line, []).extend(label_words(label))
    return tuple(Line(tuple(found[line])) for line in sorted(found) if found[line])


def _read(text: str, name: str) -> list[_Tier]:
    from praatio.utilities.constants import INTERVAL_TIER
    from praatio.utilities.errors import PraatioException
    from praatio.utilities.textgrid_io import parseTextgridStr

    try:
        # praatio loses the last interval of the short form without a newline at the end.
        grid = parseTextgridStr(text.lstrip("\ufeff \t\r\n").rstrip() + "\n", includeEmptyIntervals=True)
        return [
            _Tier(tier["name"], tuple(Label(float(start), float(end), label) for start, end, label in tier["entries"]))
            for tier in grid["tiers"]
            if tier["class"] == INTERVAL_TIER
        ]
    except (PraatioException, AttributeError, IndexError, KeyError, TypeError, ValueError):
        raise DataError(f"{name}: not a readable TextGrid", "Save it as a text file from Praat.") from None


def _sniff(source: Source) -> bool:
    return is_textgrid(source.text)


def _parse(source: Source) -> Parsed:
    return Parsed(parse_textgrid(source.text, source.name))


def _write(transcript: Transcript) -> str:
    """Praat's long text form, with a tier of lines and one of words; gaps are empty intervals."""
    from praatio.utilities.constants import INTERVAL_TIER, TextgridFormats
    from praatio.utilities.textgrid_io import getTextgridAsStr

    lines = list(timed_lines(transcript))
    tiers = {
        "lines": [Label(line.start_s, line.end_s, line.text) for line in lines],
        "words": [Label(word.start_s, word.end_s, word.text) for line in lines for word in line.words],
    }
    ends = [label.end_s for labels in tiers.values() for label in labels if label.end_s is not None]
    end_s = round(max([transcript.duration_s, *ends]), 6)
    grid = {
        "xmin": 0,
        "xmax": end_s,
        "tiers": [
            {"class": INTERVAL_TIER, "name": name, "xmin": 0, "xmax": end_s, "entries": list(_intervals(labels, end_s))}
            for name, labels in tiers.items()
        ],
    }
    return str(getTextgridAsStr(grid, TextgridFormats.LONG_TEXTGRID, includeBlankSpaces=False))


def _intervals(labels: Sequence[Label], end_s: float) -> Iterator[tuple[float, float, str]]:
    """Intervals of at least 1 ms from 0 to `end_s` without gaps or overlaps, times rounded to microseconds."""
    done_s = 0.0
    for i, label in enumerate(labels):
        first_s = max(label.start_s, done_s)
        limit_s = max(labels[i + 1].start_s, first_s + _MIN_INTERVAL_S) if i + 1 < len(labels) else end_s
        last_s = min(max(label.end_s or 0.0, first_s + _MIN_INTERVAL_S), limit_s)
        if last_s - first_s < _MIN_INTERVAL_S / 2:
            continue
        if first_s - done_s >= _MIN_INTERVAL_S:
            yield round(done_s, 6), round(first_s, 6), ""
            done_s = first_s
        yield round(done_s, 6), round(last_s, 6), label.text
        done_s = last_s
    if end_s > round(done_s, 6):
        yield round(done_s, 6), end_s, ""


TEXTGRID = Format(
    "textgrid",
    (".TextGrid",),
    "Praat TextGrid with a tier of lines and one of words",
    sniff=_sniff,
    parse=_parse,
    write=_write,
)
