"""Settings from a file, from --set and from flags: later ones override, and invalid ones are named."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from lyricsrec.base.errors import UsageError
from lyricsrec.training import settings
from lyricsrec.training.settings import PARTS, OptimizerConfig, PartConfig, SetConfig, TrainConfig
from lyricsrec.training.settings.file import NAME, config_text, read_config, write_config


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "run.toml"
    path.write_text(text, "utf-8")
    return path


def test_nothing_gives_the_defaults() -> None:
    assert read_config(None) == TrainConfig()


def test_flags_win_over_set_and_set_over_the_file(tmp_path: Path) -> None:
    path = write(
        tmp_path, "[optimizer]\nhead_rate = 1.0\nencoder_rate = 2.0\nseparator_rate = 3\n[engine]\nsteps = 7\n"
    )
    config = read_config(
        path,
        ["optimizer.encoder_rate=4e-5", "optimizer.separator_rate = 5.5"],
        {"optimizer.separator_rate": 6.0, "engine.steps": None},
    )
    assert config.optimizer == replace(TrainConfig().optimizer, head_rate=1.0, encoder_rate=4e-5, separator_rate=6.0)
    assert config.engine.steps == 7
    assert read_config(None, ["engine.steps=3", "engine.steps=4"]).engine.steps == 4


def test_values_of_every_kind(tmp_path: Path) -> None:
    config = read_config(
        None,
        [
            "model.recognizer=facebook/wav2vec2-base",
            'model.letters="ABC"',
            "model.random=true",
            'freeze.parts=["head", "encoder.0"]',
            "freeze.until={separator = 2000}",
            "optimizer.betas=[0.5, 0.6]",
            "engine.precision=bf16",
            "data.folder=some/where",
            "augment.noise_db=[5, 10]",
        ],
        {"freeze.until": {"encoder.0": 9}, "validation.lm": "lyrics"},
    )
    assert config.model == replace(TrainConfig().model, recognizer="facebook/wav2vec2-base", letters="ABC", random=True)
    assert (config.freeze.parts, config.freeze.until) == (("head", "encoder.0"), {"encoder.0": 9})
    assert (config.optimizer.betas, config.augment.noise_db) == ((0.5, 0.6), (5.0, 10.0))
    assert (config.engine.precision, config.data.folder, config.validation.lm) == ("bf16", Path("some/where"), "lyrics")


def test_a_section_of_a_part_is_merged_with_that_of_an_earlier_file(tmp_path: Path) -> None:
    start = write(tmp_path, '[optimizer.separator]\nname = "sgd"\nrate = 1e-5\n[freeze.until]\nhead = 3\n')
    later = tmp_path / "later.toml"
    later.write_text("[optimizer]\nmax_norm = 2.0\n[optimizer.separator]\nrate = 1e-6\n[freeze.until]\nencoder = 4\n")
    config = read_config(later, ["optimizer.separator.schedule=plateau"], start=start)
    assert config.optimizer == OptimizerConfig(max_norm=2.0, separator=PartConfig("sgd", 1e-6, schedule="plateau"))
    assert config.freeze.until == {"encoder": 4}
    with pytest.raises(UsageError, match=r"unknown setting 'optimizer\.separator\.speed'"):
        read_config(None, ["optimizer.separator.speed=1"])
    with pytest.raises(UsageError, match=r"optimizer\.head\.name must be 'adamw', .* or 'adafactor', not 'lamb'"):
        read_config(None, ["optimizer.head.name=lamb"])


EARLIER = """\
[data]
folder = "/data/songs"
batch_s = 60.0

[model]
recognizer = "tiny.en"
separator = "none"
letters = "ABC"

[optimizer]
separator_rate = 1e-05
features_rate = 1e-05
encoder_rate = 3e-05
adapter_rate = 0.001
head_rate = 0.0005
separator_decay = 0.0
encoder_decay = 0.01
head_decay = 0.02
betas = [
    0.9,
    0.98,
]
warmup_steps = 100
schedule = "linear"
max_norm = 1.0

[freeze]
parts = ["separator", "features"]

[freeze.until]

