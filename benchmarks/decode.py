"""Speed and word error rates of the searches over CTC log-probabilities.

    python benchmarks/decode.py --lm lyrics.arpa [--text lyrics.txt] [--logits libri_logits.json] [--minutes 60]

Makes log-probabilities at 50 frames per second from the lines of a text (letters of 2 to 6 frames, mostly blank, with
letters confused at several rates, similar ones more often), and decodes them with every search in one run: processor
time, its ratio to pyctcdecode at 100 beams (the last row with a language model, and without), and word error rates.
`--logits` adds real ones: a JSON matrix over space, a to z, apostrophe, blank.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import jiwer
import numpy as np

from lyricsrec.decoding.emission import Emission, Vocabulary
from lyricsrec.decoding.registry import make_decoder
from lyricsrec.decoding.settings import DecodeConfig
from lyricsrec.lyrics.normalise import TextNormalizer

LETTERS = " abcdefghijklmnopqrstuvwxyz'"
VOCABULARY = Vocabulary((*LETTERS, "_"), blank=len(LETTERS), space=0)
SIMILAR = ["aeiou", "bp", "dt", "gkcq", "mn", "szx", "fv", "lr", "wu", "jg", "yi", "h ", "' "]
FRAME_S = 0.02


def synthetic_emission(text: str, error: float, rng: np.random.Generator) -> Emission:
    """Log-probabilities of a text in which a share `error` of the letters is confused with others."""
    others = {c: sorted({o for group in SIMILAR if c in group for o in group} - {c}) or ["e"] for c in LETTERS}
    rows: list[np.ndarray] = []
    spaced = f" {text} "
    for c, following in zip(spaced, [*spaced[1:], ""], strict=True):
        confusion = np.full(len(LETTERS), 1e-3)
        confused = rng.random() < error
        share = rng.uniform(0.05, 0.45) if confused else rng.uniform(0.75, 0.99)
        confusion[LETTERS.index(c)] += share
        for other in others[c]:
            confusion[LETTERS.index(other)] += (1 - share) * rng.dirichlet(np.ones(2))[0]
        # One confused letter in ten is nearly deleted.
        lost = confused and rng.random() < 0.1
        # Doubled letters need a blank between them.
        num_frames = int(rng.integers(2, 7))
        peak = int(rng.integers(0, num_frames - (c == following)))
        for frame in range(num_frames):
            blank = 0.9 if lost else 0.03 if frame == peak else rng.uniform(0.6, 0.999)
            rows.append(np.append(confusion / confusion.sum() * (1 - blank), blank))
        if c == " " and rng.random() < 0.3:
            rows += [np.append(np.full(len(LETTERS), 1e-6), 1.0)] * int(rng.integers(5, 60))
    probs = np.array(rows)
    return Emission(np.log(probs / probs.sum(1, keepdims=True)).astype(np.float32), FRAME_S, 0.0, vocabulary=VOCABULARY)


def texts(path: Path, minutes: float) -> list[str]:
    """Songs of some three minutes, of lines drawn from a text."""
    normalizer = TextNormalizer(case="lower")
    lines = [
        line for raw in path.read_text("utf-8").splitlines() if len((line := normalizer.normalize(raw)).split()) > 2
    ]
    rng = random.Random(0)
    return [" ".join(rng.choice(lines) for _ in range(50)) for _ in range(max(round(minutes / 3), 1))]


def decode_all(config: DecodeConfig, emissions: list[Emission]) -> list[str]:
    decoder = make_decoder(VOCABULARY, config)
    return [" ".join(word.text for word in decoder.decode(emission)) for emission in emissions]


def measure(name: str, config: DecodeConfig, emissions: list[Emission], references: list[str]) -> tuple[float, str]:
    decoder = make_decoder(VOCABULARY, config)
    # Searches run on one core, so processor time does not depend on the load of the machine.
    began = time.process_time()
    hypotheses = [" ".join(word.text for word in decoder.decode(emission)) for emission in emissions]
    seconds = time.process_time() - began
    return seconds, f"{name:34} {seconds:8.2f} s   WER {100 * jiwer.wer(references, hypotheses):5.2f} %"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lm", type=Path, required=True)
    parser.add_argument("--text", type=Path)
    parser.add_argument("--logits", type=Path)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--errors", type=float, nargs="*", default=[0.05, 0.2, 0.35])
    flags = parser.parse_args()
    searches = [("greedy", DecodeConfig())]
    searches += [(f"lexicon, {n} beams", DecodeConfig(n, flags.lm, search="lexicon")) for n in (15, 25, 50, 100)]
    searches += [("pyctcdecode, 100 beams", DecodeConfig(100, flags.lm, search="prefix"))]
    without_lm = [("no LM: letters, 100 beams", DecodeConfig(100))]
    without_lm += [("no LM: pyctcdecode, 100 beams", DecodeConfig(100, search="prefix"))]
    sets: list[tuple[str, list[Emission], list[str]]] = []
    if flags.text:
        songs = texts(flags.text, flags.minutes)
        for error in flags.errors:
            rng = np.random.default_rng(0)
            sets.append(
                (
                    f"{100 * error:.0f} % of letters confused",
                    [synthetic_emission(song, error, rng) for song in songs],
                    songs,
                )
            )
    if flags.logits:
        logits = np.array(json.loads(flags.logits.read_text()), np.float32)
        real = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
        text = (
            "i have a good deal of will you remember and what i have set my mind upon no doubt i shall some day achieve"
        )
        sets.append(
            ("real log-probabilities", [Emission(real, FRAME_S, 0.0, vocabulary=VOCABULARY)] * 100, [text] * 100)
        )
    for title, emissions, references in sets:
        frames = sum(len(emission.log_probs) for emission in emissions)
        print(f"\n{title}: {len(emissions)} emissions, {frames} frames ({frames * FRAME_S / 60:.0f} min)")
        for group in (searches, without_lm):
            rows = [measure(name, config, emissions, references) for name, config in group]
            for seconds, row in rows:
                print(f"{row}   {rows[-1][0] / seconds:7.1f} x pyctcdecode")
        began = time.perf_counter()
        with ProcessPoolExecutor(2) as pool:
            list(pool.map(decode_all, [searches[2][1]] * 2, [emissions[::2], emissions[1::2]]))
        print(f"lexicon, 25 beams, 2 processes, loading included: {time.perf_counter() - began:.2f} s")
    print(f"\npeak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB")


if __name__ == "__main__":
    main()
