"""Fits the weights of confidences, measures them on songs that were left out, and draws the reliability diagram.

    python recipes/confidence/fit.py FOLDER WEIGHTS DIAGRAM

FOLDER holds the files of `collect.py`. A word is right if it is equal to a word of the lyrics in the alignment with the
fewest edits (lower case, no punctuation), as in the word error rate. All figures are by leave-one-song-out: each song
is judged by weights from the other songs.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import jiwer
import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.stats import rankdata

from lyricsrec.lyrics.normalise import normalized_words
from lyricsrec.lyrics.transcript import Word
from lyricsrec.recognition.base import WordEvidence
from lyricsrec.recognition.confidence import CLUES, RecognizedSong

PENALTY = 1.0
"""Of the squared weights of standardised clues."""
BINS = 10
GROUPS: dict[str, Callable[[str | None], bool]] = {
    "English": lambda language: language == "en",
    "other languages": lambda language: language != "en",
    "all": lambda language: True,
}

Values = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Example:
    """A transcribed song and its lyrics."""

    name: str
    song: RecognizedSong
    lyrics: str

    @cached_property
    def clues(self) -> Values:
        """The clues of its words, (words, clues)."""
        return np.stack([clue(self.song) for clue in CLUES.values()], axis=1)

    @cached_property
    def own(self) -> Values:
        """The geometric mean of the token probabilities: the confidence without calibration."""
        return np.exp([each.log_prob for each in self.song.evidence])

    @cached_property
    def right(self) -> Flags:
        """Which of its words are right; of a word that is normalised to several, all must be."""
        texts = [normalized_words(word.text, "plain") for word in self.song.words]
        places = [i for i, words in enumerate(texts) for _ in words]
        reference = normalized_words(self.lyrics, "plain")
        found = jiwer.process_words(" ".join(reference), " ".join(w for words in texts for w in words))
        wrong = set(places)
        equal = [c for c in found.alignments[0] if c.type == "equal"]
        hits = {i for c in equal for i in range(c.hyp_start_idx, c.hyp_end_idx)}
        wrong = {place for i, place in enumerate(places) if i not in hits}
        return np.array([i not in wrong for i in range(len(texts))])


@dataclass(frozen=True)
class Fitted:
    """A logistic model of clues in their own units."""

    weights: Values
    bias: float

    def probabilities(self, clues: Values) -> Values:
        """Of being right, for clues (words, clues)."""
        return np.asarray(1 / (1 + np.exp(-(clues @ self.weights + self.bias))))


def read(path: Path) -> Example:
    """Read a file of `collect.py`."""
    document: dict[str, Any] = json.loads(path.read_text("utf-8"))
    song = RecognizedSong(
        [Word(**word) for word in document["words"]],
        [WordEvidence(**each) for each in document["evidence"]],
        document["language"],
    )
    return Example(document["song"], song, document["lyrics"])


def fit(examples: Sequence[Example]) -> Fitted:
    """Logistic regression by maximum likelihood, with a penalty on the weights of the standardised clues."""
    clues = np.concatenate([each.clues for each in examples])
    signs = np.where(np.concatenate([each.right for each in examples]), 1.0, -1.0)
    mean, scale = clues.mean(axis=0), np.maximum(clues.std(axis=0), 1e-9)
    standard = np.column_stack([np.ones(len(clues)), (clues - mean) / scale])

    def loss(weights: Values) -> tuple[float, Values]:
        margins = signs * (standard @ weights)
        penalty = np.concatenate([[0.0], PENALTY * weights[1:]])
        slopes = standard.T @ (-signs / (1 + np.exp(margins)))
        return float(np.logaddexp(0, -margins).sum() + penalty @ weights / 2), slopes + penalty

    found = minimize(loss, np.zeros(standard.shape[1]), jac=True, method="L-BFGS-B").x
    weights = found[1:] / scale
    return Fitted(weights, float(found[0] - weights @ mean))


def left_out(examples: Sequence[Example]) -> list[Values]:
    """The probabilities of each song's words, by weights from the other songs."""
    return [fit([o for o in examples if o is not each]).probabilities(each.clues) for each in examples]


def bins(right: Flags, probabilities: Values) -> list[tuple[float, float, int]]:
    """Mean probability, share of right words, and number of words of each of ten equally wide bins that has any."""
    places = np.minimum((probabilities * BINS).astype(int), BINS - 1)
    inside = [places == i for i in range(BINS)]
    return [(float(probabilities[m].mean()), float(right[m].mean()), int(m.sum())) for m in inside if m.any()]


def calibration_error(right: Flags, probabilities: Values) -> float:
    """Expected calibration error (Guo et al. 2017) over ten bins of equal width."""
    found = bins(right, probabilities)
    return sum(n * abs(p - share) for p, share, n in found) / len(right)


def ranking(right: Flags, probabilities: Values) -> float:
    """The probability that a right word has a higher confidence than a wrong one (the area under the ROC curve)."""
    ranks = rankdata(probabilities)
    num_right = int(right.sum())
    return float((ranks[right].sum() - num_right * (num_right + 1) / 2) / (num_right * (len(right) - num_right)))


