"""The transcript of a song: timed words in lines, and the models and settings that made it."""

from __future__ import annotations

import json
from dataclasses import KW_ONLY, asdict, dataclass, field, fields, is_dataclass
from typing import Any, ClassVar, Literal

from lyricsrec.base.reading.json_text import load_json
from lyricsrec.base.settings import adapter, problems_of
from lyricsrec.lyrics.music.harmony import Beats, Chord, Key
from lyricsrec.lyrics.music.notes import Melody
from lyricsrec.lyrics.music.sections import Section

SCHEMA = 1
"""Number of the JSON schema that `Transcript.to_json` writes."""


_FINITE: dict[str, bool] = {"allow_inf_nan": False}


@dataclass(frozen=True)
class Word:
    """One sung word. Times are seconds from the start of the song, None if unknown.

    `confidence` is between 0 and 1: of words by Whisper the probability that they are right; others it only ranks.
    """

    __pydantic_config__: ClassVar[dict[str, bool]] = _FINITE

    text: str
    start_s: float | None
    end_s: float | None
    _: KW_ONLY
    confidence: float | None = None


Band = Literal["sure", "likely", "doubtful", "unplaced"]


@dataclass(frozen=True)
class Placement:
    """How well a line of given lyrics fits the times that alignment found for it.

    `score` is between 0 and 1; `band` is its verdict; `reason` explains a doubtful or unplaced line.
    """

    __pydantic_config__: ClassVar[dict[str, bool]] = _FINITE

    score: float
    band: Band
    reason: str | None = None


Role = Literal["lead", "backing", "translation", "romanised"]


@dataclass(frozen=True)
class Line:
    """Words that are sung and shown together; `placement` is None unless given lyrics were aligned.

    `singers` are the names of those who sing it, empty if unknown; `role` is None if unknown.
    """

    words: tuple[Word, ...]
    placement: Placement | None = None
    _: KW_ONLY
    singers: tuple[str, ...] = ()
    role: Role | None = None

    @property
    def text(self) -> str:
        """The words with single spaces between them."""
        return " ".join(word.text for word in self.words)

    @property
    def is_sung(self) -> bool:
        """Whether it is sung, rather than shown beside the line before: translated, or in Latin letters."""
        return self.role not in ("translation", "romanised")

    @property
    def start_s(self) -> float | None:
        """Start of the first placed word."""
        return next((word.start_s for word in self.words if word.start_s is not None), None)

    @property
    def end_s(self) -> float | None:
        """End of the last placed word."""
        return next((word.end_s for word in reversed(self.words) if word.end_s is not None), None)


@dataclass(frozen=True)
class Provenance:
    """How a transcript was made, in enough detail to reproduce it."""

    __pydantic_config__: ClassVar[dict[str, bool]] = _FINITE

    lyricsrec: str
    separator: str
    recognizer: str
    _: KW_ONLY
    decoder: str
    preset: str | None = None
    language: str | None = None
    settings: dict[str, str | int | float | bool | None] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Tags:
    """What the tags of a sound file say about the song; None where they do not."""

    title: str | None = None
    artist: str | None = None
    album: str | None = None


@dataclass(frozen=True)
class Transcript:
    """The lyrics of one song.

    `notes` are remarks for the user, such as text that was dropped as a hallucination, with the time in seconds.
    What `_MUSIC` names is None where it was not computed or not found.
    `chords` are those that sound; `capo` is the fret of a capo with which they are fingered.
    `sections` are the parts of the song in order, empty if they were not looked for.
    """

    __pydantic_config__: ClassVar[dict[str, bool]] = _FINITE

    song: str
    duration_s: float
    lines: tuple[Line, ...]
    _: KW_ONLY
    provenance: Provenance
    notes: tuple[str, ...] = ()
    tags: Tags = Tags()
    key: Key | None = None
    beats: Beats | None = None
    chords: tuple[Chord, ...] | None = None
    capo: int | None = None
    sections: tuple[Section, ...] = ()
    melody: Melody | None = None

    @property
    def words(self) -> tuple[Word, ...]:
        """All words in order."""
        return tuple(word for line in self.lines for word in line.words)

    @property
    def text(self) -> str:
        """The lyrics, one line in each row, without a newline at the end."""
        return "\n".join(line.text for line in self.lines)

    def to_json(self, indent: int | None = 2) -> str:
        """JSON text of schema `SCHEMA`, described in docs/reference/json.md.

        Raises ValueError for a number that is not finite.
        """
        document = {
            "schema": SCHEMA,
            "song": self.song,
            **asdict(self.tags),
            "duration_s": round(self.duration_s, 3),
            "text": self.text,
            "lines": [_line_to_dict(line) for line in self.lines],
            "sections": [asdict(section) for section in self.sections],
            "notes": list(self.notes),
            "provenance": asdict(self.provenance),
            **_music_to_dict(self),
        }
        return json.dumps(document, ensure_ascii=False, indent=indent, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Transcript:
        """Read what `to_json` wrote.

        Raises ValueError if it is not such a document or has another schema.
        """
        return cls.from_document(load_json(text))

    @classmethod
    def from_document(cls, document: Any) -> Transcript:
        """Read the parsed JSON that `to_json` wrote. Raises ValueError as `from_json` does."""
        from pydantic import ValidationError

        if not isinstance(document, dict) or document.get("schema") != SCHEMA:
            raise ValueError(f"not a lyricsrec transcript of schema {SCHEMA}")
        tags = {tag.name: document.get(tag.name) for tag in fields(Tags)}
        try:
            kind: Any = cls
            transcript: Transcript = adapter(kind).validate_python({**document, "tags": tags})
        except ValidationError as error:
            raise ValueError(f"not a lyricsrec transcript: {problems_of(error)}") from None
        return transcript


_MUSIC = ("key", "beats", "chords", "capo", "melody")
"""Fields with the music around the words, absent from the JSON where they are None."""


def _music_to_dict(transcript: Transcript) -> dict[str, Any]:
    """The music that was computed, as it stands in the JSON."""
    values = {name: getattr(transcript, name) for name in _MUSIC}
    return {name: _plain(value) for name, value in values.items() if value is not None}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [asdict(each) for each in value]
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else value


def _line_to_dict(line: Line) -> dict[str, Any]:
    words = [asdict(word) for word in line.words]
    found: dict[str, Any] = {"text": line.text, "start_s": line.start_s, "end_s": line.end_s, "words": words}
    if line.placement is not None:
        found["placement"] = asdict(line.placement)
    if line.singers:
        found["singers"] = list(line.singers)
    if line.role is not None:
        found["role"] = line.role
    return found
