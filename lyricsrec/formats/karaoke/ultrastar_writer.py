"""Writes UltraStar songs: the notes of a melody, or words without a pitch, on a grid of whole beats.

https://usdx.eu/format describes version 1 of the format.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import KW_ONLY, dataclass, replace

from lyricsrec.base.settings import Positive, Settings, Share
from lyricsrec.formats.melody.golden import golden_notes
from lyricsrec.formats.melody.parts import Part, parts_of
from lyricsrec.formats.melody.sung import Sung, sung_lines
from lyricsrec.lyrics.languages import language_name
from lyricsrec.lyrics.music.notes import HELD, Note
from lyricsrec.lyrics.transcript import Transcript

_FINE_BPM = 400.0
_LEAST_BPM = 300.0
_MIDDLE_C = 60
_LONGEST_BREAK_S = 2.0


@dataclass(frozen=True)
class UltraStarConfig(Settings):
    """What is written into an UltraStar file beside the notes.

    `audio` and `video` are the names of its files, `audio` by default that of the song; so are `instrumental`, `vocals`
    and `cover`, of which the first two need version 1.1 of the format. `bpm` is the tempo, by default that of the
    song's beats; a multiple of it from 300 to 600 is written, so that a beat is 25 to 50 ms, else 400. `golden` is the
    most of the sung time that is golden notes.
    """

    audio: str | None = None
    video: str | None = None
    _: KW_ONLY
    bpm: Positive | None = None
    instrumental: str | None = None
    vocals: str | None = None
    cover: str | None = None
    golden: Share = 0.0

    @property
    def grid_bpm(self) -> float:
        """The BPM tag: a quarter of the beats in a minute."""
        if self.bpm is None:
            return _FINE_BPM
        bpm = self.bpm
        while bpm < _LEAST_BPM:
            bpm *= 2
        while bpm >= 2 * _LEAST_BPM:
            bpm /= 2
        return round(bpm, 2)


@dataclass
class _Placed:
    """A note on the grid; `word` is None where there are no words."""

    start: int
    end: int
    text: str
    _: KW_ONLY
    pitch: int
    kind: str = ":"
    word: int | None = None
    starts_line: bool = False


def write_ultrastar(transcript: Transcript, config: UltraStarConfig | None = None) -> str:
    """The text of an UltraStar file of version 1: no notes overlap, and every syllable has a text.

    Words without a pitch become freestyle notes. A song of several singers has the lines of each, those of all again
    for each: a voice for all (P3) is read by few programs.
    """
    config = config or UltraStarConfig()
    if config.bpm is None and transcript.beats is not None:
        config = replace(config, bpm=transcript.beats.bpm)
    lines = sung_lines(transcript)
    first_s = min((line.notes[0].start_s for line in lines), default=0.0)
    parts = parts_of(lines)
    golden = golden_notes(lines, config.golden)
    rows = list(_tags(transcript, config, gap_ms=round(1000 * first_s)))
    rows += [f"#P{number}:{_tag(part.name)}" for number, part in enumerate(parts, 1)]
    for number, part in enumerate(parts or [Part("", tuple(lines))], 1):
        rows += [f"P{number}"] if parts else []
        placed = _on_grid(part.lines, round(1000 * first_s) / 1000, 60 / (4 * config.grid_bpm), golden=golden)
        rows += _voice_rows(placed, round(_LONGEST_BREAK_S * 4 * config.grid_bpm / 60))
    return "\n".join([*rows, "E", ""])


def _tags(transcript: Transcript, config: UltraStarConfig, *, gap_ms: int) -> Iterator[str]:
    tags = transcript.tags
    language = language_name(transcript.provenance.language)
    has_stems = config.instrumental is not None or config.vocals is not None
    yield f"#VERSION:{'1.1.0' if has_stems else '1.0.0'}"
    yield f"#TITLE:{_tag(tags.title or transcript.song) or 'Unknown'}"
    yield f"#ARTIST:{_tag(tags.artist or '') or 'Unknown'}"
    if language is not None:
        yield f"#LANGUAGE:{_tag(language).title()}"
    audio = config.audio or transcript.song
    files = {"MP3": audio, "AUDIO": audio if has_stems else None, "INSTRUMENTAL": config.instrumental}
    files |= {"VOCALS": config.vocals, "COVER": config.cover, "VIDEO": config.video}
    yield from (f"#{name}:{_tag(file)}" for name, file in files.items() if file is not None)
    yield f"#BPM:{config.grid_bpm:g}"
    yield f"#GAP:{gap_ms}"


def _tag(text: str) -> str:
    return " ".join(text.split())


def _voice_rows(placed: Sequence[_Placed], longest_break: int) -> Iterator[str]:
    """The rows of one voice: its notes, and breaks between lines, of which the longest are that many beats ahead."""
    for before, note in zip([None, *placed], placed, strict=False):
        if before is not None and note.starts_line:
            pause = note.start - before.end
            yield f"- {note.start - min(pause // 2, longest_break)}"
        is_new = before is not None and not note.starts_line and note.word != before.word
        text = f"{' ' if is_new else ''}{note.text}"
        yield f"{note.kind} {note.start} {note.end - note.start} {note.pitch - _MIDDLE_C} {text}"


def _on_grid(lines: Sequence[Sung], gap_s: float, beat_s: float, *, golden: Set[Note]) -> list[_Placed]:
    """Notes at whole beats, each at least one long and after the one before."""
    ordered: list[_Placed] = []
    for line in lines:
        for number, note in enumerate(line.notes):
            kind = "F" if note.hertz <= 0 else "*" if note in golden else ":"
            placed = replace(_placed(note, gap_s, beat_s), kind=kind)
            before = ordered[-1] if ordered else None
            if before is not None and placed.start < before.end:
                if placed.start > before.start:
                    before.end = placed.start
                elif note.is_held:
                    continue
                else:
                    placed.start = before.end
                    placed.end = max(placed.end, placed.start + 1)
            ordered.append(replace(placed, starts_line=number == 0))
    return ordered


def _placed(note: Note, gap_s: float, beat_s: float) -> _Placed:
    start = max(round((note.start_s - gap_s) / beat_s), 0)
    end = max(round((note.end_s - gap_s) / beat_s), start + 1)
    text = "".join(note.text.split()) or HELD
    return _Placed(start, end, text, pitch=note.pitch, word=note.word)
