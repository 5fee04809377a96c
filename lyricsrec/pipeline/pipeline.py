"""The order of the stages, and nothing else: separate, cut, recognise, decode, break into lines; or align lines.

Every command goes through here; the stages themselves know nothing of each other.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from pathlib import Path
from typing import ClassVar

from lyricsrec.alignment.align import align
from lyricsrec.alignment.settings import AlignConfig
from lyricsrec.alignment.word_times import Timer
from lyricsrec.audio.audio import Audio
from lyricsrec.audio.media import Song, open_path
from lyricsrec.audio.segment import Span
from lyricsrec.base.errors import UsageError
from lyricsrec.base.progress import SILENT, Progress, Report
from lyricsrec.base.settings import check
from lyricsrec.decoding.emission import Emission
from lyricsrec.decoding.hypothesis import Decoder
from lyricsrec.lyrics.lines import LineConfig, break_lines
from lyricsrec.lyrics.transcript import Line, Provenance, Transcript, Word
from lyricsrec.recognition.base import Piece, RecognizedPiece, Recognizer
from lyricsrec.recognition.whole_song import join, overlapping
from lyricsrec.separation.base import Separator
from lyricsrec.separation.stem_files import StemWriter

Segmenter = Callable[[Audio], list[Span]]
Resampler = Callable[[Audio], Audio]


@dataclass(frozen=True)
class Pipeline:
    """A song in, its lyrics out.

    The stages are handed in: `separator` takes the voice out, `resample` makes audio what recognisers listen to,
    `segmenter` finds where to cut it, `recognizer` hears the pieces, `decoder` reads emissions (a recogniser that gives
    words needs none), and `timer`, where there is one, times the words of a recogniser that gives words.
    """

    separator: Separator
    resample: Resampler
    segmenter: Segmenter
    _: KW_ONLY
    recognizer: Recognizer
    decoder: Decoder | None
    lines: LineConfig
    provenance: Provenance
    timer: Timer | None = None

    from_preset: ClassVar[Callable[..., Pipeline]]
    """The earlier name of `load_pipeline`, set by the module of that function: a pipeline knows nothing of loading."""

    def transcribe(
        self, song: str | Path | Song, *, progress: Progress = SILENT, stems: Path | None = None
    ) -> Transcript:
        """Write down the lyrics of a song: a path, or one that is opened already.

        With `stems`, keep the separated parts as FLAC, in files whose paths begin so. Memory does not grow with
        the length of the song.

        Raises AudioError when the song cannot be read, OutputError when the stems cannot be written.
        """
        if isinstance(song, Song):
            return self._transcribe(song, progress, stems)
        with open_path(Path(song)) as opened:
            return self._transcribe(opened, progress, stems)

    def _transcribe(self, song: Song, progress: Progress, stems: Path | None) -> Transcript:
        words: list[Word] = []
        notes: list[str] = []
        end_s = 0.0
        with StemWriter(stems) if stems is not None else contextlib.nullcontext() as writer:
            for block in song.blocks():
                end_s = block.end_s
                for heard in self._heard(self._prepared(block, song, progress, writer), song, progress):
                    words += heard.words
                    notes += heard.notes
                # Nothing of a block may live on while the next one is read.
                del block
        for warning in song.warnings:
            progress.warn(f"{song.name}: {warning}")
        lines = break_lines(_in_order(words, end_s), self.lines)
        return Transcript(song.title, end_s, lines, provenance=self.provenance, notes=(*song.warnings, *notes))

    def align(
        self,
        song: str | Path | Song,
        lyrics: Sequence[Line],
        config: AlignConfig | None = None,
        *,
        progress: Progress = SILENT,
    ) -> Transcript:
        """Time known lyrics; times that they have already are hints. A line without a place has no times.

        Memory grows by the recogniser's log-probabilities only.

        Raises AudioError when the song cannot be read, UsageError when the recogniser is not a CTC model or a setting
        is out of range.
        """
        if not isinstance(song, Song):
            with open_path(Path(song)) as opened:
                return self.align(opened, lyrics, config, progress=progress)
        config = config or AlignConfig()
        check(config)
        emission = self.emission(song, config.overlap_s, progress=progress)
        lines = align(emission, lyrics, config)
        for warning in song.warnings:
            progress.warn(f"{song.name}: {warning}")
        provenance = replace(self.provenance, decoder="given lyrics")
        return Transcript(song.title, emission.end_s, lines, provenance=provenance, notes=tuple(song.warnings))

    def emission(
        self, song: Song, overlap_s: float = AlignConfig.overlap_s, *, progress: Progress = SILENT
    ) -> Emission:
        """What a CTC recogniser hears in a whole song, in pieces that share `overlap_s`. Raises as `align` does."""
        return join(self._emissions(song, overlap_s, progress))

    def _emissions(self, song: Song, overlap_s: float, progress: Progress) -> Iterator[Emission]:
        for block in song.blocks():
            whole = self._prepared(block, song, progress, None)
            del block
            pieces = overlapping(whole, self.recognizer.longest_s, overlap_s)
            for heard in self.recognizer.recognize(
                pieces, lambda done_s: progress.update("recognising", done_s, song.duration_s)
            ):
                if isinstance(heard, RecognizedPiece):
                    raise UsageError(f"'{self.recognizer.name}' gives no letters to align", "Name a CTC model.")
                yield heard

    def _prepared(self, block: Audio, song: Song, progress: Progress, writer: StemWriter | None) -> Piece:
        """A block's voice and mix as recognisers take them; the stems go to the writer and are let go here."""
        parts = self.separator.separate(block, lambda done_s: progress.update("separating", done_s, song.duration_s))
        if writer is not None:
            writer.write(parts)
        voice = self.resample(parts.vocals)
        return Piece(voice, voice if parts.vocals is block else self.resample(block))

    def _heard(self, whole: Piece, song: Song, progress: Progress) -> Iterator[RecognizedPiece]:
        """The words of one block, piece by piece."""
        pieces = [
            Piece(whole.voice.cut(span.start_s, span.end_s), whole.mix.cut(span.start_s, span.end_s))
            for span in self.segmenter(whole.voice)
        ]
        before: Callable[[], RecognizedPiece] | None = None
        heard_pieces = self.recognizer.recognize(
            pieces, lambda done_s: progress.update("recognising", done_s, song.duration_s)
        )
        for piece, heard in zip(pieces, heard_pieces, strict=True):
            # A search may go on while the next piece is recognised.
            if before is not None:
                yield before()
            before = self._decoded(heard, piece, lambda done_s: progress.update("timing", done_s, song.duration_s))
        if before is not None:
            yield before()

    def _decoded(
        self, heard: Emission | RecognizedPiece, piece: Piece, report_timing: Report
    ) -> Callable[[], RecognizedPiece]:
        if isinstance(heard, RecognizedPiece):
            if self.timer is None:
                return lambda: heard
            report_timing(piece.voice.start_s)
            timed = replace(heard, words=self.timer.time(heard, piece))
            report_timing(piece.voice.end_s)
            return lambda: timed
        assert self.decoder is not None, "a recogniser that gives emissions needs a decoder"
        words = self.decoder.begin(heard)
        return lambda: RecognizedPiece(words())


def _in_order(words: list[Word], end_s: float) -> list[Word]:
    """Words whose times never run backwards, overlap or leave the song, as every timed format needs them."""
    ordered: list[Word] = []
    done_s = 0.0
    for i, word in enumerate(words):
        if word.start_s is None or word.end_s is None:
            ordered.append(word)
            continue
        following = words[i + 1].start_s if i + 1 < len(words) else None
        start_s = min(max(word.start_s, done_s), end_s)
        last_s = min(word.end_s, end_s) if following is None else min(word.end_s, end_s, max(following, start_s))
        done_s = max(last_s, start_s)
        ordered.append(Word(word.text, round(start_s, 3), round(done_s, 3), confidence=word.confidence))
    return ordered
