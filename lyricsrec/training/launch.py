"""Starting the processes of a training run, or joining a group that a launcher has started."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from types import FrameType

from lyricsrec.base.errors import UsageError

_GROUP = ("RANK", "WORLD_SIZE")
_MASTER_PORT = 29_500


def is_in_group() -> bool:
    """Whether a launcher (torchrun, accelerate launch, SLURM) has started this process as one of several."""
    return all(name in os.environ for name in _GROUP)


def join_slurm() -> None:
    """Join a group that `srun` has started, by setting the environment variables of torchrun."""
    if is_in_group() or "SLURM_PROCID" not in os.environ or int(os.environ.get("SLURM_NTASKS", "1")) < 2:
        return
    environment = os.environ
    environment["RANK"] = environment["SLURM_PROCID"]
    environment["WORLD_SIZE"] = environment["SLURM_NTASKS"]
    environment.setdefault("LOCAL_RANK", environment.get("SLURM_LOCALID", "0"))
    environment.setdefault("MASTER_ADDR", _first_host(environment.get("SLURM_JOB_NODELIST", "localhost")))
    environment.setdefault("MASTER_PORT", str(_MASTER_PORT))


def start_processes(number: int, device: str, arguments: Sequence[str] | None = None) -> int:
    """Run this command line in `number` processes on this machine, one for each GPU; returns their exit code.

    With `device` "cpu" they share the processor. Raises UsageError when there are fewer GPUs.
    """
    import torch

    if device != "cpu" and number > (found := torch.cuda.device_count()):
        raise UsageError(
            f"--gpus {number}, but this machine has {found or 'no'} GPU{'' if found == 1 else 's'}",
            f"Use --gpus {found}." if found else "Leave out --gpus to train on the processor.",
        )
    command = [sys.executable, "-m", __name__, "--standalone", f"--nproc-per-node={number}"]
    command += ["-m", "lyricsrec", *(arguments if arguments is not None else _without_gpus(sys.argv[1:]))]
    environment = os.environ | {"OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", _threads(number, device))}
    process = subprocess.Popen(command, env=environment)

    def forward(received: int, _: FrameType | None) -> None:
        # The terminal sends Ctrl-C to the whole process group itself.
        if received != signal.SIGINT:
            process.send_signal(received)

    previous = {which: signal.signal(which, forward) for which in (signal.SIGINT, signal.SIGTERM)}
    try:
        return _exit_code(process.wait())
    finally:
        for which, handler in previous.items():
            signal.signal(which, handler)


def main() -> None:
    """Run torchrun, but exit with the code of the first process that failed instead of a traceback."""
    from torch.distributed.elastic.multiprocessing.api import SignalException
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
    from torch.distributed.run import main as torchrun

    # The processes print their own errors.
    logging.disable(logging.ERROR)
    try:
        torchrun()
    except ChildFailedError as error:
        sys.exit(_exit_code(error.get_first_failure()[1].exitcode))
    except SignalException as error:
        sys.exit(128 + error.sigval)


def _exit_code(code: int) -> int:
    """The exit code as in a shell: 128 plus the signal, for a process that was ended by one (a negative code)."""
    return 128 - code if code < 0 else code


def _threads(number: int, device: str) -> str:
    cores = os.cpu_count() or 1
    return str(max(cores // number, 1)) if device == "cpu" else "1"


def _without_gpus(arguments: Sequence[str]) -> list[str]:
    """A command line without `--gpus N`."""
    kept: list[str] = []
    skip = False
    for argument in arguments:
        if skip:
            skip = False
        elif argument == "--gpus":
            skip = True
        elif not argument.startswith("--gpus="):
            kept.append(argument)
    return kept


def _first_host(nodes: str) -> str:
    """The first host of SLURM's list, such as node[03-07,12] or a,b."""
    first, bracket, rest = nodes.partition("[")
    if not bracket or "," in first:
        return nodes.split(",", maxsplit=1)[0]
    numbers, _, after = rest.partition("]")
    return first + numbers.split(",")[0].split("-")[0] + after.split(",")[0]


if __name__ == "__main__":
    main()
