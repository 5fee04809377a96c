"""DALI entries as lyrics: read, and written back with corrected times and nothing else changed."""

from __future__ import annotations

import math
from typing import Any

from lyricsrec.base.errors import DataError
from lyricsrec.base.reading.json_text import load_json
from lyricsrec.formats.base import Format, Lyrics, Parsed, Rewritten, Source, parsed_annotation
from lyricsrec.formats.dali.check import LEVELS
from lyricsrec.formats.dali.entry import DaliEntry, entry_of_json, read_entry
from lyricsrec.formats.dali.export import entry_bytes
from lyricsrec.formats.dali.pickle import REFETCH_HINT
from lyricsrec.lyrics.retiming import Retiming


def retime_entry(entry: DaliEntry, retiming: Retiming) -> DaliEntry:
    """The entry with every time corrected on every level, and its beats with them.

    Words and notes move with their line; the times of its paragraph are adjusted.
    """
    horizontal = entry.to_horizontal()
    annot = horizontal.annotations["annot"]
    lines = _numbers(annot)
    levels = {
        level: [_moved(item, retiming, line) for item, line in zip(annot[level], lines[level], strict=True)]
        for level in LEVELS
        if level in annot
    }
    if retiming.moves_s and "paragraphs" in levels:
        levels["paragraphs"] = [_spanning(item, i, levels["lines"]) for i, item in enumerate(levels["paragraphs"])]
    param = entry.annotations["annot_param"]
    timing = {"fr": entry.timing.fr / retiming.stretch, "offset": retiming.at(entry.timing.offset_s)}
    corrected = DaliEntry(
        entry.info,
        {**horizontal.annotations, "annot": {**annot, **levels}, "annot_param": {**param, **timing}},
    )
    return corrected.to_vertical() if entry.annotations["type"] == "vertical" else corrected


def _numbers(annot: dict[str, Any]) -> dict[str, list[int | None]]:
    """The line that each item of each level belongs to."""
    words = [word.get("index") for word in annot["words"]]
    notes = [words[note["index"]] if "index" in note else None for note in annot.get("notes", [])]
    paragraphs: list[int | None] = [None] * len(annot.get("paragraphs", []))
    return {"notes": notes, "words": words, "lines": list(range(len(annot["lines"]))), "paragraphs": paragraphs}


def _moved(item: dict[str, Any], retiming: Retiming, line: int | None) -> dict[str, Any]:
    return {**item, "time": [retiming.at(t, line) if math.isfinite(t) else t for t in item["time"]]}


def _spanning(item: dict[str, Any], number: int, lines: list[dict[str, Any]]) -> dict[str, Any]:
    times = [t for line in lines if line.get("index") == number for t in line["time"] if math.isfinite(t)]
    return {**item, "time": [min(times), max(times)]} if times else item


def _sniff(source: Source) -> bool:
    return isinstance(source.document, dict) and "annotations" in source.document


def _parse(source: Source) -> Parsed:
    packed = source.suffix == ".gz" and source.path is not None
    entry = read_entry(source.path) if packed and source.path else entry_of_json(source.document, source.name)
    try:
        return parsed_annotation(entry.annotation(), "" if packed else source.encoding)
    except (AttributeError, OverflowError, TypeError, ValueError) as error:
        raise DataError(f"{source.name}: invalid DALI entry ({error})", REFETCH_HINT) from None


def _retime(lyrics: Lyrics, retiming: Retiming, suffix: str) -> Rewritten:
    packed = lyrics.path is not None and lyrics.path.suffix.lower() == ".gz"
    entry = read_entry(lyrics.path) if packed and lyrics.path else entry_of_json(load_json(lyrics.data), lyrics.name)
    return Rewritten(entry_bytes(retime_entry(entry, retiming), "json" if suffix.lower() == ".json" else "gz"))


DALI = Format("dali", (".gz", ".json"), "DALI entry, packed or JSON", sniff=_sniff, parse=_parse, retime=_retime)
