"""How many threads a worker may use, so that several do not disturb each other."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS")


def variables(threads: int) -> dict[str, str]:
    """The environment that limits the libraries of a process that is yet to start."""
    return dict.fromkeys(_VARIABLES, str(threads))


@contextlib.contextmanager
def limited(threads: int) -> Iterator[None]:
    """Processes that are started inside have these variables."""
    before = {name: os.environ.get(name) for name in _VARIABLES}
    os.environ.update(variables(threads))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def limit_torch(threads: int) -> None:
    """Limit torch in this process; CTranslate2 takes torch's number."""
    import torch

    torch.set_num_threads(threads)
