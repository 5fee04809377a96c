"""The search in a second process: the same words in the same order, and no process left running."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from helpers.command_line import Cli
from helpers.files import EXAMPLES
from helpers.sounds import chord, write_song
from helpers.tiny_language import LM, VOCABULARY, ambiguous, emission

from lyricsrec.base.errors import ModelError
from lyricsrec.decoding.registry import make_decoder
from lyricsrec.decoding.search_process import SearchProcess
from lyricsrec.decoding.settings import DecodeConfig
from lyricsrec.pipeline.load import load_pipeline
from lyricsrec.pipeline.settings import PipelineConfig


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> DecodeConfig:
    path = tmp_path_factory.mktemp("lm") / "lm.arpa"
    path.write_text(LM)
    return DecodeConfig(20, path, alpha=0.5, beta=0.0, search="prefix")


def test_it_gives_the_same_words_and_ends_with_the_pipe(config: DecodeConfig) -> None:
    aside, here = SearchProcess(VOCABULARY, config), make_decoder(VOCABULARY, config)
    assert aside.name == here.name
    emissions = [emission("C-A-T"), emission("---"), ambiguous()]
    words = []
    for one in emissions:
        finish = aside.begin(one)
        words.append(finish())
    assert words == [here.decode(one) for one in emissions]
    assert aside.hypotheses(emissions[2], 5) == here.hypotheses(emissions[2], 5)
    # What a song that failed has left behind does not become the next one's.
    aside.begin(emissions[0])
    assert aside.decode(emissions[2]) == here.decode(emissions[2])
    (process,) = multiprocessing.active_children()
    del aside, finish
    process.join(10)
    assert process.exitcode == 0


def test_a_model_that_does_not_fit_is_an_error(config: DecodeConfig, tmp_path: Path) -> None:
    path = tmp_path / "x.arpa"
    path.write_text("no model at all\n")
    with pytest.raises(ModelError, match="not a language model that KenLM can read") as caught:
        SearchProcess(VOCABULARY, replace(config, lm=path))
    assert caught.value.hint


def test_a_process_that_dies_is_an_error(config: DecodeConfig) -> None:
    decoder = SearchProcess(VOCABULARY, config)
    (process,) = multiprocessing.active_children()
    process.kill()
    process.join(10)
    with pytest.raises(ModelError, match="has ended unexpectedly"):
        decoder.decode(ambiguous())


@pytest.mark.parametrize(
    ("aside", "decode", "cores", "kind"),
    [
        (True, DecodeConfig(5, search="prefix"), 2, "SearchProcess"),
        (True, DecodeConfig(5, search="prefix"), 1, "PrefixDecoder"),
        (False, DecodeConfig(5, search="prefix"), 2, "PrefixDecoder"),
        (True, DecodeConfig(5), 2, "LetterDecoder"),
        (True, DecodeConfig(search="prefix"), 2, "GreedyDecoder"),
    ],
)
def test_only_slow_searches_with_a_spare_core_use_a_second_process(
    monkeypatch: pytest.MonkeyPatch, ctc_folder: Path, aside: bool, decode: DecodeConfig, cores: int, kind: str
) -> None:
    monkeypatch.setattr("lyricsrec.pipeline.load.num_cores", lambda: cores)
    config = PipelineConfig(separator="none", model=str(ctc_folder), decode=decode, search_aside=aside)
    assert type(load_pipeline(config).decoder).__name__ == kind


def test_a_batch_is_identical_byte_for_byte(cli: Cli, ctc_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "songs").mkdir()
    # Of two pieces, and of one.
    for number, seconds in enumerate((32.0, 3.0)):
        write_song(tmp_path / "songs" / f"{number}.wav", chord(seconds, 16_000, 1), 16_000)
    flags = ["--separator", "none", "--model", str(ctc_folder), "--beam", "2", "--search", "prefix", "-f", "json"]
    done = cli("transcribe", "songs", *flags, "-o", "aside")
    assert "needs pyctcdecode" not in done.stderr.decode()
    assert (done.returncode, done.stderr) == (0, b"")
    config = PipelineConfig(
        separator="none", model=str(ctc_folder), decode=DecodeConfig(2, search="prefix"), offline=True
    )
    here = load_pipeline(config)
    for number in range(2):
        written = (tmp_path / "aside" / f"{number}.json").read_text("utf-8")
        assert json.loads(written)["text"]
        assert written == here.transcribe(tmp_path / "songs" / f"{number}.wav").to_json() + "\n"


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="processes are listed as Linux does")
def test_ctrl_c_ends_both_processes(ctc_folder: Path, tmp_path: Path) -> None:
    write_song(tmp_path / "song.wav", chord(280.0, 16_000, 1), 16_000)
    command = [sys.executable, "-m", "lyricsrec", "transcribe", "song.wav", "--separator", "none", "--model"]
    process = subprocess.Popen(
        [*command, str(ctc_folder), "--beam", "100", "--search", "prefix"],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(EXAMPLES.parent)},
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509
    )
    deadline = time.monotonic() + 100
    while not (workers := spawned(process.pid)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert workers
    time.sleep(3.0)
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    stderr = process.communicate(timeout=30)[1].decode()
    assert process.returncode == 130
    assert "Traceback" not in stderr
    deadline = time.monotonic() + 10
    while any(Path(f"/proc/{pid}").exists() for pid in workers) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not [pid for pid in workers if Path(f"/proc/{pid}").exists()]


def spawned(pid: int) -> list[int]:
    """The processes that a process has started to search."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return [int(child) for child in children if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]
    except OSError:
        return []
