"""Processes that look at songs: what they find, and how they end."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from helpers.sounds import chord, write_song

from lyricsrec.base.errors import AudioError
from lyricsrec.web.settings import ServeConfig
from lyricsrec.web.songs.examine import Limits, examine
from lyricsrec.web.songs.peaks import read_peaks

LIMITS = Limits(60.0, 2.0)


def module(folder: Path, body: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A module for `examine` that does something else."""
    (folder / "other_look.py").write_text(
        f"import os, sys, time\nfrom lyricsrec.web.songs.examine import tell\n{body}\n"
    )
    monkeypatch.syspath_prepend(str(folder))
    return "other_look"


def test_all_of_a_song_is_read_and_told_of(tmp_path: Path) -> None:
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
        "tell({'done_s': 1.0}); os._exit(1)",
        "tell({'peaks': []}); os.abort()",
        "print('nonsense')",
        "pass",
        "tell({'done_s': 1.0})",
        "block = bytearray(3 << 30); tell({'size': len(block)})",
    ],
)
def test_a_process_that_dies_is_an_error(
    tone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str
) -> None:
    if "bytearray" in body:
        body = "from lyricsrec.web.songs.examine import Limits, _limit; _limit(Limits(60.0, 2.0))\n" + body
    with pytest.raises(AudioError, match=r"^My song: reading it takes too much time or memory$"):
        examine(module(tmp_path, body, monkeypatch), tone, "My song", 60.0, LIMITS)


def test_who_is_told_may_end_it(tone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pids = []
    real = subprocess.Popen

    def remembering(*args: object, **options: object) -> subprocess.Popen[bytes]:
        process: subprocess.Popen[bytes] = real(*args, **options)  # type: ignore[call-overload]
        pids.append(process)
        return process

    def enough(_: float) -> None:
        raise KeyError("enough")

    monkeypatch.setattr(subprocess, "Popen", remembering)
    began = time.monotonic()
    with pytest.raises(KeyError, match="enough"):
        examine(module(tmp_path, "tell({'done_s': 1.0}); time.sleep(60)", monkeypatch), tone, "x", 60.0, LIMITS, enough)
    assert time.monotonic() - began < 30
    assert pids[0].poll() is not None


@pytest.mark.skipif(sys.platform != "linux", reason="as Linux has it")
def test_a_system_that_knows_no_such_limit(tone: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    body = """
import resource
def refuse(*_):
    raise ValueError("current limit exceeds maximum limit")
resource.setrlimit = refuse
from lyricsrec.web import peaks
peaks.be_examined(peaks._look)
"""
    found = examine(module(tmp_path, body, monkeypatch), tone, "My song", 60.0, LIMITS)
    assert len(found["peaks"]) == 60
