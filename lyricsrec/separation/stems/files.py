"""The files of stems: their names and formats, and a writer that appends block by block."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from lyricsrec.audio.audio import Audio
from lyricsrec.base.errors import OutputError
from lyricsrec.base.output import beside, display_name, publish
from lyricsrec.separation.base import STEMS, StemName, Stems
from lyricsrec.separation.settings import StemFormat
from lyricsrec.separation.stems.levels import Levels


@dataclass(frozen=True)
class _Encoding:
    """How libsndfile writes a format."""

    format: str
    subtype: str
    _: KW_ONLY
    options: tuple[tuple[str, Any], ...] = ()
    max_frames: float = math.inf


_ENCODINGS: dict[StemFormat, _Encoding] = {
    "flac": _Encoding("FLAC", "PCM_24"),
    # Sizes in a WAV file have 32 bits: 4.5 hours of stereo at 44.1 kHz.
    "wav": _Encoding("WAV", "PCM_24", max_frames=((1 << 32) - (1 << 12)) / 6),
    # LAME's best quality of a variable bit rate, about 245 kbit/s for music.
    "mp3": _Encoding("MP3", "MPEG_LAYER_III", options=(("bitrate_mode", "VARIABLE"), ("compression_level", 0.0))),
}
"""Every format: one more is one row here and one name in `StemFormat`."""

_HINT = "Is the disk full?"
_CHECKED_FRAMES = 1000


def stem_file(base: Path, stem: StemName, form: StemFormat = "flac") -> Path:
    """`BASE.vocals.flac` or `BASE.instrumental.flac`."""
    return base.with_name(f"{base.name}.{stem}.{form}")


def is_stem_file(path: Path) -> bool:
    """Whether a file has the name of a stem that was written before."""
    return any(path.name.endswith(f".{stem}.{form}") for stem in STEMS for form in _ENCODINGS)


@dataclass(frozen=True)
class StemFiles:
    """The stems that were written, and why others were not, by name."""

    paths: Mapping[StemName, Path] = field(default_factory=dict)
    missing: Mapping[StemName, str] = field(default_factory=dict)


class StemWriter:
    """Writes the stems of a song as `BASE.vocals.flac` and `BASE.instrumental.flac`, which appear once complete.

    A stem that is silent or nearly the song itself is left out, unless `keeps_all`. A context manager; an error inside
    leaves no files behind.
    """

    def __init__(self, base: Path, form: StemFormat = "flac", *, keeps_all: bool = False) -> None:
        self._paths = {stem: stem_file(base, stem, form) for stem in STEMS}
        self._encoding, self._keeps_all = _ENCODINGS[form], keeps_all
        self._stack = contextlib.ExitStack()
        self._temporary: dict[StemName, Path] = {}
        self._files: dict[StemName, Any] = {}
        self._levels = Levels()
        self.found = StemFiles()
        """What `finish` has written."""

    def __enter__(self) -> StemWriter:
        self._temporary = {stem: self._stack.enter_context(beside(path)) for stem, path in self._paths.items()}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for file in self._files.values():
            with contextlib.suppress(RuntimeError):
                file.close()
        self._stack.__exit__(kind, error, trace)

    def write(self, stems: Stems) -> None:
        """Append a block. Raises OutputError when it cannot be written, such as on a full disk."""
        self._levels.add(stems)
        for stem, part in zip(STEMS, (stems.vocals, stems.instrumental), strict=True):
            with self._reported(stem):
                if stem not in self._files:
                    self._files[stem] = self._create(self._temporary[stem], part)
                file = self._files[stem]
                if file.frames + part.num_samples > self._encoding.max_frames:
                    raise OutputError(
                        f"cannot write {display_name(self._paths[stem])} (a WAV file holds at most 4 GiB)",
                        "Choose another format, such as FLAC.",
                    )
                file.write(np.clip(part.samples.T, -1, 1))

    def finish(self) -> StemFiles:
        """Give the stems that are worth keeping their names. Raises OutputError as `write` does."""
        missing = {} if self._keeps_all else self._levels.missing()
        written = []
        for stem, file in self._files.items():
            if stem in missing:
                continue
            with self._reported(stem):
                num_frames = file.frames
                file.close()
                _check_complete(self._temporary[stem], num_frames)
                written.append(stem)
        for stem in written:
            with self._reported(stem):
                publish(self._temporary[stem], self._paths[stem])
        self.found = StemFiles({stem: self._paths[stem] for stem in written}, missing)
        return self.found

    def _create(self, path: Path, part: Audio) -> Any:
        import soundfile

        form = self._encoding
        return soundfile.SoundFile(
            path, "w", part.sample_rate, len(part.samples), form.subtype, format=form.format, **dict(form.options)
        )

    @contextlib.contextmanager
    def _reported(self, stem: StemName) -> Iterator[None]:
        try:
            yield
        # soundfile asserts that everything was written; errors of libsndfile are RuntimeErrors.
        except (RuntimeError, AssertionError, OSError) as error:
            raise OutputError(f"cannot write {display_name(self._paths[stem])} ({_reason(error)})", _HINT) from None


def _check_complete(path: Path, num_frames: int) -> None:
    """Raise RuntimeError unless the file ends where it should: closing a file reports no error."""
    import soundfile

    with contextlib.suppress(RuntimeError), soundfile.SoundFile(path) as file:
        if file.frames == num_frames:
            file.seek(max(num_frames - _CHECKED_FRAMES, 0))
            if len(file.read()) == min(num_frames, _CHECKED_FRAMES):
                return
    raise RuntimeError("its end is missing")


def _reason(error: Exception) -> str:
    return str(error).rstrip(".") or "not all samples were written"
