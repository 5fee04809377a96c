"""Prepares one annotated song: rows for the manifests, or a reason for leaving it out."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import KW_ONLY, dataclass, field, replace
from pathlib import Path

from lyricsrec.base.errors import AudioError, DataError
from lyricsrec.base.output import display_name
from lyricsrec.dataset.audio_files import probe
from lyricsrec.dataset.chunk_audio import read_muted, write_flac
from lyricsrec.dataset.manifest import ChunkRow, SongRow, relative_to_manifest
from lyricsrec.dataset.preparation.chunks import Chunk, clean_words, cut_chunks
from lyricsrec.dataset.preparation.settings import DatasetConfig
from lyricsrec.dataset.sources.base import Source, SourceSong
from lyricsrec.lyrics.annotation import Annotation, can_name_a_file
from lyricsrec.lyrics.languages import ALPHABETS, LATIN
from lyricsrec.lyrics.normalise import TextNormalizer
from lyricsrec.lyrics.transcript import Word

BAD_ANNOTATION = "unreadable annotation"
LANGUAGE = "other language"
EXCLUDED = "excluded"
LOW_NCC = "NCC below the floor"
NO_AUDIO = "no audio"
BAD_AUDIO = "unreadable audio"
NO_WORDS = "no words left"
DUPLICATE_ID = "id of another song"
SONG_REASONS = (BAD_ANNOTATION, DUPLICATE_ID, EXCLUDED, LANGUAGE, LOW_NCC, NO_AUDIO, BAD_AUDIO, NO_WORDS)
"""Reasons for leaving out songs, in the order in which they are checked; keys of the report."""

AUDIO_FOLDER = "audio"

_UNFORESEEN = (ArithmeticError, AttributeError, LookupError, OSError, RecursionError, TypeError, ValueError)


@dataclass(frozen=True)
class SongSummary:
    """What the report needs of a song.

    `left_out` is the reason for which it is not used, `detail` explains it; `problems` are rows of the annotation that
    were not read. Of the `num_annotated` words, those in the chunks are kept; `dropped` counts the others by reason,
    all of them under `left_out` if the song is not used. `chunk_s` are the lengths of its chunks, `chunk_words` the
    numbers of words in them.
    """

    song_id: str
    file: str
    num_annotated: int = 0
    _: KW_ONLY
    artist: str = ""
    title: str = ""
    ncc: float | None = None
    is_ground_truth: bool = False
    left_out: str | None = None
    detail: str | None = None
    problems: tuple[str, ...] = ()
    dropped: Counter[str] = field(default_factory=Counter)
    chunk_s: tuple[float, ...] = ()
    chunk_words: tuple[int, ...] = ()


@dataclass(frozen=True)
class PreparedSong:
    """The result for one song: its audio file and, if it is used, its rows. `song` has no split yet."""

    summary: SongSummary
    audio: Path | None = None
    song: SongRow | None = None
    _: KW_ONLY
    chunks: tuple[ChunkRow, ...] = ()


def prepare_song(source: Source, file: Path, config: DatasetConfig, *, output: Path) -> PreparedSong:
    """Read a song, apply the rules and cut it into chunks; with `config.extract`, write their audio below `output`.

    Songs with errors are left out. Raises OutputError if audio cannot be written.
    """
    try:
        found = source.read(file)
        if not can_name_a_file(found.annotation.song_id):
            raise DataError(f"{display_name(file)}: its id, {found.annotation.song_id!r}, cannot be a file name")
    except (DataError, *_UNFORESEEN) as error:
        # Among thousands of files some may have unforeseen errors: the others must still be prepared.
        detail = (
            str(error) if isinstance(error, DataError) else f"{display_name(file)}: {type(error).__name__}: {error}"
        )
        return PreparedSong(SongSummary(file.stem, file.name, left_out=BAD_ANNOTATION, detail=detail))
    prepared = _prepared(found, file, config, output)
    return replace(prepared, summary=replace(prepared.summary, problems=found.problems))


def _prepared(found: SourceSong, file: Path, config: DatasetConfig, output: Path) -> PreparedSong:
    annotation = found.annotation
    if reason := _rejected(annotation, config):
        return _left_out(annotation, file, *reason)
    if found.audio is None:
        return _left_out(annotation, file, NO_AUDIO, found.remark)
    try:
        duration_s = probe(found.audio)
        return _cut(annotation, file, found.audio, duration_s=duration_s, config=config, output=output)
    except AudioError as error:
        return _left_out(annotation, file, BAD_AUDIO, str(error))


def _rejected(annotation: Annotation, config: DatasetConfig) -> tuple[str, str | None] | None:
    if annotation.song_id in config.exclude:
        return EXCLUDED, None
    if config.languages and annotation.language not in config.languages:
        return LANGUAGE, annotation.language or "unknown"
    if (annotation.ncc or 0.0) < config.split.ncc:
        return LOW_NCC, "not measured" if annotation.ncc is None else f"{annotation.ncc:.3f}"
    return None


def _left_out(annotation: Annotation, file: Path, reason: str, detail: str | None) -> PreparedSong:
    num_words = len(annotation.words)
    summary = _summary(annotation, file)
    dropped = Counter({reason: num_words} if num_words else {})
    return PreparedSong(replace(summary, left_out=reason, detail=detail, dropped=dropped))


def _summary(annotation: Annotation, file: Path) -> SongSummary:
    return SongSummary(
        annotation.song_id,
        file.name,
        len(annotation.words),
        artist=annotation.artist,
        title=annotation.title,
        ncc=annotation.ncc,
        is_ground_truth=annotation.is_ground_truth,
    )


def _cut(
    annotation: Annotation, file: Path, audio: Path, *, duration_s: float, config: DatasetConfig, output: Path
) -> PreparedSong:
    letters = config.lyrics.letters or ALPHABETS.get(annotation.language or "", LATIN)
    normalizer = TextNormalizer(letters, config.lyrics.case, annotation.language)
    kept, dropped = clean_words(annotation, normalizer, duration_s)
    chunks, unfit = cut_chunks(kept, dropped, duration_s, config=config.chunk)
    rows = tuple(
        _row(annotation.song_id, i, chunk, audio=audio, config=config, output=output) for i, chunk in enumerate(chunks)
    )
    summary = replace(
        _summary(annotation, file),
        left_out=None if rows else NO_WORDS,
        dropped=Counter(word.reason for word in [*dropped, *unfit]),
        chunk_s=tuple(round(row.duration_s, 3) for row in rows),
        chunk_words=tuple(len(row.words) for row in rows),
    )
    song = SongRow(
        song_id=annotation.song_id,
        artist=annotation.artist,
        title=annotation.title,
        language=annotation.language,
        ncc=annotation.ncc,
        is_ground_truth=annotation.is_ground_truth,
        split="",
        audio=relative_to_manifest(audio, output),
        duration_s=round(duration_s, 3),
        num_words=sum(summary.chunk_words),
        num_chunks=len(rows),
        lines=tuple(replace(line, words=tuple(_rounded(word) for word in line.words)) for line in annotation.lines),
    )
    return PreparedSong(summary, audio, song if rows else None, chunks=rows)


def _row(song_id: str, number: int, chunk: Chunk, *, audio: Path, config: DatasetConfig, output: Path) -> ChunkRow:
    chunk_id = f"{song_id}-{number:04d}"
    if config.extract:
        target = output / AUDIO_FOLDER / song_id / f"{chunk_id}.flac"
        write_flac(target, read_muted(audio, chunk.start_s, chunk.end_s, mute=chunk.mute))
        path, offset_s = target, chunk.start_s
    else:
        path, offset_s = audio, 0.0
    return ChunkRow(
        chunk_id=chunk_id,
        song_id=song_id,
        text=" ".join(word.text for word in chunk.words),
        audio=relative_to_manifest(path, output),
        start_s=round(chunk.start_s - offset_s, 3),
        end_s=round(chunk.end_s - offset_s, 3),
        offset_s=offset_s,
        words=tuple(
            Word(word.text, round(word.start_s - offset_s, 3), round(word.end_s - offset_s, 3)) for word in chunk.words
        ),
        # Extracted files are already muted.
        mute=() if config.extract else tuple((round(a, 3), round(b, 3)) for a, b in chunk.mute),
    )


def _rounded(word: Word) -> Word:
    """A word with times in whole milliseconds, None for invalid ones."""
    times = (None if t is None or not math.isfinite(t) else round(t, 3) for t in (word.start_s, word.end_s))
    return Word(word.text, *times)
