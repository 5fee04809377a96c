"""The command line as users see it: a process, its streams and its exit codes."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from helpers.command_line import Cli, check_error
from helpers.files import EXAMPLES
from helpers.sounds import chord, write_song
from helpers.tiny_models import save_demucs

from lyricsrec.cli import interrupt
from lyricsrec.cli.screen import Screen
from lyricsrec.formats.registry import OUTPUT_FORMATS

VERSE = EXAMPLES / "on_the_run_verse.flac"


def test_text_on_stdout_and_nothing_on_stderr(cli: Cli) -> None:
    done = cli("transcribe", VERSE)
    assert done.returncode == 0
    assert done.stdout.decode().lower().startswith("so far away from home\n")
    assert done.stderr == b""


def test_json_from_stdin(cli: Cli) -> None:
    done = cli("transcribe", "-", "--format", "json", stdin=VERSE.read_bytes())
    document = json.loads(done.stdout)
    assert (done.returncode, document["schema"], document["song"]) == (0, 1, "stdin")
    assert document["provenance"]["preset"] == "offline"
    assert document["lines"][0]["words"][0].keys() == {"text", "start_s", "end_s", "confidence"}


def test_every_format_and_stems_into_folders(cli: Cli, tmp_path: Path) -> None:
    flags = [part for name in OUTPUT_FORMATS for part in ("-f", name)]
    done = cli("transcribe", VERSE, *flags, "-o", "out", "--stems", "stems", "-v")
    assert done.returncode == 0, done.stderr
    assert done.stdout == b""
    assert {p.name for p in (tmp_path / "out").iterdir()} == {
        f"on_the_run_verse{form.suffix}" for form in OUTPUT_FORMATS.values()
    }
    assert all(p.stat().st_size > 50 for p in (tmp_path / "out").iterdir())
    assert len(list((tmp_path / "stems").iterdir())) == 2
    again = cli("transcribe", VERSE, *flags, "-o", "out", "--skip-existing", "-v")
    assert b"skipped" in again.stderr


def test_demucs_and_a_ctc_checkpoint_from_disk(cli: Cli, tmp_path: Path, ctc_folder: Path, tone: Path) -> None:
    save_demucs(tmp_path / "hub")
    arguments = ["--separator", "htdemucs", "--model", ctc_folder, "--offline", "-f", "json", "--dtype", "float32"]
    done = cli("transcribe", tone, *arguments)
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["provenance"]["separator"] == "htdemucs"
    assert document["provenance"]["preset"] is None
    beam = cli("transcribe", tone, *arguments, "--beam", "5", "--hotword", "LOVE")
    assert beam.returncode == 0, beam.stderr.decode()
    assert json.loads(beam.stdout)["provenance"]["decoder"] == "prefix beam 5"


BAD_SONGS = {
    "empty.wav": (lambda path: path.write_bytes(b""), "empty.wav: the file is empty"),
    "text.mp3": (lambda path: path.write_text("la la la\n" * 99), "text.mp3: not an audio file"),
    "zero.wav": (lambda path: write_song(path, np.zeros((0, 2), np.float32)), "zero.wav: the file contains no audio"),
    "nan.wav": (
        lambda path: write_song(path, np.full((99, 2), np.nan, np.float32), subtype="FLOAT"),
        "nan.wav: all its samples",
    ),
    "folder.wav": (lambda path: path.mkdir(), "folder.wav: no songs in this folder"),
    "missing.wav": (lambda path: None, "missing.wav: no such file"),
}


def test_bad_songs_are_reported_and_the_good_one_is_transcribed(cli: Cli, tmp_path: Path) -> None:
    for name, (make, _) in BAD_SONGS.items():
        make(tmp_path / name)
    odd = tmp_path / "a name with spaces, \u00e9\u00df\nand a newline.flac"
    odd.write_bytes(VERSE.read_bytes())
    done = cli("transcribe", *BAD_SONGS, odd.name, "-o", "out", "-f", "txt", "-f", "lrc")
    stderr = done.stderr.decode()
    assert done.returncode == 1
    assert "Traceback" not in stderr
    for _, message in BAD_SONGS.values():
        assert f"error: {message}" in stderr
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [f"{odd.stem}.lrc", f"{odd.stem}.txt"]
    assert "[ti:a name with spaces, \u00e9\u00df\\nand a newline]" in (tmp_path / "out" / f"{odd.stem}.lrc").read_text(
        "utf-8"
    )


@pytest.mark.parametrize(
    ("name", "samples", "rate"),
    [
        ("silence", np.zeros((88_200, 2), np.float32), 44_100),
        ("ten_ms", chord(0.01), 44_100),
        ("8k_mono", chord(2.0, 8_000, 1), 8_000),
        ("96k_six", chord(1.0, 96_000, 6), 96_000),
    ],
)
def test_unusual_but_valid_input_gives_empty_lyrics(
    cli: Cli, tmp_path: Path, name: str, samples: np.ndarray, rate: int
) -> None:
    done = cli("transcribe", write_song(tmp_path / f"{name}.wav", samples, rate))
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_a_few_invalid_samples_and_a_truncated_file_are_transcribed_with_a_warning(cli: Cli, tmp_path: Path) -> None:
    samples = soundfile.read(VERSE, dtype="float32")[0]
    samples[100:110] = np.inf
    done = cli("transcribe", write_song(tmp_path / "inf.wav", samples, subtype="FLOAT"))
    assert done.returncode == 0
    assert "so far away" in done.stdout.decode().lower()
    assert b"warning" in done.stderr
    assert b"10 samples are NaN or infinite" in done.stderr
    mp3 = write_song(tmp_path / "whole.mp3", samples[200:]).read_bytes()
    (tmp_path / "cut.mp3").write_bytes(mp3[: len(mp3) // 2])
    cut = cli("transcribe", "cut.mp3")
    assert cut.returncode == 0
    assert "so far away" in cut.stdout.decode().lower()


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--model", "no-such-model"], 1, "no model 'no-such-model'.*lyricsrec models list"),
        (["--model", "someone/not-cached"], 1, "'someone/not-cached' is not on this machine.*--preset offline"),
        (["--preset", "wav2vec2", "--offline"], 1, "--offline forbids downloading it.*models pull"),
        (["--preset", "nope"], 2, "unknown preset 'nope'.*Known presets: offline"),
        (["--separator", "nope"], 2, "unknown separator 'nope'"),
        (["--language", "xx"], 2, "does not know the language 'xx'"),
        (["--format", "doc"], 2, "unknown format 'doc'.*Known formats: txt"),
        (["--format", "txt", "--format", "srt"], 2, "several formats cannot share"),
        (["--device", "tpu"], 2, "Invalid value for '--device': 'tpu' is not one of 'auto'"),
        (["--times", "guessed"], 2, "Invalid value for '--times'.*'guessed' is not one of 'aligned'"),
        (["--dtype", "int3"], 2, "Invalid value for '--dtype'.*'int3' is not one of"),
        (["--lm", "missing.arpa"], 2, "no language model 'missing.arpa'"),
        (["--beam", "5"], 2, "are for CTC models"),
        (["--separator", "none", "--stems", "out"], 2, "--separator none makes no stems"),
        (["--no-such-flag"], 2, "No such option"),
        (["-o", "occupied/out"], 1, "cannot write into occupied/out"),
    ],
)
def test_an_error_is_one_line_with_a_hint(
    cli: Cli, tmp_path: Path, tone: Path, arguments: list[str], code: int, message: str
) -> None:
    (tmp_path / "occupied").write_text("a file, not a folder")
    done = cli("transcribe", tone, *arguments)
    check_error(done, code, message)
    assert done.stdout == b""
    assert sorted(p.name for p in tmp_path.iterdir() if p.name not in ("hub", "cache")) == ["occupied", "tone.wav"]


@pytest.mark.slow
def test_ctrl_c_keeps_finished_results_and_leaves_no_temporary_files(tmp_path: Path) -> None:
    for i in range(6):
        (tmp_path / f"song{i}.flac").write_bytes(VERSE.read_bytes())
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "lyricsrec",
            "transcribe",
            ".",
            "-o",
            "out",
            "--stems",
            "stems",
            "-f",
            "txt",
            "-f",
            "json",
        ],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(EXAMPLES.parent)},
        # Tests may run where a shell has set interrupts to be ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509
    )
    out = tmp_path / "out"
    deadline = time.monotonic() + 200
    while not (out / "song1.json").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    stderr = process.communicate(timeout=60)[1].decode()
    assert process.returncode == 130
    assert "Traceback" not in stderr
    names = sorted(p.name for p in out.iterdir())
    assert {"song0.json", "song0.txt", "song1.json", "song1.txt"} <= set(names)
    assert "song5.json" not in names
    assert not [p for p in tmp_path.rglob("*") if p.name.startswith(".")]
    for path in out.glob("*.json"):
        json.loads(path.read_text("utf-8"))


@pytest.mark.parametrize("step", [lambda s: s.update("separate", 1, 2), lambda s: s.begin("next")])
def test_an_interrupt_dropped_by_a_callback_ends_the_work_at_the_next_step(
    monkeypatch: pytest.MonkeyPatch, step: Callable[[Screen], None]
) -> None:
    monkeypatch.setattr(interrupt, "_received", [])
    before = signal.getsignal(signal.SIGINT)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        interrupt.watch()
        with contextlib.suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            step(Screen(quiet=True))
    finally:
        signal.signal(signal.SIGINT, before)


def test_several_songs_on_stdout_are_labelled(cli: Cli, tmp_path: Path) -> None:
    paths = [write_song(tmp_path / f"{name}.wav", np.zeros((4410, 1), np.float32)) for name in "ab"]
    text = cli("transcribe", *paths).stdout.decode()
    assert re.findall(r"==> .*?([ab])\.wav <==", text) == ["a", "b"]
    rows = cli("transcribe", *paths, "-f", "json").stdout.decode().splitlines()
    assert [json.loads(row)["song"] for row in rows] == ["a", "b"]


def test_models_and_doctor(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    listed = cli("models", "list", COLUMNS="200")
    assert listed.returncode == 0
    assert b"tiny.en" in listed.stdout
    assert b"research use" in listed.stdout
    for listed in (cli("models", "list"), cli("models", "list", COLUMNS="80")):
        assert "\u2026" not in listed.stdout.decode(), "a name is cut off"
    assert b"facebook/wav2vec2-large-960h-lv60-self " in cli("models", "list").stdout
    info = cli("models", "info", "htdemucs")
    assert b"adefossez/HTDemucs" in info.stdout
    check_error(cli("models", "info", "nope"), 1, "no model or preset 'nope'")
    check_error(cli("models", "pull", "htdemucs"), 1, "the hub cannot be reached")
    assert cli("models", "pull", "tiny.en").stdout.decode().strip().endswith("model")
    doctor = cli("doctor")
    assert doctor.returncode == 0, doctor.stdout
    assert re.search(r"ok +self-test", doctor.stdout.decode())


def test_version_and_help(cli: Cli) -> None:
    assert re.fullmatch(rb"lyricsrec \d+\.\d+\.\d+\n", cli("--version").stdout)
    text = cli("transcribe", "--help").stdout.decode()
    assert "Examples" in text
    assert "lyricsrec transcribe song.mp3" in text


@pytest.mark.parametrize("redirection", [">&-", "2>&-", "| cat"])
def test_closed_streams_and_locales_without_unicode_are_no_errors(redirection: str) -> None:
    bare = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    command = f"set -o pipefail; '{sys.executable}' -m lyricsrec models list {redirection}"
    done = subprocess.run(["bash", "-c", command], env={**os.environ, **bare}, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