def marks(right: Flags, probabilities: Values, unsure_below: float | Values) -> tuple[float, float]:
    """The share of the marked words that are wrong, and the share of the wrong words that are marked."""
    marked = probabilities < unsure_below
    hits = float((marked & ~right).sum())
    return hits / max(int(marked.sum()), 1), hits / max(int((~right).sum()), 1)


def best_threshold(right: Flags, probabilities: Values) -> float:
    """The threshold in hundredths at which the smaller of the two shares of `marks` is highest."""
    return max((i / 100 for i in range(20, 96)), key=lambda t: min(marks(right, probabilities, t)))


def left_out_thresholds(examples: Sequence[Example], probabilities: Sequence[Values]) -> Values:
    """The threshold for each word, chosen on the words of the other songs."""
    found = []
    for i, each in enumerate(examples):
        others = [j for j in range(len(examples)) if j != i]
        right, values = (np.concatenate([x[j] for j in others]) for x in ([e.right for e in examples], probabilities))
        found.append(np.full(len(each.right), best_threshold(right, values)))
    return np.concatenate(found)


def row(right: Flags, probabilities: Values, unsure_below: float) -> str:
    """The figures of a table's row."""
    wrong, found = marks(right, probabilities, unsure_below)
    return (
        f"{calibration_error(right, probabilities):.3f} | {ranking(right, probabilities):.3f} | "
        f"{100 * wrong:.0f} % | {100 * found:.0f} %"
    )


def draw(groups: dict[str, tuple[Flags, Values, Values]], path: Path) -> None:
    """The reliability diagram: share of right words over confidence, before and after calibration."""
    mpl.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, len(groups), figsize=(4 * len(groups), 4.2), sharey=True, layout="constrained")
    for panel, (name, (right, own, calibrated)) in zip(axes, groups.items(), strict=True):
        panel.plot([0, 1], [0, 1], color="0.6", linewidth=1, linestyle="--")
        for label, values, colour, marker in (
            ("token probability", own, "#b45309", "s"),
            ("confidence", calibrated, "#1d4ed8", "o"),
        ):
            x, y, n = np.array(bins(right, values)).T
            panel.plot(x, y, color=colour, linewidth=1.5, label=label)
            panel.scatter(x, y, s=8 + 1.2 * n**0.75, color=colour, marker=marker, alpha=0.75)
        panel.set(title=f"{name} ({len(right)} words)", xlabel="confidence", xlim=(0, 1), ylim=(0, 1.02))
    axes[0].set_ylabel("share of words that are right")
    axes[0].legend(loc="upper left", frameon=False)
    figure.savefig(path, dpi=100)


def main() -> None:
    """Read, fit, measure, draw."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("weights", type=Path)
    parser.add_argument("diagram", type=Path)
    arguments = parser.parse_args()
    examples = [each for path in sorted(arguments.folder.glob("*.json")) if (each := read(path)).song.words]
    calibrated = left_out(examples)
    unsure_below = best_threshold(np.concatenate([e.right for e in examples]), np.concatenate(calibrated))
    fitted = fit(examples)
    weights = {name: round(float(weight), 3) for name, weight in zip(CLUES, fitted.weights, strict=True)}
    document = {"weights": weights, "bias": round(fitted.bias, 3), "unsure_below": unsure_below}
    arguments.weights.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(document))
    print(f"\n| words | | calibration error | AUC | marked are wrong | wrong are marked |\n{'| --- ' * 6}|")
    drawn = {}
    for name, belongs in GROUPS.items():
        chosen = [i for i, each in enumerate(examples) if belongs(each.song.language)]
        if not chosen:
            continue
        right, own, new = (
            np.concatenate([values[i] for i in chosen])
            for values in ([e.right for e in examples], [e.own for e in examples], calibrated)
        )
        drawn[name] = (right, own, new)
        label = f"{name}: {len(right)}, {int((~right).sum())} wrong"
        print(f"| {label} | token probability, marks below 0.4 | {row(right, own, 0.4)} |")
        print(f"| | confidence, marks below {unsure_below} | {row(right, new, unsure_below)} |")
    draw(drawn, arguments.diagram)
    wrong, found = marks(drawn["all"][0], drawn["all"][2], left_out_thresholds(examples, calibrated))
    print(f"\nwith thresholds from the other songs: {100 * wrong:.0f} % and {100 * found:.0f} %")
    single = sorted(calibration_error(e.right, p) for e, p in zip(examples, calibrated, strict=True))
    print(f"calibration error of single songs: median {np.median(single):.3f}, {single[0]:.3f} to {single[-1]:.3f}")
    right, _, new = drawn["all"]
    print("\n| marks below | marked are wrong | wrong are marked |\n| --- | --- | --- |")
    for threshold in np.arange(0.3, 0.951, 0.05):
        wrong, found = marks(right, new, threshold)
        print(f"| {threshold:.2f} | {100 * wrong:.0f} % | {100 * found:.0f} % |")


if __name__ == "__main__":
    main()
