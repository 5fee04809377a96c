"""Whisper's encoder with a CTC head: agreement with CTranslate2, batches, saving and loading."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from helpers.files import EXAMPLES
from helpers.sounds import chord, write_song
from helpers.tiny_models import LETTERS, make_ctc_folder, tiny_whisper_ctc
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from lyricsrec import load_pipeline
from lyricsrec.audio.audio import Audio
from lyricsrec.audio.resample import resample
from lyricsrec.base.device import Compute
from lyricsrec.base.errors import ModelError
from lyricsrec.models.resolve import LocalModel
from lyricsrec.recognition.ctc import load_ctc
from lyricsrec.recognition.registry import find_recognizer
from lyricsrec.recognition.whisper.ctc_model import WhisperForCTC, from_ctranslate2, log_mel
from lyricsrec.recognition.whisper.ctranslate2_file import as_tensor, read_weights

CPU = Compute("cpu", "float32")


@pytest.fixture(scope="module")
def singing() -> Tensor:
    """30 s of real singing (samples,) at 16 kHz."""
    parts = [
        soundfile.read(EXAMPLES / f"on_the_run_{name}.flac", dtype="float32", always_2d=True)
        for name in ("verse", "second_verse", "third_verse")
    ]
    sound = torch.from_numpy(np.concatenate([samples for samples, _ in parts]).mean(axis=1))
    return resample(sound, parts[0][1], 16_000)[: 30 * 16_000]


@pytest.fixture(scope="module")
def carried() -> WhisperForCTC:
    return from_ctranslate2(find_recognizer("tiny.en").folder, len(LETTERS)).eval()


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny checkpoint with a tokenizer, as training saves it."""
    folder = make_ctc_folder(tmp_path_factory.mktemp("whisper_ctc"), LETTERS, masks=True)
    tiny_whisper_ctc().save_pretrained(folder)
    return folder


@torch.inference_mode()
def encoded(model: WhisperForCTC, waveform: Tensor) -> tuple[Tensor, Tensor]:
    """What comes out of the last layer for one waveform, and what the head is given, as `forward` makes them."""
    layers: list[Tensor] = []
    given: list[Tensor] = []
    hooks = [
        model.encoder.layers[-1].register_forward_hook(lambda *call: layers.append(call[2])),
        model.head[0].register_forward_pre_hook(lambda _, inputs: given.append(inputs[0])),
    ]
    model(waveform[None])
    for hook in hooks:
        hook.remove()
    return layers[0][0], given[0][0]


@pytest.mark.parametrize("seconds", [29.9, 12.3])
def test_the_features_are_those_of_faster_whisper(singing: Tensor, seconds: float) -> None:
    from faster_whisper.feature_extractor import FeatureExtractor

    waveform = singing[: round(seconds * 16_000)]
    ours = log_mel(waveform[None], torch.tensor([len(waveform)]), 80)[0].numpy()
    followed = np.pad(waveform.numpy(), (0, 30 * 16_000 - len(waveform)))
    theirs = FeatureExtractor()(followed, padding=0)
    assert ours.shape == (80, round(100 * seconds))
    assert ours == pytest.approx(theirs[:, : ours.shape[1]], abs=2e-3)
    assert ours.std() > 0.2


def test_the_encoder_agrees_with_ctranslate2(carried: WhisperForCTC, singing: Tensor) -> None:
    import ctranslate2

    whisper = ctranslate2.models.Whisper(str(find_recognizer("tiny.en").folder), device="cpu", compute_type="float32")
    features = log_mel(singing[None], torch.tensor([len(singing)]), 80).numpy()
    theirs = np.array(whisper.encode(ctranslate2.StorageView.from_array(features)))[0]
    weights = read_weights(find_recognizer("tiny.en").folder / "model.bin", "encoder/")
    scale, offset = (as_tensor(f"encoder/layer_norm/{name}", weights) for name in ("gamma", "beta"))
    last, _ = encoded(carried, singing)
    ours = nn.functional.layer_norm(last, scale.shape, scale, offset).numpy()
    assert ours.shape == theirs.shape == (1500, 384)
    assert ours == pytest.approx(theirs, abs=2e-2)
    assert np.abs(ours - theirs).mean() < 1e-3 < theirs.std() / 100


