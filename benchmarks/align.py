"""How well known lyrics are placed in whole songs, also where text and song differ.

    python benchmarks/align.py [--model MODEL] [--emissions FOLDER] [--set NAME=VALUE]... SONGS_DIR

Each folder in it holds one song (`audio.*`) and its word times (`words.csv`: start, end, word, line); a folder of
JamendoLyrics is taken for its songs that have sound. Conditions: the full text; a tenth of the lines removed; a tenth
of lines added that belong to other songs; the first verse missing (up to the first break of 3 s after three lines).
Onset errors are those of mir_eval.alignment; a word without a place counts as wrong, and is left out of the mean.
With `--emissions`, what the model hears is kept there, and not heard again.
"""

from __future__ import annotations

import argparse
import csv
import dataclasses
import math
import random
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import mir_eval.alignment
import numpy as np

from lyricsrec.alignment.align import align
from lyricsrec.alignment.settings import AlignConfig
from lyricsrec.audio.media import open_path
from lyricsrec.dataset.sources.jamendolyrics import TABLE, read_jamendo, read_table
from lyricsrec.decoding.emission import Emission, Vocabulary
from lyricsrec.lyrics.transcript import Line, Word
from lyricsrec.pipeline.load import load_pipeline
from lyricsrec.pipeline.pipeline import Pipeline

CORRECT_S = 0.3


@dataclasses.dataclass(frozen=True)
class Sung:
    """A song: its sound, its annotated lines, and the language of its digits."""

    name: str
    audio: Path
    lines: tuple[Line, ...]
    language: str = "english"


def songs(folder: Path) -> Iterator[Sung]:
    """The songs of a folder that have sound and word times."""
    if (folder / TABLE).exists():
        for row in read_table(folder):
            if (audio := folder / "mp3" / row.audio).exists():
                annotation = read_jamendo(folder, row)
                yield Sung(row.name, audio, annotation.lines, annotation.language or "english")
        return
    for words in sorted(folder.glob("*/words.csv")):
        if audios := sorted(words.parent.glob("audio.*")):
            lines: dict[str, list[Word]] = defaultdict(list)
            with words.open(encoding="utf-8", newline="") as file:
                for row in csv.DictReader(file):
                    lines[row["line"]].append(Word(row["word"], float(row["start"]), float(row["end"])))
            yield Sung(words.parent.name, audios[0], tuple(Line(tuple(line)) for line in lines.values()))


def conditions(song: Sung, others: Sequence[Line], seed: int) -> Iterator[tuple[str, list[tuple[Line, bool]]]]:
    """Texts to align: their lines, and whether each is sung."""
    chance = random.Random(f"{song.name} {seed}")
    lines = [(line, True) for line in song.lines]
    tenth = max(round(len(lines) / 10), 1)
    removed = set(chance.sample(range(len(lines)), tenth))
    added = list(lines)
    for foreign in chance.sample(others, min(tenth, len(others))):
        added.insert(chance.randrange(len(added) + 1), (foreign, False))
    yield "full", lines
    yield "removed", [line for i, line in enumerate(lines) if i not in removed]
    yield "added", added
    yield "no first verse", lines[_first_verse(song.lines) :]


