"""The README's commands do what it says."""

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

from lyricsrec.lyrics.normalise import normalized_words

README = (ROOT / "README.md").read_text("utf-8")


def commands(language: str) -> list[str]:
    blocks = re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line]


SETUP = [command for command in commands("sh") if "pip install" in command]
USE = [command for command in commands("sh") if "pip install" not in command]


def run(command: str, folder: Path, lyricsrec: Sequence[str]) -> subprocess.CompletedProcess[str]:
    shell = f'lyricsrec() {{ {shlex.join(lyricsrec)} "$@"; }}; {command}'
    environment = {name: value for name, value in environment_in(folder).items() if name != "COLUMNS"}
    environment["PATH"] = "/usr/bin:/bin"
    return subprocess.run(
        ["bash", "-c", shell], cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=300
    )


def test_there_are_two_set_up_commands_and_both_start_from_nothing() -> None:
    assert len(SETUP) == 2
    assert all(command.startswith("python3 -m venv .venv && .venv/bin/pip install '.[offline") for command in SETUP)
    assert SETUP[0].endswith("&& .venv/bin/lyricsrec transcribe examples/on_the_run_verse.flac")
    assert SETUP[1].endswith("&& .venv/bin/pytest")


def make_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("readme")
    for name in ("examples", "tests"):
        (folder / name).symlink_to(ROOT / name)
    return folder


# One folder for all commands: some use what those before them wrote.
folder = pytest.fixture(make_folder, scope="module", name="folder")
folder_for_new_processes = pytest.fixture(make_folder, scope="module", name="new_folder")


@pytest.mark.slow
@pytest.mark.parametrize("command", USE)
def test_a_command_in_a_new_process(command: str, new_folder: Path) -> None:
    done = run(command, new_folder, NEW_PROCESS)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("command", USE)
def test_a_command(command: str, folder: Path, lyricsrec: Sequence[str]) -> None:
    done = run(command, folder, lyricsrec)
    assert done.returncode == 0, done.stderr
    if command == USE[0]:
        shown = re.search(r"```text\n(.*?)```", README, re.DOTALL).group(1)
        assert normalized_words(done.stdout, "plain") == normalized_words(shown, "plain")


@pytest.mark.parametrize("command", commands("sh network"))
def test_a_command_that_needs_the_hub_fails_without_it(command: str, folder: Path, lyricsrec: Sequence[str]) -> None:
    done = run(command, folder, lyricsrec)
    assert done.returncode == 1
    assert "the hub cannot be reached" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_python_example(tmp_path: Path) -> None:
    code = "\n".join(commands("python")) + "\nprint(transcript.text)"
    (tmp_path / "examples").symlink_to(EXAMPLES)
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.startswith("So far away from home\n"), done.stderr
