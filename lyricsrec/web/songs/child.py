"""Child processes: less urgent than the server, the first to go where memory ends, and fed by nobody else's files."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

TOKEN_VARIABLE = "LYRICSREC_TOKEN"
_FIRST_TO_GO = "800"


def step_back(niceness: int) -> None:
    """Make this process less urgent, and the one that the system ends first where memory runs out."""
    if hasattr(os, "nice"):
        os.nice(niceness)
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(_FIRST_TO_GO)


def own_environment() -> dict[str, str]:
    """Variables for a child: its modules come from where ours do, not from the folder in which the server was started.

    The token stays here.
    """
    kept = {name: value for name, value in os.environ.items() if name != TOKEN_VARIABLE}
    return kept | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "PYTHONSAFEPATH": "1"}
