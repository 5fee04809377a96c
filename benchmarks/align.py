"""Accuracy of aligning known lyrics with whole songs, also where text and song differ.

    python benchmarks/align.py [--model MODEL] [--emissions FOLDER] [--set NAME=VALUE]... SONGS_DIR

Each folder in SONGS_DIR holds one song (`audio.*`) and its word times (`words.csv`: start, end, word, line). It may also
be a copy of JamendoLyrics, of which the songs with audio are used. Conditions: the full text; a tenth of the lines
removed; a tenth added from other songs; the first verse missing (up to the first break of 3 s after three lines).
Onset errors are those of mir_eval.alignment; an unplaced word counts as wrong and is left out of the mean.
With `--emissions`, emissions are saved in that folder and loaded from there in later runs.
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
class AnnotatedSong:
    """A song: its audio, its annotated lines, and the language in which digits are written out."""

    name: str
    audio: Path
    lines: tuple[Line, ...]
    language: str = "english"


def songs(folder: Path) -> Iterator[AnnotatedSong]:
    """The songs of a folder that have audio and word times."""
    if (folder / TABLE).exists():
        for row in read_table(folder):
            if (audio := folder / "mp3" / row.audio).exists():
                annotation = read_jamendo(folder, row)
                yield AnnotatedSong(row.name, audio, annotation.lines, annotation.language or "english")
        return
    for words in sorted(folder.glob("*/words.csv")):
        if audios := sorted(words.parent.glob("audio.*")):
            lines: dict[str, list[Word]] = defaultdict(list)
            with words.open(encoding="utf-8", newline="") as file:
                for row in csv.DictReader(file):
                    lines[row["line"]].append(Word(row["word"], float(row["start"]), float(row["end"])))
            yield AnnotatedSong(words.parent.name, audios[0], tuple(Line(tuple(line)) for line in lines.values()))


def conditions(song: AnnotatedSong, others: Sequence[Line], seed: int) -> Iterator[tuple[str, list[tuple[Line, bool]]]]:
    """The name and text of each condition: its lines, and whether each is sung."""
    rng = random.Random(f"{song.name} {seed}")
    lines = [(line, True) for line in song.lines]
    tenth = max(round(len(lines) / 10), 1)
    removed = set(rng.sample(range(len(lines)), tenth))
    added = list(lines)
    for foreign in rng.sample(others, min(tenth, len(others))):
        added.insert(rng.randrange(len(added) + 1), (foreign, False))
    yield "full", lines
    yield "removed", [line for i, line in enumerate(lines) if i not in removed]
    yield "added", added
    yield "no first verse", lines[_first_verse(song.lines) :]


def _first_verse(lines: Sequence[Line]) -> int:
    """Number of lines before the first break of 3 s after three lines; a fifth of all if there is none early on."""
    for i in range(3, len(lines) // 2):
        if (lines[i].start_s or 0.0) - (lines[i - 1].end_s or 0.0) > 3:
            return i
    return max(len(lines) // 5, 1)


def load_emission(song: AnnotatedSong, pipeline: Pipeline | None, folder: Path | None) -> tuple[Emission, float]:
    """The emission of a song and the seconds it took to compute; saved in a folder and loaded from there."""
    saved = None if folder is None else folder / f"{song.name}.npz"
    if saved is not None and saved.exists():
        with np.load(saved) as file:
            labels, (blank, space), frame_s = tuple(map(str, file["labels"])), file["marks"], float(file["frame_s"])
            vocabulary = Vocabulary(
                labels, int(blank), None if space < 0 else int(space), special=tuple(file["special"])
            )
            return Emission(file["log_probs"], frame_s, 0.0, vocabulary=vocabulary), math.nan
    assert pipeline is not None, "--model is missing, and no emission is saved"
    began = time.perf_counter()
    with open_path(song.audio) as opened:
        emission = pipeline.emission(opened)
    took = time.perf_counter() - began
    if saved is not None:
        saved.parent.mkdir(parents=True, exist_ok=True)
        v = emission.vocabulary
        marks = np.array([v.blank, -1 if v.space is None else v.space])
        special = np.array([*v.special, *([] if v.unknown is None else [v.unknown])], np.int64)
        np.savez(
            saved, log_probs=emission.log_probs, labels=v.labels, marks=marks, frame_s=emission.frame_s, special=special
        )
    return emission, took


@dataclasses.dataclass
class Result:
    """Words of one or several texts: errors of the placed ones, their number, and whether lines of each band are right."""

    errors: list[float] = dataclasses.field(default_factory=list)
    late: list[float] = dataclasses.field(default_factory=list)
    num_words: int = 0
    foreign: list[bool] = dataclasses.field(default_factory=list)
    bands: dict[str, list[bool]] = dataclasses.field(default_factory=lambda: defaultdict(list))

    def add(self, text: Sequence[tuple[Line, bool]], aligned: Sequence[Line]) -> None:
        """Add the words of an aligned text."""
        for (line, sung), found in zip(text, aligned, strict=True):
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
        # mir_eval takes times in ascending order: give it sorted errors, compared with zeros.
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
    parser.add_argument("--model", help="a CTC model; not needed where all emissions are saved")
    parser.add_argument("--separator", default="spleeter", help="its vocals are recognised as well as the mix")
    parser.add_argument("--emissions", type=Path, help="save and load emissions in this folder")
    parser.add_argument("--seeds", type=int, default=1, help="number of random choices of lines to remove and add")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a field of AlignConfig")
    arguments = parser.parse_args()
    config = AlignConfig(**{name: float(value) for name, value in (pair.split("=") for pair in arguments.set)})
    pipeline = None
    if arguments.model:
        pipeline = load_pipeline("offline", model=arguments.model, separator=arguments.separator)
    everything = list(songs(arguments.folder))
    pooled: dict[str, Result] = defaultdict(Result)
    recognizing_s = aligning_s = total_s = 0.0
    for song in everything:
        emission, took = load_emission(song, pipeline, arguments.emissions)
        total_s += len(emission.log_probs) * emission.frame_s
        recognizing_s += took
        others = [line for other in everything if other is not song for line in other.lines]
        results: dict[str, Result] = defaultdict(Result)
        for seed in range(arguments.seeds):
            for name, text in conditions(song, others, seed):
                given = [Line(tuple(Word(word.text, None, None) for word in line.words)) for line, _ in text]
                began = time.perf_counter()
                aligned = align(emission, given, dataclasses.replace(config, language=song.language))
                aligning_s += (time.perf_counter() - began) / arguments.seeds / 4
                for result in (results[name], pooled[name]):
                    result.add(text, aligned)
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
    print(f"recognising {total_s / recognizing_s:.1f} times real time, aligning {total_s / aligning_s:.1f} times")


if __name__ == "__main__":
    main()
