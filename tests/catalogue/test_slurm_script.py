"""The job array for SLURM."""

from __future__ import annotations

from pathlib import Path

from lyricsrec.catalogue.slurm import Allocation, script


def test_each_task_of_the_array_does_its_shard(tmp_path: Path) -> None:
    wanted = Allocation(8, 32, 2, memory_gib=64, time="1-00:00:00", partition="gpu")
    assert script(["my songs/", "--task", "align"], Path("out dir"), wanted).splitlines() == [
        "#!/usr/bin/env bash",
        "#SBATCH --job-name=lyricsrec",
        "#SBATCH --array=1-8",
        "#SBATCH --nodes=1",
        "#SBATCH --ntasks=1",
        "#SBATCH --cpus-per-task=32",
        "#SBATCH --mem=64G",
        "#SBATCH --time=1-00:00:00",
        "#SBATCH --requeue",
        # SLURM ends a job without a word whose folder of logs does not exist yet, as DIR before the first run.
        "#SBATCH --output=lyricsrec-%A_%a.log",
        "#SBATCH --gpus-per-node=2",
        "#SBATCH --partition=gpu",
        "",
        "set -euo pipefail",
        "srun lyricsrec catalogue run 'my songs/' --task align --output 'out dir' --quiet --shard "
        '"$SLURM_ARRAY_TASK_ID/8"',
    ]