def _first_verse(lines: Sequence[Line]) -> int:
    """How many lines lie before the first break of 3 s after three lines; a fifth where none is early."""
    for i in range(3, len(lines) // 2):
        if (lines[i].start_s or 0.0) - (lines[i - 1].end_s or 0.0) > 3:
            return i
    return max(len(lines) // 5, 1)


def heard(song: Sung, pipeline: Pipeline | None, folder: Path | None) -> tuple[Emission, float]:
    """What the model hears in a song, and the seconds it took; kept in a folder, and taken from it."""
    kept = None if folder is None else folder / f"{song.name}.npz"
    if kept is not None and kept.exists():
        with np.load(kept) as file:
            labels, (blank, space), frame_s = tuple(map(str, file["labels"])), file["marks"], float(file["frame_s"])
            vocabulary = Vocabulary(
                labels, int(blank), None if space < 0 else int(space), special=tuple(file["special"])
            )
            return Emission(file["log_probs"], frame_s, 0.0, vocabulary=vocabulary), math.nan
    assert pipeline is not None, "no model, and nothing kept"
    began = time.perf_counter()
    with open_path(song.audio) as opened:
        emission = pipeline.emission(opened)
    took = time.perf_counter() - began
    if kept is not None:
        kept.parent.mkdir(parents=True, exist_ok=True)
        v = emission.vocabulary
        marks = np.array([v.blank, -1 if v.space is None else v.space])
        special = np.array([*v.special, *([] if v.unknown is None else [v.unknown])], np.int64)
        np.savez(
            kept, log_probs=emission.log_probs, labels=v.labels, marks=marks, frame_s=emission.frame_s, special=special
        )
    return emission, took


@dataclasses.dataclass
class Result:
    """Words of one text or of several: what placed ones are off by, how many there are, and lines by their band."""

    errors: list[float] = dataclasses.field(default_factory=list)
    late: list[float] = dataclasses.field(default_factory=list)
    num_words: int = 0
    foreign: list[bool] = dataclasses.field(default_factory=list)
    bands: dict[str, list[bool]] = dataclasses.field(default_factory=lambda: defaultdict(list))

    def add(self, text: Sequence[tuple[Line, bool]], placed: Sequence[Line]) -> None:
        """Count the words of a text as they were placed."""
        for (line, sung), found in zip(text, placed, strict=True):
            if not sung:
                self.foreign.append(found.start_s is not None)
                self.bands[found.placement.band].append(False)
                continue
            pairs = [
                (a.start_s, b.start_s) for a, b in zip(line.words, found.words, strict=True) if b.start_s is not None
            ]
            self.num_words += len(line.words)
            if pairs:
                reference, estimated = (np.array(times) for times in zip(*pairs, strict=True))
                self.late += list(estimated - reference)
                errors = np.abs(estimated - reference)
                self.errors += list(errors)
                self.bands[found.placement.band].append(bool((errors <= CORRECT_S).mean() > 0.5))

    def __str__(self) -> str:
        # Sorted errors stand for times, which must grow: of several texts they would not.
        errors = np.sort([*self.errors, *[1e9] * (self.num_words - len(self.errors))])
        zeros = np.zeros(len(errors))
        placed = len(self.errors)
        median, mean = mir_eval.alignment.absolute_error(zeros[:placed], errors[:placed])
        correct = mir_eval.alignment.percentage_correct(zeros, errors, CORRECT_S)
        text = f"median {1e3 * median:4.0f} ms ({1e3 * np.median(self.late):+4.0f})  mean {mean:5.2f} s"
        text += f"  {100 * correct:5.1f} % within {CORRECT_S} s, {100 * (errors <= 1).mean():5.1f} % within 1 s"
        if len(self.errors) < self.num_words:
            text += f"  {self.num_words - len(self.errors)} of {self.num_words} words unplaced"
        return text + (f"  {sum(self.foreign)} of {len(self.foreign)} foreign lines placed" if self.foreign else "")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", help="a CTC model; may be left out where all emissions are kept")
    parser.add_argument("--separator", default="none")
    parser.add_argument("--emissions", type=Path, help="keep what is heard in this folder")
    parser.add_argument("--seeds", type=int, default=1, help="how often lines are removed and added")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a field of AlignConfig")
    arguments = parser.parse_args()
    config = AlignConfig(**{name: float(value) for name, value in (pair.split("=") for pair in arguments.set)})
    pipeline = None
    if arguments.model:
        pipeline = load_pipeline("offline", model=arguments.model, separator=arguments.separator)
    everything = list(songs(arguments.folder))
    pooled: dict[str, Result] = defaultdict(Result)
    hearing_s = aligning_s = heard_s = 0.0
    for song in everything:
        emission, took = heard(song, pipeline, arguments.emissions)
        heard_s += len(emission.log_probs) * emission.frame_s
        hearing_s += took
        others = [line for other in everything if other is not song for line in other.lines]
        results: dict[str, Result] = defaultdict(Result)
        for seed in range(arguments.seeds):
            for name, text in conditions(song, others, seed):
                given = [Line(tuple(Word(word.text, None, None) for word in line.words)) for line, _ in text]
                began = time.perf_counter()
                placed = align(emission, given, dataclasses.replace(config, language=song.language))
                aligning_s += (time.perf_counter() - began) / arguments.seeds / 4
                for result in (results[name], pooled[name]):
                    result.add(text, placed)
        print(song.name)
        for name, result in results.items():
            print(f"  {name:15} {result}", flush=True)
    print("all")
    for name, result in pooled.items():
        print(f"  {name:15} {result}")
    for band in ("sure", "likely", "doubtful"):
        right = [line for result in pooled.values() for line in result.bands[band]]
        print(
            f"{band} lines: {len(right)}, {100 * np.mean(right or [np.nan]):.1f} % of them with most words within {CORRECT_S} s"
        )
    print(f"hearing {heard_s / hearing_s:.1f} times real time, aligning {heard_s / aligning_s:.1f} times")


if __name__ == "__main__":
    main()
