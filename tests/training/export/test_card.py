"""The card of a model: metadata as the hub reads them, figures of a report, and no folders of this machine."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from helpers.tiny_models import make_whisper_ctc_folder
from huggingface_hub import ModelCard
from typer.testing import CliRunner

from lyricsrec.cli import app
from lyricsrec.dataset.learned import Learned
from lyricsrec.training.export.private import without_folders

MADE = {
    "schema": 1,
    "separator": "spleeter",
    "recognizer": "facebook/wav2vec2-base-960h",
    "step": 1200,
    "lyricsrec": "0.1.0",
    "command": ["/srv/ann/bin/lyricsrec", "train", "--data=/data/My Songs/dali", "-o", "~/runs/7", "--steps", "1200"],
    "manifests": {"/data/My Songs/dali/train.jsonl": "abc123"},
    "git": {"commit": "0123abcd", "dirty": False},
}


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = make_whisper_ctc_folder(tmp_path_factory.mktemp("card") / "step-00001200")
    (folder / "lyricsrec.json").write_text(json.dumps(MADE))
    Learned({"a1": ("0123456789",), "a2": ()}, {"b1": ()}).write(folder)
    return folder


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report of two systems on one song of four words, with one error in the first system's."""
    folder = tmp_path_factory.mktemp("report")
    for name, text in (("ref", "so far so good\n"), ("ours", "so far so food\n"), ("theirs", "go\n")):
        (folder / name).mkdir()
        (folder / name / "song.txt").write_text(text)
    run("score", "--ref", folder / "ref", "--hyp", folder / "ours", "--hyp", folder / "theirs", "-o", folder / "r.json")
    return folder / "r.json"


def run(*arguments: str | Path, code: int = 0) -> str:
    done = CliRunner().invoke(app, list(map(str, arguments)))
    assert done.exit_code == code, done.output
    return " ".join(done.output.split())


def test_the_hub_reads_the_metadata(checkpoint: Path, report: Path, tmp_path: Path) -> None:
    more = ["--license", "cc-by-4.0", "--language", "en", "--language", "fr", "--dataset", "ann/hymns"]
    said = run("export", checkpoint, "-o", tmp_path / "hymns", "--report", report, "--system", "ours", *more)
    assert "licence" not in said
    card = ModelCard.load(tmp_path / "hymns" / "README.md")
    data = card.data.to_dict()
    assert data.pop("model-index") == [
        {
            "name": "hymns",
            "results": [
                {
                    "task": {"type": "automatic-speech-recognition", "name": "Lyrics transcription"},
                    "dataset": {"type": "ann/hymns", "name": "ref"},
                    "metrics": [
                        {"type": "wer", "value": 25.0, "name": "WER in percent (long protocol of lyricsrec)"},
                        {"type": "cer", "value": 7.14, "name": "CER in percent (long protocol of lyricsrec)"},
                    ],
                }
            ],
        }
    ]
    assert data == {
        "license": "cc-by-4.0",
        "language": ["en", "fr"],
        "library_name": "lyricsrec",
        "pipeline_tag": "automatic-speech-recognition",
        "tags": ["lyrics", "singing", "music", "ctc"],
        "datasets": ["ann/hymns"],
        "metrics": ["wer", "cer"],
        "base_model": "facebook/wav2vec2-base-960h",
    }
    assert "| ref | 25.0 |" in card.text
    assert "lyricsrec transcribe song.mp3 --model hymns" in card.text
    assert "vocals of the separator `spleeter`" in card.text
    assert "| songs trained on | 2 |" in card.text
    assert "| songs validated on, by which the checkpoint was chosen | 1 |" in card.text


def test_figures_on_learned_songs_are_not_in_the_metadata(checkpoint: Path, report: Path, tmp_path: Path) -> None:
    document = json.loads(report.read_text())
    document["systems"] = document["systems"][:1]
    document["systems"][0] |= {"learned": ["song"], "warnings": ["ours: it was trained on 1 of the 1 songs"]}
    (tmp_path / "report.json").write_text(json.dumps(document))
    run("export", checkpoint, "-o", tmp_path / "out", "--report", tmp_path / "report.json")
    card = ModelCard.load(tmp_path / "out" / "README.md")
    assert "model-index" not in card.data.to_dict()
    assert "| ref | 25.0 |" in card.text
    assert "Caution: ours: it was trained on 1 of the 1 songs." in card.text


def test_the_card_says_what_is_not_known(tmp_path: Path) -> None:
    model = make_whisper_ctc_folder(tmp_path / "model")
    assert "the card states no licence" in run("export", model, "-o", tmp_path / "out")
    card = ModelCard.load(tmp_path / "out" / "README.md")
    assert not {"license", "language", "model-index", "base_model"} & set(card.data.to_dict())
    for what in ("How it was trained is not known.", "Which separator", "Not measured."):
        assert what in card.text


def test_folders_of_this_machine_stay_here(checkpoint: Path, tmp_path: Path) -> None:
    run("export", checkpoint, "-o", tmp_path / "out")
    for name in ("README.md", "lyricsrec.json"):
        text = (tmp_path / "out" / name).read_text()
        assert "lyricsrec train --data=dali -o 7 --steps 1200" in text or name == "lyricsrec.json"
        assert not [word for word in ("ann", "My Songs", "/data", "~") if word in text], text
    made = json.loads((tmp_path / "out" / "lyricsrec.json").read_text())
    assert made["command"] == ["lyricsrec", "train", "--data=dali", "-o", "7", "--steps", "1200"]
    assert made["manifests"] == {"train.jsonl": "abc123"}
    assert (made["recognizer"], made["separator"]) == ("facebook/wav2vec2-base-960h", "spleeter")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/srv/ann/x.wav", "x.wav"),
        (r"C:\Users\ann\x.wav", "x.wav"),
        ("--set=data.folder=/a/b c/d", "--set=data.folder=d"),
        ("/a/b,/c/d", "b,d"),
        ("facebook/wav2vec2-base-960h", "facebook/wav2vec2-base-960h"),
        ("data/dali", "data/dali"),
        ("AC/DC and 3/4", "AC/DC and 3/4"),
    ],
)
def test_absolute_paths_become_names(text: str, expected: str) -> None:
    assert without_folders([{text: text}]) == [{expected: expected}]


def test_files_of_the_same_name_are_numbered() -> None:
    found = without_folders({"/a/train.jsonl": 1, "/b/train.jsonl": 2, "c": {"~/d/e": 3}})
    assert found == {"train.jsonl": 1, "train.jsonl (2)": 2, "c": {"e": 3}}


def test_a_report_that_does_not_fit_is_refused(checkpoint: Path, report: Path, tmp_path: Path) -> None:
    said = run("export", checkpoint, "-o", tmp_path / "out", "--report", report, code=2)
    assert "Choose one with --system: ours, theirs." in said
    said = run("export", checkpoint, "-o", tmp_path / "out", "--report", report, "--system", "none", code=2)
    assert "no system 'none'" in said
    said = run("export", checkpoint, "-o", tmp_path / "out", "--report", checkpoint / "vocab.json", code=1)
    assert "not a report of `lyricsrec score`" in said
