"""Files that users name: regular ones are read, all others refused at once."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from lyricsrec.base.reading.input_files import check_regular, open_input, read_bounded, read_input, rows_of


def test_regular_files_are_read_also_through_links(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"so far\naway")
    (tmp_path / "link").symlink_to(tmp_path / "a")
    assert read_input(tmp_path / "link") == b"so far\naway"
    with open_input(tmp_path / "a") as file:
        assert list(rows_of(file, 7)) == [b"so far\n", b"away"]
    check_regular(tmp_path)


def test_what_is_no_regular_file_is_refused_by_kind(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "link").symlink_to(tmp_path / "fifo")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket"))
    kinds = {
        "fifo": "FIFO",
        "link": "FIFO",
        "socket": "socket",
        "/dev/zero": "device",
        ".": "folder",
        "a\0b": "possible",
    }
    for name, kind in kinds.items():
        with pytest.raises(OSError, match=kind):
            open_input(tmp_path / name)
    with pytest.raises(OSError, match="FIFO"):
        check_regular(tmp_path)
    with pytest.raises(FileNotFoundError):
        open_input(tmp_path / "none")


def test_large_files_and_rows_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * (1 << 20) + b"x")
    with pytest.raises(OSError, match="larger than 1 MB"):
        read_input(tmp_path / "a", 1 << 20)
    assert len(read_input(tmp_path / "a", (1 << 20) + 1)) == (1 << 20) + 1
    with open_input(tmp_path / "a") as file, pytest.raises(OSError, match="a row is longer than 1 MB"):
        list(rows_of(file, 1 << 20))
    with Path("/dev/zero").open("rb") as endless, pytest.raises(OSError, match="larger than 1 MB"):
        read_bounded(endless, 1 << 20)
