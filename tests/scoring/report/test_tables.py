"""Reports as tables."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest

from lyricsrec.lyrics.transcript import Line, Word
from lyricsrec.scoring.compare import compared
from lyricsrec.scoring.one_song import SongTexts, Utterance
from lyricsrec.scoring.pooling import score_system
from lyricsrec.scoring.report.columns import interval_text, percent
from lyricsrec.scoring.report.tables import (
    NOTHING,
    summary,
    tables,
    to_csv,
    to_markdown,
    verdict,
)
from lyricsrec.scoring.results import Comparison, Interval, Report, RunFigures
from lyricsrec.scoring.texts.text import ScoredText, scored_text

RUN = RunFigures(60.0, 6.0, 0.1, memory_gib=0.5, gpu_memory_gib=None, device="cpu")


def text(words: str, title: str = "") -> ScoredText:
    return scored_text([[Line(tuple(Word(word, None, None) for word in words.split()))]], title)


def report(*names: str, hypothesis: str = "so fair") -> Report:
    systems = []
    for name in names:
        songs = [
            SongTexts("a", "en", (Utterance(text("SO FAR", 'One, "two"\n| three'), text(hypothesis), run=RUN),)),
            SongTexts("b", "en", (Utterance(text("OH NO"), ScoredText(), problem="b.wav: no such file"),)),
        ]
        systems.append(score_system(name, songs, "short"))
    return Report(1, "0.1", "short", references="data | test", systems=tuple(systems))


def test_markdown_of_a_small_report() -> None:
    assert to_markdown(report("a|b")) == (
        "Words: data | test, 2 songs, 4 words, protocol short: "
        "upper case, A-Z and apostrophe, digits in words (Ou et al. 2022)\n"
        "\n"
        "| system | WER % | 95 % | median | CER % | S % | D % | I % | hall. % |\n"
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n"
        "| a\\|b | 75.0 | 50.0–100.0 (only 2 songs) | 75.0 | 54.5 | 25.0 | 50.0 | 0.0 | 0.0 |\n"
        "\n"
        "Run\n"
        "\n"
        "| system | real-time factor | memory GiB | device |\n"
        "| --- | ---: | ---: | ---: |\n"
        "| a\\|b | 0.100 | 0.50 | cpu |\n"
    )


def test_columns_of_one_system_are_dashes_in_the_others() -> None:
    both = report("x", "y")
    second = replace(both.systems[1], run=None, interval=None)
    found = {table.title: table for table in tables(replace(both, systems=(both.systems[0], second)))}
    assert found["Run"].rows[1] == ("y", NOTHING, NOTHING, NOTHING)
    words = next(table for title, table in found.items() if title.startswith("Words"))
    assert words.rows[1][2] == NOTHING
    # No system has GPU memory or times: neither column nor table.
    assert "GPU memory GiB" not in found["Run"].headings
    assert len(found) == 2


def test_csv_has_the_figures_of_every_song_and_of_all() -> None:
    made = report("x", "y, z")
    rows = list(csv.DictReader(io.StringIO(to_csv(made))))
    assert [(row["system"], row["scope"], row["song_id"]) for row in rows] == [
        (name, *scope) for name in ("x", "y, z") for scope in (("song", "a"), ("song", "b"), ("all", ""))
    ]
    first, second, pooled = rows[:3]
    assert (first["title"], first["language"], first["protocol"]) == ('One, "two"\n| three', "en", "short")
    assert (float(first["wer"]), float(pooled["wer"]), int(pooled["num_words"])) == (0.5, 0.75, 4)
    assert (first["problem"], second["problem"]) == ("", "b.wav: no such file")
    interval = made.systems[0].interval
    assert interval is not None
    assert (float(pooled["wer_low"]), float(pooled["wer_high"])) == (interval.low, interval.high)
    assert (pooled["run_device"], float(pooled["run_real_time_factor"]), pooled["run_gpu_memory_gib"]) == (
        "cpu",
        0.1,
        "",
    )
    assert second["run_device"] == ""
    # The hypothesis is empty, so no share of it is defined.
    assert second["invented"] == ""
    for row, scored in ((first, made.systems[0].songs[0]), (pooled, made.systems[0])):
        for name in ("hits", "substitutions", "deletions", "insertions", "character_errors"):
            assert int(row[name]) == getattr(scored.words, name)
        assert int(row["num_heard"]) == scored.words.num_hypothesis_words


def test_csv_has_the_averages_over_songs_too() -> None:
    timed = scored_text([[Line((Word("la", 1.0, 2.0),))]], "a", duration_s=9.0)
    system = score_system("x", [SongTexts("a", "en", (Utterance(timed, timed),))], "long")
    rows = list(csv.DictReader(io.StringIO(to_csv(Report(1, "0", "long", references="r", systems=(system,))))))
    assert [row["timing_num_pairs"] for row in rows] == ["1", "1"]
    assert [row["timing_by_song_num_songs"] for row in rows] == ["", "1"]
    assert [row["timing_by_song_mean_s"] for row in rows] == ["", "0.0"]


def test_a_report_without_anything_is_written_too() -> None:
    empty = Report(1, "0", "long", references="r", systems=(score_system("x", [], "long"),))
    assert list(tables(empty)) == []
    assert to_markdown(empty) == ""
    assert len(to_csv(empty).splitlines()) == 2


@pytest.mark.parametrize(
    ("difference", "interval", "p_value", "expected"),
    [
        (
            -0.031,
            Interval(-0.05, -0.012),
            0.002,
            "The WER of b is 3.1 points lower than that of a (95 %: 1.2 to 5.0; p = 0.002).",
        ),
        (
            0.02,
            Interval(0.01, 0.03),
            0.0002,
            "The WER of b is 2.0 points higher than that of a (95 %: 1.0 to 3.0; p < 0.001).",
        ),
        (
            -0.01,
            Interval(-0.03, 0.01),
            0.4,
            "No clear difference: the WER of b is 1.0 points lower than that of a (95 %: -1.0 to 3.0; p = 0.400).",
        ),
        (
            -0.01,
            Interval(-0.01, -0.01),
            0.25,
            "Too few songs to be sure: the WER of b is 1.0 points lower than that of a (95 %: 1.0 to 1.0; p = 0.250).",
        ),
        (
            -0.01,
            None,
            None,
            "The WER of b is 1.0 points lower than that of a (too few songs for a confidence interval).",
        ),
        (0.0, None, None, "b and a have the same WER (too few songs for a confidence interval)."),
    ],
)
def test_comparisons_are_sentences(
    difference: float, interval: Interval | None, p_value: float | None, expected: str
) -> None:
    comparison = Comparison(
        "a",
        "b",
        2,
        first_wer=0.3,
        second_wer=0.3 + difference,
        difference=difference,
        interval=interval,
        p_value=p_value,
        gained=1,
        lost=2,
        words=(),
        songs=(),
    )
    assert verdict(comparison) == expected


def test_comparisons_come_after_the_tables() -> None:
    compared_ = compared(report("x", "y"))
    sentence = summary(compared_.comparisons[0])
    assert to_markdown(compared_).endswith(f"\n{sentence}\n")
    assert sentence.startswith("y and x have the same WER (95 %: 0.0 to 0.0; p = 1.000).")
    assert sentence.endswith(" 75.0 against 75.0 % on 2 songs; 0 words gained, 0 lost.")


def test_numbers_as_text() -> None:
    assert (percent(0.12345), percent(0.5, 0), percent(None)) == ("12.3", "50", None)
    assert (interval_text(Interval(0.1, 0.25)), interval_text(None)) == ("10.0–25.0", "")
    assert interval_text(Interval(0.868, 0.872), 2) == "86.8–87.2 (only 2 songs)"
    assert interval_text(Interval(0.1, 0.25), 10) == "10.0–25.0"
