"""`lyricsrec karaoke` as users see it."""

from __future__ import annotations

import resource
import signal
import subprocess
import time
from pathlib import Path

import av
import pytest
from helpers.command_line import NEW_PROCESS, Cli, check_error, environment_in
from helpers.karaoke import line, transcript
from helpers.sounds import chord, write_song

SUNG = transcript(line("so far away", 0.4, 0.9), duration_s=1.0)


@pytest.fixture
def lyrics(tmp_path: Path) -> Path:
    (tmp_path / "verse.json").write_text(SUNG.to_json(), "utf-8")
    return tmp_path / "verse.json"


def test_a_video_of_a_song_and_its_transcript(cli: Cli, tone: Path, lyrics: Path) -> None:
    done = cli("karaoke", tone, "-", "--size", "160x90", "-o", "out/song.mp4", "-v", stdin=lyrics.read_bytes())
    assert (done.returncode, done.stdout) == (0, b""), done.stderr
    assert done.stderr == b"wrote out/song.mp4\n"
    assert [path.name for path in (tone.parent / "out").iterdir()] == ["song.mp4"]
    with av.open(str(tone.parent / "out" / "song.mp4")) as video:
        (picture,), (sound,) = video.streams.video, video.streams.audio
        assert (picture.width, picture.height, picture.average_rate) == (160, 90, 30)
        assert (picture.codec.name, sound.codec.name) == ("h264", "aac")
        assert video.metadata["title"] == "Title"


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("tone.wav", "verse.json", "-o", "a.avi"), 2, "unknown kind of --output 'a.avi'"),
        (("tone.wav", "verse.json", "-o", "a.mp4", "--size", "5x5"), 2, "--size '5x5' is not a size"),
        (("tone.wav", "verse.json", "-o", "a.mp4", "--style", "neon"), 2, "no style 'neon' Known styles: clean, paper"),
        (("tone.wav", "verse.json", "-o", "a.mp4", "--separator", "none"), 2, "does not take songs apart"),
        (("tone.wav", "verse.json", "-o", "a.mp4", "--chords"), 2, "--chords are for the files of --package"),
        (("-", "verse.json", "-o", "a.mp4"), 2, "takes a single song as a file"),
        (("none.wav", "verse.json", "-o", "a.mp4"), 1, "none.wav: no such file"),
        (("tone.wav", "none.json", "-o", "a.mp4"), 1, "none.json: cannot be read"),
    ],
)
@pytest.mark.usefixtures("tone", "lyrics")
def test_what_cannot_be_done_is_an_error(
    cli: Cli, tmp_path: Path, arguments: tuple[str, ...], code: int, message: str
) -> None:
    check_error(cli("karaoke", *arguments), code, message)
    assert not (tmp_path / "a.mp4").exists()


def started(folder: Path, *arguments: str, most_bytes: int | None = None) -> subprocess.Popen[bytes]:
    """A new process that makes a video of two minutes; with `most_bytes`, on a disk that is full then."""

    def prepare() -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        if most_bytes is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))

    (folder / "out").mkdir()
    write_song(folder / "long.wav", chord(120.0))
    sung = transcript(*(line("so far away", second, second + 2.5) for second in range(1, 110, 3)), duration_s=120.0)
    (folder / "long.json").write_text(sung.to_json(), "utf-8")
    command = [*NEW_PROCESS, "karaoke", "long.wav", "long.json", "--instrumental", "long.wav", *arguments]
    return subprocess.Popen(
        command,
        cwd=folder,
        env=environment_in(folder),
        stderr=subprocess.PIPE,
        preexec_fn=prepare,  # noqa: PLW1509
    )


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [("-o", "out/a.mp4"), ("--package", "out")], ids=["video", "package"])
def test_interrupting_leaves_no_file(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    process = started(tmp_path, *arguments)
    deadline = time.monotonic() + 60
    while not any(tmp_path.glob("out/.lyricsrec-*")) and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=60)
    assert (process.returncode, b"interrupted" in stderr) == (130, True), stderr
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [("-o", "out/a.mp4"), ("-o", "out/a.zip"), ("--package", "out")],
    ids=lambda arguments: arguments[-1],
)
def test_a_full_disk_leaves_no_file(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    process = started(tmp_path, *arguments, "--size", "160x90", "--fps", "10", most_bytes=200_000)
    _, stderr = process.communicate(timeout=120)
    assert process.returncode == 1, stderr
    assert stderr.startswith(b"error: cannot write out"), stderr
    assert b"Traceback" not in stderr
    assert list((tmp_path / "out").iterdir()) == []
