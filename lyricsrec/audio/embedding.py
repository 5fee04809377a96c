"""Lyrics in the tags of sound files, where players look for them.

MP3, WAV and AIFF: ID3 frames SYLT (lines with times) and USLT (text). FLAC, Ogg Vorbis and Opus: the comment LYRICS;
MP4: `©lyr`; WMA and APE: their fields; these hold LRC text. A copy of the file gets the tags and replaces the file at
once if its sound is unchanged.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import Any

from lyricsrec.audio.files.source import packet_digest
from lyricsrec.base.clock import clock
from lyricsrec.base.errors import OutputError
from lyricsrec.base.output import check_writable, display_name, replacing

_MILLISECONDS, _LYRICS = 2, 1
_UTF_16, _UTF_8 = 1, 3
_UNKNOWN = ("XXX", "und", "\0\0\0")
_FIELDS = ("LYRICS", "SYNCEDLYRICS", "UNSYNCEDLYRICS", "\xa9lyr", "WM/Lyrics", "Lyrics")


@dataclass(frozen=True)
class TagLyrics:
    """Lyrics for tags: plain text, the same as LRC, and (milliseconds, text) of each line.

    `language` is an ISO 639-2 code of three letters, XXX if unknown.
    """

    text: str
    lrc: str
    lines: tuple[tuple[int, str], ...]
    _: KW_ONLY
    language: str = "XXX"


_Write = Callable[[Any, Path, TagLyrics], None]


def check_can_embed(path: Path) -> None:
    """Raise OutputError, before any work, if lyrics cannot be written into a file: its format, or its permissions."""
    name = display_name(path)
    _kind_of(path)
    target = path.resolve()
    if not os.access(target, os.W_OK) or not stat.S_IMODE(target.stat().st_mode) & 0o222:
        raise OutputError(f"{name}: the file is read-only", "Make it writable, or leave out --embed.")
    try:
        check_writable(target.parent)
    except OutputError as error:
        raise OutputError(str(error), "--embed replaces the file by a copy: make its folder writable.") from None


def embed(path: Path, lyrics: TagLyrics) -> None:
    """Write lyrics into the tags of a file, in place of lyrics that it has; everything else in it is kept.

    Raises OutputError if it cannot be done; the file is unchanged then.
    """
    import mutagen

    check_can_embed(path)
    kind, write = _kind_of(path)
    target = path.resolve()
    before = target.stat()
    with replacing(target) as temporary:
        shutil.copy2(target, temporary)
        try:
            write(kind, temporary, lyrics)
        except mutagen.MutagenError as error:
            raise OutputError(f"{display_name(path)}: its tags cannot be written ({error})") from None
        with target.open("rb") as old, temporary.open("rb") as new:
            if packet_digest(old) != packet_digest(new):
                raise OutputError(f"{display_name(path)}: its tags cannot be written without changing its sound")
        _keep_owner(temporary, before)


def embedded_lyrics(path: Path) -> str | None:
    """The lyrics in the tags of a file, None if there are none; LRC where the tags give times."""
    import mutagen

    try:
        tags = getattr(mutagen.File(path), "tags", None)
    except (mutagen.MutagenError, OSError):
        return None
    if tags is None:
        return None
    if isinstance(tags, mutagen.id3.ID3):
        return _id3_lyrics(tags)
    found = next((tags[name] for name in _FIELDS if _has(tags, name)), None)
    return None if found is None else str(found[0] if isinstance(found, list) else found)


def _has(tags: Any, name: str) -> bool:
    try:
        return name in tags
    except ValueError:
        # Vorbis comments have ASCII names.
        return False


def _id3_lyrics(tags: Any) -> str | None:
    timed = [frame for frame in tags.getall("SYLT") if frame.type == _LYRICS and frame.format == _MILLISECONDS]
    if timed:
        rows = [f"[{clock(ms / 1000, 3, minute_digits=2)}]{' '.join(text.split())}" for text, ms in timed[0].text]
        return "\n".join(rows) + "\n"
    return next((frame.text for frame in tags.getall("USLT") if frame.text.strip()), None)


def _kind_of(path: Path) -> tuple[Any, _Write]:
    """The class of mutagen for a file, and how to write into its tags."""
    import mutagen

    name = display_name(path)
    try:
        file = mutagen.File(path)
    except (mutagen.MutagenError, OSError):
        file = None
    for kinds, write in _carriers():
        if isinstance(file, kinds):
            return type(file), write
    raise OutputError(
        f"{name}: no tags for lyrics in files of this kind, or they are damaged",
        "MP3, WAV, AIFF, FLAC, Ogg, Opus, MP4, M4A, WMA and APE files have; or write an .lrc file with --output.",
    )


def _carriers() -> tuple[tuple[tuple[type, ...], _Write], ...]:
    from mutagen import aiff, apev2, asf, dsf, flac, id3, mp4, ogg, wave

    return (
        ((id3.ID3FileType, aiff.AIFF, wave.WAVE, dsf.DSF), _write_id3),
        ((flac.FLAC, ogg.OggFileType), _writer_of("LYRICS")),
        ((mp4.MP4,), _writer_of("\xa9lyr")),
        ((asf.ASF,), _writer_of("WM/Lyrics")),
        ((apev2.APEv2File,), _writer_of("Lyrics")),
    )


def _writer_of(field: str) -> _Write:
    def write(kind: Any, path: Path, lyrics: TagLyrics) -> None:
        file = kind(path)
        if file.tags is None:
            file.add_tags()
        file[field] = lyrics.lrc if field == "Lyrics" else [lyrics.lrc]
        file.save()

    return write


def _write_id3(kind: Any, path: Path, lyrics: TagLyrics) -> None:
    from mutagen.id3 import SYLT, USLT

    file = kind(path)
    if file.tags is None:
        file.add_tags()
        version = 3
    elif file.tags.version[1] in (3, 4):
        # Frames stay as they are, in the version that they have.
        file, version = kind(path, translate=False), file.tags.version[1]
    else:
        version = 4
    tags = file.tags
    for frame in [*tags.getall("USLT"), *(frame for frame in tags.getall("SYLT") if frame.type == _LYRICS)]:
        if lyrics.language == "XXX" or frame.lang in (lyrics.language, *_UNKNOWN):
            del tags[frame.HashKey]
    encoding = _UTF_16 if version == 3 else _UTF_8
    tags.add(USLT(encoding=encoding, lang=lyrics.language, desc="", text=lyrics.text))
    if lyrics.lines:
        text = [(line, ms) for ms, line in lyrics.lines]
        tags.add(SYLT(encoding=encoding, lang=lyrics.language, format=_MILLISECONDS, type=_LYRICS, desc="", text=text))
    file.save(v2_version=version)


def _keep_owner(path: Path, before: os.stat_result) -> None:
    if hasattr(os, "chown"):
        with contextlib.suppress(OSError):
            os.chown(path, before.st_uid, before.st_gid)
    path.chmod(stat.S_IMODE(before.st_mode))
