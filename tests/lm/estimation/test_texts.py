from __future__ import annotations

import gzip
import lzma
from pathlib import Path

import pytest
from helpers.files import EXAMPLES

from lyricsrec.base.errors import DataError
from lyricsrec.dataset.preparation.prepare import prepare
from lyricsrec.dataset.preparation.settings import DatasetConfig, SplitConfig
from lyricsrec.dataset.sources.ultrastar import UltraStarSource
from lyricsrec.lm.estimation.texts import read_sentences
from lyricsrec.lyrics.normalise import TextNormalizer

TEXT = "So far away,\n\n~\nsince 1999 — café!\n"
WORDS = [["SO", "FAR", "AWAY"], ["SINCE", "NINETEEN", "NINETY", "NINE", "CAFE"]]


def read(path: Path) -> list[list[str]]:
    return list(read_sentences(path, TextNormalizer()))


def test_texts_plain_and_packed(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("\ufeff" + TEXT, encoding="utf-8")
    (tmp_path / "b.gz").write_bytes(gzip.compress(TEXT.encode()))
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "c.txt.xz").write_bytes(lzma.compress(TEXT.encode()))
    (tmp_path / "d.md").write_text("not a text of the folder")
    for name in ("a.txt", "b.gz", "sub/c.txt.xz", "sub"):
        assert read(tmp_path / name) == WORDS
    assert read(tmp_path) == WORDS * 3


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.txt", "caf\xe9\n".encode("latin-1"), "not a text in UTF-8"),
        ("a.gz", b"no gzip", "cannot be read"),
        ("a.xz", b"no xz", "cannot be read"),
        ("a.gz", gzip.compress(b"so far" * 99, mtime=0)[:-9], "cannot be read"),
        ("a.jsonl", b"no rows\n", "is not a row of a manifest"),
    ],
)
def test_what_cannot_be_read(tmp_path: Path, name: str, data: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(DataError, match=message):
        read(tmp_path / name)


def test_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file"):
        read(tmp_path / "missing.txt")
    with pytest.raises(DataError, match="no texts"):
        read(tmp_path)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example songs, all of them in the training split; and in another folder all in the test split."""
    folder = tmp_path_factory.mktemp("data")
    for name, ratios in (("train", (1.0, 0.0, 0.0)), ("test", (0.0, 0.0, 1.0))):
        config = DatasetConfig(languages=(), split=SplitConfig("random", ncc=0.0, ratios=ratios))
        prepare(UltraStarSource(EXAMPLES), folder / name, config, workers=1)
    return folder


def test_manifests_give_their_lyrics(data: Path) -> None:
    songs = read(data / "train" / "songs.jsonl")
    assert ["SO", "FAR", "AWAY", "FROM", "HOME"] in songs
    assert sum(map(len, songs)) == sum(map(len, read(data / "train" / "train.jsonl"))) == 75


def test_a_test_split_is_refused_by_whatever_name(data: Path, tmp_path: Path) -> None:
    renamed = data / "test" / "harmless.jsonl"
    renamed.write_bytes((data / "test" / "test.jsonl").read_bytes())
    alone = tmp_path / "test.jsonl"
    alone.write_bytes((data / "test" / "test.jsonl").read_bytes())
    for path in (data / "test" / "test.jsonl", data / "test" / "songs.jsonl", renamed, alone):
        with pytest.raises(DataError, match="test split, which no model may learn from"):
            read(path)
