"""Thousands of damaged inputs for every reader: nothing but errors of our own, no crash, no hang, no flood."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from helpers import fuzz
from helpers.files import ROOT
from helpers.fuzz_seeds import seeds

NUM_INPUTS, NUM_PROCESSES = 5000, 2


def test_every_reader_has_seeds_that_it_reads() -> None:
    assert {name for name in seeds() if not name.startswith("lyrics.")} == set(fuzz.READERS)
    assert list(fuzz.inputs(7, 2, ["lyrics.lrc"])) == list(fuzz.inputs(7, 2, ["lyrics.lrc"]))


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="limits on memory are those of Linux")
def test_damaged_inputs_end_in_errors_of_our_own(tmp_path: Path) -> None:
    each = NUM_INPUTS // NUM_PROCESSES
    processes = [
        subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "helpers.fuzz", str(tmp_path / str(i)), str(i * each), str(each)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=ROOT / "tests",
            env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"},
            text=True,
        )
        for i in range(NUM_PROCESSES)
    ]
    for i, process in enumerate(processes):
        found, log = process.communicate(timeout=1200)
        problems = [
            f"{row['reader']}, input {row['number']}: {row['problem']}"
            for row in map(json.loads, found.split("\n")[:-1])
        ]
        last = {path.name: path.read_bytes()[:200] for path in (tmp_path / str(i)).iterdir() if path.is_file()}
        assert not problems, "\n".join(problems)
        assert process.returncode == 0, (log[-2000:], last)
