"""Workers as processes: they share the songs, one that dies is replaced, and nothing is lost when a run is killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from helpers.catalogue_task import Copy
from helpers.files import ROOT

from lyricsrec.catalogue.engines.base import EngineOptions
from lyricsrec.catalogue.run import Plan, run
from lyricsrec.catalogue.status import status_of
from lyricsrec.catalogue.store.folder import find_setup

pytestmark = pytest.mark.slow

DRIVER = """
import sys
from pathlib import Path
from helpers.catalogue_task import Copy
from lyricsrec.catalogue.engines.base import EngineOptions
from lyricsrec.catalogue.run import Plan, run

if __name__ == "__main__":
    songs, output, log, engine = sys.argv[1:]
    task = Copy(log=Path(log), seconds=0.005)
    run(Plan([songs], Path(output), task, engine=engine, options=EngineOptions(2, 1), lease_s=3.0))
"""


@pytest.fixture(scope="module")
def songs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("songs")
    for number in range(1000):
        (folder / f"{number:04}.wav").write_text(f"song {number}", "utf-8")
    return folder


def results_of(output: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in output.glob("copy-*/results/*/*.json")}


def workers_in(log: Path) -> list[int]:
    return list(dict.fromkeys(int(row.split()[0]) for row in log.read_text().splitlines()))


def wait_for(log: Path, rows: int) -> None:
    end = time.monotonic() + 240
    while not log.exists() or log.read_text().count("\n") < rows:
        assert time.monotonic() < end, "no songs were done"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def serial(songs: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The results of one worker that nobody disturbs."""
    folder = tmp_path_factory.mktemp("serial")
    run(Plan([str(songs)], folder, Copy(), options=EngineOptions(1, 1), lease_s=3.0))
    return results_of(folder)


@pytest.mark.parametrize("engine", ["local", "ray"])
def test_killed_workers_and_a_killed_run_leave_the_results_of_a_serial_run(
    songs: Path, serial: dict[str, bytes], tmp_path: Path, engine: str
) -> None:
    if engine == "ray":
        pytest.importorskip("ray")
    log, output = tmp_path / "log", tmp_path / "out"
    script = tmp_path / "driver.py"
    script.write_text(DRIVER, "utf-8")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}
    command = list(map(str, [sys.executable, script, songs, output, log, engine]))
    with subprocess.Popen(command, env=environment) as driver:
        wait_for(log, 200)
        os.kill(workers_in(log)[0], signal.SIGKILL)
        wait_for(log, 500)
        assert len(workers_in(log)) == 3
        driver.kill()
    num_before = len(results_of(output))
    assert 400 < num_before < 1000
    subprocess.run(command, env=environment, check=True, timeout=240)
    status = status_of(output, None, 3.0)
    assert (status.num_done, status.num_left, status.failures) == (1000, 0, ())
    assert results_of(output) == serial
    counts = Counter(row.split(maxsplit=1)[1] for row in log.read_text().splitlines())
    # The song of the killed worker, and the two of the killed run.
    assert sum(counts.values()) <= 1000 + 3
    events = [
        json.loads(row) for path in find_setup(output, None).ledger.iterdir() for row in path.read_text().splitlines()
    ]
    done = Counter(event["key"] for event in events if event["event"] == "done")
    assert len(done) == 1000
    assert sum(event["event"] == "died" for event in events) == 1


def test_two_runs_at_a_time_do_every_song_once(songs: Path, serial: dict[str, bytes], tmp_path: Path) -> None:
    log, output, script = tmp_path / "log", tmp_path / "out", tmp_path / "driver.py"
    script.write_text(DRIVER, "utf-8")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}
    command = list(map(str, [sys.executable, script, songs, output, log, "local"]))
    with subprocess.Popen(command, env=environment) as first, subprocess.Popen(command, env=environment) as second:
        assert (first.wait(120), second.wait(120)) == (0, 0)
    assert results_of(output) == serial
    assert len(log.read_text().splitlines()) == 1000
    assert len(workers_in(log)) == 4
