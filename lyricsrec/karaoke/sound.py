"""The sound of karaoke: the song without its voice, or with some of it left in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from lyricsrec.audio.audio import Audio
from lyricsrec.audio.media import Song, open_path
from lyricsrec.base.progress import Progress
from lyricsrec.karaoke.settings import KaraokeConfig
from lyricsrec.pipeline.settings import StemConfig
from lyricsrec.separation.base import Stems
from lyricsrec.separation.stems.seamless import Seamless

_BLOCK_S = 120.0
_PIECE_S = 5.0
_MOST_APART_S = 1.0


def karaoke_sound(song: Song, config: KaraokeConfig, stems: StemConfig, progress: Progress) -> Iterator[Audio]:
    """Pieces of at most 5 s, which follow one another and last as long as the song.

    From the file of an instrumental, or by the separator; `config.backing` of the voice is left in. Raises AudioError
    where a file cannot be read, ModelError where the separator is not available.
    """
    if config.instrumental is None:
        yield from _separated(song, config.backing, stems, progress)
    else:
        yield from _given(song, config.instrumental, config.backing, progress)


def song_sound(song: Song) -> Iterator[Audio]:
    """The song itself, in such pieces. Raises AudioError where it cannot be read."""
    for block in song.blocks(_BLOCK_S):
        yield from _pieces(block)


def _separated(song: Song, backing: float, stems: StemConfig, progress: Progress) -> Iterator[Audio]:
    seamless = Seamless(stems.load(progress))
    duration_s = song.duration_s

    def report(done_s: float) -> None:
        progress.update("separating", done_s, duration_s)

    for block in song.blocks(_BLOCK_S):
        for part in seamless.push(block, report):
            yield from _pieces(_mixed(part, backing))
    for part in seamless.rest(report):
        yield from _pieces(_mixed(part, backing))
    for warning in song.warnings:
        progress.warn(f"{song.name}: {warning}")


def _mixed(stems: Stems, backing: float) -> Audio:
    instrumental = stems.instrumental
    if not backing:
        return instrumental
    samples = instrumental.samples + np.float32(backing) * stems.vocals.samples
    return Audio(samples, instrumental.sample_rate, instrumental.start_s)


def _given(song: Song, instrumental: Path, backing: float, progress: Progress) -> Iterator[Audio]:
    """An instrumental in a file; with `backing`, that share of the song itself is mixed in."""
    duration_s = song.duration_s
    with open_path(instrumental) as opened:
        if abs(opened.duration_s - duration_s) > _MOST_APART_S:
            progress.warn(
                f"{opened.name} lasts {opened.duration_s:.1f} s, the song {duration_s:.1f} s: "
                "check that it belongs to the song"
            )
        for block in opened.blocks(_BLOCK_S):
            kept = block.cut(0.0, duration_s)
            for piece in _pieces(kept):
                yield _with_share(piece, song, backing) if backing else piece
        rest_s = duration_s - opened.duration_s
        if rest_s > 0:
            sample_rate = 44_100
            silence = np.zeros((2, round(rest_s * sample_rate)), np.float32)
            yield from _pieces(Audio(silence, sample_rate, opened.duration_s))


def _with_share(piece: Audio, song: Song, backing: float) -> Audio:
    """A piece of the instrumental, cross-faded to the song by a share."""
    samples = piece.samples * np.float32(1 - backing)
    whole = song.excerpt(piece.start_s, piece.end_s).samples[:, : piece.num_samples]
    samples[:, : whole.shape[1]] += np.float32(backing) * whole
    return Audio(samples, piece.sample_rate, piece.start_s)


def _pieces(audio: Audio) -> Iterator[Audio]:
    step = round(_PIECE_S * audio.sample_rate)
    for first in range(0, audio.num_samples, step):
        samples = audio.samples[:, first : first + step]
        yield Audio(samples, audio.sample_rate, audio.start_s + first / audio.sample_rate)
