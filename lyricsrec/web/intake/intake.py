"""Accepts uploads: checks the form, inspects the song and queues a job, or leaves nothing behind."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import ParamSpec, TypeVar, get_args

from anyio import CancelScope, CapacityLimiter, to_thread
from starlette.requests import Request

from lyricsrec.base.errors import AudioError, DataError
from lyricsrec.base.output import flush, flush_folder, write_text
from lyricsrec.pipeline.presets import default_preset, get_preset
from lyricsrec.web.failures import Refused
from lyricsrec.web.intake.form import Form, read_form
from lyricsrec.web.intake.slots import Slots, client_of
from lyricsrec.web.jobs.folder import JobFolder, new_id
from lyricsrec.web.jobs.job import Job, Kind, NewJob
from lyricsrec.web.jobs.presets import check
from lyricsrec.web.jobs.store import QueueFull, Store
from lyricsrec.web.settings import ServeConfig
from lyricsrec.web.songs.probe import probe
from lyricsrec.web.songs.sandbox import TooLongError
from lyricsrec.web.texts.lyrics import read_given

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")

_MAX_UPLOADS, _MAX_OF_CLIENT = 32, 24
_MAX_WRITERS = 8
_MAX_INSPECTIONS = 4
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_KINDS: dict[str, Kind] = {kind: kind for kind in get_args(Kind)}
_BOOLEANS = {"true": True, "on": True, "1": True, "false": False, "off": False, "0": False, "": False}


class Intake:
    """Accepts uploads, a few at a time; the bodies of others are not read until a slot is free.

    An upload lies in a folder of its own below `incoming`, which is renamed to the job's folder at the end.
    """

    def __init__(self, store: Store, config: ServeConfig) -> None:
        self._store = store
        self._config = config
        self._incoming = config.folder / "incoming"
        self._slots = Slots(_MAX_UPLOADS, _MAX_OF_CLIENT)
        self._threads = CapacityLimiter(_MAX_WRITERS)
        self._inspections = CapacityLimiter(_MAX_INSPECTIONS)

    def sweep(self) -> None:
        """Remove incomplete uploads that a killed server left."""
        shutil.rmtree(self._incoming, ignore_errors=True)

    async def accept(self, request: Request) -> Job:
        """Read the form of a request and queue its job.

        Raises Refused for invalid forms and files that are not songs, UsageError for a preset or language that is not
        available, QueueFull, and OSError when the disk is full; all files are removed then.
        """
        await to_thread.run_sync(self._check_queue)
        staged = JobFolder(self._incoming, new_id())
        async with self._slots.of(client_of(request)):
            try:
                await self._in_thread(staged.make)
                upload = staged.song_with_suffix(".part")
                form = await read_form(request, upload, slots=self._slots, threads=self._threads)
                job = await to_thread.run_sync(self._prepare, form, staged, upload, limiter=self._inspections)
                if await request.is_disconnected():
                    raise Refused(400, "the upload was interrupted")
                return await self._in_thread(self._queue, job, staged)
            finally:
                # Removing a large song takes time, and must happen even when the request is cancelled.
                with CancelScope(shield=True):
                    await self._in_thread(staged.remove)

    async def again(self, job: Job, fields: Mapping[str, str]) -> Job:
        """Queue a new job for the song of another one, whose files stay as they are.

        `fields` are those of an upload; missing ones are as in `job`. Raises as `accept` does.
        """
        return await self._in_thread(self._again, job, {**_fields_of(job), **fields})

    def _again(self, job: Job, fields: dict[str, str]) -> Job:
        self._check_queue()
        source, staged = JobFolder(self._config.folder, job.id), JobFolder(self._incoming, new_id())
        if source.song is None:
            raise Refused(404, "the song of this job does not exist any more", "Upload it again.")
        if fields["kind"] == "align" and "lyrics" not in fields and source.lyrics.is_file():
            fields["lyrics"] = source.lyrics.read_text("utf-8")
        staged.make()
        try:
            new = self._job_of(Form(fields, job.name, job.size_bytes))
            _save_lyrics(new, fields.get("lyrics", ""), staged)
            link_or_copy(source.song, staged.song_with_suffix(source.song.suffix))
            if new.stems and source.stems_found:
                for path in (*map(source.stem, source.stems_found), source.stems_note):
                    link_or_copy(path, staged.path / path.name)
            return self._queue(replace(new, duration_s=job.duration_s, title=job.title, artist=job.artist), staged)
        finally:
            staged.remove()

    async def _in_thread(
        self, work: Callable[_Arguments, _Result], *args: _Arguments.args, **kwargs: _Arguments.kwargs
    ) -> _Result:
        """Run slow work in a thread of our own pool: the default pool stays free for other requests."""
        return await to_thread.run_sync(partial(work, *args, **kwargs), limiter=self._threads)

    def _check_queue(self) -> None:
        """Raise QueueFull before a song is uploaded in vain."""
        if self._store.counts().get("queued", 0) >= self._config.max_queued:
            raise QueueFull(self._config.max_queued)

    def _prepare(self, form: Form, staged: JobFolder, upload: Path) -> NewJob:
        job = self._job_of(form)
        _save_lyrics(job, form.fields.get("lyrics", ""), staged)
        assert form.song_name is not None, "read_form refuses forms without a song"
        try:
            found = probe(upload, form.song_name, self._config)
        except AudioError as error:
            raise Refused(413 if isinstance(error, TooLongError) else 415, str(error), error.hint) from None
        upload.rename(staged.song_with_suffix(found.suffix))
        return replace(job, duration_s=found.duration_s, title=found.tags.title, artist=found.tags.artist)

    def _job_of(self, form: Form) -> NewJob:
        """The job that the fields of a form describe."""
        kind = _KINDS.get(form.fields.get("kind", "").strip() or "transcribe")
        if kind is None:
            raise Refused(400, "unknown `kind` of job", f"Known kinds: {', '.join(_KINDS)}.")
        stems = form.fields.get("stems", "").strip().lower()
        if stems not in _BOOLEANS:
            raise Refused(400, "`stems` must be true or false")
        language = form.fields.get("language", "").strip().lower() or None
        if language is not None and not _LANGUAGE.fullmatch(language):
            raise Refused(400, "`language` is not a language code", "Send two or three letters, for example en or de.")
        preset = form.fields.get("preset", "").strip() or default_preset()
        get_preset(preset)
        if kind == "transcribe":
            check(preset, language, self._config)
        name = form.song_name or ""
        return NewJob(
            kind, name, preset, language=language, stems=_BOOLEANS[stems], duration_s=None, size_bytes=form.size_bytes
        )

    def _queue(self, job: NewJob, staged: JobFolder) -> Job:
        folder = JobFolder(self._config.folder, staged.id)
        folder.path.parent.mkdir(exist_ok=True, mode=0o700)
        # On the disk before the job counts.
        for path in staged.path.iterdir():
            flush(path)
        flush_folder(staged.path)
        staged.path.rename(folder.path)
        flush_folder(folder.path.parent)
        try:
            return self._store.add(job, folder.id)
        except BaseException:
            folder.remove()
            raise


def _fields_of(job: Job) -> dict[str, str]:
    """The fields of a form that describe a job."""
    stems = str(job.stems).lower()
    return {"kind": job.kind, "preset": job.preset, "language": job.language or "", "stems": stems}


def _save_lyrics(job: NewJob, lyrics: str, staged: JobFolder) -> None:
    if job.kind == "align":
        write_text(staged.lyrics, lyrics)
        _check_lyrics(staged.lyrics)
    elif lyrics.strip():
        raise Refused(400, "`lyrics` are not used with kind=transcribe", "Send kind=align to time given lyrics.")


def link_or_copy(source: Path, target: Path) -> None:
    """Make a file available under another name, without taking space where the file system can do that."""
    try:
        os.link(source, target)
    except FileNotFoundError:
        raise
    except OSError:
        shutil.copyfile(source, target)


def _check_lyrics(lyrics: Path) -> None:
    try:
        read_given(lyrics)
    except DataError as error:
        hint = "Send the lyrics of the song in the field `lyrics`, one line of text for each sung line."
        raise Refused(422, f"no lyrics to time ({error})", hint) from None
