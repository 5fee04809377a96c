"""Excerpts with true vocals: found, drawn and read."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from helpers.sounds import chord, write_song

from lyricsrec.base.errors import AudioError, DataError
from lyricsrec.training.data.stems import StemExcerpts, StemSong, collate_stems, find_stems, stem_batches
from lyricsrec.training.settings import StemsConfig


def make_stems(folder: Path, seconds: dict[str, float]) -> Path:
    """Songs whose vocals are a quarter of the mix, and silent for the last second."""
    for name, length in seconds.items():
        (folder / name).mkdir(parents=True)
        mix = chord(length)
        vocals = mix / 4
        vocals[-44_100:] = 0
        write_song(folder / name / "mixture.wav", mix)
        write_song(folder / name / "vocals.flac", vocals)
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_stems(tmp_path_factory.mktemp("stems"), {"train/b": 3.0, "train/a": 6.0, "train/c d": 3.0})


def test_songs_are_found_in_folders_and_in_manifests(folder: Path) -> None:
    songs = find_stems(folder)
    assert [(song.mixture.parent.name, song.start_s, round(song.end_s, 3)) for song in songs] == [
        ("a", 0, 6), ("b", 0, 3), ("c d", 0, 3),
    ]  # fmt: skip
    assert songs[0].vocals == folder / "train/a/vocals.flac"
    rows = [
        {"audio": "train/a/mixture.wav", "vocals": "train/a/vocals.flac", "start_s": 1.5, "end_s": 4, "text": "LA"},
        {"mixture": "train/b/mixture.wav", "vocals": "train/b/vocals.flac", "end_s": 99},
    ]
    manifest = folder / "stems.jsonl"
    manifest.write_text("".join(json.dumps(row) + "\n" for row in rows) + "\n")
    assert [(song.mixture.parent.name, song.start_s, round(song.end_s, 3)) for song in find_stems(manifest)] == [
        ("a", 1.5, 4), ("b", 0, 3),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ('{"audio": "train/a/mixture.wav"}', r"bad\.jsonl, row 2: vocals is missing"),
        ('{"audio": 3, "vocals": "x"}', "row 2: audio and vocals are names of files"),
        ('{"vocals": "x"}', "row 2: audio and vocals are names of files"),
        ("[]", "row 2: "),
        ('{"audio": "train/a/mixture.wav", "vocals": "train/a/vocals.flac", "end_s": "9"}', "row 2: .* numbers"),
        ('{"audio": "train/a/mixture.wav", "vocals": "train/a/vocals.flac", "start_s": 5.5}', "less than a second"),
        ('{"audio": "../x.wav", "vocals": "train/a/vocals.flac"}', "outside the folder of the manifest"),
        ('{"audio": "gone.wav", "vocals": "train/a/vocals.flac"}', "no such file"),
    ],
)
def test_what_is_wrong_with_a_manifest_is_named(folder: Path, row: str, message: str) -> None:
    manifest = folder / "bad.jsonl"
    manifest.write_text(f'{{"audio": "train/a/mixture.wav", "vocals": "train/a/vocals.flac"}}\n{row}\n')
    with pytest.raises((DataError, AudioError), match=message):
        find_stems(manifest)


def test_a_folder_without_stems_is_an_error(folder: Path, tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "gone", tmp_path / "gone.jsonl"):
        with pytest.raises(DataError, match=r"no true stems here|cannot be read"):
            find_stems(place)


def test_excerpts_are_drawn_by_length_and_lie_in_their_songs(folder: Path) -> None:
    excerpts = StemExcerpts(find_stems(folder), 2.0, 16_000, seed=3)
    places = [excerpts.place(step, number) for step in range(200) for number in range(2)]
    counts = [sum(song.mixture.parent.name == name for song, _ in places) / 400 for name in ("a", "b", "c d")]
    assert counts == pytest.approx([0.5, 0.25, 0.25], abs=0.07)
    starts = [start for song, start in places if song.mixture.parent.name == "a"]
    assert min(starts) >= 0
    assert 3.5 < max(starts) <= 4.0
    assert excerpts.place(7, 1) == StemExcerpts(find_stems(folder), 2.0, 16_000, seed=3).place(7, 1)
    assert excerpts.place(7, 1) != excerpts.place(7, 0)


def test_an_excerpt_has_mix_and_vocals_of_the_same_place(folder: Path) -> None:
    excerpt = StemExcerpts(find_stems(folder), 1.5, 44_100, seed=0)[5, 0]
    assert excerpt.mixture.shape == excerpt.vocals.shape == (2, 66_150)
    voiced = excerpt.vocals.abs() > 1e-3
    assert voiced.any()
    assert torch.allclose(excerpt.vocals[voiced], excerpt.mixture[voiced] / 4, atol=1e-4)


def test_what_counts_depends_on_the_loss(folder: Path, tmp_path: Path) -> None:
    song = next(song for song in find_stems(folder) if song.mixture.parent.name == "b")
    silent = replace(song, start_s=2.0)
    gone = StemSong(tmp_path / "gone.wav", tmp_path / "gone.wav", 0.0, end_s=3.0)
    cut = replace(song, start_s=7.0, end_s=9.0)
    batch = collate_stems([StemExcerpts([one], 2.0, 16_000, seed=0)[0, 0] for one in (song, silent, gone, cut)])
    assert batch.num_samples.tolist() == [32_000, 16_000, 16_000, 16_000]
    assert batch.mixture.shape == batch.vocals.shape == (4, 2, 32_000)
    assert batch.counts("si_sdr").tolist() == [True, False, False, False]
    assert batch.counts("l1").tolist() == [True, True, False, False]
    assert batch.unreadable == (str(gone.mixture), str(song.mixture))


def test_two_processes_see_what_one_with_twice_the_batch_sees(folder: Path) -> None:
    excerpts = StemExcerpts(find_stems(folder), 1.0, 16_000, seed=1)

    def batches(batch: int, rank: int, world: int, first: int = 0) -> list[np.ndarray]:
        config = StemsConfig(folder, batch=batch, every=2)
        made = stem_batches(excerpts, config, range(first, 5), rank=rank, num_processes=world, num_workers=0)
        return [one.mixture.numpy() for one in made]

    one, first, second = batches(2, 0, 1), batches(1, 0, 2), batches(1, 1, 2)
    assert [len(found) for found in (one, first, second)] == [3, 3, 3]
    for whole, left, right in zip(one, first, second, strict=True):
        assert np.array_equal(whole, np.concatenate([left, right]))
    # A run that is resumed after step 2 goes on with the batch of step 2.
    assert all(map(np.array_equal, batches(2, 0, 1, first=2), one[1:]))
