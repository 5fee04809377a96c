"""The chords of a song as a stage of the pipeline, which needs neither separator nor recogniser."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from lyricsrec.audio.audio import Samples
from lyricsrec.audio.media import Song, open_path
from lyricsrec.base.errors import AudioError
from lyricsrec.base.progress import SILENT, Progress
from lyricsrec.base.settings import check
from lyricsrec.lyrics.music.harmony import Beats
from lyricsrec.lyrics.transcript import Provenance, Transcript
from lyricsrec.music.harmony.beats import beats_of
from lyricsrec.music.harmony.chords.find import Evidence, decode, find_evidence
from lyricsrec.music.harmony.chords.settings import ChordConfig
from lyricsrec.music.harmony.chords.weights import load_networks
from lyricsrec.music.harmony.spectra import RATE, read_mono
from lyricsrec.version import VERSION


class FindsChords:
    """A pipeline that finds chords."""

    def chords(
        self,
        song: str | Path | Song,
        transcript: Transcript | None = None,
        config: ChordConfig | None = None,
        *,
        progress: Progress = SILENT,
        track: int | str | None = None,
    ) -> Transcript:
        """The transcript with chords, key and beats of the song; without one, a transcript without lyrics.

        Raises AudioError when the song cannot be read or no tone sounds in it, ModelError when the extra `chords` or
        the beat model is missing, UsageError for a setting that is out of range.
        """
        return find_chords(song, transcript, config, progress=progress, track=track)


def find_chords(
    song: str | Path | Song,
    transcript: Transcript | None = None,
    config: ChordConfig | None = None,
    *,
    progress: Progress = SILENT,
    track: int | str | None = None,
) -> Transcript:
    """The transcript with chords, key and beats, as `FindsChords.chords`, without a pipeline."""
    config = config or ChordConfig()
    check(config)
    if not isinstance(song, Song):
        with open_path(Path(song), track=track) as opened:
            return find_chords(opened, transcript, config, progress=progress)
    found = decode(_evidence(song, config, progress), config)
    if transcript is None:
        provenance = Provenance(VERSION, "none", "none", decoder="none")
        transcript = Transcript(
            song.title,
            round(found.duration_s, 3),
            (),
            provenance=provenance,
            notes=tuple(song.warnings),
            tags=song.tags,
        )
    return replace(
        transcript, chords=found.chords, key=found.key, beats=found.beats, capo=config.capo if config.capo else None
    )


def _evidence(song: Song, config: ChordConfig, progress: Progress) -> Evidence:
    # Missing weights are noticed before a long song is read.
    load_networks()
    beats_in = _tracker(config)
    signal = read_mono(song, progress)
    duration_s = len(signal) / RATE
    evidence = find_evidence(
        signal, lambda done_s: progress.update("finding chords", done_s, duration_s), beats_in=beats_in
    )
    if evidence.key is None:
        raise AudioError(f"{song.name}: no tone sounds in it, so there are no chords")
    return evidence


def _tracker(config: ChordConfig) -> Callable[[Samples], Beats | None]:
    """What finds the beats of a signal."""
    if config.beat_model is None:
        return beats_of
    from lyricsrec.music.harmony.beatnet.find import load_beat_model

    return load_beat_model(Path(config.beat_model))
