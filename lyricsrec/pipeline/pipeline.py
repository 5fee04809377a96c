"""The order of the stages: separate, cut, recognise, decode, break into lines; or align known lines.

Every command uses this pipeline; the stages do not know each other.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from pathlib import Path
from typing import ClassVar

from lyricsrec.alignment.align import align
from lyricsrec.alignment.notes import check_letters, notes_on
from lyricsrec.alignment.settings import AlignConfig
from lyricsrec.alignment.word_times import Timer
from lyricsrec.audio.audio import Audio
from lyricsrec.audio.media import Song, open_path
from lyricsrec.audio.segment import Span
from lyricsrec.base.errors import ModelError, UsageError
from lyricsrec.base.progress import SILENT, Progress, Report
from lyricsrec.base.settings import check
from lyricsrec.decoding.emission import Emission, average
from lyricsrec.decoding.hypothesis import Decoder
from lyricsrec.decoding.search.spelled import SpelledDecoder
from lyricsrec.lyrics.lines import LineConfig, break_lines
from lyricsrec.lyrics.transcript import Line, Provenance, Transcript, Word
from lyricsrec.music.form.sections import with_sections
from lyricsrec.pipeline.language_check import WARNING, LanguageCheck
from lyricsrec.pipeline.music.chords import FindsChords
from lyricsrec.pipeline.music.form import FindsForm
from lyricsrec.pipeline.music.melody import FindsMelody
from lyricsrec.recognition.base import FoundLanguage, Piece, RecognizedPiece, Recognizer, WordEvidence
from lyricsrec.recognition.confidence import ConfidenceModel, RecognizedSong
from lyricsrec.recognition.whole_song import join, overlapping
from lyricsrec.separation.base import Separator
from lyricsrec.separation.stems.files import StemWriter
from lyricsrec.separation.stems.output import StemOutput

log = logging.getLogger(__name__)

Segmenter = Callable[[Audio], list[Span]]
Resampler = Callable[[Audio], Audio]


@dataclass(frozen=True)
class Pipeline(FindsMelody, FindsChords, FindsForm):
    """Turns songs into lyrics.

    `separator` separates the vocals, `resample` converts audio to the recogniser's rate, `segmenter` finds where to cut
    it, `recognizer` recognises the pieces, `decoder` turns emissions into words (None for a recogniser that gives
    words), and `timer`, if there is one, times the words of a recogniser that gives words. `stem_separator` separates
    the stems that are written, where those of `separator` serve recognition only. `language_check` warns of songs in a
    language that the recogniser does not know. `aligns_mix`: known lyrics are aligned with the average of what the
    recogniser finds in the vocals and in the mix, not with the vocals alone. `confidence` turns the evidence for words
    into probabilities, where the recogniser gives evidence.
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
    stem_separator: Separator | None = None
    language_check: LanguageCheck | None = None
    aligns_mix: bool = True
    confidence: ConfidenceModel | None = None

    from_preset: ClassVar[Callable[..., Pipeline]]
    """Another name of `load_pipeline`, set by that function's module."""

    def transcribe(
        self,
        song: str | Path | Song,
        *,
        progress: Progress = SILENT,
        stems: Path | StemWriter | None = None,
        track: int | str | None = None,
    ) -> Transcript:
        """Transcribe the lyrics of a song, given as a path or an open song.

        With `stems`, write the stems, as FLAC files whose paths begin with it, or as the writer does; those that are
        left out are a warning. `track` is the sound track to read of a path, by number or language. Memory does not
        grow with the length of the song.

        Raises AudioError when the song cannot be read, OutputError when the stems cannot be written.
        """
        if isinstance(song, Song):
            return self._transcribe(song, progress, stems)
        with open_path(Path(song), track=track) as opened:
            return self._transcribe(opened, progress, stems)

    def _transcribe(self, song: Song, progress: Progress, stems: Path | StemWriter | None) -> Transcript:
        found = _Found()
        end_s = 0.0
        begin = time.perf_counter()
        with self._stem_output(song, progress, stems) as output:
            for block in song.blocks():
                end_s = block.end_s
                self._recognize(self._prepared(block, song.duration_s, progress, output), song, progress, found=found)
                # Release the block before the next one is read.
                del block
            missing = output.finish().missing if output is not None else {}
        lost = [f"no {stem} stem: {reason}" for stem, reason in missing.items()]
        for warning in (*song.warnings, *lost, *found.warnings):
            progress.warn(f"{song.name}: {warning.removeprefix(WARNING)}")
        log.debug("%s: %.1f s of audio transcribed in %.1f s", song.name, end_s, time.perf_counter() - begin)
        lines = break_lines(_in_order(self._with_confidences(found), end_s), self.lines)
        phonemes = (_PHONEMES,) if self._has_phonemes else ()
        for note in phonemes:
            progress.warn(f"{song.name}: {note}")
        notes = (*found.warnings, *song.warnings, *found.notes, *phonemes)
        provenance = _in_language(self.provenance, found)
        return with_sections(Transcript(song.title, end_s, lines, provenance=provenance, notes=notes, tags=song.tags))

    @property
    def _has_phonemes(self) -> bool:
        # Without a decoder, the recogniser gives words; a search for words builds them from phonemes.
        if self.decoder is None or isinstance(self.decoder, SpelledDecoder):
            return False
        return self.recognizer.vocabulary is not None and self.recognizer.vocabulary.has_phonemes

    def _with_confidences(self, found: _Found) -> list[Word]:
        """The words with calibrated confidences; with the recogniser's own where there is no evidence.

        Where every word of a song is almost certainly wrong, nobody sings: none is kept.
        """
        if self.confidence is None or not found.words or len(found.evidence) != len(found.words):
            return found.words
        song = RecognizedSong(found.words, found.evidence, found.code)
        confidences = self.confidence.confidences(song)
        if max(confidences) < _NOBODY_SINGS_BELOW:
            dropped = " ".join(word.text for word in found.words[:_WORDS_SHOWN])
            found.notes.append(f'dropped "{dropped}": no word is likely, so probably nobody sings')
            return []
        return [replace(word, confidence=each) for word, each in zip(found.words, confidences, strict=True)]

    def _stem_output(
        self, song: Song, progress: Progress, stems: Path | StemWriter | None
    ) -> contextlib.AbstractContextManager[StemOutput | None]:
        if stems is None:
            return contextlib.nullcontext()
        writer = stems if isinstance(stems, StemWriter) else StemWriter(stems)
        return StemOutput(
            writer, self.stem_separator, lambda done_s: progress.update("making stems", done_s, song.duration_s)
        )

    def align(
        self,
        song: str | Path | Song,
        lyrics: Sequence[Line],
        config: AlignConfig | None = None,
        *,
        progress: Progress = SILENT,
        track: int | str | None = None,
    ) -> Transcript:
        """Align known lyrics; existing times are hints. A line that cannot be placed gets no times.

        `track` is the sound track to read of a path. Memory grows only by the recogniser's log-probabilities.

        Raises AudioError when the song cannot be read, UsageError when the recogniser is not a CTC model or a setting
        is out of range, ModelError when it knows no letter of the lyrics.
        """
        if not isinstance(song, Song):
            with open_path(Path(song), track=track) as opened:
                return self.align(opened, lyrics, config, progress=progress)
        config = config or AlignConfig()
        check(config)
        emission = self.emission(song, config.overlap_s, progress=progress)
        if emission.vocabulary.has_phonemes and emission.vocabulary.pronunciations is None:
            raise ModelError(
                f"{self.recognizer.name}: outputs phonemes, and has no lexicon.txt with the pronunciations of words",
                "Choose a model that outputs letters or word pieces, or put the lexicon into its folder.",
            )
        lines = align(emission, lyrics, config)
        check_letters(lines, model=self.recognizer.name)
        notes = (*song.warnings, *notes_on(emission, lines, config))
        for note in notes:
            progress.warn(f"{song.name}: {note}")
        provenance = replace(self.provenance, decoder="given lyrics")
        return with_sections(
            Transcript(song.title, emission.end_s, lines, provenance=provenance, notes=notes, tags=song.tags)
        )

    def emission(
        self, song: Song, overlap_s: float = AlignConfig.overlap_s, *, progress: Progress = SILENT
    ) -> Emission:
        """The emission of a whole song, recognised in pieces that overlap by `overlap_s`. Raises as `align` does."""
        return join(self._emissions(song.blocks(), song.duration_s, overlap_s, progress=progress))

    def emission_of(self, excerpt: Audio, *, progress: Progress = SILENT) -> Emission:
        """The emission of a part of a song, which is held in memory. Raises as `align` does."""
        return join(self._emissions([excerpt], excerpt.end_s, AlignConfig.overlap_s, progress=progress))

    def _emissions(
        self, blocks: Iterable[Audio], end_s: float, overlap_s: float, *, progress: Progress
    ) -> Iterator[Emission]:
        for block in blocks:
            whole = self._prepared(block, end_s, progress, None)
            del block
            has_two_views = self.aligns_mix and whole.mix is not whole.voice
            pieces = [
                Piece(view, view)
                for piece in overlapping(whole, self.recognizer.longest_s, overlap_s)
                for view in ((piece.voice, piece.mix) if has_two_views else (piece.voice,))
            ]
            views: list[Emission] = []
            for emission in self.recognizer.recognize(
                pieces, lambda done_s: progress.update("recognising", done_s, end_s)
            ):
                if isinstance(emission, RecognizedPiece):
                    raise UsageError(
                        f"'{self.recognizer.name}' is not a CTC model; alignment needs one", "Name a CTC model."
                    )
                views.append(emission)
                if len(views) == 1 + has_two_views:
                    yield average(views)
                    views.clear()

    def _prepared(self, block: Audio, end_s: float | None, progress: Progress, output: StemOutput | None) -> Piece:
        """A block's vocals and mix at the recogniser's rate; the stems are passed on and released."""
        stems = self.separator.separate(block, lambda done_s: progress.update("separating", done_s, end_s))
        if output is not None:
            output.add(block, stems)
        voice = self.resample(stems.vocals)
        return Piece(voice, voice if stems.vocals is block else self.resample(block))

    def _recognize(self, whole: Piece, song: Song, progress: Progress, *, found: _Found) -> None:
        """Add the words of one block to what was found."""
        pieces = [
            Piece(whole.voice.cut(span.start_s, span.end_s), whole.mix.cut(span.start_s, span.end_s))
            for span in self.segmenter(whole.voice)
        ]
        log.debug("%s: %d pieces from %.1f to %.1f s", song.name, len(pieces), whole.mix.start_s, whole.mix.end_s)
        if self.language_check is not None and pieces and not found.words:
            warning = self.language_check.warning(pieces)
            found.warnings = [] if warning is None else [warning]
        pending: Callable[[], RecognizedPiece] | None = None
        results = self.recognizer.recognize(
            pieces,
            lambda done_s: progress.update("recognising", done_s, song.duration_s),
            language=found.language.code if found.language is not None and found.language.is_sure else None,
        )
        for piece, result in zip(pieces, results, strict=True):
            # A search may run while the next piece is recognised.
            if pending is not None:
                found.add(pending())
            pending = self._decoded(result, piece, lambda done_s: progress.update("timing", done_s, song.duration_s))
        if pending is not None:
            found.add(pending())

    def _decoded(
        self, result: Emission | RecognizedPiece, piece: Piece, report_timing: Report
    ) -> Callable[[], RecognizedPiece]:
        """The words of one piece, decoded or timed, once the result is called."""
        if isinstance(result, RecognizedPiece):
            if self.timer is None:
                return lambda: result
            report_timing(piece.voice.start_s)
            timed = replace(result, words=self.timer.time(result, piece))
            report_timing(piece.voice.end_s)
            return lambda: timed
        assert self.decoder is not None, "a recogniser that gives emissions needs a decoder"
        words = self.decoder.begin(result)
        return lambda: RecognizedPiece(words())


