"""Prepared data sets: a row for each rule, then manifests, reports, interrupted runs and errors."""

from __future__ import annotations

import json
import math
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from helpers.data_sets import make_dali, without_picture
from helpers.files import EXAMPLES

from lyricsrec.base.errors import DataError, OutputError, UsageError
from lyricsrec.dataset.chunk_audio import read_chunk
from lyricsrec.dataset.manifest import ChunkRow, read_chunks, read_songs
from lyricsrec.dataset.preparation import journal
from lyricsrec.dataset.preparation import song as prepare_song
from lyricsrec.dataset.preparation.prepare import prepare
from lyricsrec.dataset.preparation.report import DatasetReport, reason_label
from lyricsrec.dataset.preparation.settings import (
    ChunkConfig,
    DatasetConfig,
    LyricsConfig,
    SplitConfig,
    parse_languages,
)
from lyricsrec.dataset.preparation.split import SPLITS
from lyricsrec.dataset.sources.base import SourcePaths
from lyricsrec.dataset.sources.dali import DaliSource

DEFAULT = DatasetConfig()
FILES = ["report.json", "report.png", "songs.jsonl", "test.jsonl", "train.jsonl", "validation.jsonl"]


def source_of(folder: Path, songs: Sequence[dict[str, Any]]) -> DaliSource:
    annotations, audio = make_dali(folder, songs)
    return DaliSource.open(SourcePaths(annotations, audio))


def run(
    folder: Path, songs: Sequence[dict[str, Any]], config: DatasetConfig = DEFAULT, **options: Any
) -> tuple[DatasetReport, list[ChunkRow]]:
    with without_picture():
        report = prepare(source_of(folder, songs), folder / "out", config, workers=1, **options)
    chunks = [chunk for split in SPLITS for chunk in read_chunks(folder / "out" / f"{split}.jsonl")]
    return report, chunks


@pytest.mark.parametrize(
    ("song", "config", "reason"),
    [
        ({}, DEFAULT, None),
        ({"language": "german"}, DEFAULT, "other language"),
        ({"language": "None"}, DEFAULT, "other language"),
        ({"language": "german"}, replace(DEFAULT, languages=("german", "french")), None),
        ({}, replace(DEFAULT, languages=("german", "french")), "other language"),
        ({"language": "None"}, replace(DEFAULT, languages=()), None),
        ({}, replace(DEFAULT, exclude=frozenset(["a1"])), "excluded"),
        ({"ncc": 0.79}, DEFAULT, "NCC below the floor"),
        ({"ncc": 0.79}, replace(DEFAULT, split=SplitConfig(ncc=0.7)), None),
        ({"ncc": 0.79}, replace(DEFAULT, split=SplitConfig("random", ncc=0.8)), "NCC below the floor"),
        ({"ncc": 0.0}, replace(DEFAULT, split=SplitConfig("random", ncc=0.0)), None),
        ({"audio": False}, DEFAULT, "no audio"),
        ({"audio": b"RIFF, or not"}, DEFAULT, "unreadable audio"),
        ({"audio": b""}, DEFAULT, "unreadable audio"),
        ({"words": [("~", 1.0, 2.0)]}, DEFAULT, "no words left"),
        ({"words": []}, DEFAULT, "no words left"),
    ],
)
def test_each_song_is_used_or_left_out_for_a_reason(
    tmp_path: Path, song: dict[str, Any], config: DatasetConfig, reason: str | None
) -> None:
    report, chunks = run(tmp_path, [song], config)
    assert [left.reason for left in report.left_out] == ([reason] if reason else [])
    assert bool(chunks) == (reason is None)
    assert report.adds_up


