import json
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from demucs.apply import apply_model
from helpers.sounds import chord
from helpers.tiny_models import save_demucs, tiny_htdemucs

from lyricsrec.audio.audio import Audio
from lyricsrec.base.device import Compute
from lyricsrec.base.errors import ModelError
from lyricsrec.separation import demucs
from lyricsrec.separation.base import NoSeparator
from lyricsrec.separation.center import CenterSeparator
from lyricsrec.separation.demucs import DemucsSeparator
from lyricsrec.separation.registry import load_vocal_net
from lyricsrec.separation.settings import SeparateConfig
from lyricsrec.separation.vocal_net import VocalNet, standardize

CPU = Compute("cpu", "float32")


def mix(seconds: float) -> Audio:
    noise = np.random.default_rng(0).normal(0, 0.1, (2, round(seconds * 44_100)))
    return Audio(noise.astype(np.float32), 44_100, start_s=7.0)


def test_none_passes_the_mix_on() -> None:
    song = mix(0.1)
    stems = NoSeparator().separate(song)
    assert stems.vocals is song
    assert not stems.instrumental.samples.any()


@pytest.mark.parametrize("seconds", [0.01, 1.0, 45.0])
def test_stems_add_up_and_keep_their_position(seconds: float) -> None:
    song = mix(seconds)
    stems = CenterSeparator().separate(song)
    assert stems.vocals.samples.shape == song.samples.shape
    assert stems.vocals.start_s == 7.0
    assert np.abs(stems.vocals.samples + stems.instrumental.samples - song.samples).max() <= 1e-6


def test_center_keeps_the_middle_and_lowers_the_sides() -> None:
    left_only, middle = np.zeros((88_200, 2), np.float32), np.zeros((88_200, 2), np.float32)
    t = np.arange(88_200) / 44_100
    middle[:] = 0.3 * np.sin(2 * np.pi * 440 * t)[:, None]
    left_only[:, 0] = 0.3 * np.sin(2 * np.pi * 1500 * t)
    vocals = CenterSeparator().separate(Audio((middle + left_only).T.copy(), 44_100)).vocals.samples
    spectrum = np.abs(np.fft.rfft(vocals.sum(axis=0)))
    whole = np.abs(np.fft.rfft((middle + left_only).sum(axis=1)))
    assert spectrum[880] / whole[880] == pytest.approx(1.0, abs=0.05)
    assert spectrum[3000] / whole[3000] == pytest.approx(0.2, abs=0.05)


def test_center_passes_mono() -> None:
    song = Audio(chord(2.0).T.copy(), 44_100)
    assert np.abs(CenterSeparator().separate(song).vocals.samples - song.samples).max() <= 1e-3


@pytest.mark.parametrize("num_samples", [1, 1000, 44_101, 44_031, 45_050])
def test_center_has_no_click_at_the_end(num_samples: int) -> None:
    song = mix(1.1).samples[:, :num_samples]
    vocals = CenterSeparator().separate(Audio(song, 44_100)).vocals.samples
    assert np.abs(vocals).max() <= 2 * np.abs(song).max()


def test_vocals_are_found_by_name() -> None:
    model = tiny_htdemucs()
    audio = torch.from_numpy(mix(2.0).samples)[None]
    with torch.inference_mode():
        net = VocalNet([model], [1.0]).eval()
        vocals = net(audio)
        model.sources = ["vocals", "bass", "other", "drums"]
        renamed = VocalNet([model], [1.0]).eval()(audio)
    assert vocals.shape == audio.shape
    assert not torch.allclose(vocals, renamed)
    model.sources = ["drums", "bass", "other", "piano"]
    with pytest.raises(ValueError, match="no stem called 'vocals'"):
        VocalNet([model], [1.0])


def test_models_of_weight_zero_are_left_out() -> None:
    first, second = tiny_htdemucs(), tiny_htdemucs()
    net = VocalNet([first, second], [0.0, 2.0])
    assert list(net.models) == [second]
    assert net.weights == [1.0]


def test_a_clip_of_one_window_equals_the_network_output() -> None:
    song = mix(1.9)
    net = VocalNet([tiny_htdemucs()], [1.0]).eval()
    with torch.inference_mode():
        expected = net(torch.from_numpy(song.samples)[None])[0].numpy()
    separated = DemucsSeparator("tiny", net, SeparateConfig(), CPU).separate(song)
    assert separated.vocals.samples == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("num_at_once", [1, 3])