def test_shapes_of_the_packaged_model(carried: WhisperForCTC) -> None:
    config = carried.config
    assert (config.d_model, config.encoder_layers, config.encoder_attention_heads) == (384, 4, 6)
    assert (config.encoder_ffn_dim, config.num_mel_bins, config.max_source_positions) == (1536, 80, 1500)
    assert carried.lm_head.out_features == config.vocab_size == len(LETTERS)


def test_the_head_starts_from_the_last_layer_and_uses_all(carried: WhisperForCTC, singing: Tensor) -> None:
    seen: list[Tensor] = []
    hooks = [carried.encoder.layers[0].register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))]
    hooks += [layer.register_forward_hook(lambda *call: seen.append(call[2])) for layer in carried.encoder.layers]
    _, given = encoded(carried, singing[:16_000])
    for hook in hooks:
        hook.remove()
    scaled = [nn.functional.layer_norm(hidden[0], (384,)) for hidden in seen]
    assert len(seen) == 5
    assert torch.allclose(given.T, scaled[-1] + carried.layer_mix.bias, atol=1e-5)
    assert carried.layer_mix.in_features == 5 * 384


@pytest.mark.parametrize("lengths", [(32_000, 20_001), (16_000, 15_999, 400)])
def test_the_output_does_not_depend_on_the_batch(lengths: tuple[int, ...]) -> None:
    model = tiny_whisper_ctc()
    waveform = 0.1 * torch.randn(len(lengths), max(lengths), generator=torch.Generator().manual_seed(0))
    mask = (torch.arange(max(lengths))[None] < torch.tensor(lengths)[:, None]).long()
    with torch.inference_mode():
        logits = model(waveform * mask, attention_mask=mask).logits
        for i, length in enumerate(lengths):
            alone = model(waveform[i : i + 1, :length]).logits[0]
            assert torch.allclose(logits[i, : len(alone)], alone, atol=1e-5)


def test_masks_apply_in_training_only() -> None:
    waveform = 0.1 * torch.randn(1, 32_000, generator=torch.Generator().manual_seed(0))
    model = tiny_whisper_ctc(mask_time_prob=0.5, mask_feature_prob=0.5, head_dropout=0.0)
    plain = tiny_whisper_ctc(head_dropout=0.0)
    seen: list[Tensor] = []
    model.encoder.conv1.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0][0]))
    with torch.inference_mode():
        assert torch.equal(model(waveform).logits, plain(waveform).logits)
        np.random.seed(0)
        model.train()(waveform)
        plain.train()(waveform)
    whole, masked = seen
    hidden = masked == 0
    rows, columns = hidden.all(dim=1), hidden.all(dim=0)
    assert torch.equal(hidden, rows[:, None] | columns[None])
    assert 8 <= int(rows.sum()) < 60
    assert 10 <= int(columns.sum()) < 160
    assert torch.equal(masked[~hidden], whole[~hidden])


def test_masks_do_not_fall_on_padding() -> None:
    model = tiny_whisper_ctc(mask_time_prob=0.9, mask_time_length=10, head_dropout=0.0).train()
    seen: list[Tensor] = []
    model.encoder.conv1.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    mask = torch.tensor([[1] * 16_000, [1] * 8_000 + [0] * 8_000])
    np.random.seed(0)
    with torch.inference_mode():
        model(0.1 * torch.randn(2, 16_000) * mask, attention_mask=mask)
    hidden = (seen[0] == 0).all(dim=1)
    assert hidden[1, :50].sum() >= 10


@pytest.mark.parametrize("num_samples", [30 * 16_000 + 161, 31 * 16_000])
def test_more_than_30_s_are_an_error(num_samples: int) -> None:
    with pytest.raises(ValueError, match=r"up to 30 s, not 3[01]\.\d* s"):
        tiny_whisper_ctc()(torch.zeros(1, num_samples))


