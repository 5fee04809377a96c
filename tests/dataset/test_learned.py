"""Songs that a model has learned are known again by id and by words."""

from __future__ import annotations

from pathlib import Path

import pytest

from lyricsrec.dataset.learned import NAME, Learned, learned_by, songs_of
from lyricsrec.dataset.manifest import ChunkRow

SONG = (
    "over the hills and far away the evening train is rolling home with every light along the valley burning low "
    "and nobody remembers when it left"
)
OTHER = "a quite different set of words that were never part of what was sung in that song at all my friend"


def chunk(song_id: str, text: str, start_s: float = 0.0) -> ChunkRow:
    times = {"start_s": start_s, "end_s": start_s + 1, "offset_s": 0.0}
    return ChunkRow(f"{song_id}-{start_s:g}", song_id, text, audio="a.wav", words=(), **times)


def halves(song_id: str) -> list[ChunkRow]:
    words = SONG.upper().split()
    return [chunk(song_id, " ".join(words[9:]), 5.0), chunk(song_id, " ".join(words[:9]), 1.0)]


@pytest.mark.parametrize("number", [1, 1500])
def test_a_song_is_known_by_id_or_by_words_also_of_a_long_list(tmp_path: Path, number: int) -> None:
    others = [chunk(f"b{i}", "la la la la la la la la la") for i in range(number - 1)]
    Learned(songs_of([*halves("a1"), *others]), songs_of([chunk("v1", OTHER)])).write(tmp_path)
    assert ('"a1"' in (tmp_path / NAME).read_text()) == (number == 1)
    learned = learned_by(tmp_path)
    assert learned.trained_on("a1", "")
    assert learned.trained_on("zz", SONG.capitalize().replace(" train", ", train"))
    assert not learned.trained_on("zz", OTHER)
    assert not learned.trained_on("zz", "la la la la la la la la la la")
    assert learned.validated_on("zz", OTHER)
    assert not learned.validated_on("zz", SONG)
    again = Learned() | learned
    again.write(tmp_path)
    assert learned_by(tmp_path) == learned


FRENCH = "où est passé le vieux forçat qui rêvait d'être libre à côté du château près des îles là où naît l'été"


@pytest.mark.parametrize("number", [1, 1500])
@pytest.mark.parametrize(
    ("learned_text", "text", "is_same"),
    [
        (SONG, OTHER, False),
        (SONG, SONG.upper() + " and more", True),
        (SONG, "too few words", True),
        ("too few words", OTHER, True),
        ("ou est passe le vieux forcat qui revait d'etre libre a cote du chateau pres des iles", FRENCH, True),
        (SONG, FRENCH, False),
        (SONG, "さくらさくらのやまもさともみわたすかぎりかすみかくも", True),
    ],
)
def test_the_same_id_with_other_words_is_another_song(
    tmp_path: Path, number: int, learned_text: str, text: str, is_same: bool
) -> None:
    others = [chunk(f"b{i}", "la la la la la la la la la") for i in range(number - 1)]
    Learned(songs_of([chunk("0001", learned_text), *others])).write(tmp_path)
    assert learned_by(tmp_path).trained_on("0001", text) == is_same


@pytest.mark.parametrize("content", [None, "", "{}", '{"trained": 1, "validated": {}}', '{"trained": {"a": 1}}'])
def test_a_model_that_does_not_say_has_learned_nothing(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / NAME).write_text(content)
    assert learned_by(tmp_path) == Learned()
