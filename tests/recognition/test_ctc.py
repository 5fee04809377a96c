import json
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from helpers.tiny_models import LETTERS, make_ctc_folder

from lyricsrec.audio.audio import Audio
from lyricsrec.base.device import Compute
from lyricsrec.base.errors import ModelError, UsageError
from lyricsrec.models.resolve import LocalModel
from lyricsrec.recognition.ctc import load_ctc, read_ctc

CPU = Compute("cpu", "float32")


def test_the_symbols_of_a_vocabulary_are_identified(ctc_folder: Path) -> None:
    vocabulary = load_ctc(LocalModel("tiny", "ctc", ctc_folder), CPU).vocabulary
    assert vocabulary.labels == tuple(LETTERS)
    assert (vocabulary.blank, vocabulary.space, vocabulary.unknown, vocabulary.special) == (0, 4, 3, (1, 2))
    assert vocabulary.upper_case


def test_positions_of_symbols_do_not_matter(tmp_path: Path) -> None:
    labels = ["a", "|", "b", "<unk>", "</s>", "<pad>", "<s>", "'"]
    vocabulary = load_ctc(LocalModel("odd", "ctc", make_ctc_folder(tmp_path, labels)), CPU).vocabulary
    assert (vocabulary.blank, vocabulary.space, vocabulary.unknown) == (5, 1, 3)
    assert vocabulary.letters == ("a", "b", "'")


def test_the_emission_equals_that_of_transformers(ctc_folder: Path) -> None:
    from transformers import AutoFeatureExtractor, AutoModelForCTC

    samples = np.random.default_rng(0).normal(0, 0.1, (1, 16_000)).astype(np.float32)
    emission = load_ctc(LocalModel("tiny", "ctc", ctc_folder), CPU).emission(Audio(samples, 16_000, start_s=3.0))
    inputs = AutoFeatureExtractor.from_pretrained(ctc_folder)(samples[0], sampling_rate=16_000, return_tensors="pt")
    with torch.inference_mode():
        expected = AutoModelForCTC.from_pretrained(ctc_folder)(**inputs).logits.log_softmax(-1)[0].numpy()
    assert emission.log_probs == pytest.approx(expected, abs=1e-4)
    assert (emission.frame_s, emission.start_s) == (0.02, 3.0)


def test_ten_milliseconds_give_an_emission(ctc_folder: Path) -> None:
    emission = load_ctc(LocalModel("tiny", "ctc", ctc_folder), CPU).emission(
        Audio(np.zeros((1, 160), np.float32), 16_000)
    )
    assert emission.log_probs.shape == (1, len(LETTERS))


def test_more_symbols_than_outputs_are_an_error(tmp_path: Path) -> None:
    folder = make_ctc_folder(tmp_path, LETTERS, num_outputs=20)
    with pytest.raises(ModelError, match="tokenizer has 32 symbols, its output layer 20"):
        load_ctc(LocalModel("short", "ctc", folder), CPU)


def test_padded_outputs_are_never_text(tmp_path: Path) -> None:
    vocabulary = load_ctc(
        LocalModel("padded", "ctc", make_ctc_folder(tmp_path, LETTERS, num_outputs=40)), CPU
    ).vocabulary
    assert set(range(32, 40)) <= set(vocabulary.special)


def test_a_language_for_a_model_of_one_language_is_an_error(ctc_folder: Path) -> None:
    with pytest.raises(UsageError, match="cannot be set to language 'deu'"):
        load_ctc(LocalModel("tiny", "ctc", ctc_folder), CPU, language="deu")


def test_missing_weights_are_an_error(tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    weights = load_file(make_ctc_folder(tmp_path, LETTERS) / "model.safetensors")
    kept = {name: tensor for name, tensor in weights.items() if not name.startswith("lm_head")}
    save_file(kept, tmp_path / "model.safetensors", {"format": "pt"})
    with pytest.raises(ModelError, match=r"weights are missing \(lm_head.bias and 1 more\)"):
        load_ctc(LocalModel("headless", "ctc", tmp_path), CPU)


def test_missing_files_are_an_error(tmp_path: Path) -> None:
    make_ctc_folder(tmp_path, LETTERS)
    (tmp_path / "model.safetensors").unlink()
    with pytest.raises(ModelError, match="cannot be loaded as a CTC model"):
        load_ctc(LocalModel("broken", "ctc", tmp_path), CPU)


@pytest.mark.parametrize("name", ["preprocessor_config.json", "tokenizer_config.json", "vocab.json"])
def test_damaged_files_are_an_error(tmp_path: Path, name: str) -> None:
    make_ctc_folder(tmp_path, LETTERS)
    (tmp_path / name).write_text("[]")
    with pytest.raises(ModelError, match=rf"{name}: not a JSON object, but a list"):
        load_ctc(LocalModel("broken", "ctc", tmp_path), CPU)


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("config.json", {"hidden_size": "x"}),
        ("preprocessor_config.json", {"feature_extractor_type": []}),
        ("tokenizer_config.json", {"pad_token": 7}),
    ],
)
def test_the_file_with_a_wrong_setting_is_named(tmp_path: Path, name: str, changes: dict[str, object]) -> None:
    path = make_ctc_folder(tmp_path, LETTERS) / name
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    with pytest.raises(ModelError, match=rf"cannot be loaded as a CTC model: its .*{name} \("):
        load_ctc(LocalModel("broken", "ctc", tmp_path), CPU)


@pytest.mark.filterwarnings("error")
def test_a_pickle_with_code_is_refused_without_advice_to_run_it(tmp_path: Path) -> None:
    (make_ctc_folder(tmp_path, LETTERS) / "model.safetensors").unlink()
    (tmp_path / "pytorch_model.bin").write_bytes(pickle.dumps(Path.cwd, protocol=4))
    with pytest.raises(ModelError, match=r"its pickle has more in it than weights; nothing of it was run\)$"):
        load_ctc(LocalModel("foreign", "ctc", tmp_path), CPU)


def test_a_model_that_names_code_is_refused_before_transformers_sees_it(tmp_path: Path) -> None:
    config = {"architectures": ["EvilForCTC"], "model_type": "evil", "auto_map": {"AutoModelForCTC": "evil.M"}}
    (tmp_path / "config.json").write_text(json.dumps(config))
    (tmp_path / "evil.py").write_text(f"open({str(tmp_path / 'EXECUTED')!r}, 'w')")
    with pytest.raises(ModelError, match=r"config\.json: 'auto_map' names code to run"):
        read_ctc(LocalModel("evil", "ctc", tmp_path))
    assert not (tmp_path / "EXECUTED").exists()
