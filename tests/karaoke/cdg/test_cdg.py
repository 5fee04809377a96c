"""CD+G is decoded by ffmpeg, and looked at."""

import zipfile
from collections.abc import Iterable
from pathlib import Path

import av
import numpy as np
import pytest
from helpers.karaoke import columns_of_words, line, make_noise, red_share, sound_lag_s, transcript

from lyricsrec.audio.inputs import find_songs
from lyricsrec.base.errors import OutputError, UsageError
from lyricsrec.karaoke.cdg.packets import HEIGHT, PER_SECOND, SIZE, WIDTH, load_colours, tile
from lyricsrec.karaoke.cdg.screen import Screen
from lyricsrec.karaoke.make import make_karaoke
from lyricsrec.karaoke.settings import KaraokeConfig

STYLE = 'background = "#000000"\nunsung = "#ffffff"\nsung = ["#ff0000", "#00ff00"]\n'
SUNG = transcript(line("ll mm oo", 1.0, 1.9), line("one two", 1.9, 2.8))
FIRST_SLOT = slice(60, 108)


@pytest.fixture(scope="module")
def noise(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_noise(tmp_path_factory.mktemp("noise") / "song.flac")


def make(song: Path, output: Path, **changes: object) -> Path:
    style = output.parent / "style.toml"
    style.write_text(STYLE, "utf-8")
    (source,) = find_songs([str(song)])
    config = KaraokeConfig(**({"style": str(style), "instrumental": song} | changes))
    make_karaoke(source, SUNG, output, config=config)
    return output


@pytest.fixture(scope="module")
def graphics(tmp_path_factory: pytest.TempPathFactory, noise: Path) -> Path:
    return make(noise, tmp_path_factory.mktemp("cdg") / "sung.cdg")


def pictures(path: Path) -> list[tuple[float, np.ndarray]]:
    with av.open(str(path), format="cdg") as container:
        return [(float(frame.time), frame.to_ndarray(format="rgb24")) for frame in container.decode(video=0)]


def at(shown: list[tuple[float, np.ndarray]], time_s: float) -> np.ndarray:
    return [picture for from_s, picture in shown if from_s <= time_s][-1]


def decoded(folder: Path, packets: Iterable[bytes]) -> np.ndarray:
    path = folder / "stream.cdg"
    path.write_bytes(b"".join(packets))
    with av.open(str(path), format="cdg") as container:
        *_, last = container.decode(video=0)
        return last.to_ndarray(format="rgb24")


def test_a_picture_of_all_colours_arrives_pixel_by_pixel(tmp_path: Path) -> None:
    palette = {number: (17 * number, 17 * (15 - number), 17 * (number * 7 % 16)) for number in range(16)}
    pixels = np.zeros((HEIGHT, WIDTH), np.uint8)
    pixels[:36] = np.random.default_rng(0).integers(0, 16, (36, WIDTH))
    screen = Screen(palette)
    found = decoded(tmp_path, [*screen.begin(), *screen.draw(pixels, 0)])
    wanted = np.array([palette[number] for number in range(16)], np.uint8)[pixels]
    assert np.array_equal(found, wanted)


def test_packets_have_the_layout_of_the_standard() -> None:
    pixels = np.zeros((12, 6), np.uint8)
    pixels[0, 0] = pixels[11, 5] = 5
    (packet,) = tile(pixels, 3, 7)
    assert packet.hex() == "09060000" + "00050307" + "20" + "00" * 10 + "01" + "00" * 4
    (single,) = tile(np.full((12, 6), 4, np.uint8), 0, 0)
    assert single[4:6] == b"\4\4"
    colours = load_colours([(255, 0, 0), (0, 255, 0), (0, 0, 255), *[(0, 0, 0)] * 5], 8)
    assert colours[:10].hex() == "091f0000" + "3c00" + "0330" + "000f"


def test_there_are_300_packets_in_every_second(graphics: Path) -> None:
    assert graphics.stat().st_size == 3 * PER_SECOND * SIZE


def test_at_any_time_the_words_that_have_begun_are_lit(graphics: Path) -> None:
    shown = pictures(graphics)
    waiting = at(shown, 0.9)[FIRST_SLOT]
    columns = columns_of_words(waiting, gap=5)
    assert len(columns) == 3
    assert red_share(waiting) == 0
    for time_s in np.random.default_rng(1).uniform(0.9, 1.9, 30):
        picture = at(shown, time_s)[FIRST_SLOT]
        for (left, right), word in zip(columns, SUNG.lines[0].words, strict=True):
            if abs(time_s - word.start_s) > 0.01:
                assert red_share(picture[:, left : right + 1]) == float(time_s > word.start_s)


def test_the_border_that_players_hide_stays_empty(graphics: Path) -> None:
    for _, picture in pictures(graphics):
        assert picture[12:-12, 6:-6].astype(int).sum() == picture.astype(int).sum()


def test_the_archive_holds_both_files_under_its_name_and_in_sync(tmp_path: Path, noise: Path, graphics: Path) -> None:
    made = make(noise, tmp_path / "My song.zip")
    with zipfile.ZipFile(made) as archive:
        assert sorted(archive.namelist()) == ["My song.cdg", "My song.mp3"]
        assert archive.read("My song.cdg") == graphics.read_bytes()
        archive.extractall(tmp_path)
    assert abs(sound_lag_s(tmp_path / "My song.mp3", noise)) < 0.01
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "My song.cdg",
        "My song.mp3",
        "My song.zip",
        "style.toml",
    ]


def test_the_song_is_never_replaced_and_images_are_refused(tmp_path: Path, noise: Path) -> None:
    song = tmp_path / "song.mp3"
    song.write_bytes(make(noise, tmp_path / "a.cdg").with_suffix(".mp3").read_bytes())
    before = song.read_bytes()
    with pytest.raises(OutputError, match=r"song.mp3 is the song itself"):
        make(song, tmp_path / "song.cdg")
    assert song.read_bytes() == before
    with pytest.raises(UsageError, match="no images behind the words"):
        make(noise, tmp_path / "b.cdg", background=str(song))
