"""Songs in the shape of JamendoLyrics: a table, lyrics with blank rows between sections, times of words and lines."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from lyricsrec.dataset.contribution.songs import GatheredSong
from lyricsrec.lyrics.annotation import Annotation
from lyricsrec.lyrics.transcript import Line
from lyricsrec.music.form.sections import find_sections

TABLE = "JamendoLyrics.csv"
_COLUMNS = (
    *("URL", "Filepath", "Artist", "Title", "Genre", "LicenseType", "Language"),
    *("LyricOverlap", "Polyphonic", "NonLexical"),
)
_NOT_IN_NAMES = re.compile(r"[^\w.'()-]+")


def name_of(annotation: Annotation) -> str:
    """The name of a song's files, as the data set has them: "Title_-_Artist"."""
    parts = (_NOT_IN_NAMES.sub("_", text).strip("_.") or "song" for text in (annotation.title, annotation.artist))
    return "_-_".join(part[:80] for part in parts)


def table_of(songs: Iterable[tuple[str, GatheredSong]]) -> str:
    """The table of songs, given with their names. Overlaps and several voices follow from the lines."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(_COLUMNS)
    for name, song in songs:
        assert song.annotation is not None
        row, lines = song.row, song.annotation.lines
        suffix = song.audio.suffix if song.audio is not None else ".mp3"
        overlaps = any((a.end_s or 0.0) > (b.start_s or 0.0) for a, b in pairwise(lines))
        voices = any(line.role == "backing" or len(line.singers) > 1 for line in lines)
        flags = (str(overlaps).lower(), str(voices).lower(), "")
        known = (row["source"], f"{name}{suffix}", row["artist"], row["title"], row["genre"], row["licence"])
        table.writerow([*known, (song.annotation.language or "").capitalize(), *flags])
    return text.getvalue()


def files_of(name: str, lines: Sequence[Line]) -> dict[str, str]:
    """The files of a song by their paths in the folder of the data set."""
    begins = {section.lines[0] for section in find_sections(lines) if section.lines and section.lines[0]}
    lyrics = "".join("\n" * (number in begins) + f"{line.text}\n" for number, line in enumerate(lines))
    words = "".join(f"{word.text}\n" for line in lines for word in line.words)
    of_words = ["word_start,word_end,line_end"]
    for line in lines:
        for number, word in enumerate(line.words, 1):
            last = f"{line.end_s:.3f}" if number == len(line.words) else "nan"
            of_words.append(f"{word.start_s:.3f},{word.end_s:.3f},{last}")
    of_lines = io.StringIO()
    table = csv.writer(of_lines, lineterminator="\n")
    table.writerow(("start_time", "end_time", "lyrics_line"))
    table.writerows((f"{line.start_s:.3f}", f"{line.end_s:.3f}", line.text) for line in lines)
    return {
        f"lyrics/{name}.txt": lyrics,
        f"lyrics/{name}.words.txt": words,
        f"annotations/words/{name}.csv": "\n".join(of_words) + "\n",
        f"annotations/lines/{name}.csv": of_lines.getvalue(),
    }
