"""DALI entries with their times corrected, and nothing else changed."""

from __future__ import annotations

import math
from typing import Any

from lyricsrec.formats.dali.check import LEVELS
from lyricsrec.formats.dali.entry import DaliEntry
from lyricsrec.lyrics.retiming import Retiming


def retime_entry(entry: DaliEntry, retiming: Retiming) -> DaliEntry:
    """The entry with every time corrected on every level, and its beats with them.

    A line that moves takes its words and notes along; its paragraph spans its lines again.
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
    """Of which line each item of each level is."""
    words = [word.get("index") for word in annot["words"]]
    notes = [words[note["index"]] if "index" in note else None for note in annot.get("notes", [])]
    paragraphs: list[int | None] = [None] * len(annot.get("paragraphs", []))
    return {"notes": notes, "words": words, "lines": list(range(len(annot["lines"]))), "paragraphs": paragraphs}


def _moved(item: dict[str, Any], retiming: Retiming, line: int | None) -> dict[str, Any]:
    return {**item, "time": [retiming.at(t, line) if math.isfinite(t) else t for t in item["time"]]}


def _spanning(item: dict[str, Any], number: int, lines: list[dict[str, Any]]) -> dict[str, Any]:
    times = [t for line in lines if line.get("index") == number for t in line["time"] if math.isfinite(t)]
    return {**item, "time": [min(times), max(times)]} if times else item