@pytest.mark.parametrize(
    ("word", "kept", "reason"),
    [
        (("Don’t", 5.0, 6.0), "DON'T", None),
        (("Café", 5.0, 6.0), "CAFE", None),
        (("21", 5.0, 6.0), "TWENTY ONE", None),
        (("~", 5.0, 6.0), None, "no letters"),
        (("...", 5.0, 6.0), None, "no letters"),
        (("la", -1.0, 6.0), None, "negative time"),
        (("la", 6.0, 5.0), None, "reversed time"),
        (("la", 11.5, 12.5), None, "outside the audio"),
        (("la", 400.0, 401.0), None, "outside the audio"),
    ],
)
def test_each_word_is_kept_or_dropped_for_a_reason(
    tmp_path: Path, word: tuple[str, float, float], kept: str | None, reason: str | None
) -> None:
    report, chunks = run(tmp_path, [{"words": [("one", 4.0, 4.5), word]}])
    assert " ".join(chunk.text for chunk in chunks) == ("ONE " + kept if kept else "ONE")
    assert report.dropped_by_reason == ({reason: 1} if reason else {})
    assert (report.num_words, report.num_kept, report.adds_up) == (2, 2 if kept else 1, True)


def test_an_invalid_time(tmp_path: Path) -> None:
    report, _ = run(tmp_path, [{"words": [("one", 4.0, 4.5), ("two", math.nan, 5.0)]}])
    assert report.dropped_by_reason == {"time is no number": 1}
    (song,) = read_songs(tmp_path / "out" / "songs.jsonl")
    assert song.lines[0].words[0].start_s == 4.0
    assert song.lines[1].words[0].start_s is None


@pytest.mark.parametrize(
    ("lyrics", "text"),
    [
        (LyricsConfig(), "SUSSE CAFE"),
        (LyricsConfig(None), "SÜSSE CAFE"),
        (LyricsConfig("ABCDEFÉ"), "E CAFÉ"),
        (LyricsConfig(case="lower"), "susse cafe"),
    ],
)
def test_alphabet_and_case(tmp_path: Path, lyrics: LyricsConfig, text: str) -> None:
    song = {"language": "german", "words": [("Süße", 1.0, 2.0), ("Café", 2.0, 3.0)]}
    _, (chunk,) = run(tmp_path, [song], replace(DEFAULT, languages=(), lyrics=lyrics))
    assert chunk.text == text


@pytest.mark.parametrize(
    ("chunk", "spans", "dropped"),
    [
        (ChunkConfig(), [(0.8, 2.7), (7.8, 9.7)], {}),
        (ChunkConfig(max_gap_s=9.0), [(0.8, 9.7)], {}),
        (ChunkConfig(pad_s=0.0), [(1.0, 2.5), (8.0, 9.5)], {}),
        (ChunkConfig(chunk_s=1.0), [(0.8, 1.7), (1.8, 2.7), (7.8, 8.7), (8.8, 9.7)], {}),
        (ChunkConfig("fixed", 5.0), [(0.0, 5.0), (5.0, 10.0)], {}),
        (ChunkConfig("fixed", 9.25), [(0.0, 9.25)], {"cut by a window": 1}),
    ],
)
def test_chunks(tmp_path: Path, chunk: ChunkConfig, spans: list[tuple[float, float]], dropped: dict[str, int]) -> None:
    report, chunks = run(tmp_path, [{}], replace(DEFAULT, chunk=chunk))
    assert [(row.start_s, row.end_s) for row in chunks] == spans
    assert report.dropped_by_reason == dropped
    assert report.adds_up


def test_manifests(tmp_path: Path) -> None:
    report, chunks = run(tmp_path, [{"ncc": 0.85}, {"ncc": 0.93}, {"ncc": 0.96}])
    assert {split: totals.num_songs for split, totals in report.splits.items()} == dict.fromkeys(SPLITS, 1)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == FILES
    first = chunks[0]
    assert (first.chunk_id, first.song_id, first.text) == ("a1-0000", "a1", "ONE TWO")
    assert first.audio == "../audio/a1.wav"
    assert [(word.text, word.start_s, word.end_s) for word in first.words] == [("ONE", 1.0, 1.5), ("TWO", 2.0, 2.5)]
    songs = list(read_songs(tmp_path / "out" / "songs.jsonl"))
    assert [(song.song_id, song.split, song.ncc) for song in songs] == [
        ("a1", "train", 0.85),
        ("a2", "validation", 0.93),
        ("a3", "test", 0.96),
    ]
    assert [line.text for line in songs[0].lines] == ["one two", "three four"]
    assert songs[0].duration_s == 12.0
    assert read_chunk(first, tmp_path / "out").duration_s == pytest.approx(1.9)


