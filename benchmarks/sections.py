"""How well sections are found: F1 of their begins against the blank rows of JamendoLyrics, which are hidden.

    python benchmarks/sections.py JAMENDOLYRICS

The weights of the package come from the 13 songs under CC BY and CC BY-SA, so they are measured on the other songs. The
method itself is measured on all songs, in ten folds.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "recipes" / "sections"))

from fit import PENALTY, Example, f1, fit, found_by, read_examples

from lyricsrec.music.form.boundaries import boundary_model

FOLDS = 10
MORE = 0.6


def in_folds(examples: Sequence[Example], *, timed: bool) -> float:
    pairs = []
    for fold in range(FOLDS):
        model = fit([e for i, e in enumerate(examples) if i % FOLDS != fold], PENALTY["folds"], MORE)
        pairs += [(e.begins, found_by(model, e, timed=timed)) for e in examples[fold::FOLDS]]
    return f1(pairs)


def other_languages(examples: Sequence[Example]) -> dict[str, float]:
    scores = {}
    for language in sorted({e.language for e in examples}):
        model = fit([e for e in examples if e.language != language], PENALTY["folds"], MORE)
        scores[language] = f1((e.begins, found_by(model, e)) for e in examples if e.language == language)
    return scores


def longest_pauses(example: Example) -> frozenset[int]:
    """As many begins as there are, at the longest pauses: better than any threshold."""
    order = np.argsort(-example.song.pauses_s, kind="stable")
    return frozenset((order[: len(example.begins)] + 1).tolist())


def every_fourth(example: Example) -> frozenset[int]:
    return frozenset(range(4, len(example.lines), 4))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("jamendolyrics", type=Path)
    examples = read_examples(parser.parse_args().jamendolyrics)
    others = [e for e in examples if not e.is_free]
    model = boundary_model()
    print(f"{len(examples)} songs, {sum(len(e.begins) for e in examples)} begins of sections")
    rows: list[tuple[str, Callable[[], float]]] = [
        ("every fourth line", lambda: f1((e.begins, every_fourth(e)) for e in examples)),
        ("longest pauses, as many as there are", lambda: f1((e.begins, longest_pauses(e)) for e in examples)),
        ("method, all songs, ten folds", lambda: in_folds(examples, timed=True)),
        ("method, all songs, ten folds, no times", lambda: in_folds(examples, timed=False)),
        (
            f"package, the {len(others)} songs it was not fitted on",
            lambda: f1((e.begins, found_by(model, e)) for e in others),
        ),
        (
            f"package, the {len(others)} songs it was not fitted on, no times",
            lambda: f1((e.begins, found_by(model, e, timed=False)) for e in others),
        ),
    ]
    for name, score in rows:
        print(f"{name:62} F1 {score():.3f}")
    for language, score in other_languages(examples).items():
        print(f"{'method, ' + language + ', fitted on the other languages':62} F1 {score:.3f}")


if __name__ == "__main__":
    main()
