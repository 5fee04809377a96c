"""Pickles of DALI: no code in them runs, and errors name the forbidden global."""

from __future__ import annotations

import gzip
import os
import pickle
import tracemalloc
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


def evil(*, opcodes: bytes) -> bytes:
    return b"\x80\x02" + opcodes + b"."


def shared_lists(levels: int) -> bytes:
    """A list of two references to a list of two references ... to an empty list."""
    return b"]" + b"".join(b"q%c0](h%ch%ce" % (i, i, i) for i in range(levels))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (shared_lists(40), "more than 10,000,000 values"),
        (b"]" * 60 + b"a" * 59, "nested more than 50 deep"),
        (b"]q\x00h\x00a", "nested more than 50 deep"),
        (b"})\x85q\x00h\x00\x86q\x01K\x01s", "a tuple as key"),
        (b"]r\xff\xff\xff\x7f", None),
        (b"\x8b\x00\x00\x10\x00" + b"\x7f" * (1 << 20), "an integer of more than 64 bits"),
        (b"I" + b"9" * 5000 + b"\n", "not a readable pickle"),
        (b"X\xff\xff\xff\x7fa", "not a readable pickle"),
        (b"K\x01K\x02a", "not a list"),
        (b"]K\x01K\x02s", "not a dictionary"),
        (b"K\x01)R", "not a function"),
        (b"Pabc\n", "it uses PERSID"),
        (b"\x82\x01", "it uses EXT1"),
        (b"h\x07", "value 7 is missing"),
        (b"t", "a mark is missing"),
        (b"0", "a value is missing"),
    ],
)
def test_hostile_pickles_are_refused_at_once(tmp_path: Path, data: bytes, message: str | None) -> None:
    path = write(tmp_path / "x.gz", evil(opcodes=data))
    tracemalloc.start()
    try:
        if message is None:
            assert load_plain(path) == []
        else:
            with pytest.raises(DataError, match=message):
                load_plain(path)
        assert tracemalloc.get_traced_memory()[1] < 100 << 20
    finally:
        tracemalloc.stop()


def test_too_many_opcodes_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lyricsrec.formats.dali.pickled_data.MAX_OPCODES", 1000)
    with pytest.raises(DataError, match="more than 1,000 values"):
        load_plain(write(tmp_path / "x.gz", evil(opcodes=b"(" + b"N" * 1000 + b"l")))


def test_what_takes_too_long_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lyricsrec.formats.dali.pickled_data.MAX_SECONDS", -1)
    with pytest.raises(DataError, match="takes more than"):
        load_plain(write(tmp_path / "x.gz", evil(opcodes=b"(" + b"N" * 3000 + b"l")))


@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4, 5])
def test_plain_containers_of_every_protocol_are_read(tmp_path: Path, protocol: int) -> None:
    shared = ["a", "é", "日本"]
    value = {
        "a": [1, -2, 2**40, 1.5, None, True],
        "b": ((), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4)),
        "c": [shared, shared],
    }
    if protocol >= 3:
        value["d"] = b"bytes"
    assert load_plain(write(tmp_path / "x.gz", pickle.dumps(value, protocol))) == value


@pytest.mark.parametrize("protocol", [2, 4])
@pytest.mark.parametrize(
    "table",
    [
        np.array([["a", "b"], ["c", "日"]]),
        np.array([[b"a", b"b"], [b"c", b"d"]]),
        np.array([[1, 2], [3, -4]]),
        np.array([[1.5, 2.5]], dtype=">f4"),
        np.asfortranarray(np.array([["a", "b"], ["c", "d"]], dtype=object)),
        [[np.float64(1.5), np.int32(3)]],
        np.array([[True, False]]),
    ],
)
def test_arrays_become_the_lists_that_numpy_makes_of_them(tmp_path: Path, table: object, protocol: int) -> None:
    rows = load_table(write(tmp_path / "i.gz", pickle.dumps(table, protocol)))
    assert rows == (table.tolist() if isinstance(table, np.ndarray) else table)


def numpy_array(*, kind: bytes, state: bytes, data: bytes, shape: bytes = b"K\x01\x85") -> bytes:
    head = b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R(K\x01" + shape
    return evil(
        opcodes=head + b"cnumpy\ndtype\nU" + bytes([len(kind)]) + kind + b"K\x00K\x01\x87R" + state + data + b"tb"
    )


@pytest.mark.parametrize(
    "data",
    [
        numpy_array(
            kind=b"V8",
            state=b"(K\x03U\x01|NU\x01a\x85}U\x01acnumpy\ndtype\nU\x02O8K\x00K\x01\x87RK\x00\x86sK\x08K\x01K\x00tb",
            data=b"\x89U\x08AAAAAAAA",
        ),
        numpy_array(kind=b"V8", state=b"(K\x03U\x01|NNNK\x08K\x01K\x00tb", data=b"\x89U\x08AAAAAAAA"),
        numpy_array(kind=b"O8", state=b"(K\x03U\x01|NNNK\x08K\x01K\x00tb", data=b"\x89U\x08AAAAAAAA"),
        numpy_array(kind=b"f8", state=b"(K\x03U\x01<NNNK\x08K\x01K\x00tb", data=b"\x89U\x04AAAA"),
        numpy_array(kind=b"f8", state=b"", data=b"\x89U\x08AAAAAAAA", shape=b"J\xff\xff\xff\x7f\x85"),
        numpy_array(kind=b"U4", state=b"(K\x03U\x01<NNNK\x10K\x04K\x08tb", data=b"\x89U\x10" + b"\xff" * 16),
    ],
    ids=["fields", "void", "objects-from-bytes", "short", "shape", "code-points"],
)
def test_no_numpy_object_is_rebuilt_from_a_pickle(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(DataError, match="not a readable pickle"):
        load_table(write(tmp_path / "DALI_DATA_INFO.gz", data))
