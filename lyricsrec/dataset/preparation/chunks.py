"""Cuts annotated songs into training chunks of whole words; every dropped word is counted with a reason."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import KW_ONLY, dataclass, replace

from lyricsrec.dataset.preparation.settings import ChunkConfig, ChunkMode
from lyricsrec.lyrics.annotation import Annotation
from lyricsrec.lyrics.normalise import TextNormalizer
from lyricsrec.lyrics.transcript import Word

NO_LETTERS = "no letters"
NO_NUMBER = "time is no number"
NEGATIVE = "negative time"
REVERSED = "reversed time"
OUTSIDE = "outside the audio"
CUT_BY_WINDOW = "cut by a window"
TOO_LONG = "longer than a chunk"
OVERLAPPED = "sung over others for longer than a chunk"
WORD_REASONS = (NO_LETTERS, NO_NUMBER, NEGATIVE, REVERSED, OUTSIDE, CUT_BY_WINDOW, TOO_LONG, OVERLAPPED)
"""Reasons for dropping single words; keys of the report."""

_SLIGHT_OVERLAP_S = 0.02


@dataclass(frozen=True)
class LyricWord:
    """A kept word: its normalised text, its times in seconds (whole milliseconds), and the number of its line."""

    text: str
    start_s: float
    end_s: float
    _: KW_ONLY
    line: int


@dataclass(frozen=True)
class DroppedWord:
    """A dropped word; its times are None if they are invalid."""

    reason: str
    start_s: float | None = None
    end_s: float | None = None


@dataclass(frozen=True)
class Chunk:
    """A part of a song with its words in the order of the lyrics; times are seconds from the start of the song.

    `mute` are stretches to silence, because words other than `words` are sung there.
    """

    start_s: float
    end_s: float
    words: tuple[LyricWord, ...]
    _: KW_ONLY
    mute: tuple[tuple[float, float], ...] = ()


def clean_words(
    annotation: Annotation, normalizer: TextNormalizer, duration_s: float
) -> tuple[list[LyricWord], list[DroppedWord]]:
    """The usable words of a song, and the dropped ones; each annotated word is in one of the two lists."""
    kept: list[LyricWord] = []
    dropped: list[DroppedWord] = []
    for number, line in enumerate(annotation.lines):
        for word in line.words:
            cleaned = _clean(word, normalizer, line=number, duration_s=duration_s)
            if isinstance(cleaned, LyricWord):
                kept.append(cleaned)
            else:
                dropped.append(cleaned)
    return kept, dropped


def _clean(word: Word, normalizer: TextNormalizer, *, line: int, duration_s: float) -> LyricWord | DroppedWord:
    start, end = word.start_s, word.end_s
    if start is None or end is None or not (math.isfinite(start) and math.isfinite(end)):
        return DroppedWord(NO_NUMBER)
    start_s, end_s = round(start, 3), round(end, 3)
    if start_s < 0 or end_s < 0:
        return DroppedWord(NEGATIVE)
    if end_s < start_s:
        return DroppedWord(REVERSED)
    if end_s > duration_s:
        return DroppedWord(OUTSIDE, start_s, end_s)
    normalized = normalizer.normalize(word.text)
    return LyricWord(normalized, start_s, end_s, line=line) if normalized else DroppedWord(NO_LETTERS, start_s, end_s)


def cut_chunks(
    words: Sequence[LyricWord], dropped: Sequence[DroppedWord], duration_s: float, *, config: ChunkConfig
) -> tuple[list[Chunk], list[DroppedWord]]:
    """Chunks of cleaned words, and the words that fit into no chunk.

    The words `dropped` before are muted wherever they lie in a chunk. No chunk is empty or longer than
    `config.chunk_s`.
    """
    chunks, unfit = _CUTTERS[config.mode](words, dropped, duration_s, config=config)
    muted = sorted(
        (word.start_s, word.end_s) for word in [*dropped, *unfit] if word.start_s is not None and word.end_s is not None
    )
    return [_muted(chunk, muted) for chunk in chunks], unfit


def _fixed(
    words: Sequence[LyricWord], _: Sequence[DroppedWord], duration_s: float, *, config: ChunkConfig
) -> tuple[list[Chunk], list[DroppedWord]]:
    windows: dict[int, list[LyricWord]] = {}
    unfit = []
    for word in words:
        number = int(word.start_s / config.chunk_s + 1e-9)
        if word.end_s <= (number + 1) * config.chunk_s + 1e-9:
            windows.setdefault(number, []).append(word)
        else:
            unfit.append(DroppedWord(CUT_BY_WINDOW, word.start_s, word.end_s))
    chunks = [
        Chunk(round(n * config.chunk_s, 3), round(min((n + 1) * config.chunk_s, duration_s), 3), tuple(windows[n]))
        for n in sorted(windows)
    ]
    return chunks, unfit


def _packed(
    words: Sequence[LyricWord], dropped: Sequence[DroppedWord], duration_s: float, *, config: ChunkConfig
) -> tuple[list[Chunk], list[DroppedWord]]:
    unfit: list[DroppedWord] = []
    atoms: list[_Stretch] = []
    for atom in _overlapping(words):
        if atom.end_s - atom.start_s <= config.chunk_s:
            atoms.append(atom)
        else:
            reason = TOO_LONG if len(atom.words) == 1 else OVERLAPPED
            unfit += [DroppedWord(reason, word.start_s, word.end_s) for word in atom.words]
    packed: list[_Stretch] = []
    for stretch in _by_line(atoms):
        for part in _split(stretch, config):
            joined = _Stretch([*packed[-1].atoms, *part.atoms]) if packed else None
            if joined and part.start_s - packed[-1].end_s <= config.max_gap_s and joined.length_s <= config.chunk_s:
                packed[-1] = joined
            else:
                packed.append(part)
    others = [(w.start_s, w.end_s) for w in [*dropped, *unfit] if w.start_s is not None and w.end_s is not None]
    spans = sorted(others + [(part.start_s, part.end_s) for part in packed])
    return [_padded(part, spans, duration_s, config=config) for part in packed], unfit


_CUTTERS: dict[ChunkMode, Callable[..., tuple[list[Chunk], list[DroppedWord]]]] = {"words": _packed, "fixed": _fixed}


class _Stretch:
    """Words in the order of time; a chunk may be cut between its `atoms`, which are stretches themselves."""

    def __init__(self, atoms: Sequence[_Stretch], words: Sequence[LyricWord] = ()) -> None:
        self.atoms = list(atoms) or [self]
        self.words: list[LyricWord] = list(words) or [word for atom in atoms for word in atom.words]
        self.start_s = min(word.start_s for word in self.words)
        self.end_s = max(word.end_s for word in self.words)

    @property
    def length_s(self) -> float:
        return round(self.end_s - self.start_s, 3)


def _overlapping(words: Sequence[LyricWord]) -> Iterator[_Stretch]:
    """Words in the order of time; overlapping words form one stretch, which cannot be cut.

    Overlaps of a few milliseconds are rounding errors: the first word then ends where the next begins.
    """
    by_time = sorted(range(len(words)), key=lambda i: (words[i].start_s, i))
    group: list[tuple[int, LyricWord]] = []
    end_s = 0.0
    for i, following in zip(by_time, [*by_time[1:], None], strict=False):
        word = words[i]
        if following is not None and (start_s := words[following].start_s) > word.start_s:
            slight = 0 < word.end_s - start_s <= _SLIGHT_OVERLAP_S
            word = replace(word, end_s=start_s) if slight else word
        if group and word.start_s >= end_s:
            yield _Stretch((), [w for _, w in sorted(group, key=lambda item: item[0])])
            group = []
        end_s = max(end_s, word.end_s) if group else word.end_s
        group.append((i, word))
    if group:
        yield _Stretch((), [w for _, w in sorted(group, key=lambda item: item[0])])


def _by_line(atoms: Sequence[_Stretch]) -> Iterator[_Stretch]:
    line: list[_Stretch] = []
    for atom in atoms:
        if line and atom.words[0].line != line[-1].words[-1].line:
            yield _Stretch(line)
            line = []
        line.append(atom)
    if line:
        yield _Stretch(line)


def _split(stretch: _Stretch, config: ChunkConfig) -> Iterator[_Stretch]:
    """A line in parts that fit into a chunk, cut at its widest pauses."""
    waiting = [stretch]
    while waiting:
        part = waiting.pop()
        gaps = [round(b.start_s - a.end_s, 3) for a, b in zip(part.atoms, part.atoms[1:], strict=False)]
        if not gaps or (part.length_s <= config.chunk_s and max(gaps) <= config.max_gap_s):
            yield part
            continue
        # Among equally wide pauses, the one nearest to the middle.
        widest = max(range(len(gaps)), key=lambda i: (gaps[i], -abs(2 * i + 1 - len(gaps))))
        waiting += [_Stretch(part.atoms[widest + 1 :]), _Stretch(part.atoms[: widest + 1])]


def _padded(part: _Stretch, spans: Sequence[tuple[float, float]], duration_s: float, *, config: ChunkConfig) -> Chunk:
    """A chunk with some of the pauses around it, but never part of another word."""
    before = [end for start, end in spans if start < part.start_s]
    after = [start for start, end in spans if end > part.end_s]
    room_before = (part.start_s - max(before)) / 2 if before else part.start_s
    room_after = duration_s - part.end_s
    if after:
        # Dropped words may lie behind the end of the song.
        room_after = min(room_after, (min(after) - part.end_s) / 2)
    spare = max(config.chunk_s - part.length_s, 0.0) / 2
    lead = _milliseconds(min(config.pad_s, room_before, spare))
    tail = _milliseconds(min(config.pad_s, room_after, spare))
    return Chunk(round(part.start_s - lead, 3), round(part.end_s + tail, 3), tuple(part.words))


def _milliseconds(seconds: float) -> float:
    return math.floor(max(seconds, 0.0) * 1000 + 1e-6) / 1000


def _muted(chunk: Chunk, dropped: Sequence[tuple[float, float]]) -> Chunk:
    """The chunk with dropped words muted, except where they overlap its own words."""
    mute: list[tuple[float, float]] = []
    for start, end in dropped:
        pieces = [(max(start, chunk.start_s), min(end, chunk.end_s))]
        for word in chunk.words:
            pieces = [
                piece
                for first, last in pieces
                for piece in ((first, min(last, word.start_s)), (max(first, word.end_s), last))
                if piece[0] < piece[1]
            ]
        mute += [piece for piece in pieces if piece[0] < piece[1]]
    return replace(chunk, mute=tuple(mute))
