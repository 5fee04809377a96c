"""Train each variant with each seed, and score them all in one run.

    python recipes/joint/runs.py train joint/ [--steps 500] [--variant NAME]... [--seed N]...
    python recipes/joint/runs.py score joint/ [--data DATA] -o mixes
    python recipes/joint/runs.py measure joint/ -o mixes
    python recipes/joint/runs.py table mixes

`train` goes on with runs that were stopped; all runs with one seed see the same mixes in the same order. `score` is
`lyricsrec score` on the test mixes, or on another data set, for the start (mixes-start.json) and each variant and seed
(mixes.json, mixes.html). `measure` compares the vocals of the test mixes with the true ones. `table` prints both, a
figure for each seed or the mean of them.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from statistics import mean
from typing import Any

import soundfile
import torch

from lyricsrec.separation.registry import bundled_separator, load_vocal_net
from lyricsrec.training.model.module import si_sdr

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
    command += ["--data", str(data), "--split", "all"] if data else ["--data", f"{work}/data"]
    command += ["--offline", "--quiet", "--format", "json"]
    start = output.with_name(f"{output.name}-start")
    _lyricsrec([*command, "--model", "sung.en", "--separator", "spleeter", "--output", f"{start}.json"])
    for run in sorted((work / "runs").iterdir()):
        command += ["--model", str(run / "last")]
    _lyricsrec([*command, "--output", f"{output}.json", "--output", f"{output}.html"])


def _lyricsrec(command: list[str]) -> None:
    print("lyricsrec", *command, flush=True)
    subprocess.run([sys.executable, "-m", "lyricsrec", *command], check=True, stdout=sys.stderr)


def measure(work: Path, output: Path) -> None:
    """Measure the vocals of the test mixes: at the start and after each run, against the true ones and the start."""
    mixes = sorted((work / "data" / "test").glob("*.flac"))
    start = _vocals("spleeter", mixes)
    found = {"start": _ratios(start, start, mixes, work)}
    for run in sorted((work / "runs").iterdir()):
        found[run.name] = _ratios(_vocals(bundled_separator(str(run / "last")), mixes), start, mixes, work)
        print(run.name, found[run.name], flush=True)
    output.with_name(f"{output.name}-vocals.json").write_text(json.dumps(found, indent=1), "utf-8")


def _vocals(separator: str | None, mixes: list[Path]) -> list[torch.Tensor]:
    assert separator is not None, "every run keeps its separator"
    net = load_vocal_net(separator, offline=True).eval()
    with torch.inference_mode():
        return [net(_samples(path)[None])[0] for path in mixes]


def _samples(path: Path) -> torch.Tensor:
    return torch.from_numpy(soundfile.read(path, dtype="float32", always_2d=True)[0].T.copy())


def _ratios(
    vocals: list[torch.Tensor], start: list[torch.Tensor], mixes: list[Path], work: Path
) -> dict[str, float | None]:
    """Means over the mixes in decibels: SI-SDR and SDR to the true vocals, SI-SDR to the start."""
    true = [_samples(work / "stems" / f"{path.stem}.vocals.flac") for path in mixes]
    return {
        "si_sdr": mean(float(si_sdr(voice, stem)) for voice, stem in zip(vocals, true, strict=True)),
        "sdr": mean(_sdr(voice, stem) for voice, stem in zip(vocals, true, strict=True)),
        "si_sdr_start": None
        if vocals is start
        else mean(float(si_sdr(*pair)) for pair in zip(vocals, start, strict=True)),
    }


def _sdr(estimate: torch.Tensor, true: torch.Tensor) -> float:
    return float(10 * torch.log10(true.square().sum() / ((true - estimate).square().sum() + 1e-12)))


def table(output: Path) -> None:
    """Print the means over the seeds, and each seed's WER."""
    found: dict[str, list[dict[str, Any]]] = {}
    for report in (f"{output}-start.json", f"{output}.json"):
        for system in json.loads(Path(report).read_text("utf-8"))["systems"]:
            run = Path(system["settings"]["recognizer"]).parent.name
            found.setdefault(run.rpartition("-")[0] or "start", []).append(system)
    vocals_file = output.with_name(f"{output.name}-vocals.json")
    ratios = json.loads(vocals_file.read_text("utf-8")) if vocals_file.is_file() else {}
    names = ("si_sdr", "sdr", "si_sdr_start")
    print("| | WER | CER | SI-SDR, SDR of the vocals | SI-SDR to the start |\n| --- | --- | --- | --- | --- |")
    for name, systems in found.items():
        wers, cers = (", ".join(f"{100 * system['words'][rate]:.1f}" for system in systems) for rate in ("wer", "cer"))
        values = [
            [value[ratio] for run, value in ratios.items() if run.rpartition("-")[0] == name or run == name]
            for ratio in names
        ]
        means = [f"{mean(each):.1f}" if each and None not in each else "" for each in values]
        print(f"| {name} | {wers} % | {cers} % | {means[0]}, {means[1]} dB | {means[2]} dB |")


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
    measuring = commands.add_parser("measure")
    measuring.add_argument("work", type=Path, help="folder that make.py wrote")
    measuring.add_argument("-o", "--output", type=Path, required=True, help="as for score")
    printing = commands.add_parser("table")
    printing.add_argument("output", type=Path, help="as for score")
    arguments = parser.parse_args()
    if arguments.command == "train":
        train(arguments.work, arguments.steps, arguments.variant or list(VARIANTS), arguments.seed or list(SEEDS))
    elif arguments.command == "score":
        score(arguments.work, arguments.data, arguments.output)
    elif arguments.command == "measure":
        measure(arguments.work, arguments.output)
    else:
        table(arguments.output)


if __name__ == "__main__":
    main()
