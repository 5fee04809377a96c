"""`dali-prepare`, `import` and `dataset` as users see them."""

from __future__ import annotations

import gzip
import json
import os
import pickle
from collections.abc import Callable
from pathlib import Path

import DALI
import pytest
from helpers.command_line import Cli, check_error
from helpers.data_sets import make_dali, make_jamendo
from helpers.files import EXAMPLES

Make = Callable[..., tuple[Path, Path]]


def test_dali_prepare(cli: Cli, tmp_path: Path) -> None:
    annotations, audio = make_dali(tmp_path, [{"ncc": 0.85}, {"ncc": 0.95}, {"language": "german"}])
    done = cli("dali-prepare", "--annotations", annotations, "--audio", audio, "--output", "out", COLUMNS="100")
    assert done.returncode == 0, done.stderr
    assert done.stderr == b""
    shown = done.stdout.decode()
    for row in (
        r"train",
        r"validation",
        r"test",
        "left out: other language",
        "Words: 12 annotated = 8 kept + 4 dropped",
    ):
        assert row in shown
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "report.json",
        "report.png",
        "songs.jsonl",
        "test.jsonl",
        "train.jsonl",
        "validation.jsonl",
    ]


def test_a_dry_run_writes_nothing(cli: Cli, tmp_path: Path) -> None:
    annotations, audio = make_dali(tmp_path, [{}])
    done = cli("dali-prepare", "--annotations", annotations, "--audio", audio, "--output", "out", "--dry-run")
    assert done.returncode == 0
    assert b"Words: 4 annotated = 4 kept + 0 dropped" in done.stdout
    assert not (tmp_path / "out").exists()


def test_every_flag_reaches_the_report(cli: Cli, tmp_path: Path) -> None:
    annotations, audio = make_dali(tmp_path, [{}, {}])
    (tmp_path / "skip.txt").write_text("a2  # damaged\n\n")
    flags = "--split random --ncc 0.1 --ratios 1,0,0 --seed 7 --separate-artists --alphabet german --case lower"
    flags += " --chunks fixed --chunk-s 5 --max-gap-s 3 --pad-s 0.5 --language en --language de --exclude skip.txt"
    flags += " --validation-ncc 0.5 --test-ncc 0.6"
    done = cli("dali-prepare", "--annotations", annotations, "--audio", audio, "--output", "out", *flags.split())
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "out" / "report.json").read_text())["settings"] == {
        "languages": ["english", "german"],
        "exclude": ["a2"],
        "lyrics": {"letters": "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÜ", "case": "lower"},
        "chunk": {"mode": "fixed", "chunk_s": 5.0, "max_gap_s": 3.0, "pad_s": 0.5},
        "split": {
            "mode": "random",
            "ncc": 0.1,
            "validation_ncc": 0.5,
            "test_ncc": 0.6,
            "ratios": [1.0, 0.0, 0.0],
            "seed": 7,
            "separate_artists": True,
        },
        "extract": False,
    }


def test_ground_truth_and_json(cli: Cli, tmp_path: Path) -> None:
    annotations, audio = make_dali(tmp_path, [{}])
    truth = tmp_path / "gt.gz"
    truth.write_bytes(gzip.compress(pickle.dumps({"a1": {"fr": 60_000.0, "offset": 1.0}}, protocol=2)))
    done = cli("dali-prepare", "--annotations", annotations, "--ground-truth", truth, "--export-json", "json")
    assert done.returncode == 0, done.stderr
    entry = DALI.Annotations()
    entry.read_json(str(tmp_path / "json" / "a1.json"))
    assert entry.annotations["annot"]["words"][0]["time"] == [2.0, 2.5]
    assert entry.info["ground-truth"] is True
    done = cli("dali-prepare", "--annotations", "json", "--audio", audio, "--output", "out")
    assert done.returncode == 0, done.stderr
    assert '"start_s":2.0,"end_s":2.5' in (tmp_path / "out" / "train.jsonl").read_text()


class _Attack:
    def __reduce__(self) -> tuple[object, object]:
        return os.mkdir, ("it_ran",)


def test_a_malicious_entry_is_reported_and_the_rest_prepared(cli: Cli, tmp_path: Path) -> None:
    annotations, audio = make_dali(tmp_path, [{}])
    (annotations / "evil.gz").write_bytes(gzip.compress(pickle.dumps(_Attack(), protocol=2)))
    done = cli("dali-prepare", "--annotations", annotations, "--audio", audio, "--output", "out", "-v")
    assert done.returncode == 0
    assert b"mkdir" in done.stderr
    assert b"unreadable annotation" in done.stdout
    assert "mkdir" in json.loads((tmp_path / "out" / "report.json").read_text())["left_out"][0]["detail"]
    done = cli("dali-prepare", "--annotations", annotations, "--export-json", "json")
    check_error(done, 1, r"evil\.gz: it asks for '(posix|nt)\.mkdir', which no DALI file needs")
    assert (tmp_path / "json" / "a1.json").exists()
    check_error(
        cli(
            "dali-prepare",
            "--annotations",
            annotations,
            "--ground-truth",
            annotations / "evil.gz",
            "--export-json",
            "x",
        ),
        1,
        r"mkdir",
    )
    assert not (tmp_path / "it_ran").exists()


