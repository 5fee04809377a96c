"""A SLURM job array that does a catalogue: one shard of the songs for each task of the array."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from pathlib import Path

from lyricsrec.base.settings import Count, Natural, Settings


@dataclass(frozen=True)
class Allocation(Settings):
    """What SLURM gives each task of the array: processor cores, GPUs, memory in GiB, and a limit of time."""

    nodes: Natural = 1
    cpus: Natural = 16
    gpus: Count = 0
    _: KW_ONLY
    memory_gib: Natural = 32
    time: str = "24:00:00"
    partition: str | None = None


def script(arguments: Sequence[str], folder: Path, allocation: Allocation) -> str:
    """The script for `sbatch`: `lyricsrec catalogue run` with `arguments`, one shard for each task of the array.

    A task that is requeued, or submitted again, does what is left. Shards need no communication; a last pass without
    shards, when nothing is left to do, costs seconds.
    """
    lines = [
        "#!/usr/bin/env bash",
        "#SBATCH --job-name=lyricsrec",
        f"#SBATCH --array=1-{allocation.nodes}",
        "#SBATCH --nodes=1",
        "#SBATCH --ntasks=1",
        f"#SBATCH --cpus-per-task={allocation.cpus}",
        f"#SBATCH --mem={allocation.memory_gib}G",
        f"#SBATCH --time={allocation.time}",
        "#SBATCH --requeue",
        # Where it is submitted: a job whose folder of logs does not exist yet fails without a word.
        "#SBATCH --output=lyricsrec-%A_%a.log",
    ]
    if allocation.gpus:
        lines.append(f"#SBATCH --gpus-per-node={allocation.gpus}")
    if allocation.partition is not None:
        lines.append(f"#SBATCH --partition={allocation.partition}")
    command = shlex.join(["lyricsrec", "catalogue", "run", *arguments, "--output", str(folder), "--quiet"])
    lines += ["", "set -euo pipefail", f'srun {command} --shard "$SLURM_ARRAY_TASK_ID/{allocation.nodes}"']
    return "\n".join(lines) + "\n"