def test_windows_share_batches(num_at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(demucs._WINDOWS_AT_ONCE, "cpu", num_at_once)
    net, song = VocalNet([tiny_htdemucs()], [1.0]).eval(), mix(7.3)
    with torch.inference_mode():
        expected = net(torch.from_numpy(song.samples)[None])[0].numpy()
    done: list[float] = []
    separated = DemucsSeparator("tiny", net, SeparateConfig(), CPU).separate(song, done.append)
    assert separated.vocals.samples == pytest.approx(expected, abs=1e-5)
    assert len(done) == -(-4 // num_at_once)


def test_vocals_are_those_of_demucs_own_function() -> None:
    model = tiny_htdemucs().eval()
    window, stride = 88_200, 66_150
    song = mix((window + 3 * stride) / 44_100)
    standard, mean, std = standardize(torch.from_numpy(song.samples)[None])
    vocals = list(model.sources).index("vocals")
    expected = (apply_model(model, standard, shifts=0, overlap=0.25)[:, vocals] * std + mean)[0].numpy()
    net = VocalNet([model], [1.0])
    ours = DemucsSeparator("tiny", net, SeparateConfig(overlap=0.25), CPU).separate(song).vocals.samples
    # Demucs runs one more window, which covers what is left after the last stride.
    assert ours[:, : 4 * stride] == pytest.approx(expected[:, : 4 * stride], abs=1e-6)


def test_bfloat16_is_near_and_attention_is_left_as_it_was() -> None:
    net, song = VocalNet([tiny_htdemucs()], [1.0]).eval(), mix(1.9)
    assert torch.backends.mha.get_fastpath_enabled()
    voices = [
        DemucsSeparator("tiny", net, SeparateConfig(), Compute("cpu", dtype)).separate(song).vocals.samples
        for dtype in ("float32", "bfloat16")
    ]
    assert torch.backends.mha.get_fastpath_enabled()
    error_db = 10 * np.log10(np.square(voices[1] - voices[0]).sum() / np.square(voices[0]).sum())
    assert -100 < error_db < -30


def test_long_songs_report_progress_and_are_reproducible() -> None:
    separator = DemucsSeparator("tiny", VocalNet([tiny_htdemucs()], [1.0]), SeparateConfig(), CPU)
    done: list[float] = []
    once = separator.separate(mix(7.3), done.append).vocals.samples
    assert done == sorted(done)
    assert done[-1] == pytest.approx(7.0 + 7.3)
    assert np.array_equal(once, separator.separate(mix(7.3)).vocals.samples)


def test_shifts_depend_on_the_seed_alone() -> None:
    def separate(seed: int) -> np.ndarray:
        config = SeparateConfig(shifts=1, seed=seed)
        return (
            DemucsSeparator("tiny", VocalNet([tiny_htdemucs()], [1.0]), config, CPU).separate(mix(1.0)).vocals.samples
        )

    assert np.array_equal(separate(1), separate(1))
    assert not np.array_equal(separate(1), separate(2))


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path


def test_weights_come_from_the_hub_cache_by_name(hub: Path) -> None:
    save_demucs(hub)
    net = load_vocal_net("htdemucs", offline=True)
    assert (net.sample_rate, net.window_samples) == (44_100, 88_200)


def test_a_class_that_is_not_on_the_list_is_never_imported(hub: Path) -> None:
    save_demucs(hub, klass="os.system")
    with pytest.raises(ModelError, match=r"'os\.system', which is not on the list"):
        load_vocal_net("htdemucs", offline=True)


def test_damaged_weights_are_named(hub: Path) -> None:
    folder = save_demucs(hub)
    (folder / "tiny.safetensors").write_bytes(b"not tensors")
    with pytest.raises(ModelError, match=r"'htdemucs' .* is damaged or incomplete"):
        load_vocal_net("htdemucs", offline=True)
    (folder / "htdemucs.yaml").write_text(json.dumps({"models": ["missing"]}))
    with pytest.raises(ModelError, match="damaged or incomplete"):
        load_vocal_net("htdemucs", offline=True)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[]", "htdemucs.yaml has no models"),
        ("{}", "htdemucs.yaml: models is missing"),
        ("models: []", "htdemucs.yaml names no models"),
        ("models: [7]", "htdemucs.yaml: models.0 must be a valid string, not 7"),
        ("{models: [tiny], weights: [[.nan]]}", "htdemucs.yaml: weights.0.0 must be a finite number"),
        ("{models: [tiny], weights: [[1]]}", "a row of weights in htdemucs.yaml needs a number for each source"),
        ("{models: [tiny], weights: [[1], [1]]}", "htdemucs.yaml has weights for 2 of 1 models"),
        ("[" * 5000, "nested too deeply"),
    ],
)
def test_lists_of_models_of_another_shape_are_named(hub: Path, text: str, message: str) -> None:
    (save_demucs(hub) / "htdemucs.yaml").write_text(text)
    with pytest.raises(ModelError, match=re.escape(message)):
        load_vocal_net("htdemucs", offline=True)
