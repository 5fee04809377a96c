"""The packaged Whisper model on real singing, its search, and its acoustic evidence."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import jiwer
import numpy as np
import pytest
import torch
from helpers.files import EXAMPLES

from lyricsrec import Pipeline, load_pipeline
from lyricsrec.audio.audio import Audio
from lyricsrec.base.device import Compute
from lyricsrec.base.errors import ModelError, UsageError
from lyricsrec.lyrics.normalise import normalized_words
from lyricsrec.models.resolve import LocalModel
from lyricsrec.recognition.base import Piece
from lyricsrec.recognition.registry import find_recognizer
from lyricsrec.recognition.whisper.decoder import WhisperDecoder
from lyricsrec.recognition.whisper.evidence import ScoredWord, TextScore, monotonic_starts, without_pauses
from lyricsrec.recognition.whisper.recognizer import WhisperRecognizer, _Hypothesis, load_whisper
from lyricsrec.recognition.whisper.settings import WhisperConfig
from lyricsrec.recognition.witnesses import BuiltInWitnesses

CPU = Compute("cpu")


def load(model: LocalModel, language: str | None = None) -> WhisperRecognizer:
    return load_whisper(model, CPU, language, WhisperConfig(), witnesses=BuiltInWitnesses(CPU))


@pytest.fixture(scope="module")
def recognizer() -> WhisperRecognizer:
    return load(LocalModel("tiny.en", "whisper", find_recognizer("tiny.en").folder))


@pytest.fixture(scope="module")
def pipeline() -> Pipeline:
    return load_pipeline("offline", offline=True)


@pytest.mark.parametrize(
    ("name", "most_errors"),
    [
        ("on_the_run_verse", 0.15),
        pytest.param("on_the_run_second_verse", 0.3, marks=pytest.mark.slow),
        pytest.param("on_the_run_third_verse", 0.3, marks=pytest.mark.slow),
    ],
)
def test_real_singing_is_recognized(pipeline: Pipeline, name: str, most_errors: float) -> None:
    transcript = pipeline.transcribe(EXAMPLES / f"{name}.flac")
    sung = normalized_words(
        (EXAMPLES / f"{name}.txt").read_text("utf-8").replace("Twenty", "Twenty ").replace("ev'ry", "every"), "plain"
    )
    assert jiwer.wer(" ".join(sung), " ".join(normalized_words(transcript.text, "plain"))) <= most_errors
    assert transcript.provenance.preset == "offline"
    times = [t for word in transcript.words for t in (word.start_s, word.end_s)]
    assert times == sorted(times)
    assert times[0] >= 0
    assert times[-1] <= transcript.duration_s
    assert all(0 < word.confidence <= 1 for word in transcript.words)


@pytest.mark.slow
def test_the_same_song_gives_the_same_transcript(pipeline: Pipeline) -> None:
    song = EXAMPLES / "on_the_run_second_verse.flac"
    assert pipeline.transcribe(song).to_json() == pipeline.transcribe(song).to_json()


def test_words_come_with_their_evidence(recognizer: WhisperRecognizer) -> None:
    import soundfile

    samples = soundfile.read(EXAMPLES / "on_the_run_verse.flac", dtype="float32")[0].mean(axis=1)
    rate = soundfile.info(EXAMPLES / "on_the_run_verse.flac").samplerate
    sung = Audio(np.interp(np.arange(0, 6, 1 / 16_000) * rate, np.arange(len(samples)), samples)[None], 16_000)
    [found] = recognizer.recognize([Piece(sung, sung)])
    assert len(found.evidence) == len(found.words) > 3
    for word, evidence in zip(found.words, found.evidence, strict=True):
        assert np.exp(evidence.log_prob) == pytest.approx(word.confidence)
        assert 0 < evidence.agreement <= 1
    assert found.evidence[0].piece_evidence > 2.5


def test_noise_gives_no_words(recognizer: WhisperRecognizer) -> None:
    noise = np.random.default_rng(1).normal(0, 0.1, (1, 20 * 16_000)).astype(np.float32)
    results = list(recognizer.recognize([Piece(Audio(noise, 16_000), Audio(noise, 16_000))]))
    assert [result.words for result in results] == [()]


def test_the_decoder_agrees_with_ctranslate2(recognizer: WhisperRecognizer) -> None:
    import ctranslate2
    import soundfile

    samples = soundfile.read(EXAMPLES / "on_the_run_verse.flac", dtype="float32")[0].mean(axis=1)[::3]
    encoded = recognizer._encode(np.ascontiguousarray(samples[: 10 * 14_700]))
    model = recognizer._encoder.model.model
    view = ctranslate2.StorageView.from_array(encoded.numpy())
    tokens = model.generate(view, [[50257, 50362]], beam_size=1)[0].sequences_ids[0]
    theirs = np.log(model.align(view, [50257], [tokens], 1000)[0].text_token_probs)
    decoder = WhisperDecoder(find_recognizer("tiny.en").folder, "cpu")
    with torch.inference_mode():
        hidden = decoder.step(torch.tensor([[[50257, 50362, *tokens]]]), [], [decoder.cross(encoded)])
        ours = (
            decoder.logits(hidden)[0, 0, 1:-1].log_softmax(-1).gather(-1, torch.tensor(tokens)[:, None])[:, 0].numpy()
        )
    # 8-bit arithmetic there, float32 here.
    assert np.abs(ours - theirs).mean() < 0.1
    assert ours == pytest.approx(theirs, abs=0.4)


def test_decoding_step_by_step_equals_decoding_at_once() -> None:
    decoder = WhisperDecoder(find_recognizer("tiny.en").folder, "cpu")
    with torch.inference_mode():
        random = torch.Generator().manual_seed(0)
        pieces = [decoder.cross(torch.randn(2, frames, decoder.width, generator=random)) for frames in (50, 70)]
        tokens = torch.tensor([50257, 50362, 1000, 2000]).expand(4, 3, -1)
        whole = decoder.step(tokens, [], pieces)
        cache: list = []
        parts = [decoder.step(tokens[..., i : i + 1], cache, pieces) for i in range(4)]
    assert torch.cat(parts, dim=2) == pytest.approx(whole, abs=1e-3)


@pytest.mark.parametrize(
    ("text", "banned"),
    [
        (" la la la", {"la"}),
        (" la la", set()),
        (" Come on, come on. Come On! come", {"on"}),
        (" come on come on go on come", set()),
        (" la la. Subtitles", {"by"}),
        (" Amara.", {"org"}),
        (" Amara", {"org"}),
        (" sub", set()),
        ("", set()),
    ],
)
def test_repetitions_of_a_phrase_are_limited_and_credits_impossible(
    recognizer: WhisperRecognizer, text: str, banned: set[str]
) -> None:
    tools = recognizer._tools_for("en")
    tokens = tools.search._banned(tools.tokenizer.encode(text))
    assert {tools.tokenizer.decode([token]).strip().lower() for token in tokens} == banned


def hypothesis(text: str, log_prob: float) -> _Hypothesis:
    words = tuple(ScoredWord(word, 0.0, 1.0, confidence=0.5, evidence=5.0) for word in text.split())
    return _Hypothesis([(log_prob, list(range(len(words))))], TextScore(log_prob, 5.0, words))


@pytest.mark.parametrize(("again", "passes"), [("Not, sure!", 1), ("not shore", 2)])
def test_a_piece_is_recognised_with_each_context_until_a_pass_agrees_with_the_first(
    monkeypatch: pytest.MonkeyPatch, recognizer: WhisperRecognizer, again: str, passes: int
) -> None:
    monkeypatch.setattr(recognizer, "_search", lambda pieces, *_: [hypothesis(again, -0.5) for _ in pieces])
    monkeypatch.setattr(recognizer, "_config", WhisperConfig(context_tokens=4))
    first = [
        hypothesis("one two three four", -0.1),
        hypothesis("five six seven eight", -0.1),
        hypothesis("not sure", -0.9),
    ]
    silence = Audio(np.zeros((1, 16_000), np.float32), 16_000)
    found = recognizer._second_pass(
        [Piece(silence, silence)] * 3, [torch.zeros(1)] * 3, recognizer._tools_for("en"), first
    )
    assert {i: len(hypotheses) for i, hypotheses in found.items()} == {2: passes}


def test_monotonic_starts() -> None:
    cost = -np.array([[1, 1, 0, 0, 0, 0], [0, 0, 1, 0, 0, 0], [0, 0, 0, 1, 1, 1.0]])
    assert monotonic_starts(cost).tolist() == [0, 2, 3]


def test_words_do_not_include_pauses() -> None:
    frames = [(0, 200), (200, 220), (220, 450)]
    words = [ScoredWord(str(i), a / 50, b / 50, confidence=0.5, evidence=1.0) for i, (a, b) in enumerate(frames)]
    focus = np.zeros((4, 500))
    focus[0, 130:200] = 1.0  # sung at the end of its stretch
    focus[2, 225:260] = 1.0  # sung at the beginning
    kept = without_pauses(words, focus, np.array([0, 200, 220, 450]))
    assert [(w.start_s, w.end_s) for w in kept] == [(2.6, 4.0), (4.0, 4.4), (pytest.approx(4.4), pytest.approx(5.8))]
    assert without_pauses([], focus, np.array([0])) == ()


def test_an_unknown_language_is_an_error() -> None:
    model = LocalModel("tiny.en", "whisper", find_recognizer("tiny.en").folder)
    with pytest.raises(UsageError, match="does not know the language 'de'"):
        load(model, "de")
    assert load(model, "en").languages == ["en"]


def test_no_tokenizer_is_downloaded_silently(tmp_path: Path) -> None:
    for name in ("config.json", "model.bin", "vocabulary.txt"):
        (tmp_path / name).symlink_to(find_recognizer("tiny.en").folder / name)
    with pytest.raises(ModelError, match=r"has no tokenizer\.json"):
        load(LocalModel("mine", "whisper", tmp_path))


@pytest.mark.parametrize("quantization", ["float16", "int8"])
def test_a_whisper_model_of_another_shape_loads_from_its_folder(tmp_path: Path, quantization: str) -> None:
    from ctranslate2.converters import TransformersConverter
    from transformers import WhisperConfig as HfWhisperConfig
    from transformers import WhisperFeatureExtractor, WhisperForConditionalGeneration

    torch.manual_seed(0)
    shape = {"d_model": 128, "vocab_size": 51_864} | {
        f"{side}_{part}": size
        for side in ("encoder", "decoder")
        for part, size in (("layers", 2), ("attention_heads", 2), ("ffn_dim", 256))
    }
    WhisperForConditionalGeneration(HfWhisperConfig(**shape)).save_pretrained(tmp_path / "hf")
    WhisperFeatureExtractor().save_pretrained(tmp_path / "hf")
    shutil.copy(find_recognizer("tiny.en").folder / "tokenizer.json", tmp_path / "hf")
    (tmp_path / "hf" / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "PreTrainedTokenizerFast"}))
    files = ["tokenizer.json", "preprocessor_config.json"]
    TransformersConverter(str(tmp_path / "hf"), copy_files=files).convert(
        str(tmp_path / "ct2"), quantization=quantization
    )
    small = load(find_recognizer(str(tmp_path / "ct2")))
    noise = np.random.default_rng(0).normal(0, 0.1, (1, 5 * 16_000)).astype(np.float32)
    piece = Piece(Audio(noise, 16_000), Audio(noise, 16_000))
    assert len(list(small.recognize([piece, piece]))) == 2
    assert small._decoder.num_heads == 2
    with pytest.raises(ModelError, match="Whisper checkpoint of transformers"):
        find_recognizer(str(tmp_path / "hf"))


@pytest.mark.parametrize("damage", ["empty", "cut", "other"])
def test_a_damaged_model_is_an_error(tmp_path: Path, damage: str) -> None:
    for name in ("config.json", "tokenizer.json", "vocabulary.txt"):
        shutil.copy(find_recognizer("tiny.en").folder / name, tmp_path)
    whole = (find_recognizer("tiny.en").folder / "model.bin").read_bytes()[:100_000]
    (tmp_path / "model.bin").write_bytes({"empty": b"", "cut": whole, "other": json.dumps({}).encode()}[damage])
    with pytest.raises(ModelError, match="mine: cannot be loaded as a Whisper model"):
        load(LocalModel("mine", "whisper", tmp_path))
