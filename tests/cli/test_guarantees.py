"""What SECURITY.md guarantees about interrupted commands, full disks and folders that vanish, for each long command.

Each command is broken at the worst moments: when a result gets its name. What existed must be intact, nothing may be
half-written, and the same command must go on afterwards. `train`, `separate` in the middle of a song, and `serve` are
broken in tests of their own.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from helpers import sabotage
from helpers.command_line import NEW_PROCESS, Cli, check_error, environment_in
from helpers.data_sets import make_dali
from helpers.files import EXAMPLES
from helpers.sounds import chord, write_song

pytestmark = pytest.mark.slow

LRC = "[00:00.50]so far\n[00:01.50]away\n"


@dataclass(frozen=True)
class Case:
    """A long command: what it needs in a folder, its arguments, and how many files get their names."""

    name: str
    make: Callable[[Path], None]
    arguments: tuple[str, ...]
    num_names: int


def make_songs(folder: Path) -> None:
    for name in ("a", "b"):
        write_song(folder / f"{name}.wav", chord(2.0, 16_000), 16_000)
    (folder / "words.txt").write_text("so far\naway\n")
    (folder / "words.lrc").write_text(LRC)
    (folder / "ref.txt").write_text("so far\naway\n")


def make_data(folder: Path) -> None:
    make_dali(folder, [{}, {}, {}], seconds=10.0)


def make_text(folder: Path) -> None:
    shutil.copy(EXAMPLES / "on_the_run_verse.txt", folder / "text.txt")
    (folder / "hymns.txt").write_text("so far away from home\nso far so good\n" * 20)


JSON_AND_LRC = ("-f", "json", "-f", "lrc", "-o", "out")
CASES = [
    Case(
        "transcribe",
        make_songs,
        (
            "transcribe",
            "a.wav",
            "b.wav",
            "--model",
            "CTC",
            "--separator",
            "none",
            "-f",
            "json",
            "-f",
            "lrc",
            "-o",
            "out",
        ),
        4,
    ),
    Case("separate", make_songs, ("separate", "a.wav", "b.wav", "--separator", "center", "--keep-all", "-o", "out"), 4),
    Case(
        "align",
        make_songs,
        ("align", "a.wav", "words.txt", "--model", "CTC", "-f", "json", "-f", "lrc", "-o", "out"),
        2,
    ),
    Case("plot", make_songs, ("plot", "a.wav", "words.lrc", "-o", "out/plot.html"), 1),
    Case("score", make_songs, ("score", "--ref", "ref.txt", "--hyp", "words.lrc", "-o", "out/report.json"), 1),
    Case("lm build", make_text, ("lm", "build", "hymns.txt", "-o", "out"), 3),
    Case(
        "dali-prepare",
        make_data,
        ("dali-prepare", "--annotations", "annotations", "--audio", "audio", "--output", "out"),
        7,
    ),
]
BY_NAME = [pytest.param(case, id=case.name) for case in CASES]


@pytest.fixture
def run(cli: Cli, ctc_folder: Path) -> Callable[..., subprocess.CompletedProcess[bytes]]:
    """Runs a case, broken as SABOTAGE says."""

    def run(case: Case, **environment: str) -> subprocess.CompletedProcess[bytes]:
        arguments = (str(ctc_folder) if part == "CTC" else part for part in case.arguments)
        return cli(*arguments, PRELUDE=sabotage.__file__, **{"SABOTAGE": "0:", **environment})

    return run


Run = Callable[..., "subprocess.CompletedProcess[bytes]"]


def contents(folder: Path) -> dict[str, bytes]:
    """The results in a folder, without temporary files."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".lyricsrec-")
    }


def temporary(folder: Path) -> list[Path]:
    return [path for path in folder.rglob(".lyricsrec-*") if path.suffix == ".tmp"]


