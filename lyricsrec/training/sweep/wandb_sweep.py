"""The same sweep for the agents of Weights & Biases."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

import yaml

from lyricsrec.training.sweep.settings import SweepConfig

_METHODS = {"tpe": "bayes", "random": "random", "grid": "grid"}
_METRICS = {"wer": "validation/wer_greedy", "cer": "validation/cer_greedy", "loss": "validation/ctc"}


def wandb_yaml(config: SweepConfig, settings: Sequence[str], output: Path) -> str:
    """The YAML for `wandb sweep`: a run is `lyricsrec train` in a folder of `output` that has the run's id.

    A parameter is called "set=section.key", so that the agent writes it as `--set=section.key=value`.
    """
    command = ["lyricsrec", "train", "--tracker", "wandb"]
    if config.config is not None:
        command += ["--config", str(config.config)]
    command += [f"--set={text}" for text in (*config.shared(), *settings)]
    # The shell of the agent knows the id of the run, which the agent itself cannot write.
    script = f'{shlex.join(command)} --output {shlex.quote(str(output))}/"$WANDB_RUN_ID" "$@"'
    document: dict[str, object] = {
        "method": _METHODS[config.sampler],
        "metric": {"name": _METRICS[config.metric], "goal": "minimize"},
        "run_cap": config.num_trials,
        "parameters": {
            f"set={key}": {"values": item.grid()} if config.sampler == "grid" else item.distribution()
            for key, item in config.parameters.items()
        },
        "command": ["sh", "-c", script, "sweep", "${args}"],
    }
    if config.pruner != "none":
        document["early_terminate"] = {"type": "hyperband", "min_iter": max(config.warmup_steps, 3)}
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=10_000)
