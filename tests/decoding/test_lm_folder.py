from pathlib import Path

import pytest

from lyricsrec.base.errors import ModelError, UsageError
from lyricsrec.decoding.lm_folder import own_folder, read_info, read_vocabulary
from lyricsrec.models.resolve import find_language_model


def test_the_built_in_model_is_copied_with_its_licence(tmp_path: Path) -> None:
    built_in = find_language_model("lyrics")
    with pytest.raises(UsageError, match="is part of lyricsrec"):
        own_folder("lyrics", None)
    copy = own_folder("lyrics", tmp_path / "copy")
    assert {path.name: path.read_bytes() for path in copy.iterdir()} == {
        path.name: path.read_bytes() for path in built_in.iterdir()
    }
    assert own_folder(str(copy), None) == copy
    assert read_info(copy) == read_info(built_in)
    assert read_vocabulary(copy) == read_vocabulary(built_in)


def test_a_file_cannot_be_copied_as_a_folder(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelError, match="no language model in this folder"):
        own_folder(str(tmp_path / "empty"), tmp_path / "copy")
    assert not (tmp_path / "copy").exists()
