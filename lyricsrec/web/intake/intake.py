"""From a request with a song to a queued job, or to nothing at all."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import ParamSpec, TypeVar, get_args

from anyio import CancelScope, CapacityLimiter, to_thread
from starlette.requests import Request

from lyricsrec.base.errors import AudioError, DataError
from lyricsrec.base.output import write_text
from lyricsrec.formats.read import parse_lyrics
from lyricsrec.models.catalogue import get_preset
from lyricsrec.models.resolve import default_preset
from lyricsrec.web.failures import Refused
from lyricsrec.web.intake.uploads import Form, read_form
from lyricsrec.web.jobs.folder import JobFolder, new_id
from lyricsrec.web.jobs.job import Job, Kind, NewJob
from lyricsrec.web.jobs.presets import check
from lyricsrec.web.jobs.store import QueueFull, Store
from lyricsrec.web.settings import ServeConfig
from lyricsrec.web.songs.examine import TooLongError
from lyricsrec.web.songs.probe import probe

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")

_AT_ONCE = 8
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_KINDS: dict[str, Kind] = {kind: kind for kind in get_args(Kind)}
_TRUTH = {"true": True, "on": True, "1": True, "false": False, "off": False, "0": False, "": False}


class Intake:
    """Takes songs in, a few at once; others wait before their bytes are read.

    An upload lies in a folder of its own below `incoming`, which becomes the job's folder in one step.
    """

    def __init__(self, store: Store, config: ServeConfig) -> None:
        self._store = store
        self._config = config
        self._incoming = config.folder / "incoming"
        self._turn = asyncio.Semaphore(_AT_ONCE)
        self._threads = CapacityLimiter(_AT_ONCE)

    def sweep(self) -> None:
        """Remove what a server that was killed left of uploads."""
        shutil.rmtree(self._incoming, ignore_errors=True)

    async def take(self, request: Request) -> Job:
        """Read a request and queue its job.

        Raises Refused for what is no song or no sensible wish, UsageError for a preset or language that cannot be had,
        QueueFull, and OSError when the disk is full; nothing is left then.
        """
        await to_thread.run_sync(self._check_room)
        staged = JobFolder(self._incoming, new_id())
        async with self._turn:
            try:
                await self._aside(staged.make)
                upload = staged.song_called(".part")
                form = await read_form(request, upload, self._threads)
                job = await self._aside(self._prepare, form, staged, upload)
                if await request.is_disconnected():
                    raise Refused(400, "the upload was broken off")
                return await self._aside(self._queue, job, staged)
            finally:
                # A song of 300 MB takes its time to go, and goes even when the request is given up.
                with CancelScope(shield=True):
                    await self._aside(staged.remove)

    async def _aside(
        self, work: Callable[_Arguments, _Result], *args: _Arguments.args, **kwargs: _Arguments.kwargs
    ) -> _Result:
        """Run work that takes time in a thread of our own: those that answer other requests stay free."""
        return await to_thread.run_sync(partial(work, *args, **kwargs), limiter=self._threads)

    def _check_room(self) -> None:
        """Raise QueueFull before a song is read in vain."""
        if self._store.counts().get("queued", 0) >= self._config.max_queued:
            raise QueueFull(f"{self._config.max_queued} jobs are waiting already", "Try again later.")

    def _prepare(self, form: Form, staged: JobFolder, upload: Path) -> NewJob:
        job = self._wish(form)
        lyrics = form.fields.get("lyrics", "")
        if job.kind == "align":
            _check_lyrics(lyrics)
            write_text(staged.lyrics, lyrics)
        elif lyrics.strip():
            raise Refused(400, "these lyrics would not be used", "Send kind=align to have them timed.")
        assert form.song_name is not None, "read_form refuses forms without a song"
        try:
            found = probe(upload, form.song_name, self._config)
        except AudioError as error:
            raise Refused(413 if isinstance(error, TooLongError) else 415, str(error), error.hint) from None
        upload.rename(staged.song_called(found.suffix))
        return replace(job, duration_s=found.duration_s)

    def _wish(self, form: Form) -> NewJob:
        """What a form's fields ask for."""
        kind = _KINDS.get(form.fields.get("kind", "").strip() or "transcribe")
        if kind is None:
            raise Refused(400, "no kind of job is called so", f"Kinds: {', '.join(_KINDS)}.")
        stems = form.fields.get("stems", "").strip().lower()
        if stems not in _TRUTH:
            raise Refused(400, "stems must be true or false")
        language = form.fields.get("language", "").strip().lower() or None
        if language is not None and not _LANGUAGE.fullmatch(language):
            raise Refused(400, "no language is written so", "Two or three letters: en, de, ...")
        preset = form.fields.get("preset", "").strip() or default_preset()
        get_preset(preset)
        if kind == "transcribe":
            check(preset, language, self._config)
        name = form.song_name or ""
        return NewJob(
            kind, name, preset, language=language, stems=_TRUTH[stems], duration_s=None, size_bytes=form.size_bytes
        )

    def _queue(self, job: NewJob, staged: JobFolder) -> Job:
        folder = JobFolder(self._config.folder, staged.id)
        folder.path.parent.mkdir(exist_ok=True)
        staged.path.rename(folder.path)
        try:
            return self._store.add(job, folder.id)
        except BaseException:
            folder.remove()
            raise


def _check_lyrics(text: str) -> None:
    try:
        parse_lyrics(text, "the lyrics")
    except DataError as error:
        hint = "Send the words that are sung as `lyrics`, one line each."
        raise Refused(422, f"there are no lyrics to time ({error})", hint) from None
