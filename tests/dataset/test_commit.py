"""Files of a data set that belong together are replaced together, or the mixture is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from lyricsrec.base.errors import DataError, OutputError
from lyricsrec.dataset.commit import MARK, check_finished, replacing_all
from lyricsrec.dataset.manifest import read_songs

NAMES = ("songs.jsonl", "train.jsonl", "report.json")


def replace_all(folder: Path, text: str) -> None:
    with replacing_all(folder, NAMES) as temporary:
        for path in temporary.values():
            path.write_text(text)


def half_replace(folder: Path) -> None:
    with replacing_all(folder, NAMES) as temporary:
        temporary["songs.jsonl"].write_text("new")
        raise OSError(28, "No space left on device")


def texts(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_all_are_replaced(tmp_path: Path) -> None:
    replace_all(tmp_path, "old")
    replace_all(tmp_path, "new")
    assert texts(tmp_path) == dict.fromkeys(NAMES, "new")
    check_finished(tmp_path)


def test_an_error_before_leaves_all_old(tmp_path: Path) -> None:
    replace_all(tmp_path, "old")
    with pytest.raises(OutputError, match="No space"):
        half_replace(tmp_path)
    assert texts(tmp_path) == dict.fromkeys(NAMES, "old")


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_mixture_is_refused_until_the_next_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    replace_all(tmp_path, "old")
    left = [number + 1]
    replace = Path.replace

    def killed(self: Path, target: Path) -> Path:
        left[0] -= 1
        if not left[0]:
            raise KeyboardInterrupt
        return replace(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            replace_all(tmp_path, "new")
    assert (tmp_path / MARK).exists()
    with pytest.raises(DataError, match="was interrupted while its files were replaced"):
        list(read_songs(tmp_path / "songs.jsonl"))
    replace_all(tmp_path, "newer")
    assert texts(tmp_path) == dict.fromkeys(NAMES, "newer")
