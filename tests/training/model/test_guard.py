"""The separator's voice is compared to what it was when the run began, whatever happened in between."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from accelerate import Accelerator
from helpers.data_sets import make_data
from helpers.tiny_models import LETTERS, tiny_htdemucs, tiny_whisper_ctc
from safetensors import SafetensorError

from lyricsrec.base.errors import ModelError, OutputError
from lyricsrec.decoding.emission import Vocabulary
from lyricsrec.recognition.acoustic import AcousticModel, CtcNet
from lyricsrec.separation.vocal_net import VocalNet
from lyricsrec.training.data.examples import ChunkExamples
from lyricsrec.training.data.labels import LabelEncoder
from lyricsrec.training.data.sets import read_rows
from lyricsrec.training.model.guard import VocalGuard
from lyricsrec.training.model.module import TrainingModule, si_sdr
from lyricsrec.training.settings import DataConfig, GuardConfig

ENCODER = LabelEncoder(Vocabulary(tuple(LETTERS), blank=0, space=4, unknown=3, special=(1, 2)))


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> ChunkExamples:
    data = make_data(tmp_path_factory.mktemp("data"), [{}, {}, {}])
    rows, _ = read_rows(DataConfig(data), "train", ENCODER)
    return ChunkExamples(rows, ENCODER, stereo_rate=44_100)


def module() -> TrainingModule:
    ctc = CtcNet(tiny_whisper_ctc(), normalize=False, masks=True)
    return TrainingModule(AcousticModel(VocalNet([tiny_htdemucs(0.5)], [1.0]), ctc, 16_000), 0, GuardConfig())


def change(spoilt: TrainingModule) -> None:
    with torch.no_grad():
        for parameter in spoilt.acoustic.vocals.parameters():
            parameter.add_(0.05 * torch.randn(parameter.shape, generator=torch.Generator().manual_seed(1)))


Make = Callable[..., VocalGuard]


@pytest.fixture
def make(examples: ChunkExamples, tmp_path: Path) -> Make:
    return lambda num_clips=2: VocalGuard(examples, num_clips, tmp_path)


def test_a_voice_is_compared_to_what_it_was(make: Make, examples: ChunkExamples, accelerator: Accelerator) -> None:
    watched, guard = module(), make()
    guard.begin(watched, accelerator, resumed=False)
    unchanged = guard.measure(watched, accelerator)
    change(watched)
    spoilt = guard.measure(watched, accelerator)
    assert spoilt < 30 < unchanged
    expected = []
    # Two clips of six, spread evenly.
    for i in (0, 3):
        mix = examples[0, i].audio[None]
        with torch.no_grad():
            now, then = (net.acoustic.vocals.eval()(mix)[0] for net in (watched, module()))
        expected.append(float(si_sdr(now, then)))
    assert spoilt == pytest.approx(sum(expected) / 2, abs=1e-3)


def test_a_resumed_run_compares_to_the_same_voice(make: Make, accelerator: Accelerator) -> None:
    watched, guard = module(), make()
    guard.begin(watched, accelerator, resumed=False)
    change(watched)
    spoilt = guard.measure(watched, accelerator)
    for num_clips in (2, 1, 5):
        again = make(num_clips)
        again.begin(watched, accelerator, resumed=True)
        assert again.measure(watched, accelerator) == pytest.approx(spoilt, abs=1e-6)


def test_a_new_run_is_not_compared_to_what_an_older_one_left(
    make: Make, accelerator: Accelerator, tmp_path: Path
) -> None:
    watched = module()
    make(4).begin(watched, accelerator, resumed=False)
    change(watched)
    fresh = make()
    fresh.begin(watched, accelerator, resumed=False)
    assert fresh.measure(watched, accelerator) > 30
    assert [path.name for path in tmp_path.iterdir()] == ["guard.safetensors"]


def test_a_resumed_run_that_remembered_nothing_begins_now(make: Make, accelerator: Accelerator) -> None:
    guard = make()
    guard.begin(module(), accelerator, resumed=True)
    assert guard.measure(module(), accelerator) > 30


def test_more_clips_than_chunks_and_none(make: Make, accelerator: Accelerator) -> None:
    guard = make(99)
    guard.begin(module(), accelerator, resumed=False)
    assert len(guard._reference) == 6
    none = make(0)
    none.begin(module(), accelerator, resumed=False)
    assert none.measure(module(), accelerator) is None


def test_damaged_vocals_are_named(make: Make, accelerator: Accelerator, tmp_path: Path) -> None:
    (tmp_path / "guard.safetensors").write_bytes(b"cut")
    with pytest.raises(ModelError, match=r"guard\.safetensors: damaged"):
        make().begin(module(), accelerator, resumed=True)


def test_vocals_that_cannot_be_written_are_an_error(
    make: Make, accelerator: Accelerator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(tensors: dict[str, torch.Tensor], path: Path) -> None:
        path.write_bytes(b"half")
        raise SafetensorError("No space left on device")

    monkeypatch.setattr("lyricsrec.training.model.guard.save_file", full)
    with pytest.raises(OutputError, match=r"cannot write .*guard\.safetensors \(No space left"):
        make(1).begin(module(), accelerator, resumed=False)
    assert not list(tmp_path.iterdir())


def test_clips_that_validation_has_no_more_are_counted(
    make: Make, examples: ChunkExamples, accelerator: Accelerator, tmp_path: Path
) -> None:
    watched = module()
    assert make().begin(watched, accelerator, resumed=False) == 0
    assert make().begin(watched, accelerator, resumed=True) == 0
    fewer = ChunkExamples(examples.rows[1:], ENCODER, stereo_rate=44_100)
    guard = VocalGuard(fewer, 2, tmp_path)
    assert guard.begin(watched, accelerator, resumed=True) == 1
    assert guard.measure(watched, accelerator) > 30