def test_the_report_shows_that_the_sums_add_up(tmp_path: Path) -> None:
    songs = [{}, {"language": "german"}, {"audio": False}, {"words": [("~", 1.0, 2.0), ("la", 3.0, 4.0)]}]
    run(tmp_path, songs)
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert report["words"] == {
        "annotated": 14,
        "kept": 5,
        "dropped": {"no letters": 1, "other language": 4, "no audio": 4},
        "kept_plus_dropped": 14,
        "adds_up": True,
    }
    assert report["songs"] == {
        "annotated": 4,
        "used": 2,
        "ground_truth": 0,
        "left_out": {"other language": 1, "no audio": 1},
    }
    assert [(left["song_id"], left["reason"], left["detail"]) for left in report["left_out"]] == [
        ("a2", "other language", "german"),
        ("a3", "no audio", None),
    ]
    assert report["settings"]["split"] == {
        "mode": "ncc",
        "ncc": 0.8,
        "validation_ncc": 0.925,
        "test_ncc": 0.94,
        "ratios": [0.8, 0.1, 0.1],
        "seed": 0,
        "separate_artists": False,
    }


def test_versions_of_a_song_are_in_the_same_split(tmp_path: Path) -> None:
    songs = [
        {"id": "x", "artist": "A", "title": "T", "ncc": 0.96},
        {"id": "y", "artist": "a", "title": "T (live)", "ncc": 0.85},
    ]
    report, _ = run(tmp_path, songs)
    assert report.splits["train"].num_songs == 2
    assert report.duplicates == [["x", "y"]]


def test_an_id_that_occurs_twice_is_used_once(tmp_path: Path) -> None:
    source = source_of(tmp_path, [{"ncc": 0.96}])
    shutil.copy(source.folder / "a1.gz", source.folder / "other.gz")
    report = prepare(source, tmp_path / "out", DEFAULT, workers=1)
    assert [left.reason for left in report.left_out] == ["id of another song"]
    assert (report.num_songs, report.num_words, report.num_kept, report.adds_up) == (2, 8, 4, True)


@pytest.mark.parametrize("name", ["../out", "", "a/b", ".hidden", "x" * 200])
def test_an_id_that_cannot_be_a_file_name_is_left_out(tmp_path: Path, name: str) -> None:
    source = source_of(tmp_path, [{}, {}])
    entry = json.loads((source.folder / "a2.json").read_text())
    entry["info"]["id"] = name
    (source.folder / "a2.json").write_text(json.dumps(entry))
    report = prepare(source, tmp_path / "out", replace(DEFAULT, extract=True), workers=1)
    assert [left.reason for left in report.left_out] == ["unreadable annotation"]
    assert "cannot be a file name" in str(report.left_out[0].detail)


def test_a_damaged_entry_is_left_out(tmp_path: Path) -> None:
    source = source_of(tmp_path, [{}])
    (source.folder / "b.gz").write_bytes(b"no gzip")
    report = prepare(source, tmp_path / "out", DEFAULT, workers=1)
    assert [(left.song_id, left.reason) for left in report.left_out] == [("b", "unreadable annotation")]
    assert report.splits["train"].num_songs == 1


def test_an_entry_with_an_unforeseen_error_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = source_of(tmp_path, [{}])
    monkeypatch.setattr(DaliSource, "read", lambda *_: 1 / 0)
    report = prepare(source, tmp_path / "out", DEFAULT, workers=1)
    assert "a1.gz: ZeroDivisionError: division by zero" in str(report.left_out[0].detail)


@pytest.mark.parametrize("ncc", [math.nan, math.inf])
def test_an_invalid_ncc_counts_as_not_measured(tmp_path: Path, ncc: float) -> None:
    report, _ = run(tmp_path, [{"ncc": ncc}])
    assert [(left.reason, left.detail) for left in report.left_out] == [("NCC below the floor", "not measured")]


