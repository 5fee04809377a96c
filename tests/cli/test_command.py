"""Groups of options become parameters of a command; errors become one line and an exit code."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import pytest
import typer
from helpers.files import EXAMPLES
from typer.main import get_command
from typer.testing import CliRunner, Result

from lyricsrec.base.errors import DataError, UsageError
from lyricsrec.cli import app
from lyricsrec.cli.command import Options, command
from lyricsrec.formats.base import Problem

OPTIONS = json.loads((Path(__file__).parent / "options.json").read_text("utf-8"))


@dataclass(frozen=True, kw_only=True)
class Size(Options):
    """Two options."""

    width: Annotated[int, typer.Option("--width", "-w", min=1, help="Width.")]
    height: Annotated[int, typer.Option(help="Height.")] = 2


FLAT = Size(width=3, height=1)


def invoke(function: Callable[..., None], *arguments: str) -> Result:
    made = typer.Typer()
    made.command("draw")(command(function))
    made.callback()(lambda: None)
    return CliRunner().invoke(made, ["draw", *arguments])


def test_groups_are_parameters_and_come_back_as_groups() -> None:
    seen = []

    def draw(name: Annotated[str, typer.Argument()], *, size: Size, loud: bool = False) -> None:
        seen.append((name, size, loud))

    assert invoke(draw, "box", "-w", "5", "--loud").exit_code == 0
    assert seen == [("box", Size(width=5, height=2), True)]
    assert "Missing option '--width'" in invoke(draw, "box").stderr
    assert invoke(draw, "box", "-w", "0").exit_code == 2


def test_problems_of_lyrics_files_are_warnings() -> None:
    def draw(*, quiet: bool = False) -> None:
        logging.getLogger("lyricsrec.formats.read").info("%s: %s", "a.srt", Problem("not a cue; skipped", 3))

    assert invoke(draw).stderr == "warning: a.srt: row 3: not a cue; skipped\n"
    assert invoke(draw, "--quiet").stderr == ""


def test_a_command_can_have_its_own_defaults() -> None:
    seen = []

    def draw(*, size: Size = FLAT) -> None:
        seen.append(size)

    assert invoke(draw, "--height", "9").exit_code == 0
    assert seen == [Size(width=3, height=9)]


@pytest.fixture
def quiet_log() -> Iterator[None]:
    """Restores the level and handlers that --debug changes."""
    package, root = logging.getLogger("lyricsrec"), logging.getLogger()
    level, handlers = package.level, list(root.handlers)
    yield
    package.setLevel(level)
    root.handlers = handlers


@pytest.mark.usefixtures("quiet_log")
@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (DataError("a.txt: empty", "Write something."), 1, "error: a.txt: empty\n  Write something.\n"),
        (UsageError("no"), 2, "error: no\n"),
        (OSError(28, "No space left on device", "song.lrc"), 1, "error: No space left on device: song.lrc\n"),
        (
            KeyError("tempo"),
            1,
            "error: draw failed unexpectedly (KeyError: 'tempo'); run again with --debug for the traceback\n",
        ),
        (KeyboardInterrupt(), 130, "warning: interrupted; finished results are kept\n"),
    ],
)
def test_errors_are_one_line_with_debug_a_traceback(error: BaseException, code: int, message: str) -> None:
    def draw() -> None:
        logging.getLogger("lyricsrec.test").debug("about to fail")
        raise error

    done = invoke(draw)
    assert (done.exit_code, done.stderr) == (code, message)
    if isinstance(error, Exception):
        shown = invoke(draw, "--debug").stderr
        assert "Traceback" in shown
        assert "raise error" in shown
        assert "run again" not in shown


@pytest.mark.parametrize("arguments", [["--debug", "models", "info", "x"], ["models", "info", "x", "--debug"]])
@pytest.mark.usefixtures("quiet_log")
def test_debug_before_or_after_the_command(arguments: list[str]) -> None:
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 1
    assert "Traceback" in done.stderr
    assert "error: no model or preset 'x'" in done.stderr


def options_of(group: Any, path: str = "") -> Iterator[tuple[str, list[str]]]:
    names = (" ".join(sorted([*part.opts, *part.secondary_opts])) for part in group.params)
    yield path, sorted(names)
    for name, part in getattr(group, "commands", {}).items():
        yield from options_of(part, f"{path} {name}".strip())


def test_every_command_has_the_options_that_scripts_rely_on() -> None:
    """options.json lists all: an option that goes or changes its name breaks users' scripts."""
    assert dict(options_of(get_command(app))) == OPTIONS


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["transcribe", ""], "a name is empty"),
        (["transcribe", "a.mp3", ""], "a name is empty"),
        (["transcribe", "a.mp3", "--model", ""], "the value of --model is empty"),
        (["transcribe", "a.mp3", "-o", ""], "the value of -o is empty"),
        (["lm", "build", ""], "a name is empty"),
        (["transcribe", "a.mp3", "--seed", "-1"], "'--seed': should be greater than or equal to 0"),
        (["transcribe", "a.mp3", "--beam", "1000000000"], "--beam must be less than or equal to 10000"),
    ],
)
def test_empty_and_absurd_values_are_usage_errors(arguments: list[str], message: str) -> None:
    done = CliRunner().invoke(app, arguments, env={"COLUMNS": "200"})
    assert done.exit_code == 2
    assert message in done.stderr


def test_messages_show_no_control_characters_and_are_cut() -> None:
    def draw() -> None:
        raise DataError("a\x1b[31m\u202eb\nc" + "x" * 5000 + "END", "hint\x07")

    shown = invoke(draw).stderr.splitlines()
    assert shown[0] == "error: a\\x1b[31m\\u202eb"
    assert shown[1].startswith("cxxx")
    assert " ... x" in shown[1]
    assert shown[1].endswith("xEND")
    assert len(shown[0] + shown[1]) == 2004
    assert shown[2] == "  hint\\x07"


@pytest.mark.parametrize(
    "arguments",
    [
        ["summary", str(EXAMPLES / "on_the_run_verse.txt")],
        ["sections", str(EXAMPLES / "on_the_run_verse.txt")],
    ],
)
def test_a_dash_is_standard_output(arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    plain, dashed = (CliRunner().invoke(app, [*arguments, *more]) for more in ([], ["-o", "-"]))
    assert plain.exit_code == dashed.exit_code == 0
    assert plain.stdout_bytes == dashed.stdout_bytes != b""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["plot", "separate", "catalogue export", "karaoke", "score"])
def test_commands_that_write_files_refuse_standard_output(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    song = {"score": [], "plot": ["song.wav", "song.lrc"]}.get(command, ["song.wav"])
    done = CliRunner().invoke(app, [*command.split(), *song, "-o", "-"])
    assert (done.exit_code, list(tmp_path.iterdir())) == (2, [])
    assert "this command does not write to standard output" in done.stderr
