"""Runs: every song once, again only what is missing or has changed, and songs that fail or kill their workers."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from helpers.catalogue_task import Copy, InProcess

from lyricsrec.base.errors import UsageError
from lyricsrec.base.progress import Silent
from lyricsrec.catalogue.engines.registry import ENGINES
from lyricsrec.catalogue.run import Plan, Summary, run
from lyricsrec.catalogue.songs import Shard
from lyricsrec.catalogue.status import Failure, retry, status_of
from lyricsrec.catalogue.store.claims import Claims
from lyricsrec.catalogue.store.folder import find_setup, processes_in
from lyricsrec.catalogue.store.heartbeat import Heartbeat
from lyricsrec.catalogue.tables import export
from lyricsrec.catalogue.work import Outcome
from lyricsrec.cli.catalogue.status import status as show_status


@pytest.fixture(autouse=True)
def _in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ENGINES, "here", lambda task, options, progress: InProcess(task))  # type: ignore[arg-type]


def songs_in(folder: Path, **contents: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name, content in contents.items():
        (folder / f"{name}.wav").write_text(content, "utf-8")
    return folder


def run_in(folder: Path, task: Copy | None = None, shard: Shard | None = None, source: str = "songs") -> Summary:
    plan = Plan([str(folder / source)], folder / "out", task or Copy(), shard=shard, engine="here", lease_s=2.0)
    return run(plan)


def texts_of(summary: Summary) -> list[str]:
    return sorted(json.loads(path.read_text("utf-8"))["text"] for path in summary.setup.results.glob("*/*.json"))


def test_equal_songs_are_done_once_and_a_second_run_does_only_what_is_new_or_has_changed(tmp_path: Path) -> None:
    log = tmp_path / "log"
    songs_in(tmp_path / "songs", a="A", b="B", copy="A")
    first = run_in(tmp_path, Copy(log=log))
    assert (first.num_songs, first.num_done, first.is_complete) == (2, 2, True)
    assert texts_of(first) == ["A", "B"]
    songs_in(tmp_path / "songs", b="B2", c="C")
    second = run_in(tmp_path, Copy(log=log))
    assert (second.num_done, second.num_done_before) == (2, 1)
    assert [row.split()[1] for row in log.read_text().splitlines()] == ["A", "B", "B2", "C"]
    assert run_in(tmp_path, Copy(log=log)).num_done == 0


def test_other_settings_have_results_of_their_own(tmp_path: Path) -> None:
    songs_in(tmp_path / "songs", a="A")
    assert run_in(tmp_path, Copy(version=1)).num_done == 1
    assert run_in(tmp_path, Copy(version=2)).num_done == 1
    assert run_in(tmp_path, Copy(version=1)).num_done == 0


def test_a_song_that_fails_is_named_and_tried_again_only_after_retry(tmp_path: Path) -> None:
    songs = songs_in(tmp_path / "songs", a="A", b="fail")
    summary = run_in(tmp_path)
    assert [(Path(path).name, outcome.kind) for path, outcome in summary.failed] == [("b.wav", "AudioError")]
    assert not summary.is_complete
    again = run_in(tmp_path)
    assert (again.num_done, again.num_failed_before, again.failed) == (0, 1, [])
    failure = Failure(str(songs / "b.wav"), "AudioError", f"{songs / 'b.wav'}: fails")
    status = status_of(tmp_path / "out", None, 2.0)
    assert (status.num_done, status.num_left, status.failures) == (1, 0, (failure,))
    assert retry(tmp_path / "out", None, "Poison") == 0
    assert retry(tmp_path / "out", None) == 1
    assert status_of(tmp_path / "out", None, 2.0).num_left == 1
    assert len(run_in(tmp_path).failed) == 1


def test_a_song_that_kills_its_workers_is_given_back_twice_and_then_named(tmp_path: Path) -> None:
    songs_in(tmp_path / "songs", a="A", b="die", c="C")
    summary = run_in(tmp_path)
    (path, outcome), = summary.failed  # fmt: skip
    assert (Path(path).name, outcome.kind, summary.num_done) == ("b.wav", "Poison", 2)
    assert "3 workers died with it" in outcome.message
    ledger = "".join(path.read_text() for path in summary.setup.ledger.iterdir())
    assert ledger.count('"died"') == 3
    assert run_in(tmp_path).num_failed_before == 1


def test_shards_are_disjoint_complete_and_independent_of_names(tmp_path: Path) -> None:
    songs_in(tmp_path / "songs", **{f"s{number}": f"text {number}" for number in range(20)})
    parts = [run_in(tmp_path, shard=Shard(number, 3)) for number in (1, 2, 3)]
    assert sum(part.num_done for part in parts) == 20
    assert all(part.num_done > 0 for part in parts)
    assert run_in(tmp_path).num_done == 0


def test_a_result_that_the_ledger_of_a_killed_run_lacks_is_not_made_again(tmp_path: Path) -> None:
    log = tmp_path / "log"
    songs_in(tmp_path / "songs", a="A")
    first = run_in(tmp_path, Copy(log=log))
    for path in first.setup.ledger.iterdir():
        path.unlink()
    assert run_in(tmp_path, Copy(log=log)).num_done_before == 1
    assert len(log.read_text().splitlines()) == 1
    assert status_of(tmp_path / "out", None, 2.0).num_done == 1


def test_a_song_of_another_process_is_left_to_it_and_taken_over_when_it_is_dead(tmp_path: Path) -> None:
    songs_in(tmp_path / "songs", a="A", b="B")
    done = run_in(tmp_path)
    keys = sorted(path.stem for path in done.setup.results.glob("*/*.json"))
    for path in done.setup.results.glob("*/*.json"):
        path.unlink()
    for path in done.setup.ledger.iterdir():
        path.unlink()
    dead = Heartbeat(processes_in(tmp_path / "out"), 2.0, "dead")
    with dead:
        Claims(done.setup.claims, dead).take(keys[0])
    # The file of a process that was killed stays, and is not touched any more.
    (processes_in(tmp_path / "out") / "dead").write_text("{}")
    os.utime(processes_in(tmp_path / "out") / "dead", (1, 1))
    assert run_in(tmp_path).num_done == 2


def test_a_file_that_changes_after_it_was_indexed_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    songs = songs_in(tmp_path / "songs", a="A")

    class Changing(InProcess):
        def __enter__(self) -> InProcess:
            (songs / "a.wav").write_text("another", "utf-8")
            return super().__enter__()

    monkeypatch.setitem(ENGINES, "here", lambda task, options, progress: Changing(task))  # type: ignore[arg-type]
    ((_, outcome),) = run_in(tmp_path).failed
    assert "has changed since the run began" in outcome.message


def test_lyrics_come_from_lists_and_from_files_beside_songs(tmp_path: Path) -> None:
    songs_in(tmp_path / "songs", a="A", b="B")
    (tmp_path / "songs" / "b.txt").write_text("la la", "utf-8")
    rows = [{"path": "songs/a.wav", "lyrics": "given"}, {"path": "songs/b.wav"}, {"path": "songs/missing.wav"}]
    (tmp_path / "list.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    summary = run_in(tmp_path, Copy(needs_lyrics=True), source="list.jsonl")
    found = [json.loads(path.read_text("utf-8")) for path in summary.setup.results.glob("*/*.json")]
    assert {row["text"]: row["lyrics"] for row in found} == {"A": "given", "B": str(tmp_path / "songs" / "b.txt")}
    assert [(Path(path).name, problem) for path, problem in summary.unreadable] == [("missing.wav", "no such file")]


def test_text_files_that_fit_a_glob_are_not_lists(tmp_path: Path) -> None:
    songs_in(tmp_path / "songs", a="A")
    (tmp_path / "songs" / "a.txt").write_text("la la\nla la", "utf-8")
    assert run_in(tmp_path, source="songs/*").num_songs == 1


def test_no_songs_are_an_error(tmp_path: Path) -> None:
    songs_in(tmp_path / "songs")
    with pytest.raises(UsageError, match="no songs"):
        run_in(tmp_path)


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_export_has_a_row_for_each_song(tmp_path: Path, form: str) -> None:
    songs_in(tmp_path / "songs", a="A", b="fail")
    summary = run_in(tmp_path)
    paths = export(summary.setup, tmp_path / "tables", form)
    assert [path.name for path in paths] == [f"songs.{form}", f"lines.{form}", f"words.{form}"]
    if form == "jsonl":
        rows = [json.loads(row) for row in paths[0].read_text("utf-8").splitlines()]
        assert {Path(row["path"]).name: row["status"] for row in rows} == {"a.wav": "done", "b.wav": "failed"}
    if form == "parquet":
        parquet = pytest.importorskip("pyarrow.parquet")
        rows = parquet.read_table(paths[0]).to_pylist()
        assert sorted((Path(row["path"]).name, row["error"]) for row in rows) == [
            ("a.wav", None),
            ("b.wav", "AudioError"),
        ]


def test_setups_are_found_by_the_beginning_of_their_names(tmp_path: Path) -> None:
    songs_in(tmp_path / "songs", a="A")
    name = run_in(tmp_path).setup.name
    assert find_setup(tmp_path / "out", name[:8]).name == name
    with pytest.raises(UsageError, match="fits no setups"):
        find_setup(tmp_path / "out", "align")


class TwoMachines(InProcess):
    """Its workers are on two machines by turns."""

    def wait(self, timeout_s: float) -> Sequence[Outcome]:
        self.turn = not getattr(self, "turn", False)
        return [replace(found, machine=f"node-{2 - self.turn}") for found in super().wait(timeout_s)]


class Bars(Silent):
    """Remembers where each bar is."""

    def __init__(self) -> None:
        self.at: dict[str, tuple[float, float | None]] = {}

    def update(self, stage: str, done: float, total: float | None) -> None:
        self.at[stage] = (done, total)


def test_what_each_machine_has_done_is_shown_where_there_are_several(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    songs_in(tmp_path / "songs", a="A", b="B", c="C")
    plan = Plan([str(tmp_path / "songs")], tmp_path / "out", Copy(), engine="here", lease_s=2.0)
    one = Bars()
    run(plan, one)
    assert one.at == {"indexing": (3, 3), "songs": (3, 3)}
    monkeypatch.setitem(ENGINES, "here", lambda task, options, progress: TwoMachines(task))  # type: ignore[arg-type]
    two = Bars()
    run(replace(plan, folder=tmp_path / "out2"), two)
    assert two.at == {"indexing": (3, 3), "songs": (3, 3), "  by node-1": (2, 3), "  by node-2": (1, 3)}


def test_a_status_is_watched_until_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("lyricsrec.cli.catalogue.status._WATCH_S", 0.05)
    songs_in(tmp_path / "songs", a="A", b="B", c="C")
    run_in(tmp_path, shard=Shard(1, 3))
    rest = threading.Timer(0.3, lambda: run_in(tmp_path))
    start = time.monotonic()
    rest.start()
    show_status(tmp_path / "out", watch=True)
    assert time.monotonic() - start >= 0.3
    rest.join()
    assert ["done", "3"] in [row.strip("│ ").split() for row in capfd.readouterr().out.replace("│", " ").splitlines()]
    with pytest.raises(UsageError, match="--watch is for people"):
        show_status(tmp_path / "out", watch=True, json_=True)
