"""What a file says about its length, and whether all of that is there: so files that are cut short are found.

Only what healthy files state exactly counts. Many formats state nothing, and ffmpeg then guesses from the bit rate or
takes the length of the picture.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from typing import Any, BinaryIO

_EXACT = frozenset({"aiff", "au", "flac", "ape", "wv", "tta", "mpc", "mpc8"})
_PACKET_BYTES = 188
_PLACEHOLDER_BYTES = 0x7FFF0000
_TOLERANCE, _TOLERANCE_S = 0.02, 1.0
_HEAD = 1 << 16
_ASF_FILE_PROPERTIES = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")
_UNKNOWN = 0xFFFFFFFF


@dataclass(frozen=True)
class Promise:
    """The length in seconds that the header of a file states, if it does; whether data is missing at its end."""

    length_s: float | None = None
    is_cut: bool = False

    @classmethod
    def of(cls, file: BinaryIO, container: Any, stream: Any) -> Promise:
        """What a file promises that PyAV opened; the file is left at any position."""
        form = container.format.name.split(",")[0]
        check = _CUTS.get(form)
        return cls(_stated_s(file, form, stream), check is not None and check(file, _size(file), stream))

    def is_broken_by(self, length_s: float) -> bool:
        """Whether the sound that is there is so short that some of it must be missing."""
        return self.is_cut or (self.length_s is not None and length_s < (1 - _TOLERANCE) * self.length_s - _TOLERANCE_S)


def _stated_s(file: BinaryIO, form: str, stream: Any) -> float | None:
    if form == "mp3":
        return _mp3_s(file)
    bytes_per_s = (stream.codec_context.bit_rate or 0) / 8
    if form in _CHUNKED:
        num_bytes = _chunk_bytes(file, *_CHUNKED[form])
        length_s = num_bytes / bytes_per_s if bytes_per_s else 0.0
    elif form not in _EXACT:
        return None
    else:
        length_s = float((stream.duration or 0) * stream.time_base)
    # Programs that write to a pipe cannot know the size, and state none, or the largest there is.
    is_placeholder = length_s * bytes_per_s >= _PLACEHOLDER_BYTES > _size(file)
    return None if is_placeholder or not length_s else length_s


def _chunk_bytes(file: BinaryIO, start: int, chunk: str, wanted: bytes) -> int:
    """The stated size of the chunk of data in a file of chunks, whose headers are a name and a size."""
    of_64_bits = 0
    while True:
        file.seek(start)
        header = file.read(struct.calcsize(chunk))
        if len(header) < struct.calcsize(chunk):
            return 0
        name, size = struct.unpack(chunk, header)
        if name == wanted:
            return of_64_bits if size == _UNKNOWN and of_64_bits else max(size, 0)
        if name == b"ds64":
            of_64_bits = int.from_bytes(file.read(16)[8:], "little")
        # In Wave64 the size includes the header, and chunks begin at multiples of 8.
        start += (size + 7) // 8 * 8 if len(name) == 16 else len(header) + size + (size & 1 if chunk[0] == "<" else 0)
        if size <= 0:
            return 0


def _mp3_s(file: BinaryIO) -> float | None:
    """The length that a Xing, Info or VBRI header counts (https://www.codeproject.com/Articles/8295)."""
    head = _head_behind_id3(file)
    for tag, offsets in ((b"Xing", (36, 21, 13)), (b"Info", (36, 21, 13)), (b"VBRI", (36,))):
        found = head.find(tag)
        for offset in offsets:
            start = found - offset
            if found >= 0 and start >= 0 and head[start] == 0xFF and head[start + 1] >= 0xE0:
                return _counted_s(head[start : start + 4], head[found : found + 32])
    return None


def _counted_s(header: bytes, tag: bytes) -> float | None:
    """The frames that a tag counts, in seconds by the header of the frame that it lies in."""
    version, rate = (header[1] >> 3) & 3, (header[2] >> 2) & 3
    if rate == 3 or version == 1 or len(tag) < 32:
        return None
    hz = (44_100, 48_000, 32_000)[rate] >> {3: 0, 2: 1, 0: 2}[version]
    is_vbri = tag.startswith(b"VBRI")
    if not is_vbri and not tag[7] & 1:
        return None
    (num_frames,) = struct.unpack_from(">I", tag, 14 if is_vbri else 8)
    return float(num_frames * (1152 if version == 3 else 576) / hz) or None


def _head_behind_id3(file: BinaryIO) -> bytes:
    position = 0
    while True:
        file.seek(position)
        head = file.read(10)
        if len(head) < 10 or not head.startswith(b"ID3"):
            file.seek(position)
            return file.read(_HEAD)
        position += 10 + sum((byte & 127) << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True))