def moments(case: Case) -> list[int]:
    """The first, a middle and the last name."""
    return sorted({1, (case.num_names + 1) // 2, case.num_names})


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("case", BY_NAME)
def test_an_end_at_any_moment_leaves_complete_files_and_a_rerun_goes_on(
    tmp_path: Path, run: Run, case: Case, number: signal.Signals
) -> None:
    case.make(tmp_path)
    whole = run(case)
    assert whole.returncode in (0, 3), whole.stderr.decode()
    expected = contents(tmp_path / "out")
    assert expected
    for moment in moments(case):
        shutil.rmtree(tmp_path / "out")
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "foreign.txt").write_text("kept")
        done = run(case, SABOTAGE=f"{moment}:{int(number)}")
        code = {signal.SIGKILL: -9, signal.SIGTERM: 143, signal.SIGINT: 130}[number]
        assert done.returncode == code, done.stderr.decode()
        assert b"Traceback" not in done.stderr
        left = contents(tmp_path / "out")
        assert left.pop("foreign.txt") == b"kept"
        assert all(same(name, left[name], expected[name]) for name in left.keys() & expected.keys())
        if number != signal.SIGKILL:
            assert not temporary(tmp_path / "out")
        again = run(case)
        assert again.returncode == whole.returncode, again.stderr.decode()
        found = contents(tmp_path / "out")
        del found["foreign.txt"]
        assert found.keys() == expected.keys()
        assert all(same(name, found[name], expected[name]) for name in expected)


def same(name: str, found: bytes, expected: bytes) -> bool:
    """Whether two files hold the same; those with times of day in them have about the same length."""
    if name.endswith((".png", ".html")) or name == "report.json":
        return abs(len(found) - len(expected)) < 200
    return found == expected


@pytest.mark.parametrize(
    ("fault", "message"), [("ENOSPC", "No space left on device"), ("EROFS", "Read-only file system")]
)
@pytest.mark.parametrize("case", BY_NAME)
def test_a_disk_that_is_full_or_read_only_is_one_line_and_what_existed_is_intact(
    tmp_path: Path, run: Run, case: Case, fault: str, message: str
) -> None:
    case.make(tmp_path)
    assert run(case).returncode in (0, 3)
    before = contents(tmp_path / "out")
    for moment in moments(case):
        done = run(case, SABOTAGE=f"{moment}:{fault}")
        check_error(done, 1, message)
        assert len(done.stderr.decode().strip().splitlines()) <= 3 * len(case.arguments), done.stderr.decode()
        after = contents(tmp_path / "out")
        assert not temporary(tmp_path / "out")
        assert all(same(name, after[name], before[name]) for name in before)
        assert not [name for name in after if name not in before]


@pytest.mark.parametrize("case", BY_NAME)
def test_a_folder_that_vanishes_is_an_error(tmp_path: Path, run: Run, case: Case) -> None:
    case.make(tmp_path)
    for moment in moments(case):
        shutil.rmtree(tmp_path / "out", ignore_errors=True)
        done = run(case, SABOTAGE=f"{moment}:vanish")
        check_error(done, 1, "vanished|No such file")
        assert not contents(tmp_path / "out")


def can_mount() -> bool:
    try:
        trial = "mount -t tmpfs -o size=1m tmpfs /mnt"
        return subprocess.run(["unshare", "-rm", "sh", "-c", trial], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


@pytest.mark.skipif(not can_mount(), reason="no small disk can be mounted here")
@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in CASES if case.name != "score"])
def test_a_small_disk(tmp_path: Path, ctc_folder: Path, case: Case) -> None:
    case.make(tmp_path)
    (tmp_path / "out").mkdir()
    command = [*NEW_PROCESS, *(str(ctc_folder) if part == "CTC" else part for part in case.arguments)]
    script = 'mount -t tmpfs -o size=4k,nr_inodes=8 tmpfs out && "$@"; code=$?; ls -A out >&2; exit $code'
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", script, "sh", *command],
        capture_output=True,
        cwd=tmp_path,
        env=environment_in(tmp_path),
        check=False,
    )
    check_error(done, 1, r"No space left on device|disk full|cannot write")
    assert ".tmp" not in done.stderr.decode()
