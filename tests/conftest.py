"""Fixtures of the whole suite; what is only imported lies in `helpers`."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

# Tests run beside each other; libraries read these when they are imported.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(name, "1")

# What is remembered for users, such as where the sounds of their data sets lie, is remembered for one run of the tests.
_home = tempfile.TemporaryDirectory(prefix="lyricsrec-tests-")
os.environ["XDG_DATA_HOME"] = _home.name

# A shell starts background jobs with interrupts ignored, and the commands that tests interrupt would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# A busy machine is slow; .ci/run tries more examples.
hypothesis.settings.register_profile("default", max_examples=30, deadline=None)
hypothesis.settings.register_profile("ci", max_examples=200, deadline=None, print_blob=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "default")

pytest.register_assert_rewrite("helpers")

from helpers.command_line import Cli, run_in, warm_command  # noqa: E402
from helpers.sounds import chord, write_song  # noqa: E402
from helpers.tiny_models import LETTERS, make_ctc_folder  # noqa: E402

if TYPE_CHECKING:
    from accelerate import Accelerator


def _skip_without_pyctcdecode(item: pytest.Item) -> Iterator[None]:
    try:
        return (yield)
    except Exception as error:
        if "needs pyctcdecode" in str(error):
            pytest.skip("the prefix search needs pyctcdecode")
        raise


# Python 3.13 and later have no pyctcdecode.
if find_spec("pyctcdecode") is None:
    pytest_runtest_setup = pytest.hookimpl(wrapper=True)(_skip_without_pyctcdecode)
    pytest_runtest_call = pytest.hookimpl(wrapper=True)(_skip_without_pyctcdecode)


@pytest.fixture(scope="session")
def lyricsrec(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sequence[str]]:
    """The beginning of a `lyricsrec` command that starts fast."""
    with warm_command(tmp_path_factory.mktemp("warm")) as command:
        yield command


@pytest.fixture
def cli(tmp_path: Path, lyricsrec: Sequence[str]) -> Cli:
    """Runs `lyricsrec` in the test's folder, with an empty model cache and no terminal."""
    return run_in(tmp_path, lyricsrec)


@pytest.fixture(scope="session")
def ctc_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Wav2Vec2 CTC checkpoint with random weights and a real tokenizer, as transformers saves it."""
    return make_ctc_folder(tmp_path_factory.mktemp("ctc"), LETTERS)


@pytest.fixture
def accelerator() -> Iterator[Accelerator]:
    """A training engine on the processor; what it keeps for its whole process is forgotten after the test."""
    from accelerate import Accelerator
    from accelerate.state import AcceleratorState

    yield Accelerator(cpu=True)
    AcceleratorState._reset_state(reset_partial_state=True)


@pytest.fixture
def tone(tmp_path: Path) -> Path:
    """Three seconds of a stereo chord."""
    return write_song(tmp_path / "tone.wav", chord(3.0))
