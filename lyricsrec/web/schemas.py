"""The documents of the REST interface."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from lyricsrec.formats.writers import FORMATS
from lyricsrec.web.jobs.folder import JobFolder
from lyricsrec.web.jobs.job import Job, Kind, State
from lyricsrec.web.jobs.store import Store

_ID = "Zm9vYmFyYmF6cXV4cXV1eA"


class ErrorOut(BaseModel):
    """What went wrong, in one line, and what to do about it."""

    error: str = Field(examples=["there is no such job"])
    hint: str | None = Field(examples=["GET /api/jobs lists what there is."])


class JobOut(BaseModel):
    """A song and what is done with it. Times are seconds of the Unix epoch, in UTC."""

    id: str = Field(examples=[_ID])
    kind: Kind = Field(description="`transcribe` writes lyrics down, `align` times given ones.")
    name: str = Field(description="The file's name as it was uploaded, for showing.", examples=["song.mp3"])
    preset: str = Field(description="One of /api/models; `align` has a model of its own.", examples=["builtin"])
    language: str | None = Field(examples=["en", None])
    stems: bool = Field(description="Whether voice and accompaniment are to be kept.")
    state: State
    stage: str | None = Field(description="What is being done, while it runs.", examples=["recognising"])
    progress: float | None = Field(description="0 to 1 within the stage, null where that is not known.")
    error: str | None = Field(description="Why it failed, for people.")
    created_at: float
    started_at: float | None
    finished_at: float | None
    duration_s: float | None = Field(description="Length of the song in seconds.")
    size_bytes: int = Field(description="Size of the upload.")
    attempts: int = Field(description="How often work on it began.")
    revision: int = Field(description="How often its transcript was changed.")
    position: int | None = Field(description="Place in the queue, 1 being the next; null where it does not wait.")
    formats: list[str] = Field(description="What can be downloaded, once it is done.", examples=[list(FORMATS)])
    has_stems: bool = Field(description="Whether /stems can be had.")


class JobList(BaseModel):
    """Jobs, newest first."""

    jobs: list[JobOut]


class TranscriptOut(BaseModel):
    """The lyrics of a song with their times."""

    revision: int = Field(description="To be sent back with corrections.")
    edited: bool = Field(description="Whether it was corrected.")
    transcript: dict[str, Any] = Field(description="Schema 1, as `lyricsrec transcribe -f json` writes it.")


class TranscriptIn(BaseModel):
    """Corrected lyrics. Their `lines` are taken; song, duration, notes and provenance stay as they are."""

    model_config = ConfigDict(extra="forbid")

    revision: int = Field(description="The revision that was corrected.", ge=0)
    transcript: dict[str, Any] = Field(description="A whole transcript of schema 1.")


class RevisionOut(BaseModel):
    """The revision that a transcript has now."""

    revision: int


class PeaksOut(BaseModel):
    """The waveform of the mix."""

    hop_s: float = Field(description="Seconds that a peak stands for.")
    peaks: list[float] = Field(description="Largest magnitudes, from 0 to 1.")


class HealthOut(BaseModel):
    """How the server is; without a token that it needs, only `status`."""

    status: Literal["ok"] = "ok"
    version: str
    queued: int
    running: int
    worker: Literal["idle", "busy", "starting", "down"]


class PresetOut(BaseModel):
    """Models that go together."""

    model_config = ConfigDict(from_attributes=True)

    name: str
    description: str
    languages: list[str] | None = Field(description="Codes of those it knows, null for many.")
    available: bool = Field(description="Whether it can be used here.")
    hint: str | None = Field(description="What to do on the server so that it can be; null where it can.")
    default: bool


class FormatOut(BaseModel):
    """A form in which results can be had."""

    model_config = ConfigDict(from_attributes=True)

    name: str
    suffix: str
    description: str


class LimitsOut(BaseModel):
    """What uploads may be."""

    max_upload_mb: int
    max_duration_s: float


class ModelsOut(BaseModel):
    """What can be asked for."""

    presets: list[PresetOut]
    formats: list[FormatOut]
    limits: LimitsOut


def job_out(job: Job, position: int | None, folder: JobFolder) -> JobOut:
    """A job as clients see it."""
    formats = list(FORMATS) if job.state == "done" else []
    has_stems = job.state == "done" and folder.has_stems
    return JobOut(**asdict(job), position=position, formats=formats, has_stems=has_stems)


def list_jobs(store: Store, root: Path, limit: int) -> list[JobOut]:
    """The newest jobs of a data folder as clients see them, newest first."""
    jobs = store.jobs(limit)
    waiting = [job.id for job in jobs if job.state == "queued"]
    places = {id: place for place, id in enumerate(reversed(waiting), 1)}
    return [job_out(job, places.get(job.id), JobFolder(root, job.id)) for job in jobs]
