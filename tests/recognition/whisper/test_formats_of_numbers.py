"""The encoder and the decoder in torch against CTranslate2 and against each other, in float32 and bfloat16."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lyricsrec.base.device import Compute, DtypeName
from lyricsrec.recognition.registry import find_recognizer
from lyricsrec.recognition.whisper.decoder import WhisperDecoder
from lyricsrec.recognition.whisper.encoder import Encoder, TorchEncoder

FOLDER = find_recognizer("tiny.en").folder


@pytest.mark.parametrize(("dtype", "largest"), [(torch.float32, 1e-4), (torch.bfloat16, 0.05)])
def test_the_encoder_agrees_with_ctranslate2(dtype: torch.dtype, largest: float) -> None:
    encoder = Encoder(FOLDER, Compute("cpu", "float32"))
    features = np.random.default_rng(0).normal(0, 0.3, (80, 3000)).astype(np.float32)
    theirs = np.array(encoder.model.encode(features), dtype=np.float32)
    ours = TorchEncoder(FOLDER, dtype)(torch.from_numpy(features)[None]).numpy()
    assert ours.shape == theirs.shape == (1, 1500, 384)
    assert np.sqrt(np.square(ours - theirs).mean() / np.square(theirs).mean()) < largest


@pytest.mark.parametrize(("dtype", "largest"), [("float32", 1e-5), ("bfloat16", 0.05)])
def test_only_the_silence_that_was_asked_for_is_encoded(dtype: DtypeName, largest: float) -> None:
    encoder = Encoder(FOLDER, Compute("cpu", dtype))
    samples = np.random.default_rng(0).normal(0, 0.1, 4 * 16_000).astype(np.float32)
    features = encoder.model.feature_extractor(np.pad(samples, (0, 26 * 16_000)), padding=0)[:, :550]
    expected = TorchEncoder(FOLDER, torch.float32)(torch.from_numpy(features.astype(np.float32))[None]).numpy()
    short = encoder.encode(samples, 5.49)
    assert short.shape == expected.shape == (1, 275, 384)
    assert np.sqrt(np.square(short - expected).mean() / np.square(expected).mean()) < largest
    assert encoder.encode(samples, 31.0).shape == encoder.encode(samples).shape == (1, 1500, 384)


@torch.inference_mode()
def test_the_likeliest_tokens_are_those_of_float32() -> None:
    exact, fast = (WhisperDecoder(FOLDER, "cpu", dtype) for dtype in (torch.float32, torch.bfloat16))
    hidden = torch.randn(2, 3, exact.width, generator=torch.Generator().manual_seed(0))
    excluded = torch.zeros(exact.embeddings.shape[0])
    best = exact.logits(hidden).argmax(dim=-1)
    excluded[best.flatten()[0]] = -1e9
    expected = (exact.logits(hidden) + excluded).topk(5, dim=-1)
    for decoder in (exact, fast):
        logits, tokens = decoder.likeliest(hidden, excluded, 5)
        assert tokens[..., :3].tolist() == expected.indices[..., :3].tolist()
        assert logits[..., :3] == pytest.approx(expected.values[..., :3], abs=1e-4)
        log_probs = decoder.log_probs_of(hidden, best)
        assert log_probs == pytest.approx(exact.logits(hidden).log_softmax(-1).amax(-1), abs=0.01)


@torch.inference_mode()
def test_bfloat16_changes_log_probabilities_little() -> None:
    random = torch.Generator().manual_seed(0)
    encoded = torch.randn(2, 200, 384, generator=random)
    tokens = torch.tensor([50257, 50362, 1000, 2000, 3000]).expand(2, 1, -1)
    found = []
    for dtype in (torch.float32, torch.bfloat16):
        decoder = WhisperDecoder(FOLDER, "cpu", dtype)
        hidden = decoder.step(tokens, [], [decoder.cross(encoded)])
        found.append(decoder.logits(hidden).log_softmax(-1).gather(-1, tokens[..., None].roll(-1, 2))[..., :-1, 0])
    assert (found[0] - found[1]).abs().mean() < 0.15


@torch.inference_mode()
def test_a_sure_token_has_a_probability_of_at_most_one() -> None:
    exact, fast = (WhisperDecoder(FOLDER, "cpu", dtype) for dtype in (torch.float32, torch.bfloat16))
    tokens = torch.arange(300, 340)
    hidden = 3 * exact.embeddings[tokens] / exact.embeddings[tokens].norm(dim=-1, keepdim=True).square()
    for scale in (3.0, 7.7, 12.43):
        expected = exact.logits(scale * hidden).log_softmax(-1).gather(-1, tokens[:, None])[:, 0]
        found = fast.log_probs_of(scale * hidden, tokens)
        assert (found <= 1e-6).all()
        assert found == pytest.approx(expected, abs=0.1)


@torch.inference_mode()
def test_bfloat16_works_on_a_processor_that_cannot_pack_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> torch.Tensor:
        raise RuntimeError("bf16 path needs the cpu support")

    encoded = torch.randn(1, 200, 384, generator=torch.Generator().manual_seed(0))
    tokens = torch.tensor([50257, 50362, 1000]).expand(1, 1, -1)

    def hidden() -> torch.Tensor:
        decoder = WhisperDecoder(FOLDER, "cpu", torch.bfloat16)
        return decoder.step(tokens, [], [decoder.cross(encoded)])

    expected = hidden()
    monkeypatch.setattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", lambda: False)
    monkeypatch.setattr(torch.ops.mkldnn, "_reorder_linear_weight", refuse)
    monkeypatch.setattr(torch.ops.mkldnn, "_linear_pointwise", refuse)
    found = hidden()
    assert (found - expected).abs().max() < 0.02 * expected.abs().max()
