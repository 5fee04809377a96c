"""TextGrids, the annotations of Praat, in their long and short text form.

https://www.fon.hum.uva.nl/praat/manual/TextGrid_file_formats.html
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from lyricsrec.base.errors import DataError
from lyricsrec.formats.base import Format, Label, Parsed, Problem, Source
from lyricsrec.formats.labels import label_text, label_words, lines_of_labels
from lyricsrec.lyrics.retiming import TimedLine, timed_lines
from lyricsrec.lyrics.transcript import Line, Transcript, Word

_MIN_INTERVAL_S = 1e-3
# In Chinese: the tiers of Opencpop.
_WORD_TIERS = re.compile(r"\b(?:words?|lyrics?|ORT(?:-MAU)?)\b|汉字|歌词", re.IGNORECASE)
_LINE_TIERS = re.compile(r"\b(?:lines?|phrases?|utterances?|sentences?)\b|句子", re.IGNORECASE)
_OTHER_TIERS = re.compile(
    r"\b(?:phon\w*|segment\w*|syllables?|letters?|notes?|pitch|midi|technique|slurs?|KAN-MAU|MAU|MAS)\b"
    r"|音节|音高|音长|音素|连音",
    re.IGNORECASE,
)
_SEPARATORS = " \t-–_:/.,@()[]"
_MOSTLY = 0.5
_OTHERS = "others"
"""The name before tiers of lines without a singer, beside those of singers."""


@dataclass(frozen=True)
class _Tier:
    name: str
    labels: tuple[Label, ...]

    @property
    def num_labels(self) -> int:
        """Number of labels with words."""
        return sum(bool(label.words) for label in self.labels)

    @property
    def sung_s(self) -> float:
        """The length of the labels with words."""
        return sum((label.end_s or label.start_s) - label.start_s for label in self.labels if label.words)

    @property
    def is_known(self) -> bool:
        """Whether the name says what is in the tier."""
        return any(kind.search(self.name) for kind in (_WORD_TIERS, _LINE_TIERS, _OTHER_TIERS))

    @property
    def singer(self) -> str:
        """The name without the kind of tier."""
        kinds = (_WORD_TIERS, _LINE_TIERS, _OTHER_TIERS)
        found = min((match for kind in kinds if (match := kind.search(self.name))), key=re.Match.start, default=None)
        if found is None:
            return self.name.strip()
        return (self.name[: found.start()] + self.name[found.end() :]).strip(_SEPARATORS)


def is_textgrid(text: str) -> bool:
    """Whether a text begins as Praat's text files do."""
    return text.lstrip("\ufeff \t\r\n").startswith("File type =")


def parse_textgrid(text: str, name: str) -> Parsed:
    """The lines of the tier of words: the tier called words or lyrics, else the one with the most words.

    Several tiers of words are singers, if their names differ by those of the singers. Lines begin where those of a tier
    of lines or phrases do; without such a tier they end at silences. Raises DataError if the text is not a TextGrid.
    """
    tiers = [tier for tier in _read(text, name) if tier.num_labels]
    voices = _voices(tiers)
    used = list(voices.values())
    lines = [line for singer, tier in voices.items() for line in _lines(tier, tiers, singer)]
    unread = [tier for tier in tiers if tier not in used and not tier.is_known]
    problems = (Problem(f"the tier '{tier.name}' is not read, as '{used[0].name}' has the words") for tier in unread)
    return Parsed(tuple(lines), problems=tuple(problems))


def _voices(tiers: Sequence[_Tier]) -> dict[str, _Tier]:
    """The tiers of words by singer; a single one under an empty name."""
    named = [tier for tier in tiers if _WORD_TIERS.search(tier.name)]
    unknown = [tier for tier in tiers if not tier.is_known]
    candidates = named or unknown or list(tiers)
    singers = {tier.singer: tier for tier in candidates}
    named_apart = len(candidates) > 1 and len(singers) == len(candidates) and all(singers)
    if named_apart and (named or _are_singers(candidates, tiers)):
        return singers
    return {"": max(candidates, key=lambda tier: tier.num_labels)} if candidates else {}


def _are_singers(candidates: Sequence[_Tier], tiers: Sequence[_Tier]) -> bool:
    """Whether tiers of unknown kinds are those of singers: each has a tier of phones or lines, or they take turns."""
    owners = {tier.singer for tier in tiers if tier not in candidates}
    return owners.issuperset(tier.singer for tier in candidates) or _take_turns(candidates)


def _take_turns(tiers: Sequence[_Tier]) -> bool:
    """Whether tiers seldom have different words at the same time, as a translation or another spelling has."""
    for first, second in combinations(tiers, 2):
        together_s = sum(
            max(min(a.end_s, b.end_s) - max(a.start_s, b.start_s), 0.0)
            for a in first.labels
            for b in second.labels
            if a.words and b.words and a.end_s and b.end_s and a.words != b.words
        )
        if together_s > _MOSTLY * min(first.sung_s, second.sung_s):
            return False
    return True


def _lines(words: _Tier, tiers: Sequence[_Tier], singer: str) -> tuple[Line, ...]:
    """The lines of a singer; those of a song with one singer if `singer` is empty."""
    divided = [tier for tier in tiers if _LINE_TIERS.search(tier.name) and (not singer or tier.singer in ("", singer))]
    own = next((tier for tier in divided if tier.singer == singer), divided[0] if divided else None)
    if own is None or own is words:
        lines = lines_of_labels(words.labels) if own is None else tuple(map(_line, own.labels))
    else:
        lines = _in_lines(words, own)
    singers = (singer,) if singer not in ("", _OTHERS) else ()
    return tuple(replace(line, singers=singers) for line in lines if line.words)


def _line(label: Label) -> Line:
    return Line(label_words(label))


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
            _Tier(tier["name"], tuple(Label(_time(start), _time(end), label) for start, end, label in tier["entries"]))
            for tier in grid["tiers"]
            if tier["class"] == INTERVAL_TIER
        ]
    except (PraatioException, AttributeError, LookupError, OverflowError, TypeError, ValueError):
        raise DataError(f"{name}: not a readable TextGrid", "Save it as a text file from Praat.") from None


def _time(raw: str | float) -> float:
    """Seconds. Raises ValueError and OverflowError for what is not a finite number."""
    if not math.isfinite(seconds := float(raw)):
        raise ValueError("a time without end")
    return seconds


def _sniff(source: Source) -> bool:
    return is_textgrid(source.text)


def _parse(source: Source) -> Parsed:
    return parse_textgrid(source.text, source.name)


def _write(transcript: Transcript) -> str:
    """Praat's long text form, with a tier of lines and one of words for each singer; gaps are empty intervals."""
    from praatio.utilities.constants import INTERVAL_TIER, TextgridFormats
    from praatio.utilities.textgrid_io import getTextgridAsStr

    tiers = _tiers(list(timed_lines(transcript)))
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


def _tiers(lines: Sequence[TimedLine]) -> dict[str, list[Label]]:
    """A tier of lines and one of words for each singer, and for the lines without one."""
    singers = list(dict.fromkeys(singer for line in lines for singer in line.singers or (_OTHERS,))) or [_OTHERS]
    tiers = {}
    for singer in singers:
        name = "" if singers == [_OTHERS] else f"{singer} - "
        own = [line for line in lines if singer in (line.singers or (_OTHERS,))]
        tiers[f"{name}lines"] = [Label(line.start_s, line.end_s, label_text(line.text)) for line in own]
        tiers[f"{name}words"] = [
            Label(word.start_s, word.end_s, label_text(word.text)) for line in own for word in line.words
        ]
    return tiers


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
