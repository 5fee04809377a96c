"""What training relies on, for every family of separators that can be trained."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
import yaml
from helpers.tiny_models import tiny_htdemucs, tiny_spleeter
from safetensors.torch import load_file, save_file
from torch import Tensor

from lyricsrec.base.errors import ModelError, UsageError
from lyricsrec.separation.registry import FAMILIES, get_separator, load_vocal_net
from lyricsrec.separation.settings import SEPARATOR_BAG, SPLEETER_CARD
from lyricsrec.separation.trainable import TrainableSeparator
from lyricsrec.separation.vocal_net import VocalNet

MAKE: dict[str, Callable[[], TrainableSeparator]] = {
    "demucs": lambda: VocalNet([tiny_htdemucs(0.5)], [1.0]),
    "spleeter": tiny_spleeter,
}


@pytest.fixture(params=list(MAKE))
def family(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def net(family: str) -> TrainableSeparator:
    return MAKE[family]().eval()


def noise(*shape: int) -> Tensor:
    return 0.1 * torch.randn(*shape, generator=torch.Generator().manual_seed(0))


def separate(net: TrainableSeparator, mix: Tensor, lengths: list[int] | None = None) -> Tensor:
    with torch.inference_mode():
        return net(mix, lengths)


def saved(net: TrainableSeparator, folder: Path) -> Path:
    folder.mkdir()
    net.save(folder)
    return folder


def test_every_trainable_family_is_tested_here() -> None:
    assert {name for name, family in FAMILIES.items() if family.trained_file is not None} == set(MAKE)


def test_a_step_changes_every_weight_and_what_is_saved_comes_back(
    net: TrainableSeparator, family: str, tmp_path: Path
) -> None:
    mix = noise(2, 2, 30_000)
    before = separate(net, mix)
    optimizer = torch.optim.AdamW(net.parameters(), 1e-3)
    target = 0.5 * mix
    (net(mix) - target).square().sum().backward()
    without = [name for name, p in net.named_parameters() if p.grad is None or not p.grad.any()]
    assert not without
    optimizer.step()
    after = separate(net, mix)
    assert (after - target).square().sum() < (before - target).square().sum()
    folder = saved(net, tmp_path / "net")
    assert get_separator(str(folder)).family == family
    again = load_vocal_net(str(folder), offline=True)
    assert again is not None
    assert torch.equal(separate(again.eval(), mix), after)


def test_weights_from_elsewhere_are_saved_in_place_of_its_own(net: TrainableSeparator, tmp_path: Path) -> None:
    net.save(tmp_path, {name: torch.full_like(value, 0.5) for name, value in net.state_dict().items()})
    again = load_vocal_net(str(tmp_path), offline=True)
    assert again is not None
    assert all((p == 0.5).all() for p in again.parameters())


def test_random_weights_are_others(net: TrainableSeparator) -> None:
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.fill_(123.0)
    net.randomize()
    assert not [name for name, p in net.named_parameters() if (p == 123).any()]


def test_the_padding_and_the_others_of_a_batch_change_nothing(net: TrainableSeparator) -> None:
    lengths = [30_000, 22_051, 7, 12_345]
    mix = noise(4, 2, 30_000)
    together = separate(net, mix, lengths)
    for i, length in enumerate(lengths):
        alone = separate(net, mix[i : i + 1, :, :length])[0]
        assert torch.allclose(together[i, :, :length], alone, atol=1e-6)
        assert not together[i, :, length:].any()


def test_silence_is_silent_and_a_mono_mix_is_not(net: TrainableSeparator) -> None:
    assert separate(net, torch.zeros(1, 2, 9_000)).abs().max() < 1e-5
    mono = separate(net, noise(1, 1, 20_000).expand(-1, 2, -1))
    assert torch.isfinite(mono).all()
    assert mono.any(dim=-1).all()


def test_the_gradient_of_silence_is_finite(net: TrainableSeparator) -> None:
    mix = torch.zeros(1, 2, 9_000)
    mix[..., 4_000:] = noise(5_000)
    net(mix).square().sum().backward()
    assert all(torch.isfinite(p.grad).all() for p in net.parameters() if p.grad is not None)


def test_saving_memory_runs_twice_and_changes_no_gradient(net: TrainableSeparator) -> None:
    runs: list[int] = []
    leaf = next(module for module in net.modules() if isinstance(module, torch.nn.Conv2d))
    leaf.register_forward_pre_hook(lambda *_: runs.append(1))

    def gradients() -> list[Tensor]:
        net.zero_grad()
        net(noise(1, 2, 15_000)).square().sum().backward()
        return [p.grad.clone() for p in net.parameters() if p.grad is not None]

    kept, times = gradients(), len(runs)
    net.saves_memory = True
    saved = gradients()
    assert len(runs) == 3 * times
    assert all(torch.allclose(a, b, rtol=1e-3, atol=1e-7) for a, b in zip(saved, kept, strict=True))


def test_parts_have_names() -> None:
    parts = {kind: {net.part_of(name) for name, _ in net.named_parameters()} for kind, net in _nets().items()}
    assert parts["spleeter"] == {"vocals.down", "vocals.up", "accompaniment.down", "accompaniment.up"}
    assert parts["demucs"] >= {"encoder", "decoder", "tencoder", "tdecoder", "crosstransformer"}


def _nets() -> dict[str, TrainableSeparator]:
    return {kind: make() for kind, make in MAKE.items()}


def test_a_demucs_folder_of_an_older_version_still_loads(tmp_path: Path) -> None:
    model = tiny_htdemucs(0.5)
    args, kwargs = model._init_args_kwargs
    metadata = {"klass": "demucs.htdemucs.HTDemucs", "args": json.dumps(args), "kwargs": json.dumps(kwargs)}
    state = {key: value.contiguous() for key, value in model.state_dict().items()}
    save_file(state, tmp_path / "vocals0.safetensors", metadata)
    bag = {"models": ["vocals0"], "weights": [[1.0] * 4], "segment": 0.5}
    (tmp_path / SEPARATOR_BAG).write_text(yaml.safe_dump(bag))
    net = load_vocal_net(str(tmp_path), offline=True)
    assert net is not None
    mix = noise(1, 2, 22_050)
    assert torch.equal(separate(net.eval(), mix), separate(MAKE["demucs"]().eval(), mix))


def test_the_card_says_where_a_spleeter_comes_from(tmp_path: Path) -> None:
    folder = saved(tiny_spleeter(), tmp_path / "first")
    again = load_vocal_net(str(folder), offline=True)
    assert again is not None
    card = json.loads((saved(again, tmp_path / "second") / SPLEETER_CARD).read_text())
    assert (card["schema"], card["family"], card["widths"]) == (1, "spleeter", [2, 2, 4, 4, 4, 4])
    assert card["trained_from"] == "spleeter"
    assert {value.dtype for value in load_file(folder / "model.safetensors").values()} == {torch.float32}


@pytest.mark.parametrize(
    ("card", "reason"),
    [
        (None, "not a JSON object, but null"),
        ("{", "Expecting"),
        ("[]", "not a JSON object, but a list"),
        ({"schema": 2}, "is not of schema"),
        ({"widths": [2, 2, 4]}, "widths must be 6 numbers"),
        ({"widths": [2, 2, 4, 4, 4, 10**9]}, "widths must be 6 numbers"),
        ({"widths": "222222"}, "widths must be 6 numbers"),
        ({"widths": [2, 2, 4, 4, 4, 8]}, "size mismatch|Error"),
        ({"widths": None}, "NoneType"),
    ],
)
def test_a_damaged_card_is_named(tmp_path: Path, card: object, reason: str) -> None:
    folder = saved(tiny_spleeter(), tmp_path / "net")
    whole = json.loads((folder / SPLEETER_CARD).read_text())
    text = card if isinstance(card, str) else json.dumps(None if card is None else whole | card)  # type: ignore[operator]
    (folder / SPLEETER_CARD).write_text(text)
    with pytest.raises(ModelError, match=rf"the separator in .*net is incomplete or damaged \(.*({reason})") as caught:
        load_vocal_net(str(folder), offline=True)
    assert caught.value.hint == "Name another checkpoint."


@pytest.mark.parametrize("damage", ["missing", "empty", "cut", "others"])
def test_damaged_weights_are_named(net: TrainableSeparator, tmp_path: Path, damage: str) -> None:
    folder = saved(net, tmp_path / "net")
    (path,) = folder.glob("*.safetensors")
    whole = path.read_bytes()
    path.unlink()
    if damage == "others":
        save_file({"weight": torch.zeros(1)}, path)
    elif damage != "missing":
        path.write_bytes({"empty": b"", "cut": whole[:-100]}[damage])
    with pytest.raises(ModelError, match="damaged"):
        load_vocal_net(str(folder), offline=True)


def test_a_folder_without_its_card_is_no_separator(tmp_path: Path) -> None:
    folder = saved(tiny_spleeter(), tmp_path / "net")
    (folder / SPLEETER_CARD).unlink()
    with pytest.raises(UsageError, match="unknown separator"):
        load_vocal_net(str(folder))
