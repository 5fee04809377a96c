"""The audio of chunks: reading a chunk from its song, and writing it as FLAC."""

from __future__ import annotations

import io
from pathlib import Path
from typing import BinaryIO

import numpy as np

from lyricsrec.audio.audio import Audio
from lyricsrec.audio.media import open_path
from lyricsrec.base.errors import AudioError, OutputError
from lyricsrec.base.output import display_name, replacing
from lyricsrec.dataset.manifest import ChunkRow
from lyricsrec.dataset.sound_folders import sound_path

_FADE_S = 0.005
_TOLERANCE_S = 0.05


def read_chunk(row: ChunkRow, folder: Path) -> Audio:
    """The audio of a chunk of a manifest in `folder`: stereo, 44.1 kHz, with its muted parts silenced.

    Only the chunk is decoded; `start_s` of the result is the start of the chunk in the song. Raises AudioError if the
    file is missing, damaged, ends before the chunk does, or lies where no sound may (`sound_path`).
    """
    path = sound_path(folder, row.audio)
    audio = read_muted(path, row.start_s, row.end_s, mute=row.mute)
    return Audio(audio.samples, audio.sample_rate, round(row.start_s + row.offset_s, 3))


def read_muted(path: Path, start_s: float, end_s: float, *, mute: tuple[tuple[float, float], ...]) -> Audio:
    """A part of an audio file with stretches of it silenced, with fades of 5 ms; all times are seconds in the file.

    Raises AudioError if the file is missing, damaged, or too short.
    """
    with open_path(path) as song:
        audio = song.excerpt(start_s, end_s)
    if audio.duration_s < end_s - start_s - _TOLERANCE_S:
        raise AudioError(f"{display_name(path)}: ends or is damaged at {audio.end_s:.2f} s, before {end_s:.2f} s")
    if not mute:
        return audio
    times = start_s + np.arange(audio.num_samples) / audio.sample_rate
    gain = np.ones(audio.num_samples, np.float32)
    for first, last in mute:
        outside = np.maximum(first - times, times - last)
        gain = np.minimum(gain, np.clip(outside / _FADE_S, 0, 1).astype(np.float32))
    return Audio(audio.samples * gain, audio.sample_rate, audio.start_s)


def write_flac(path: Path, audio: Audio) -> None:
    """Write audio as 16-bit FLAC, atomically. Raises OutputError if it cannot be written."""
    import soundfile

    with replacing(path) as temporary:
        try:
            _write_flac(temporary, audio)
        except soundfile.LibsndfileError as error:
            raise OutputError(f"cannot write {display_name(path)} ({error})") from None


def encode_flac(audio: Audio) -> bytes:
    """Audio as a 16-bit FLAC file in memory."""
    file = io.BytesIO()
    _write_flac(file, audio)
    return file.getvalue()


def _write_flac(file: Path | BinaryIO, audio: Audio) -> None:
    import soundfile

    soundfile.write(file, np.clip(audio.samples.T, -1, 1), audio.sample_rate, subtype="PCM_16", format="FLAC")
