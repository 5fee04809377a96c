"""The commands of README and documentation do what they say."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from helpers.command_line import NEW_PROCESS, environment_in
from helpers.files import EXAMPLES, ROOT
from helpers.pages import PAGES, README, Command, blocks, calls, commands
from typer.main import get_command

from lyricsrec.cli import app
from lyricsrec.lyrics.normalise import normalized_words

SETUP = [command for command in commands("sh") if "pip install" in command.text]
USE = [command for command in commands("sh") if command not in SETUP]
FAST = [command for command in USE if command.page.parent.name != "tutorials"]


def run(command: str, folder: Path, lyricsrec: Sequence[str]) -> subprocess.CompletedProcess[str]:
    shell = f'lyricsrec() {{ {shlex.join(lyricsrec)} "$@"; }}; {command}'
    environment = {name: value for name, value in environment_in(folder).items() if name != "COLUMNS"}
    environment["PATH"] = "/usr/bin:/bin"
    return subprocess.run(
        ["bash", "-c", shell], cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=300
    )


def test_there_are_two_set_up_commands_and_both_start_from_nothing() -> None:
    assert len(SETUP) == 2
    assert all(command.page == README for command in SETUP)
    start = "python3 -m venv .venv && .venv/bin/pip install '.[offline"
    assert all(command.text.startswith(start) for command in SETUP)
    assert SETUP[0].text.endswith("&& .venv/bin/lyricsrec transcribe examples/on_the_run_verse.flac")
    assert SETUP[1].text.endswith("&& .venv/bin/pytest")


def make_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("docs")
    for name in ("examples", "tests"):
        (folder / name).symlink_to(ROOT / name)
    return folder


# One folder for all commands: some use what those before them wrote.
folder = pytest.fixture(make_folder, scope="module", name="folder")
folder_for_new_processes = pytest.fixture(make_folder, scope="module", name="new_folder")


@pytest.mark.slow
@pytest.mark.parametrize("command", [*USE, *commands("sh slow")], ids=str)
def test_a_command_in_a_new_process(command: Command, new_folder: Path) -> None:
    done = run(command.text, new_folder, NEW_PROCESS)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("command", FAST, ids=str)
def test_a_command(command: Command, folder: Path, lyricsrec: Sequence[str]) -> None:
    done = run(command.text, folder, lyricsrec)
    assert done.returncode == 0, done.stderr
    if command == USE[0]:
        assert normalized_words(done.stdout, "plain") == normalized_words(blocks(README, "text")[0], "plain")


@pytest.mark.parametrize("command", commands("sh network"), ids=str)
def test_a_command_that_needs_the_hub_fails_without_it(
    command: Command, folder: Path, lyricsrec: Sequence[str]
) -> None:
    done = run(command.text, folder, lyricsrec)
    assert done.returncode == 1
    assert "the hub cannot be reached" in done.stderr
    assert "Traceback" not in done.stderr


def parse(arguments: Sequence[str]) -> None:
    """Read a command line as `lyricsrec` does, without running it."""
    command, rest, context = get_command(app), list(arguments), None
    while True:
        context = command.make_context(command.name, rest, parent=context)
        rest = [*getattr(context, "_protected_args", ()), *context.args]
        if not rest or not hasattr(command, "resolve_command"):
            return
        _, command, rest = command.resolve_command(context, rest)


@pytest.mark.parametrize("command", commands("sh data"), ids=str)
def test_a_command_on_data_of_the_reader_is_understood(command: Command) -> None:
    for program, *arguments in calls(command.text):
        if program == "lyricsrec":
            parse(arguments)
        elif program == "python":
            assert (ROOT / arguments[0]).is_file()
        else:
            assert program in {"cat", "curl", "docker", "git", "jq", "mkdocs", "pip"}


def test_no_other_block_is_a_command() -> None:
    marks = {mark for page in PAGES for mark in re.findall(r"^```(\S.*)$", page.read_text("utf-8"), re.MULTILINE)}
    assert marks == {"sh", "sh slow", "sh data", "sh network", "python", "text", "json", "toml"} & marks
    stray = [
        f"{page.name}: {block}"
        for page in PAGES
        for block in blocks(page, "text")
        if re.search(r"^(lyricsrec|python) ", block, re.MULTILINE)
    ]
    assert stray == []


def run_python(code: str, folder: Path) -> str:
    (folder / "examples").symlink_to(EXAMPLES)
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_python_example(tmp_path: Path) -> None:
    said = run_python("\n".join(blocks(README, "python")), tmp_path)
    assert normalized_words(said.splitlines()[0], "plain")[-5:] == ["so", "far", "away", "from", "home"]


@pytest.mark.slow
@pytest.mark.parametrize("page", [page for page in PAGES if page != README and blocks(page, "python")], ids=str)
def test_the_python_examples_of_a_page(page: Path, tmp_path: Path) -> None:
    run_python("\n".join(blocks(page, "python")), tmp_path)
