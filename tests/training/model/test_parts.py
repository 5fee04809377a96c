"""Every parameter has its part, and what is frozen neither learns nor behaves as in training."""

from __future__ import annotations

import re
from typing import Any

import pytest
import torch
from helpers.tiny_models import tiny_htdemucs, tiny_spleeter, tiny_whisper_ctc
from torch import nn

from lyricsrec.base.errors import UsageError
from lyricsrec.recognition.acoustic import AcousticModel, CtcNet
from lyricsrec.separation.vocal_net import VocalNet
from lyricsrec.training.model.parts import Freezing, part_of, parts_of
from lyricsrec.training.settings import FreezeConfig


def tiny(kind: str) -> nn.Module:
    """A recogniser of two layers."""
    import transformers

    if kind == "Whisper":
        return tiny_whisper_ctc()
    config = getattr(transformers, f"{kind}Config")(
        vocab_size=8,
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=16,
        conv_dim=(8,) * 7,
        num_conv_pos_embeddings=16,
        num_conv_pos_embedding_groups=2,
    )
    return getattr(transformers, f"{kind}ForCTC")(config)


def acoustic(kind: str = "Wav2Vec2", *, separates: bool = True) -> AcousticModel:
    vocals = VocalNet([tiny_htdemucs(0.5)], [1.0]) if separates else None
    return AcousticModel(vocals, CtcNet(tiny(kind), normalize=True), 16_000)


EXPECTED = {
    "vocals": "separator",
    "lm_head": "head",
    "head": "head",
    "layer_mix": "head",
    "feature_extractor": "features",
    "feature_projection": "features",
    "encoder.conv1": "features",
    "encoder.conv2": "features",
    "encoder.embed_positions": "features",
    "encoder.layers.0": "encoder.0",
    "encoder.layers.1": "encoder.1",
    "encoder.pos_conv_embed": "encoder",
    "encoder.layer_norm": "encoder",
    "masked_spec_embed": "encoder",
}
"""The beginnings of names, without the model's own prefix."""


@pytest.mark.parametrize("kind", ["Wav2Vec2", "Hubert", "WavLM", "Whisper"])
def test_every_parameter_has_its_part(kind: str) -> None:
    names = [name for name, _ in acoustic(kind).named_parameters()]
    expected = {}
    for name in names:
        inner = re.sub(r"^ctc\.model\.((wav2vec2|hubert|wavlm)\.)?", "", name)
        (expected[name],) = {part for start, part in EXPECTED.items() if f"{inner}.".startswith(f"{start}.")}
    assert {name: part_of(name) for name in names} == expected
    assert set(expected.values()) >= {"separator", "head", "features", "encoder.0", "encoder.1"}


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("ctc.model.wav2vec2.adapter.layers.0.conv.weight", "adapter.0"),
        ("ctc.model.wav2vec2.adapter.layers.11.conv.weight", "adapter.11"),
        ("ctc.model.wav2vec2.adapter.proj.weight", "adapter"),
        ("ctc.model.wav2vec2.encoder.layers.3.adapter_layer.norm.weight", "adapter"),
        ("ctc.model.wav2vec2.encoder.layers.3.attention.k_proj.weight", "encoder.3"),
        ("ctc.model.data2vec_audio.encoder.pos_conv_embed.layers.0.conv.weight", "encoder"),
        ("ctc.model.sew_d.encoder.encoder.layer.1.attention.self.query_proj.weight", "encoder.1"),
    ],
)
def test_adapters_are_no_layers_of_the_encoder(name: str, part: str) -> None:
    assert part_of(name) == part


def learning(model: nn.Module) -> set[str]:
    return {part_of(name) for name, p in model.named_parameters() if p.requires_grad}


ALL = {"separator", "features", "encoder", "encoder.0", "encoder.1", "head"}


@pytest.mark.parametrize(
    ("parts", "rest"),
    [
        ((), ALL),
        (("separator", "features"), ALL - {"separator", "features"}),
        (("encoder",), {"separator", "features", "head"}),
        (("encoder.0",), ALL - {"encoder.0"}),
        (("head", "encoder.1"), {"separator", "features", "encoder", "encoder.0"}),
    ],
)
def test_what_is_frozen_does_not_learn(parts: tuple[str, ...], rest: set[str]) -> None:
    model = acoustic()
    named = Freezing(FreezeConfig(parts), model).apply(0)
    assert learning(model) == rest
    assert set(named) == {part.split(".")[0] for part in rest}
    assert list(named) == [part for part in ("separator", "features", "encoder", "head") if part in named]


