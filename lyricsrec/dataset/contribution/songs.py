"""The songs of a folder, as its table `songs.csv` lists them, and what each lacks for a data set."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from pathlib import Path
from typing import Any

from lyricsrec.audio.media import SUFFIXES, open_path
from lyricsrec.base.errors import DataError, LyricsrecError, OutputError
from lyricsrec.base.output import display_name, write_text
from lyricsrec.base.reading.input_files import read_text
from lyricsrec.dataset.contribution.licences import sharing_of
from lyricsrec.formats.base import Lyrics
from lyricsrec.formats.json.transcript import read_transcript
from lyricsrec.formats.karaoke.ultrastar import parse_ultrastar
from lyricsrec.formats.read import read_lyrics
from lyricsrec.lyrics.annotation import Annotation, Note, song_id_of
from lyricsrec.lyrics.languages import language_name
from lyricsrec.lyrics.music.notes import Melody
from lyricsrec.lyrics.transcript import Line, Provenance, Transcript
from lyricsrec.models.sources import sha256_of
from lyricsrec.version import VERSION

TABLE = "songs.csv"
COLUMNS = ("lyrics", "audio", "artist", "title", "language", "genre", "licence", "source")
"""Of the table: file names in the folder, and texts. `licence` is that of the sound, `source` where it comes from."""

CHECK_SUFFIX = ".verify.json"
"""How reports of `align --verify -f json` end, beside lyrics with the same name."""
_LYRICS = (".json", ".lrc", ".elrc", ".ttml", ".ass", ".textgrid", ".txt", ".csv", ".tsv")
_SAME_S = 0.02


@dataclass(frozen=True)
class Check:
    """What `align --verify` said of the times: the verdict, and how many word times it rests on."""

    in_time: bool
    num_times: int
    spread_s: float | None


@dataclass(frozen=True)
class GatheredSong:
    """A song to contribute. `transcript` has its sung lines; `missing` are what a data set needs and it lacks.

    `sha256` is that of the sound file. Where `annotation` is None, it cannot be written; `missing` says why.
    """

    row: dict[str, str]
    transcript: Transcript | None
    _: KW_ONLY
    annotation: Annotation | None = None
    audio: Path | None = None
    sha256: str | None = None
    check: Check | None = None
    missing: tuple[str, ...] = ()

    @property
    def may_share(self) -> bool:
        """Whether its sound may be passed on."""
        return self.audio is not None and sharing_of(self.row["licence"]) != "no"


def write_table(folder: Path) -> int:
    """Write a table of the sound files of a folder and the lyrics beside them, with what their tags say.

    Returns the number of songs. Raises OutputError if there is a table already, DataError without songs.
    """
    path = folder / TABLE
    if path.exists():
        raise OutputError(f"{display_name(path)} exists", "Fill in what is missing in it; --init does not change it.")
    sounds = sorted(each for each in folder.iterdir() if each.suffix.lower() in SUFFIXES and each.is_file())
    if not sounds:
        raise DataError(f"{display_name(folder)}: no sound files in it")
    text = io.StringIO()
    table = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    table.writeheader()
    for sound in sounds:
        lyrics = next((p.name for s in _LYRICS if (p := sound.with_suffix(s)).is_file()), "")
        with open_path(sound) as song:
            tags = song.tags
        table.writerow({"lyrics": lyrics, "audio": sound.name, "artist": tags.artist or "", "title": tags.title or ""})
    write_text(path, text.getvalue())
    return len(sounds)


def read_songs(folder: Path) -> Iterator[GatheredSong]:
    """The songs of a folder, in the order of its table. Raises DataError without one."""
    for row in _rows(folder / TABLE):
        yield _gathered(folder, row)


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        rows = list(csv.DictReader(io.StringIO(read_text(path, encoding="utf-8-sig"), newline="")))
    except FileNotFoundError:
        raise DataError(
            f"{display_name(path)}: no such table", "`lyricsrec contribute DIR --init` makes one."
        ) from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{display_name(path)}: cannot be read ({error})") from None
    if not rows or not set(COLUMNS) <= set(rows[0]):
        raise DataError(f"{display_name(path)}: no songs, or a column is missing", f"Columns: {', '.join(COLUMNS)}.")
    return [{name: (row[name] or "").strip() for name in COLUMNS} for row in rows]


def _gathered(folder: Path, row: dict[str, str]) -> GatheredSong:
    missing = [f"{name} in {TABLE}" for name in ("artist", "title", "language", "licence", "source") if not row[name]]
    audio = _inside(folder, row["audio"])
    if audio is None:
        missing.append("the sound file, whose checksum tells which recording it is")
    lyrics_path = _inside(folder, row["lyrics"])
    song = GatheredSong(row, None, audio=audio, sha256=None if audio is None else sha256_of(audio))
    if lyrics_path is None:
        return replace(song, missing=(*missing, "lyrics with times (lyricsrec align)"))
    try:
        lyrics = read_lyrics(lyrics_path)
        transcript = _transcript(lyrics, row)
    except (LyricsrecError, ValueError) as error:
        return replace(song, missing=(*missing, str(error)))
    check, problem = _check(lyrics_path, lyrics.lines)
    missing += [problem] if problem else []
    untimed = sum(word.start_s is None or word.end_s is None for word in transcript.words)
    if untimed or not (row["artist"] and row["title"]):
        missing += [f"times of {untimed} words (lyricsrec align)"] if untimed else []
        return replace(song, transcript=transcript, check=check, missing=tuple(missing))
    annotation = _annotation(transcript, lyrics, row)
    if annotation.notes is None:
        missing.append("notes (lyricsrec melody)")
    return replace(song, transcript=transcript, annotation=annotation, check=check, missing=tuple(missing))


def _inside(folder: Path, name: str) -> Path | None:
    """A file in the folder by its name; None for one that is not there, or elsewhere."""
    if not name:
        return None
    path = folder / name
    return path if path.is_file() and path.resolve().is_relative_to(folder.resolve()) else None


def _transcript(lyrics: Lyrics, row: dict[str, str]) -> Transcript:
    """The sung lines of lyrics, with the names of the table, the notes and all else that JSON has."""
    if lyrics.format.name == "json":
        whole = read_transcript(lyrics.data.decode(lyrics.encoding).lstrip("\ufeff"))
    else:
        made = Provenance(VERSION, "none", "none", decoder="given lyrics")
        end_s = max((line.end_s for line in lyrics.lines if line.end_s is not None), default=0.0)
        whole = Transcript(Path(lyrics.name).stem, end_s, lyrics.lines, provenance=made)
    tags = replace(whole.tags, artist=row["artist"] or None, title=row["title"] or None)
    provenance = replace(whole.provenance, language=language_name(row["language"]) or whole.provenance.language)
    if not all(line.is_sung for line in whole.lines):
        # Notes and sections count words and lines of the whole.
        whole = replace(whole, melody=None, sections=(), lines=tuple(line for line in whole.lines if line.is_sung))
    return replace(whole, tags=tags, provenance=provenance)


def _annotation(transcript: Transcript, lyrics: Lyrics, row: dict[str, str]) -> Annotation:
    annotation = Annotation(
        song_id=song_id_of(row["artist"], row["title"]),
        artist=row["artist"],
        title=row["title"],
        lines=tuple(line for line in transcript.lines if line.words),
        language=language_name(row["language"]),
        genres=tuple(part.strip() for part in row["genre"].split(",") if part.strip()),
    )
    if lyrics.format.name == "ultrastar":
        sung = parse_ultrastar(lyrics.data).annotation()
        return replace(annotation, lines=sung.lines, notes=sung.notes)
    if transcript.melody is None or not transcript.melody.notes:
        return annotation
    return replace(annotation, notes=_notes(transcript, transcript.melody))


def _notes(transcript: Transcript, melody: Melody) -> tuple[tuple[Note, ...], ...]:
    """The notes of each word; a word without one gets one without a pitch."""
    of_word: dict[int, list[Note]] = {}
    for note in melody.notes:
        if note.word is not None:
            found = Note(note.text, note.start_s, note.end_s, freq_hz=note.hertz)
            of_word.setdefault(note.word, []).append(found)
    return tuple(
        tuple(of_word.get(number, (Note(word.text, word.start_s or 0.0, word.end_s or 0.0),)))
        for number, word in enumerate(transcript.words)
    )


def _check(lyrics: Path, lines: Sequence[Line]) -> tuple[Check | None, str | None]:
    """The report of `align --verify` beside lyrics, or what is wrong with it."""
    path = lyrics.with_name(lyrics.stem + CHECK_SUFFIX)
    wanted = f"checked times (lyricsrec align SONG {lyrics.name} --verify -f json > {path.name})"
    if not path.is_file():
        return None, wanted
    try:
        document: Any = json.loads(read_text(path))
        check = Check(bool(document["in_time"]), int(document["num_times"]), document["spread_s"])
        checked = [(line["text"], line["given_s"]) for line in document["lines"]]
    except (OSError, ValueError, KeyError, TypeError):
        return None, f"{path.name} is no report of align --verify -f json: {wanted}"
    if len(checked) != len(lines) or not all(map(_is_checked, lines, checked)):
        return None, f"{path.name} is about other times or words: {wanted}"
    return check, None if check.in_time else "times that fit: align --verify says they do not (--fix corrects them)"


def _is_checked(line: Line, checked: tuple[str, float | None]) -> bool:
    text, given_s = checked
    if line.start_s is None or given_s is None:
        return line.text == text and line.start_s == given_s
    return line.text == text and abs(line.start_s - given_s) <= _SAME_S
