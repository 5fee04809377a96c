"""Entries read, converted and retimed like in the DALI package."""

from __future__ import annotations

import copy
import gzip
import json
import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import DALI
import pytest
from DALI import Annotations
from helpers.files import DATA

from lyricsrec.base.errors import DataError
from lyricsrec.formats.dali.check import LEVELS
from lyricsrec.formats.dali.entry import DaliEntry, Timing, read_data_info, read_entry, read_ground_truth
from lyricsrec.lyrics.transcript import Word

ON_THE_RUN = DATA / "dali" / "619e23d68bca969fa4d429d831cc062a.gz"
COUNTS = {"notes": 333, "words": 277, "lines": 53, "paragraphs": 8}


def counts(entry: DaliEntry) -> dict[str, int]:
    return {level: len(entry.annotations["annot"][level]) for level in LEVELS}


def words_of(entry: DaliEntry) -> list[list[Word]]:
    return [
        [replace(word, text=word.text.replace("~", "")) for word in line.words] for line in entry.annotation().lines
    ]


def theirs() -> Any:
    return DALI.get_an_entry(str(ON_THE_RUN))


def test_an_entry() -> None:
    entry = read_entry(ON_THE_RUN)
    assert counts(entry) == COUNTS
    annotation = entry.annotation()
    assert (annotation.artist, annotation.title, annotation.language) == ("Joshua Morin", "On the run", "english")
    assert annotation.ncc == 0.0
    assert len(annotation.words) == 277
    assert len(annotation.lines) == 53
    assert [word.text for word in annotation.lines[0].words] == ["so", "far", "away", "from", "home,"]
    assert annotation.words[0].start_s == pytest.approx(11.25)


def test_pickle_and_json_hold_the_same() -> None:
    assert read_entry(ON_THE_RUN.with_suffix(".json")) == read_entry(ON_THE_RUN)


def test_json_is_read_back(tmp_path: Path) -> None:
    entry = read_entry(ON_THE_RUN)
    (tmp_path / "a.json").write_text(entry.to_json())
    assert read_entry(tmp_path / "a.json") == entry
    ours = Annotations()
    ours.read_json(str(tmp_path / "a.json"))
    assert ours.info == theirs().info


def test_vertical_entries_equal_those_of_the_dali_package() -> None:
    entry, their = read_entry(ON_THE_RUN), theirs()
    vertical = entry.to_vertical()
    their.horizontal2vertical()
    assert vertical.annotations == their.annotations
    assert vertical.to_vertical() is vertical
    back = vertical.to_horizontal()
    their.vertical2horizontal()
    assert counts(back) == COUNTS
    assert back.annotations["annot"]["words"] == their.annotations["annot"]["words"]
    assert back.annotations["annot"]["lines"] == their.annotations["annot"]["lines"]
    # Held notes show in words that are put together again: "cra~zy".
    assert words_of(vertical) == words_of(entry)
    assert entry == read_entry(ON_THE_RUN), "turning an entry changed it"


def test_a_vertical_entry_is_read(tmp_path: Path) -> None:
    vertical = read_entry(ON_THE_RUN).to_vertical()
    (tmp_path / "v.json").write_text(vertical.to_json())
    assert read_entry(tmp_path / "v.json").annotation() == vertical.annotation()


def test_the_ground_truth_moves_beats() -> None:
    entry = read_entry(ON_THE_RUN)
    assert entry.timing == Timing(1190.0, 11.25)
    moved = entry.retimed(Timing(1200.0, 10.0))
    words, before = moved.annotations["annot"]["words"], entry.annotations["annot"]["words"]
    assert words[0]["time"][0] == 10.0
    # Beat 38 of 1190 a minute, where "home" begins.
    assert before[4]["time"][0] == pytest.approx(11.25 + 38 * 60 / 1190)
    assert words[4]["time"][0] == pytest.approx(10.0 + 38 * 60 / 1200)
    assert moved.timing == Timing(1200.0, 10.0)
    assert moved.info["ground-truth"] is True
    assert (moved.annotation().is_ground_truth, entry.annotation().is_ground_truth) == (True, False)
    assert entry.info["ground-truth"] is False
    vertical = entry.to_vertical().retimed(Timing(1200.0, 10.0))
    assert vertical.annotations["type"] == "vertical"
    assert words_of(vertical) == words_of(moved)
    assert entry.retimed(entry.timing).annotation().words[100].start_s == pytest.approx(before[100]["time"][0])


