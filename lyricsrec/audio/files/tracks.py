"""The sound tracks of a file, and the choice of one by number or language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any

from lyricsrec.base.errors import AudioError
from lyricsrec.lyrics.languages import language_name


@dataclass(frozen=True)
class Track:
    """A sound track: its number in the file, from 1; `language` and `title` as the file gives them, or None."""

    number: int
    language: str | None = None
    title: str | None = None
    _: KW_ONLY
    is_default: bool = False

    def __str__(self) -> str:
        details = [part for part in (self.language, f"'{self.title}'" if self.title else None) if part]
        return f"{self.number} ({', '.join(details)})" if details else str(self.number)


def tracks_of(streams: Sequence[Any]) -> tuple[Track, ...]:
    """The tracks of PyAV's audio streams, in order."""
    return tuple(
        Track(
            number,
            _tag(stream, "language"),
            _tag(stream, "title") or _tag(stream, "handler_name"),
            is_default=bool(stream.disposition & type(stream.disposition).default),
        )
        for number, stream in enumerate(streams, 1)
    )


def choose(tracks: Sequence[Track], wanted: int | str | None) -> Track:
    """The track with a number or language (code or English name); by default the default track, else the first.

    Raises AudioError when there is none.
    """
    if wanted is None:
        return next((track for track in tracks if track.is_default), tracks[0])
    text = str(wanted).strip()
    for track in tracks:
        fits = track.number == int(text) if text.isdecimal() else _same_language(track.language, text)
        if fits:
            return track
    one = "its only sound track is" if len(tracks) == 1 else "its sound tracks are"
    raise AudioError(f"no sound track '{text}'; {one} {listed(tracks)}", "Give a number or a language of these.")


def listed(tracks: Sequence[Track]) -> str:
    """All tracks in a few words."""
    return ", ".join(map(str, tracks))


def _same_language(given: str | None, wanted: str) -> bool:
    names = [language_name((label or "").partition("-")[0]) for label in (given, wanted)]
    return names[0] is not None and names[0] == names[1]


def _tag(stream: Any, name: str) -> str | None:
    text = " ".join(str(stream.metadata.get(name) or "").split())
    # What muxers write where the author gave nothing.
    return None if text.lower() in ("", "und", "soundhandler", "sound media handler") else text
