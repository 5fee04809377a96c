"""`lyricsrec push` to a stand-in for the hub, and the way back: `transcribe --model owner/name`."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.sounds import chord, write_song
from helpers.stand_in_hub import COMMIT, TOKEN, Hub, Repository, stand_in_hub
from helpers.tiny_models import make_whisper_ctc_folder, tiny_spleeter
from typer.testing import CliRunner

from lyricsrec.cli import app

FILES = {
    *("README.md", "config.json", "learned.json", "lyricsrec.json", "model.safetensors", "preprocessor_config.json"),
    *("separator/model.safetensors", "separator/spleeter.json", "tokenizer_config.json", "vocab.json"),
}


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A hub with an empty cache on this side, and its token."""
    with stand_in_hub() as hub:
        template = f"{hub.address}/{{repo_id}}/resolve/{{revision}}/{{filename}}"
        monkeypatch.setattr("huggingface_hub.constants.HUGGINGFACE_CO_URL_TEMPLATE", template)
        here = {"ENDPOINT": hub.address, "HF_HUB_CACHE": str(tmp_path / "cache"), "HF_HUB_OFFLINE": False}
        # Large files go another way to the real one, through a library that talks to that alone.
        for name, value in (here | {"HF_HUB_DISABLE_XET": True}).items():
            monkeypatch.setattr(f"huggingface_hub.constants.{name}", value)
        monkeypatch.setenv("HF_TOKEN", TOKEN)
        monkeypatch.chdir(tmp_path)
        yield hub


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = make_whisper_ctc_folder(tmp_path_factory.mktemp("push") / "step-00000007")
    (folder / "separator").mkdir()
    tiny_spleeter().save(folder / "separator")
    (folder / "lyricsrec.json").write_text('{"separator": "separator", "step": 7}')
    (folder / "learned.json").write_text('{"schema": 1, "trained": {"a1": ""}, "validated": {}}')
    (folder / "state").mkdir()
    (folder / "state" / "optimizer.safetensors").write_bytes(b"large")
    (folder / "notes.docx").write_bytes(b"mine")
    return folder


def run(*arguments: str | Path, code: int = 0) -> str:
    done = CliRunner().invoke(app, list(map(str, arguments)))
    assert done.exit_code == code, done.output
    return " ".join(done.output.split())


def test_a_pushed_model_is_downloaded_and_transcribes(hub: Hub, checkpoint: Path, tmp_path: Path) -> None:
    said = run("push", checkpoint, "singer/songs", "--license", "mit", "--message", "Better")
    assert said == f"uploaded 10 files to {hub.address}/singer/songs"
    [repository] = hub.repositories.values()
    assert (repository.private, repository.messages, set(repository.files)) == (True, ["Better"], FILES)
    assert b"license: mit" in repository.files["README.md"]
    assert b"--model singer/songs" in repository.files["README.md"]
    # A checkpoint that was uploaded in another way has the state of training in it.
    repository.files["state/optimizer.safetensors"] = b"large"
    song, texts = write_song(tmp_path / "song.wav", chord(2.0)), []
    for model in ("singer/songs", checkpoint):
        run("transcribe", song, "--model", model, "-f", "json", "-o", "out", "--device", "cpu")
        texts.append(json.loads((tmp_path / "out" / "song.json").read_text()))
    words = [[word["text"] for line in text["lines"] for word in line["words"]] for text in texts]
    assert words[0] == words[1] != []
    assert Path(texts[0]["provenance"]["separator"]).parts[-4:-2] == ("models--singer--songs", "snapshots")
    downloaded = {request.rpartition(f"/{COMMIT}/")[2] for request in hub.requests if "/resolve/" in request}
    assert downloaded == FILES - {"README.md"}


def test_a_dry_run_sends_nothing(hub: Hub, checkpoint: Path) -> None:
    listed = run("push", checkpoint, "singer/songs", "--public", "--dry-run", "--offline")
    assert "singer/songs (public): nothing is uploaded" in listed
    assert all(name in listed for name in FILES)
    assert "optimizer" not in listed
    assert not hub.requests


def test_an_exported_folder_is_pushed_as_it_is(hub: Hub, checkpoint: Path, tmp_path: Path) -> None:
    run("export", checkpoint, "-o", "model")
    card = (tmp_path / "model" / "README.md").read_text() + "\nMine.\n"
    (tmp_path / "model" / "README.md").write_text(card)
    (tmp_path / "model" / ".secret.json").write_text("{}")
    assert "has a card already" in run("push", "model", "singer/songs", "--license", "mit", code=2)
    run("push", "model", "singer/songs", "--public")
    [repository] = hub.repositories.values()
    assert (repository.private, set(repository.files)) == (False, FILES)
    assert repository.files["README.md"].decode() == card


def test_what_the_hub_or_the_user_forbids(
    hub: Hub, checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(checkpoint, tmp_path / "model")
    (tmp_path / "model" / "README.md").write_text("---\nlibrary_name: lyricsrec\n---\n")
    push = ("push", "model", "singer/songs")
    hub.repositories["singer/songs"] = Repository(private=False)
    assert "exists and is public; nothing was uploaded Give --public" in run(*push, code=2)
    assert not hub.repositories.pop("singer/songs").files
    assert "your token may not write to 'other/songs'" in run("push", "model", "other/songs", code=1)
    assert "--offline forbids uploading" in run(*push, "--offline", code=2)
    for name in ("songs", "a/b/c", "./songs", "singer/so ngs", "singer/"):
        assert "is called owner/name" in run("push", "model", name, "--dry-run", code=2)
    monkeypatch.setenv("HF_TOKEN", "wrong")
    assert "the hub does not accept your token" in run(*push, code=1)
    assert not hub.repositories
    monkeypatch.setattr("huggingface_hub.get_token", lambda: None)
    assert "not logged in to the Hugging Face hub Run `hf auth login`" in run(*push, code=1)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    assert "HF_HUB_OFFLINE is set" in run(*push, code=1)


def test_what_the_hub_finds_wrong_is_said(
    hub: Hub, checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(checkpoint, tmp_path / "model")
    (tmp_path / "model" / "README.md").write_text("---\nlibrary_name:\n---\n")
    push = ("push", "model", "singer/songs")
    assert "Invalid metadata in README.md. - no library" in run(*push, code=1)
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")
    assert "cannot upload to singer/songs" in run(*push, code=1)
