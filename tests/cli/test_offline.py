"""`--offline` opens no socket: an audit hook watches, and where that is possible there is no network at all."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from helpers import no_network
from helpers.command_line import NEW_PROCESS, Cli, environment_in
from helpers.sounds import chord, write_song

CTC = "CTC"
COMMANDS = [
    (0, ("transcribe", "a.wav", "--model", CTC, "--separator", "none", "-f", "json")),
    (0, ("transcribe", "a.wav", "--model", CTC, "--separator", "spleeter", "--lm", "lyrics", "-f", "lrc")),
    (0, ("align", "a.wav", "words.txt", "--model", CTC, "-f", "lrc")),
    (0, ("separate", "a.wav", "--keep-all", "-o", "out")),
    (0, ("score", "--ref", "words.txt", "--hyp", "words.txt")),
    (0, ("push", CTC, "someone/else", "--dry-run")),
    # Models that are not on this disk.
    (1, ("transcribe", "a.wav", "--model", "someone/else")),
    (1, ("transcribe", "a.wav", "--preset", "whisper")),
    (1, ("separate", "a.wav", "--separator", "htdemucs", "-o", "out")),
    (1, ("align", "a.wav", "words.txt", "--model", "facebook/wav2vec2-base-960h")),
    (1, ("train", "--data", "data", "-o", "run", "--model", "someone/else", "--device", "cpu")),
]
NAMES = [" ".join(command[:1] + command[2:4]) for _, command in COMMANDS]


def prepare(folder: Path) -> None:
    write_song(folder / "a.wav", chord(2.0, 16_000), 16_000)
    (folder / "words.txt").write_text("so far\naway\n")
    (folder / "data").mkdir()
    for name in ("train", "validation"):
        (folder / "data" / f"{name}.jsonl").write_text("")


def arguments_of(command: tuple[str, ...], ctc_folder: Path) -> list[str]:
    return [*(str(ctc_folder) if part == CTC else part for part in command), "--offline"]


@pytest.mark.parametrize(("code", "command"), COMMANDS, ids=NAMES)
def test_no_socket_is_opened(cli: Cli, tmp_path: Path, ctc_folder: Path, code: int, command: tuple[str, ...]) -> None:
    prepare(tmp_path)
    # Not the variable that the other tests set: the option alone must do it.
    done = cli(*arguments_of(command, ctc_folder), PRELUDE=no_network.__file__, HF_HUB_OFFLINE="")
    assert b"NETWORK" not in done.stderr, done.stderr.decode()
    assert done.returncode == code, done.stderr.decode()
    assert b"Traceback" not in done.stderr


def test_the_hook_would_see_it(cli: Cli) -> None:
    done = cli("transcribe", "a.wav", PRELUDE=str(Path(no_network.__file__).with_name("connecting.py")))
    assert done.returncode == 99
    assert b"NETWORK: socket" in done.stderr


def can_unshare() -> bool:
    try:
        return subprocess.run(["unshare", "-rn", "true"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


@pytest.mark.slow
@pytest.mark.skipif(not can_unshare(), reason="no network namespace can be made here")
@pytest.mark.parametrize(("code", "command"), COMMANDS, ids=NAMES)
def test_commands_work_where_there_is_no_network(
    tmp_path: Path, ctc_folder: Path, code: int, command: tuple[str, ...]
) -> None:
    prepare(tmp_path)
    # Without interfaces, not even 127.0.0.1 can be reached.
    done = subprocess.run(
        ["unshare", "-rn", *NEW_PROCESS, *arguments_of(command, ctc_folder)],
        capture_output=True,
        cwd=tmp_path,
        env=environment_in(tmp_path) | {"HF_HUB_OFFLINE": ""},
        check=False,
    )
    assert done.returncode == code, done.stderr.decode()
    assert b"Traceback" not in done.stderr
