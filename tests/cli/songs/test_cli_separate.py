"""`lyricsrec separate` as users see it: files, streams and exit codes."""

from __future__ import annotations

import signal
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile
from helpers.command_line import NEW_PROCESS, Cli, check_error, environment_in
from helpers.files import EXAMPLES
from helpers.sounds import chord, write_song

VERSE = EXAMPLES / "on_the_run_verse.flac"


@pytest.fixture
def song(tmp_path: Path) -> Path:
    """Four seconds with a voice."""
    samples, rate = soundfile.read(VERSE, dtype="float32", frames=4 * 44_100)
    return write_song(tmp_path / "song.wav", samples, rate)


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_vocals_and_instrumental_add_up_to_the_song(cli: Cli, tmp_path: Path, song: Path) -> None:
    done = cli("separate", song)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode().splitlines() == ["song.vocals.flac", "song.instrumental.flac"]
    vocals, instrumental = (soundfile.read(tmp_path / name)[0] for name in done.stdout.decode().splitlines())
    mix = soundfile.read(song)[0]
    assert vocals + instrumental == pytest.approx(mix, abs=1e-5)
    assert 0.05 < np.square(vocals).sum() / np.square(mix).sum() < 0.95
    # Its vocals alone have no instrumental.
    again = cli("separate", "song.vocals.flac", "-o", "voice")
    assert (again.returncode, again.stdout) == (0, b"voice/song.vocals.vocals.flac\n")
    assert again.stderr == b"warning: song.vocals.flac: no instrumental: nothing but the voice was found\n"
    assert names(tmp_path / "voice") == ["song.vocals.vocals.flac"]


def test_several_songs_in_folders_and_from_stdin(cli: Cli, tmp_path: Path, song: Path) -> None:
    for place in ("album/one.wav", "album/more/one.wav", "album/old.vocals.mp3"):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_bytes(song.read_bytes())
    flags = ("-o", "out", "--format", "mp3", "--separator", "center")
    done = cli("separate", "album", "-", *flags, stdin=song.read_bytes())
    assert done.returncode == 0, done.stderr
    expected = [
        f"out/{name}.{stem}.mp3" for name in ("more/one", "one", "stdin") for stem in ("vocals", "instrumental")
    ]
    assert done.stdout.decode().splitlines() == expected
    assert [f"out/{name}" for name in names(tmp_path / "out")] == sorted(expected)
    assert soundfile.info(tmp_path / "out" / "one.vocals.mp3").format == "MP3"
    written = (tmp_path / "out" / "one.vocals.mp3").stat().st_mtime_ns
    again = cli("separate", "album", *flags, "--skip-existing", "-v")
    assert (again.returncode, again.stdout) == (0, b"")
    assert again.stderr.count(b"skipped, its stems exist") == 2
    assert (tmp_path / "out" / "one.vocals.mp3").stat().st_mtime_ns == written
    only = cli("separate", "out", "-o", "more")
    check_error(only, 1, "out: no songs in this folder, only stems")


NOISE = np.random.default_rng(0).standard_normal((88_200, 2)).astype(np.float32) / 10


@pytest.mark.parametrize(
    ("samples", "reason"),
    [
        (np.zeros((88_200, 2), np.float32), "the song is silent"),
        (NOISE, "no voice was found"),
        (NOISE / 1000, "the song is silent"),
        (NOISE[:441], "no voice was found"),
        (np.full((99, 2), np.nan, np.float32), "all its samples are NaN"),
    ],
)
def test_where_there_is_nothing_to_separate_nothing_is_written(
    cli: Cli, tmp_path: Path, samples: np.ndarray, reason: str
) -> None:
    path = write_song(tmp_path / "odd.wav", samples, subtype="FLOAT")
    done = cli("separate", path.name, "-o", "out")
    check_error(done, 1, f"odd.wav: .*{reason}")
    assert done.stdout == b""
    assert names(tmp_path) == ["odd.wav"]


@pytest.mark.parametrize(("rate", "channels"), [(8_000, 1), (48_000, 1), (96_000, 6), (44_100, 2)])
@pytest.mark.parametrize("seconds", [0.01, 2.0])
def test_all_stems_can_be_kept_of_any_song(cli: Cli, tmp_path: Path, rate: int, channels: int, seconds: float) -> None:
    samples = chord(seconds, rate, channels)
    samples[20:30] = np.nan
    done = cli("separate", write_song(tmp_path / "a.wav", samples, rate, "FLOAT"), "--keep-all", "-f", "wav")
    assert done.returncode == 0, done.stderr
    assert done.stderr.decode().endswith("a.wav: 10 samples are NaN or infinite and were replaced by silence\n")
    for name in ("a.vocals.wav", "a.instrumental.wav"):
        info = soundfile.info(tmp_path / name)
        assert (info.samplerate, info.channels) == (44_100, 2)
        assert info.duration == pytest.approx(seconds, abs=0.001)


