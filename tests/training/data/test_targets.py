"""Word pieces: made of a data set, trained, and used by every command."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

import pytest
from accelerate import Accelerator
from accelerate.state import AcceleratorState
from helpers.data_sets import make_data
from helpers.files import EXAMPLES
from helpers.tiny_models import make_whisper_ctc_folder
from typer.testing import CliRunner

from lyricsrec.base.errors import DataError, ModelError, UsageError
from lyricsrec.cli import app
from lyricsrec.decoding.emission import WORD_MARK
from lyricsrec.training.data.targets import TARGETS, read_pieces, train_pieces, with_symbols
from lyricsrec.training.settings import DataConfig, ModelConfig, TargetName
from lyricsrec.training.settings.file import read_config

TEXTS = ["Hello world", "the sun is shining", "we are the  world", "one two three four", "hello again"] * 3


def test_pieces_of_texts_are_the_same_every_time_and_spell_them() -> None:
    pieces = train_pieces(iter(TEXTS), 40)
    assert pieces == train_pieces(iter(TEXTS), 40)
    assert len(set(pieces)) == len(pieces) <= 40
    assert {letter for text in TEXTS for letter in text.upper() if letter != " "} <= set(pieces)
    assert WORD_MARK in pieces
    assert any(len(piece) > 2 for piece in pieces)
    assert "<unk>" not in pieces


def test_too_few_pieces_or_no_text_are_errors() -> None:
    with pytest.raises(DataError, match="5 word pieces are fewer than the letters") as caught:
        train_pieces(iter(TEXTS), 5)
    assert caught.value.hint == "Raise model.num_pieces."
    with pytest.raises(DataError, match="no word pieces can be made"):
        train_pieces(iter([]), 50)


def test_a_given_model_is_read(tmp_path: Path) -> None:
    import sentencepiece

    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(TEXTS),
        model_prefix=str(tmp_path / "given"),
        vocab_size=30,
        model_type="bpe",
        user_defined_symbols=["OOH"],
        minloglevel=2,
    )
    pieces = read_pieces(tmp_path / "given.model")
    assert "OOH" in pieces
    assert not {"<unk>", "<s>", "</s>"} & set(pieces)
    model = with_symbols(ModelConfig(target="pieces", piece_model=tmp_path / "given.model"), DataConfig(tmp_path))
    assert model.pieces == pieces
    assert with_symbols(model, DataConfig(tmp_path / "gone")) == model
    (tmp_path / "damaged.model").write_bytes(b"no model")
    for name in ("damaged", "gone"):
        with pytest.raises(ModelError, match=rf"{name}\.model: not a sentencepiece model"):
            read_pieces(tmp_path / f"{name}.model")


def test_every_target_can_be_chosen(tmp_path: Path) -> None:
    data = DataConfig(make_data(tmp_path, [{}, {}]))
    (data.folder / "validation.jsonl").write_bytes((data.folder / "train.jsonl").read_bytes())
    assert tuple(TARGETS) == get_args(TargetName)
    assert with_symbols(ModelConfig(), data).letters == "EFHNORTUW"
    assert set("EFHNORTUW") <= set(with_symbols(ModelConfig(target="pieces", num_pieces=20), data).pieces)


LEXICON = """\
ONE  W AH1 N
TWO  T UW1
THREE  TH R IY1
FOUR  F AO1 R
FIVE  F AY1 V
"""


def test_the_phonemes_are_those_of_the_words_of_the_data(tmp_path: Path) -> None:
    data = DataConfig(make_data(tmp_path, [{}, {}]))
    (data.folder / "validation.jsonl").write_bytes((data.folder / "train.jsonl").read_bytes())
    (tmp_path / "words.dict").write_text(LEXICON)
    model = ModelConfig(target="phonemes", lexicon=tmp_path / "words.dict")
    assert " ".join(with_symbols(model, data).phonemes) == "AH AO F IY N R T TH UW W"
    with pytest.raises(UsageError, match="needs a pronunciation dictionary"):
        with_symbols(ModelConfig(target="phonemes"), data)
    (tmp_path / "words.dict").write_text("SIX  S IH K S\n")
    with pytest.raises(DataError, match="has no word of the data set"):
        with_symbols(model, data)


def run(arguments: Sequence[str], code: int = 0) -> str:
    AcceleratorState._reset_state(reset_partial_state=True)
    done = CliRunner().invoke(app, list(arguments))
    assert done.exit_code == code, done.output
    return done.output


@pytest.mark.slow
def test_a_head_for_pieces_is_trained_resumed_tuned_and_used(tmp_path: Path, accelerator: Accelerator) -> None:
    model, data = make_whisper_ctc_folder(tmp_path / "model"), make_data(tmp_path / "data", [{}])
    (data / "validation.jsonl").write_bytes((data / "train.jsonl").read_bytes())
    fixed = ["--data", str(data), "--device", "cpu", "--set=data.num_workers=0", "--set=validation.beam=4"]
    output = tmp_path / "run"
    start = ["finetune", str(model), *fixed, "-o", str(output)]
    said = run([*start, "--target", "pieces", "--steps", "1"], 2)
    assert "keeps its own symbols, so the target pieces has no effect" in " ".join(said.split())
    run([*start, "--target", "pieces", "--new-head", "--set=model.num_pieces=24", "--steps", "1"])
    run([*start, "--resume", "--steps", "2"])
    pieces = read_config(output / "config.toml").model.pieces
    assert json.loads((output / "last" / "vocab.json").read_text()) == {
        label: i for i, label in enumerate(["<pad>", "<unk>", *pieces])
    }
    run(["finetune", str(output / "last"), *fixed, "-o", str(tmp_path / "more"), "--steps", "1"])
    song, use = str(EXAMPLES / "on_the_run_verse.flac"), ["--model", str(tmp_path / "more" / "last")]
    out = ["--device", "cpu", "-f", "json", "-o", str(tmp_path / "out")]
    run(["transcribe", song, *use, *out])
    run(["transcribe", song, *use, *out, "--beam", "4"])
    made = json.loads((tmp_path / "out" / "on_the_run_verse.json").read_text())
    assert WORD_MARK not in json.dumps(made["lines"], ensure_ascii=False)
    (tmp_path / "lyrics.txt").write_text("one two three four\n")
    run(["align", song, str(tmp_path / "lyrics.txt"), *use, *out])
    aligned = json.loads((tmp_path / "out" / "on_the_run_verse.json").read_text())
    assert [word["text"] for line in aligned["lines"] for word in line["words"]] == ["one", "two", "three", "four"]


@pytest.mark.slow
def test_pieces_are_overfitted_and_recognised(tmp_path: Path, accelerator: Accelerator) -> None:
    data = tmp_path / "data"
    run(["import", "ultrastar", str(EXAMPLES), "--output", str(data), "--chunk-s", "4"])
    model = make_whisper_ctc_folder(tmp_path / "model", head_width=64)
    learn = [
        "--overfit",
        "1",
        "--steps",
        "600",
        "--head-rate",
        "5e-3",
        "--encoder-rate",
        "5e-3",
        "--freeze",
        "features",
    ]
    learn += ["--set=optimizer.warmup_steps=20", "--target", "pieces", "--new-head", "--device", "cpu"]
    said = run(["finetune", str(model), "--data", str(data), "-o", str(tmp_path / "run"), *learn])
    assert "overfitted after" in said
    assert "WER 0.0 %" in said
    kept = json.loads((data / "train.jsonl").read_text().splitlines()[0])
    clip = tmp_path / "clip.wav"
    import soundfile

    from lyricsrec.dataset.chunk_audio import read_chunk
    from lyricsrec.dataset.manifest import read_chunks

    sound = read_chunk(next(read_chunks(data / "train.jsonl")), data)
    soundfile.write(clip, sound.samples.T, sound.sample_rate)
    use = ["transcribe", str(clip), "--model", str(tmp_path / "run" / "best"), "--device", "cpu", "-f", "txt"]
    for search in ([], ["--beam", "8"], ["--beam", "20", "--lm", "lyrics"]):
        found = run([*use, *search]).upper().split()
        assert found == kept["text"].upper().split(), search


@pytest.mark.slow
def test_phonemes_are_overfitted_written_and_scored(tmp_path: Path, accelerator: Accelerator) -> None:
    model, data = make_whisper_ctc_folder(tmp_path / "model", head_width=64), make_data(tmp_path / "data", [{}])
    rows = [json.loads(line) for line in (data / "train.jsonl").read_text().splitlines()]
    (data / "train.jsonl").write_text(
        json.dumps(rows[0]) + "\n" + json.dumps({**rows[1], "text": "ONE ZILLION"}) + "\n"
    )
    (data / "validation.jsonl").write_text(json.dumps(rows[0]) + "\n")
    (tmp_path / "words.dict").write_text(LEXICON)
    fixed = ["--data", str(data), "--device", "cpu", "--set=data.num_workers=0", "--freeze", "features"]
    learn = ["--overfit", "1", "--steps", "600", "--head-rate", "5e-3", "--encoder-rate", "5e-3", "--new-head"]
    learn += [f"--set=model.lexicon={tmp_path / 'words.dict'}", "--set=optimizer.warmup_steps=20"]
    learn += ["--target", "phonemes"]
    said = run(["finetune", str(model), *fixed, *learn, "-o", str(tmp_path / "run"), "-v"])
    assert "1 training chunks (left out: 1 unknown words)" in said
    assert "overfitted after" in said
    best = tmp_path / "run" / "best"
    assert (best / "lexicon.txt").read_text().splitlines()[0] == "FIVE\tF AY V"
    run(["finetune", str(best), *fixed, "--steps", "1", "--head-rate", "0", "-o", str(tmp_path / "more")])
    use, split = ["--model", str(best), "--device", "cpu"], ["--split", "validation", "--protocol", "short"]
    report = json.loads(run(["score", "--data", str(data), *split, *use, "--no-cache", "-q"]))
    system = report["systems"][0]
    # W AH N and T UW: the error rate is that of phonemes.
    assert (system["words"]["num_words"], system["words"]["wer"]) == (5, 0.0)
    song = str(data / rows[0]["audio"])
    run(["transcribe", song, *use, "-f", "json", "-o", str(tmp_path / "out")])
    made = json.loads(next((tmp_path / "out").glob("*.json")).read_text())
    assert "the recogniser outputs phonemes" in " ".join(made["notes"])
    (tmp_path / "lyrics.txt").write_text("one two\n")
    for number, command in enumerate(
        (["align", song, str(tmp_path / "lyrics.txt")], ["transcribe", song, "--lm", "lyrics"])
    ):
        run([*command, *use, "-f", "json", "-o", str(tmp_path / f"words-{number}")])
        made = json.loads(next((tmp_path / f"words-{number}").glob("*.json")).read_text())
        first, second, *more = (word for line in made["lines"] for word in line["words"])
        assert (first["text"].lower(), second["text"].lower()) == ("one", "two")
        assert first["end_s"] <= second["start_s"]
        # The rest of the song was not learned.
        assert {word["text"].lower() for word in more} <= ({"one", "two", "five"} if "--lm" in command else set())
        assert "phonemes" not in " ".join(made["notes"])
    words = ["--no-cache", "-q", "--decoder", "lm", "--lm", "lyrics"]
    report = json.loads(run(["score", "--data", str(data), *split, *use, *words]))
    assert report["systems"][0]["words"]["num_words"] == 2
    (best / "lexicon.txt").unlink()
    said = " ".join(run(["align", song, str(tmp_path / "lyrics.txt"), *use], 1).split())
    assert "outputs phonemes, and has no lexicon.txt" in said
