import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lyricsrec.audio.audio import Audio
from lyricsrec.audio.overlap_add import Window, crossfade, even_windows, windows
from lyricsrec.audio.segment import Span, segment
from lyricsrec.audio.settings import SegmentConfig

RATE = 16_000


def sound(*parts: tuple[float, float]) -> Audio:
    """A tone of 500 Hz in parts of (seconds, amplitude), one after another."""
    loudness = np.concatenate([np.full(round(s * RATE), a, np.float32) for s, a in parts])
    tone = np.sin(2 * np.pi * 500 * np.arange(len(loudness)) / RATE).astype(np.float32)
    return Audio((loudness * tone)[None], RATE, start_s=100.0)


def test_a_short_stretch_is_one_piece_from_end_to_end() -> None:
    assert segment(sound((3.0, 0.0), (4.0, 0.5), (5.0, 0.0)), SegmentConfig()) == [Span(100.0, 112.0)]


def test_silence_gives_no_spans() -> None:
    assert segment(sound((40.0, 0.0)), SegmentConfig()) == []
    assert segment(sound((0.0, 0.0)), SegmentConfig()) == []


def test_silences_separate_pieces_and_padding_stays() -> None:
    spans = segment(sound((5, 0.0), (10, 0.5), (4, 0.0), (20, 0.5), (0.5, 0.0), (6, 0.5)), SegmentConfig())
    # Half a second is no silence; padding is 0.2 s, and the frame of 128 ms reaches 64 ms past an edge.
    assert [(round(s.start_s - 100, 1), round(s.end_s - 100, 1)) for s in spans] == [(4.8, 15.3), (18.8, 45.5)]


def test_a_long_piece_is_cut_at_the_quietest_position_of_its_second_half() -> None:
    spans = segment(sound((10, 0.5), (0.3, 0.2), (9, 0.5), (0.3, 0.3), (20, 0.5)), SegmentConfig(max_s=25))
    assert len(spans) == 2
    assert spans[0].end_s == spans[1].start_s == pytest.approx(119.45, abs=0.1)


def test_pauses_are_found_in_the_vocal_band() -> None:
    sung = sound((18, 0.5), (0.5, 0.0), (20, 0.5))
    t = np.arange(sung.num_samples) / RATE
    beat = (0.8 * np.sin(2 * np.pi * 60 * t) + 0.5 * np.sin(2 * np.pi * 7000 * t)).astype(np.float32)
    spans = segment(Audio(sung.samples + beat, RATE, 100.0), SegmentConfig(max_s=25))
    assert [round(span.end_s - 100, 1) for span in spans] == [pytest.approx(18.25, abs=0.1), 38.5]


def test_no_remainder_is_very_short() -> None:
    spans = segment(sound((51, 0.5)), SegmentConfig(max_s=25))
    assert min(span.duration_s for span in spans) >= 25 / 4


def test_with_threshold_zero_quiet_sound_is_kept() -> None:
    quiet = sound((20, 0.5), (20, 0.001), (20, 0.5))
    kept = segment(quiet, SegmentConfig(threshold=0.0))
    assert sum(span.duration_s for span in kept) == pytest.approx(60.0)
    assert sum(span.duration_s for span in segment(quiet, SegmentConfig())) < 42


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(0.05, 30), st.sampled_from([0.0, 0.01, 0.2, 0.9])), min_size=1, max_size=8))
def test_spans_are_ordered_bounded_and_cover_all_that_is_loud(parts: list[tuple[float, float]]) -> None:
    audio, config = sound(*parts), SegmentConfig()
    spans = segment(audio, config)
    assert all(0 < span.duration_s <= config.max_s + 0.1 for span in spans)
    assert all(a.end_s <= b.start_s for a, b in itertools.pairwise(spans))
    loud_s = 100.0 + np.flatnonzero(np.abs(audio.samples[0]) > 0.1 * np.abs(audio.samples).max()) / RATE
    covered = np.zeros(len(loud_s), bool)
    for span in spans:
        covered |= (loud_s >= span.start_s) & (loud_s <= span.end_s)
    assert covered.mean() > 0.999 if len(loud_s) and audio.samples.max() > 0 else True


def test_windows_cover_a_signal_and_end_with_it() -> None:
    assert windows(10, 10, 0.25) == [Window(0, 10)]
    assert windows(3, 10, 0.25) == [Window(0, 3)]
    assert windows(26, 10, 0.2) == [Window(0, 10), Window(8, 18), Window(16, 26)]
    assert windows(27, 10, 0.2)[-1] == Window(24, 27)
    assert even_windows(27, 10, 0.2) == [Window(0, 10), Window(5, 15), Window(11, 21), Window(17, 27)]
    assert even_windows(3, 10, 0.2) == [Window(0, 3)]


def test_crossfade_is_symmetric_and_never_zero() -> None:
    assert crossfade(5).tolist() == pytest.approx([1 / 3, 2 / 3, 1, 2 / 3, 1 / 3])
    assert crossfade(4).tolist() == [0.5, 1, 1, 0.5]
