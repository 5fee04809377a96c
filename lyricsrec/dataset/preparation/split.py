"""Splits of songs: train, validation and test, never one song in two of them."""

from __future__ import annotations

import random
import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass

from lyricsrec.dataset.preparation.settings import SplitConfig

SPLITS = ("train", "validation", "test")

_FEATURED = re.compile(r"\b(?:feat|ft|featuring)\b.*")
_VERSION = re.compile(r"\([^)]*\)|\[[^\]]*\]")


@dataclass(frozen=True)
class SplitSong:
    """What decides on a song's split."""

    song_id: str
    artist: str
    title: str
    _: KW_ONLY
    ncc: float | None


def assign_splits(songs: Sequence[SplitSong], config: SplitConfig) -> dict[str, str]:
    """The split of each song by its id; songs below the NCC floor have none.

    Songs of the same artist and title (case, accents, punctuation, remarks in brackets and featured guests aside) go
    together; with `separate_artists` all songs of an artist.
    """
    usable = [song for song in songs if (song.ncc or 0.0) >= config.ncc]
    groups: dict[tuple[str, ...], list[SplitSong]] = defaultdict(list)
    for song in usable:
        groups[_key(song, config)].append(song)
    choose = _by_chance if config.mode == "random" else _by_ncc
    chosen = choose(groups, config)
    return {song.song_id: chosen[key] for key, members in groups.items() for song in members}


def duplicates_of(songs: Sequence[SplitSong]) -> list[list[str]]:
    """The ids of songs that count as the same one, for those that are several."""
    groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for song in songs:
        groups[_key(song, SplitConfig())].append(song.song_id)
    return sorted(sorted(ids) for ids in groups.values() if len(ids) > 1)


def _by_ncc(groups: dict[tuple[str, ...], list[SplitSong]], config: SplitConfig) -> dict[tuple[str, ...], str]:
    chosen = {}
    for key, members in groups.items():
        lowest = min(song.ncc or 0.0 for song in members)
        chosen[key] = (
            "test" if lowest >= config.test_ncc else "validation" if lowest >= config.validation_ncc else "train"
        )
    return chosen


def _by_chance(groups: dict[tuple[str, ...], list[SplitSong]], config: SplitConfig) -> dict[tuple[str, ...], str]:
    """Groups in a shuffled order, each to the split that lacks most of its share."""
    order = sorted(groups, key=lambda key: min(song.song_id for song in groups[key]))
    random.Random(config.seed).shuffle(order)
    total = sum(len(members) for members in groups.values())
    target = {split: total * ratio / sum(config.ratios) for split, ratio in zip(SPLITS, config.ratios, strict=True)}
    filled = dict.fromkeys(SPLITS, 0)
    chosen = {}
    # Large groups first: the small ones even out what they leave.
    for key in sorted(order, key=lambda key: -len(groups[key])):
        chosen[key] = max(SPLITS, key=lambda split: target[split] - filled[split])
        filled[chosen[key]] += len(groups[key])
    return chosen


def _key(song: SplitSong, config: SplitConfig) -> tuple[str, ...]:
    artist, title = _folded(_FEATURED.sub("", song.artist.casefold())), _folded(_bare_title(song.title))
    if not artist:
        # Nobody knows whose song it is: it goes with its namesakes, or alone.
        return ("", title) if title else (song.song_id,)
    return (artist,) if config.separate_artists else (artist, title or song.song_id)


def _bare_title(title: str) -> str:
    lowered = _FEATURED.sub("", title.casefold())
    return _VERSION.sub("", lowered).strip() or lowered


def _folded(text: str) -> str:
    """Letters and digits alone, without accents."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed if c.isalnum())
