"""Texts to score, references or hypotheses, and collections of them under names."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from pathlib import Path

from lyricsrec.base.errors import NoLyricsError
from lyricsrec.base.reading.json_text import is_finite, load_object
from lyricsrec.decoding.pronunciation import Lexicon
from lyricsrec.formats.base import Label
from lyricsrec.formats.encoding.text_encoding import decode
from lyricsrec.formats.json.transcript import read_transcript
from lyricsrec.formats.read import read_lyrics
from lyricsrec.formats.sheet.sheet import read_sheet
from lyricsrec.lyrics.music.sections import Section
from lyricsrec.lyrics.transcript import Line, Transcript, Word
from lyricsrec.scoring.texts.sound import Sound


@dataclass(frozen=True)
class ScoredText:
    """A reference or hypothesis: lines in sections, with times where known.

    `language` is an English name in lower case or a code, None if unknown. `title` is for messages and reports.
    `labels` are the rows of a label file, including silences.
    """

    sections: tuple[tuple[Line, ...], ...] = ()
    title: str = ""
    language: str | None = None
    _: KW_ONLY
    duration_s: float | None = None
    labels: tuple[Label, ...] = ()

    @property
    def lines(self) -> tuple[Line, ...]:
        """All lines, in the order of the rows of `text` that are not blank."""
        return tuple(line for section in self.sections for line in section)

    @property
    def text(self) -> str:
        """One row for each line, and a blank row between sections."""
        return "\n\n".join("\n".join(" ".join(line.text.split()) for line in section) for section in self.sections)


def scored_text(
    sections: Iterable[Iterable[Line]], title: str = "", language: str | None = None, *, duration_s: float | None = None
) -> ScoredText:
    """A text of those lines that contain a letter or digit; sections without such a line are left out."""
    kept = (tuple(line for line in section if any(c.isalnum() for c in line.text)) for section in sections)
    return ScoredText(tuple(section for section in kept if section), title, language, duration_s=duration_s)


def transcript_text(transcript: Transcript, title: str = "") -> ScoredText:
    """The text of a transcript."""
    known = transcript.provenance.language
    parts = _parts(transcript.lines, transcript.sections)
    return scored_text(parts, title or transcript.song, known, duration_s=transcript.duration_s)


def _parts(lines: Sequence[Line], sections: Sequence[Section]) -> list[list[Line]]:
    """The sung lines of each section; those of all in one where not every line is in a section."""
    numbers = [number for section in sections for number in section.lines]
    if numbers != list(range(len(lines))):
        return [[line for line in lines if line.is_sung]]
    return [[lines[number] for number in section.lines if lines[number].is_sung] for section in sections]


def pronounced(text: ScoredText, lexicon: Lexicon) -> ScoredText:
    """A text in phonemes, one word each and without times of its own; words that the lexicon lacks stay as they are."""

    def phonemes(line: Line) -> tuple[Word, ...]:
        parts = ((word.text, lexicon.phonemes(word.text)) for word in line.words)
        spelled = (part for written, found in parts for part in (found or [written]))
        return tuple(Word(part, None, None) for part in spelled)

    sections = ([replace(line, words=phonemes(line)) for line in section] for section in text.sections)
    return replace(text, sections=tuple(map(tuple, sections)), labels=())


def read_scored_text(path: Path, title: str = "") -> ScoredText:
    """The text of a file that `read_lyrics` reads; empty for a file without lyrics.

    In plain text, blank rows and headings end a section; JSON of lyricsrec lists them. Raises DataError when the
    file cannot be read.
    """
    try:
        lyrics = read_lyrics(path)
    except NoLyricsError:
        return ScoredText(title=title)
    if lyrics.format.name == "txt":
        return scored_text(read_sheet(decode(lyrics.data)[0].lstrip("\ufeff")).sections, title, lyrics.language)
    is_json = lyrics.format.name == "json"
    duration_s = _duration_s(lyrics.data) if is_json else None
    # Lines that were put in another order have other numbers.
    sections = _sections(lyrics.data) if is_json and not lyrics.numbers else ()
    found = scored_text(_parts(lyrics.lines, sections), title, lyrics.language, duration_s=duration_s)
    return replace(found, labels=lyrics.labels)


def _sections(transcript: bytes) -> tuple[Section, ...]:
    """The sections of a transcript in JSON."""
    return read_transcript(decode(transcript)[0].lstrip("\ufeff")).sections


def _duration_s(transcript: bytes) -> float | None:
    """The duration in a transcript in JSON; None if it is missing or not positive."""
    given = load_object(decode(transcript)[0].lstrip("\ufeff")).get("duration_s")
    return float(given) if is_finite(given) and given > 0 else None


FOLDER = "folder"
"""The naming by folders with one song each, which may have several files."""


@dataclass(frozen=True)
class Entry:
    """A text that can be read. `names` are its possible names, by naming ("id", "title", "path", ...).

    Of several texts for one song, the lowest `rank` counts. `song_id` is the song whose text it is, or of whose text it
    is the part from `start_s`. `sound` is its audio, if a manifest names it.
    """

    names: dict[str, str]
    read: Callable[[], ScoredText]
    rank: int = 0
    _: KW_ONLY
    song_id: str | None = None
    start_s: float = 0.0
    sound: Sound | None = None

    @property
    def name(self) -> str:
        """Its first name."""
        return next(iter(self.names.values()))

    @property
    def is_part(self) -> bool:
        """Whether it is only a part of a song."""
        return self.sound is not None and self.sound.chunk is not None


@dataclass(frozen=True)
class Texts:
    """The texts at a path; `is_file` for a single file of lyrics, which is one text."""

    name: str
    entries: tuple[Entry, ...]
    is_file: bool = False

    def called(self, naming: str) -> dict[str, Entry]:
        """The texts by name in one naming, without names shared by different texts.

        Of several files for one song, the one with the most information counts.
        """
        named: dict[str, list[Entry]] = {}
        for entry in self.entries:
            if naming in entry.names:
                named.setdefault(entry.names[naming], []).append(entry)
        chosen = ((name, _only_text(entries, naming == FOLDER)) for name, entries in named.items())
        return {name: entry for name, entry in chosen if entry is not None}

    @property
    def namings(self) -> tuple[str, ...]:
        """The namings of its texts, in order of preference."""
        return tuple(dict.fromkeys(naming for entry in self.entries for naming in entry.names))


def name_key(name: str) -> str:
    """A name in composed Unicode, for comparison: file systems store accents differently."""
    return unicodedata.normalize("NFC", name)


def _only_text(entries: Sequence[Entry], in_one_folder: bool) -> Entry | None:
    best = min(entries, key=lambda entry: entry.rank)
    rivals = [entry for entry in entries if entry.rank == best.rank or not in_one_folder]
    return best if all(entry.name == best.name for entry in rivals) else None
