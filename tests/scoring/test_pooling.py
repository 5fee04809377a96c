"""All songs by one system."""

from __future__ import annotations

from dataclasses import astuple

import pytest
from alt_eval import compute_metrics

from lyricsrec.lyrics.transcript import Line, Word
from lyricsrec.scoring.one_song import SongTexts, Utterance
from lyricsrec.scoring.pooling import pool_runs, score_system
from lyricsrec.scoring.results import RunFigures, SeparationFigures
from lyricsrec.scoring.texts.text import ScoredText, scored_text


def text(words: str, start_s: float | None = None, duration_s: float | None = None) -> ScoredText:
    timed = [Word(word, None if start_s is None else start_s + i, None) for i, word in enumerate(words.split())]
    return scored_text([[Line(tuple(timed))]], "Song", duration_s=duration_s)


def song(name: str, reference: ScoredText, hypothesis: ScoredText, language: str = "en", **more: object) -> SongTexts:
    return SongTexts(name, language, (Utterance(reference, hypothesis, **more),))  # type: ignore[arg-type]


def test_figures_are_summed_and_then_divided() -> None:
    songs = [
        song("a", text("so far away from me here and now"), text("so far away from me here and then")),
        song("b", text("la la"), text("")),
        song("c", text("oh"), text("oh")),
        song("d", text(""), text("la")),
    ]
    found = score_system("x", songs, "long", unmatched=["y"], settings={"seed": "0"})
    assert (found.words.num_words, found.words.num_errors, found.words.wer) == (11, 4, 4 / 11)
    assert found.median_wer == 0.125
    assert found.interval is not None
    assert 0 <= found.interval.low < 4 / 11 < found.interval.high
    assert [one.song_id for one in found.songs] == ["a", "b", "c", "d"]
    assert (found.unmatched, found.settings, found.languages, found.run) == (("y",), {"seed": "0"}, None, None)
    assert score_system("x", songs, "short").layout is None


def test_names_can_be_written_to_every_file() -> None:
    found = score_system("\udcff", [song("c", text("oh"), text("oh"))], "long", settings={"hypotheses": "\udcff.txt"})
    assert (found.name, found.settings) == (r"\udcff", {"hypotheses": r"\udcff.txt"})


def test_times_are_pooled_over_words_and_averaged_over_songs() -> None:
    songs = [
        song("a", text("so far", 1.0, 10.0), text("so far", 1.2)),
        song("b", text("oh no no no", 2.0, 10.0), text("oh no no no", 3.0)),
        song("c", text("la la"), text("la la", 1.0)),
    ]
    found = score_system("x", songs, "long")
    assert found.timing is not None
    assert found.timing_by_song is not None
    assert (found.timing.num_pairs, found.timing.median_s, found.timing_by_song.num_songs) == (6, 1.0, 2)
    assert found.timing.mean_s == pytest.approx(4.4 / 6)
    assert found.timing_by_song.mean_s == pytest.approx(0.6)
    # By length: 0.8 of 1 s, and nothing of 3 s.
    assert found.timing.correct_segments == pytest.approx(0.8 / 4)
    assert found.songs[2].timing is None


def test_each_language_has_its_figures() -> None:
    songs = [song("a", text("so far"), text("so"), "de"), song("b", text("oh"), text("oh"), "en")]
    found = score_system("x", songs, "long")
    assert found.languages is not None
    assert {name: part.wer for name, part in found.languages.items()} == {"de": 0.5, "en": 0.0}


def test_runs_are_summed_and_their_memory_is_the_highest() -> None:
    runs = [
        RunFigures(60.0, 6.0, 0.1, memory_gib=0.5, gpu_memory_gib=None, device="cpu"),
        RunFigures(30.0, 12.0, 0.4, memory_gib=0.7, gpu_memory_gib=2.0, device="cuda"),
    ]
    assert pool_runs(runs) == RunFigures(90.0, 18.0, 0.2, memory_gib=0.7, gpu_memory_gib=2.0, device="cpu, cuda")
    assert pool_runs([]) is None
    assert pool_runs([RunFigures(0.0, 1.0, None, memory_gib=None, gpu_memory_gib=None, device="cpu")]) == RunFigures(
        0.0, 1.0, None, memory_gib=None, gpu_memory_gib=None, device="cpu"
    )


def test_separation_is_the_mean_over_songs_that_have_it() -> None:
    parts = [SeparationFigures(4.0, None, 1.0, mix_sdr=None), SeparationFigures(8.0, 6.0, 3.0, mix_sdr=None), None]
    songs = [song(str(i), text("la"), text("la"), separation=part) for i, part in enumerate(parts)]
    found = score_system("x", songs, "long")
    assert found.separation == SeparationFigures(6.0, 6.0, 2.0, mix_sdr=None)
    assert found.songs[2].separation is None


def test_layout_is_that_of_alt_eval_over_all_utterances() -> None:
    references, hypotheses = ["So far, (oh) Away", "Oh, no"], ["so far (oh) Away", "oh no, no!"]
    pairs = [(text(a), text(b)) for a, b in zip(references, hypotheses, strict=True)]
    found = score_system("x", [song(name, *pair) for name, pair in zip("ab", pairs, strict=True)], "long")
    for layout, number in ((found.layout, 2), (found.songs[0].layout, 1)):
        expected = compute_metrics(references[:number], hypotheses[:number], "en")
        assert layout is not None
        assert layout.case_errors == expected["ER_case"]
        punctuation = tuple(expected[f"{figure}_punc"] for figure in ("P", "R", "F1"))
        assert (layout.punctuation and astuple(layout.punctuation)) == (punctuation if number == 2 else None)
