"""ASS files are read again, and rendered by libass where the ffmpeg program has it."""

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from helpers.karaoke import columns_of_words, decoded_frames, line, make_noise, red_share, transcript
from pysubs2 import SSAFile

from lyricsrec.audio.inputs import find_songs
from lyricsrec.formats.read import read_lyrics
from lyricsrec.karaoke.make import make_karaoke
from lyricsrec.karaoke.settings import KaraokeConfig

STYLE = 'background = "#000000"\nunsung = "#ffffff"\nsung = ["#ff0000", "#00ff00"]\noutline = "#000000"\n'
SUNG = transcript(
    line("ll mm oo", 0.5, 1.4, ["Ann"]),
    line("hola", 0.5, 1.4, role="translation"),
    line("one {two}", 1.4, 2.6, ["Bob"]),
)
FFMPEG = shutil.which("ffmpeg")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ass")
    (folder / "style.toml").write_text(STYLE, "utf-8")
    (source,) = find_songs([str(make_noise(folder / "song.flac"))])
    config = KaraokeConfig(str(folder / "style.toml"), size="640x360")
    make_karaoke(source, SUNG, folder / "song.ass", config=config)
    return folder / "song.ass"


def test_lines_lead_in_at_their_places_in_the_styles_of_their_singers(made: Path) -> None:
    found = SSAFile.load(str(made))
    rows = [(event.start, event.end, event.style, event.name, event.text) for event in found.events]
    assert rows == [
        (0, 1750, "Singer 1", "Ann", "{\\an7\\pos(38,186)}{\\k50}{\\kf30}ll {\\kf30}mm {\\kf30}oo"),
        (0, 1750, "Second", "Ann", "{\\an7\\pos(38,225)}hola"),
        (0, 3600, "Singer 2", "Bob", "{\\an9\\pos(602,262)}{\\k140}{\\kf60}one {\\kf60}\\{two\\}"),
    ]
    first, together = found.styles["Singer 1"], found.styles["Together"]
    assert (first.primarycolor.r, first.primarycolor.g, first.secondarycolor.g) == (255, 0, 255)
    assert together.primarycolor != first.primarycolor


def test_the_times_of_words_are_read_again(made: Path) -> None:
    lines = [line for line in read_lyrics(made).lines if len(line.words) > 1]
    assert [[word.start_s for word in line.words] for line in lines] == [[0.5, 0.8, 1.1], [1.4, 2.0]]
    assert [line.singers for line in lines] == [("Ann",), ("Bob",)]


def test_words_from_right_to_left_are_written_as_they_stand(made: Path) -> None:
    (source,) = find_songs([str(made.with_name("song.flac"))])
    config = KaraokeConfig(str(made.with_name("style.toml")), size="640x360")
    make_karaoke(source, transcript(line("שלום עולם", 1.0, 2.0)), made.with_name("rtl.ass"), config=config)
    (event,) = SSAFile.load(str(made.with_name("rtl.ass"))).events
    first, second = "{\\1c&HFFFFFF&\\t(1000,1500,\\1c&H0000FF&)}שלום", "{\\1c&HFFFFFF&\\t(1500,2000,\\1c&H0000FF&)}עולם"
    assert event.text.endswith(f"{second} \u200e{first}")


def has_libass() -> bool:
    command = [FFMPEG or "ffmpeg", "-hide_banner", "-filters"]
    return FFMPEG is not None and b" ass " in subprocess.run(command, capture_output=True, check=False).stdout


@pytest.mark.slow
@pytest.mark.skipif(not has_libass(), reason="no ffmpeg program with libass")
def test_libass_fills_the_words_that_are_sung(made: Path) -> None:
    video = made.with_name("rendered.mkv")
    source = "color=c=black:s=640x360:r=25:d=3"
    command = [FFMPEG, "-v", "error", "-f", "lavfi", "-i", source, "-vf", "ass=song.ass", "-c:v", "ffv1", video.name]
    subprocess.run(command, check=True, cwd=made.parent)
    frames = decoded_frames(video)
    rows = slice(184, 223)
    columns = columns_of_words(frames[5][1][rows, :320], gap=6)
    assert len(columns) == 3
    for number in np.random.default_rng(0).integers(0, 35, 30):
        time_s, frame = frames[number]
        for (left, right), word in zip(columns, SUNG.lines[0].words, strict=True):
            share = red_share(frame[rows, left : right + 1])
            assert share < 0.1 or time_s > word.start_s
            assert share > 0.9 or time_s < word.end_s + 0.02
    assert all((frame[:10] < 40).all() for _, frame in frames)
