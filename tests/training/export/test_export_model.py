"""Export of models: float16 that transcribes the same, ONNX that computes the same, and what is refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from helpers.sounds import chord, write_song
from helpers.tiny_models import FAMILIES, make_family_folder, make_whisper_ctc_folder, save_separator, tiny_spleeter
from safetensors.torch import load_file, save_file
from typer.testing import CliRunner

from lyricsrec.audio.audio import Audio
from lyricsrec.base.device import Compute
from lyricsrec.base.errors import ModelError, OutputError
from lyricsrec.cli import app
from lyricsrec.decoding.search.greedy import GreedyDecoder
from lyricsrec.models.catalogue import MODELS
from lyricsrec.models.resolve import LocalModel
from lyricsrec.recognition.ctc import load_ctc, read_ctc
from lyricsrec.training.export.card import CardFacts
from lyricsrec.training.export.export import export_model
from lyricsrec.training.export.source import load_source


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint of Whisper's encoder behind a Spleeter, with the state of training."""
    folder = make_whisper_ctc_folder(tmp_path_factory.mktemp("export") / "step-00000007")
    (folder / "separator").mkdir()
    tiny_spleeter().save(folder / "separator")
    (folder / "lyricsrec.json").write_text('{"separator": "separator", "step": 7}')
    for inner in ("state", "ema"):
        (folder / inner).mkdir()
        save_file({"moment": torch.ones(3)}, folder / inner / "model.safetensors")
    return folder


def run(*arguments: str | Path, code: int = 0) -> str:
    done = CliRunner().invoke(app, list(map(str, arguments)))
    assert done.exit_code == code, done.output
    return " ".join(done.output.split())


