"""The flags that mean the same in every command that has them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Song = Annotated[str, typer.Argument(metavar="SONG", help="A file, or - for standard input.")]
Output = Annotated[Path | None, typer.Option("--output", "-o", help="A file or a folder; standard output without it.")]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")]
Dtype = Annotated[str, typer.Option(help="auto, float32, float16, bfloat16 or int8.")]
Seed = Annotated[int, typer.Option(help="Fixes what is chosen by chance.")]
Offline = Annotated[bool, typer.Option("--offline", help="Never use the network.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Only results and errors.")]
QuietWithoutResults = Annotated[bool, typer.Option("--quiet", "-q", help="Only errors.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Say what is done, and how it went.")]
