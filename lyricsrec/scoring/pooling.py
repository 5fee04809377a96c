"""The scores of one system on all songs, pooled: sums first, then the division."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import replace

from lyricsrec.base.output import encodable
from lyricsrec.scoring.metrics.bootstrap import rate_interval
from lyricsrec.scoring.metrics.formatting import LayoutCounts, count_layout, layout_figures
from lyricsrec.scoring.metrics.separation import pool_separation
from lyricsrec.scoring.metrics.timing import pool_timing, timing_by_song
from lyricsrec.scoring.metrics.words import pool
from lyricsrec.scoring.one_song import SongTexts, score_song
from lyricsrec.scoring.results import Protocol, RunFigures, SongScore, SystemScore, TimingFigures, WordFigures


def score_system(
    name: str,
    performances: Sequence[SongTexts],
    protocol: Protocol,
    *,
    unmatched: Sequence[str] = (),
    settings: dict[str, str] | None = None,
) -> SystemScore:
    """Score each song, and all of them together; at least one song is needed."""
    scored = [_scored(performance, protocol) for performance in performances]
    songs = tuple(song for song, _ in scored)
    layouts = [counts for _, parts in scored for counts in parts]
    rates = [song.words.wer for song in songs if song.words.wer is not None]
    timed = [song for song in songs if song.timing is not None]
    return SystemScore(
        encodable(name),
        pool(song.words for song in songs),
        rate_interval([song.words.num_errors for song in songs], [song.words.num_words for song in songs]),
        median_wer=statistics.median(rates) if rates else None,
        songs=songs,
        layout=layout_figures(layouts) if protocol == "long" else None,
        timing=_pool_timing(timed),
        timing_by_song=timing_by_song([(song.deviations, song.duration_s) for song in timed]),
        separation=pool_separation([song.separation for song in songs if song.separation is not None]),
        run=pool_runs([song.run for song in songs if song.run is not None]),
        languages=_by_language(songs),
        settings=None if settings is None else {key: encodable(value) for key, value in settings.items()},
        unmatched=tuple(unmatched),
    )


def _scored(performance: SongTexts, protocol: Protocol) -> tuple[SongScore, list[LayoutCounts]]:
    """The scores of a song, and the formatting counts of its utterances."""
    parts = performance.utterances
    song = replace(
        score_song(performance, protocol),
        run=pool_runs([part.run for part in parts if part.run is not None]),
        separation=pool_separation([part.separation for part in parts if part.separation is not None]),
    )
    if protocol == "short":
        return song, []
    # Here rather than later, because the tokens are still cached.
    layouts = [count_layout(part.reference.text, part.hypothesis.text, performance.language) for part in parts]
    return replace(song, layout=layout_figures(layouts)), layouts


def _pool_timing(songs: Sequence[SongScore]) -> TimingFigures | None:
    pooled = pool_timing((song.deviations, song.timing.num_timed) for song in songs if song.timing is not None)
    spans = [song.deviations[-1].at_s - song.deviations[0].at_s for song in songs]
    shares = [song.timing.correct_segments for song in songs if song.timing is not None]
    parts = [share * span for share, span in zip(shares, spans, strict=True) if share is not None]
    if pooled is None or len(parts) < len(songs):
        return pooled
    # A song with labelled rows may have a single one, with no time between first and last start.
    return replace(pooled, correct_segments=sum(parts) / sum(spans) if sum(spans) > 0 else shares[0])


def pool_runs(runs: Sequence[RunFigures]) -> RunFigures | None:
    """The sum of the seconds and the maximum of the memory."""
    if not runs:
        return None
    audio_s, work_s = sum(run.audio_s for run in runs), sum(run.work_s for run in runs)
    return RunFigures(
        audio_s,
        work_s,
        work_s / audio_s if audio_s else None,
        memory_gib=_highest([run.memory_gib for run in runs]),
        gpu_memory_gib=_highest([run.gpu_memory_gib for run in runs]),
        device=", ".join(sorted({run.device for run in runs})),
    )


def _highest(values: Sequence[float | None]) -> float | None:
    return max((value for value in values if value is not None), default=None)


def _by_language(songs: Sequence[SongScore]) -> dict[str, WordFigures] | None:
    """The word figures of each language, if there are several."""
    languages = sorted({song.language for song in songs})
    if len(languages) < 2:
        return None
    return {name: pool(song.words for song in songs if song.language == name) for name in languages}