def test_30_s_fit() -> None:
    with torch.inference_mode():
        assert tiny_whisper_ctc()(torch.zeros(1, 30 * 16_000)).logits.shape == (1, 1500, len(LETTERS))


def test_saved_and_loaded_it_gives_the_same_emission(saved: Path) -> None:
    samples = np.random.default_rng(0).normal(0, 0.1, (1, 20_000)).astype(np.float32)
    recognizer = load_ctc(find_recognizer(str(saved)), CPU)
    emission = recognizer.emission(Audio(samples, 16_000, 5.0))
    normalised = torch.from_numpy((samples - samples.mean()) / samples.std())
    with torch.inference_mode():
        expected = tiny_whisper_ctc()(normalised).logits[0].log_softmax(-1).numpy()
    assert emission.log_probs == pytest.approx(expected, abs=1e-4)
    assert (emission.frame_s, emission.start_s, len(expected)) == (0.02, 5.0, 63)
    assert recognizer.net.masks


def test_a_head_alone_takes_the_encoder_of_a_known_model(carried: WhisperForCTC, tmp_path: Path) -> None:
    folder = make_ctc_folder(tmp_path, LETTERS, masks=True)
    carried.save_pretrained(folder)
    waveform = 0.1 * torch.randn(1, 16_000, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        expected = load_ctc(LocalModel("whole", "ctc", folder), CPU).net(waveform)
    weights = load_file(folder / "model.safetensors")
    head = {name: value for name, value in weights.items() if not name.startswith("encoder.")}
    save_file(head, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelError, match="weights are missing"):
        load_ctc(LocalModel("head", "ctc", folder), CPU)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "encoder_from": "tiny.en"}))
    with torch.inference_mode():
        found = load_ctc(LocalModel("head", "ctc", folder), CPU).net(waveform)
    torch.testing.assert_close(found, expected)


def test_ten_milliseconds_give_an_emission(saved: Path) -> None:
    recognizer = load_ctc(LocalModel("tiny", "ctc", saved), CPU)
    assert recognizer.emission(Audio(np.zeros((1, 160), np.float32), 16_000)).log_probs.shape == (1, len(LETTERS))


def test_songs_of_any_length_are_transcribed(saved: Path, tmp_path: Path) -> None:
    song = write_song(tmp_path / "long.wav", chord(61.0, 8000, 1), 8000)
    transcript = load_pipeline(model=str(saved), separator="none", offline=True, device="cpu").transcribe(song)
    assert transcript.duration_s == pytest.approx(61.0)
    assert transcript.provenance.recognizer == str(saved)


@pytest.mark.filterwarnings("ignore:.gradient_checkpointing_enable. is deprecated:FutureWarning")
def test_gradient_checkpointing_does_not_change_gradients() -> None:
    waveform = 0.1 * torch.randn(2, 16_000, generator=torch.Generator().manual_seed(0))
    found = []
    for saves in (False, True):
        model = tiny_whisper_ctc(head_dropout=0.0)
        runs: list[int] = []
        model.encoder.layers[0].fc1.register_forward_pre_hook(lambda *_, runs=runs: runs.append(1))
        if saves:
            model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
        model.train()(waveform).logits.square().mean().backward()
        found.append({name: p.grad for name, p in model.named_parameters() if p.requires_grad})
        assert len(runs) == (2 if saves else 1)
    kept, saved = found
    assert all(torch.allclose(saved[name], kept[name], rtol=1e-4, atol=1e-8) for name in kept)


@pytest.mark.parametrize("damage", ["empty", "cut", "other"])
def test_a_file_that_is_not_a_whisper_model(tmp_path: Path, damage: str) -> None:
    shutil.copy(find_recognizer("tiny.en").folder / "config.json", tmp_path)
    whole = (find_recognizer("tiny.en").folder / "model.bin").read_bytes()
    (tmp_path / "model.bin").write_bytes({"empty": b"", "cut": whole[:100_000], "other": b"{}" * 99}[damage])
    with pytest.raises(ValueError, match=r"model\.bin"):
        from_ctranslate2(tmp_path, 5)
