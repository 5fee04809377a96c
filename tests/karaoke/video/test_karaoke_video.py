"""Videos are decoded again, and looked at."""

from pathlib import Path

import numpy as np
import pytest
from helpers.karaoke import columns_of_words, decoded_frames, line, make_noise, red_share, sound_lag_s, transcript
from PIL import Image

from lyricsrec.audio.inputs import find_songs
from lyricsrec.audio.media import open_path
from lyricsrec.base.errors import DataError, OutputError, UsageError
from lyricsrec.karaoke.make import check_output, make_karaoke
from lyricsrec.karaoke.settings import KaraokeConfig
from lyricsrec.lyrics.transcript import Transcript

STYLE = """
background = "#000000"
unsung = "#ffffff"
sung = ["#ff0000"]
outline = "#000000"
outline_width = 0.0
size = 0.14
margin = 0.1
"""
FPS = 25
SUNG = transcript(line("ll mm oo", 0.5, 1.4), line("one two", 1.4, 2.6))
FIRST_SLOT = slice(60, 112)
"""The rows of the upper of two lines in a picture of 180 rows."""


@pytest.fixture(scope="module")
def noise(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_noise(tmp_path_factory.mktemp("noise") / "song.flac")


def config_in(folder: Path, instrumental: Path, **changes: object) -> KaraokeConfig:
    style = folder / "style.toml"
    style.write_text(STYLE, "utf-8")
    return KaraokeConfig(str(style), size="320x180", fps=FPS, instrumental=instrumental, **changes)


def make(song: Path, output: Path, lyrics: Transcript = SUNG, **changes: object) -> Path:
    (source,) = find_songs([str(song)])
    make_karaoke(source, lyrics, output, config=config_in(output.parent, song, **changes))
    return output


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory, noise: Path) -> Path:
    return make(noise, tmp_path_factory.mktemp("video") / "song.mp4")


@pytest.fixture(scope="module")
def frames(video: Path) -> list[tuple[float, np.ndarray]]:
    return decoded_frames(video)


def test_frames_come_at_a_constant_rate_until_the_song_ends(frames: list[tuple[float, np.ndarray]]) -> None:
    assert [time_s for time_s, _ in frames] == pytest.approx([n / FPS for n in range(3 * FPS)])


def test_at_any_time_the_words_that_were_sung_are_lit(frames: list[tuple[float, np.ndarray]]) -> None:
    waiting = frames[0][1][FIRST_SLOT]
    assert red_share(waiting) == 0
    columns = columns_of_words(waiting, gap=5)
    assert len(columns) == 3
    for number in np.random.default_rng(1).integers(0, int(1.4 * FPS), 30):
        time_s, frame = frames[number]
        for (left, right), word in zip(columns, SUNG.lines[0].words, strict=True):
            share = red_share(frame[FIRST_SLOT, left : right + 1])
            expected = np.clip((time_s - word.start_s) / (word.end_s - word.start_s), 0, 1)
            # Letters are not spread evenly; what must be exact is which word is being sung.
            assert abs(share - expected) < 0.25
            assert share < 0.05 or time_s >= word.start_s
            assert share > 0.95 or time_s < word.end_s + 1 / FPS


def test_nothing_is_outside_the_margins_and_two_lines_are_there(frames: list[tuple[float, np.ndarray]]) -> None:
    for _, frame in frames:
        inside = frame[18:-18, 32:-32].astype(int)
        assert frame.astype(int).sum() - inside.sum() <= 3 * frame.size
    bright = frames[0][1].max(axis=(1, 2)) > 120
    assert bright[FIRST_SLOT].any()
    assert bright[FIRST_SLOT.stop + 4 :].any()


def test_the_sound_is_the_instrumental_in_sync(video: Path, noise: Path) -> None:
    assert abs(sound_lag_s(video, noise)) < 0.01


def test_the_file_begins_with_its_index_and_names_the_song(video: Path) -> None:
    data = video.read_bytes()
    assert 0 < data.index(b"moov") < data.index(b"mdat")
    with open_path(video) as opened:
        assert (opened.tags.title, opened.tags.artist) == ("Title", "Artist")


@pytest.mark.slow
@pytest.mark.parametrize(("name", "codec"), [("a.webm", "vp9"), ("a.webm", "av1"), ("a.mkv", "h264"), ("a.mp4", "av1")])
def test_other_kinds_of_files_have_the_same_content(tmp_path: Path, noise: Path, name: str, codec: str) -> None:
    made = make(noise, tmp_path / name, codec=codec)
    frames = decoded_frames(made)
    assert len(frames) == 3 * FPS
    assert red_share(frames[0][1][FIRST_SLOT]) < 0.02
    assert red_share(frames[int(1.45 * FPS)][1][FIRST_SLOT]) > 0.95
    assert abs(sound_lag_s(made, noise)) < 0.01


def test_an_image_fills_the_picture_and_a_video_goes_on(tmp_path: Path, noise: Path, video: Path) -> None:
    Image.new("RGB", (50, 90), (0, 200, 0)).save(tmp_path / "green.png")
    made = make(noise, tmp_path / "green.mp4", background=str(tmp_path / "green.png"))
    corner = decoded_frames(made)[40][1][2, 2]
    assert abs(corner.astype(int) - (0, 110, 0)).max() < 8
    moving = tmp_path / "moving.mp4"
    make(noise, moving, background=str(video))
    frames = decoded_frames(moving)
    assert red_share(frames[int(1.45 * FPS)][1][FIRST_SLOT]) > 0.6
    assert len(frames) == 3 * FPS


@pytest.mark.parametrize(
    ("name", "changes", "message"),
    [
        ("a.avi", {}, "unknown kind of --output 'a.avi'"),
        ("a.mp4", {"codec": "vp9"}, "--codec vp9 does not go into .mp4 files"),
        ("a.mp4", {"background": "gone.png"}, "neither a colour nor a file"),
        ("a.mp4", {"backing": 2.0}, "--backing must be less than or equal to 1"),
        ("a.mp4", {"font": "gone.ttf"}, "no such file"),
    ],
)
def test_wrong_settings_are_errors_before_any_work(
    tmp_path: Path, noise: Path, name: str, changes: dict[str, object], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        check_output(tmp_path / name, config_in(tmp_path, noise, **changes))


def test_a_background_that_is_no_picture_is_an_error(tmp_path: Path, noise: Path) -> None:
    text = tmp_path / "text.png"
    text.write_text("not a picture", "utf-8")
    with pytest.raises(UsageError, match="neither an image nor a video"):
        check_output(tmp_path / "a.mp4", config_in(tmp_path, noise, background=str(text)))


def test_failures_leave_no_file(tmp_path: Path, noise: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    with pytest.raises(DataError, match="no words with times"):
        make(noise, folder / "a.mp4", transcript())
    with pytest.raises(UsageError, match="has no Hangul"):
        make(noise, folder / "a.mp4", transcript(line("사랑", 0, 1)))

    def interrupted(*_: object) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr("lyricsrec.karaoke.video.painter.Painter.draw", interrupted)
    with pytest.raises(KeyboardInterrupt):
        make(noise, folder / "a.mp4")
    assert [path.name for path in folder.iterdir()] == ["style.toml"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_a_full_disk_is_an_error(tmp_path: Path, noise: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from contextlib import contextmanager

    @contextmanager
    def full(_: Path):
        yield Path("/dev/full")

    monkeypatch.setattr("lyricsrec.karaoke.video.make.replacing", full)
    with pytest.raises(OutputError, match="No space left"):
        make(noise, tmp_path / "a.mkv")
