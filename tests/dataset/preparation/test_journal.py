"""The journal of a preparation: one process at a time, and what a power cut leaves of it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from lyricsrec.base.errors import OutputError, UsageError
from lyricsrec.dataset.preparation.journal import LOCK, NAME, journal_in


def test_two_commands_cannot_prepare_into_one_folder(tmp_path: Path) -> None:
    with journal_in(tmp_path, "settings"):
        with pytest.raises(UsageError, match="another command is preparing a data set in"), journal_in(tmp_path, "x"):
            raise AssertionError("both")
        # The journal of the first is still there.
        assert (tmp_path / NAME).exists()
    assert list(tmp_path.iterdir()) == []


def test_a_failure_keeps_the_journal_and_frees_the_folder(tmp_path: Path) -> None:
    with pytest.raises(KeyError), journal_in(tmp_path, "settings"):
        raise KeyError
    assert [path.name for path in tmp_path.iterdir()] == [NAME]
    with journal_in(tmp_path, "settings"):
        assert (tmp_path / LOCK).exists()


def test_a_folder_that_vanishes_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot write"), journal_in(tmp_path / "", "settings"):
        shutil.rmtree(tmp_path)


@pytest.mark.parametrize("rest", [b"\0\0\0\0\n", b"\xff\xfe\n", b"{half", b"\0" * 4096])
def test_what_a_power_cut_leaves_at_the_end_is_dropped(tmp_path: Path, rest: bytes) -> None:
    head = b'{"settings": "settings"}\n'
    row = b'{"path": "a.gz", "stamp": "1-1", "summary": {"left_out": null}}\n'
    (tmp_path / NAME).write_bytes(head + row + rest)
    with journal_in(tmp_path, "settings") as journal:
        assert (tmp_path / NAME).read_bytes() == head + row
        assert list(journal._places) == ["a.gz"]