_PHONEMES = "the recogniser outputs phonemes, so the words of this transcript are phonemes"
_NOBODY_SINGS_BELOW = 0.1
_WORDS_SHOWN = 10


@dataclass
class _Found:
    """What was recognised of a song so far."""

    words: list[Word] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    _: KW_ONLY
    evidence: list[WordEvidence] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    language: FoundLanguage | None = None
    code: str | None = None

    def add(self, piece: RecognizedPiece) -> None:
        """Add the next piece."""
        self.words += piece.words
        self.notes += piece.notes
        self.evidence += piece.evidence
        self.code = piece.language or self.code
        self.language = piece.found or self.language


def _in_language(provenance: Provenance, found: _Found) -> Provenance:
    """With the language that was found in the audio, and how probable it is.

    Where none was looked for, it is the only one that the recogniser knows, unless the song is probably in another one.
    """
    if found.language is None:
        return provenance if found.warnings else replace(provenance, language=provenance.language or found.code)
    probability = round(found.language.probability, 3)
    return replace(
        provenance,
        language=found.language.code if found.language.is_sure else None,
        settings={**provenance.settings, "language_probability": probability},
    )


def _in_order(words: list[Word], end_s: float) -> list[Word]:
    """Words whose times are in order, within the song and without overlaps, as timed formats require."""
    ordered: list[Word] = []
    previous_s = 0.0
    for i, word in enumerate(words):
        if word.start_s is None or word.end_s is None:
            ordered.append(word)
            continue
        following = words[i + 1].start_s if i + 1 < len(words) else None
        start_s = min(max(word.start_s, previous_s), end_s)
        last_s = min(word.end_s, end_s) if following is None else min(word.end_s, end_s, max(following, start_s))
        previous_s = max(last_s, start_s)
        ordered.append(Word(word.text, round(start_s, 3), round(previous_s, 3), confidence=word.confidence))
    return ordered
