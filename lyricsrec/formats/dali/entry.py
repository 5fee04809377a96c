"""DALI entries: annotations of songs on four levels (notes, words, lines, paragraphs).

Horizontal: a list for each level, each item with the `index` of its parent. Vertical: paragraphs of lines of words of
notes. Meseguer-Brocal et al., "DALI: a large dataset of synchronised audio, lyrics and
notes", ISMIR 2018, and its documentation.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lyricsrec.base.errors import DataError
from lyricsrec.base.output import display_name
from lyricsrec.base.reading.input_files import DOCUMENT_BYTES, read_input
from lyricsrec.base.reading.json_text import is_finite, load_json
from lyricsrec.formats.dali.check import LEVELS, check_entry
from lyricsrec.formats.dali.pickle import REFETCH_HINT, load_entry, load_plain, load_table
from lyricsrec.lyrics.annotation import Annotation
from lyricsrec.lyrics.languages import language_name
from lyricsrec.lyrics.transcript import Line, Word

SUFFIXES = (".gz", ".json")


@dataclass(frozen=True)
class Timing:
    """The times of beats: `fr` beats a minute, starting at `offset_s`."""

    fr: float
    offset_s: float


@dataclass(frozen=True)
class DaliEntry:
    """One entry of the data set: `info` and `annotations` are DALI's own nested dictionaries."""

    info: dict[str, Any]
    annotations: dict[str, Any]

    @property
    def song_id(self) -> str:
        """DALI's id of the song."""
        return str(self.info["id"])

    @property
    def timing(self) -> Timing:
        """The beats on which the annotation was made."""
        param = self.annotations["annot_param"]
        return Timing(float(param["fr"]), float(param["offset"]))

    def to_horizontal(self) -> DaliEntry:
        """The same entry with a list for each level."""
        if self.annotations["type"] == "horizontal":
            return self
        levels: dict[str, list[dict[str, Any]]] = {level: [] for level in LEVELS}
        _unroll(self.annotations["annot"]["hierarchical"], len(LEVELS) - 1, None, levels=levels)
        return DaliEntry(self.info, {**self.annotations, "type": "horizontal", "annot": levels})

    def to_vertical(self) -> DaliEntry:
        """The same entry with each level inside the one above it. Raises DataError when a link is missing."""
        if self.annotations["type"] == "vertical":
            return self
        annot = self.annotations["annot"]
        rolled = [dict(item) for item in annot.get(LEVELS[0], [])]
        for level in LEVELS[1:]:
            parents = [{**item, "text": []} for item in annot.get(level, [])]
            for item in rolled:
                if "index" not in item:
                    raise DataError(
                        f"{self.song_id}: an item has no index into the {level}",
                        "The entry cannot be made vertical; keep it horizontal.",
                    )
                parents[item.pop("index")]["text"].append(item)
            rolled = parents
        return DaliEntry(self.info, {**self.annotations, "type": "vertical", "annot": {"hierarchical": rolled}})

    def retimed(self, timing: Timing) -> DaliEntry:
        """The entry with corrected beats, as in DALI's ground truth, and marked as ground truth.

        Each time moves with its beat, `round((t - offset) * fr / 60)`.
        """
        old = self.timing

        def moved(item: dict[str, Any]) -> dict[str, Any]:
            if not all(math.isfinite(t) for t in item["time"]):
                return item
            beats = [round((t - old.offset_s) * old.fr / 60) for t in item["time"]]
            return {**item, "time": [beat * 60 / timing.fr + timing.offset_s for beat in beats]}

        horizontal = self.to_horizontal()
        levels = horizontal.annotations["annot"]
        annot = {**levels, **{level: [moved(item) for item in levels[level]] for level in LEVELS if level in levels}}
        param = {**self.annotations["annot_param"], "fr": timing.fr, "offset": timing.offset_s}
        retimed = DaliEntry(
            {**self.info, "ground-truth": True}, {**horizontal.annotations, "annot": annot, "annot_param": param}
        )
        return retimed.to_vertical() if self.annotations["type"] == "vertical" else retimed

    def annotation(self) -> Annotation:
        """The words of the entry in their lines, with its metadata."""
        annot = self.to_horizontal().annotations["annot"]
        lines: list[list[Word]] = [[] for _ in annot["lines"]]
        for word in annot["words"]:
            lines[word["index"]].append(Word(word["text"], float(word["time"][0]), float(word["time"][1])))
        metadata = self.info.get("metadata") or {}
        return Annotation(
            song_id=self.song_id,
            artist=_named(self.info.get("artist")),
            title=_named(self.info.get("title")),
            lines=tuple(Line(tuple(words)) for words in lines),
            language=language_name(metadata.get("language")),
            ncc=_ncc(self.info),
            is_ground_truth=self.info.get("ground-truth") is True,
            genres=tuple(str(genre) for genre in metadata.get("genres") or () if str(genre) != "None"),
        )

    def to_json(self) -> str:
        """The entry in the JSON of the DALI package."""
        return json.dumps({"info": self.info, "annotations": self.annotations}, ensure_ascii=False)


