"""The output for a mix depends neither on its batch nor on whether training or transcription computes it."""

from __future__ import annotations

import copy

import pytest
import torch
from helpers.tiny_models import LETTERS, make_ctc_folder, tiny_htdemucs, tiny_whisper_ctc
from torch import Tensor, nn

from lyricsrec.audio.audio import Audio
from lyricsrec.audio.overlap_add import OverlapAdd
from lyricsrec.base.device import Compute
from lyricsrec.models.resolve import LocalModel
from lyricsrec.recognition.acoustic import AcousticModel, CtcNet, recognizer_input
from lyricsrec.recognition.ctc import read_ctc
from lyricsrec.separation.demucs import DemucsSeparator
from lyricsrec.separation.settings import SeparateConfig
from lyricsrec.separation.vocal_net import VocalNet

RATE = 44_100
LENGTHS = [round(seconds * RATE) for seconds in (1.1, 0.31, 0.5)]
"""Three windows of the tiny separator, less than one, and exactly one."""


@pytest.fixture(scope="module")
def masked(tmp_path_factory: pytest.TempPathFactory) -> CtcNet:
    folder = make_ctc_folder(tmp_path_factory.mktemp("masked"), LETTERS, masks=True)
    return read_ctc(LocalModel("tiny", "ctc", folder)).net().eval()


@pytest.fixture(scope="module", params=["whisper", "wav2vec2"])
def ctc(request: pytest.FixtureRequest, masked: CtcNet) -> CtcNet:
    return masked if request.param == "wav2vec2" else CtcNet(tiny_whisper_ctc(), normalize=False, masks=True).eval()


def noise(*shape: int) -> Tensor:
    """Noise whose loudness and mean differ from row to row, so that scales cannot be mixed up unnoticed."""
    sound = 0.1 * torch.randn(*shape, generator=torch.Generator().manual_seed(0))
    return sound * torch.linspace(0.5, 2.0, shape[0]).view(-1, *[1] * (len(shape) - 1)) + 0.01


def batch_of(lengths: list[int], channels: int = 2) -> Tensor:
    mix = noise(len(lengths), channels, max(lengths))
    for i, length in enumerate(lengths):
        mix[i, :, length:] = 0.0
    return mix


def test_the_output_for_a_mix_does_not_depend_on_its_batch(ctc: CtcNet) -> None:
    model = AcousticModel(VocalNet([tiny_htdemucs(0.5)], [1.0]), ctc, RATE).eval()
    mix = batch_of(LENGTHS)
    with torch.inference_mode():
        output = model.forward_padded(mix, LENGTHS)
        for i, length in enumerate(LENGTHS):
            own = mix[i : i + 1, :, :length]
            alone, frames = model(own)[0], int(output.num_frames[i])
            assert frames == len(alone)
            assert torch.allclose(output.log_probs[i, :frames], alone, atol=1e-4)
            assert torch.allclose(output.vocals[i, :, :length], model.vocals(own)[0], atol=1e-6)
            assert not output.vocals[i, :, length:].any()


def test_nor_without_a_separator(ctc: CtcNet) -> None:
    model, lengths = AcousticModel(None, ctc, 16_000).eval(), [33_333, 12_345]
    mix = batch_of(lengths, 1)
    with torch.inference_mode():
        output = model.forward_padded(mix, lengths)
        for i, length in enumerate(lengths):
            alone = model(mix[i : i + 1, :, :length])[0]
            assert torch.allclose(output.log_probs[i, : int(output.num_frames[i])], alone, atol=1e-4)
    assert output.vocals is mix


@pytest.mark.parametrize("seconds", [0.3, 0.5, 1.1])
def test_training_and_transcription_separate_the_same_vocals(seconds: float) -> None:
    net = VocalNet([tiny_htdemucs(0.5)], [1.0]).eval()
    mix = noise(1, 2, round(seconds * RATE))
    with torch.inference_mode():
        ours = net(mix)[0].numpy()
    separator = DemucsSeparator("tiny", net, SeparateConfig(), Compute("cpu", "float32"))
    assert ours == pytest.approx(separator.separate(Audio(mix[0].numpy(), RATE)).vocals.samples, abs=1e-6)


