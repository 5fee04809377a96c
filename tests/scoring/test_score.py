"""Scoring files against references, whole."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.data_sets import make_data
from helpers.progress import Warnings
from helpers.sounds import chord, write_song

from lyricsrec.base.errors import DataError, UsageError
from lyricsrec.pipeline.settings import PipelineConfig
from lyricsrec.scoring.metrics.separation import TrueStems
from lyricsrec.scoring.recognise import System
from lyricsrec.scoring.report.tables import tables
from lyricsrec.scoring.results import Report
from lyricsrec.scoring.score import HypothesisFiles, ScoreConfig, iso_code, score
from lyricsrec.scoring.texts.matching import find_texts


def files(folder: Path, texts: dict[str, str]) -> Path:
    for name, text in texts.items():
        path = folder / (name if "." in name else f"{name}.txt")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def scored(
    tmp_path: Path,
    references: dict[str, str],
    *hypotheses: dict[str, str],
    progress: Warnings | None = None,
    **config: object,
) -> Report:
    given = [HypothesisFiles(f"h{i}", files(tmp_path / f"h{i}", texts)) for i, texts in enumerate(hypotheses)]
    found = find_texts(files(tmp_path / "refs", references))
    return score(found, given, [], config=ScoreConfig(**config), progress=progress or Warnings())  # type: ignore[arg-type]


def test_songs_of_one_folder_only(tmp_path: Path) -> None:
    progress = Warnings()
    references = {"a": "so far", "b": "oh no no"}
    (system,) = scored(tmp_path, references, {"a": "so fair", "x": "la"}, progress=progress).systems
    assert [(song.song_id, song.problem, song.words.deletions) for song in system.songs] == [
        ("a", None, 0),
        ("b", "no hypothesis", 3),
    ]
    assert (system.words.wer, system.unmatched, system.median_wer) == (4 / 5, ("x",), 0.75)
    assert progress.warnings == [
        "h0: 'x' has no reference, left out",
        "h0: 'b': no hypothesis; all its words count as deleted",
    ]


def test_only_common_songs_when_asked(tmp_path: Path) -> None:
    progress = Warnings()
    references = {"a": "so far", "b": "oh no no"}
    report = scored(tmp_path, references, {"a": "so fair"}, {"b": "oh"}, progress=progress, only_common=True)
    songs = [(song.song_id, song.words.wer) for system in report.systems for song in system.songs]
    assert songs == [("a", 0.5), ("b", 2 / 3)]
    assert "refs, 1 songs, 2 to 3 words, not the same for all systems, protocol long" in next(tables(report)).title
    # What cannot be compared leaves the figures as they are.
    assert report.comparisons == ()
    assert progress.warnings == [
        "h0: 'b' has no hypothesis, left out",
        "h1: 'a' has no hypothesis, left out",
        "not compared: 'h0' and 'h1' have no song in common with the same reference",
    ]


def test_many_hypotheses_without_references_are_one_warning(tmp_path: Path) -> None:
    progress = Warnings()
    many = {f"song {number:03d}": "la" for number in range(300)}
    (system,) = scored(tmp_path, {"song 005": "la", "song 006": "la"}, many, progress=progress).systems
    assert system.words.wer == 0
    assert len(system.unmatched) == 298
    assert len(progress.warnings) == 1
    assert progress.warnings[0].endswith("'song 004' and 293 more have no reference, left out")


def test_references_with_the_same_name_are_reported(tmp_path: Path) -> None:
    progress = Warnings()
    references = {"cd1/intro": "la", "cd2/intro": "oh", "cd1/a": "so far"}
    (system,) = scored(tmp_path, references, {"a": "so far", "b": "x"}, progress=progress).systems
    assert [song.song_id for song in system.songs] == ["cd1/a"]
    assert any("'cd1/intro', 'cd2/intro', left out" in warning for warning in progress.warnings)


def test_empty_files_are_empty_texts(tmp_path: Path) -> None:
    references = {"a": "so far", "b": "", "c": "[Music]", "d": "oh"}
    progress = Warnings()
    (system,) = scored(
        tmp_path, references, {"a": "", "b": "la la", "c": "[Music]\n", "d": "oh"}, progress=progress
    ).systems
    assert progress.warnings == ["'b', 'c': no words under protocol long; all hypothesis words there count as inserted"]
    assert [(song.words.num_errors, song.words.wer, song.problem) for song in system.songs] == [
        (2, 1.0, None),
        (2, None, None),
        (0, None, None),
        (0, 0.0, None),
    ]
    # Four errors over three words; the median is over songs with words.
    assert (system.words.wer, system.median_wer) == (4 / 3, 0.5)


def test_a_hypothesis_that_cannot_be_read_is_a_problem_but_a_reference_is_an_error(tmp_path: Path) -> None:
    references = {"a": "so far", "b": "oh"}
    (system,) = scored(tmp_path, references, {"a.json": '{"schema": 1}', "b": "oh"}).systems
    first, second = system.songs
    assert first.problem is not None
    assert "a.json" in first.problem
    assert (first.words.deletions, second.words.wer) == (2, 0.0)
    with pytest.raises(DataError, match=r"a\.json"):
        scored(tmp_path / "other", {"a.json": "{", "b": "la"}, {"a": "la", "b": "la"})


def test_languages_are_pooled_each_by_itself_too(tmp_path: Path) -> None:
    ultrastar = "#TITLE:T\n#ARTIST:A\n#LANGUAGE:{}\n#BPM:120\n#GAP:0\n: 0 4 0 {}\n: 4 4 0  gut\nE\n"
    references = {
        "a": ultrastar.format("German", "Geht's"),
        "b": ultrastar.format("French", "C'est"),
        "c": "君が好き",
        "d": "שלום עולם",
    }
    hypotheses = {"a": "geht's gut", "b": "c'est", "c": "君が好み", "d": "שלום"}
    (system,) = scored(tmp_path, references, hypotheses, language="ja").systems
    assert [song.language for song in system.songs] == ["de", "fr", "ja", "ja"]
    assert system.languages is not None
    assert {name: (part.num_words, part.num_errors) for name, part in system.languages.items()} == {
        "de": (3, 0),
        "fr": (3, 1),
        "ja": (6, 2),
    }
    assert (system.words.num_words, system.words.wer) == (12, 0.25)
    assert system.songs[2].words.cer == 0.25


def test_one_language_has_no_table_of_languages(tmp_path: Path) -> None:
    assert scored(tmp_path, {"a": "la", "b": "la"}, {"a": "la", "b": "la"}).systems[0].languages is None


def test_short_has_no_words_in_other_scripts(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no words to score under protocol short"):
        scored(tmp_path, {"a": "שלום"}, {"a": "שלום"}, protocol="short")


def test_several_are_compared_with_the_first(tmp_path: Path) -> None:
    report = scored(tmp_path, {"a": "so far", "b": "oh no"}, {"a": "so", "b": "oh"}, {"a": "so far", "b": "oh no"})
    assert [(one.first, one.second, one.difference) for one in report.comparisons] == [("h0", "h1", -0.5)]
    assert report.protocol == "long"


def test_a_single_file_against_a_single_file(tmp_path: Path) -> None:
    folder = files(tmp_path, {"right.lrc": "[00:01.00]so far\n[00:03.00]away\n", "found.txt": "so far away"})
    report = score(
        find_texts(folder / "right.lrc"), [HypothesisFiles("x", folder / "found.txt")], [], config=ScoreConfig()
    )
    (song,) = report.systems[0].songs
    assert (song.song_id, song.words.wer, [line.start_s for line in song.lines]) == ("right", 0.0, [1.0, 3.0])
    with pytest.raises(DataError, match="no such file"):
        score(
            find_texts(folder / "right.lrc"), [HypothesisFiles("x", folder / "missing.txt")], [], config=ScoreConfig()
        )


def test_systems_need_references_with_audio(tmp_path: Path) -> None:
    references = find_texts(files(tmp_path, {"a": "la"}))
    with pytest.raises(UsageError, match="these references come without audio"):
        score(references, [], [System("x", PipelineConfig())], config=ScoreConfig())


def test_files_against_a_data_set_have_loudness_and_separated_voices(tmp_path: Path) -> None:
    data = make_data(tmp_path, [{}, {}])
    stems, found = tmp_path / "stems", files(tmp_path / "h", {"a1": "one two", "a2": "three four"})
    stems.mkdir()
    for folder, level in ((stems, 1.0), (found, 0.5)):
        write_song(folder / "a1.vocals.wav", chord(12.0, 8000) * level, 8000)
    (tmp_path / "audio" / "a2.wav").unlink()
    progress = Warnings()
    report = score(
        find_texts(data),
        [HypothesisFiles("h", found)],
        [],
        config=ScoreConfig(stems=TrueStems(stems)),
        progress=progress,
    )
    first, second = report.systems[0].songs
    # Without its audio a song is scored, but its loudness is unknown.
    assert (first.lines[0].loudness_db is None, second.lines[0].loudness_db) == (False, None)
    assert (second.words.wer, second.problem, progress.warnings) == (0.5, None, [])
    assert first.separation is not None
    # SDR does not depend on loudness.
    assert first.separation.si_sdr is not None
    assert first.separation.si_sdr > 40
    assert second.separation is None


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("english", "en"),
        ("de", "de"),
        ("German", "de"),
        ("deu", "de"),
        ("JAPANESE", "ja"),
        ("hebrew", "he"),
        ("norwegian", "no"),
        ("klingon", None),
        ("xx", None),
        ("tlh", None),
    ],
)
def test_codes_of_languages(name: str, code: str | None) -> None:
    assert iso_code(name) == code
