"""`lyricsrec sweep`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lyricsrec.base.errors import UsageError
from lyricsrec.cli import options
from lyricsrec.cli.screen import print_result
from lyricsrec.cli.tables import print_table

if TYPE_CHECKING:
    from lyricsrec.training.sweep.results import SweepResults, TrialResult

EXAMPLES = """
**Examples**

`lyricsrec sweep examples/sweep.toml -o sweep/ --set data.folder=dali` tries learning rates, optimizers, frozen parts \
and lengths of chunks.

`lyricsrec sweep sweep.toml -o sweep/ --jobs 4` runs four trials at a time, each on a GPU of its own.

`lyricsrec sweep sweep.toml -o sweep/ --resume --trials 40` continues a sweep, with more trials.

`lyricsrec train --config sweep/best.toml -o run/` trains with the best settings.
"""


def sweep(
    file: Annotated[Path, typer.Argument(metavar="SWEEP.toml", help="What is varied, and how.")],
    *,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder of the sweep, with a folder for each trial.")],
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="A setting of all trials as section.key=value; may be repeated."),
    ] = None,
    trials: Annotated[int | None, typer.Option(min=1, help="Number of trials. Default: the file's.")] = None,
    jobs: Annotated[int | None, typer.Option(min=1, help="Number of trials at a time. Default: the file's.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Continue the sweep in --output.")] = False,
    json_: Annotated[bool, typer.Option("--json", help="Print the results as JSON.")] = False,
    wandb: Annotated[
        bool, typer.Option("--wandb", help="Print the sweep for Weights & Biases (YAML) instead of running it.")
    ] = False,
    offline: options.Offline = False,
    verbosity: options.Verbosity,
) -> None:
    """Search for the best settings of `train`: many runs, the bad ones ended early (extra `sweep`)."""
    from lyricsrec.training.sweep.settings import read_sweep

    shared = settings or []
    config = read_sweep(file, shared, trials=trials, jobs=jobs)
    if wandb:
        if json_ or resume:
            raise UsageError("--wandb runs nothing", "Leave out --json and --resume.")
        from lyricsrec.training.sweep.wandb_sweep import wandb_yaml

        print_result(wandb_yaml(config, shared, output))
        return
    from lyricsrec.training.sweep.picture import PICTURE, plot_sweep
    from lyricsrec.training.sweep.results import BEST, results_of, write_results
    from lyricsrec.training.sweep.scheduler import Runs, Sweep, available_devices, available_threads, opened

    runs = Runs(shared, offline, devices=available_devices(), threads=available_threads())
    with verbosity.screen() as screen, opened(config, output, shared, resume=resume) as study:
        work = Sweep(config, output, runs, study=study, progress=screen)
        work.run(lambda: write_results(results_of(study, config.metric), output))
        results = results_of(study, config.metric)
        write_results(results, output)
        plot_sweep(results, config, output / PICTURE)
    if json_:
        print_result(results.as_json())
    else:
        _print_results(results)
    if results.best is not None:
        screen.say(f"the best settings are in {output / BEST}")


def _print_results(results: SweepResults) -> None:
    """Print trials and the importance of parameters as tables."""
    keys = list(dict.fromkeys(key for trial in results.trials for key in trial.parameters))
    rows = [
        (f"{trial.number}{' (best)' if trial.number == results.best else ''}", trial.state, *_figures(trial),
         *(_shown(trial.parameters.get(key)) for key in keys))
        for trial in results.trials
    ]  # fmt: skip
    print_table("Trials", ("trial", "state", "WER %", "CER %", "loss", "step", *keys), rows)
    if results.importance:
        shares = [(key, f"{100 * share:.0f}") for key, share in results.importance.items()]
        print_table("Importance", ("parameter", "%"), shares)


def _figures(trial: TrialResult) -> tuple[str, ...]:
    if trial.wer is None or trial.cer is None or trial.ctc is None:
        return ("", "", "", "")
    return f"{100 * trial.wer:.1f}", f"{100 * trial.cer:.1f}", f"{trial.ctc:.3f}", str(trial.step)


def _shown(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else "" if value is None else str(value)