def test_models_of_a_bag_are_weighted() -> None:
    first, second = tiny_htdemucs(0.5), tiny_htdemucs(0.5)
    with torch.no_grad():
        for parameter in second.parameters():
            parameter.add_(0.01)
    mix = noise(1, 2, RATE // 2)
    with torch.inference_mode():
        alone = [VocalNet([model], [1.0]).eval()(mix) for model in (first, second)]
        both = VocalNet([first, second], [3.0, 1.0]).eval()(mix)
    assert torch.allclose(both, 0.75 * alone[0] + 0.25 * alone[1], atol=1e-6)
    assert not torch.allclose(alone[0], alone[1], atol=1e-3)


def test_windows_join_to_what_was_split() -> None:
    audio = noise(1, 2, 1000)
    windows = OverlapAdd(1000, 300)
    assert len(windows.parts) == 5
    assert torch.allclose(windows.join(windows.split(audio)), audio, atol=1e-6)


def gradients(model: AcousticModel, mix: Tensor, lengths: list[int]) -> dict[str, Tensor]:
    model.zero_grad()
    output = model.forward_padded(mix, lengths)
    labels = torch.randint(5, len(LETTERS), (len(mix), 3), generator=torch.Generator().manual_seed(0))
    nn.functional.ctc_loss(
        output.log_probs.transpose(0, 1), labels, output.num_frames, torch.tensor([3] * len(mix))
    ).backward()
    return {name: p.grad.clone() for name, p in model.named_parameters() if p.grad is not None}


def test_a_ctc_loss_reaches_the_first_layer_of_the_separator(ctc: CtcNet) -> None:
    model = AcousticModel(VocalNet([tiny_htdemucs(0.5)], [1.0]), ctc, RATE)
    found = gradients(model, batch_of(LENGTHS[:2]), LENGTHS[:2])
    for first in ("vocals.models.0.encoder.0.conv.weight", "vocals.models.0.tencoder.0.conv.weight"):
        assert torch.isfinite(found[first]).all()
        assert found[first].abs().max() > 0


def test_all_parts_learn_together_in_training_mode(masked: CtcNet) -> None:
    """Some models want an input in training that nothing was computed for."""
    ctc = copy.deepcopy(masked)
    model = AcousticModel(VocalNet([tiny_htdemucs(0.5)], [1.0]), ctc, RATE).train()
    found = gradients(model, batch_of(LENGTHS[:2]), LENGTHS[:2])
    for first in (
        "vocals.models.0.encoder.0.conv.weight",
        "ctc.model.wav2vec2.feature_extractor.conv_layers.0.conv.weight",
    ):
        assert found[first].abs().max() > 0


def test_saving_memory_does_not_change_gradients(masked: CtcNet) -> None:
    model = AcousticModel(VocalNet([tiny_htdemucs(0.5)], [1.0]), masked, RATE)
    runs: list[int] = []
    model.vocals.models[0].register_forward_pre_hook(lambda *_: runs.append(1))
    mix = batch_of(LENGTHS[:2])
    kept = gradients(model, mix, LENGTHS[:2])
    times = len(runs)
    model.vocals.saves_memory = True
    saved = gradients(model, mix, LENGTHS[:2])
    assert len(runs) == 3 * times
    assert kept.keys() == saved.keys()
    assert all(torch.allclose(saved[name], kept[name], rtol=1e-3, atol=1e-7) for name in kept)


def test_the_number_of_frames_is_that_of_the_output(ctc: CtcNet) -> None:
    lengths = [400, 719, 720, 16_000, 16_001, 16_160, 31_999]
    with torch.inference_mode():
        shapes = [ctc(noise(1, length)).shape[1] for length in lengths]
    assert ctc.num_frames(torch.tensor(lengths)).tolist() == shapes
    assert ctc.num_frames(torch.tensor(lengths)).dtype == torch.int64


def test_waveforms_are_normalized_without_padding() -> None:
    seen: list[Tensor] = []

    class Watching(nn.Module):
        def forward(self, waveform: Tensor, **_: Tensor) -> object:
            seen.append(waveform)
            return type("Output", (), {"logits": waveform[..., None]})

    net = CtcNet(Watching(), normalize=True, masks=True)
    waveform = batch_of([500, 300], 1)[:, 0]
    net(waveform, torch.tensor([500, 300]))
    net(waveform[1:, :300])
    assert torch.allclose(seen[0][1, :300], seen[1][0], atol=1e-5)
    assert not seen[0][1, 300:].any()
    for row, length in zip(seen[0], [500, 300], strict=True):
        own = row[:length].numpy()
        assert (float(own.mean()), float(own.std())) == (pytest.approx(0, abs=1e-5), pytest.approx(1, abs=1e-4))


@pytest.mark.parametrize("length", [441, 44_100, 44_101, 100_003])
def test_the_length_of_resampled_audio(length: int) -> None:
    assert recognizer_input(noise(1, 2, length), RATE).shape[1] == -(-length * 16_000 // RATE)


def test_padding_does_not_change_the_output(masked: CtcNet) -> None:
    model = AcousticModel(VocalNet([tiny_htdemucs(0.5)], [1.0]), masked, RATE).eval()
    mix = batch_of(LENGTHS[:2])
    dirty = mix.clone()
    dirty[1, :, LENGTHS[1] :] = 0.3
    with torch.inference_mode():
        clean, other = (model.forward_padded(m, LENGTHS[:2]) for m in (mix, dirty))
    frames = int(clean.num_frames[1])
    assert torch.equal(clean.log_probs[1, :frames], other.log_probs[1, :frames])
