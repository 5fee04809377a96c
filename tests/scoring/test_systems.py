"""Systems from command-line options."""

from __future__ import annotations

from pathlib import Path

import pytest

from lyricsrec.base.errors import ModelError, UsageError
from lyricsrec.base.settings import checked
from lyricsrec.decoding.settings import DecodeConfig, Weights
from lyricsrec.pipeline.settings import PipelineConfig
from lyricsrec.scoring.score import HypothesisFiles
from lyricsrec.scoring.systems import SystemOptions, hypothesis_files, systems_of

COMMON = PipelineConfig(device="cpu", seed=7)


def asked(**options: object) -> dict[str, PipelineConfig]:
    return {system.name: system.config for system in systems_of(checked(SystemOptions, options), COMMON)}


def test_without_decoder_models_and_presets_use_their_own(ctc_folder: Path) -> None:
    found = asked(presets=("builtin",), models=(f"{ctc_folder}/",))
    assert list(found) == ["builtin", str(ctc_folder)]
    assert found["builtin"].search.lm == "lyrics"
    assert found["builtin"].search.alpha == 0.7
    assert found[str(ctc_folder)].search == DecodeConfig()
    assert all((config.device, config.seed) == ("cpu", 7) for config in found.values())
    assert asked() == {}


def test_every_model_with_every_decoder(ctc_folder: Path) -> None:
    found = asked(models=(str(ctc_folder),), decoders=("greedy", "beam", "lm"))
    assert list(found) == [f"{ctc_folder} {decoder}" for decoder in ("greedy", "beam", "lm")]
    greedy, beam, lm = (config.search for config in found.values())
    assert greedy.greedy
    assert (beam.beam_width, beam.lm) == (Weights.beam_width, None)
    assert (lm.lm, lm.alpha, lm.beam_width) == ("lyrics", None, None)


def test_a_preset_brings_its_language_model_for_lm_only() -> None:
    found = asked(presets=("builtin",), decoders=("greedy", "beam", "lm"))
    greedy, beam, lm = found.values()
    assert (greedy.search.lm, greedy.search.greedy) == (None, True)
    assert (beam.search.lm, beam.search.greedy, beam.search.beam_width) == (None, False, Weights.beam_width)
    assert (lm.search.lm, lm.search.alpha) == ("lyrics", 0.7)
    # All else is as the preset has it.
    assert {config.model_name for config in found.values()} == {"sung.en"}
    assert {config.separator_name for config in found.values()} == {"center"}


def test_given_weights_replace_the_defaults(tmp_path: Path) -> None:
    (tmp_path / "my.arpa").write_text("x")
    lm = str(tmp_path / "my.arpa")
    found = asked(presets=("builtin",), decoders=("beam", "lm"), lm=lm, beam=33, alpha=0.4, beta=1.5)
    beam, with_lm = (config.search for config in found.values())
    assert (beam.lm, beam.beam_width, beam.alpha) == (None, 33, None)
    assert with_lm == DecodeConfig(33, lm, 0.4, beta=1.5)
    own = asked(presets=("builtin",), decoders=("lm",), alpha=0.2)["builtin lm"].search
    assert (own.lm, own.alpha) == ("lyrics", 0.2)


def test_whisper_models_ignore_decoders() -> None:
    found = asked(presets=("offline", "builtin"), decoders=("greedy", "beam"))
    assert list(found) == ["offline", "builtin greedy", "builtin beam"]
    assert found["offline"].search == DecodeConfig()


def test_every_separator_before_every_model() -> None:
    one = asked(presets=("builtin",), separators=("none",))
    assert [(name, config.separator_name) for name, config in one.items()] == [("builtin", "none")]
    two = asked(presets=("builtin",), separators=("none", "center"), decoders=("beam",))
    assert [(name, config.separator_name) for name, config in two.items()] == [
        ("builtin behind none beam", "none"),
        ("builtin behind center beam", "center"),
    ]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"presets": ("builtin",), "decoders": ("fast",)},
            "decoders.0 must be 'greedy', 'beam' or 'lm', not 'fast'",
        ),
        ({"decoders": ("beam",)}, "--decoder needs a --model or --preset"),
        ({"separators": ("none",)}, "--separator needs a --model or --preset"),
        ({"presets": ("builtin",), "separators": ("best",)}, "unknown separator 'best'"),
        ({"presets": ("nothing",)}, "unknown preset 'nothing'"),
        ({"presets": ("builtin",), "lm": "lyrics"}, "need --decoder lm"),
        ({"models": ("sung.en",), "beam": 20}, "need --decoder lm"),
        ({"models": ("sung.en",), "alpha": 0.0}, "need --decoder lm"),
        ({"presets": ("builtin",), "decoders": ("lm",), "lm": "missing.arpa"}, "no language model 'missing.arpa'"),
    ],
)
def test_options_that_do_not_fit_are_errors(options: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        asked(**options)


def test_an_unknown_model_is_an_error() -> None:
    with pytest.raises(ModelError):
        asked(models=("no-such-model",), decoders=("beam",))


def test_hypotheses_have_a_name_and_a_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a=b.txt").write_text("la")
    (tmp_path / "v1.2").mkdir()
    assert hypothesis_files("mine=out/x") == HypothesisFiles("mine", Path("out/x"))
    assert hypothesis_files("mine=out=x") == HypothesisFiles("mine", Path("out=x"))
    assert hypothesis_files("a=b.txt") == HypothesisFiles("a=b", Path("a=b.txt"))
    assert hypothesis_files("v1.2") == HypothesisFiles("v1.2", Path("v1.2"))
    assert hypothesis_files("v1.2/") == HypothesisFiles("v1.2", Path("v1.2"))
    assert hypothesis_files(".") == HypothesisFiles(tmp_path.name, Path())
    assert hypothesis_files("missing.txt") == HypothesisFiles("missing.txt", Path("missing.txt"))
    for text in ("mine=", "=out"):
        with pytest.raises(UsageError, match=f"--hyp {text}"):
            hypothesis_files(text)