@pytest.mark.parametrize(
    ("frozen", "rest"),
    [
        (("separator",), set()),
        (("separator.accompaniment",), {"separator.vocals.down", "separator.vocals.up"}),
        (
            ("separator.vocals.down",),
            {"separator.vocals.up", "separator.accompaniment.down", "separator.accompaniment.up"},
        ),
    ],
)
def test_parts_of_a_separator_can_be_frozen(frozen: tuple[str, ...], rest: set[str]) -> None:
    model = AcousticModel(tiny_spleeter(), CtcNet(tiny_whisper_ctc(), normalize=False), 16_000)
    freezing = Freezing(FreezeConfig((*frozen, "features")), model)
    assert ("separator" in freezing.apply(0)) == bool(rest)
    trained = {part for part, p in parts_of(model) if p.requires_grad and part.startswith("separator")}
    assert trained == rest


def test_a_part_that_a_separator_has_not() -> None:
    model = AcousticModel(tiny_spleeter(), CtcNet(tiny_whisper_ctc(), normalize=False), 16_000)
    with pytest.raises(UsageError, match=r"no part 'separator\.bass'") as caught:
        Freezing(FreezeConfig(("separator.bass",)), model)
    assert "separator, features, encoder, head, separator.accompaniment, " in str(caught.value.hint)


def test_parts_learn_from_their_step_on() -> None:
    model = acoustic()
    freezing = Freezing(FreezeConfig(("separator", "features"), {"separator": 5, "encoder.1": 3}), model)
    always = {"encoder", "encoder.0", "head"}
    for step, more in [(0, set()), (2, set()), (3, {"encoder.1"}), (4, {"encoder.1"}), (5, {"encoder.1", "separator"})]:
        freezing.apply(step)
        assert learning(model) == always | more
    assert [step for step in range(10) if freezing.changes_at(step)] == [3, 5]


def test_a_resumed_run_learns_what_it_would_have_learnt() -> None:
    model = acoustic()
    freezing = Freezing(FreezeConfig(("separator",), {"separator": 5}), model)
    freezing.apply(9)
    assert "separator" in learning(model)
    freezing.apply(4)
    assert "separator" not in learning(model)


def test_formulas_never_learn() -> None:
    model = acoustic("Whisper")
    Freezing(FreezeConfig(()), model).apply(0)
    positions: Any = model.ctc.model.encoder.embed_positions.weight
    assert not positions.requires_grad
    assert model.ctc.model.encoder.conv1.weight.requires_grad


@pytest.mark.parametrize("config", [FreezeConfig(("hed",)), FreezeConfig((), {"encoder.2": 5})])
def test_a_part_that_is_not_there(config: FreezeConfig) -> None:
    with pytest.raises(UsageError, match=r"no part '(hed|encoder\.2)' to freeze") as caught:
        Freezing(config, acoustic())
    hint = str(caught.value.hint)
    assert hint.startswith("Parts: separator, features, encoder, head, separator.")
    assert hint.endswith("; layers encoder.0 to encoder.1.")


def test_a_model_without_a_separator_may_freeze_it() -> None:
    model = acoustic(separates=False)
    assert Freezing(FreezeConfig(("separator",)), model).apply(0) == ("features", "encoder", "head")


def test_nothing_to_learn_is_an_error() -> None:
    freezing = Freezing(FreezeConfig(("separator", "features", "encoder", "head"), {"head": 2}), acoustic())
    with pytest.raises(UsageError, match="every part is frozen"):
        freezing.apply(1)
    assert freezing.apply(2) == ("head",)


def test_frozen_modules_run_as_in_use() -> None:
    model = acoustic()
    freezing = Freezing(FreezeConfig(("separator", "encoder.0")), model)
    freezing.apply(0)
    freezing.set_training()
    wav2vec2: Any = model.ctc.model.wav2vec2
    assert not any(module.training for module in model.vocals.modules())
    assert not any(module.training for module in wav2vec2.encoder.layers[0].modules())
    assert all(module.training for module in wav2vec2.encoder.layers[1].modules())
    assert all(module.training for module in (model.ctc.model, wav2vec2, wav2vec2.encoder, wav2vec2.encoder.dropout))
    Freezing(FreezeConfig(()), model)
    for parameter in model.parameters():
        parameter.requires_grad_(True)
    freezing.set_training()
    assert all(module.training for module in model.modules())


def test_a_frozen_separator_gives_the_same_vocals_every_time() -> None:
    model = acoustic()
    freezing = Freezing(FreezeConfig(("separator",)), model)
    freezing.apply(0)
    mix = 0.1 * torch.randn(1, 2, 10_000, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        expected = model.eval().vocals(mix)
        freezing.set_training()
        assert torch.equal(model.vocals(mix), expected)


def test_the_most_specific_name_counts() -> None:
    model = AcousticModel(None, CtcNet(tiny_whisper_ctc(), normalize=False), 16_000)
    freezing = Freezing(FreezeConfig(("encoder", "encoder.1"), {"encoder.0": 5}), model)

    def learning(step: int) -> set[str]:
        freezing.apply(step)
        return {part_of(name) for name, parameter in model.named_parameters() if parameter.requires_grad}

    assert not {"encoder.0", "encoder.1"} & learning(4)
    assert {"encoder.0", "encoder.1"} & learning(5) == {"encoder.0"}
