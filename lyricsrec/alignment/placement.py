"""How well a line fits where it was put, in bands with reasons."""

from __future__ import annotations

import math

from lyricsrec.alignment.config import AlignConfig
from lyricsrec.alignment.walk import FoundLine
from lyricsrec.transcript import Placement

NO_LETTERS = "no letters to go by"
NOT_HEARD = "not heard where it should be"
BARELY_HEARD = "hardly heard"
ELSEWHERE = "may as well be elsewhere"


def place(line: FoundLine, config: AlignConfig) -> Placement:
    """The placement of a line: its words' mean certainty, times how sure it is that the line is sung at all."""
    certainty = sum(word.certainty for word in line.words) / len(line.words)
    sung = 1 / (1 + math.exp(-max(min(config.sharpness * line.evidence, 50.0), -50.0)))
    if line.evidence <= 0:
        return Placement(round(certainty * sung, 3), "unplaced", NOT_HEARD)
    score = round(certainty * sung, 3)
    if score >= config.sure:
        return Placement(score, "sure")
    if score >= config.likely:
        return Placement(score, "likely")
    return Placement(score, "doubtful", ELSEWHERE if certainty < sung else BARELY_HEARD)