def test_extracted_chunks_equal_their_part_of_the_song(tmp_path: Path) -> None:
    words = [("one", 1.0, 1.5), ("~", 1.6, 1.9), ("two", 2.0, 2.5), ("three", 8.0, 8.5)]
    config = replace(DEFAULT, extract=True)
    _, extracted = run(tmp_path / "a", [{"words": words}], config)
    _, pointing = run(tmp_path / "b", [{"words": words}])
    assert [chunk.audio for chunk in extracted] == ["audio/a1/a1-0000.flac", "audio/a1/a1-0001.flac"]
    for chunk, other in zip(extracted, pointing, strict=True):
        assert (chunk.offset_s, chunk.start_s) == (other.start_s, 0.0)
        assert (chunk.text, chunk.duration_s) == (other.text, pytest.approx(other.duration_s))
        assert chunk.words[0].start_s == pytest.approx(other.words[0].start_s - other.start_s)
        info = soundfile.info(tmp_path / "a" / "out" / chunk.audio)
        assert (info.samplerate, info.channels) == (44_100, 2)
        ours, theirs = read_chunk(chunk, tmp_path / "a" / "out"), read_chunk(other, tmp_path / "b" / "out")
        assert ours.start_s == theirs.start_s
        assert np.abs(ours.samples - theirs.samples).max() < 1e-4
    first = read_chunk(extracted[0], tmp_path / "a" / "out")
    assert np.abs(first.cut(1.61, 1.89).samples).max() == 0.0
    assert np.abs(first.cut(1.1, 1.5).samples).max() > 0.05


def test_a_song_damaged_in_the_middle_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepare_song, "probe", lambda _: 60.0)
    song = {"words": [("one", 1.0, 2.0), ("far", 30.0, 31.0)]}
    report, _ = run(tmp_path, [song, {}], replace(DEFAULT, extract=True))
    assert [(left.song_id, left.reason) for left in report.left_out] == [("a1", "unreadable audio")]
    assert "before 30" in str(report.left_out[0].detail) or "before 31" in str(report.left_out[0].detail)


MANY = [{"ncc": 0.8 + n / 100, "audio": n % 3 > 0} for n in range(20)]


def test_the_same_input_gives_the_same_bytes_with_any_number_of_workers(tmp_path: Path) -> None:
    source = source_of(tmp_path, MANY)
    for name, workers in (("one", 1), ("two", 2), ("again", 2)):
        prepare(source, tmp_path / name, DEFAULT, workers=workers)
    for name in FILES:
        one, two, again = ((tmp_path / folder / name).read_bytes() for folder in ("one", "two", "again"))
        assert one == two == again


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    source = source_of(tmp_path, [{}])
    report = prepare(source, tmp_path / "out", replace(DEFAULT, extract=True), workers=1, dry_run=True)
    assert report.num_kept == 4
    assert sorted(path.name for path in tmp_path.iterdir()) == ["annotations", "audio"]


