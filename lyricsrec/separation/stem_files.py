"""Writing separated stems to files, block by block."""

from __future__ import annotations

import contextlib
from pathlib import Path
from types import TracebackType

import numpy as np

from lyricsrec.audio.audio import Audio
from lyricsrec.base.errors import OutputError
from lyricsrec.base.output import replacing
from lyricsrec.separation.base import Stems

SUFFIXES = (".vocals.flac", ".accompaniment.flac")


class StemWriter:
    """Writes `BASE.vocals.flac` and `BASE.accompaniment.flac` (24 bit), which appear once they are complete.

    A context manager; an error inside leaves no files behind.
    """

    def __init__(self, base: Path) -> None:
        self._paths = [base.with_name(base.name + suffix) for suffix in SUFFIXES]
        self._stack = contextlib.ExitStack()
        self._temporary: list[Path] = []
        self._files: list[object] = []

    def __enter__(self) -> StemWriter:
        self._temporary = [self._stack.enter_context(replacing(path)) for path in self._paths]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def write(self, stems: Stems) -> None:
        """Append a block. Raises OutputError when it cannot be written, such as on a full disk."""
        import soundfile

        try:
            for i, part in enumerate((stems.vocals, stems.accompaniment)):
                if len(self._files) <= i:
                    self._files.append(self._stack.enter_context(_create(self._temporary[i], part)))
                self._files[i].write(np.clip(part.samples.T, -1, 1))  # type: ignore[attr-defined]
        except soundfile.LibsndfileError as error:
            raise OutputError(f"cannot write the stems {self._paths[0]} ({error})") from None


def _create(path: Path, part: Audio) -> contextlib.AbstractContextManager[object]:
    import soundfile

    file: contextlib.AbstractContextManager[object] = soundfile.SoundFile(
        path, "w", part.sample_rate, part.samples.shape[0], "PCM_24", format="FLAC"
    )
    return file
