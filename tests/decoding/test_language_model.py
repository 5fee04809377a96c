"""The built-in language model: its name, both searches, its size, and its free sources."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from helpers.command_line import Cli, check_error
from helpers.files import EXAMPLES

from lyricsrec.base.errors import ModelError, UsageError
from lyricsrec.decoding.emission import Emission, Vocabulary
from lyricsrec.decoding.lm_folder import read_info, read_vocabulary
from lyricsrec.decoding.registry import make_decoder
from lyricsrec.decoding.search.greedy import GreedyDecoder
from lyricsrec.decoding.settings import DecodeConfig
from lyricsrec.models.catalogue import MODELS
from lyricsrec.models.resolve import find_language_model
from lyricsrec.pipeline.presets import pull
from lyricsrec.pipeline.settings import PipelineConfig
from lyricsrec.recognition.registry import find_recognizer

FOLDER = find_language_model("lyrics")
SONG = EXAMPLES / "on_the_run_verse.flac"


def vocabulary(letters: str) -> Vocabulary:
    return Vocabulary(("_", "|", *letters), blank=0, space=1)


CAPITALS = vocabulary("ABCDEFGHIJKLMNOPQRSTUVWXYZ'")
SMALL = vocabulary("abcdefghijklmnopqrstuvwxyz'")


def emission(likely: str, also: str, labels: Vocabulary) -> Emission:
    """An emission of one text, with a somewhat less likely second one of the same length."""
    likely, also = ((text if "a" in labels.labels else text.upper()) for text in (likely, also))
    probs = np.full((2 * len(likely), len(labels.labels)), 0.001, np.float32)
    for i, pair in enumerate(zip(likely.replace(" ", "|"), also.replace(" ", "|"), strict=True)):
        for letter, prob in zip(pair, (0.5, 0.4), strict=True):
            probs[2 * i, labels.labels.index(letter)] += prob
        probs[2 * i + 1, 0] = 0.9
    return Emission(np.log(probs / probs.sum(1, keepdims=True)), 0.02, 0.0, vocabulary=labels)


@pytest.mark.parametrize(("search", "labels"), [("lexicon", SMALL), ("lexicon", CAPITALS), ("prefix", SMALL)])
def test_it_corrects_likely_errors(search: str, labels: Vocabulary) -> None:
    decoder = make_decoder(labels, DecodeConfig(50, "lyrics", search=search))
    assert decoder.name.startswith(search)
    for likely, meant in [
        ("i lobe you bady", "i love you baby"),
        ("ye're gonta bance all might", "we're gonna dance all night"),
        ("yean i tnow yov don'k care", "yeah i know you don't care"),
    ]:
        emitted = emission(likely, meant, labels)
        assert " ".join(word.text for word in GreedyDecoder().decode(emitted)) == likely
        assert " ".join(word.text for word in decoder.decode(emitted)) == meant


def test_it_is_small_and_knows_old_and_new_words() -> None:
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) <= 12_000_000
    words = set(read_vocabulary(FOLDER))
    assert 60_000 < len(words) < 100_000
    assert {"LOVE", "THEE", "GONNA", "WANNA", "YEAH", "TELEVISION", "INTERNET", "DON'T", "FUCKING"} <= words


def test_its_sources_are_documented() -> None:
    settings = read_info(FOLDER)
    assert [name for name, _ in settings.texts] == [
        "gutenberg_songs_ballads_hymns.txt.xz",
        "openhymnal_hymns.txt",
        "us_presidents_to_congress.txt",
    ]
    assert settings.words == "wordfreq_english.tsv"
    assert settings.ngrams[0] == len(read_vocabulary(FOLDER)) + 3
    notice = (EXAMPLES.parent / "NOTICE").read_text("utf-8")
    assert "lyricsrec/data/lyrics-lm" in notice
    for text in (notice, (FOLDER / "README.md").read_text("utf-8"), MODELS["lyrics"].licence):
        assert "CC BY-SA 4.0" in text


def test_it_is_in_the_package() -> None:
    assert re.search(r'"lyricsrec.data" = .*"lyrics-lm/\*"', (EXAMPLES.parent / "pyproject.toml").read_text("utf-8"))
    assert {path.name for path in FOLDER.iterdir()} == {"README.md", "lm.binary", "lm.json", "vocabulary.txt"}


def test_its_name() -> None:
    assert MODELS["lyrics"].source.locate() == FOLDER
    assert pull("lyrics") == [FOLDER]
    with pytest.raises(ModelError, match="'lyrics' is a language model, not a recogniser") as error:
        find_recognizer("lyrics")
    assert error.value.hint == "Did you mean --lm lyrics?"


def test_a_path_is_not_a_known_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=r"no language model '\./lyrics': neither a known name \(lyrics\) nor a file"):
        find_language_model("./lyrics")
    with pytest.raises(UsageError, match="no language model 'lyric'"):
        PipelineConfig(decode=DecodeConfig(100, "lyric")).check()
    (tmp_path / "lyrics").mkdir()
    assert find_language_model("lyrics") == FOLDER
    assert find_language_model("./lyrics") == find_language_model(Path("lyrics")) == Path("lyrics")


def test_transcribe_accepts_it(cli: Cli, ctc_folder: Path) -> None:
    done = cli("transcribe", SONG, "--separator", "none", "--model", ctc_folder, "--lm", "lyrics", "-f", "json")
    assert done.returncode == 0, done.stderr
    assert "lyrics-lm" in json.loads(done.stdout)["provenance"]["decoder"]
    check_error(cli("transcribe", SONG, "--model", ctc_folder, "--lm", "lyric"), 2, r"known name \(lyrics\)")
    assert b"CC BY-SA 4.0" in cli("models", "info", "lyrics").stdout
