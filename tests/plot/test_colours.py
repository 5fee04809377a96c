from __future__ import annotations

import pytest

from lyricsrec.plot.colours import UNKNOWN, confidence_colour


@pytest.mark.parametrize(
    ("confidence", "colour"),
    [
        (0.0, "#f5a623"),
        (0.25, "#e27750"),
        (0.5, "#d0487c"),
        (0.75, "#8a40a3"),
        (1.0, "#4338ca"),
        (-1.0, "#f5a623"),
        (7.0, "#4338ca"),
        (None, UNKNOWN),
    ],
)
def test_colours_of_confidence(confidence: float | None, colour: str) -> None:
    assert confidence_colour(confidence) == colour


def test_surer_words_are_darker() -> None:
    colours = [confidence_colour(step / 20) for step in range(21)]
    # Luma of ITU-R BT.601.
    light = [sum(w * int(c[i : i + 2], 16) for w, i in ((0.299, 1), (0.587, 3), (0.114, 5))) for c in colours]
    assert light == sorted(light, reverse=True)
