"""The melody in a picture or a page: where its line and its bars are."""

from __future__ import annotations

import numpy as np
import pytest
from helpers.melodies import SONG
from matplotlib.figure import Figure

from lyricsrec.plot.melody import Bar, MelodyLayer


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


def test_a_page_has_the_notes_and_the_line_between_two_times() -> None:
    assert SONG.melody is not None
    layer = MelodyLayer(SONG.melody)
    bars = list(layer.bars(1.2, 1.8))
    assert [(bar.start_s, bar.end_s, bar.name, bar.text) for bar in bars] == [
        (1.2, 1.5, "C4", "a"),
        (1.5, 1.8, "Db4", "way"),
    ]
    assert isinstance(bars[0], Bar)
    assert [bar.height for bar in bars] == pytest.approx([6 / 11, 5 / 11])
    assert list(layer.lines(0.0, 2.0)) == ["0.500,54.6 1.000,45.4"]
    assert list(layer.lines(2.0, 2.0)) == []
