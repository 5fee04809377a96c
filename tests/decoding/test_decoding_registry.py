from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from helpers.tiny_language import LABELS, LM, VOCABULARY, ambiguous, emission
from hypothesis import given, settings
from hypothesis import strategies as st

from lyricsrec.base.errors import ModelError
from lyricsrec.decoding.emission import Emission, Vocabulary
from lyricsrec.decoding.hypothesis import Decoder
from lyricsrec.decoding.registry import make_decoder
from lyricsrec.decoding.search.greedy import GreedyDecoder
from lyricsrec.decoding.search.letters import LetterDecoder
from lyricsrec.decoding.search.lexicon import LexiconDecoder
from lyricsrec.decoding.search.prefix import PrefixDecoder
from lyricsrec.decoding.settings import DecodeConfig

WITHOUT_LM = [DecodeConfig(), DecodeConfig(20), DecodeConfig(20, search="prefix")]


@pytest.mark.parametrize("config", WITHOUT_LM)
def test_words_and_their_times(config: DecodeConfig) -> None:
    words = make_decoder(VOCABULARY, config).decode(emission("--C-AA-T-||-HEE-RR-E--"))
    assert [word.text for word in words] == ["cat", "here"]
    assert [(word.start_s, word.end_s) for word in words] == [
        (pytest.approx(10.2), pytest.approx(10.8)),
        (pytest.approx(11.2), pytest.approx(12.0)),
    ]
    assert all(word.confidence == pytest.approx(0.98, abs=1e-3) for word in words)


def test_doubled_letters_need_a_blank_and_the_last_word_needs_no_delimiter() -> None:
    assert [w.text for w in GreedyDecoder().decode(emission("TOO|TO-O"))] == ["to", "too"]


def test_special_and_unknown_symbols_are_never_text() -> None:
    frames = emission("CAT")
    log_probs = np.concatenate([frames.log_probs, frames.log_probs[:1]])
    log_probs[3, 1] = 0.0
    noisy = Emission(log_probs, 0.1, 0.0, vocabulary=VOCABULARY)
    for config in WITHOUT_LM:
        assert [w.text[:3] for w in make_decoder(VOCABULARY, config).decode(noisy)] == ["cat"]


def test_no_frames_and_only_blanks_give_no_words() -> None:
    empty = Emission(np.zeros((0, len(LABELS)), np.float32), 0.1, 0.0, vocabulary=VOCABULARY)
    for config in WITHOUT_LM:
        decoder = make_decoder(VOCABULARY, config)
        assert decoder.decode(empty) == ()
        assert decoder.decode(emission("-----")) == ()


@pytest.fixture
def arpa(tmp_path: Path) -> Path:
    path = tmp_path / "lm.arpa"
    path.write_text(LM)
    return path


@pytest.mark.parametrize("search", ["lexicon", "prefix"])
@pytest.mark.parametrize(("alpha", "text"), [(0.0, ["car", "here"]), (0.02, ["car", "here"]), (0.5, ["cat", "here"])])
def test_the_language_model_decides_by_its_weight_in_its_own_case(
    arpa: Path, search: str, alpha: float, text: list[str]
) -> None:
    config = DecodeConfig(50, arpa, alpha=alpha, beta=0.0, search=search)
    assert [word.text for word in make_decoder(VOCABULARY, config).decode(ambiguous())] == text


@pytest.mark.parametrize(
    ("config", "kind"),
    [
        (DecodeConfig(), GreedyDecoder),
        (DecodeConfig(5), LetterDecoder),
        (DecodeConfig(5, search="prefix"), PrefixDecoder),
        (DecodeConfig(5, hotwords=("cat",)), PrefixDecoder),
        (DecodeConfig(5, Path("lm.arpa")), LexiconDecoder),
        (DecodeConfig(1, Path("lm.arpa")), LexiconDecoder),
        (DecodeConfig(5, Path("lm.arpa"), search="prefix"), PrefixDecoder),
        (DecodeConfig(5, Path("lm.arpa"), hotwords=("cat",)), PrefixDecoder),
    ],
)
def test_which_search_is_used(arpa: Path, config: DecodeConfig, kind: type) -> None:
    lm = arpa if config.lm else None
    assert type(make_decoder(VOCABULARY, replace(config, lm=lm))) is kind


