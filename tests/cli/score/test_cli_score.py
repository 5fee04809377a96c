"""`score` as users see it."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import jiwer
import pytest
from alt_eval import compute_metrics
from helpers.command_line import Cli, check_error
from helpers.data_sets import make_data
from helpers.files import EXAMPLES

from lyricsrec.dataset.preparation.settings import SplitConfig

REFERENCE = "So far away from home\nSo far away, that I don't know\n\nWhere my home is anymore\n"
HYPOTHESIS = "So far away from home\nSo far I wait that I don't know\nWhere is my home anymore"


def write(folder: Path, texts: dict[str, str]) -> Path:
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return folder


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    write(tmp_path, {"ref.txt": REFERENCE, "hyp.txt": HYPOTHESIS})
    return tmp_path / "ref.txt", tmp_path / "hyp.txt"


def make_test_split(folder: Path, *songs: dict[str, object]) -> Path:
    return make_data(folder, songs, SplitConfig("random", ncc=0.0, ratios=(0.0, 0.0, 1.0)))


def test_two_files_as_json_on_stdout(cli: Cli, pair: tuple[Path, Path]) -> None:
    done = cli("score", "--ref", pair[0], "--hyp", pair[1], "--quiet")
    assert (done.returncode, done.stderr) == (0, b""), done.stderr
    report = json.loads(done.stdout)
    (system,) = report["systems"]
    theirs = compute_metrics([REFERENCE], [HYPOTHESIS])
    assert report["protocol"] == "long"
    assert system["words"]["wer"] == theirs["WER"]
    assert system["layout"]["line_breaks"]["f1"] == theirs["F1_line"]
    assert system["songs"][0]["words"]["num_words"] == 18


def test_tables_on_stderr(cli: Cli, pair: tuple[Path, Path]) -> None:
    done = cli("score", "--ref", pair[0], "--hyp", f"mine={pair[1]}", COLUMNS="100")
    shown = done.stderr.decode()
    assert json.loads(done.stdout)["systems"][0]["name"] == "mine"
    assert "protocol long: alt-eval's words, case ignored" in shown
    assert "│ mine" in shown
    done = cli("score", "--ref", pair[0], "--hyp", pair[1], "-f", "table", COLUMNS="100")
    assert (done.stderr, b"WER %" in done.stdout) == (b"", True)


def test_protocol_short_is_what_jiwer_counts(cli: Cli, pair: tuple[Path, Path]) -> None:
    done = cli("score", "--ref", pair[0], "--hyp", pair[1], "--protocol", "short", "-q")
    reference, hypothesis = (" ".join(text.upper().replace(",", "").split()) for text in (REFERENCE, HYPOTHESIS))
    system = json.loads(done.stdout)["systems"][0]
    assert system["words"]["wer"] == jiwer.wer(reference, hypothesis)
    assert system["words"]["cer"] == jiwer.cer(reference, hypothesis)
    assert system["layout"] is None


@pytest.mark.parametrize(("limit", "code"), [("0.1", 3), ("0.5", 0)])
def test_fail_above(cli: Cli, pair: tuple[Path, Path], limit: str, code: int) -> None:
    done = cli("score", "--ref", pair[0], "--hyp", pair[1], "--fail-above", limit, "--quiet")
    assert done.returncode == code
    assert (b"hyp: WER 22.2 % is above 10 %" in done.stderr) == (code == 3)
    assert json.loads(done.stdout)["systems"]


def test_a_limit_in_per_cent_is_refused(cli: Cli, pair: tuple[Path, Path]) -> None:
    done = cli("score", "--ref", pair[0], "--hyp", pair[1], "--fail-above", "30")
    assert (done.returncode, done.stdout) == (2, b"")


def test_failed_songs_are_reported_with_quiet(cli: Cli, tmp_path: Path) -> None:
    write(tmp_path / "ref", {"a.txt": "one two", "b.txt": "three four", "c.txt": "five"})
    write(tmp_path / "hyp", {"a.json": '{"a": 1}', "c.txt": "five"})
    done = cli("score", "--ref", "ref", "--hyp", "hyp", "-q")
    assert (done.returncode, done.stderr) == (1, b"error: hyp: counted as deleted: 'a', 'b' (2 songs)\n")


def test_stdin_can_be_read_once(cli: Cli, pair: tuple[Path, Path]) -> None:
    done = cli("score", "--ref", "-", "--hyp", pair[1], "-q", stdin=REFERENCE.encode())
    assert json.loads(done.stdout)["systems"][0]["words"]["wer"] == 4 / 18
    compared = cli("score", "compare", "-", "-", "-q", stdin=done.stdout)
    assert compared.returncode == 1
    compared = cli("score", "compare", "-", "-q", stdin=done.stdout)
    assert json.loads(compared.stdout)["systems"][0]["name"] == "hyp"
    check_error(cli("score", "--ref", "-", "--hyp", "-", "-q", stdin=b"la"), 2, "standard input can be read only once")


def test_every_format_in_files(cli: Cli, pair: tuple[Path, Path], tmp_path: Path) -> None:
    files = [tmp_path / f"out/report.{ending}" for ending in ("json", "csv", "md", "html")]
    flags = [part for path in files for part in ("-o", path)]
    done = cli("score", "--ref", pair[0], "--hyp", pair[1], *flags, "-f", "csv")
    assert done.returncode == 0, done.stderr
    assert done.stdout == files[1].read_bytes()
    rows = list(csv.DictReader(io.StringIO(done.stdout.decode())))
    assert [(row["scope"], row["wer"]) for row in rows] == [("song", str(4 / 18)), ("all", str(4 / 18))]
    assert json.loads(files[0].read_text())["references"] == str(pair[0])
    assert "| hyp | 22.2 |" in files[2].read_text()
    page = files[3].read_text()
    assert page.startswith("<!doctype html>")
    assert "http://" not in page.replace("http://www.w3.org", "")


def test_words_can_be_masked(cli: Cli, pair: tuple[Path, Path], tmp_path: Path) -> None:
    hidden = cli("score", "--ref", pair[0], "--hyp", pair[1], "--words-of", "none", "-q", "-o", tmp_path / "a.html")
    assert "anymore" not in hidden.stdout.decode() + (tmp_path / "a.html").read_text()
    assert json.loads(hidden.stdout)["systems"][0]["words"]["wer"] == 4 / 18
    assert b"anymore" in cli("score", "--ref", pair[0], "--hyp", pair[1], "--words-of", "ref", "-q").stdout
    done = cli("score", "--ref", pair[0], "--hyp", pair[1], "--words-of", "other", "-q")
    check_error(done, 2, "no song 'other' in the report")


def test_folders_with_songs_on_one_side_only(cli: Cli, tmp_path: Path) -> None:
    write(tmp_path / "ref", {"a.txt": "one two", "b.txt": "three four", "c.txt": ""})
    write(tmp_path / "hyp", {"a.lrc": "[00:01.00]one two\n", "c.txt": "five", "d.txt": "six"})
    done = cli("score", "--ref", "ref", "--hyp", "hyp", "-f", "json")
    assert done.returncode == 1
    shown = done.stderr.decode()
    assert "'b': no hypothesis; all its words count as deleted" in shown
    assert "'d' has no reference, left out" in shown
    assert "error: hyp: counted as deleted: 'b' (no hypothesis)" in shown
    (system,) = json.loads(done.stdout)["systems"]
    words = system["words"]
    assert (words["num_words"], words["deletions"], words["insertions"], words["wer"]) == (4, 2, 1, 0.75)
    assert [(song["song_id"], song["words"]["wer"], song["problem"]) for song in system["songs"]] == [
        ("a", 0.0, None),
        ("b", 1.0, "no hypothesis"),
        ("c", None, None),
    ]
    assert system["unmatched"] == ["d"]
    done = cli("score", "--ref", "ref", "--hyp", "hyp", "--only-common", "-f", "json", "-q")
    assert (done.returncode, json.loads(done.stdout)["systems"][0]["words"]["num_words"]) == (0, 2)


def test_a_split_is_transcribed_once(cli: Cli, tmp_path: Path, ctc_folder: Path) -> None:
    data = make_test_split(tmp_path, {"id": "a"}, {"id": "b"}, {"id": "c", "audio": b"no sound"})
    flags = ["--data", data, "--model", ctc_folder, "--separator", "none", "--decoder", "greedy", "--decoder", "beam"]
    done = cli("score", *flags, "-q")
    assert done.returncode in (0, 1), done.stderr
    report = json.loads(done.stdout)
    assert [system["name"] for system in report["systems"]] == [f"{ctc_folder} greedy", f"{ctc_folder} beam"]
    assert report["references"] == f"{data}, test"
    assert {song["song_id"] for song in report["systems"][0]["songs"]} == {"a", "b"}
    assert report["systems"][0]["run"]["audio_s"] == pytest.approx(24.0, abs=0.1)
    assert report["systems"][0]["run"]["real_time_factor"] > 0
    assert len(report["comparisons"]) == 1
    kept = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "cache").rglob("*.json")}
    assert kept
    again = cli("score", *flags, "-q")
    assert json.loads(again.stdout) == report
    assert {path.name: path.stat().st_mtime_ns for path in (tmp_path / "cache").rglob("*.json")} == kept


def test_a_song_that_fails_counts_as_deleted(cli: Cli, tmp_path: Path, ctc_folder: Path) -> None:
    data = make_test_split(tmp_path, {"id": "a"}, {"id": "b"})
    (tmp_path / "audio" / "b.wav").write_bytes(b"no sound at all")
    done = cli("score", "--data", data, "--model", ctc_folder, "--separator", "none", "-f", "json")
    assert done.returncode == 1
    assert "all its words count as deleted" in done.stderr.decode()
    songs = {song["song_id"]: song for song in json.loads(done.stdout)["systems"][0]["songs"]}
    assert "b.wav" in songs["b"]["problem"]
    assert (songs["b"]["words"]["deletions"], songs["b"]["words"]["wer"]) == (4, 1.0)
    assert songs["a"]["problem"] is None


def test_chunks_by_protocol_short(cli: Cli, tmp_path: Path, ctc_folder: Path) -> None:
    data = make_test_split(tmp_path, {"id": "a"})
    done = cli("score", "--data", data, "--model", ctc_folder, "--separator", "none", "--protocol", "short", "-q")
    assert done.returncode == 0, done.stderr
    (system,) = json.loads(done.stdout)["systems"]
    (song,) = system["songs"]
    assert (song["song_id"], song["words"]["num_words"]) == ("a", 4)
    assert [line["chunks"][0]["reference"][0] for line in song["lines"]] == ["ONE", "THREE"]


def test_compare(cli: Cli, tmp_path: Path) -> None:
    write(tmp_path, {f"ref/{name}.txt": "one two three four" for name in "abc"})
    write(tmp_path, {f"bad/{name}.txt": "one two no no" for name in "abc"})
    write(tmp_path, {f"good/{name}.txt": "one two three no" for name in "abc"})
    for name in ("bad", "good"):
        assert cli("score", "--ref", "ref", "--hyp", name, "-q", "-o", f"{name}.json").returncode == 0
    done = cli("score", "compare", "bad.json", "good.json", "-o", "page.html")
    assert done.returncode == 0, done.stderr
    shown = " ".join(done.stderr.decode().split())
    assert "the WER of good is 25.0 points lower than that of bad (95 %: 25.0 to 25.0; p = 0.250)." in shown
    assert "25.0 against 50.0 % on 3 songs; 3 words gained, 0 lost." in shown
    (comparison,) = json.loads(done.stdout)["comparisons"]
    assert (comparison["gained"], comparison["lost"], comparison["difference"]) == (3, 0, -0.25)
    assert comparison["words"] == [{"word": "three", "gained": 3, "lost": 0}]
    assert (tmp_path / "page.html").stat().st_size > 1000


@pytest.mark.parametrize(
    ("flags", "code", "message"),
    [
        ("--ref ref.txt", 2, "nothing to score"),
        ("--hyp hyp.txt", 2, "give either --data or --ref"),
        ("--ref ref.txt --data d --hyp hyp.txt", 2, "give either --data or --ref"),
        ("--ref none.txt --hyp hyp.txt", 1, "none.txt: no such file or folder"),
        ("--ref ref.txt --hyp none.txt", 1, "none.txt: no such file or folder"),
        ("--data none --hyp hyp.txt", 1, "none.*cannot be read"),
        ("--ref ref.txt --hyp hyp.txt --protocol tall", 2, "protocol"),
        ("--ref ref.txt --hyp hyp.txt --format pdf", 2, "'pdf' is not one of"),
        ("--ref ref.txt --hyp hyp.txt -o report.doc", 2, r"report\.doc: unknown extension"),
        ("--ref ref.txt --hyp hyp.txt --language klingonish", 2, "unknown language"),
        ("--ref ref.txt --model tiny.en", 2, "these references come without audio"),
        ("--ref ref.txt --hyp hyp.txt --decoder beam", 2, "--decoder needs"),
        ("--ref ref.txt --model sung.en --decoder wide", 2, "--decoder must be"),
        ("--ref ref.txt --model nothing", 2, "come without audio"),
        ("--ref ref.txt --hyp hyp.txt --limit 1", 2, "--limit needs --data"),
        ("--ref ref.txt --hyp hyp.txt --stems none", 2, "no such folder"),
        ("compare ref.txt hyp.txt", 1, r"ref\.txt: not a report of `lyricsrec score`"),
        ("compare none.json", 1, r"none\.json: cannot be read"),
    ],
)
def test_errors(cli: Cli, pair: tuple[Path, Path], flags: str, code: int, message: str) -> None:
    check_error(cli("score", *flags.split()), code, message)


def test_an_example_by_the_real_model(cli: Cli, tmp_path: Path) -> None:
    """The built-in model on a real verse: its transcript is scored against the lyrics, and its times are near."""
    done = cli("import", "ultrastar", EXAMPLES, "--output", "data", "--ratios", "0,0,1")
    assert done.returncode == 0, done.stderr
    done = cli("score", "--data", "data", "--preset", "builtin", "-q", "-o", "page.html")
    assert done.returncode == 0, done.stderr
    (system,) = json.loads(done.stdout)["systems"]
    assert 0 < system["words"]["wer"] < 0.8
    assert system["timing"]["median_s"] < 0.15
    assert system["run"]["memory_gib"] > 0.1
    assert all(line["loudness_db"] < 0 for song in system["songs"] for line in song["lines"])


def test_help_is_light_and_shows_examples() -> None:
    code = "import sys; sys.argv = ['lyricsrec', 'score', '--help']\nfrom lyricsrec.cli import main\ntry:\n    main()\n"
    code += "except SystemExit as e:\n    assert not e.code\n"
    code += "assert not {'torch', 'matplotlib', 'numpy', 'scipy', 'alt_eval', 'jiwer'} & set(sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, cwd=EXAMPLES.parent)
    assert done.returncode == 0, done.stderr
    assert b"score compare before.json" in done.stdout
