"""The sound of a chunk in a shard: FLAC, 16 bits, 44.1 kHz, and its checksum."""

from __future__ import annotations

import io
import zlib
from pathlib import Path

import numpy as np

from lyricsrec.audio.audio import Audio
from lyricsrec.audio.media import SAMPLE_RATE
from lyricsrec.base.errors import AudioError
from lyricsrec.base.reading.input_files import read_input
from lyricsrec.dataset.chunk_audio import encode_flac, read_chunk
from lyricsrec.dataset.manifest import ChunkRow
from lyricsrec.dataset.sound_folders import sound_path

_MOST_BYTES = 1 << 28
_TOLERANCE_S = 0.001


def chunk_as_flac(row: ChunkRow, folder: Path) -> bytes:
    """The sound of a chunk of a manifest in `folder`; a FLAC file that is just this chunk stays as it is.

    Raises AudioError if the file is missing, damaged, or too short.
    """
    return _own_file(row, folder) or encode_flac(read_chunk(row, folder))


def _own_file(row: ChunkRow, folder: Path) -> bytes | None:
    """The bytes of a file that `--extract` wrote for this chunk; None for any other."""
    import soundfile

    if row.start_s or row.mute or not row.audio.endswith(".flac"):
        return None
    try:
        data = read_input(sound_path(folder, row.audio), _MOST_BYTES)
        info = soundfile.info(io.BytesIO(data))
    except (OSError, soundfile.LibsndfileError):
        return None
    is_same = (info.samplerate, info.channels, info.subtype) == (SAMPLE_RATE, 2, "PCM_16")
    return data if is_same and abs(info.duration - row.end_s) < _TOLERANCE_S else None


def decoded(data: bytes | Exception, crc32: int, size: int) -> Audio:
    """The sound of a chunk from its bytes in a shard. Raises AudioError for other bytes than were written."""
    import soundfile

    if isinstance(data, Exception):
        raise AudioError(str(data)) from None
    if len(data) != size or zlib.crc32(data) != crc32:
        raise AudioError("truncated" if len(data) < size else "its checksum is another")
    try:
        samples, rate = soundfile.read(io.BytesIO(data), dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as error:
        raise AudioError(f"not FLAC ({error})") from None
    return Audio(np.ascontiguousarray(samples.T), rate)
