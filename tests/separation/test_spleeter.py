from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import soundfile
import torch
from helpers.sounds import chord
from helpers.tiny_models import tiny_spleeter

from lyricsrec.audio.audio import Audio
from lyricsrec.base.device import Compute
from lyricsrec.base.errors import ModelError
from lyricsrec.models.catalogue import MODELS
from lyricsrec.separation import spleeter
from lyricsrec.separation.registry import load_separator
from lyricsrec.separation.settings import SeparateConfig
from lyricsrec.separation.spleeter import SpleeterSeparator, SpleeterVocals, masked, read_vocals
from lyricsrec.separation.spleeter_net import FRAME, HOP, NUM_BINS, SpleeterNet

ROOT = Path(__file__).parents[2]
CPU = Compute("cpu", "float32")
WEIGHTS = MODELS["spleeter"].source.resolve()


@pytest.fixture(scope="module")
def vocals() -> SpleeterVocals:
    return read_vocals(WEIGHTS).eval()


@pytest.fixture(scope="module")
def verse() -> torch.Tensor:
    samples, _ = soundfile.read(ROOT / "examples" / "on_the_run_verse.flac", dtype="float32")
    return torch.from_numpy(samples.T.copy())


class AllVocals(torch.nn.Module):
    """A network that takes everything for vocals."""

    def forward(self, magnitudes: torch.Tensor) -> torch.Tensor:
        return torch.ones_like(magnitudes)


def decibels(part: torch.Tensor, whole: torch.Tensor) -> float:
    return float(10 * torch.log10(part.square().sum() / whole.square().sum()))


def test_masks_are_those_of_the_original(vocals: SpleeterVocals, verse: torch.Tensor) -> None:
    expected = np.load(ROOT / "tests" / "data" / "spleeter" / "masks.npz")["vocals"] / 65_535
    padded = torch.nn.functional.pad(verse, (FRAME, 2 * FRAME))
    spectrum = torch.stft(padded, FRAME, HOP, window=torch.hann_window(FRAME), center=False, return_complex=True)
    magnitudes = spectrum.abs()[:, :NUM_BINS, :512].transpose(1, 2)
    with torch.inference_mode():
        mask = vocals.net(magnitudes[None])[0, :, ::16, ::16].numpy()
    assert mask == pytest.approx(expected, abs=1e-3)


def test_everything_below_11_khz_passes_a_network_that_keeps_all() -> None:
    net = SpleeterVocals(SpleeterNet())
    net.net = AllVocals()  # type: ignore[assignment]
    song = torch.from_numpy(chord(7.3).T.copy())
    with torch.inference_mode():
        assert decibels(masked(song, net._masks, first_sample=12_345) - song, song) < -80


def test_windows_leave_no_seams(vocals: SpleeterVocals, monkeypatch: pytest.MonkeyPatch) -> None:
    song = torch.from_numpy(np.random.default_rng(0).normal(0, 0.1, (2, 12 * 44_100)).astype(np.float32))
    with torch.inference_mode():
        whole = vocals.separate(song)
        monkeypatch.setattr(spleeter, "_KEPT", 64)
        assert decibels(vocals.separate(song) - whole, whole) < -60


def test_gradients_reach_the_mix_and_the_networks_and_padding_is_silent() -> None:
    torch.manual_seed(0)
    net = SpleeterVocals(SpleeterNet())
    mix = torch.randn(2, 2, 30_000, requires_grad=True)
    voice = net(mix, [30_000, 20_000])
    voice.square().sum().backward()
    assert voice.shape == mix.shape
    assert not voice[1, :, 20_000:].any()
    assert mix.grad is not None
    assert mix.grad[1, :, :20_000].any()
    assert all(parameter.grad is not None for parameter in net.parameters())


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_separator_follows_the_module(vocals: SpleeterVocals, verse: torch.Tensor, dtype: str) -> None:
    mix = verse[:, : 5 * 44_100]
    with torch.inference_mode():
        expected = vocals(mix[None])[0]
    compute = Compute("cpu", dtype)  # type: ignore[arg-type]
    voice = torch.from_numpy(SpleeterSeparator(vocals, compute).separate(Audio(mix.numpy(), 44_100)).vocals.samples)
    assert decibels(voice - expected, expected) < (-100 if dtype == "float32" else -40)


def test_treble_has_the_mean_mask_of_the_highest_bins() -> None:
    def masks(magnitudes: torch.Tensor, first: int, last: int) -> torch.Tensor:
        mask = torch.zeros_like(magnitudes[:, :, first:last])
        mask[..., -32:] = 0.5
        return mask

    noise = torch.from_numpy(np.random.default_rng(0).normal(0, 0.1, (2, 44_100)).astype(np.float32))
    spectra = [torch.fft.rfft(masked(noise, masks, treble=treble)).abs()[:, 12_000:] for treble in (False, True)]
    assert decibels(spectra[0], torch.fft.rfft(noise)[:, 12_000:].abs()) < -60
    assert decibels(spectra[1], torch.fft.rfft(noise)[:, 12_000:].abs()) == pytest.approx(20 * np.log10(0.25), abs=0.1)


@pytest.mark.parametrize("seconds", [0.01, 2.0])
@pytest.mark.parametrize("level", [0.0, 0.2])
def test_stems_of_short_songs_and_silence(seconds: float, level: float) -> None:
    separator = load_separator("spleeter", SeparateConfig(), CPU, offline=True)
    samples = np.random.default_rng(0).normal(0, level, (2, round(seconds * 44_100))).astype(np.float32)
    done: list[float] = []
    stems = separator.separate(Audio(samples, 44_100, 7.0), done.append)
    assert stems.vocals.samples.shape == samples.shape
    assert np.isfinite(stems.vocals.samples).all()
    assert stems.vocals.samples + stems.instrumental.samples == pytest.approx(samples, abs=1e-5)
    assert done[-1] == pytest.approx(7.0 + seconds, abs=0.01)
    assert bool(stems.vocals.samples.any()) == bool(level)


def save(tensors: dict[str, torch.Tensor], length: int | None = None) -> bytes:
    return safetensors.torch.save(tensors)[:length]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"not tensors", r"model\.safetensors: "),
        (b"", r"model\.safetensors: "),
        (save(tiny_spleeter().net.state_dict(), 5000), r"model\.safetensors: "),
        (save({"other": torch.zeros(1)}), r"model\.safetensors: Error\(s\) in loading"),
        (None, r"No such file .*model\.safetensors"),
    ],
    ids=["text", "empty", "truncated", "other weights", "missing"],
)
def test_damaged_weights_are_named(tmp_path: Path, content: bytes | None, problem: str) -> None:
    if content is not None:
        (tmp_path / "model.safetensors").write_bytes(content)
    with pytest.raises(ModelError, match=rf"incomplete or damaged \(.*{problem}"):
        read_vocals(tmp_path)
