"""Which beats the pipeline takes for chords."""

from __future__ import annotations

from pathlib import Path

import pytest

from lyricsrec.base.errors import ModelError
from lyricsrec.music.harmony.chords.settings import ChordConfig
from lyricsrec.pipeline.music import chords


def test_a_beat_model_is_missed_before_the_song_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    song = tmp_path / "song.wav"
    song.write_bytes(b"")
    monkeypatch.setattr(chords, "load_networks", lambda: ())
    monkeypatch.setattr(chords, "open_path", _Opened)
    with pytest.raises(ModelError, match=r"no\.ckpt: there is no such file"):
        chords.find_chords(song, config=ChordConfig(beat_model=str(tmp_path / "no.ckpt")))


class _Opened:
    """A song that must not be read."""

    def __init__(self, *_: object, **__: object) -> None:
        pass

    def __enter__(self) -> object:
        return object.__new__(chords.Song)

    def __exit__(self, *_: object) -> None:
        pass
