"""Where a run comes from, with git and without."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from lyricsrec.training.state.provenance import git_state, provenance


def test_git_says_which_commit_and_whether_files_differ(tmp_path: Path) -> None:
    assert git_state(tmp_path) is None

    def git(*arguments: str) -> str:
        who = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
        done = subprocess.run(["git", *who, *arguments], cwd=tmp_path, check=True, capture_output=True, text=True)
        return done.stdout

    git("init", "-q")
    assert git_state(tmp_path) is None
    (tmp_path / "a").write_text("1")
    git("add", "a")
    git("commit", "-qm", "first")
    commit = git("rev-parse", "HEAD").strip()
    assert git_state(tmp_path) == {"commit": commit, "dirty": False}
    (tmp_path / "a").write_text("2")
    assert git_state(tmp_path) == {"commit": commit, "dirty": True}


def test_nothing_missing_makes_it_fail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    missing = tmp_path / "train.jsonl"
    found = provenance({str(missing): None})
    assert found["git"] is None
    assert found["manifests"] == {str(missing): None}
    assert found["hardware"]["processes"] == 1
