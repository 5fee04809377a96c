"""Steps whose gradients or losses are not finite, and steps without a readable chunk."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from accelerate import Accelerator
from helpers.data_sets import make_data
from helpers.tiny_models import make_whisper_ctc_folder

from lyricsrec.base.errors import TrainingError
from lyricsrec.training.data.examples import Batch, ChunkExamples, collate
from lyricsrec.training.data.labels import LabelEncoder
from lyricsrec.training.data.sets import read_rows
from lyricsrec.training.model.learner import Learner, load_learner
from lyricsrec.training.settings import DataConfig, FreezeConfig, MaskConfig, ModelConfig, TrainConfig
from lyricsrec.training.state.checkpoint import Checkpoints
from lyricsrec.training.state.run_state import RunState
from lyricsrec.training.step import Stepper
from lyricsrec.training.stop_requests import StopRequests


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_whisper_ctc_folder(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_data(tmp_path_factory.mktemp("data"), [{}])


@pytest.fixture
def learner(model: Path) -> Learner:
    return load_learner(ModelConfig(str(model), "none"), MaskConfig(time=0.0, bands=0.0))


def batch_of(learner: Learner, data: Path, audio: str | None = None, text: str | None = None) -> Batch:
    encoder = LabelEncoder(learner.vocabulary)
    rows, _ = read_rows(DataConfig(data), "train", encoder)
    row = replace(rows[0], audio=audio or rows[0].audio, text=text or rows[0].text)
    return collate([ChunkExamples([row], encoder)[0, 0]])


def stepper(learner: Learner, accelerator: Accelerator) -> tuple[Stepper, RunState]:
    config = TrainConfig(freeze=FreezeConfig(("separator",)))
    state = RunState(config, learner, accelerator)
    return Stepper(config, state, accelerator, requests=StopRequests(), audio_rate=16_000), state


def weights(learner: Learner) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in learner.acoustic.state_dict().items()}


def poison(learner: Learner) -> None:
    """Let the gradient of one weight be NaN, while the loss stays as it is."""
    learner.acoustic.ctc.model.lm_head.weight.register_hook(lambda gradient: gradient * float("nan"))


def test_gradients_that_are_not_finite_leave_the_weights_and_end_a_run(
    learner: Learner, data: Path, accelerator: Accelerator, tmp_path: Path
) -> None:
    steps, state = stepper(learner, accelerator)
    batch = batch_of(learner, data)
    _, norm = steps.step([batch])
    assert norm is not None
    assert norm > 0
    before = weights(learner)
    poison(learner)
    assert [steps.step([batch])[1] for _ in range(2)] == [None, None]
    assert state.num_skipped == 2
    with pytest.raises(TrainingError, match="gradients of steps 2 to 4 are not finite; the weights were not changed"):
        steps.step([batch])
    assert all(torch.equal(value, before[name]) for name, value in weights(learner).items())
    checkpoints = Checkpoints(tmp_path)
    state.save(checkpoints)
    with torch.no_grad():
        learner.acoustic.ctc.model.lm_head.weight[0, 0] = float("nan")
    with pytest.raises(TrainingError, match=r"not finite and were not saved") as caught:
        state.save(checkpoints)
    assert "the last good checkpoint is step-00000003" in str(caught.value.hint)


def test_a_step_without_a_readable_chunk_changes_nothing_in_fp16_either(
    learner: Learner, data: Path, accelerator: Accelerator, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Accelerate has fp16 on GPUs only; its scaler works here, too.
    accelerator.scaler = torch.amp.GradScaler("cpu", init_scale=4.0)
    monkeypatch.setattr(accelerator.state, "_mixed_precision", "fp16")
    monkeypatch.setattr(accelerator, "native_amp", True)
    monkeypatch.setattr(accelerator, "autocast", contextlib.nullcontext)
    steps, _ = stepper(learner, accelerator)
    before = weights(learner)
    missing = batch_of(learner, data, "gone.wav")
    assert [steps.step([missing])[1] for _ in range(3)] == [0.0, 0.0, 0.0]
    assert all(torch.equal(value, before[name]) for name, value in weights(learner).items())
    poison_handle = learner.acoustic.ctc.model.lm_head.weight.register_hook(lambda gradient: gradient * float("inf"))
    assert steps.step([batch_of(learner, data)])[1] is None
    poison_handle.remove()
    assert accelerator.scaler.get_scale() == 2.0
    assert steps.step([batch_of(learner, data)])[1] is not None
    assert any(not torch.equal(value, before[name]) for name, value in weights(learner).items())


def test_a_text_with_more_symbols_than_frames_is_counted(
    learner: Learner, data: Path, accelerator: Accelerator
) -> None:
    steps, _ = stepper(learner, accelerator)
    # 1.9 s are 95 frames; a doubled letter takes one more.
    fitting, too_long = "AB" * 47, "AA" * 24 + "B" * 24
    assert steps.step([batch_of(learner, data, text=fitting)])[0].num_infinite == 0
    sums, _ = steps.step([batch_of(learner, data, text=too_long)])
    assert (sums.num_infinite, sums.num_chunks, sums.ctc_nats) == (1, 1, 0.0)