def files_of(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_float16_is_half_as_large_and_transcribes_the_same(checkpoint: Path, tmp_path: Path) -> None:
    output, song = tmp_path / "model", write_song(tmp_path / "song.wav", chord(2.0))
    said = run("export", checkpoint, "-o", output)
    assert "weights in float16" in said
    assert "the card states no licence" in said
    assert files_of(output) == {
        *("README.md", "config.json", "lyricsrec.json", "model.safetensors", "preprocessor_config.json"),
        *("separator/model.safetensors", "separator/spleeter.json", "tokenizer_config.json", "vocab.json"),
    }
    for name in ("model.safetensors", "separator/model.safetensors"):
        before, after = load_file(checkpoint / name), load_file(output / name)
        assert before.keys() == after.keys()
        assert {tensor.dtype for tensor in after.values() if tensor.is_floating_point()} == {torch.float16}
        assert all(torch.equal(after[key], before[key].half()) for key in before if before[key].is_floating_point())
    assert json.loads((output / "config.json").read_text())["dtype"] == "float16"
    texts = []
    for model in (checkpoint, output):
        run("transcribe", song, "--model", model, "-f", "json", "-o", tmp_path / "out", "--device", "cpu")
        texts.append(json.loads((tmp_path / "out" / "song.json").read_text()))
    assert texts[1]["provenance"]["separator"] == str(output / "separator")
    words = [[word["text"] for line in text["lines"] for word in line["words"]] for text in texts]
    assert words[0] == words[1] != []


def test_a_demucs_separator_is_halved_too(tmp_path: Path, ctc_folder: Path) -> None:
    from lyricsrec.separation.registry import load_vocal_net

    checkpoint = tmp_path / "checkpoint"
    shutil.copytree(ctc_folder, checkpoint)
    save_separator(checkpoint / "separator")
    export_model(load_source(str(checkpoint)), tmp_path / "out", "float16", CardFacts("out"))
    halved = load_vocal_net(str(tmp_path / "out" / "separator"), offline=True)
    whole = load_vocal_net(str(checkpoint / "separator"), offline=True)
    assert halved is not None
    assert whole is not None
    for before, after in zip(whole.parameters(), halved.parameters(), strict=True):
        assert after.dtype == torch.float32
        assert torch.equal(before.half().float(), after)


def test_weights_that_are_too_large_are_refused_and_nothing_is_left(checkpoint: Path, tmp_path: Path) -> None:
    model = tmp_path / "model"
    shutil.copytree(checkpoint, model)
    weights = load_file(model / "model.safetensors")
    save_file(weights | {"lm_head.bias": weights["lm_head.bias"] + 70_000}, model / "model.safetensors")
    said = run("export", model, "-o", tmp_path / "out", code=1)
    assert "'lm_head.bias' has values up to 7e+04, too large for float16" in said
    assert [path.name for path in tmp_path.iterdir()] == ["model"]
    run("export", model, "-o", tmp_path / "out", "--format", "float32")
    assert (load_file(tmp_path / "out" / "model.safetensors")["lm_head.bias"] > 60_000).all()
    with pytest.raises(OutputError, match="not empty"):
        export_model(load_source(str(model)), tmp_path / "out", "float16", CardFacts("out"))


def test_what_is_no_checkpoint_is_refused(checkpoint: Path, tmp_path: Path) -> None:
    (tmp_path / "run" / "best").mkdir(parents=True)
    assert f"Choose one, such as {tmp_path / 'run'}/best" in run("export", tmp_path / "run", "-o", "x", code=1)
    whisper = tmp_path / "whisper"
    whisper.mkdir()
    (whisper / "config.json").write_text("{}")
    (whisper / "model.bin").write_bytes(b"")
    assert "which is not exported" in run("export", whisper, "-o", "x", code=1)
    assert "has no effect without --report" in run("export", checkpoint, "-o", "x", "--system", "a", code=2)


def run_onnx(folder: Path, waveform: torch.Tensor) -> tuple[torch.Tensor, dict[str, object]]:
    """What another program gets from an exported folder alone."""
    import onnxruntime

    session = onnxruntime.InferenceSession(str(folder / "model.onnx"))
    return torch.from_numpy(session.run(None, {"waveform": waveform.numpy()})[0]), json.loads(
        (folder / "onnx.json").read_text()
    )


def test_onnx_computes_what_torch_does(checkpoint: Path, tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    said = run("export", checkpoint, "-o", tmp_path / "onnx", "--format", "onnx")
    assert "log-probabilities differ by at most" in said
    assert files_of(tmp_path / "onnx") == {
        *("README.md", "lyricsrec.json", "model.onnx", "onnx.json", "preprocessor_config.json"),
        *("tokenizer_config.json", "vocab.json"),
    }
    net = read_ctc(LocalModel("m", "ctc", checkpoint)).net().eval()
    for samples in (4_000, 51_203):
        waveform = torch.randn(1, samples, generator=torch.Generator().manual_seed(samples))
        found, card = run_onnx(tmp_path / "onnx", waveform)
        with torch.no_grad():
            expected = net(waveform)
        assert found.shape == expected.shape
        assert (found - expected).abs().max() < 1e-4
        assert torch.equal(found.argmax(-1), expected.argmax(-1))
    assert (card["labels"][4], card["blank"], card["space"], card["longest_s"]) == ("A", 0, 2, 30.0)
    assert (card["input"]["sample_rate"], card["output"]["frame_s"]) == (16_000, 0.02)
    assert "The separator" not in (tmp_path / "onnx" / "README.md").read_text()


@pytest.mark.parametrize("kind", ["whisper", "wav2vec2"])
def test_the_program_in_the_card_prints_the_greedy_text(
    kind: str,
    checkpoint: Path,
    ctc_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    pytest.importorskip("onnxruntime")
    model = checkpoint if kind == "whisper" else ctc_folder
    export_model(load_source(str(model), tolerance=1e-4), tmp_path / "out", "onnx", CardFacts("out"))
    samples = chord(2.0, 16_000, 1) + np.random.default_rng(0).normal(0, 0.05, (32_000, 1)).astype(np.float32)
    write_song(tmp_path / "out" / "vocals.wav", samples, 16_000, "FLOAT")
    program = (tmp_path / "out" / "README.md").read_text().split("```python\n")[1].split("```")[0]
    monkeypatch.chdir(tmp_path / "out")
    exec(program, {})
    printed = capsys.readouterr().out.strip()
    recognizer = load_ctc(LocalModel("m", "ctc", model), Compute("cpu", "float32"))
    words = GreedyDecoder().decode(recognizer.emission(Audio(samples.T, 16_000)))
    assert printed.lower().split() == [word.text for word in words] != []


def test_onnx_that_differs_is_refused(checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("onnxruntime")
    from lyricsrec.training.export import onnx

    said = run("export", checkpoint, "-o", tmp_path / "out", "--format", "onnx", "--tolerance", "0", code=1)
    assert "the ONNX file differs from the model" in said
    # A file whose lengths are fixed would pass at the traced one only.
    monkeypatch.setattr(onnx, "_AXES", {})
    said = run("export", checkpoint, "-o", tmp_path / "out", "--format", "onnx", code=1)
    assert "onnxruntime cannot run" in said or "differs" in said
    assert not list(tmp_path.iterdir())


def test_a_family_that_cannot_be_exported_is_refused_by_name(tmp_path: Path) -> None:
    model = make_family_folder(tmp_path / "bert", "wav2vec2-bert")
    said = run("export", model, "-o", tmp_path / "out", "--format", "onnx", code=1)
    assert "models of the family 'wav2vec2-bert' cannot be exported to ONNX" in said
    assert "--format float16" in said
    run("export", model, "-o", tmp_path / "out")


@pytest.mark.slow
@pytest.mark.parametrize("family", [name for name in FAMILIES if name != "wav2vec2-bert"])
def test_every_other_family_is_exported(family: str, tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    model = make_family_folder(tmp_path / "model", family)
    source = load_source(str(model), tolerance=1e-4)
    said = export_model(source, tmp_path / "out", "onnx", CardFacts("out"))
    assert "log-probabilities differ by at most" in said


@pytest.mark.slow
@pytest.mark.skipif(not MODELS["sung"].is_installed(), reason="needs the extra offline")
def test_a_head_without_its_encoder_is_written_with_it(tmp_path: Path) -> None:
    source = load_source("sung", offline=True)
    waveform = torch.randn(1, 16_000, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        own = source.files.net().eval()(waveform)
        export_model(source, tmp_path / "out", "float32", CardFacts("out"))
        whole = read_ctc(LocalModel("m", "ctc", tmp_path / "out")).net().eval()(waveform)
    assert json.loads((tmp_path / "out" / "config.json").read_text())["encoder_from"] is None
    assert torch.equal(own, whole)


def test_a_damaged_model_is_refused(checkpoint: Path, tmp_path: Path) -> None:
    model = tmp_path / "model"
    shutil.copytree(checkpoint, model)
    (model / "separator" / "model.safetensors").write_bytes(b"cut")
    with pytest.raises(ModelError, match="damaged"):
        export_model(load_source(str(model)), tmp_path / "out", "float16", CardFacts("out"))
