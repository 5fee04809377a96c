"""The songs of a task: every content once, with all the names it has."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, asdict, dataclass, field, replace
from pathlib import Path

from lyricsrec.base.cache import digest
from lyricsrec.base.output import display_name, write_text
from lyricsrec.catalogue.index import Content
from lyricsrec.catalogue.sources.entry import Entry
from lyricsrec.catalogue.store.folder import Setup

_FEWEST_DIGITS = 8

_Named = tuple[str, str | None, str | None]
"""A path with the lyrics it is aligned with, as text or as the path of a file."""


@dataclass(frozen=True)
class Job:
    """A song to do: the path it is read from, what it had when it was indexed, and its lyrics if the task needs them.

    `key` is a digest of the content and the lyrics; `copies` are the other paths with the same.
    """

    key: str
    path: str
    _: KW_ONLY
    size: int = 0
    changed_ns: int = 0
    lyrics: str | None = None
    lyrics_path: str | None = None
    copies: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The path, for messages."""
        return display_name(Path(self.path))


@dataclass(frozen=True)
class Songs:
    """The jobs of a list of songs, and the paths that cannot be read with the reason."""

    jobs: list[Job]
    unreadable: Mapping[str, str] = field(default_factory=dict)

    def shard(self, part: Shard | None) -> Songs:
        """The jobs of one shard: the same on every machine, whatever the order of the songs."""
        if part is None:
            return self
        return replace(self, jobs=[job for job in self.jobs if part.has(job.key)])


@dataclass(frozen=True)
class Shard:
    """Part `number` (from 1) of `total`."""

    number: int
    total: int

    def has(self, key: str) -> bool:
        """Whether a song belongs to it, by its content alone."""
        return int(key[:_FEWEST_DIGITS], 16) % self.total == self.number - 1


def songs_of(entries: Iterable[Entry], contents: Mapping[str, Content | str], *, with_lyrics: bool = False) -> Songs:
    """Every content once, named by its first path; the others are its copies."""
    jobs: dict[str, Job] = {}
    copies: dict[str, list[str]] = {}
    unreadable: dict[str, str] = {}
    for entry in entries:
        sound = entry.problem or contents[entry.path]
        lyrics = contents[entry.lyrics_path] if with_lyrics and entry.lyrics_path is not None else None
        if isinstance(sound, str) or isinstance(lyrics, str):
            unreadable.setdefault(entry.path, sound if isinstance(sound, str) else f"its lyrics: {lyrics}")
            continue
        key = _key(sound, lyrics, entry.lyrics) if with_lyrics else sound.key
        if key in jobs:
            copies.setdefault(key, []).append(entry.path)
            continue
        jobs[key] = Job(key, entry.path, size=sound.size, changed_ns=sound.changed_ns)
        if with_lyrics:
            jobs[key] = replace(jobs[key], lyrics=entry.lyrics, lyrics_path=entry.lyrics_path)
    found = [
        replace(job, copies=tuple(dict.fromkeys(copies[job.key]))) if job.key in copies else job
        for job in jobs.values()
    ]
    return Songs(found, unreadable)


def _key(sound: Content, file: Content | None, text: str | None) -> str:
    """The key of a song with lyrics, those of a file or a text; those in its tags are part of the sound's file."""
    lyrics = file.key if file is not None else None
    if text is not None:
        lyrics = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return digest([sound.key, lyrics]) if lyrics is not None else sound.key


def remember(setup: Setup, songs: Songs) -> None:
    """Write the list of songs beside their results, for those who look later. Raises OutputError.

    The same songs are the same file, whoever writes it; asked for again, they are the last ones that were asked for.
    """
    rows = [json.dumps({name: value for name, value in asdict(job).items() if value}) for job in songs.jobs]
    rows += [json.dumps({"path": path, "problem": problem}) for path, problem in songs.unreadable.items()]
    text = "".join(f"{row}\n" for row in rows)
    path = setup.songs / f"{digest(text)}.jsonl"
    if path.is_file():
        with contextlib.suppress(OSError):
            os.utime(path)
    else:
        write_text(path, text)


def recall(setup: Setup) -> Songs:
    """All songs that a setup was ever asked for; of a path that was in several lists, what the last one says."""
    found: dict[_Named, Job | str] = {}
    for file in sorted(setup.songs.glob("*.jsonl"), key=lambda path: (path.stat().st_mtime_ns, path.name)):
        for row in file.read_text("utf-8").splitlines():
            values = json.loads(row)
            if "problem" in values:
                found[values["path"], None, None] = str(values["problem"])
                continue
            job = Job(**{**values, "copies": tuple(values.get("copies", ()))})
            found.update({(path, job.lyrics, job.lyrics_path): job for path in (job.path, *job.copies)})
    return _merged(found)


def _merged(named: Mapping[_Named, Job | str]) -> Songs:
    paths: dict[str, list[str]] = {}
    jobs: dict[str, Job] = {}
    for (path, _, _), found in named.items():
        if isinstance(found, Job):
            jobs.setdefault(found.key, found)
            paths.setdefault(found.key, []).append(path)
    kept = [replace(job, path=paths[key][0], copies=tuple(paths[key][1:])) for key, job in jobs.items()]
    return Songs(kept, {path: found for (path, _, _), found in named.items() if isinstance(found, str)})


def problems_of(songs: Songs) -> Sequence[tuple[str, str]]:
    """The paths that cannot be read, for messages, with the reason."""
    return [(display_name(Path(path)), problem) for path, problem in songs.unreadable.items()]
