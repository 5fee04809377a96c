"""Claims: one process has a song, the songs of dead processes are taken over once, and ledgers survive kills."""

from __future__ import annotations

import errno
import itertools
import json
import os
from pathlib import Path

import pytest

from lyricsrec.base.errors import OutputError
from lyricsrec.catalogue.store.claims import Claim, Claims
from lyricsrec.catalogue.store.heartbeat import Heartbeat
from lyricsrec.catalogue.store.ledger import Ledger, LedgerWriter


def process(folder: Path, name: str) -> Heartbeat:
    return Heartbeat(folder / "processes", 30.0, name)


def test_one_of_two_processes_gets_a_song(tmp_path: Path) -> None:
    with process(tmp_path, "a") as first, process(tmp_path, "b") as second:
        claims, others = Claims(tmp_path / "claims", first), Claims(tmp_path / "claims", second)
        claim = claims.take("0123abcd")
        assert claim == Claim("0123abcd", 0)
        assert others.take("0123abcd") is None


def test_the_song_of_a_process_that_ended_is_taken_over_once(tmp_path: Path) -> None:
    with process(tmp_path, "a") as dead:
        lost = Claims(tmp_path / "claims", dead)
        claim = lost.take("0123abcd")
    assert claim is not None
    with process(tmp_path, "b") as first, process(tmp_path, "c") as second:
        assert Claims(tmp_path / "claims", first).take("0123abcd") == Claim("0123abcd", 1)
        assert Claims(tmp_path / "claims", second).take("0123abcd") is None
    assert not lost.holds(claim)


def test_claims_are_tidied_only_when_no_other_process_lives(tmp_path: Path) -> None:
    with process(tmp_path, "a") as first:
        claims = Claims(tmp_path / "claims", first)
        claims.take("0123abcd")
        with process(tmp_path, "b"):
            claims.tidy()
            assert (tmp_path / "claims").exists()
        claims.tidy()
        assert not (tmp_path / "claims").exists()


def test_ledgers_merge_in_any_order_and_without_an_incomplete_line(tmp_path: Path) -> None:
    with LedgerWriter(tmp_path, "b") as writer:
        writer.write("failed", key="1", round=0, kind="AudioError")
        writer.write("died", key="2", round=0)
    with LedgerWriter(tmp_path, "a") as writer:
        writer.write("retry", key="1", round=1)
        writer.write("done", key="3", seconds=2.5)
    with (tmp_path / "a.jsonl").open("ab") as file:
        file.write(b'{"event": "done", "key": "2"')
    ledger = Ledger(tmp_path).refresh()
    states = {key: (song.status, song.round, song.num_died) for key, song in ledger.songs.items()}
    assert states == {"1": (None, 1, 0), "2": (None, 0, 1), "3": ("done", 0, 0)}


EVENTS: dict[str, list[dict[str, object]]] = {
    "died and done": [{"event": "died", "key": "1"}, {"event": "done", "key": "1", "seconds": 2.5}],
    "failed and retried": [
        {"event": "failed", "key": "1", "kind": "AudioError", "message": "bad"},
        {"event": "retry", "key": "1", "round": 1},
    ],
    "failed twice": [
        {"event": "failed", "key": "1", "kind": "A", "message": "one"},
        {"event": "failed", "key": "1", "kind": "B", "message": "two"},
    ],
    "failed and done": [{"event": "failed", "key": "1", "kind": "A"}, {"event": "done", "key": "1"}],
    "died in two rounds": [{"event": "died", "key": "1"}, {"event": "died", "key": "1", "round": 1}],
}


@pytest.mark.parametrize("events", EVENTS.values(), ids=EVENTS.keys())
def test_the_state_of_a_song_is_the_same_in_any_order(tmp_path: Path, events: list[dict[str, object]]) -> None:
    found = []
    for number, order in enumerate(itertools.permutations(enumerate(events))):
        folder = tmp_path / str(number)
        for place, (at_s, event) in enumerate(order):
            folder.mkdir(exist_ok=True)
            (folder / f"{place}-process.jsonl").write_text(json.dumps({"at_s": at_s, **event}) + "\n", "utf-8")
        record = Ledger(folder).refresh().record("1")
        found.append((record.status, record.round, record.num_died, record.kind, record.message, record.seconds))
    assert len(set(found)) == 1


@pytest.mark.parametrize(
    "row",
    ['{"event": "done", "key": "1", "at_s": 1, "round": null}', '{"event": "done", "key": "1", "at_s": "x"}',
     '{"event": "eaten", "key": "1", "at_s": 1}', '{"event": "done", "key": 1, "at_s": 1}', "[1]", "null", "{"],
)  # fmt: skip
def test_rows_that_are_no_events_are_skipped(tmp_path: Path, row: str) -> None:
    (tmp_path / "a.jsonl").write_text(row + '\n{"event": "done", "key": "2", "at_s": 1}\n', "utf-8")
    assert {key: song.status for key, song in Ledger(tmp_path).refresh().songs.items()} == {"2": "done"}


def test_a_row_that_could_not_be_written_damages_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = Ledger(tmp_path)
    with LedgerWriter(tmp_path, "a") as writer:
        writer.write("done", key="1")
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", fail_with_a_full_disk)
            with pytest.raises(OutputError, match="No space left"):
                writer.write("done", key="2")
        reader.refresh()
        writer.write("done", key="3")
    assert reader.refresh().record("3").status == "done"
    assert Ledger(tmp_path).refresh().songs.keys() == reader.songs.keys()


def fail_with_a_full_disk(_: int) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
