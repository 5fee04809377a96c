"""A language of three words: its letters, a 2-gram model in ARPA, and hand-written log-probabilities."""

from __future__ import annotations

import numpy as np

from lyricsrec.decoding.emission import Emission, Vocabulary

LABELS = ("<pad>", "<s>", "<unk>", "|", *"ABCEHLORTUW")
VOCABULARY = Vocabulary(LABELS, blank=0, space=3, unknown=2, special=(1,))
LM = """\\data\\
ngram 1=6
ngram 2=4

\\1-grams:
-2.0\t<unk>\t0
0\t<s>\t-0.3
-1.0\t</s>\t0
-1.0\tcar\t-0.3
-1.0\tcat\t-0.3
-1.0\there\t-0.3

\\2-grams:
-0.2\t<s> cat
-2.5\t<s> car
-0.2\tcat here
-0.2\there </s>

\\end\\
"""


def emission(frames: str, start_s: float = 10.0, certainty: float = 0.98) -> Emission:
    """One frame of 0.1 s a character; `-` is blank, `|` the word delimiter."""
    rest = (1 - certainty) / (len(LABELS) - 1)
    probs = np.full((len(frames), len(LABELS)), rest, np.float32)
    for i, c in enumerate(frames):
        probs[i, 0 if c == "-" else LABELS.index(c)] = certainty
    return Emission(np.log(probs), 0.1, start_s, vocabulary=VOCABULARY)


def ambiguous() -> Emission:
    """`CAR` is a little likelier than `CAT` by the acoustic model alone."""
    frames = emission("C-A-T|H-E-R-E")
    log_probs = frames.log_probs.copy()
    log_probs[4, LABELS.index("R")] = np.log(0.55)
    log_probs[4, LABELS.index("T")] = np.log(0.40)
    return Emission(log_probs, 0.1, 0.0, vocabulary=VOCABULARY)
