"""The stems of a song on their way from its blocks to its files."""

from __future__ import annotations

from types import TracebackType

from lyricsrec.audio.audio import Audio
from lyricsrec.base.progress import Report
from lyricsrec.separation.base import Separator, Stems
from lyricsrec.separation.stems.files import StemFiles, StemWriter
from lyricsrec.separation.stems.seamless import Seamless


class StemOutput:
    """Takes a song block by block and writes its stems: by a separator of its own, or those that come with the blocks.

    `report` gets the position of that separator in seconds. A context manager; an error inside leaves no files behind.
    """

    def __init__(self, writer: StemWriter, separator: Separator | None, report: Report) -> None:
        self._writer, self._report = writer, report
        self._seamless = None if separator is None else Seamless(separator)

    def __enter__(self) -> StemOutput:
        self._writer.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.__exit__(kind, error, trace)

    def add(self, block: Audio, stems: Stems | None = None) -> None:
        """Write what a block adds; without a separator of its own, its `stems`. Raises OutputError."""
        if self._seamless is None:
            assert stems is not None, "without a separator of its own, stems come with the blocks"
            self._writer.write(stems)
            return
        for part in self._seamless.push(block, self._report):
            self._writer.write(part)

    def finish(self) -> StemFiles:
        """Write what is left, and give the files their names. Raises OutputError."""
        if self._seamless is not None:
            for part in self._seamless.rest(self._report):
                self._writer.write(part)
        return self._writer.finish()