def test_a_mono_song_is_separated_but_not_by_the_stereo_image(cli: Cli, tmp_path: Path, song: Path) -> None:
    samples, rate = soundfile.read(song, dtype="float32")
    mono = write_song(tmp_path / "mono.wav", samples.mean(axis=1, keepdims=True), rate)
    done = cli("separate", mono)
    assert done.stdout.decode().splitlines() == ["mono.vocals.flac", "mono.instrumental.flac"]
    by_centre = cli("separate", mono, "--separator", "center", "-o", "center", "--quiet")
    assert (by_centre.returncode, by_centre.stderr) == (0, b"")
    assert by_centre.stdout == b"center/mono.vocals.flac\n"


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--separator", "none"], 2, "the separator 'none' does not take songs apart.*Use 'spleeter'"),
        (["--separator", "nope"], 2, "unknown separator 'nope'"),
        (["--separator", "htdemucs", "--offline"], 1, "--offline forbids downloading it.*models pull"),
        (["--format", "ogg"], 2, "Invalid value for '--format'.*'ogg' is not one of"),
        (["--shifts", "-1"], 2, "Invalid value for '--shifts'"),
        (["-o", "occupied/out"], 1, "cannot write into occupied/out"),
        (["-o", "occupied"], 1, "cannot write into occupied"),
    ],
)
def test_an_error_is_one_line_with_a_hint(
    cli: Cli, tmp_path: Path, tone: Path, arguments: list[str], code: int, message: str
) -> None:
    (tmp_path / "occupied").write_text("a file, not a folder")
    done = cli("separate", tone, *arguments)
    check_error(done, code, message)
    assert done.stdout == b""
    assert names(tmp_path) == ["occupied", "tone.wav"]


def test_bad_songs_are_reported_and_the_good_one_is_separated(cli: Cli, tmp_path: Path, song: Path) -> None:
    (tmp_path / "text.mp3").write_text("la la la\n" * 99)
    done = cli("separate", "missing.wav", "text.mp3", song, "-o", "out")
    assert done.returncode == 1
    assert b"missing.wav: no such file" in done.stderr
    assert b"text.mp3: not an audio file" in done.stderr
    assert names(tmp_path / "out") == ["song.instrumental.flac", "song.vocals.flac"]


def test_a_song_is_not_replaced_by_the_stem_of_another(cli: Cli, tmp_path: Path, song: Path) -> None:
    other = tmp_path / "song.vocals.flac"
    other.write_bytes(b"precious")
    done = cli("separate", song, other)
    check_error(done, 1, "song.vocals.flac is one of the songs and would be replaced.*Choose another --output")
    assert other.read_bytes() == b"precious"


@pytest.mark.slow
def test_a_full_disk_leaves_nothing_behind_and_a_rerun_works(tmp_path: Path, cli: Cli, song: Path) -> None:
    # A limit on file sizes simulates a full disk.
    for form in ("flac", "wav", "mp3"):
        arguments = [*NEW_PROCESS, "separate", str(song), "-o", "out", "-f", form]
        done = subprocess.run(
            ["sh", "-c", 'ulimit -f 30; exec "$@"', "sh", *arguments],
            capture_output=True,
            check=False,
            cwd=tmp_path,
            env=environment_in(tmp_path),
        )
        check_error(done, 1, rf"cannot write out/song.vocals.{form}.*Is the disk full\?")
        assert names(tmp_path) == ["song.wav"]
        assert done.stdout == b""
    assert cli("separate", song, "-o", "out").returncode == 0


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupt_leaves_nothing_behind_and_a_rerun_works(
    tmp_path: Path, cli: Cli, number: signal.Signals, code: int
) -> None:
    song = write_song(tmp_path / "long.wav", chord(600.0))
    process = subprocess.Popen(
        [*NEW_PROCESS, "separate", str(song), "-o", "out"], cwd=tmp_path, env=environment_in(tmp_path)
    )
    deadline = time.monotonic() + 120
    while not list((tmp_path / "out").glob(".lyricsrec-*.tmp")) and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(1)
    process.send_signal(number)
    assert process.wait(60) == code
    assert names(tmp_path) == ["long.wav"]
    write_song(song, chord(2.0))
    assert cli("separate", song, "-o", "out", "--keep-all").returncode == 0
