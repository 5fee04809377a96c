"""What the terminal shows: progress, notes, warnings and errors on stderr, results on stdout."""

from __future__ import annotations

import sys
from types import TracebackType

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

from lyricsrec.base.errors import LyricsrecError
from lyricsrec.base.output import printable
from lyricsrec.cli import interrupt

EXIT_FAILURE = 1
EXIT_USAGE = 2
EXIT_INTERRUPTED = 130

_LONGEST = 2000


class Screen:
    """Draws progress bars if stderr is a terminal; prints notes, warnings and errors as plain lines.

    The bars are shown while it is used as a context manager. `label` precedes every stage, such as a song's name.
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
        """Start another song: its stages replace those of the previous one."""
        interrupt.check()
        self.label = label
        for task in self._tasks.values():
            self._bars.remove_task(task)
        self._tasks.clear()

    def update(self, stage: str, done: float, total: float | None) -> None:
        """Move the bar of a stage, which is added if it is new."""
        interrupt.check()
        if stage not in self._tasks:
            self._tasks[stage] = self._bars.add_task(f"{self.label}{stage}", total=total)
        self._bars.update(self._tasks[stage], completed=min(done, total) if total else done, total=total)

    def pause(self) -> None:
        """Stop the bars for good, so that another display can use the terminal."""
        self._bars.stop()

    def say(self, message: str) -> None:
        """Print a message, except with --quiet."""
        if not self._quiet:
            self._line(message, "")

    def note(self, message: str) -> None:
        """Print a detail, with --verbose."""
        if self._verbose and not self._quiet:
            self._line(message, "dim")

    def warn(self, message: str) -> None:
        """Print a warning, except with --quiet."""
        if not self._quiet:
            self._line(f"warning: {message}", "yellow")

    def error(self, error: LyricsrecError) -> None:
        """Print an error and its hint."""
        self._line(f"error: {error}", "red")
        if error.hint:
            self._line(f"  {error.hint}", "")

    def _line(self, message: str, style: str) -> None:
        shown = "\n".join(printable(row) for row in message.split("\n"))
        if len(shown) > _LONGEST:
            shown = shown[: _LONGEST // 2] + " ... " + shown[-_LONGEST // 2 :]
        self.console.print(Text(shown, style))


def print_result(text: str) -> None:
    """Write a result to stdout as UTF-8, whatever the locale is."""
    sys.stdout.buffer.write(text.encode("utf-8", "surrogateescape"))
    sys.stdout.buffer.flush()
