"""`lyricsrec summary` as users see it."""

from __future__ import annotations

import json
from pathlib import Path

from helpers.command_line import Cli

LRC = b"[00:01.00]So far away from home\n[00:04.00]so far away\n[00:07.00]So far away from home\n[00:09.00]\n"


def test_text_markdown_and_json(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "song.lrc").write_bytes(LRC)
    assert cli("summary", "song.lrc").stdout.decode().startswith("song\nhook:       So far away from home (2 times)\n")
    done = cli("summary", "-", "-f", "json", stdin=LRC)
    assert json.loads(done.stdout)["length"]["words"] == 13
    done = cli("summary", "song.lrc", "-o", "song.md", "-v")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"wrote song.md\n")
    assert (tmp_path / "song.md").read_text().startswith("# song\n\n- **hook**: So far away from home")


def test_a_model_that_is_not_there(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "song.lrc").write_bytes(LRC)
    done = cli("summary", "song.lrc", "--model", "some/model", "--offline")
    assert done.returncode == 1
    assert b"'some/model' is not on this machine" in done.stderr