def _is_mp4_cut(_file: BinaryIO, size: int, stream: Any) -> bool:
    return any(entry.pos + entry.size > size for entry in stream.index_entries)


def _is_matroska_cut(file: BinaryIO, size: int, _stream: Any) -> bool:
    """Whether the segment, which holds everything, ends behind the end of the file (RFC 8794)."""
    file.seek(0)
    head = file.read(_HEAD)
    found = head.find(b"\x18\x53\x80\x67") + 4
    if found < 4 or found >= len(head) or not head[found]:
        return False
    length = 9 - head[found].bit_length()
    stated = int.from_bytes(head[found : found + length], "big") & ((1 << 7 * length) - 1)
    is_unknown = stated == (1 << 7 * length) - 1
    return not is_unknown and found + length + stated > size


def _is_ogg_cut(file: BinaryIO, size: int, _stream: Any) -> bool:
    """Whether the last page is longer than what is there of it (RFC 3533)."""
    start = max(size - _HEAD - 512, 0)
    file.seek(start)
    tail = file.read()
    page = tail.rfind(b"OggS\0")
    if page < 0:
        return False
    header = tail[page : page + 27]
    if len(header) < 27 or page + 27 + header[26] > len(tail):
        return True
    return page + 27 + header[26] + sum(tail[page + 27 : page + 27 + header[26]]) > len(tail)


def _is_avi_cut(file: BinaryIO, size: int, _stream: Any) -> bool:
    file.seek(0)
    head = file.read(8)
    stated = int.from_bytes(head[4:8], "little")
    return head.startswith(b"RIFF") and size < stated < _PLACEHOLDER_BYTES


def _is_asf_cut(file: BinaryIO, size: int, _stream: Any) -> bool:
    """Whether the size in the file properties is larger; a broadcast states none."""
    file.seek(0)
    head = file.read(_HEAD)
    found = head.find(_ASF_FILE_PROPERTIES)
    if found < 0 or len(head) < found + 92:
        return False
    stated, flags = struct.unpack_from("<40xQ40xI", head, found)
    return not flags & 1 and size < stated


def _is_transport_cut(file: BinaryIO, size: int, _stream: Any) -> bool:
    """Whether the last packet is incomplete."""
    file.seek(0)
    head = file.read(2 * _PACKET_BYTES + 1)
    return head[::_PACKET_BYTES] == b"GGG" and size % _PACKET_BYTES != 0


def _size(file: BinaryIO) -> int:
    return file.seek(0, os.SEEK_END)


_CHUNKED = {
    "wav": (12, "<4sI", b"data"),
    "w64": (40, "<16sq", bytes.fromhex("64617461f3acd3118cd100c04f8edb8a")),
    "caf": (8, ">4sq", b"data"),
}
"""Where the first chunk begins, its header, and the name of the chunk that holds the sound."""

_CUTS = {
    "mov": _is_mp4_cut,
    "matroska": _is_matroska_cut,
    "ogg": _is_ogg_cut,
    "avi": _is_avi_cut,
    "asf": _is_asf_cut,
    "mpegts": _is_transport_cut,
}
"""How a format shows that data is missing at its end, by ffmpeg's name."""
