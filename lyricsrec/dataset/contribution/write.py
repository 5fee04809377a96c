"""Writes songs as DALI entries, UltraStar songs and a folder like JamendoLyrics, with checksums and a report."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import KW_ONLY, asdict, dataclass
from pathlib import Path
from typing import Any

from lyricsrec.base.output import new_folder, write_text
from lyricsrec.dataset.contribution.jamendo import TABLE, files_of, name_of, table_of
from lyricsrec.dataset.contribution.songs import GatheredSong
from lyricsrec.formats.dali.export import to_dali, write_entry
from lyricsrec.formats.karaoke.ultrastar_writer import UltraStarConfig, write_ultrastar
from lyricsrec.version import VERSION

SCHEMA = 1


@dataclass(frozen=True)
class Contribution:
    """What was written: the songs of the folder by name (None for those that cannot be written)."""

    songs: tuple[tuple[str | None, GatheredSong], ...]
    _: KW_ONLY
    with_audio: bool = False

    @property
    def num_written(self) -> int:
        """Number of songs that are in the folders."""
        return sum(name is not None for name, _ in self.songs)

    @property
    def num_complete(self) -> int:
        """Number of songs that lack nothing."""
        return sum(name is not None and not song.missing for name, song in self.songs)


def write_contribution(songs: Iterable[GatheredSong], folder: Path, *, with_audio: bool = False) -> Contribution:
    """Write a new folder: dali/, ultrastar/, jamendolyrics/, songs.json, report.md, checksums.sha256.

    Sound is copied only `with_audio`, and only where its licence lets others pass it on. Raises OutputError.
    """
    named = _named(songs)
    found = Contribution(tuple(named), with_audio=with_audio)
    with new_folder(folder) as made:
        written = [(name, song) for name, song in named if name is not None]
        for name, song in written:
            _write_song(made, name, song, with_audio=with_audio)
        if written:
            write_text(made / "jamendolyrics" / TABLE, table_of(written))
        write_text(made / "songs.json", _document(found))
        write_text(made / "report.md", report_of(found))
        write_text(made / "checksums.sha256", _checksums(made))
    return found


def _named(songs: Iterable[GatheredSong]) -> list[tuple[str | None, GatheredSong]]:
    """The songs with unique names."""
    named: list[tuple[str | None, GatheredSong]] = []
    taken: set[str] = set()
    for song in songs:
        name = None if song.annotation is None else name_of(song.annotation)
        number, unique = 1, name
        while unique is not None and unique.casefold() in taken:
            number += 1
            unique = f"{name}_{number}"
        if unique is not None:
            taken.add(unique.casefold())
        named.append((unique, song))
    return named


def _write_song(folder: Path, name: str, song: GatheredSong, *, with_audio: bool) -> None:
    assert song.annotation is not None
    assert song.transcript is not None
    entry = to_dali(song.annotation)
    for form in ("gz", "json"):
        write_entry(folder / "dali", entry, form)
    config = UltraStarConfig(song.audio.name if song.audio is not None else None)
    write_text(folder / "ultrastar" / f"{name}.txt", write_ultrastar(song.transcript, config))
    for path, text in files_of(name, song.annotation.lines).items():
        write_text(folder / "jamendolyrics" / path, text)
    if with_audio and song.may_share and song.audio is not None:
        copy = folder / "jamendolyrics" / "mp3" / f"{name}{song.audio.suffix}"
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(song.audio, copy)


def _document(found: Contribution) -> str:
    document = {
        "schema": SCHEMA,
        "lyricsrec": VERSION,
        "songs": [_entry(name, song, found) for name, song in found.songs],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _entry(name: str | None, song: GatheredSong, found: Contribution) -> dict[str, Any]:
    annotation = song.annotation
    audio = song.audio and {
        "name": song.audio.name,
        "sha256": song.sha256,
        "is_shared": found.with_audio and song.may_share and name is not None,
    }
    return {
        "name": name,
        "id": annotation and annotation.song_id,
        **{key: song.row[key] for key in ("artist", "title", "language", "genre", "licence", "source")},
        "audio": audio,
        "num_lines": annotation and len(annotation.lines),
        "num_words": annotation and len(annotation.words),
        "has_notes": bool(annotation and annotation.notes),
        "check": song.check and asdict(song.check),
        "missing": list(song.missing),
    }


def report_of(found: Contribution) -> str:
    """What was written, and what each song lacks, as Markdown."""
    total = len(found.songs)
    shared = sum(found.with_audio and song.may_share for name, song in found.songs if name is not None)
    songs = f"{total} song{'' if total == 1 else 's'}"
    written = f"{found.num_written} written, {found.num_complete} complete; sound of {shared} copied"
    rows = ["# Contribution", "", f"{songs}: {written}."]
    for name, song in found.songs:
        title = " - ".join(filter(None, (song.row["artist"], song.row["title"]))) or song.row["audio"] or "a song"
        rows += ["", f"## {title}", "", f"{_state(name, song)}."]
        rows += ["", *(f"- missing: {text}" for text in song.missing)] if song.missing else []
    return "\n".join(rows) + "\n"


def _state(name: str | None, song: GatheredSong) -> str:
    if name is None:
        return "Not written"
    checked = "times not checked"
    if song.check is not None:
        checked = f"times {'fit' if song.check.in_time else 'do not fit'}, by {song.check.num_times} words"
    sound = "its sound may be passed on" if song.may_share else "its sound may not be passed on"
    return f"Written as {name}; {checked}; {sound}"


def _checksums(folder: Path) -> str:
    """The SHA-256 of every file, as `sha256sum -c` reads them."""
    files: Sequence[Path] = sorted(path for path in folder.rglob("*") if path.is_file())
    rows = []
    for path in files:
        with path.open("rb") as file:
            rows.append(f"{hashlib.file_digest(file, 'sha256').hexdigest()}  {path.relative_to(folder).as_posix()}\n")
    return "".join(rows)
