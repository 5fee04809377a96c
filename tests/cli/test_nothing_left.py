"""A command whose input cannot be read leaves no folder behind."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.command_line import Cli


@pytest.mark.parametrize(
    "arguments",
    [
        ("melody", "bad.wav", "--separator", "none"),
        ("transcribe", "bad.wav", "--model", "sung.en", "--separator", "none"),
        ("import", "ultrastar", "."),
    ],
)
def test_no_empty_folder_is_left(cli: Cli, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    (tmp_path / "bad.wav").write_text("noise")
    before = {path.name for path in tmp_path.iterdir()}
    done = cli(*arguments, "--output", "new/folder")
    assert done.returncode != 0
    assert b"error: " in done.stderr
    assert {path.name for path in tmp_path.iterdir()} - before <= {"cache", "hub"}
