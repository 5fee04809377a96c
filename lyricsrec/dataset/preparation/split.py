"""Splits songs into train, validation and test, so that no song is in two of them."""

from __future__ import annotations

import random
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass

from lyricsrec.dataset.preparation.settings import SplitConfig, SplitMode

SPLITS = ("train", "validation", "test")

_FEATURED = re.compile(r"\b(?:feat|ft|featuring)\b.*")
_VERSION = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")


@dataclass(frozen=True)
class SplitSong:
    """What the split of a song depends on."""

    song_id: str
    artist: str
    title: str
    _: KW_ONLY
    ncc: float | None


Groups = dict[tuple[str, ...], list[SplitSong]]
Chosen = dict[tuple[str, ...], str]


def assign_splits(songs: Sequence[SplitSong], config: SplitConfig) -> dict[str, str]:
    """The split of each song id; songs below the minimum NCC have none.

    Songs with the same artist and title go into the same split, with `separate_artists` all songs of an artist. Case,
    accents, punctuation, remarks in brackets and featured artists do not count.
    """
    usable = [song for song in songs if (song.ncc or 0.0) >= config.ncc]
    groups: Groups = defaultdict(list)
    for song in usable:
        groups[_key(song, config)].append(song)
    chosen = _METHODS[config.mode](groups, config)
    return {song.song_id: chosen[key] for key, members in groups.items() for song in members}


def duplicates_of(songs: Sequence[SplitSong]) -> list[list[str]]:
    """Groups of ids with the same artist and title."""
    groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for song in songs:
        groups[_key(song, SplitConfig())].append(song.song_id)
    return sorted(sorted(ids) for ids in groups.values() if len(ids) > 1)


def _by_ncc(groups: Groups, config: SplitConfig) -> Chosen:
    chosen = {}
    for key, members in groups.items():
        lowest = min(song.ncc or 0.0 for song in members)
        chosen[key] = (
            "test" if lowest >= config.test_ncc else "validation" if lowest >= config.validation_ncc else "train"
        )
    return chosen


def _at_random(groups: Groups, config: SplitConfig) -> Chosen:
    """Each group, in a shuffled order, goes to the split that is furthest from its share."""
    order = sorted(groups, key=lambda key: min(song.song_id for song in groups[key]))
    random.Random(config.seed).shuffle(order)
    total = sum(len(members) for members in groups.values())
    target = {split: total * ratio / sum(config.ratios) for split, ratio in zip(SPLITS, config.ratios, strict=True)}
    filled = dict.fromkeys(SPLITS, 0)
    chosen = {}
    # Large groups first: small ones then even out the shares.
    for key in sorted(order, key=lambda key: -len(groups[key])):
        chosen[key] = max(SPLITS, key=lambda split: target[split] - filled[split])
        filled[chosen[key]] += len(groups[key])
    return chosen


_METHODS: dict[SplitMode, Callable[[Groups, SplitConfig], Chosen]] = {"ncc": _by_ncc, "random": _at_random}


def _key(song: SplitSong, config: SplitConfig) -> tuple[str, ...]:
    artist, title = _folded(_FEATURED.sub("", song.artist.casefold())), _folded(_bare_title(song.title))
    if not artist:
        # Unknown artist: the song goes with others of the same title, or alone.
        return ("", title) if title else (song.song_id,)
    return (artist,) if config.separate_artists else (artist, title or song.song_id)


def _bare_title(title: str) -> str:
    lowered = _FEATURED.sub("", title.casefold())
    return _VERSION.sub("", lowered).strip() or lowered


def _folded(text: str) -> str:
    """Only the letters and digits, without accents."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed if c.isalnum())
