"""A model built of a text is what `transcribe` takes, and says how it was made."""

from __future__ import annotations

import contextlib
import json
import stat
import sys
from dataclasses import replace
from pathlib import Path

import kenlm
import numpy as np
import pytest
from helpers.files import DATA

from lyricsrec.base.errors import DataError, ModelError, UsageError
from lyricsrec.base.settings import checked
from lyricsrec.decoding.emission import Emission, Vocabulary
from lyricsrec.decoding.language_model import quiet_kenlm, read_language_model
from lyricsrec.decoding.lm_folder import read_info, read_vocabulary
from lyricsrec.decoding.registry import make_decoder
from lyricsrec.decoding.settings import DecodeConfig
from lyricsrec.lm.estimation.build import WeightedText, build
from lyricsrec.lm.settings import LmConfig

HYMNS = DATA / "lm" / "hymns.txt"
PLAIN = LmConfig(estimator="lyricsrec")
VOCABULARY = Vocabulary(("_", "|", *"ABCDEFGHIJKLMNOPQRSTUVWXYZ'"), blank=0, space=1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("lm")
    build([WeightedText(HYMNS)], output, PLAIN)
    return output


def emission(text: str) -> Emission:
    probs = np.full((2 * len(text), len(VOCABULARY.labels)), 0.001, np.float32)
    for i, c in enumerate(text.upper().replace(" ", "|")):
        probs[2 * i, VOCABULARY.labels.index(c)] = 0.9
        probs[2 * i + 1, 0] = 0.9
    return Emission(np.log(probs / probs.sum(1, keepdims=True)), 0.02, 0.0, vocabulary=VOCABULARY)


def test_the_folder(folder: Path) -> None:
    assert sorted(path.name for path in folder.iterdir()) == ["lm.arpa", "lm.json", "vocabulary.txt"]
    lines = HYMNS.read_text().splitlines()
    settings = read_info(folder)
    assert settings.num_sentences == len([line for line in lines if line.split()])
    assert settings.num_words == sum(len(line.split()) for line in lines)
    assert (settings.order, settings.prune, settings.texts) == (3, (0, 0, 1), (("hymns.txt", 1),))
    words = read_vocabulary(folder)
    assert list(words) == sorted({word for line in lines for word in line.split()})
    assert settings.ngrams[0] == len(words) + 3
    with quiet_kenlm():
        model = kenlm.Model(str(folder / "lm.arpa"))
    assert model.order == 3
    assert model.score("LORD", bos=False, eos=False) > model.score("QQQ", bos=False, eos=False)


def test_the_same_texts_give_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    build([WeightedText(HYMNS)], tmp_path, PLAIN)
    for path in folder.iterdir():
        assert path.read_bytes() == (tmp_path / path.name).read_bytes()


def test_a_weight_is_the_text_that_many_times(tmp_path: Path) -> None:
    twice, weighted = tmp_path / "twice", tmp_path / "weighted"
    build([WeightedText(HYMNS), WeightedText(HYMNS)], twice, PLAIN)
    build([WeightedText(HYMNS, 2)], weighted, PLAIN)
    assert (twice / "lm.arpa").read_bytes() == (weighted / "lm.arpa").read_bytes()


def test_rare_words_are_left_out(folder: Path, tmp_path: Path) -> None:
    build([WeightedText(HYMNS)], tmp_path, replace(PLAIN, min_count=3))
    assert set(read_vocabulary(tmp_path)) < set(read_vocabulary(folder))
    assert (tmp_path / "lm.arpa").stat().st_size < (folder / "lm.arpa").stat().st_size


@pytest.mark.parametrize("text", ["THE LORD IS", "O COME LET US"])
def test_a_search_takes_the_folder(folder: Path, text: str) -> None:
    decoder = make_decoder(VOCABULARY, DecodeConfig(20, folder))
    assert decoder.name.startswith("lexicon beam 20 + ")
    assert " ".join(word.text for word in decoder.decode(emission(text))).upper() == text
    assert read_language_model(folder, VOCABULARY).words == read_vocabulary(folder)


def test_a_list_of_words_is_mixed_in(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "modern.tsv").write_text("baby\t3\nlord\t1\n")
    config = replace(PLAIN, words=tmp_path / "modern.tsv", words_share=0.4, min_count=2, estimator="auto")
    settings = build([WeightedText(HYMNS)], tmp_path / "lm", config)
    assert (settings.estimator, settings.words, settings.words_share) == ("lyricsrec", "modern.tsv", 0.4)
    assert read_info(tmp_path / "lm") == settings
    words = read_vocabulary(tmp_path / "lm")
    assert list(words) == sorted(words)
    assert "BABY" in words
    assert settings.ngrams[0] == len(words) + 3
    assert "BABY" not in read_vocabulary(folder)
    decoder = make_decoder(VOCABULARY, DecodeConfig(20, tmp_path / "lm"))
    assert " ".join(word.text for word in decoder.decode(emission("the lord is baby"))) == "the lord is baby"


def fake_tool(folder: Path, name: str, code: str) -> None:
    path = folder / name
    path.write_text(f"#!{sys.executable}\nimport sys\n{code}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


ARPA = "\\\\data\\\\\\nngram 1=3\\n\\n\\\\1-grams:\\n-1\\t<unk>\\n0\\t<s>\\n-1\\t</s>\\n\\n\\\\end\\\\\\n"


def test_lmplz_and_build_binary_are_used_where_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    code = f'open(sys.argv[sys.argv.index("--arpa") + 1], "w").write("{ARPA}")\n'
    code += f'open("{tmp_path}/called", "w").write(" ".join(sys.argv[1:5]) + "|" + sys.stdin.readline())'
    fake_tool(tools, "lmplz", code)
    monkeypatch.setenv("PATH", str(tools))
    settings = build([WeightedText(HYMNS)], tmp_path / "lm", LmConfig(order=2, prune=(0, 1)))
    assert (settings.estimator, settings.model, settings.ngrams) == ("lmplz", "lm.arpa", (3,))
    first = HYMNS.read_text().splitlines()[0]
    assert (tmp_path / "called").read_text() == f"--order 2 --discount_fallback --arpa|{first}\n"
    fake_tool(tools, "build_binary", 'open(sys.argv[3], "w").write("binary")')
    assert build([WeightedText(HYMNS)], tmp_path / "lm", LmConfig(order=2, prune=(0,))).model == "lm.2.binary"
    fake_tool(tools, "build_binary", 'open(sys.argv[-1], "w").write(" ".join(sys.argv[1:-2]))')
    assert build([WeightedText(HYMNS)], tmp_path / "lm", replace(PLAIN, quantise=6)).quantised_bits == 6
    assert (tmp_path / "lm" / "lm.binary").read_text() == "-q 6 -b 6 -a 255 trie"
    (tmp_path / "words.tsv").write_text("baby\t1\n")
    mixed = build([WeightedText(HYMNS)], tmp_path / "mixed", LmConfig(words=tmp_path / "words.tsv"))
    assert mixed.estimator == "lyricsrec"
    assert sorted(path.name for path in (tmp_path / "lm").iterdir()) == ["lm.binary", "lm.json", "vocabulary.txt"]
    fake_tool(tools, "lmplz", 'print("no disk", file=sys.stderr); sys.exit(1)')
    with pytest.raises(ModelError, match="lmplz failed: no disk"):
        build([WeightedText(HYMNS)], tmp_path / "lm", LmConfig())
    assert sorted(path.name for path in (tmp_path / "lm").iterdir()) == ["lm.binary", "lm.json", "vocabulary.txt"]


def kept(lm: Path) -> tuple[str, ...]:
    """The words of the model in a folder, whose files fit together."""
    info, words = read_info(lm), read_vocabulary(lm)
    assert info.ngrams[0] == len(words) + 3
    with quiet_kenlm():
        model = kenlm.Model(str(lm / info.model))
    assert all(word in model for word in words)
    return words


@pytest.mark.parametrize("last", range(1, 6))
def test_a_build_that_is_killed_or_fails_leaves_the_old_model_or_the_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, last: int
) -> None:
    lm, text = tmp_path / "lm", tmp_path / "new.txt"
    text.write_text("a new song about words\n" * 30)
    build([WeightedText(HYMNS)], lm, PLAIN)
    old = kept(lm)
    build([WeightedText(text)], tmp_path / "other", PLAIN)
    new = kept(tmp_path / "other")
    calls = []
    replace_file = Path.replace

    def killed(self: Path, target: Path) -> Path:
        calls.append(target)
        if len(calls) >= last:
            raise KeyboardInterrupt
        return replace_file(self, target)

    with monkeypatch.context() as patch, contextlib.suppress(KeyboardInterrupt):
        patch.setattr(Path, "replace", killed)
        build([WeightedText(text)], lm, PLAIN)
    assert kept(lm) == (new if last > 3 else old)
    # What is left of a killed build goes with the next one.
    (lm / ".lyricsrec-0123456789ab.tmp").write_text("half")
    build([WeightedText(text)], lm, PLAIN)
    assert kept(lm) == new
    assert len(list(lm.iterdir())) == 3


def test_quantising_needs_a_tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ModelError, match="--quantise needs KenLM's build_binary"):
        build([WeightedText(HYMNS)], tmp_path / "lm", replace(PLAIN, quantise=8))
    assert not (tmp_path / "lm").exists()


