"""All songs by one system: figures pooled, sums first."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace

from lyricsrec.scoring.bootstrap import rate_interval
from lyricsrec.scoring.figures import LayoutFigures, Protocol, RunFigures, SongScore, SystemScore, WordFigures
from lyricsrec.scoring.layout import layout_figures
from lyricsrec.scoring.separation import pool_separation
from lyricsrec.scoring.song import score_song
from lyricsrec.scoring.sung import SungText
from lyricsrec.scoring.timing import pool_timing, timing_by_song
from lyricsrec.scoring.words import pool


@dataclass(frozen=True)
class Pair:
    """A song's reference and what one system heard; `problem` says why it heard nothing at all."""

    song_id: str
    language: str
    reference: SungText
    hypothesis: SungText
    problem: str | None = None


def score_system(
    name: str,
    pairs: Sequence[Pair],
    protocol: Protocol,
    *,
    unmatched: Sequence[str] = (),
    settings: dict[str, str] | None = None,
) -> SystemScore:
    """Score every song, and all of them together."""
    songs = tuple(
        score_song(pair.song_id, pair.reference, pair.hypothesis, protocol, pair.language, pair.problem)
        for pair in pairs
    )
    layout = _layout(pairs) if protocol == "long" else None
    return replace(pooled(name, songs, layout), unmatched=tuple(unmatched), settings=settings)


def pooled(name: str, songs: Sequence[SongScore], layout: LayoutFigures | None) -> SystemScore:
    """The figures of songs that are scored; `layout` cannot be had from theirs."""
    rates = [song.words.wer for song in songs if song.words.wer is not None]
    timed = [song for song in songs if song.timing is not None]
    return SystemScore(
        name,
        pool(song.words for song in songs),
        rate_interval([song.words.num_errors for song in songs], [song.words.num_words for song in songs]),
        statistics.median(rates) if rates else None,
        tuple(songs),
        layout=layout,
        timing=pool_timing((song.deviations, song.timing.num_timed) for song in timed if song.timing is not None),
        timing_by_song=timing_by_song([(song.deviations, song.duration_s) for song in timed]),
        separation=pool_separation([song.separation for song in songs if song.separation is not None]),
        run=pool_runs([song.run for song in songs if song.run is not None]),
        languages=_by_language(songs),
    )


def pool_runs(runs: Sequence[RunFigures]) -> RunFigures | None:
    """Seconds summed, the highest memory."""
    if not runs:
        return None
    audio_s, work_s = (sum(getattr(run, name) for run in runs) for name in ("audio_s", "work_s"))
    return RunFigures(
        audio_s,
        work_s,
        work_s / audio_s if audio_s else None,
        _highest([run.memory_gib for run in runs]),
        _highest([run.gpu_memory_gib for run in runs]),
        ", ".join(sorted({run.device for run in runs})),
    )


def _highest(values: Sequence[float | None]) -> float | None:
    return max((value for value in values if value is not None), default=None)


def _by_language(songs: Sequence[SongScore]) -> dict[str, WordFigures] | None:
    """The figures of each language, where there are several."""
    languages = sorted({song.language for song in songs})
    if len(languages) < 2:
        return None
    return {name: pool(song.words for song in songs if song.language == name) for name in languages}


def _layout(pairs: Sequence[Pair]) -> LayoutFigures | None:
    if not pairs:
        return None
    return layout_figures(
        [pair.reference.text for pair in pairs],
        [pair.hypothesis.text for pair in pairs],
        [pair.language for pair in pairs],
    )