[checkpoint]
every = 200
best_metric = "cer"
"""


def test_the_settings_of_an_earlier_version_mean_the_same(tmp_path: Path) -> None:
    config = read_config(write(tmp_path, EARLIER))
    assert config.optimizer == OptimizerConfig(head_rate=5e-4, head_decay=0.02, schedule="linear")
    assert {config.optimizer.of(part).name for part in PARTS} == {"adamw"}
    assert (config.stop.patience, config.ema.decay, config.checkpoint.best_metric) == (0, 0.0, "cer")


def other(value: Any, name: str) -> Any:
    """A value that differs from a default and fits its setting."""
    named: dict[str, Any] = {
        "sets": (SetConfig(Path("other/folder"), 0.5), SetConfig(Path("third"))),
        "codec_kbit_s": (64.0, 96.0),
        "schedule": "linear",
        "name": "sgd",
        "metric": "cer",
        "loss": "l1",
        "target": "pieces",
        "pieces": ("▁A", "▁", "Ä"),
        "piece_model": Path("some.model"),
        "phonemes": ("AH", "B"),
        "lexicon": Path("words.dict"),
        "final": 0.25,
        "factor": 0.25,
        "precision": "fp16",
        "trackers": ("tensorboard",),
        "parts": ("head",),
        "until": {"encoder.1": 5},
        "letters": 'ÄÖ"\\',
        "device": "cuda",
        "best_metric": "cer",
    }
    if name in named:
        return named[name]
    if isinstance(value, PartConfig):
        return PartConfig(
            "sgd", 0.5, 0.25, betas=(0.1, 0.2), momentum=0.0, schedule="plateau", warmup_steps=0, max_norm=2
        )
    if isinstance(value, (bool, int)):
        return not value if isinstance(value, bool) else value + 3
    if isinstance(value, (float, tuple)):
        return value / 2 + 0.01 if isinstance(value, float) else (0.25, 0.75)
    is_path = (
        isinstance(value, Path) or name in ("backing", "rooms", "folder") or (name == "validation" and value is None)
    )
    return Path("some/folder") if is_path else 'ÄÖ "quoted" \\ text'


def all_other() -> TrainConfig:
    """Settings of which none has its default."""
    sections = {}
    for section in fields(TrainConfig):
        default = getattr(TrainConfig(), section.name)
        sections[section.name] = type(default)(
            **{field.name: other(getattr(default, field.name), field.name) for field in fields(default)}
        )
    return TrainConfig(**sections)


@pytest.mark.parametrize("config", [TrainConfig(), all_other()])
def test_every_setting_survives_the_way_to_a_file_and_back(config: TrainConfig, tmp_path: Path) -> None:
    write_config(config, tmp_path)
    assert read_config(tmp_path / NAME) == config
    assert (tmp_path / NAME).read_text("utf-8") == config_text(config)


def test_no_setting_was_left_at_its_default() -> None:
    for section in fields(TrainConfig):
        default, changed = getattr(TrainConfig(), section.name), getattr(all_other(), section.name)
        assert is_dataclass(default)
        assert not [f.name for f in fields(default) if getattr(default, f.name) == getattr(changed, f.name)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[optimiser]\nhead_rate = 1", r"run\.toml: unknown setting 'optimiser'$"),
        ("[optimizer]\nhaed_rate = 1", r"run\.toml: unknown setting 'optimizer\.haed_rate'$"),
        ("[optimizer]\nhead_rate = 'fast'", r"optimizer\.head_rate\b.*valid number.*, not 'fast'$"),
        ("[optimizer]\nhead_rate = -1", r"optimizer\.head_rate\b.*greater than or equal to 0, not -1$"),
        ("[optimizer]\nhead_rate = nan", r"optimizer\.head_rate\b.*, not nan$"),
        ("[optimizer]\nbetas = [1.0, 0.9]", r"optimizer\.betas\.0\b.*less than 1, not 1\.0$"),
        ("[optimizer]\nbetas = [0.9]", r"optimizer\.betas"),
        ("[optimizer]\nschedule = 'steps'", r"optimizer\.schedule\b.*'cosine', .* or 'plateau', not 'steps'$"),
        ("[engine]\nsteps = 0", r"engine\.steps\b.*greater than or equal to 1, not 0$"),
        ("[engine]\nsteps = 1.5", r"engine\.steps\b.*, not 1\.5$"),
        ("[engine]\nseed = -1", r"engine\.seed\b.*, not -1$"),
        ("[engine]\nseed = 4294967296", r"engine\.seed\b.*, not 4294967296$"),
        ("[engine]\ntrackers = ['mlflow']", r"engine\.trackers\.0\b.*, not 'mlflow'$"),
        ("[augment]\ngain_chance = 1.5", r"augment\.gain_chance\b.*less than or equal to 1, not 1\.5$"),
        ("[augment]\nspeed = 1.0", r"augment\.speed\b.*, not 1\.0$"),
        ("[augment]\npitch = 13", r"augment\.pitch\b.*, not 13$"),
        ("[data]\nbatch_s = 0", r"data\.batch_s\b.*greater than 0, not 0$"),
        ("[model]\nnew_head = 'maybe'", r"model\.new_head\b.*, not 'maybe'$"),
        ("data = 3", r"run\.toml: data\b.*, not 3$"),
        ("[data]\na=1\nb=1\nc=1\nd=1\ne=1\nf=1\n", r"'data\.a'; .*'data\.e'; and 1 more$"),
    ],
)
def test_invalid_settings_are_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        read_config(write(tmp_path, text))
    assert str(caught.value.hint).startswith("Known here: data, augment, mask, model, optimizer, ema")


def test_a_mistake_on_the_command_line_is_not_blamed_on_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, "[engine]\nsteps = 5")
    with pytest.raises(UsageError, match=r"^unknown setting 'engine\.stops'$"):
        read_config(path, ["engine.stops=4"])
    with pytest.raises(UsageError, match=r"^engine\.steps must be "):
        read_config(path, (), {"engine.steps": 0})


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("engine.steps", "'engine.steps' has no value"),
        ("engine.steps.more=4", r"'steps' is not a section|unknown setting"),
        ("steps=4", "unknown setting 'steps'"),
        ("=4", "unknown setting ''"),
        ("optimizer=4", "optimizer must be "),
        ("engine.steps=many", r"engine\.steps\b.*, not 'many'"),
    ],
)
def test_invalid_set_arguments(tmp_path: Path, given: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        read_config(write(tmp_path, "[engine]\nsteps = 5"), [given])


@pytest.mark.parametrize("letters", ["AB|C", "A B", "A\t"])
def test_letters_that_stand_for_a_space_are_refused(letters: str) -> None:
    with pytest.raises(UsageError, match=r"model: letters cannot contain "):
        read_config(None, (), {"model.letters": letters})


def test_settings_that_only_fit_together_are_checked_together(tmp_path: Path) -> None:
    path = write(tmp_path, "[data]\nmin_s = 40.0\nmax_s = 30.0\n[mask]\ntime = 0.0\n")
    with pytest.raises(UsageError, match=r"run\.toml: data: min_s \(40\) is above max_s \(30\)"):
        read_config(path)
    assert read_config(path, ["data.max_s=60"]).data.max_s == 60.0
    with pytest.raises(UsageError, match=r"^mask\.time_s is 0\.5, but the shortest chunks may have only 0\.41 s"):
        read_config(None, ["mask.time_s=0.5"])


def test_invalid_files(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"run\.toml: not TOML \(.*line 1"):
        read_config(write(tmp_path, "steps: 5\n"))
    (tmp_path / "run.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match=r"run\.toml: not TOML"):
        read_config(tmp_path / "run.toml")
    with pytest.raises(UsageError, match=r"missing\.toml: cannot be read \(No such file"):
        read_config(tmp_path / "missing.toml")
    with pytest.raises(UsageError, match="cannot be read"):
        read_config(tmp_path)
    # The parser would take minutes for it.
    with pytest.raises(UsageError, match=r"run\.toml: not TOML \(a row of more than 4096 characters\)"):
        read_config(write(tmp_path, ".".join("a" * 50_000) + " = 1"))
    with pytest.raises(UsageError, match=r"run\.toml: model must be .*, not 7"):
        read_config(write(tmp_path, "model = 7"), defaults={"model.new_head": True})


def test_every_section_rejects_unknown_settings() -> None:
    for section in fields(TrainConfig):
        with pytest.raises(UsageError, match=f"unknown setting '{section.name}.nonsense'"):
            read_config(None, [f"{section.name}.nonsense=1"])
    assert settings.PARTS == ("separator", "features", "encoder", "adapter", "head")


def test_several_data_sets(tmp_path: Path) -> None:
    (tmp_path / "old.toml").write_text('[data]\nfolder = "dali"\nbatch_s = 4.0\n', "utf-8")
    old = read_config(tmp_path / "old.toml").data
    assert (old.sets, old.all_sets) == ((), (SetConfig(Path("dali")),))
    both = read_config(tmp_path / "old.toml", ['data.sets=[{folder="own", weight=2}]']).data
    assert both.all_sets == (SetConfig(Path("dali")), SetConfig(Path("own"), 2.0))
    for wrong in ('[{folder="own", weight=0}]', '[{folder="own", wait=1}]', "[{weight=1.0}]", '["own"]'):
        with pytest.raises(UsageError, match=r"data\.sets\.0"):
            read_config(None, [f"data.sets={wrong}"])
