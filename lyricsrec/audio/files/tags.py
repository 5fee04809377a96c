"""The tags of a file: title, artist and album of the song."""

from __future__ import annotations

from collections.abc import Mapping

from lyricsrec.lyrics.transcript import Tags

_NAMES = {"title": ("title",), "artist": ("artist", "author", "album_artist"), "album": ("album",)}
_LONGEST = 300


def tags_of(container: Mapping[str, str], stream: Mapping[str, str]) -> Tags:
    """Tags as ffmpeg names them in every format: those of the file, else those of the sound track, as Ogg has them."""
    found = {name.lower(): text for tags in (stream, container) for name, text in tags.items() if _clean(text)}
    return Tags(
        **{tag: next((_clean(found[name]) for name in names if name in found), None) for tag, names in _NAMES.items()}
    )


def _clean(text: str) -> str:
    """One printable line of a readable length."""
    printable = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(printable.split())[:_LONGEST]
