"""What child processes of the server take with them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from lyricsrec.web.songs.child import own_environment


def in_child(code: str, folder: Path) -> str:
    """What a child prints that is started in a folder."""
    command = [sys.executable, "-c", f"from lyricsrec.web.child import step_back\n{code}"]
    done = subprocess.run(command, env=own_environment(), cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.mark.skipif(sys.version_info < (3, 11), reason="Python 3.10 always looks in the present folder first")
def test_modules_come_from_where_ours_do(tmp_path: Path) -> None:
    (tmp_path / "numpy.py").write_text("raise SystemExit('strange code')")
    assert in_child("import numpy; print(numpy.__name__)", tmp_path) == "numpy"


def test_the_token_stays_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LYRICSREC_TOKEN", "open-sesame")
    assert in_child("import os; print(os.environ.get('LYRICSREC_TOKEN'))", tmp_path) == "None"


@pytest.mark.skipif(sys.platform != "linux", reason="as Linux has it")
def test_it_is_less_urgent_and_the_first_to_go(tmp_path: Path) -> None:
    code = "import os; before = os.nice(0); step_back(1); print(os.nice(0) - before)"
    assert in_child(code, tmp_path) in ("1", "0")
    assert in_child("step_back(1); print(open('/proc/self/oom_score_adj').read())", tmp_path) == "800"
