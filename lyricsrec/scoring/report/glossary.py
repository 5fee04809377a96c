"""What the figures mean, in a line each, and which way is better."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from lyricsrec.scoring.report.table import NOTHING, Table
from lyricsrec.scoring.results import FAR_S, INVENTED_RUN, WITHIN_S


@dataclass(frozen=True)
class Meaning:
    """A figure in a line; `better` says whether low or high values are, where one can say so."""

    text: str
    better: Literal["low", "high", ""] = ""


_MEANINGS = {
    "WER %": Meaning("word error rate: substitutions, deletions and insertions for 100 words sung", "low"),
    "95 %": Meaning("where the WER lies with other songs like these: a bootstrap over songs"),
    "CER %": Meaning("character error rate: the same, of characters; spaces count", "low"),
    "median": Meaning("the WER of the song in the middle: half of the songs have a lower one", "low"),
    "S %": Meaning("substitutions: words heard as others, for 100 words sung", "low"),
    "D %": Meaning("deletions: words not heard, for 100 words sung", "low"),
    "I %": Meaning("insertions: words that nobody sang, for 100 words sung", "low"),
    "inv. %": Meaning(f"invented: of the words heard, those in runs of {INVENTED_RUN} insertions or more", "low"),
    "case errors %": Meaning("words that are right but for small and capital letters", "low"),
    "punctuation F1": Meaning("punctuation marks in the right places (%)", "high"),
    "parentheses F1": Meaning("parentheses, as around backing vocals, in the right places (%)", "high"),
    "lines F1": Meaning("line breaks in the right places (%)", "high"),
    "sections F1": Meaning("blank lines between sections in the right places (%)", "high"),
    "words": Meaning(
        "words that are right and have times on both sides, of those the reference has times of; only these are timed"
    ),
    "median ms": Meaning("how far off the start of a word is: half of the words are nearer", "low"),
    "mean ms": Meaning("how far off the start of a word is on average; lost words weigh much", "low"),
    f"≤{WITHIN_S}s %": Meaning(f"words that start within {WITHIN_S} s of the reference", "high"),
    f"<{WITHIN_S}s %": Meaning(f"the same, {WITHIN_S} s itself not included", "high"),
    f">{FAR_S:.0f}s %": Meaning("words that are lost: usually in another repetition of the same text", "low"),
    "perc.": Meaning(
        "perceptual: how well listeners would find it timed, from 0 to 1 (Lizé Masclef et al., 2021)", "high"
    ),
    "segm. %": Meaning("correct segments: share of the time during which the right word is shown", "high"),
    "SI-SDR dB": Meaning("how much louder the true voice is than what does not belong to it", "high"),
    "SDR dB": Meaning("the same by BSS Eval v3, which forgives what a filter can undo", "high"),
    "SI-SDR of the mix": Meaning("the same for the song itself: what separation begins with"),
    "SDR of the mix": Meaning("the same for the song itself: what separation begins with"),
    "real-time factor": Meaning("seconds of work for a second of sound", "low"),
    "memory GiB": Meaning("the most that the process took, with what systems before it had left there"),
    "GPU memory GiB": Meaning("the most that it took on the GPU", "low"),
    "device": Meaning("what it ran on"),
}


def meaning(heading: str) -> Meaning:
    """The meaning of a column by its heading."""
    return _MEANINGS[heading]


def best_rows(table: Table, column: int) -> set[int]:
    """The rows whose value in a column is the best as shown; none where all are alike or none is better."""
    better = meaning(table.headings[column]).better
    values = {i: _number(row[column]) for i, row in enumerate(table.rows) if row[column] != NOTHING}
    if not better or len(set(values.values())) < 2:
        return set()
    best = (min if better == "low" else max)(values.values())
    return {i for i, value in values.items() if value == best}


def meanings(tables: Sequence[Table]) -> list[tuple[str, Meaning]]:
    """What the columns of some tables mean, each heading once."""
    headings = dict.fromkeys(heading for table in tables for heading in table.headings[1:])
    return [(heading, meaning(heading)) for heading in headings]


def _number(cell: str) -> float:
    found = re.match(r"[-+]?[\d.,]+", cell)
    return float(found[0].replace(",", "")) if found else 0.0
