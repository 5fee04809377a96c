from collections import Counter

import pytest

from lyricsrec.dataset.preparation.settings import SplitConfig
from lyricsrec.dataset.preparation.split import SplitSong, assign_splits, duplicates_of


def song(song_id: str, ncc: float | None, artist: str | None = None, title: str | None = None) -> SplitSong:
    return SplitSong(song_id, artist or f"artist {song_id}", title or f"title {song_id}", ncc=ncc)


@pytest.mark.parametrize(
    ("ncc", "split"),
    [
        (0.7999, None),
        (0.8, "train"),
        (0.9249, "train"),
        (0.925, "validation"),
        (0.9399, "validation"),
        (0.94, "test"),
        (1.0, "test"),
        (None, None),
    ],
)
def test_ncc_borders(ncc: float | None, split: str | None) -> None:
    assert assign_splits([song("a", ncc)], SplitConfig()).get("a") == split


def test_ncc_borders_can_be_set() -> None:
    config = SplitConfig(ncc=0.0, validation_ncc=0.5, test_ncc=0.6)
    songs = [song("a", 0.1), song("b", 0.5), song("c", 0.6), song("d", None)]
    assert assign_splits(songs, config) == {"a": "train", "b": "validation", "c": "test", "d": "train"}


@pytest.mark.parametrize(
    ("artist", "title"),
    [
        ("Beyoncé", "Halo"),
        ("BEYONCE", "halo!"),
        ("Beyoncé feat. Someone", "Halo"),
        ("Beyoncé", "Halo (Live Version)"),
        ("Beyoncé", "Halo [Remix]"),
        ("Beyoncé", "Halo feat. Someone"),
    ],
)
def test_the_same_song_is_in_one_split_and_its_lowest_score_decides(artist: str, title: str) -> None:
    songs = [song("a", 0.95, "Beyoncé", "Halo"), song("b", 0.85, artist, title), song("c", 0.95)]
    assert assign_splits(songs, SplitConfig()) == {"a": "train", "b": "train", "c": "test"}
    assert duplicates_of(songs) == [["a", "b"]]


def test_titles_entirely_in_brackets_stay_different() -> None:
    songs = [song("a", 0.9, "X", "(One)"), song("b", 0.95, "X", "(Two)"), song("c", 0.95, "X", "...")]
    assert assign_splits(songs, SplitConfig()) == {"a": "train", "b": "test", "c": "test"}
    assert duplicates_of(songs) == []


def test_all_songs_of_an_artist_can_be_kept_in_one_split() -> None:
    songs = [song("a", 0.95, "X"), song("b", 0.85, "x"), song("c", 0.95, "Y")]
    assert assign_splits(songs, SplitConfig())["a"] == "test"
    assert assign_splits(songs, SplitConfig(separate_artists=True)) == {"a": "train", "b": "train", "c": "test"}


SONGS = [song(str(n), 0.9 if n % 2 else None, artist=f"artist {n // 4}") for n in range(200)]


def test_random_ratios() -> None:
    config = SplitConfig("random", ncc=0.0)
    assert Counter(assign_splits(SONGS, config).values()) == {"train": 160, "validation": 20, "test": 20}
    halves = SplitConfig("random", ncc=0.0, ratios=(1, 0, 1))
    assert Counter(assign_splits(SONGS, halves).values()) == {"train": 100, "test": 100}
    above = SplitConfig("random", ncc=0.8)
    assert Counter(assign_splits(SONGS, above).values()) == {"train": 80, "validation": 10, "test": 10}


def test_a_random_split_depends_only_on_the_seed() -> None:
    config = SplitConfig("random", ncc=0.0, seed=1)
    assert assign_splits(SONGS, config) == assign_splits(SONGS[::-1], config)
    assert assign_splits(SONGS, config) != assign_splits(SONGS, SplitConfig("random", ncc=0.0, seed=2))


def test_random_splits_keep_artists_and_songs_together() -> None:
    config = SplitConfig("random", ncc=0.0, separate_artists=True)
    splits = assign_splits(SONGS, config)
    assert Counter(splits.values()) == {"train": 160, "validation": 20, "test": 20}
    for n in range(0, 200, 4):
        assert len({splits[str(i)] for i in range(n, n + 4)}) == 1
