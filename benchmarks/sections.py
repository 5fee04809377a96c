"""How well sections are found: F1 of their begins against the blank rows of JamendoLyrics, which are hidden.

    python benchmarks/sections.py JAMENDOLYRICS [--transcripts FOLDER]

The weights of the package come from the 13 songs under CC BY and CC BY-SA, so they are measured on the other songs. The
method itself is measured on all songs, in ten folds. FOLDER has transcripts of songs of JamendoLyrics, as `lyricsrec
transcribe -f json -o FOLDER` names them: their begins count as right within 3 s of a true one.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import mir_eval
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "recipes" / "sections"))

from fit import PENALTY, Example, f1, fit, found_by, read_examples

from lyricsrec.formats.json.transcript import read_transcript
from lyricsrec.lyrics.transcript import Line
from lyricsrec.music.form.boundaries import boundary_model

FOLDS = 10
MORE = 0.6
WITHIN_S = 3.0


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


def of_transcripts(examples: Sequence[Example], folder: Path, *, given: bool) -> tuple[int, float]:
    """The number of songs with a transcript in a folder, and the F1 of times in it, or in the lines that are given."""
    model, right, count, num_songs = boundary_model(), 0, 0, 0
    for example in examples:
        path = folder / f"{example.name}.json"
        if path.is_file():
            lines = example.lines if given else read_transcript(path.read_text("utf-8")).lines
            true, found = times_of(example.lines, example.begins), times_of(lines, model.begins(lines)[1:])
            right += len(mir_eval.util.match_events(true, found, WITHIN_S)) if len(true) and len(found) else 0
            count += len(true) + len(found)
            num_songs += 1
    return num_songs, 2 * right / max(count, 1)


def times_of(lines: Sequence[Line], begins: Iterable[int]) -> np.ndarray:
    starts = (lines[number].start_s for number in sorted(begins))
    return np.array([start_s for start_s in starts if start_s is not None])


def every_fourth(example: Example) -> frozenset[int]:
    return frozenset(range(4, len(example.lines), 4))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("jamendolyrics", type=Path)
    parser.add_argument("--transcripts", type=Path)
    arguments = parser.parse_args()
    examples = read_examples(arguments.jamendolyrics)
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
    if arguments.transcripts is not None:
        for name, given in (("given lines and times", True), ("recognised", False)):
            num_songs, score_of_times = of_transcripts(examples, arguments.transcripts, given=given)
            print(f"{f'package, within {WITHIN_S:g} s, {num_songs} songs, {name}':62} F1 {score_of_times:.3f}")


if __name__ == "__main__":
    main()
