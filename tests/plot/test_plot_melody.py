"""The melody in a picture: where its line and its bars are."""

from __future__ import annotations

import numpy as np
import pytest
from helpers.melodies import SONG
from matplotlib.figure import Figure

from lyricsrec.plot.melody import MelodyLayer


def test_notes_are_bars_and_the_pitch_is_a_line_on_one_scale() -> None:
    assert SONG.melody is not None
    axes = Figure().add_axes((0, 0, 1, 1))
    MelodyLayer(SONG.melody).draw(axes, lambda time_s: 10 * time_s, 0.0, 2.5, top=0.0, bottom=11.0)
    (bars,) = axes.collections
    # The scale goes from 55 to 66: two semitones around the notes.
    boxes = [
        (path.vertices[:, 0].min(), path.vertices[:, 0].max(), path.vertices[:4, 1].mean()) for path in bars.get_paths()
    ]
    assert boxes == [(10, 15, pytest.approx(6)), (15, 20, pytest.approx(5)), (20, 25, pytest.approx(2))]
    (line,) = axes.lines
    assert line.get_xdata() == pytest.approx([0, 5, 10])
    assert np.isnan(line.get_ydata()[0])
    assert line.get_ydata()[1:] == pytest.approx([6, 5], abs=0.01)
