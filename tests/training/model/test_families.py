"""Family by family: a small random model is trained, saved, and recognises as it did."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from accelerate import Accelerator
from helpers.data_sets import make_data
from helpers.tiny_models import FAMILIES, make_family_folder, make_mms_folder, tiny_shape
from safetensors.torch import load_file

from lyricsrec.audio.audio import Audio
from lyricsrec.base.device import Compute
from lyricsrec.base.errors import ModelError, UsageError
from lyricsrec.models.resolve import LocalModel
from lyricsrec.recognition.ctc import load_ctc
from lyricsrec.recognition.registry import find_recognizer
from lyricsrec.training.data.examples import Batch, ChunkExamples, collate
from lyricsrec.training.data.labels import LabelEncoder
from lyricsrec.training.data.sets import letters_of, read_rows
from lyricsrec.training.model.learner import Learner, load_learner
from lyricsrec.training.model.parts import part_of
from lyricsrec.training.model.shapes import shape_of
from lyricsrec.training.settings import DataConfig, FreezeConfig, MaskConfig, ModelConfig, OptimizerConfig, TrainConfig
from lyricsrec.training.state.run_state import RunState
from lyricsrec.training.step import Stepper
from lyricsrec.training.stop_requests import StopRequests

UNMASKED = MaskConfig(time=0.0, bands=0.0)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = make_data(tmp_path_factory.mktemp("data"), [{}])
    (folder / "validation.jsonl").write_bytes((folder / "train.jsonl").read_bytes())
    return folder


def batch_of(learner: Learner, data: Path) -> Batch:
    """Both chunks, of 1.9 s; the second one a bit shorter."""
    encoder = LabelEncoder(learner.vocabulary, learner.acoustic.ctc.frames)
    rows, _ = read_rows(DataConfig(data), "train", encoder)
    examples = ChunkExamples(rows, encoder)
    batch = collate([examples[0, 0], examples[0, 1]])
    batch.num_samples[1] -= 3000
    batch.audio[1, :, -3000:] = 0
    return batch


def train(learner: Learner, data: Path, accelerator: Accelerator, *freeze: str, steps: int = 1) -> list[float]:
    """The losses of some steps."""
    rates = OptimizerConfig(1e-3, 1e-3, 1e-3, warmup_steps=0, schedule="constant")
    config = TrainConfig(freeze=FreezeConfig(freeze), optimizer=rates)
    state = RunState(config, learner, accelerator)
    stepper = Stepper(config, state, accelerator, requests=StopRequests(), audio_rate=16_000)
    batch = batch_of(learner, data)
    return [stepper.step([batch])[0].ctc for _ in range(steps)]


def emission_of(folder: Path, language: str | None = None) -> torch.Tensor:
    recognizer = load_ctc(find_recognizer(str(folder)), Compute("cpu"), language)
    noise = torch.randn(1, 17_000, generator=torch.Generator().manual_seed(1)).numpy()
    emission = recognizer.emission(Audio(noise, 16_000))
    assert emission.frame_s == recognizer.net.frames.frame_s
    return torch.from_numpy(emission.log_probs)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_is_trained_saved_and_used(family: str, data: Path, tmp_path: Path, accelerator: Accelerator) -> None:
    learner = load_learner(ModelConfig(str(make_family_folder(tmp_path / "start", family)), "none"), UNMASKED)
    net = learner.acoustic.ctc
    assert net.frames.frame_s == 0.02
    before = {name: value.clone() for name, value in net.state_dict().items()}
    batch = batch_of(learner, data)
    output = learner.acoustic.forward_padded(batch.audio, batch.num_samples.tolist())
    assert output.log_probs.shape[1] == int(output.num_frames.max())
    # What has no gradient would need a search in distributed training.
    learner.acoustic.train()
    learner.acoustic.forward_padded(batch.audio, batch.num_samples.tolist()).log_probs.sum().backward()
    trainable = [(name, p) for name, p in net.named_parameters() if p.requires_grad]
    assert [name for name, p in trainable if p.grad is None] == []
    learner.acoustic.zero_grad()
    (loss,) = train(learner, data, accelerator)
    assert 0 < loss < 1000
    moved = {part_of(name).split(".")[0] for name, value in net.state_dict().items() if not value.equal(before[name])}
    assert moved == {"features", "encoder", "head"}
    learner.save(tmp_path / "trained")
    emission = emission_of(tmp_path / "trained")
    with torch.no_grad():
        noise = torch.randn(1, 17_000, generator=torch.Generator().manual_seed(1))
        assert torch.allclose(net.eval()(noise)[0], emission, atol=1e-5)
    assert len(emission) == int(net.num_frames(torch.tensor([17_000]))[0])


@pytest.mark.parametrize(("num_adapter_layers", "frame_s"), [(1, 0.04), (2, 0.08), (3, 0.16)])
@pytest.mark.parametrize("family", ["wav2vec2", "wav2vec2-bert"])
def test_models_with_longer_frames_learn(
    family: str, num_adapter_layers: int, frame_s: float, data: Path, tmp_path: Path, accelerator: Accelerator
) -> None:
    changes = {"add_adapter": True, "num_adapter_layers": num_adapter_layers}
    folder = make_family_folder(tmp_path / "start", family, **changes)
    learner = load_learner(ModelConfig(str(folder), "none"), UNMASKED)
    frames = learner.acoustic.ctc.frames
    assert frames.frame_s == frame_s
    for number in (1, 5, 11):
        shortest = torch.tensor([round(frames.min_duration_s(number) * 16_000)])
        assert int(learner.acoustic.ctc.num_frames(shortest)[0]) in (number, number + 1)
    losses = train(learner, data, accelerator, steps=6)
    assert losses[-1] < losses[0]
    assert losses[-1] > 0
    assert emission_of(folder).shape[0] == int(learner.acoustic.ctc.num_frames(torch.tensor([17_000]))[0])


def test_chunks_with_more_symbols_than_frames_are_left_out(data: Path, tmp_path: Path) -> None:
    folder = make_family_folder(tmp_path, "wav2vec2", add_adapter=True, num_adapter_layers=4)
    learner = load_learner(ModelConfig(str(folder), "none"), UNMASKED)
    encoder = LabelEncoder(learner.vocabulary, learner.acoustic.ctc.frames)
    # 1.9 s are 5 frames of 320 ms: "ONE TWO" has 7 symbols.
    with pytest.raises(Exception, match="2 too dense"):
        read_rows(DataConfig(data), "train", encoder)


def test_features_are_those_of_the_extractor() -> None:
    from transformers import SeamlessM4TFeatureExtractor

    from lyricsrec.recognition.filterbank import FilterBank

    noise = 0.1 * torch.randn(2, 16_000, generator=torch.Generator().manual_seed(2))
    lengths = torch.tensor([16_000, 12_345])
    bank = FilterBank(80, 2)
    found = bank(noise, lengths)
    for row, length in enumerate(lengths.tolist()):
        theirs = SeamlessM4TFeatureExtractor()(noise[row, :length].numpy(), sampling_rate=16_000, return_tensors="pt")
        count = int(theirs["attention_mask"].sum())
        assert count == int(bank.num_frames(lengths)[row])
        assert torch.allclose(found[row, :count], theirs["input_features"][0, :count], atol=2e-3)


def test_the_adapters_of_a_language_are_trained_alone(data: Path, tmp_path: Path, accelerator: Accelerator) -> None:
    mms = tmp_path / "mms"
    mms.mkdir()
    make_mms_folder(mms)
    learner = load_learner(ModelConfig(str(mms), "none", language="deu"), UNMASKED)
    before = {name: value.clone() for name, value in learner.acoustic.state_dict().items()}
    train(learner, data, accelerator, "separator", "features", "encoder")
    moved = {part_of(name) for name, value in learner.acoustic.state_dict().items() if not value.equal(before[name])}
    assert moved == {"adapter", "head"}
    trained = tmp_path / "trained"
    learner.save(trained)
    assert json.loads((trained / "vocab.json").read_text()).keys() == {"deu"}
    own = load_file(trained / "adapter.deu.safetensors")
    assert own["lm_head.weight"].equal(learner.acoustic.ctc.model.lm_head.weight)
    assert any("adapter_layer" in name for name in own)
    assert emission_of(trained).equal(emission_of(trained, "deu"))
    with pytest.raises(UsageError, match="cannot be set to language 'fra'"):
        emission_of(trained, "fra")
    # A language that the model does not know gets new adapters and a head.
    other = load_learner(ModelConfig(str(mms), "none", letters="ABCÇ", language="xyz"), UNMASKED)
    other.save(tmp_path / "new")
    assert emission_of(tmp_path / "new", "xyz").shape[1] == 3 + 4
    plain = make_family_folder(tmp_path / "plain", "wav2vec2")
    with pytest.raises(UsageError, match="has no adapters for languages"):
        load_learner(ModelConfig(str(plain), "none", letters="AB", language="deu"), UNMASKED)


@pytest.mark.parametrize("family", ["parakeet_ctc", "lasr_ctc", "mctct", "nothing"])
def test_a_family_that_cannot_be_used_is_refused_by_name(family: str, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"model_type": family, "architectures": ["XForCTC"]}))
    with pytest.raises(ModelError, match=f"CTC models of the family '{family}' cannot be used"):
        load_ctc(LocalModel("m", "ctc", tmp_path), Compute("cpu"))
    with pytest.raises(ModelError, match=f"CTC models of the family '{family}' cannot be used"):
        load_learner(ModelConfig(str(tmp_path), "none", random=True), UNMASKED)


def test_random_weights_from_shapes_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> Path:
        raise AssertionError("asked the hub")

    monkeypatch.setattr("lyricsrec.models.sources.fetch", refuse)
    (tmp_path / "shape.json").write_text(json.dumps(tiny_shape("hubert")))
    (tmp_path / "spleeter.json").write_text(json.dumps({"family": "spleeter", "widths": [2, 2, 4, 4, 4, 4]}))
    demucs = {"family": "demucs", "class": "HTDemucs", "sources": ["drums", "vocals"], "channels": 8, "depth": 3}
    demucs |= {"nfft": 512, "t_layers": 1, "t_heads": 2, "bottom_channels": 8, "segment": 2, "samplerate": 44_100}
    (tmp_path / "demucs.json").write_text(json.dumps(demucs))
    for separator in ("spleeter.json", "demucs.json"):
        config = ModelConfig(
            str(tmp_path / "shape.json"), str(tmp_path / separator), new_head=True, letters="AB", random=True
        )
        learner = load_learner(config, UNMASKED, offline=True)
        assert learner.vocabulary.letters == ("A", "B")
        assert learner.acoustic.vocals is not None
        learner.save(tmp_path / separator.removesuffix(".json"))
        again = load_learner(ModelConfig(str(tmp_path / separator.removesuffix(".json"))), UNMASKED)
        assert type(again.acoustic.vocals) is type(learner.acoustic.vocals)
    known = shape_of("facebook/wav2vec2-base-960h")
    assert known == {"model_type": "wav2vec2"} == shape_of("wav2vec2")
    (tmp_path / "broken.json").write_text("[]")
    with pytest.raises(ModelError, match="not a file of shapes"):
        shape_of(str(tmp_path / "broken.json"))
    with pytest.raises(UsageError, match="not a file of a separator's shapes"):
        load_learner(
            ModelConfig(str(tmp_path / "shape.json"), str(tmp_path / "broken.json"), letters="A", random=True), UNMASKED
        )


def test_letters_are_those_of_the_data_set(tmp_path: Path) -> None:
    words = [("süß", 1.0, 1.5), ("l'été", 2.0, 2.5)]
    data = make_data(tmp_path, [{"words": words}])
    for split in ("train", "validation"):
        path = data / f"{split}.jsonl"
        rows = [json.loads(row) for row in (data / "train.jsonl").read_text().splitlines()]
        text = "süß l'été" if split == "train" else "да"
        path.write_text("".join(json.dumps({**row, "text": text}) + "\n" for row in rows))
    assert letters_of(DataConfig(data), ("train",)) == "'LSTÉÜ"
    assert letters_of(DataConfig(data), ("train", "validation")) == "'LSTÉÜАД"
