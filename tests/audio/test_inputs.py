import io
from pathlib import Path

import numpy as np
import pytest
import soundfile
from helpers.containers import Form, Part, bursts, onsets, write_container

from lyricsrec.audio.inputs import find_songs


def test_the_same_track_is_read_of_every_song(tmp_path: Path) -> None:
    parts = [Part(bursts([0.2], 1.0)), Part(bursts([0.6], 1.0))]
    write_container(tmp_path / "a.mkv", parts, Form())
    write_container(tmp_path / "b.mkv", parts, Form())
    found = []
    for song in find_songs([str(tmp_path)], track="2"):
        with song.open() as opened:
            found += onsets(opened.excerpt(0, 1).samples)
    assert found == pytest.approx([0.6, 0.6], abs=0.05)


@pytest.mark.parametrize("form", ["WAV", "FLAC", "OGG"])
def test_standard_input_is_read(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sound = io.BytesIO()
    soundfile.write(sound, np.zeros((4410, 2)), 44_100, format=form)
    sound.seek(0)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(sound))
    (song,) = find_songs(["-"])
    with song.open() as opened:
        assert sum(block.num_samples for block in opened.blocks()) == 4410
