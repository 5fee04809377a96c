"""Child processes of the server: how they inspect songs, how they fail, and what they inherit."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from helpers.sounds import chord, write_song

from lyricsrec.base.errors import AudioError
from lyricsrec.web.limited import Limits, child_environment
from lyricsrec.web.settings import ServeConfig
from lyricsrec.web.songs.peaks import read_peaks
from lyricsrec.web.songs.sandbox import run_in_sandbox

LIMITS = Limits(60.0, 2.0)


def module(folder: Path, body: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A module for `run_in_sandbox` that runs some code."""
    (folder / "inspection.py").write_text(
        f"import os, sys, time\nfrom lyricsrec.web.limited import print_document\n{body}\n"
    )
    monkeypatch.syspath_prepend(str(folder))
    return "inspection"


def test_all_of_a_song_is_decoded_with_progress(tmp_path: Path) -> None:
    done: list[float] = []
    song = write_song(tmp_path / "song.wav", chord(65.0))
    peaks = read_peaks(song, "My song", ServeConfig(), done.append)
    assert len(peaks) == 65 * 20
    assert max(peaks) == 1.0
    assert done == sorted(done)
    assert done[-1] == pytest.approx(65.0)


@pytest.mark.parametrize(
    "body",
    [
        "os.abort()",
        "print_document({'done_s': 1.0}); os._exit(1)",
        "print_document({'peaks': []}); os.abort()",
        "print('nonsense')",
        "pass",
        "print_document({'done_s': 1.0})",
        "block = bytearray(3 << 30); print_document({'size': len(block)})",
    ],
)
def test_a_process_that_fails_is_an_error(
    tone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str
) -> None:
    if "bytearray" in body:
        body = "from lyricsrec.web.limited import Limits, apply; apply(Limits(60.0, 2.0))\n" + body
    name = module(tmp_path, body, monkeypatch)
    with pytest.raises(AudioError, match=r"^My song: decoding it took too much time or memory$"):
        run_in_sandbox(name, tone, "My song", max_duration_s=60.0, limits=LIMITS)


def test_an_exception_of_the_progress_callback_ends_the_process(
    tone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pids = []
    real = subprocess.Popen

    def remembering(*args: object, **options: object) -> subprocess.Popen[bytes]:
        process: subprocess.Popen[bytes] = real(*args, **options)  # type: ignore[call-overload]
        pids.append(process)
        return process

    def enough(_: float) -> None:
        raise KeyError("enough")

    monkeypatch.setattr(subprocess, "Popen", remembering)
    name = module(tmp_path, "print_document({'done_s': 1.0}); time.sleep(60)", monkeypatch)
    start = time.monotonic()
    with pytest.raises(KeyError, match="enough"):
        run_in_sandbox(name, tone, "x", max_duration_s=60.0, limits=LIMITS, report=enough)
    assert time.monotonic() - start < 30
    assert pids[0].poll() is not None


@pytest.mark.skipif(sys.platform != "linux", reason="uses Linux's limits")
def test_a_system_without_limits(tone: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    body = """
import resource
def refuse(*_):
    raise ValueError("current limit exceeds maximum limit")
resource.setrlimit = refuse
from lyricsrec.web.songs import peaks
peaks.run_inspection(peaks._inspection)
"""
    name = module(tmp_path, body, monkeypatch)
    found = run_in_sandbox(name, tone, "My song", max_duration_s=60.0, limits=LIMITS)
    assert len(found["peaks"]) == 60


def in_child(code: str, folder: Path) -> str:
    """The output of a child process that is started in a folder."""
    command = [sys.executable, "-c", f"from lyricsrec.web.limited import lower_priority\n{code}"]
    done = subprocess.run(command, env=child_environment(), cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.mark.skipif(sys.version_info < (3, 11), reason="Python 3.10 always searches the current folder first")
def test_a_child_does_not_import_from_the_current_folder(tmp_path: Path) -> None:
    (tmp_path / "numpy.py").write_text("raise SystemExit('strange code')")
    assert in_child("import numpy; print(numpy.__name__)", tmp_path) == "numpy"


def test_a_child_does_not_get_the_access_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LYRICSREC_TOKEN", "open-sesame")
    assert in_child("import os; print(os.environ.get('LYRICSREC_TOKEN'))", tmp_path) == "None"


@pytest.mark.skipif(sys.platform != "linux", reason="uses Linux's limits")
def test_a_child_has_low_priority_and_is_killed_first(tmp_path: Path) -> None:
    code = "import os; before = os.nice(0); lower_priority(1); print(os.nice(0) - before)"
    assert in_child(code, tmp_path) in ("1", "0")
    assert in_child("lower_priority(1); print(open('/proc/self/oom_score_adj').read())", tmp_path) == "800"
