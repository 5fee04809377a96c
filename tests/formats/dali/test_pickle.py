"""Pickles of DALI: no code in them runs, and errors name the forbidden global."""

from __future__ import annotations

import gzip
import os
import pickle
from pathlib import Path

import DALI
import numpy as np
import pytest

from lyricsrec.base.errors import DataError
from lyricsrec.formats.dali.pickle import dump_entry, load_entry, load_plain, load_table

INFO = {"id": "a", "artist": "Ä", "title": "T"}
ANNOTATIONS = {"type": "horizontal", "annot": {}, "annot_param": {"fr": 1.0, "offset": 0.0}}


class Attack:
    """Pickled, it is a call that writes a file."""

    def __init__(self, function: object, *arguments: object) -> None:
        self.call = (function, arguments)

    def __reduce__(self) -> tuple[object, object]:
        return self.call


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(gzip.compress(data))
    return path


@pytest.mark.parametrize("load", [load_entry, load_plain, load_table])
@pytest.mark.parametrize("protocol", [0, 1, 2, 4])
def test_a_malicious_file_is_refused_and_not_run(tmp_path: Path, load: object, protocol: int) -> None:
    mark = tmp_path / "it_ran"
    path = write(tmp_path / "x.gz", pickle.dumps({"a": Attack(os.mkdir, str(mark))}, protocol))
    with pytest.raises(DataError, match=r"x\.gz: it asks for '(posix|nt)\.mkdir'"):
        load(path)
    assert not mark.exists()


@pytest.mark.parametrize("name", ["builtins eval", "os system", "DALI.Annotations ut", "lyricsrec.models.hub fetch"])
def test_only_the_annotation_class_is_allowed(tmp_path: Path, name: str) -> None:
    module, attribute = name.split()
    path = write(tmp_path / "x.gz", f"c{module}\n{attribute}\n(S'1'\ntR.".encode())
    with pytest.raises(DataError, match=f"it asks for '{module}.{attribute}'"):
        load_entry(path)


def test_the_ground_truth_must_not_contain_an_annotation(tmp_path: Path) -> None:
    path = tmp_path / "x.gz"
    path.write_bytes(dump_entry(INFO, ANNOTATIONS))
    with pytest.raises(DataError, match=r"it asks for 'DALI\.Annotations\.Annotations'"):
        load_plain(path)


def test_the_dali_package_reads_written_files(tmp_path: Path) -> None:
    path = tmp_path / "a.gz"
    path.write_bytes(dump_entry(INFO, ANNOTATIONS))
    entry = DALI.get_an_entry(str(path))
    assert type(entry) is DALI.Annotations
    assert (entry.info, entry.annotations, entry.errors) == (INFO, ANNOTATIONS, None)
    assert dump_entry(INFO, ANNOTATIONS) == path.read_bytes()


def test_files_of_the_dali_package_are_read(tmp_path: Path) -> None:
    entry = DALI.Annotations("b")
    DALI.utilities.write_in_gzip(str(tmp_path), "b", entry)
    assert load_entry(tmp_path / "b.gz").info == entry.info


def test_strings_of_python_2_are_latin_1(tmp_path: Path) -> None:
    path = write(tmp_path / "x.gz", b"\x80\x02}U\x01aU\x04caf\xe9s.")
    assert load_plain(path) == {"a": "café"}


@pytest.mark.parametrize(
    "table",
    [
        [["DALI_ID", "NAME", "YOUTUBE", "WORKING"], ["a", "A - B", "xyz", True]],
        np.array([["DALI_ID", "NAME", "YOUTUBE", "WORKING"], ["a", "A - B", "xyz", "True"]], dtype=object),
        np.array([["DALI_ID", "NAME", "YOUTUBE", "WORKING"], ["a", "A - B", "xyz", "True"]]),
    ],
    ids=["list", "objects", "strings"],
)
def test_the_table_may_be_a_list_or_an_array(tmp_path: Path, table: object) -> None:
    rows = load_table(write(tmp_path / "i.gz", pickle.dumps(table, protocol=2)))
    assert rows[1][:3] == ["a", "A - B", "xyz"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "not a readable pickle|cannot be read as gzip"),
        (gzip.compress(b"", mtime=0), "not a readable pickle"),
        (gzip.compress(b"hello", mtime=0), "not a readable pickle"),
        (gzip.compress(pickle.dumps([1]), mtime=0)[:-9], "cannot be read as gzip"),
        (b"no gzip", "cannot be read as gzip"),
        (gzip.compress(pickle.dumps([1]), mtime=0), "not a DALI entry, but a list"),
    ],
)
def test_damaged_files(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "x.gz"
    path.write_bytes(data)
    with pytest.raises(DataError, match=message):
        load_entry(path)
    with pytest.raises(DataError, match="cannot be read"):
        load_entry(tmp_path / "missing.gz")


def test_a_zip_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lyricsrec.formats.dali.pickle.MAX_BYTES", 1 << 20)
    with pytest.raises(DataError, match="larger than 1 MB unpacked"):
        load_entry(write(tmp_path / "x.gz", b"\0" * (2 << 20)))
