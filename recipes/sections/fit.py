"""Fits the weights by which lines begin a section, on songs of JamendoLyrics whose lyrics are CC BY or CC BY-SA.

    python recipes/sections/fit.py JAMENDOLYRICS lyricsrec/data/sections/boundaries.json

Blank rows in the lyrics are the begins of sections. The bias is the one with the best F1 by leave-one-song-out.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from lyricsrec.lyrics.transcript import Line, Word
from lyricsrec.music.form.boundaries import BoundaryModel, Weights
from lyricsrec.music.form.clues import CLUES, OF_TIMES, SungLines, clues_of

PENALTY = {"shipped": 10.0, "folds": 3.0}
"""Of the squared weights of standardised clues; higher for few songs."""
LENGTH_WEIGHT = 0.6
MORE_BEGINS = (0.0, 0.3, 0.6, 0.9)
"""Log-odds that are added to all begins: lengths and begins are counted twice, so the fitted bias cuts too rarely."""
LONGEST = 24
SMOOTHING = 3.6
"""Sections that are added for each length."""
_FREE = re.compile(r"(?:CC\s+)?BY(?:-SA)?")

Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Example:
    """A song: its lines with times, and the lines that begin a section, but for the first."""

    name: str
    language: str
    lines: tuple[Line, ...]
    begins: frozenset[int]
    is_free: bool

    @cached_property
    def song(self) -> SungLines:
        """Its lines for clues."""
        return SungLines.of(self.lines)

    @cached_property
    def untimed(self) -> tuple[Line, ...]:
        """Its lines without times."""
        return tuple(Line(tuple(Word(word.text, None, None) for word in line.words)) for line in self.lines)

    @cached_property
    def clues(self) -> Values:
        """All its clues, (lines - 1, clues)."""
        return clues_of(self.song, list(CLUES))

    @cached_property
    def truth(self) -> Values:
        """For each line but the first, 1 if it begins a section."""
        return np.array([number in self.begins for number in self.song.begins], float)


def read_examples(folder: Path) -> list[Example]:
    """The songs whose lyrics have blank rows."""
    with (folder / "JamendoLyrics.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    found = (_example(folder, row) for row in rows)
    return [example for example in found if example.begins]


def _example(folder: Path, row: dict[str, str]) -> Example:
    name = Path(row["Filepath"]).stem
    texts, begins, blank = list[str](), set[int](), False
    for text in (folder / "lyrics" / f"{name}.txt").read_text("utf-8").splitlines():
        if text.strip():
            if blank and texts:
                begins.add(len(texts))
            texts.append(text)
        blank = not text.strip()
    with (folder / "annotations" / "lines" / f"{name}.csv").open(encoding="utf-8") as file:
        times = [(float(line["start_time"]), float(line["end_time"])) for line in csv.DictReader(file)]
    lines = tuple(Line((Word(text.strip(), *span),)) for text, span in zip(texts, times, strict=True))
    return Example(name, row["Language"], lines, frozenset(begins), _FREE.fullmatch(row["LicenseType"]) is not None)


def fit(examples: Sequence[Example], penalty: float, more: float) -> BoundaryModel:
    """The model of some songs; `more` is added to the log-odds of all begins."""
    names = list(CLUES)
    untimed = [name for name in names if name not in OF_TIMES]
    return BoundaryModel(
        _weights(examples, names, penalty, more),
        _weights(examples, untimed, penalty, more),
        lengths=tuple(_lengths(examples)),
        length_weight=LENGTH_WEIGHT,
    )


def _weights(examples: Sequence[Example], names: Sequence[str], penalty: float, more: float) -> Weights:
    """A logistic regression by Newton's method, with a penalty on the weights of standardised clues."""
    columns = [list(CLUES).index(name) for name in names]
    clues = np.concatenate([example.clues[:, columns] for example in examples])
    truth = np.concatenate([example.truth for example in examples])
    mean, scale = clues.mean(axis=0), clues.std(axis=0) + 1e-6
    inputs = np.column_stack([(clues - mean) / scale, np.ones(len(clues))])
    ridge = np.append(np.full(len(names), penalty), 1e-6)
    found = np.zeros(len(names) + 1)
    for _ in range(30):
        odds = 1 / (1 + np.exp(-inputs @ found))
        curve = (inputs * (odds * (1 - odds))[:, None]).T @ inputs + np.diag(ridge)
        found = found - np.linalg.solve(curve, inputs.T @ (odds - truth) + ridge * found)
    weights = found[:-1] / scale
    bias = found[-1] - weights @ mean + more
    return Weights(dict(zip(names, weights.round(4).tolist(), strict=True)), round(float(bias), 4))


def _lengths(examples: Iterable[Example]) -> list[float]:
    """For each number of lines its log-likelihood as the length of a section, against cuts at random."""
    counts = np.full(LONGEST + 1, SMOOTHING)
    for example in examples:
        lengths = np.diff([0, *sorted(example.begins), len(example.lines)])
        np.add.at(counts, lengths[lengths <= LONGEST], 1)
    counts[0] = 0
    share = counts / counts.sum()
    cut = 1 / (share @ np.arange(LONGEST + 1))
    at_random = cut * (1 - cut) ** (np.arange(1, LONGEST + 1) - 1)
    return [0.0, *np.log(share[1:] / at_random).round(4).tolist()]


def f1(pairs: Iterable[tuple[frozenset[int], frozenset[int]]]) -> float:
    """The F1 of begins over all songs, from pairs of true and found ones."""
    pairs = list(pairs)
    right = sum(len(true & found) for true, found in pairs)
    return 2 * right / max(sum(len(true) + len(found) for true, found in pairs), 1)


def found_by(model: BoundaryModel, example: Example, *, timed: bool = True) -> frozenset[int]:
    """The begins that a model finds, but for the first line."""
    return frozenset(model.begins(example.lines if timed else example.untimed)) - {0}


def fit_free(examples: Sequence[Example]) -> BoundaryModel:
    """The model of the package: songs under CC BY and CC BY-SA, the bias by leave-one-song-out."""
    free = [example for example in examples if example.is_free]

    def left_out(more: float) -> float:
        models = ((fit([o for o in free if o is not e], PENALTY["shipped"], more), e) for e in free)
        return f1((e.begins, found_by(model, e)) for model, e in models)

    return fit(free, PENALTY["shipped"], max(MORE_BEGINS, key=left_out))


def main() -> None:
    """Fit and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("jamendolyrics", type=Path)
    parser.add_argument("weights", type=Path)
    arguments = parser.parse_args()
    model = fit_free(read_examples(arguments.jamendolyrics))
    document = {
        "timed": {"weights": dict(model.timed.weights), "bias": model.timed.bias},
        "untimed": {"weights": dict(model.untimed.weights), "bias": model.untimed.bias},
        "lengths": list(model.lengths),
        "length_weight": model.length_weight,
    }
    arguments.weights.write_text(json.dumps(document, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