def test_the_ground_truth_file(tmp_path: Path) -> None:
    path = tmp_path / "gt.gz"
    path.write_bytes(gzip.compress(pickle.dumps({"a": {"fr": 360, "offset": 5.656}}, protocol=2)))
    assert read_ground_truth(path) == {"a": Timing(360.0, 5.656)}
    for wrong in (
        ["a"],
        {"a": 1},
        {"a": {"fr": 1.0}},
        {"a": {"fr": 0, "offset": 1.0}},
        {"a": {"fr": "x", "offset": 1}},
    ):
        path.write_bytes(gzip.compress(pickle.dumps(wrong, protocol=2)))
        with pytest.raises(DataError, match="not a DALI ground truth"):
            read_ground_truth(path)


def test_the_info_table(tmp_path: Path) -> None:
    path = tmp_path / "DALI_DATA_INFO.gz"
    rows = [["DALI_ID", "NAME", "YOUTUBE", "WORKING"], ["a", "A - B", "xyz", True], ["b", "C - D", "uvw", False]]
    path.write_bytes(gzip.compress(pickle.dumps(rows, protocol=2)))
    assert read_data_info(path) == {"a": "video xyz", "b": "video uvw, marked as unavailable"}
    path.write_bytes(gzip.compress(pickle.dumps([["NAME"]], protocol=2)))
    with pytest.raises(DataError, match="does not begin with DALI_ID"):
        read_data_info(path)


def broken(path: tuple[str | int, ...], value: object) -> dict[str, Any]:
    document = copy.deepcopy(json.loads(ON_THE_RUN.with_suffix(".json").read_text()))
    place = document
    for key in path[:-1]:
        place = place[key]
    if value is None:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return document


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("info", "id"), None, "no id in its info"),
        (("annotations", "annot"), [], "no annotations"),
        (("annotations", "annot_param", "fr"), None, "annot_param lacks fr or offset"),
        (("annotations", "type"), "diagonal", "type is 'diagonal'"),
        (("annotations", "annot", "lines"), None, "no list of lines"),
        (("annotations", "annot", "words", 3, "time"), [1.0], r"words\[3\] has no start and end time"),
        (("annotations", "annot", "words", 3, "time"), ["0", "1"], r"words\[3\] has no start and end time"),
        (("annotations", "annot", "words", 3, "text"), 5, r"words\[3\] has no text"),
        (("annotations", "annot", "words", 3, "index"), 99, r"words\[3\] has index 99, but the level above has 53"),
        (("annotations", "annot", "words", 0, "index"), None, r"words\[0\] has index None"),
        (("annotations", "annot", "notes", 0, "index"), 999, r"notes\[0\] has index 999"),
        (("info",), None, "not a DALI entry in JSON"),
    ],
)
def test_invalid_entries(tmp_path: Path, path: tuple[str | int, ...], value: object, message: str) -> None:
    file = tmp_path / "x.json"
    file.write_text(json.dumps(broken(path, value)))
    with pytest.raises(DataError, match=rf"x\.json: .*{message}"):
        read_entry(file)


@pytest.mark.parametrize(
    "path", [("notes",), ("paragraphs",), ("notes", 0, "index"), ("lines", 0, "index"), ("words", 0, "freq")]
)
def test_words_and_lines_are_enough(tmp_path: Path, path: tuple[str | int, ...]) -> None:
    document = broken(("annotations", "annot", *path), None)
    if path == ("paragraphs",):
        for line in document["annotations"]["annot"]["lines"]:
            del line["index"]
    (tmp_path / "x.json").write_text(json.dumps(document))
    entry = read_entry(tmp_path / "x.json")
    assert entry.annotation() == read_entry(ON_THE_RUN).annotation()
    assert entry.retimed(Timing(1190.0, 12.25)).annotation().words[0].start_s == 12.25
    if path[-1] != "freq" and path != ("notes",):
        with pytest.raises(DataError, match="an item has no index into the"):
            entry.to_vertical()


@pytest.mark.parametrize("data", [b"", b"[]", b"\xff", b"[" * 100_000])
def test_malformed_json(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x.json").write_bytes(data)
    with pytest.raises(DataError, match="not a DALI entry in JSON"):
        read_entry(tmp_path / "x.json")
