"""Beats by checkpoints of Beat This!, with random weights: shapes, stretches, peaks and errors."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from lyricsrec.base.errors import ModelError
from lyricsrec.music.harmony.beatnet import find
from lyricsrec.music.harmony.beatnet.network import BeatNet, BeatNetSize
from lyricsrec.music.harmony.spectra import RATE

SIZE = {"spect_dim": 128, "transformer_dim": 32, "n_layers": 1, "stem_dim": 32}


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint as the authors' training writes it, with names that it puts before those of the network."""
    torch.manual_seed(0)
    net = BeatNet(BeatNetSize(**SIZE))
    path = tmp_path_factory.mktemp("beats") / "random.ckpt"
    weights = {f"model._orig_mod.{name}": value for name, value in net.state_dict().items()}
    torch.save({"hyper_parameters": {**SIZE, "lr": 1e-3, "dropout": {"frontend": 0.1}}, "state_dict": weights}, path)
    return path


def test_names_are_those_of_the_published_checkpoints() -> None:
    names = set(BeatNet(BeatNetSize(**SIZE)).state_dict())
    assert {
        "frontend.stem.bn1d.weight",
        "frontend.stem.conv2d.weight",
        "frontend.blocks.0.partial.attnF.rotary_embed.freqs",
        "frontend.blocks.2.partial.ffT.net.4.bias",
        "frontend.blocks.1.norm.running_var",
        "frontend.linear.weight",
        "transformer_blocks.layers.0.0.to_out.0.weight",
        "transformer_blocks.layers.0.0.to_gates.bias",
        "transformer_blocks.layers.0.1.net.0.gamma",
        "transformer_blocks.norm.gamma",
        "task_heads.beat_downbeat_lin.weight",
    } <= names


def test_positions_rotate_pairs_of_channels() -> None:
    net = BeatNet(BeatNetSize(**SIZE))
    rotation = net.transformer_blocks.layers[0][0].rotary_embed  # type: ignore[index, union-attr]
    turned = rotation(torch.tensor([[1.0, 0.0] * 16] * 3))[2]  # type: ignore[operator]
    np.testing.assert_allclose(turned[:4], [np.cos(2), np.sin(2), *_turn(2 * 10_000 ** (-2 / 32))], atol=1e-6)


def _turn(angle: float) -> tuple[float, float]:
    return float(np.cos(angle)), float(np.sin(angle))


def test_spectra_are_those_of_the_authors() -> None:
    seconds = np.arange(RATE) / RATE
    found = find.log_mel(torch.from_numpy((0.5 * np.sin(2 * np.pi * 1000 * seconds)).astype(np.float32)))
    assert found.shape == (51, 128)
    # 1 kHz is 15 on Slaney's scale, on which the centres of the bands are 0.383 apart from 0.45.
    assert int(found[25].argmax()) == 37
    # Half of half the sum of the window, 512, over sqrt(1024).
    assert float(found[25].max()) == pytest.approx(np.log1p(4000), abs=0.01)


def test_stretches_join_without_a_seam(checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(find, "_FRAMES", 100)
    net = find.load_beat_model(checkpoint).keywords["net"]  # type: ignore[attr-defined]
    spectra = torch.randn(230, 128, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        odds = find.log_odds(net, spectra)
        first = net(torch.nn.functional.pad(spectra[None, :94], (0, 0, 6, 0)))[0, 6:-6]
        last = net(torch.nn.functional.pad(spectra[None, 136:], (0, 0, 0, 6)))[0, 6:-6]
    assert odds.shape == (230,)
    np.testing.assert_allclose(odds[:88], first, atol=1e-5)
    # The second stretch reaches to 176, and counts before the last.
    np.testing.assert_allclose(odds[176:], last[-54:], atol=1e-5)
    assert float(odds.min()) > -100


def test_peaks_above_even_odds_are_beats(checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    odds = torch.full((500,), -5.0)
    odds[25::25] = 2.0
    odds[100:102] = 2.0  # Equal neighbours are one.
    odds[127] = 1.0  # A greater one is near.
    odds[60] = -1.0  # Less than even.
    monkeypatch.setattr(find, "log_odds", lambda _net, _spectra: odds)
    beats = find.load_beat_model(checkpoint)(np.zeros(10 * RATE, np.float32))
    assert beats is not None
    assert beats.times_s[:4] == (0.5, 1.0, 1.5, 2.01)
    assert len(beats.times_s) == 19
    assert beats.bpm == pytest.approx(120, rel=0.002)


def test_a_song_without_beats(checkpoint: Path) -> None:
    assert find.load_beat_model(checkpoint)(np.zeros(100, np.float32)) is None


def test_other_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no\.ckpt: there is no such file") as error:
        find.load_beat_model(tmp_path / "no.ckpt")
    assert "github.com/CPJKU/beat_this" in str(error.value.hint)
    (tmp_path / "text.ckpt").write_text("beats")
    torch.save({"state_dict": {}}, tmp_path / "keys.ckpt")
    torch.save({"state_dict": {}, "hyper_parameters": SIZE}, tmp_path / "empty.ckpt")
    torch.save([1, 2], tmp_path / "list.ckpt")
    for name in ("text", "keys", "empty", "list"):
        with pytest.raises(ModelError, match=rf"{name}\.ckpt: not a checkpoint of Beat This!"):
            find.load_beat_model(tmp_path / f"{name}.ckpt")
    (tmp_path / "nothing.ckpt").touch()
    for name in ("text", "nothing"):
        with pytest.raises(ModelError, match=r"not a checkpoint of Beat This! \(not a file of weights\)$"):
            find.load_beat_model(tmp_path / f"{name}.ckpt")
