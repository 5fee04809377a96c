"""Models to train: where they come from, and that what is saved is what every command loads."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from helpers.sounds import chord, write_song
from helpers.tiny_models import LETTERS, save_demucs, save_separator, tiny_htdemucs, tiny_spleeter, tiny_whisper_ctc
from torch import Tensor, nn

from lyricsrec import load_pipeline
from lyricsrec.base.device import Compute
from lyricsrec.base.errors import ModelError, UsageError
from lyricsrec.pipeline.settings import PipelineConfig
from lyricsrec.recognition.ctc import load_ctc
from lyricsrec.recognition.registry import find_recognizer
from lyricsrec.separation.registry import load_vocal_net
from lyricsrec.training.model.learner import Learner, load_learner
from lyricsrec.training.settings import MaskConfig, ModelConfig


def load(recognizer: Path | str, separator: Path | str | None = "none", **settings: object) -> Learner:
    config = ModelConfig(str(recognizer), None if separator is None else str(separator), **settings)  # type: ignore[arg-type]
    return load_learner(config, MaskConfig(), offline=True)


def same(ours: nn.Module, theirs: nn.Module) -> bool:
    first, second = ours.state_dict(), theirs.state_dict()
    return first.keys() == second.keys() and all(torch.equal(first[name], second[name]) for name in first)


def sound(samples: int = 16_000) -> Tensor:
    return 0.1 * torch.randn(1, samples, generator=torch.Generator().manual_seed(0))


@pytest.fixture(scope="module")
def separator(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_separator(tmp_path_factory.mktemp("separator") / "tiny")


def test_a_ctc_model_with_its_own_head(ctc_folder: Path) -> None:
    learner = load(ctc_folder)
    recognizer = load_ctc(find_recognizer(str(ctc_folder)), Compute("cpu"))
    assert same(learner.acoustic.ctc, recognizer.net)
    assert learner.vocabulary == recognizer.vocabulary
    assert (learner.acoustic.vocals, learner.acoustic.sample_rate) == (None, 16_000)
    assert (learner.acoustic.ctc.normalize, learner.acoustic.ctc.masks) == (True, False)
    assert {p.dtype for p in learner.acoustic.parameters()} == {torch.float32}
    assert learner.longest_s == math.inf


@pytest.mark.parametrize(
    ("settings", "letters"),
    [
        ({"new_head": True}, "'ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
        ({"letters": "CAB'C"}, "'ABC"),
        ({"new_head": True, "letters": "ÄÖ"}, "ÄÖ"),
    ],
)
def test_a_ctc_model_with_a_new_head(ctc_folder: Path, settings: dict[str, object], letters: str) -> None:
    learner = load(ctc_folder, **settings)
    vocabulary = learner.vocabulary
    assert vocabulary.labels == ("<pad>", "<unk>", "|", *letters)
    assert (vocabulary.blank, vocabulary.unknown, vocabulary.space, vocabulary.special) == (0, 1, 2, ())
    assert vocabulary.letters == tuple(letters)
    model = learner.acoustic.ctc.model
    assert model.lm_head.out_features == model.config.vocab_size == 3 + len(letters)
    assert model.config.pad_token_id == 0
    assert same(model.wav2vec2, load(ctc_folder).acoustic.ctc.model.wav2vec2)


def test_a_new_head_is_new_even_where_the_old_one_is_as_large(ctc_folder: Path, tmp_path: Path) -> None:
    first = load(ctc_folder, letters="ABC")
    first.save(tmp_path)
    again = load(tmp_path, letters="XYZ")
    assert again.acoustic.ctc.model.lm_head.weight.shape == first.acoustic.ctc.model.lm_head.weight.shape
    assert not same(again.acoustic.ctc.model.lm_head, first.acoustic.ctc.model.lm_head)
    assert same(again.acoustic.ctc.model.wav2vec2, first.acoustic.ctc.model.wav2vec2)


def test_whispers_encoder_gets_a_head() -> None:
    learner = load("tiny.en", head_layers=1, head_kernel=3, head_width=8)
    model = learner.acoustic.ctc.model
    assert len(learner.vocabulary.labels) == 30
    assert (model.config.encoder_layers, model.config.head_layers, model.head[0][0].out_channels) == (4, 1, 8)
    assert model.head[0][0].kernel_size == (3,)
    assert (learner.acoustic.ctc.normalize, learner.acoustic.ctc.masks) == (False, True)
    assert learner.longest_s == 30.0
    assert model.encoder.conv1.weight.abs().mean() > 0


def test_masks_are_those_of_the_settings(ctc_folder: Path, tmp_path: Path) -> None:
    mask = MaskConfig(time=0.3, time_s=0.1, bands=0.2, band=0.25)
    wav2vec2 = load_learner(ModelConfig(str(ctc_folder), "none"), mask).acoustic.ctc.model.config
    assert (wav2vec2.mask_time_prob, wav2vec2.mask_time_length, wav2vec2.mask_time_min_masks) == (0.3, 5, 0)
    assert (wav2vec2.mask_feature_prob, wav2vec2.mask_feature_length, wav2vec2.mask_feature_min_masks) == (0.2, 4, 0)
    assert (wav2vec2.apply_spec_augment, wav2vec2.layerdrop) == (True, 0.0)
    whisper = load_learner(ModelConfig("tiny.en", "none"), mask).acoustic.ctc.model.config
    # 100 frames a second here, and bands of the spectrogram.
    assert (whisper.mask_time_prob, whisper.mask_time_length) == (0.3, 10)
    assert (whisper.mask_feature_prob, whisper.mask_feature_length) == (0.2, 20)


def test_a_model_that_was_made_without_masks_can_be_masked(ctc_folder: Path, tmp_path: Path) -> None:
    never = MaskConfig(time=0.0, bands=0.0)
    load_learner(ModelConfig(str(ctc_folder), "none"), never).save(tmp_path)
    assert json.loads((tmp_path / "config.json").read_text())["mask_time_prob"] == 0.0
    learner = load_learner(ModelConfig(str(tmp_path), "none"), MaskConfig(time=0.5))
    learner.acoustic.ctc.train()(sound(48_000))[0, :, 5].sum().backward()
    assert learner.acoustic.ctc.model.wav2vec2.masked_spec_embed.grad.abs().max() > 0
    # Whether masks are drawn or not, a run can go on with the weights of one that was set otherwise.
    unmasked = load_learner(ModelConfig(str(tmp_path), "none"), never)
    learner.save(tmp_path)
    unmasked.load_weights(tmp_path)
    assert same(unmasked.acoustic, learner.acoustic)


def test_random_weights_keep_nothing_that_was_learnt(ctc_folder: Path, separator: Path, tmp_path: Path) -> None:
    learner = load(ctc_folder, separator)
    with torch.no_grad():
        for parameter in learner.acoustic.parameters():
            parameter.fill_(123.0)
    learner.save(tmp_path)
    assert all((p == 123).all() for p in load(tmp_path, None).acoustic.parameters())
    fresh = load(tmp_path, None, random=True).acoustic
    assert not [name for name, p in fresh.named_parameters() if (p == 123).any()]
    assert fresh.vocals is not None
    assert not same(fresh, load(tmp_path, None, random=True).acoustic)


def test_a_saved_recogniser_needs_no_lyricsrec(ctc_folder: Path, tmp_path: Path) -> None:
    from transformers import AutoFeatureExtractor, AutoModelForCTC, AutoTokenizer

    learner = load(ctc_folder, new_head=True)
    learner.save(tmp_path)
    model = AutoModelForCTC.from_pretrained(tmp_path).eval()
    tokenizer, extractor = (kind.from_pretrained(tmp_path) for kind in (AutoTokenizer, AutoFeatureExtractor))
    assert tokenizer.get_vocab() == {label: i for i, label in enumerate(learner.vocabulary.labels)}
    assert (tokenizer.pad_token_id, tokenizer.word_delimiter_token) == (0, "|")
    inputs = extractor(sound()[0].numpy(), sampling_rate=16_000, return_tensors="pt")
    with torch.inference_mode():
        ours = learner.acoustic.ctc.eval()(sound())
        theirs = model(**inputs).logits.log_softmax(-1)
    assert torch.allclose(ours, theirs, atol=1e-4)
    assert {path.suffix for path in tmp_path.iterdir()} == {".json", ".safetensors"}


@pytest.mark.parametrize("kind", ["wav2vec2", "whisper"])
def test_what_is_saved_comes_back(ctc_folder: Path, separator: Path, tmp_path: Path, kind: str) -> None:
    learner = load(ctc_folder, separator, new_head=True) if kind == "wav2vec2" else load("tiny.en", separator)
    learner.save(tmp_path)
    again = load(tmp_path, None)
    assert same(again.acoustic, learner.acoustic)
    assert again.vocabulary == learner.vocabulary
    assert (again.acoustic.ctc.normalize, again.acoustic.ctc.masks) == (
        learner.acoustic.ctc.normalize,
        learner.acoustic.ctc.masks,
    )
    assert same(load_ctc(find_recognizer(str(tmp_path)), Compute("cpu")).net, learner.acoustic.ctc)
    with torch.no_grad():
        for parameter in learner.acoustic.parameters():
            parameter.add_(1.0)
    learner.load_weights(tmp_path)
    assert same(learner.acoustic, again.acoustic)


def test_gathered_weights_are_saved_in_the_place_of_the_models_own(
    ctc_folder: Path, separator: Path, tmp_path: Path
) -> None:
    learner = load(ctc_folder, separator)
    gathered = {name: torch.full_like(value, 0.5) for name, value in learner.acoustic.state_dict().items()}
    learner.save(tmp_path, gathered)
    assert all((p == 0.5).all() for p in load(tmp_path, None).acoustic.parameters())


def test_the_separator_lies_below_and_is_found(ctc_folder: Path, separator: Path, tmp_path: Path) -> None:
    learner = load(ctc_folder, separator)
    with torch.no_grad():
        for parameter in learner.acoustic.vocals.parameters():
            parameter.mul_(1.5)
    learner.save(tmp_path)
    config = PipelineConfig(model=str(tmp_path))
    assert config.separator_name == str(tmp_path / "separator")
    net = load_vocal_net(config.separator_name)
    assert same(net, learner.acoustic.vocals)
    assert not same(net, load_vocal_net(str(separator)))
    assert (net.sample_rate, net.window_samples, net.weights) == (44_100, 88_200, [1.0])
    assert PipelineConfig(model=str(tmp_path), separator="none").separator_name == "none"


def test_transcribing_uses_both_parts(ctc_folder: Path, separator: Path, tmp_path: Path) -> None:
    learner = load(ctc_folder, separator)
    learner.save(tmp_path / "model")
    pipeline = load_pipeline(model=str(tmp_path / "model"), offline=True, device="cpu", dtype="float32")
    song = chord(1.5)
    transcript = pipeline.transcribe(write_song(tmp_path / "song.wav", song, subtype="FLOAT"))
    assert transcript.provenance.separator == str(tmp_path / "model" / "separator")
    assert transcript.provenance.recognizer == str(tmp_path / "model")
    # The separator of the pipeline has the weights of the vocals alone.
    mix = torch.from_numpy(np.ascontiguousarray(song.T))[None]
    with torch.inference_mode():
        expected = learner.acoustic.vocals.eval()(mix)
        assert torch.equal(pipeline.separator.net(mix), expected)
    assert expected.abs().max() > 0
    assert same(pipeline.recognizer.net, learner.acoustic.ctc)


def test_a_spleeter_lies_below_and_is_found(ctc_folder: Path, tmp_path: Path) -> None:
    start = tmp_path / "spleeter"
    start.mkdir()
    tiny_spleeter().save(start)
    learner = load(ctc_folder, start)
    assert learner.acoustic.sample_rate == 44_100
    with torch.no_grad():
        for parameter in learner.acoustic.vocals.parameters():
            parameter.mul_(1.1)
    learner.save(tmp_path)
    name = PipelineConfig(model=str(tmp_path)).separator_name
    assert name == str(tmp_path / "separator")
    assert same(load_vocal_net(name), learner.acoustic.vocals)
    other = load(ctc_folder, start)
    other.load_weights(tmp_path)
    assert same(other.acoustic, learner.acoustic)


def test_a_run_does_not_go_on_with_another_separator(ctc_folder: Path, separator: Path, tmp_path: Path) -> None:
    start = tmp_path / "spleeter"
    start.mkdir()
    tiny_spleeter().save(start)
    load(ctc_folder, start).save(tmp_path / "run")
    with pytest.raises(ModelError, match="not a checkpoint of this run"):
        load(ctc_folder, separator).load_weights(tmp_path / "run")
    load(ctc_folder).save(tmp_path / "none")
    with pytest.raises(ModelError, match="contains no separator"):
        load(ctc_folder, start).load_weights(tmp_path / "none")


def test_a_known_separator_is_trained_from_its_weights(
    ctc_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    save_demucs(tmp_path)
    learner = load(ctc_folder, "htdemucs")
    assert learner.acoustic.sample_rate == 44_100
    assert same(learner.acoustic.vocals.models[0], tiny_htdemucs())
    learner.save(tmp_path / "model")
    saved = json.loads((tmp_path / "model" / "config.json").read_text())
    assert saved["architectures"] == ["Wav2Vec2ForCTC"]


def test_a_checkpoint_without_its_separator_recognises_the_mix(ctc_folder: Path) -> None:
    assert load(ctc_folder, None).acoustic.vocals is None


def test_models_that_cannot_be_had(ctc_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="'center' has no trainable weights"):
        load(ctc_folder, "center")
    with pytest.raises(UsageError, match="unknown separator 'nope'"):
        load(ctc_folder, "nope")
    with pytest.raises(ModelError, match="no model 'nope'"):
        load("nope")
    with pytest.raises(ModelError, match="--offline forbids"):
        load("someone/else")


@pytest.mark.parametrize("damage", ["missing", "empty", "cut", "other"])
def test_weights_that_are_not_those_of_a_run(ctc_folder: Path, tmp_path: Path, damage: str) -> None:
    learner = load(ctc_folder)
    learner.save(tmp_path)
    path = tmp_path / "model.safetensors"
    whole = path.read_bytes()
    path.unlink()
    if damage == "other":
        tiny_whisper_ctc().save_pretrained(tmp_path)
    elif damage != "missing":
        path.write_bytes({"empty": b"", "cut": whole[:-100]}[damage])
    with pytest.raises(ModelError, match="not a checkpoint of this run"):
        learner.load_weights(tmp_path)
    if damage in ("empty", "cut"):
        with pytest.raises(ModelError, match="cannot be loaded as a CTC model"):
            load(tmp_path)


def test_frames_come_every_20_ms(ctc_folder: Path) -> None:
    for learner in (load(ctc_folder), load("tiny.en")):
        frames = learner.acoustic.ctc.num_frames(torch.tensor([16_000, 32_000]))
        assert np.diff(frames.numpy()).tolist() == [50]
    assert len(LETTERS) == 32
