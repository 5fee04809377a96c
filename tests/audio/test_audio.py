import numpy as np
import pytest

from lyricsrec.audio.audio import Audio, rms_envelope, to_stereo


def test_times_and_cuts() -> None:
    audio = Audio(np.arange(20, dtype=np.float32).reshape(2, 10), 5, start_s=3.0)
    assert (audio.num_samples, audio.duration_s, audio.end_s) == (10, 2.0, 5.0)
    part = audio.cut(3.4, 4.0)
    assert part.samples.tolist() == [[2, 3, 4], [12, 13, 14]]
    assert part.start_s == pytest.approx(3.4)
    assert audio.cut(0.0, 99.0).num_samples == 10
    assert audio.cut(9.0, 10.0).num_samples == 0


def test_samples_must_have_channels() -> None:
    with pytest.raises(ValueError, match="channels"):
        Audio(np.zeros(5, np.float32), 5)


def test_to_stereo() -> None:
    def channels(*values: float) -> np.ndarray:
        return np.array(values, np.float32)[:, None]

    assert to_stereo(channels(0.5)).ravel().tolist() == [0.5, 0.5]
    assert to_stereo(channels(0.5, 0.25)).ravel().tolist() == [0.5, 0.25]
    assert to_stereo(channels(0.1, 0.2, 0.3, 0.4)).ravel() == pytest.approx([0.2, 0.3])
    # 5.1: all at full scale fold to full scale, and LFE counts for nothing.
    assert to_stereo(channels(1, 1, 1, 0, 1, 1)).ravel() == pytest.approx([1, 1])
    assert to_stereo(channels(0, 0, 0, 1, 0, 0)).ravel() == pytest.approx([0, 0])
    centre = to_stereo(channels(0, 0, 1, 0, 0, 0)).ravel()
    assert centre == pytest.approx([np.sqrt(0.5) / (1 + np.sqrt(2))] * 2)


def test_rms_envelope_centres_its_frames() -> None:
    signal = np.zeros(40, np.float32)
    signal[20] = 2.0
    assert rms_envelope(signal, frame=4, hop=10).tolist() == pytest.approx([0, 0, 1, 0, 0])
    assert rms_envelope(np.ones(8, np.float32), frame=4, hop=4).tolist() == pytest.approx(
        [np.sqrt(0.5), 1, np.sqrt(0.5)]
    )
