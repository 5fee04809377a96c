"""`lyricsrec karaoke` as users see it."""

from __future__ import annotations

from pathlib import Path

import av
import pytest
from helpers.command_line import Cli, check_error
from helpers.karaoke import line, transcript

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
