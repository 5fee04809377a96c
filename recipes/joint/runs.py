"""Train each variant with each seed, and score them all in one run.

    python recipes/joint/runs.py train joint/ [--steps 500] [--variant NAME]... [--seed N]...
    python recipes/joint/runs.py score joint/ [--data DATA] -o mixes
    python recipes/joint/runs.py table mixes

`train` goes on with runs that were stopped; all runs with one seed see the same mixes in the same order. `score` is
`lyricsrec score` on the test mixes with their true vocals, or on another data set, for the start (mixes-start.json) and
each variant and seed (mixes.json, mixes.html). `table` prints means over the seeds as Markdown. Commands are printed.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from statistics import mean
from typing import Any

COMMON = (
    "finetune sung.en --data {work}/data --output {run} --separator spleeter --device cpu --steps {steps} --seed {seed}"
    " --freeze features --freeze encoder --head-rate 1e-4 --batch-s 3 --set data.max_s=2.87 --set data.num_workers=0"
    " --set optimizer.warmup_steps=30 --set augment.backing={work}/backing/train --set augment.backing_chance=1.0"
    " --set augment.backing_db=[-5.0,10.0] --set augment.speed_chance=0.0 --set augment.noise_chance=0.0"
    " --profile --set validation.every=100 --set checkpoint.keep=1 --set stems.validation={work}/stems-validation.jsonl"
)
VARIANTS = {
    "frozen": "--freeze separator",
    "unfrozen": "--separator-rate 1e-4",
    "guarded": "--separator-rate 1e-4 --set guard.weight=0.1",
    "stems": "--separator-rate 1e-4 --set stems.folder={work}/stems-train.jsonl --set stems.excerpt_s=2.0",
}
SEEDS = (0, 1)


def train(work: Path, steps: int, variants: list[str], seeds: list[int]) -> None:
    """Run `lyricsrec finetune` for each variant and seed, or what is left of its steps."""
    for seed in seeds:
        for variant in variants:
            run = run_folder(work, variant, seed)
            last = run / "last"
            if last.exists() and last.resolve().name == f"step-{steps:08}":
                continue
            words = f"{COMMON} {VARIANTS[variant]}".split()
            command = [word.format(work=work, run=run, steps=steps, seed=seed) for word in words]
            _lyricsrec([*command, "--resume"] if last.exists() else command)


def run_folder(work: Path, variant: str, seed: int) -> Path:
    """Where a run's checkpoints lie."""
    return work / "runs" / f"{variant}-{seed}"


def score(work: Path, data: Path | None, output: Path) -> None:
    """Score recogniser and separator at the start (OUTPUT-start) and at the end of each run (OUTPUT), greedily."""
    command = ["score", "--protocol", "short", "--decoder", "greedy", "--device", "cpu", "--dtype", "float32"]
    command += (
        ["--data", str(data), "--split", "all"] if data else ["--data", f"{work}/data", "--stems", f"{work}/stems"]
    )
    command += ["--offline", "--quiet", "--format", "json"]
    start = output.with_name(f"{output.name}-start")
    _lyricsrec([*command, "--model", "sung.en", "--separator", "spleeter", "--output", f"{start}.json"])
    for run in sorted((work / "runs").iterdir()):
        command += ["--model", str(run / "last")]
    _lyricsrec([*command, "--output", f"{output}.json", "--output", f"{output}.html"])


def _lyricsrec(command: list[str]) -> None:
    print("lyricsrec", *command, flush=True)
    subprocess.run([sys.executable, "-m", "lyricsrec", *command], check=True, stdout=sys.stderr)


def table(output: Path) -> None:
    """Print the means over the seeds, and each seed's WER."""
    found: dict[str, list[dict[str, Any]]] = {}
    for report in (f"{output}-start.json", f"{output}.json"):
        for system in json.loads(Path(report).read_text("utf-8"))["systems"]:
            run = Path(system["settings"]["recognizer"]).parent.name
            found.setdefault(run.rpartition("-")[0] or "start", []).append(system)
    print("| | WER | CER | SI-SDR of the vocals | SDR of the vocals |\n| --- | --- | --- | --- | --- |")
    for name, systems in found.items():
        wers = ", ".join(f"{100 * system['words']['wer']:.1f}" for system in systems)
        cer = 100 * mean(system["words"]["cer"] for system in systems)
        ratios = [
            [system["separation"][ratio] for system in systems if system["separation"]] for ratio in ("si_sdr", "sdr")
        ]
        cells = [f"{mean(values):.1f} dB" if values else "" for values in ratios]
        print(f"| {name} | {wers} % | {cer:.1f} % | {' | '.join(cells)} |")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    training = commands.add_parser("train")
    training.add_argument("work", type=Path, help="folder that make.py wrote")
    training.add_argument("--steps", type=int, default=500)
    training.add_argument("--variant", action="append", choices=tuple(VARIANTS))
    training.add_argument("--seed", action="append", type=int)
    scoring = commands.add_parser("score")
    scoring.add_argument("work", type=Path, help="folder that make.py wrote")
    scoring.add_argument("--data", type=Path, help="another data set to score on")
    scoring.add_argument("-o", "--output", type=Path, required=True, help="what the names of the reports begin with")
    printing = commands.add_parser("table")
    printing.add_argument("output", type=Path, help="as for score")
    arguments = parser.parse_args()
    if arguments.command == "train":
        train(arguments.work, arguments.steps, arguments.variant or list(VARIANTS), arguments.seed or list(SEEDS))
    elif arguments.command == "score":
        score(arguments.work, arguments.data, arguments.output)
    else:
        table(arguments.output)


if __name__ == "__main__":
    main()
