"""`lyricsrec catalogue slurm`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer

from lyricsrec.cli import options
from lyricsrec.cli.catalogue.tasks import Folder, Sources, TaskFlags
from lyricsrec.cli.command import Options
from lyricsrec.cli.screen import print_result

EXAMPLES = """
**Examples**

`lyricsrec catalogue slurm music/ -o lyrics/ --nodes 8 --cpus 32 > job.sh && sbatch job.sh` does a catalogue on eight \
nodes that share a disk.

`lyricsrec catalogue slurm songs.parquet -o times/ --task align --nodes 4 --gpus 1 --partition gpu` asks for GPUs.
"""


@dataclass(frozen=True, kw_only=True)
class AllocationFlags(Options):
    """What each task of the array gets."""

    nodes: Annotated[
        int, typer.Option(min=1, help="Number of tasks in the array, each on a node, with a shard each.")
    ] = 1
    cpus: Annotated[int, typer.Option(min=1, help="Processor cores for each.")] = 16
    gpus: Annotated[int, typer.Option(min=0, help="GPUs for each.")] = 0
    memory: Annotated[int, typer.Option(min=1, help="Memory for each, in GiB.")] = 32
    time: Annotated[str, typer.Option(help="Limit of time, as SLURM writes it.")] = "24:00:00"
    partition: Annotated[str | None, typer.Option(help="Partition to submit to.")] = None


def slurm(
    sources: Sources,
    *,
    output: Folder,
    task: TaskFlags,
    allocation: AllocationFlags,
    workers: Annotated[int | None, typer.Option(min=1, help="Songs at a time on each node, as in run.")] = None,
    compute: options.Compute,
) -> None:
    """Print a SLURM job array for `catalogue run`; nothing is submitted."""
    from lyricsrec.base.settings import check
    from lyricsrec.catalogue.slurm import Allocation, script

    task.make(compute)
    chosen: dict[str, object] = {
        "task": task.task,
        "preset": task.preset,
        "separator": task.separator,
        "model": task.model,
    }
    chosen |= {"language": task.language, "workers": workers, "seed": task.seed or None}
    chosen |= {"device": None if compute.device == "auto" else compute.device}
    chosen |= {"dtype": None if compute.dtype == "auto" else compute.dtype}
    flags = [part for flag, value in chosen.items() if value is not None for part in (f"--{flag}", str(value))]
    flags += ["--offline"] if compute.offline else []
    wanted = Allocation(
        allocation.nodes,
        allocation.cpus,
        allocation.gpus,
        memory_gib=allocation.memory,
        time=allocation.time,
        partition=allocation.partition,
    )
    check(wanted)
    print_result(script([*sources, *flags], output, wanted))
