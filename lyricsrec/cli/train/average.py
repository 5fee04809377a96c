"""`lyricsrec checkpoint average`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lyricsrec.base.errors import UsageError
from lyricsrec.cli import options

EXAMPLES = """
**Examples**

`lyricsrec checkpoint average run/ --best 3 -o averaged/` averages the weights of the three best checkpoints of a run \
(train with `--set checkpoint.keep_best=3`).

`lyricsrec checkpoint average run/step-00001800 run/step-00002000 -o averaged/` averages these two.

`lyricsrec transcribe song.mp3 --model averaged/` uses the result.
"""


def average(
    checkpoints: Annotated[
        list[Path], typer.Argument(metavar="RUN|CHECKPOINT...", help="Folder of a run, or several checkpoints of one.")
    ],
    *,
    output: Annotated[Path, typer.Option("--output", "-o", help="Output folder for the model.")],
    best: Annotated[int | None, typer.Option(min=2, help="Of a run: this many best checkpoints.")] = None,
    last: Annotated[int | None, typer.Option(min=2, help="Of a run: this many last checkpoints.")] = None,
    quiet: options.Quiet = False,
) -> None:
    """Average the weights of checkpoints of one run: a model that is often better than each of them."""
    from lyricsrec.cli.screen import Screen
    from lyricsrec.training.state.average import average_checkpoints, chosen_checkpoints

    if best is not None and last is not None:
        raise UsageError("--best and --last exclude each other", "Leave out one of them.")
    chosen = checkpoints
    if best is not None or last is not None:
        if len(checkpoints) != 1:
            raise UsageError(f"--best and --last take one run, not {len(checkpoints)}", "Give one folder of a run.")
        chosen = chosen_checkpoints(checkpoints[0], best=best or 0, last=last or 0)
    average_checkpoints(chosen, output)
    with Screen(quiet=quiet) as screen:
        screen.say(f"averaged {', '.join(path.name for path in chosen)} into {output}")
