"""The JSON documents of the REST interface."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from lyricsrec.separation.base import StemName
from lyricsrec.web.follow_ups.formats import DOWNLOADS, downloads_with
from lyricsrec.web.follow_ups.registry import FOLLOW_UPS, found_in
from lyricsrec.web.intake.form import MAX_LYRICS_BYTES
from lyricsrec.web.jobs.expiry import expires_at
from lyricsrec.web.jobs.folder import JobFolder, text_of
from lyricsrec.web.jobs.job import FollowUpName, Job, Kind, State, WantedName
from lyricsrec.web.jobs.store import Store
from lyricsrec.web.karaoke.kept import KaraokeOut, all_kept
from lyricsrec.web.settings import ServeConfig

_ID = "Zm9vYmFyYmF6cXV4cXV1eA"


class ErrorOut(BaseModel):
    """An error: what is wrong, in one line, and what to do about it."""

    error: str = Field(examples=["no job has this id"])
    hint: str | None = Field(examples=["GET /api/jobs lists all jobs."])


class JobOut(BaseModel):
    """A song and its processing. Times are seconds of the Unix epoch (UTC)."""

    id: str = Field(examples=[_ID])
    kind: Kind = Field(description="`transcribe` recognises the lyrics, `align` times given lyrics.")
    name: str = Field(description="The name of the uploaded file, for display.", examples=["song.mp3"])
    title: str | None = Field(description="The title, at first that in the tags of the song.", examples=["On the Run"])
    artist: str | None = Field(
        description="The artist, at first that in the tags of the song.", examples=["Josh Woodward", None]
    )
    preset: str = Field(description="A preset of /api/models; `align` always uses its own model.", examples=["builtin"])
    language: str | None = Field(examples=["en", None])
    sung_language: str | None = Field(
        description="The language of the lyrics: the one that was asked for, or was found.", examples=["en", None]
    )
    stems: bool = Field(description="Whether vocals and instrumental are made as separate files.")
    state: State
    stage: str | None = Field(description="The current stage, while the job runs.", examples=["recognising"])
    progress: float | None = Field(description="0 to 1 within the stage, null if unknown.")
    error: str | None = Field(description="Why the job failed, or its last attempt; for display.")
    created_at: float
    started_at: float | None
    finished_at: float | None
    duration_s: float | None = Field(description="Duration of the song in seconds.")
    size_bytes: int = Field(description="Size of the upload in bytes.")
    attempts: int = Field(description="How often the job was started.")
    revision: int = Field(description="How often its transcript was changed.")
    position: int | None = Field(description="Position in the queue, 1 being next; null if it is not queued.")
    expires_at: float | None = Field(
        description="When the song will be deleted; null while it is processed, and for corrected lyrics, unless the "
        "disk space for songs is used up."
    )
    edited: bool = Field(description="Whether the lyrics were corrected.")
    warning: str | None = Field(description="What puts the lyrics as a whole in doubt, such as another language.")
    formats: list[str] = Field(description="Formats to download, once the job is done.", examples=[list(DOWNLOADS)])
    has_lyrics: bool = Field(description="Whether /transcript is available; the stems may still be in the making.")
    has_stems: bool = Field(description="Whether any of /stems is available.")
    tracks: list[StemName] = Field(description="The /stems that are available.", examples=[["vocals", "instrumental"]])
    stems_note: str | None = Field(
        description="Why stems are missing, for display.", examples=["No instrumental or vocals: no voice was found."]
    )
    wanted: list[WantedName] = Field(
        description="The /follow-ups that are in the queue or in the making; `timing` while words are timed."
    )
    found: list[FollowUpName] = Field(description="The /follow-ups that are available.")
    not_found: dict[FollowUpName, str] = Field(
        description="Why others are not, for display.", examples=[{"melody": "no voice found, so there is no melody"}]
    )
    karaoke: list[KaraokeOut] = Field(description="The /karaoke files that were asked for.")


class JobList(BaseModel):
    """Jobs, newest first."""

    jobs: list[JobOut]


class TranscriptOut(BaseModel):
    """The lyrics of a song with their times."""

    revision: int = Field(description="Send it back with corrections.")
    edited: bool = Field(description="Whether the lyrics were corrected.")
    transcript: dict[str, Any] = Field(description="Schema 1, as `lyricsrec transcribe -f json` writes it.")


class TranscriptIn(BaseModel):
    """Corrected lyrics. Only `lines` is used; song, duration, notes and provenance do not change."""

    model_config = ConfigDict(extra="forbid")

    revision: int = Field(description="The revision that the corrections are based on.", ge=0)
    transcript: dict[str, Any] = Field(description="A complete transcript of schema 1.")


class TimedOut(BaseModel):
    """Lyrics all of whose words have times."""

    transcript: dict[str, Any] = Field(description="Schema 1; nothing of it is saved.")


class RevisionOut(BaseModel):
    """The new revision of a transcript."""

    revision: int


class PeaksOut(BaseModel):
    """The waveform of the song."""

    hop_s: float = Field(description="Seconds that one peak covers.")
    peaks: list[float] = Field(description="Largest magnitudes, 0 to 1.")


class SpectrogramOut(BaseModel):
    """How loud each pitch is over time."""

    hop_s: float = Field(description="Seconds from one column to the next.")
    bands: int = Field(description="Levels in a column, from low to high.")
    lowest_hz: float = Field(description="The middle of the lowest band; the bands are equal steps in pitch.")
    highest_hz: float
    levels: str = Field(description="Base64 of one byte a level: 255 is the loudest of all, 0 is 70 dB below and less.")


class HealthOut(BaseModel):
    """The state of the server; without a required access token, only `status`."""

    status: Literal["ok"] = "ok"
    version: str
    queued: int
    running: int
    worker: Literal["idle", "busy", "starting", "down"]


class PresetOut(BaseModel):
    """A separator and a recogniser that work well together."""

    model_config = ConfigDict(from_attributes=True)

    name: str
    description: str
    languages: list[str] | None = Field(description="Codes of the languages it recognises, null for many.")
    available: bool = Field(description="Whether this server can use it.")
    hint: str | None = Field(description="What to do on the server to make it available; null if it is.")
    default: bool
    label: str = Field(description="What it is good for, for display.", examples=["Quick, 99 languages, more errors"])
    size_mb: int = Field(description="Size of its models, which may have to be downloaded.")


class FormatOut(BaseModel):
    """A format for downloads."""

    model_config = ConfigDict(from_attributes=True)

    name: str
    suffix: str
    description: str
    needs: FollowUpName | None = Field(description="What must have been found in a song before.")


class FollowUpOut(BaseModel):
    """What can be found in a song whose lyrics exist."""

    name: FollowUpName
    available: bool = Field(description="Whether this server can find it.")
    hint: str | None = Field(description="What to do on the server to make it available; null if it is.")


# Neither control characters nor line breaks, and no marks that turn the direction of what follows.
_ONE_ROW = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]*$"
Name = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=_ONE_ROW)]


class NameIn(BaseModel):
    """What a song is called; empty where that is not known."""

    model_config = ConfigDict(extra="forbid")

    title: Name
    artist: Name = ""


class LyricsIn(BaseModel):
    """Lyrics as they are pasted."""

    model_config = ConfigDict(extra="forbid", strict=True)

    lyrics: str = Field(max_length=MAX_LYRICS_BYTES)


class LeftOutOut(BaseModel):
    """A row or a part of it that is not sung."""

    text: str = Field(examples=["[Chorus]"])
    reason: str = Field(examples=["a heading"])


class RowOut(BaseModel):
    """A row of pasted lyrics."""

    text: str
    left_out: list[LeftOutOut]
    is_kept: bool = Field(description="Whether it is marked as sung, with invisible characters.")
    kept: str | None = Field(description="The row with such marks, which keep it; null if nothing is left out.")


class PreviewOut(BaseModel):
    """What of pasted lyrics is sung; `rows` is empty for formats with times."""

    rows: list[RowOut]
    sung: list[str] = Field(description="The lines that will be timed, with those that are repeated.")
    notes: list[str] = Field(description="What had to be guessed, for display.")


class LimitsOut(BaseModel):
    """Limits on uploads."""

    max_upload_mb: int
    max_duration_s: float


class ModelsOut(BaseModel):
    """Presets, formats and limits."""

    presets: list[PresetOut]
    formats: list[FormatOut]
    follow_ups: list[FollowUpOut] = Field(description="What can be found in songs whose lyrics exist.")
    lyrics_suffixes: list[str] = Field(description="How files of lyrics end that can be read.", examples=[[".lrc"]])
    limits: LimitsOut


def job_out(job: Job, position: int | None, config: ServeConfig) -> JobOut:
    """A job in the form that clients see."""
    folder = JobFolder(config.folder, job.id)
    tracks = folder.stems_found if job.has_lyrics else []
    found = found_in(folder) if job.has_lyrics else []
    wanted = [name for name in job.wanted.split() if name in get_args(WantedName)]
    notes = {name: text_of(folder.follow_up_note(name)) for name in FOLLOW_UPS if name not in wanted}
    return JobOut(
        **{**asdict(job), "wanted": wanted},
        position=position,
        sung_language=job.language or (text_of(folder.language) if job.has_lyrics else None),
        expires_at=expires_at(job, folder, config),
        edited=folder.edited.is_file(),
        warning=text_of(folder.warning) if job.has_lyrics else None,
        formats=downloads_with(found) if job.has_lyrics else [],
        has_lyrics=job.has_lyrics,
        has_stems=bool(tracks),
        tracks=tracks,
        stems_note=text_of(folder.stems_note) if job.state == "done" else None,
        found=found,
        not_found={name: note for name, note in notes.items() if note},
        karaoke=[shown for kept in all_kept(folder) if (shown := kept.show(job))] if job.has_lyrics else [],
    )


def list_jobs(store: Store, config: ServeConfig, limit: int) -> list[JobOut]:
    """The newest jobs of a data folder in the form that clients see, newest first."""
    jobs = store.jobs(limit)
    waiting = [job.id for job in jobs if job.state == "queued"]
    places = {id: place for place, id in enumerate(reversed(waiting), 1)}
    return [job_out(job, places.get(job.id), config) for job in jobs]
