"""The rows of an LRC file: tags, credits, and what is sung by whom from when on.

Beside lines with a time there are voices (`v1:`, and `F:`, `M:`, `D:` of Walaoke, which hold until the next one),
background vocals (`[bg: ...]`), names of voices in comments (`[#:v1=Ann]`), and credits in the JSON of NetEase.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace

from lyricsrec.formats.base import Omitted, Problem
from lyricsrec.formats.karaoke.lrc_stamps import Stamp, bad_stamp, bad_word_stamps, line_stamps, word_stamps
from lyricsrec.formats.sheet.row_text import split_repeats, sung_part, without_remarks
from lyricsrec.formats.sheet.site_remarks import find_remarks
from lyricsrec.formats.timed_text import timed_words
from lyricsrec.lyrics.transcript import Role, Word
from lyricsrec.lyrics.voices import singers_named

_TAG = re.compile(r"\s{0,8}\[(?:[^\W\d_][\w #-]{0,24}|#):")
_KNOWN_TAGS = frozenset(
    [
        *("ti", "ar", "al", "au", "lr", "by", "re", "ve", "tool", "length", "offset", "la", "id", "key", "lang", "cr"),
        *("version", "encoding", "hash", "total", "sign", "qq", "kana", "relyricsversion", "t_time", "language", "#"),
    ]
)
_BACKGROUND = re.compile(r"\[bg:", re.IGNORECASE)
_VOICE = re.compile(r"\s{0,4}(v\d{1,4}|[FMD]):(?=\s|<|$)")
_NAMED_VOICE = re.compile(r"\[#:\s{0,4}(v\d{1,4})=([^\]]{1,200})\]")
_WALAOKE = {"F": ("female",), "M": ("male",), "D": ("female", "male")}
_OFFSET = re.compile(r"\s*\[offset:\s*([^\]]{0,40})\]\s*", re.IGNORECASE)
_MILLISECONDS = re.compile(r"[-+]?\d{1,7}(?:\.0*)?")
_NETEASE = re.compile(r'\s*\{\s*"(?:t|c)"\s*:')
_NETEASE_TEXT = re.compile(r'"tx"\s{0,2}:\s{0,2}"([^"]{0,200})"')
CREDIT = "a credit"


@dataclass(frozen=True)
class Place:
    """Where a row gets a time: the number of the row, which of its two parts, and which of the stamps before it."""

    row: int
    is_background: bool = False
    stamp: int | None = None


@dataclass(frozen=True)
class TimedRow:
    """What begins at one time: words, or nothing where the line before ends. `order_s` sorts rows without a time."""

    place: Place
    start_s: float | None
    words: tuple[Word, ...]
    _: KW_ONLY
    order_s: float
    singers: tuple[str, ...] = ()
    role: Role | None = None


@dataclass(frozen=True)
class Part:
    """The part of a row from `begin` to `end`, with the stamps before its words and between them."""

    begin: int
    end: int
    line_stamps: tuple[Stamp, ...]
    _: KW_ONLY
    word_stamps: tuple[Stamp, ...]
    is_background: bool = False


@dataclass
class LrcRows:
    """The rows of a file in order of time, what was left out, and what could not be read."""

    rows: list[TimedRow] = field(default_factory=list)
    omitted: list[Omitted] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read_rows(text: str) -> LrcRows:
    """All rows with words or times, in order of time; rows with the same time keep their order."""
    rows = text.splitlines()
    found = LrcRows()
    offset_s = offset_of(rows, found.problems)
    credits = find_remarks([_bare(row) for row in rows])
    singers: tuple[str, ...] = ()
    names = {match[1]: match[2] for row in rows if (match := _NAMED_VOICE.fullmatch(row.strip()))}
    last_s = 0.0
    for number, row in enumerate(rows):
        if is_skipped(row):
            _note_skipped(found, number, row)
            continue
        for part in parts_of(row):
            words, voice = _words(row, part, offset_s)
            if voice is not None:
                singers = _WALAOKE.get(voice, ())
            if words and number in credits and not credits[number].keep:
                found.omitted.append(Omitted(number + 1, _bare(row), credits[number].reason))
                words = ()
            if part.is_background and not words:
                continue
            role: Role | None = "backing" if part.is_background else None
            sung_by = singers_named(names.get(voice, voice)) if voice and voice not in _WALAOKE else singers
            place = Place(number, part.is_background)
            once = TimedRow(place, None, words, order_s=last_s, singers=sung_by, role=role)
            made = list(_at_each_time(once, part, offset_s))
            found.rows += made
            last_s = next((row.start_s for row in reversed(made) if row.start_s is not None), last_s)
        for match in bad_word_stamps(row):
            found.problems.append(Problem(f"invalid timestamp {match.group()}, which is not used", number + 1))
    if found.omitted:
        found.problems.append(_credits(found.omitted))
    found.rows.sort(key=lambda row: row.order_s if row.start_s is None else row.start_s)
    return found


def is_skipped(row: str) -> bool:
    """Whether a row is a tag, a comment or a credit, or has an invalid timestamp."""
    stamps = line_stamps(row)
    if bad_stamp(row, stamps[-1].end if stamps else 0) is not None:
        return True
    return not stamps and (is_tag(row) or row.lstrip().startswith("#") or _NETEASE.match(row) is not None)


def is_tag(row: str) -> bool:
    """Whether a row is a tag such as "[ti:Hello [Live] at Home]", whose brackets need not match for a known name."""
    bare = row.strip()
    match = _TAG.match(row)
    if bare.startswith("[:]"):
        return True
    if match is None or not bare.endswith("]") or _BACKGROUND.match(bare):
        return False
    return match.group().strip(" [:\t").lower() in _KNOWN_TAGS or _closes_at_end(bare)


def offset_of(rows: Sequence[str], problems: list[Problem] | None = None) -> float:
    """The seconds by which lyrics appear earlier; 0 for a tag that is not a number, which is added to `problems`."""
    for number, row in enumerate(rows):
        if (match := _OFFSET.fullmatch(row)) and match[1].strip():
            if _MILLISECONDS.fullmatch(match[1].strip()):
                return float(match[1]) / 1000
            if problems is not None:
                problems.append(Problem(f"invalid offset '{match[1].strip()[:24]}', which is not used", number + 1))
    return 0.0


def parts_of(row: str) -> Iterator[Part]:
    """The words of a row, and its background vocals."""
    background = _BACKGROUND.search(row)
    end = len(row) if background is None else background.start()
    stamps = line_stamps(row)
    begin = stamps[-1].end if stamps else 0
    lead = tuple(stamp for stamp in word_stamps(row, begin, stamps[-1] if stamps else None) if stamp.begin < end)
    if background is None or stamps or row[begin:end].strip():
        yield Part(min(begin, end), end, tuple(stamps), word_stamps=lead)
    if background is not None:
        inner = row.rstrip()
        close = len(inner) - 1 if inner.endswith("]") else len(inner)
        words = word_stamps(row, background.end(), lead[-1] if lead else stamps[-1] if stamps else None)
        inside = tuple(stamp for stamp in words if stamp.end <= close)
        first = () if inside or row[begin:end].strip() else tuple(stamps)
        yield Part(background.end(), max(close, background.end()), first, word_stamps=inside, is_background=True)


def _note_skipped(found: LrcRows, number: int, row: str) -> None:
    stamps = line_stamps(row)
    if bad := bad_stamp(row, stamps[-1].end if stamps else 0):
        found.problems.append(Problem(f"invalid timestamp {bad[:24]}; the row is not used", number + 1))
    elif _NETEASE.match(row):
        found.omitted.append(Omitted(number + 1, "".join(_NETEASE_TEXT.findall(row)) or row.strip(), CREDIT))


def _at_each_time(row: TimedRow, part: Part, offset_s: float) -> Iterator[TimedRow]:
    """A row for each time of a part, as often as it is sung."""
    if not part.line_stamps:
        if row.words:
            yield replace(row, start_s=row.words[0].start_s)
        return
    # Some programs repeat the time of the line as that of its first word.
    own = [_start(stamp, offset_s) for stamp in part.line_stamps]
    for start_s in dict.fromkeys(own):
        later = tuple(_later(word, start_s - own[0]) for word in row.words)
        yield replace(row, place=replace(row.place, stamp=own.index(start_s)), start_s=start_s, words=later)


def _words(row: str, part: Part, offset_s: float) -> tuple[tuple[Word, ...], str | None]:
    """The words of a part of a row, and the voice that is named before them."""
    cuts = [part.begin, *(edge for stamp in part.word_stamps for edge in (stamp.begin, stamp.end)), part.end]
    pieces = [_clean(row[a:b]) for a, b in zip(cuts[::2], cuts[1::2], strict=True)]
    voice = None
    first = next((i for i, piece in enumerate(pieces) if piece.strip()), 0)
    if match := _VOICE.match(pieces[first]):
        voice, pieces[first] = match[1], pieces[first][match.end() :]
    bare = " ".join(pieces)
    if not sung_part(bare):
        return (), voice
    start_s = _start(part.line_stamps[0], offset_s) if part.line_stamps else None
    seconds = [start_s, *(_start(stamp, offset_s) for stamp in part.word_stamps), None]
    if len(pieces) > 1:
        return _words_of_pieces(pieces, seconds), voice
    once, repeats = split_repeats(bare)
    texts = sung_part(once).split() * repeats
    return tuple(Word(text, None if i else start_s, None) for i, text in enumerate(texts)), voice


def _words_of_pieces(pieces: Sequence[str], seconds: Sequence[float | None]) -> tuple[Word, ...]:
    """The words of a row with times between them, without its remarks and sung as often as a mark at its end says."""
    last = next(i for i, piece in reversed(list(enumerate(pieces))) if piece.strip())
    once, repeats = split_repeats(pieces[last])
    cleaned = [_without_remarks(piece) for piece in (*pieces[:last], once + " ", *pieces[last + 1 :])]
    words = timed_words(cleaned, seconds)
    if repeats == 1 or not words:
        return timed_words([*cleaned[:last], _without_remarks(pieces[last]), *cleaned[last + 1 :]], seconds)
    again = [replace(word, start_s=None, end_s=None) for word in words] * (repeats - 1)
    if not once.strip():
        # The mark has a time of its own: from then on the words are repeated.
        again[0] = replace(again[0], start_s=seconds[last])
    return (*words, *again)


def _without_remarks(piece: str) -> str:
    """A piece of a row without remarks, with the spaces around it."""
    if not any(c in piece for c in "[{♩♪♫♬-–—"):
        return piece
    left = without_remarks(piece)
    return f"{' ' * piece[:1].isspace()}{left}{' ' * piece[-1:].isspace()}" if left else " "


def _clean(text: str) -> str:
    """A piece of a row without invalid timestamps, and clocks without their angle brackets: "<12:30>"."""
    for match in reversed(list(bad_word_stamps(text))):
        text = text[: match.start()] + " " + text[match.end() :]
    return re.sub(r"<(\d{1,2}:\d\d)>", r"\1", text)


def _bare(row: str) -> str:
    """The text of a row without timestamps and voices."""
    if is_skipped(row):
        return ""
    part = next(parts_of(row))
    cuts = [part.begin, *(edge for stamp in part.word_stamps for edge in (stamp.begin, stamp.end)), part.end]
    text = "".join(row[a:b] for a, b in zip(cuts[::2], cuts[1::2], strict=True)).strip()
    return text[match.end() :].strip() if (match := _VOICE.match(text)) else text


def _credits(omitted: Sequence[Omitted]) -> Problem:
    if len(omitted) == 1:
        return Problem(f"left out '{omitted[0].text[:60]}' ({omitted[0].reason})", omitted[0].row)
    rows = ", ".join(str(omission.row) for omission in omitted[:6])
    reasons = ", ".join(dict.fromkeys(omission.reason for omission in omitted))
    return Problem(f"left out in rows {rows}{', ...' if len(omitted) > 6 else ''}: {reasons}")


def _closes_at_end(row: str) -> bool:
    """Whether the bracket that opens a row closes at its end."""
    depth = 0
    for position, c in enumerate(row):
        depth += (c == "[") - (c == "]")
        if depth == 0:
            return position == len(row) - 1
    return False


def _start(stamp: Stamp, offset_s: float) -> float:
    return max(round(stamp.seconds - offset_s, 3), 0.0)


def _later(word: Word, by_s: float) -> Word:
    start_s, end_s = (None if t is None else t + by_s for t in (word.start_s, word.end_s))
    return replace(word, start_s=start_s, end_s=end_s) if by_s else word
