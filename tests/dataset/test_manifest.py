import json
import math
from pathlib import Path

import pytest
from helpers.data_sets import make_data

from lyricsrec.base.errors import DataError
from lyricsrec.dataset.manifest import (
    ChunkRow,
    SongRow,
    chunks_to_learn,
    is_song_manifest,
    read_chunks,
    read_songs,
    relative_to_manifest,
    songs_to_learn,
    to_line,
)
from lyricsrec.dataset.preparation.settings import SplitConfig
from lyricsrec.lyrics.transcript import Line, Word

CHUNK = ChunkRow(
    "a-0000",
    "a",
    "ÉTÉ",
    audio="x.flac",
    start_s=1.0,
    end_s=2.5,
    offset_s=0.0,
    words=(Word("ÉTÉ", 1.2, 2.0),),
    mute=((2.0, 2.2),),
)
SONG = SongRow(
    "a",
    "A",
    "T",
    language=None,
    ncc=0.9,
    is_ground_truth=False,
    split="train",
    audio="x.flac",
    duration_s=9.0,
    num_words=1,
    num_chunks=1,
    lines=(Line((Word("été", 1.2, None),)),),
)


def test_rows_survive_writing_and_reading(tmp_path: Path) -> None:
    chunks, songs = tmp_path / "train.jsonl", tmp_path / "songs.jsonl"
    chunks.write_text(to_line(CHUNK.to_dict()) * 2, encoding="utf-8")
    songs.write_text(to_line(SONG.to_dict()), encoding="utf-8")
    assert list(read_chunks(chunks)) == [CHUNK, CHUNK]
    assert list(read_songs(songs)) == [SONG]
    assert [is_song_manifest(path) for path in (chunks, songs)] == [False, True]


def test_the_schema_of_a_chunk() -> None:
    assert json.loads(to_line(CHUNK.to_dict())) == {
        "schema": 1,
        "chunk_id": "a-0000",
        "song_id": "a",
        "text": "ÉTÉ",
        "audio": "x.flac",
        "start_s": 1.0,
        "end_s": 2.5,
        "offset_s": 0.0,
        "words": [{"text": "ÉTÉ", "start_s": 1.2, "end_s": 2.0}],
        "mute": [[2.0, 2.2]],
    }
    with pytest.raises(ValueError, match="JSON compliant"):
        to_line({"start_s": math.nan})


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("no json", r"line 1 is not a row of a manifest \(broken JSON"),
        ("[]", "line 1 is not a row of a manifest"),
        ("{}", "line 1 is not a row of a manifest"),
        ('{"schema": 2}', "line 1: its schema is 2, but this version reads schema 1"),
        ('{"schema": 1}', "line 1: chunk_id is missing; song_id is missing"),
        (to_line({**CHUNK.to_dict(), "words": [{}]}), r"line 1: words\.0\.text is missing"),
        (to_line({**CHUNK.to_dict(), "mute": [1]}), r"line 1: mute\.0 must be a valid tuple, not 1"),
        (to_line({**CHUNK.to_dict(), "chunk_id": "../../a"}), r"line 1: chunk_id is not valid: '\.\./\.\./a'"),
        (to_line({**CHUNK.to_dict(), "chunk_id": "/etc/a"}), "line 1: chunk_id is not valid: '/etc/a'"),
        (to_line({**CHUNK.to_dict(), "song_id": "a/b"}), "line 1: song_id is not valid: 'a/b'"),
        (json.dumps({**CHUNK.to_dict(), "end_s": 1e300}), "line 1: end_s must be less than or equal to 10000000"),
        (json.dumps({**CHUNK.to_dict(), "audio": "x" * 5000}), "line 1: audio: string should have at most 1024"),
        (
            json.dumps({**CHUNK.to_dict(), "audio": ""}),
            "line 1: audio: string should have at least 1 character, not ''",
        ),
        (json.dumps({**CHUNK.to_dict(), "start_s": math.inf}), "line 1: start_s must be a finite number, not inf"),
        (to_line({**CHUNK.to_dict(), "text": ["a"]}), r"line 1: text must be a valid string, not \['a'\]"),
        ("[" * 100_000, "line 1 is not a row of a manifest .*nested too deeply"),
        ('{"schema": 1, "start_s": ' + "9" * 5000 + "}", "line 1: chunk_id is missing"),
    ],
)
def test_errors_name_the_line_and_what_is_wrong(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text(line + "\n")
    with pytest.raises(DataError, match=rf"x\.jsonl: .*{message}"):
        list(read_chunks(path))
    with pytest.raises(DataError, match="cannot be read"):
        list(read_songs(tmp_path / "missing.jsonl"))


def test_paths_are_relative_with_slashes(tmp_path: Path) -> None:
    assert relative_to_manifest(tmp_path / "songs" / "a.mp3", tmp_path / "out" / "dali") == "../../songs/a.mp3"
    assert relative_to_manifest(tmp_path / "out" / "audio" / "a.flac", tmp_path / "out") == "audio/a.flac"


ONLY_TEST = SplitConfig("random", ratios=(0.0, 0.0, 1.0))


def test_chunks_and_songs_outside_the_test_split_are_read(tmp_path: Path) -> None:
    data = make_data(tmp_path, [{}, {}])
    assert [chunk.text for chunk in chunks_to_learn(data / "train.jsonl")] == ["ONE TWO", "THREE FOUR"] * 2
    assert [song.song_id for song in songs_to_learn(data / "songs.jsonl")] == ["a1", "a2"]


def test_a_test_split_is_refused_under_any_name(tmp_path: Path) -> None:
    data = make_data(tmp_path, [{}], ONLY_TEST)
    renamed = data / "harmless.jsonl"
    renamed.write_bytes((data / "test.jsonl").read_bytes())
    alone = tmp_path / "test.jsonl"
    alone.write_bytes(renamed.read_bytes())
    for path in (data / "test.jsonl", renamed, alone):
        with pytest.raises(DataError, match="test split, which no model may learn from"):
            list(chunks_to_learn(path))
    with pytest.raises(DataError, match="test split, which no model may learn from"):
        list(songs_to_learn(data / "songs.jsonl"))
