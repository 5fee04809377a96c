"""What the terminal shows beside results: progress, warnings and errors, all on stderr."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from types import TracebackType

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from lyricsrec.base.errors import LyricsrecError, UsageError
from lyricsrec.cli import interrupt

EXIT_FAILURE = 1
EXIT_USAGE = 2
EXIT_INTERRUPTED = 130


class Screen:
    """Draws progress on a terminal and nowhere else; prints notes, warnings and errors as plain lines.

    Used as a context manager around long work. `label` goes before every stage, such as the song at hand.
    """

    def __init__(self, *, quiet: bool = False, verbose: bool = False) -> None:
        self.console = Console(stderr=True, highlight=False, soft_wrap=True)
        self._quiet = quiet
        self._verbose = verbose
        self._tasks: dict[str, TaskID] = {}
        self._bars = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TaskProgressColumn(),
            TimeRemainingColumn(compact=True),
            console=self.console,
            transient=True,
            disable=quiet or not self.console.is_terminal,
        )
        self.label = ""

    def __enter__(self) -> Screen:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def begin(self, label: str) -> None:
        """Start afresh for another song: its stages replace those of the last."""
        interrupt.check()
        self.label = label
        for task in self._tasks.values():
            self._bars.remove_task(task)
        self._tasks.clear()

    def update(self, stage: str, done: float, total: float | None) -> None:
        """Move the bar of a stage, drawing it first if it is new."""
        interrupt.check()
        if stage not in self._tasks:
            self._tasks[stage] = self._bars.add_task(f"{self.label}{stage}", total=total)
        self._bars.update(self._tasks[stage], completed=min(done, total) if total else done, total=total)

    def pause(self) -> None:
        """Give the terminal to another display for good."""
        self._bars.stop()

    def say(self, message: str) -> None:
        """Show how it goes, unless silence was asked for."""
        if not self._quiet:
            self._line(message, "")

    def note(self, message: str) -> None:
        """Show a detail, if details were asked for."""
        if self._verbose and not self._quiet:
            self._line(message, "dim")

    def warn(self, message: str) -> None:
        """Show a warning."""
        if not self._quiet:
            self._line(f"warning: {message}", "yellow")

    def error(self, error: LyricsrecError) -> None:
        """Show an error and its hint."""
        self._line(f"error: {error}", "red")
        if error.hint:
            self._line(f"  {error.hint}", "")

    def _line(self, message: str, style: str) -> None:
        self.console.print(Text(message, style))


@contextlib.contextmanager
def reporting(screen: Screen) -> Iterator[None]:
    """Turn the errors of the package into a line on stderr and an exit code."""
    try:
        with screen:
            yield
            interrupt.check()
    except LyricsrecError as error:
        screen.error(error)
        raise typer.Exit(EXIT_USAGE if isinstance(error, UsageError) else EXIT_FAILURE) from None
    except KeyboardInterrupt:
        screen.warn("interrupted; what was finished is kept")
        raise typer.Exit(EXIT_INTERRUPTED) from None
    except OSError as error:
        # A full disk under a temporary file, a vanished network drive: what no part of the package foresaw.
        if isinstance(error, BrokenPipeError):
            raise
        screen.error(LyricsrecError(f"{error.strerror or error}" + (f": {error.filename}" if error.filename else "")))
        raise typer.Exit(EXIT_FAILURE) from None


def print_result(text: str) -> None:
    """Write a result to stdout as UTF-8, whatever the locale says."""
    sys.stdout.buffer.write(text.encode("utf-8", "surrogateescape"))
    sys.stdout.buffer.flush()