def test_texts_that_are_too_small(tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text("so\n")
    build([WeightedText(tmp_path / "one.txt")], tmp_path / "lm", PLAIN)
    assert read_vocabulary(tmp_path / "lm") == ("SO",)
    with pytest.raises(DataError, match="cannot estimate a model of order 5"):
        build([WeightedText(tmp_path / "one.txt")], tmp_path / "lm", replace(PLAIN, order=5))
    (tmp_path / "one.txt").write_text("~ 君\n")
    with pytest.raises(DataError, match="contain no words with letters of the alphabet"):
        build([WeightedText(tmp_path / "one.txt")], tmp_path / "lm", PLAIN)
    assert read_vocabulary(tmp_path / "lm") == ("SO",)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"order": 1}, "order must be .*greater than or equal to 2, not 1"),
        ({"order": 7}, "order must be .*less than or equal to 6, not 7"),
        ({"prune": (1, 0)}, "none below the one before"),
        ({"prune": (-1,)}, r"prune\.0 must be .*greater than or equal to 0, not -1"),
        ({"order": 2, "prune": (0, 0, 1)}, "at most one number for each order"),
        ({"estimator": "srilm"}, "estimator must be .*'auto', 'lmplz' or 'lyricsrec', not 'srilm'"),
        ({"estimator": "lmplz", "words": HYMNS}, "lmplz cannot use a list of words"),
    ],
)
def test_invalid_settings(settings: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        checked(LmConfig, settings)


def test_folders_that_hold_no_model(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(ModelError, match="no language model in this folder"):
        read_info(tmp_path)
    for text, message in (("{", "damaged"), ("[]", "damaged"), ("{}", "schema None is not supported")):
        (tmp_path / "lm.json").write_text(text)
        with pytest.raises(ModelError, match=message):
            read_info(tmp_path)
    (tmp_path / "lm.json").write_text((folder / "lm.json").read_text().replace('"schema": 1', '"schema": 2'))
    with pytest.raises(ModelError, match="schema 2 is not supported"):
        read_info(tmp_path)
    for name in ("model", "vocabulary"):
        document = json.loads((folder / "lm.json").read_text()) | {name: "../elsewhere"}
        (tmp_path / "lm.json").write_text(json.dumps(document))
        with pytest.raises(ModelError, match="damaged"):
            read_info(tmp_path)
    (tmp_path / "lm.json").write_text((folder / "lm.json").read_text())
    with pytest.raises(ModelError, match=r"vocabulary\.txt: missing"):
        read_vocabulary(tmp_path)
