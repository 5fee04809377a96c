"""Files are complete or absent, on the disk before they have their names, and never in a folder that vanished."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

import pytest

from lyricsrec.base import output
from lyricsrec.base.errors import OutputError
from lyricsrec.base.output import check_writable, remove_unused, replacing, sweep, write_text


def test_a_file_is_flushed_before_it_has_its_name_and_its_folder_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def fsyncing(number: int) -> None:
        name = Path(f"/proc/self/fd/{number}").readlink() if Path("/proc/self/fd").is_dir() else tmp_path
        events.append("folder" if name == tmp_path else "file")
        fsync(number)

    def replacing_(self: Path, target: Path) -> Path:
        events.append("name")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", fsyncing)
    monkeypatch.setattr(Path, "replace", replacing_)
    write_text(tmp_path / "new.txt", "so far")
    assert events[-2:] == ["name", "folder"]
    assert len(events) == 3
    assert (tmp_path / "new.txt").read_text() == "so far"


def test_an_error_of_the_disk_while_flushing_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_text(tmp_path / "a.txt", "old")

    def failing(_: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", failing)
    with pytest.raises(OutputError, match=r"cannot write .*a\.txt \(Input/output error\)"):
        write_text(tmp_path / "a.txt", "new")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"a.txt": "old"}


def test_a_file_system_that_cannot_flush_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fsync, calls = os.fsync, []

    def failing(number: int) -> None:
        calls.append(number)
        if len(calls) == 2:
            raise OSError(errno.EINVAL, "Invalid argument")
        fsync(number)

    monkeypatch.setattr(os, "fsync", failing)
    write_text(tmp_path / "a.txt", "new")
    assert len(calls) == 2


def test_windows_flushes_no_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    with monkeypatch.context() as patch:
        patch.setattr(output.os, "name", "nt")
        patch.setattr(output.os, "open", refuse)
        output.flush_folder(tmp_path)


@pytest.mark.parametrize("below", ["", "disc 1", "disc 1/side a"])
def test_a_folder_that_vanishes_is_not_made_again(tmp_path: Path, below: str) -> None:
    folder = tmp_path / "results"
    check_writable(folder)
    write_text(folder / "first.txt", "kept")
    shutil.rmtree(folder)
    with pytest.raises(OutputError, match="results has vanished"), replacing(folder / below / "second.txt"):
        raise AssertionError("reached")
    assert not folder.exists()
    # The next command may make it again.
    check_writable(folder)
    write_text(folder / below / "second.txt", "new")


def test_folders_that_were_not_checked_are_made(tmp_path: Path) -> None:
    write_text(tmp_path / "a" / "b" / "c.txt", "new")
    assert (tmp_path / "a" / "b" / "c.txt").read_text() == "new"


def test_a_folder_that_another_command_removed_unused_is_made_again(tmp_path: Path) -> None:
    folder = tmp_path / "results" / "today"
    check_writable(folder)
    shutil.rmtree(tmp_path / "results")
    write_text(folder / "first.txt", "new")
    shutil.rmtree(folder)
    with pytest.raises(OutputError, match="today has vanished"):
        write_text(folder / "second.txt", "lost")


def test_only_unused_folders_that_were_made_are_removed(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    for name in ("old/new/inner", "used/below", "unused"):
        check_writable(tmp_path / name)
    write_text(tmp_path / "used" / "a.txt", "kept")
    remove_unused()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["old", "used"]
    assert [path.name for path in tmp_path.rglob("*/*")] == ["a.txt"]


def test_what_a_killed_run_left_is_removed_with_its_folders(tmp_path: Path) -> None:
    (tmp_path / ".lyricsrec-1.tmp").mkdir()
    (tmp_path / ".lyricsrec-1.tmp" / "song.mp3").touch()
    for name in (".lyricsrec-2.tmp", "song.mp3", ".other.tmp"):
        (tmp_path / name).touch()
    sweep(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".other.tmp", "song.mp3"]
