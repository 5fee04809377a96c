"""Annotations of other sources as DALI entries."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from lyricsrec.base.errors import DataError
from lyricsrec.base.output import write_bytes
from lyricsrec.formats.dali.entry import DaliEntry, Timing
from lyricsrec.formats.dali.pickle import dump_entry
from lyricsrec.lyrics.annotation import Annotation, Note, can_name_a_file
from lyricsrec.lyrics.music.notes import HELD

_PARAGRAPH_GAP_S = 3.0
_MILLISECONDS = Timing(fr=60_000.0, offset_s=0.0)


def to_dali(annotation: Annotation, timing: Timing = _MILLISECONDS) -> DaliEntry:
    """A horizontal entry of version 1.0 with every word of the annotation.

    A break of more than 3 s between lines begins a new paragraph. A word without notes gets one without a pitch.
    `timing` is the beats of the annotation; milliseconds if it has none.
    """
    levels: dict[str, list[dict[str, Any]]] = {"notes": [], "words": [], "lines": [], "paragraphs": []}
    position, last_end_s = 0, float("-inf")
    for line in (line for line in annotation.lines if line.words):
        words = []
        for word in line.words:
            start_s, end_s = word.start_s or 0.0, word.end_s or 0.0
            given = annotation.notes[position] if annotation.notes else (Note(word.text, start_s, end_s),)
            notes = _spelling(word.text, given)
            position += 1
            items = [_item(n.text, n.start_s, n.end_s, freq=[n.freq_hz] * 2, index=len(levels["words"])) for n in notes]
            levels["notes"] += items
            # DALI's texts of words are those of their notes; their times need not be.
            words.append({**_above(items, "", len(levels["lines"])), "time": [start_s, end_s]})
            levels["words"].append(words[-1])
        if words[0]["time"][0] - last_end_s > _PARAGRAPH_GAP_S:
            levels["paragraphs"].append({})
        paragraph = len(levels["paragraphs"]) - 1
        levels["lines"].append(_above(words, " ", paragraph))
        last_end_s = words[-1]["time"][1]
    for number in range(len(levels["paragraphs"])):
        lines = [line for line in levels["lines"] if line["index"] == number]
        levels["paragraphs"][number] = _above(lines, " ", None)
    info = {
        "id": annotation.song_id,
        "artist": annotation.artist or "None",
        "title": annotation.title or "None",
        "audio": {"url": "None", "working": False, "path": "None"},
        "metadata": {
            "album": "None",
            "release_date": "None",
            "cover": "None",
            "genres": list(annotation.genres) or ["None"],
            "language": annotation.language or "None",
        },
        "scores": {"NCC": math.nan if annotation.ncc is None else annotation.ncc, "manual": 0.0},
        "dataset_version": 1.0,
        "ground-truth": annotation.is_ground_truth,
    }
    param = {"fr": timing.fr, "offset": timing.offset_s}
    return DaliEntry(info, {"type": "horizontal", "annot": levels, "annot_param": param})


def write_entry(folder: Path, entry: DaliEntry, form: str) -> Path:
    """Write an entry under its id, as DALI's pickle ("gz") or DALI's JSON ("json"); returns the path.

    Raises DataError if the entry cannot be written in this form, OutputError if the file cannot be written.
    """
    if not can_name_a_file(entry.song_id):
        raise DataError(f"the id {entry.song_id!r} cannot be a file name", "Use letters, digits, points, - and _.")
    path = folder / f"{entry.song_id}.{form}"
    write_bytes(path, entry_bytes(entry, form))
    return path


def entry_bytes(entry: DaliEntry, form: str) -> bytes:
    """An entry as DALI's pickle ("gz") or DALI's JSON ("json"). Raises DataError if that is not possible."""
    try:
        return entry.to_json().encode() if form == "json" else dump_entry(entry.info, entry.annotations)
    except (TypeError, ValueError, RecursionError) as error:
        raise DataError(f"{entry.song_id}: cannot be written ({error})") from None


def _spelling(word: str, notes: Sequence[Note]) -> Sequence[Note]:
    """The notes of a word with texts that make up the word: without the marks of held syllables."""
    bare = [replace(note, text=note.text.replace(HELD, "")) for note in notes]
    if "".join(note.text for note in bare) == word:
        return bare
    return [replace(note, text="" if i else word) for i, note in enumerate(bare)]


def _item(text: str, start_s: float, end_s: float, *, freq: list[float], index: int | None) -> dict[str, Any]:
    item = {"text": text.lower(), "time": [start_s, end_s], "freq": freq}
    return item if index is None else {**item, "index": index}


def _above(items: list[dict[str, Any]], separator: str, index: int | None) -> dict[str, Any]:
    """The item of the next level that contains these."""
    freqs = [f for item in items for f in item["freq"]]
    text = separator.join(item["text"] for item in items)
    return _item(text, items[0]["time"][0], items[-1]["time"][1], freq=[min(freqs), max(freqs)], index=index)