def test_word_pieces_with_a_language_model_use_the_prefix_search(arpa: Path) -> None:
    pieces = Vocabulary(("<pad>", "▁ca", "▁he", "t", "r", "re"), 0, None)
    assert type(make_decoder(pieces, DecodeConfig(5, arpa))) is PrefixDecoder


def test_hotwords_change_the_result() -> None:
    decoder = make_decoder(VOCABULARY, DecodeConfig(50, hotwords=("cat",)))
    assert [word.text for word in decoder.decode(ambiguous())] == ["cat", "here"]


def test_a_language_model_in_another_script_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "ru.arpa"
    path.write_text(LM.replace("car", "дом").replace("cat", "кот").replace("here", "тут"), encoding="utf-8")
    with pytest.raises(ModelError, match=r"ru\.arpa does not fit the recogniser.*д"):
        make_decoder(VOCABULARY, DecodeConfig(10, path))


@pytest.mark.parametrize(("name", "content"), [("x.arpa", "no model at all\n"), ("x.bin", "no model at all\n" * 30)])
def test_a_file_that_is_not_a_language_model(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(ModelError, match="not a language model that KenLM can read"):
        make_decoder(VOCABULARY, DecodeConfig(10, tmp_path / name))


def test_an_emission_over_another_vocabulary_is_an_error() -> None:
    other = Vocabulary(("<pad>", "|", "A"), 0, 1)
    with pytest.raises(ModelError, match="vocabulary"):
        PrefixDecoder(VOCABULARY, DecodeConfig(5)).decode(
            Emission(np.zeros((2, 3), np.float32), 0.1, 0.0, vocabulary=other)
        )


@pytest.mark.parametrize("with_lm", [False, True])
@pytest.mark.parametrize("search", ["greedy", "auto", "prefix"])
def test_a_cut_in_silence_does_not_change_the_words(arpa: Path, search: str, with_lm: bool) -> None:
    if search == "greedy":
        decoder = make_decoder(VOCABULARY, DecodeConfig())
    else:
        lm = arpa if with_lm else None
        decoder = make_decoder(VOCABULARY, DecodeConfig(20, lm, alpha=0.5, beta=0.0, search=search))
    whole = emission("C-A-T|H-E-R-E" + "-" * 50 + "|C-AA-T|HER-E-")
    parts = [
        Emission(whole.log_probs[:40], 0.1, 10.0, vocabulary=VOCABULARY),
        Emission(whole.log_probs[40:], 0.1, 14.0, vocabulary=VOCABULARY),
    ]
    together = [word for part in parts for word in decoder.decode(part)]
    assert [word.text for word in together] == ["cat", "here", "cat", "here"]
    for word, again in zip(decoder.decode(whole), together, strict=True):
        assert word.text == again.text
        assert (word.start_s, word.end_s) == (pytest.approx(again.start_s), pytest.approx(again.end_s))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 60), st.floats(0.1, 20))
@pytest.mark.parametrize("config", [*WITHOUT_LM, DecodeConfig(8, Path("lm.arpa"), search="prefix")])
def test_words_of_any_emission_are_in_order_and_inside_it(
    decoders: dict[DecodeConfig, Decoder], config: DecodeConfig, seed: int, frames: int, spread: float
) -> None:
    logits = np.random.default_rng(seed).normal(0, spread, (frames, len(LABELS))).astype(np.float32)
    log_probs = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
    source = Emission(log_probs.astype(np.float32), 0.02, 5.0, vocabulary=VOCABULARY)
    readings = decoders[config].hypotheses(source, 2)
    assert len({reading.text for reading in readings}) == len(readings) <= 2
    for reading in readings:
        times = [t for word in reading.words for t in (word.start_s, word.end_s)]
        assert times == sorted(times)
        assert all(5.0 <= t <= 5.0 + frames * 0.02 + 1e-9 for t in times)
        assert all(0 <= word.confidence <= 1 and word.text for word in reading.words)


@pytest.fixture(scope="module")
def decoders(tmp_path_factory: pytest.TempPathFactory) -> dict[DecodeConfig, Decoder]:
    """One of each search; the lexicon's has tests of its own."""
    path = tmp_path_factory.mktemp("lm") / "lm.arpa"
    path.write_text(LM)
    with_lm = DecodeConfig(8, Path("lm.arpa"), search="prefix")
    return {
        **{config: make_decoder(VOCABULARY, config) for config in WITHOUT_LM},
        with_lm: make_decoder(VOCABULARY, replace(with_lm, lm=path)),
    }
