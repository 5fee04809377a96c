"""Runs inside a command before it begins, and breaks it when a file in the folder `out` gets its name the n-th time.

The variable SABOTAGE is "N:WHAT": the number of a signal, the name of an error (ENOSPC, EROFS), or "vanish" to remove
the folder of the file.
"""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

_at, _what = os.environ.get("SABOTAGE", "0:").split(":")
_calls = 0
_replace = Path.replace


def _sabotaged(self: Path, target: str | Path) -> Path:
    global _calls  # noqa: PLW0603
    if not Path(target).absolute().is_relative_to(Path.cwd() / "out"):
        return _replace(self, target)
    _calls += 1
    if _calls == int(_at) or (_calls > int(_at) > 0 and _what.startswith("E")):
        if _what == "vanish":
            shutil.rmtree(Path(target).parent)
        elif _what.startswith("E"):
            code = getattr(errno, _what)
            raise OSError(code, os.strerror(code), str(target))
        else:
            os.kill(os.getpid(), int(_what))
    return _replace(self, target)


if __name__ != "helpers.sabotage":
    Path.replace = _sabotaged  # type: ignore[method-assign, assignment]
