"""The losses: what CTC counts, and what the separator's voice has lost."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pytest
import torch
from helpers.tiny_models import LETTERS, tiny_htdemucs, tiny_whisper_ctc
from torch import Tensor, nn

from lyricsrec.decoding.emission import Vocabulary
from lyricsrec.recognition.acoustic import AcousticModel, CtcNet
from lyricsrec.separation.vocal_net import VocalNet
from lyricsrec.training.data.labels import LabelEncoder, min_frames
from lyricsrec.training.model.module import TrainingModule, si_sdr
from lyricsrec.training.settings import GuardConfig, StemLoss

VOCABULARY = Vocabulary(tuple(LETTERS), blank=0, space=4, unknown=3, special=(1, 2))
ENCODER = LabelEncoder(VOCABULARY)
NO_GUARD = GuardConfig(weight=0.0)


class _Output(NamedTuple):
    log_probs: Tensor
    num_frames: Tensor
    vocals: Tensor


class Planted(nn.Module):
    """Replaces an acoustic model by one that outputs given symbols, frame by frame."""

    vocals = None

    def __init__(self, paths: list[list[int]], logit: float = 12.0) -> None:
        super().__init__()
        longest = max(len(path) for path in paths)
        logits = torch.zeros(len(paths), longest, len(LETTERS))
        for row, path in zip(logits, paths, strict=True):
            for frame, symbol in zip(row, path, strict=False):
                frame[symbol] = logit
        self.logits = nn.Parameter(logits)
        self.num_frames = torch.tensor([len(path) for path in paths])

    def forward_padded(self, mix: Tensor, num_samples: list[int]) -> _Output:
        return _Output(self.logits.log_softmax(-1), self.num_frames, mix)


def losses(planted: Planted, texts: list[str]) -> tuple[Tensor, TrainingModule]:
    labels = [torch.tensor(ENCODER.encode(text), dtype=torch.int64) for text in texts]
    module = TrainingModule(planted, VOCABULARY.blank, NO_GUARD)
    padded = nn.utils.rnn.pad_sequence(labels, batch_first=True)
    counts = torch.tensor([len(one) for one in labels])
    return module(torch.zeros(len(texts), 1, 9), [9] * len(texts), padded, counts).ctc, module


def shortest_path(text: str) -> list[int]:
    """The shortest CTC path of a text: a blank between two of the same letter."""
    labels = ENCODER.encode(text)
    path = labels[:1]
    for before, label in pairwise(labels):
        path += [0, label] if label == before else [label]
    return path


@pytest.mark.parametrize("text", ["ALL BELLS", "MISSISSIPPI", "OO OOO"])
def test_doubled_letters_are_trained_as_two_symbols(text: str) -> None:
    path = shortest_path(text)
    assert len(path) == min_frames(ENCODER.encode(text))
    right, _ = losses(Planted([path]), [text])
    assert right.item() == pytest.approx(0.0, abs=0.05)
    merged, _ = losses(Planted([[label for label in path if label]]), [text])
    assert not merged.item() or merged.item() > 5


def test_a_loss_is_the_nats_of_all_paths() -> None:
    """One letter in two frames has three paths: A-, -A and AA."""
    planted = Planted([[0, 0]], 0.0)
    loss, _ = losses(planted, ["A"])
    assert float(loss.detach()) == pytest.approx(-math.log(3 / len(LETTERS) ** 2), abs=1e-5)


def test_losses_are_summed_over_chunks_each_over_its_own_frames() -> None:
    paths = [shortest_path("SO FAR"), shortest_path("HOME")]
    both, _ = losses(Planted(paths, 3.0), ["SO FAR", "HOME"])
    alone = [losses(Planted([path], 3.0), [text])[0] for path, text in zip(paths, ["SO FAR", "HOME"], strict=True)]
    assert float(both.detach()) == pytest.approx(sum(float(one.detach()) for one in alone), rel=1e-5)


def test_a_text_longer_than_its_frames_counts_nothing_and_teaches_nothing() -> None:
    planted = Planted([[5, 5], shortest_path("SO")], 1.0)
    loss, _ = losses(planted, ["FAR AWAY", "SO"])
    assert float(loss.detach()) == pytest.approx(
        float(losses(Planted([shortest_path("SO")], 1.0), ["SO"])[0]), rel=1e-5
    )
    loss.backward()
    assert torch.isfinite(planted.logits.grad).all()
    assert not planted.logits.grad[0].any()
    assert planted.logits.grad[1].any()


def test_chunks_without_labels_count_nothing() -> None:
    planted = Planted([[5] * 4, shortest_path("SO")], 1.0)
    loss, _ = losses(planted, ["", "SO"])
    assert float(loss) == pytest.approx(float(losses(Planted([shortest_path("SO")], 1.0), ["SO"])[0]), rel=1e-5)
    loss.backward()
    assert not planted.logits.grad[0].any()
    empty = Planted([[5] * 4, [6] * 4], 1.0)
    nothing, _ = losses(empty, ["", ""])
    assert float(nothing) == 0.0
    nothing.backward()
    assert not empty.logits.grad.any()


def acoustic() -> AcousticModel:
    ctc = CtcNet(tiny_whisper_ctc(), normalize=False, masks=True)
    return AcousticModel(VocalNet([tiny_htdemucs(0.5)], [1.0]), ctc, 16_000).eval()


LENGTHS = [22_050, 15_000]


def batch() -> tuple[Tensor, list[int], Tensor, Tensor]:
    mix = 0.1 * torch.randn(2, 2, LENGTHS[0], generator=torch.Generator().manual_seed(0))
    mix[1, :, LENGTHS[1] :] = 0
    return mix, LENGTHS, torch.tensor([[5, 6], [7, 0]]), torch.tensor([2, 1])


def test_an_unchanged_separator_has_lost_nothing_and_a_changed_one_is_pulled_back() -> None:
    model = acoustic()
    guard = GuardConfig(weight=1.0, floor_db=20.0)
    module = TrainingModule(model, 0, guard)
    assert float(module(*batch()).guard) == 0.0
    with torch.no_grad():
        for parameter in model.vocals.parameters():
            parameter.add_(0.05 * torch.randn(parameter.shape, generator=torch.Generator().manual_seed(1)))
    output = module(*batch(), with_outputs=True)
    with torch.no_grad():
        before = acoustic().vocals(batch()[0], LENGTHS)
    expected = sum(
        max(20.0 - si_sdr(output.vocals[i, :, :n].detach(), before[i, :, :n]).item(), 0) for i, n in enumerate(LENGTHS)
    )
    assert expected > 1
    assert output.guard.item() == pytest.approx(expected, rel=1e-3)
    output.guard.backward()
    gradient = model.vocals.models[0].encoder[0].conv.weight.grad
    assert torch.isfinite(gradient).all()
    assert gradient.abs().max() > 0
    assert all(p.grad is None or not p.grad.any() for p in model.ctc.parameters())


def test_chunks_without_labels_are_not_guarded() -> None:
    model = acoustic()
    module = TrainingModule(model, 0, GuardConfig(weight=1.0, floor_db=200.0))
    mix, lengths, labels, counts = batch()
    both, one = (float(module(mix, lengths, labels, torch.tensor(c)).guard) for c in ([2, 1], [2, 0]))
    assert 0 < one < both
    assert counts.tolist() == [2, 1]


def test_the_voice_to_compare_to_is_no_part_of_the_model() -> None:
    model = acoustic()
    module = TrainingModule(model, 0, GuardConfig(weight=1.0))
    assert sum(1 for _ in module.parameters()) == sum(1 for _ in model.parameters())
    assert module.state_dict().keys() == {f"acoustic.{name}" for name in model.state_dict()}


@pytest.mark.parametrize("weight", [0.0, 1.0])
def test_without_weight_or_separator_there_is_no_guard(weight: float) -> None:
    model = acoustic()
    mix, _, labels, counts = batch()
    if weight:
        model, mix = AcousticModel(None, model.ctc, 16_000).eval(), mix[:, :1]
    module = TrainingModule(model, 0, replace(NO_GUARD, weight=weight))
    assert float(module(mix, LENGTHS, labels, counts).guard) == 0.0
    assert module._reference == []


def test_outputs_are_returned_only_when_asked_for() -> None:
    model = acoustic()
    module = TrainingModule(model, 0, NO_GUARD)
    plain, kept = module(*batch()), module(*batch(), with_outputs=True)
    assert not any(part.numel() for part in plain[4:])
    output = model.forward_padded(*batch()[:2])
    assert torch.equal(kept.log_probs, output.log_probs)
    assert torch.equal(kept.num_frames, output.num_frames)
    assert torch.equal(kept.vocals, output.vocals)
    assert float(plain.ctc) == float(kept.ctc) > 0


@pytest.mark.parametrize("loss", ["si_sdr", "l1"])
def test_the_loss_on_true_stems_is_that_of_each_excerpt_and_the_separators_alone(loss: StemLoss) -> None:
    model = acoustic()
    module = TrainingModule(model, 0, NO_GUARD, loss)
    mix, lengths = batch()[:2]
    true = torch.randn(mix.shape, generator=torch.Generator().manual_seed(1))
    none = torch.zeros(0, dtype=torch.int64)
    found = module(mix, lengths, none, none, stems=true, with_outputs=True)
    vocals = model.vocals(mix, lengths)
    assert torch.equal(found.vocals, vocals)
    pairs = [(vocals[i, :, :length], true[i, :, :length]) for i, length in enumerate(lengths)]
    expected = [-si_sdr(*pair) if loss == "si_sdr" else (pair[0] - pair[1]).abs().mean() for pair in pairs]
    assert torch.allclose(found.stems, torch.stack(expected))
    assert (float(found.ctc), float(found.guard), found.log_probs.numel()) == (0, 0, 1)
    found.stems.sum().backward()
    assert any(p.grad is not None and p.grad.any() for p in model.vocals.parameters())
    assert all(p.grad is None for p in model.ctc.parameters())


def test_si_sdr_by_hand() -> None:
    random = np.random.default_rng(0)
    reference, estimate = random.normal(size=(2, 500)), random.normal(size=(2, 500))
    estimate += 3 * reference
    by_hand = []
    for e, r in zip(estimate, reference, strict=True):
        target = (e @ r) / (r @ r) * r
        by_hand.append(10 * np.log10((target @ target) / ((e - target) @ (e - target))))
    ours = si_sdr(torch.from_numpy(estimate), torch.from_numpy(reference))
    assert float(ours) == pytest.approx(np.mean(by_hand), abs=1e-3)
    louder = si_sdr(torch.from_numpy(7 * estimate), torch.from_numpy(reference))
    assert float(louder) == pytest.approx(float(ours), abs=1e-4)
