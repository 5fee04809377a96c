"""Makes the karaoke files that are wanted of a job whose lyrics exist."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from lyricsrec.audio.media import Song
from lyricsrec.base.errors import DataError
from lyricsrec.base.progress import Progress
from lyricsrec.karaoke.cdg.make import make_zip
from lyricsrec.karaoke.package.make import GAME_PARTS, make_package, song_name
from lyricsrec.karaoke.settings import KaraokeConfig
from lyricsrec.karaoke.song import KaraokeSong
from lyricsrec.karaoke.subtitles import make_subtitles
from lyricsrec.karaoke.video.make import make_video
from lyricsrec.lyrics.transcript import Tags, Transcript
from lyricsrec.pipeline.settings import StemConfig
from lyricsrec.web.follow_ups.registry import with_follow_ups
from lyricsrec.web.jobs.folder import JobFolder
from lyricsrec.web.jobs.job import Job
from lyricsrec.web.jobs.store import Store
from lyricsrec.web.karaoke.kept import KeptKaraoke, all_kept
from lyricsrec.web.karaoke.request import KaraokeKind, config_of
from lyricsrec.web.settings import ServeConfig
from lyricsrec.web.work.heartbeat import JobLost
from lyricsrec.web.work.song import opened, song_of
from lyricsrec.web.work.stems import StemMaker
from lyricsrec.web.work.wanted.noted import noted


def _zip(song: KaraokeSong, output: Path) -> None:
    make_zip(song, output, song_name(song))


def _game(song: KaraokeSong, output: Path) -> None:
    make_package(song, output, GAME_PARTS)


def _package(song: KaraokeSong, output: Path) -> None:
    make_package(song, output)


_MAKE: dict[KaraokeKind, Callable[[KaraokeSong, Path], None]] = {
    "mp4": make_video,
    "webm": make_video,
    "cdg": _zip,
    "ultrastar": _game,
    "ass": make_subtitles,
    "package": _package,
}
"""What makes each kind: one more is one row here, one in `kept.SUFFIXES` and its name in `KaraokeKind`."""

_SILENT_KINDS = ("ass",)


class KaraokeMaker:
    """Makes karaoke files, one after the other, with the stems of the job, which are made where they are missing."""

    def __init__(self, store: Store, worker: str, config: ServeConfig, stems: StemMaker) -> None:
        self._store, self._worker, self._config, self._stems = store, worker, config, stems

    def make_all(self, job: Job, folder: JobFolder, progress: Progress) -> None:
        """Make all that are wanted. A failure is noted for display, and the lyrics stay.

        Raises JobLost, and OutputError if it may pass.
        """
        for kept in all_kept(folder):
            if kept.name in self._wanted(job.id):
                self._make(kept, job, progress)
                if not self._store.made(job.id, self._worker, kept.name):
                    raise JobLost

    def _wanted(self, id: str) -> list[str]:
        now = self._store.get(id)
        if now is None or now.state != "running":
            raise JobLost
        return now.wanted.split()

    def _make(self, kept: KeptKaraoke, job: Job, progress: Progress) -> None:
        kept.clear()
        try:
            with noted(kept.note, kept.name, job, self._config), opened(job, kept.folder) as song:
                _MAKE[kept.kind](self._song(kept, job, song, progress), kept.path)
        finally:
            _remove_parts(kept.folder)

    def _song(self, kept: KeptKaraoke, job: Job, song: Song, progress: Progress) -> KaraokeSong:
        """The song with its lyrics as they are now, and the sound that the file needs."""
        asked = kept.asked()
        if asked is None:
            raise DataError("what was asked for is missing")
        config = config_of(asked.look, asked.look.size, asked.look.backing)
        if kept.kind not in _SILENT_KINDS:
            config = self._with_stems(config, job, kept.folder, song, progress=progress)
        return KaraokeSong(
            song,
            _transcript(job, kept.folder, song),
            config,
            stems=StemConfig(device=self._config.device, dtype=self._config.dtype, offline=True),
            progress=progress,
            path=song_of(job, kept.folder),
        )

    def _with_stems(
        self, config: KaraokeConfig, job: Job, folder: JobFolder, song: Song, *, progress: Progress
    ) -> KaraokeConfig:
        """The stems of the job, which are made now unless it has them. Where no voice was found, the song is played."""
        if not folder.stem("instrumental").is_file() and not folder.stems_note.is_file():
            self._stems.make(song, folder, progress)
        found = folder.stems_found
        instrumental = folder.stem("instrumental") if "instrumental" in found else song_of(job, folder)
        return replace(config, instrumental=instrumental, vocals=folder.stem("vocals") if "vocals" in found else None)


def _transcript(job: Job, folder: JobFolder, song: Song) -> Transcript:
    path = folder.edited if folder.edited.is_file() else folder.transcript
    read = with_follow_ups(Transcript.from_json(path.read_text("utf-8")), folder)
    tags = Tags(job.title or read.tags.title, job.artist or read.tags.artist, read.tags.album)
    return replace(read, duration_s=song.duration_s, tags=tags)


def _remove_parts(folder: JobFolder) -> None:
    """Remove unfinished packages."""
    for path in folder.path.glob(".lyricsrec-*.tmp"):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
