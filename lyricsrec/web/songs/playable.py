"""FLAC copies of songs in formats that browsers cannot play, such as AIFF and ALAC, or play with other times.

Browsers guess places in MP3 files of variable bit rate without a Xing header, and differ in what they make of several
tracks, late beginnings and holes.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from lyricsrec.audio.media import SAMPLE_RATE, Song, open_path
from lyricsrec.base.errors import AudioError, OutputError
from lyricsrec.base.output import replacing

_BLOCK_S = 30.0
# Playlists and similar containers name other files, which are never opened.
_NO_PROTOCOLS = {"protocol_whitelist": ""}
_MP4 = frozenset({"aac", "mp3", "mp3float", "opus", "flac"})
_CODECS = {
    ".flac": frozenset({"flac"}),
    ".ogg": frozenset({"vorbis", "opus", "flac"}),
    ".wav": frozenset({"pcm_u8", "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le"}),
    ".mp3": frozenset({"mp3", "mp3float"}),
    ".aac": frozenset({"aac"}),
    ".m4a": _MP4,
    ".mp4": _MP4,
    ".webm": frozenset({"vorbis", "opus"}),
}
"""Codecs that common browsers play, by the file suffix that fits the content."""


def plays_in_browsers(song: Path) -> bool:
    """Whether common browsers can play an upload, with the times of its lyrics; False also where this is unknown."""
    return _has_known_codec(song) and _has_simple_clock(song)


def _has_simple_clock(path: Path) -> bool:
    try:
        with open_path(path) as song:
            return song.has_simple_clock
    except AudioError:
        return False


def _has_known_codec(song: Path) -> bool:
    import av

    codecs = _CODECS.get(song.suffix)
    if codecs is None:
        return False
    try:
        with song.open("rb") as file, av.open(file, "r", options=_NO_PROTOCOLS) as container:
            return bool(container.streams.audio) and container.streams.audio[0].codec_context.name in codecs
    except (av.FFmpegError, OSError):
        return False


def write_playable(song: Song, path: Path) -> None:
    """Write a song as 16-bit FLAC; the file appears when it is complete. Raises AudioError and OutputError."""
    import soundfile

    try:
        with (
            replacing(path) as temporary,
            soundfile.SoundFile(temporary, "w", SAMPLE_RATE, 2, "PCM_16", format="FLAC") as file,
        ):
            for block in song.blocks(_BLOCK_S):
                file.write(np.clip(block.samples.T, -1, 1))
    except soundfile.LibsndfileError as error:
        raise OutputError(f"cannot write {path} ({error})") from None