def test_a_failed_run_keeps_earlier_manifests_and_is_continued(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = source_of(tmp_path, [{} for _ in range(6)])
    prepare(source, tmp_path / "out", DEFAULT, workers=1)
    before = {name: (tmp_path / "out" / name).read_bytes() for name in FILES}
    prepared: list[str] = []

    def fail_at_the_fifth(source: DaliSource, file: Path, *rest: Any, **more: Any) -> Any:
        prepared.append(file.stem)
        if len(prepared) == 5:
            raise OutputError("the disk is full")
        return prepare_song.prepare_song(source, file, *rest, **more)

    monkeypatch.setattr("lyricsrec.dataset.preparation.prepare.prepare_song", fail_at_the_fifth)
    config = replace(DEFAULT, chunk=ChunkConfig(chunk_s=1.0))
    with pytest.raises(OutputError, match="full"):
        prepare(source, tmp_path / "out", config, workers=1)
    assert {name: (tmp_path / "out" / name).read_bytes() for name in FILES} == before
    # The last line of a killed run may be cut off.
    kept = tmp_path / "out" / journal.NAME
    kept.write_bytes(kept.read_bytes()[:-20])
    prepared.append("resumed")
    report = prepare(source, tmp_path / "out", config, workers=1)
    assert prepared[6:] == ["a4", "a5", "a6"]
    assert report.splits["train"].num_chunks == 24
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == FILES


def test_finished_songs_are_prepared_again_after_any_change(tmp_path: Path) -> None:
    source = source_of(tmp_path, [{}, {}, {"audio": False}])
    with journal.journal_in(tmp_path, "settings") as entries:
        for file in source.files():
            song = prepare_song.prepare_song(source, file, DEFAULT, output=tmp_path / "out")
            entries.add(file, journal.encode(file, song))
        shutil.copy(tmp_path / journal.NAME, tmp_path / "copy")
    files = source.files()
    os.utime(tmp_path / "audio" / "a2.wav", (1, 1))

    def finished(settings: str) -> list[bool]:
        shutil.copy(tmp_path / "copy", tmp_path / journal.NAME)
        with journal.journal_in(tmp_path, settings) as entries:
            return [entries.finished(file) for file in files]

    assert finished("settings") == [True, False, False]
    assert finished("others") == [False, False, False]
    os.utime(files[0], (1, 1))
    assert finished("settings") == [False, False, False]


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "killpg"), reason="needs process groups")
def test_a_killed_run_can_be_continued_and_leaves_no_worker_behind(tmp_path: Path) -> None:
    annotations, audio = make_dali(tmp_path, [{} for _ in range(120)])
    out = tmp_path / "out"
    command = [sys.executable, "-m", "lyricsrec", "dali-prepare", "--annotations", annotations, "--audio", audio]
    command += ["--output", out, "--extract", "--workers", "2", "-v"]
    environment = {**os.environ, "PYTHONPATH": str(EXAMPLES.parent)}
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, start_new_session=True)
    deadline = time.monotonic() + 60
    while len(list((out / "audio").glob("*"))) < 5 and time.monotonic() < deadline:
        time.sleep(0.01)
    process.kill()
    process.wait()
    assert not (out / "songs.jsonl").exists()
    while time.monotonic() < deadline:
        try:
            os.killpg(process.pid, 0)
        except ProcessLookupError:
            break
        time.sleep(0.05)
    else:
        os.killpg(process.pid, signal.SIGKILL)
        pytest.fail("workers are still running after their parent was killed")
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "songs are already prepared" in done.stderr
    assert len(list(read_songs(out / "songs.jsonl"))) == 120
    assert not list(out.rglob(".*"))


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (
            replace(DEFAULT, chunk=ChunkConfig("sliding")),
            "chunk.mode must be 'words' or 'fixed', not 'sliding'",
        ),
        (
            replace(DEFAULT, chunk=ChunkConfig(chunk_s=0.1)),
            "chunk.chunk_s must be greater than or equal to 1, not 0.1",
        ),
        (
            replace(DEFAULT, chunk=ChunkConfig(chunk_s=math.nan)),
            "chunk.chunk_s must be a finite number, not nan",
        ),
        (replace(DEFAULT, split=SplitConfig("chunks")), "split.mode must be 'ncc' or 'random', not 'chunks'"),
        (replace(DEFAULT, split=SplitConfig("random", ratios=(-1, 1, 1))), "split.ratios.0 must be"),
        (
            replace(DEFAULT, lyrics=LyricsConfig(case="title")),
            "lyrics.case must be 'upper' or 'lower', not 'title'",
        ),
    ],
)
def test_invalid_settings(tmp_path: Path, config: DatasetConfig, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        prepare(DaliSource(tmp_path, None, {}, data_info={}), tmp_path / "out", config)


def test_split_settings_that_do_not_fit_together() -> None:
    with pytest.raises(ValueError, match=r"NCC borders .* out of order \(0.95, 0.925, 0.94\)"):
        SplitConfig(ncc=0.95)
    with pytest.raises(ValueError, match="ratios of train, validation and test are all 0"):
        SplitConfig("random", ratios=(0, 0, 0))


def test_an_empty_source_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no annotated songs were found"):
        prepare(DaliSource(tmp_path, None, {}, data_info={}), tmp_path / "out", DEFAULT)
    assert not (tmp_path / "out").exists()


def test_reasons_are_shown_in_plain_words() -> None:
    assert reason_label("time is no number") == "missing or invalid time"
    assert reason_label("no audio") == "no audio"


def test_languages_are_names_or_codes() -> None:
    assert parse_languages(["en", "German", "english"]) == ("english", "german")
    assert parse_languages(["english", "ALL"]) == ()