@pytest.mark.parametrize(
    ("flags", "code", "message"),
    [
        ("--annotations nowhere --export-json x", 1, "nowhere: no such folder"),
        ("--annotations annotations", 2, "--audio and --output are missing"),
        ("--annotations annotations --output out", 2, "--audio and --output are missing"),
        ("--annotations annotations --export-json x --audio audio", 2, "--audio and --output belong together"),
        ("--annotations annotations --audio nowhere --output out", 2, "--audio nowhere: not a folder"),
        ("--annotations audio --audio audio --output out", 1, "no annotated songs were found"),
        ("--annotations annotations --audio audio --output out --language german", 1, "no song is left"),
        (
            "--annotations annotations --audio audio --output out --alphabet klingon",
            2,
            "unknown alphabet 'klingon'",
        ),
        ("--annotations annotations --audio audio --output out --ratios 1,2", 2, "is not three numbers"),
        ("--annotations annotations --audio audio --output out --exclude gone.txt", 2, "gone.txt cannot be read"),
        ("--annotations annotations --audio audio --output out --ncc 0.95", 2, "out of order"),
        ("--annotations annotations --audio audio --output audio/a1.wav", 1, "cannot write into audio/a1.wav"),
    ],
)
def test_dali_prepare_errors(cli: Cli, tmp_path: Path, flags: str, code: int, message: str) -> None:
    make_dali(tmp_path, [{}])
    check_error(cli("dali-prepare", *flags.split()), code, message)


def test_import_ultrastar(cli: Cli, tmp_path: Path) -> None:
    done = cli("import", "ultrastar", EXAMPLES, "--output", "out", "--ratios", "0,0,1", "--to-dali", "dali")
    assert done.returncode == 0, done.stderr
    assert "Words: 75 annotated = 75 kept + 0 dropped" in done.stdout.decode()
    chunks = [json.loads(line) for line in (tmp_path / "out" / "test.jsonl").read_text().splitlines()]
    texts = " / ".join(chunk["text"] for chunk in chunks)
    assert "SO FAR AWAY FROM HOME SO FAR AWAY THAT I DON'T KNOW WHERE MY HOME IS ANYMORE / TWENTYONE TO BE" in texts
    entries = DALI.get_the_DALI_dataset(str(tmp_path / "dali"))
    assert sorted(len(entry.annotations["annot"]["words"]) for entry in entries.values()) == [21, 26, 28]


def test_import_jamendolyrics(cli: Cli, tmp_path: Path) -> None:
    folder = make_jamendo(tmp_path / "set")
    done = cli("import", "jamendolyrics", folder, "--to-dali", "dali", "--output", "out")
    check_error(done, 1, "no song is left")
    assert b"left out: no audio" in done.stdout
    (entry,) = DALI.get_the_DALI_dataset(str(tmp_path / "dali")).values()
    assert [word["text"] for word in entry.annotations["annot"]["words"]] == ["so", "süß", "bist"]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("ultrastar", "."), 2, "--output is missing"),
        (("ultrastar", "nowhere", "-o", "x"), 1, "nowhere: no such folder"),
        (("jamendolyrics", ".", "-o", "x"), 1, r"no JamendoLyrics\.csv"),
        (("midi", ".", "-o", "x"), 2, "midi"),
    ],
)
def test_import_errors(cli: Cli, arguments: tuple[str, ...], code: int, message: str) -> None:
    check_error(cli("import", *arguments), code, message)


def test_dataset_show(cli: Cli, tmp_path: Path) -> None:
    assert cli("import", "ultrastar", EXAMPLES, "-o", "data", "--ratios", "1,0,0").returncode == 0
    done = cli("dataset", "show", "data/train.jsonl", "--chunk", "0", "--sample", "1", "-o", "look", COLUMNS="100")
    assert done.returncode == 0, done.stderr
    assert "words a second" in done.stdout.decode()
    assert len(list((tmp_path / "look").glob("*.png"))) >= 1
    done = cli("dataset", "show", "data/songs.jsonl", "--format", "json")
    assert json.loads(done.stdout)["words annotated"] == 75
    check_error(cli("dataset", "show", "data/train.jsonl", "--chunk", "0"), 2, "need --output")
    check_error(cli("dataset", "show", "data/train.jsonl", "--chunk", "99", "-o", "x"), 2, "no chunk '99'")
    check_error(cli("dataset", "show", "missing.jsonl"), 1, r"missing\.jsonl: cannot be read")