def read_entry(path: Path) -> DaliEntry:
    """Read an entry from its `.gz` pickle or from DALI's JSON.

    Raises DataError if the file is neither, names a global that no DALI entry needs, or lacks a part.
    """
    name = display_name(path)
    if path.suffix != ".json":
        loaded = load_entry(path)
        return _checked(loaded.info, loaded.annotations, name)
    try:
        document = load_json(read_input(path, DOCUMENT_BYTES))
    except OSError as error:
        raise DataError(f"{name}: cannot be read ({error.strerror})") from None
    except ValueError as error:
        raise DataError(f"{name}: not a DALI entry in JSON ({error})", REFETCH_HINT) from None
    return entry_of_json(document, name)


def entry_of_json(document: Any, name: str) -> DaliEntry:
    """The entry in the parsed JSON of a file called `name`. Raises DataError if it is not an entry."""
    try:
        info, annotations = document["info"], document["annotations"]
    except (KeyError, TypeError):
        raise DataError(f"{name}: not a DALI entry in JSON", REFETCH_HINT) from None
    return _checked(info, annotations, name)


def _checked(info: Any, annotations: Any, name: str) -> DaliEntry:
    try:
        check_entry(info, annotations)
    except ValueError as error:
        raise DataError(f"{name}: incomplete DALI entry: {error}", REFETCH_HINT) from None
    return DaliEntry(info, annotations)


def read_ground_truth(path: Path) -> dict[str, Timing]:
    """The corrected beats by song id. Raises DataError if the file is not a ground truth of DALI."""
    loaded = load_plain(path)
    try:
        truth = {str(key): Timing(float(value["fr"]), float(value["offset"])) for key, value in loaded.items()}
        if all(timing.fr > 0 for timing in truth.values()):
            return truth
        raise ValueError
    except (AttributeError, KeyError, TypeError, ValueError):
        raise DataError(
            f"{display_name(path)}: not a DALI ground truth (ids with fr and offset)", REFETCH_HINT
        ) from None


def read_data_info(path: Path) -> dict[str, str]:
    """The video of each song, by song id, from DALI_DATA_INFO. Raises DataError if the file is not this table."""
    rows = load_table(path)
    if not rows or str(rows[0][0]) != "DALI_ID":
        raise DataError(f"{display_name(path)}: its first row does not begin with DALI_ID", "Give DALI_DATA_INFO.gz.")
    return {str(row[0]): _video(str(row[-2]), row[-1]) for row in rows[1:] if len(row) >= 3}


def video_remark(info: Mapping[str, Any]) -> str | None:
    """The video that the audio of an entry came from, for messages; None if unknown."""
    audio = info.get("audio")
    if not isinstance(audio, dict) or str(audio.get("url")) == "None":
        return None
    return _video(str(audio["url"]), audio.get("working"))


def _unroll(items: Sequence[Mapping[str, Any]], level: int, index: int | None, *, levels: dict[str, Any]) -> None:
    for item in items:
        below = item["text"]
        flat = {**item, "text": _text(below, level)}
        if index is not None:
            flat["index"] = index
        levels[LEVELS[level]].append(flat)
        if level:
            _unroll(below, level - 1, len(levels[LEVELS[level]]) - 1, levels=levels)


def _text(below: Any, level: int) -> str:
    """The text of an item of a level: notes are joined into words, words are separated by spaces."""
    if level == 0:
        return str(below)
    return ("" if level == 1 else " ").join(_text(item["text"], level - 1) for item in below)


def _video(url: str, working: object) -> str:
    return f"video {url}" + ("" if str(working) == "True" else ", marked as unavailable")


def _named(value: object) -> str:
    """A name, empty where DALI has none."""
    return "" if value is None or value == "None" else str(value)


def _ncc(info: Mapping[str, Any]) -> float | None:
    value = (info.get("scores") or {}).get("NCC")
    return float(value) if is_finite(value) else None
