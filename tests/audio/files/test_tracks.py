from pathlib import Path

import pytest
from helpers.containers import Form, Part, bursts, onsets, write_container

from lyricsrec.audio.files.tracks import Track, choose
from lyricsrec.audio.media import open_path
from lyricsrec.base.errors import AudioError

TRACKS = (Track(1, "eng", "Mix"), Track(2, "ger", is_default=True), Track(3))


@pytest.mark.parametrize(
    ("wanted", "number"),
    [(None, 2), (1, 1), ("3", 3), ("de", 2), ("deu", 2), ("German", 2), ("en", 1), ("en-GB", 1)],
)
def test_a_track_is_chosen_by_number_or_language(wanted: int | str | None, number: int) -> None:
    assert choose(TRACKS, wanted).number == number


def test_without_a_default_the_first_is_read() -> None:
    assert choose((Track(1), Track(2)), None).number == 1


@pytest.mark.parametrize("wanted", [0, 4, "fr", "", "-1", "unknown"])
def test_a_track_that_is_not_there(wanted: int | str) -> None:
    with pytest.raises(AudioError, match=r"no sound track '.*'; its sound tracks are 1 \(eng, 'Mix'\), 2 \(ger\), 3$"):
        choose(TRACKS, wanted)


@pytest.mark.parametrize("name", ["a.mkv", "a.mp4", "a.ts", "a.mka", "a.mov"])
def test_each_track_of_a_file_can_be_read(tmp_path: Path, name: str) -> None:
    parts = [
        Part(bursts([time_s], 2.0), language=language, is_default=number == 1)
        for number, (time_s, language) in enumerate([(0.4, "eng"), (0.8, "fra"), (1.2, "ger")])
    ]
    path = write_container(tmp_path / name, parts, Form())
    for track, time_s in ((1, 0.4), (2, 0.8), ("de", 1.2), ("french", 0.8)):
        with open_path(path, track=track) as song:
            assert onsets(song.excerpt(0, 2).samples) == pytest.approx([time_s], abs=0.05)
            assert song.warnings == []
    with open_path(path) as song:
        assert [track.language for track in song.tracks] == ["eng", "fra", "ger"]
        assert song.warnings == [f"of 3 sound tracks, 1 (eng), 2 (fra), 3 (ger), number {song.track.number} is read"]


def test_the_default_track_is_read(tmp_path: Path) -> None:
    parts = [Part(bursts([0.4], 1.5)), Part(bursts([0.9], 1.5), is_default=True)]
    path = write_container(tmp_path / "a.mkv", parts, Form())
    with open_path(path) as song:
        assert song.track.number == 2
        assert onsets(song.excerpt(0, 2).samples) == pytest.approx([0.9], abs=0.05)


def test_a_file_with_one_track_has_no_second(tmp_path: Path) -> None:
    path = write_container(tmp_path / "a.mka", [Part(bursts([0.4], 1.0))], Form())
    with (
        pytest.raises(AudioError, match=r"a\.mka: no sound track '2'; its only sound track is 1$"),
        open_path(path, track=2),
    ):
        pass
