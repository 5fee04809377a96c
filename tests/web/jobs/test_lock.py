"""One server for each data folder."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from lyricsrec.base.errors import OutputError, UsageError
from lyricsrec.web.jobs.lock import locked

HOLD = """
import sys
from pathlib import Path
from lyricsrec.web.jobs.lock import locked
with locked(Path(sys.argv[1])):
    print("locked", flush=True)
    sys.stdin.read()
"""


def test_a_locked_folder_is_refused_until_the_lock_is_released(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "data"
    with locked(folder):
        with pytest.raises(UsageError, match="another `lyricsrec serve` is using") as failed, locked(folder):
            pass
        assert failed.value.hint == "Use that server, or choose another folder with --data."
    with locked(folder):
        assert folder.is_dir()


def test_a_killed_server_leaves_no_lock(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "locked\n"
        with pytest.raises(UsageError), locked(tmp_path):
            pass
        process.kill()
        process.wait()
        with locked(tmp_path):
            pass


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot write to") as failed, locked(tmp_path / "file" / "data"):
        pass
    assert failed.value.hint == "Choose another folder with --data."
