"""Reports as JSON, there and back."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from lyricsrec.base.errors import DataError
from lyricsrec.lyrics.transcript import Line, Provenance, Transcript, Word
from lyricsrec.scoring.compare import compared
from lyricsrec.scoring.one_song import SongTexts, Utterance
from lyricsrec.scoring.pooling import score_system
from lyricsrec.scoring.report.report_file import SCHEMA, read_report, to_json
from lyricsrec.scoring.results import Report, RunFigures, SeparationFigures, SystemScore
from lyricsrec.scoring.texts.text import ScoredText, scored_text

RUN = RunFigures(60.0, 6.0, 0.1, memory_gib=0.5, gpu_memory_gib=None, device="cpu")


def text(words: str, start_s: float | None = 1.0) -> ScoredText:
    times = [None if start_s is None else start_s + number for number in range(9)]
    line = Line(tuple(Word(word, at_s, at_s and at_s + 1) for word, at_s in zip(words.split(), times, strict=False)))
    return scored_text([[line]], 'Süß | "Lied"\n</script>', duration_s=60.0)


def system(name: str, hypothesis: str) -> SystemScore:
    separation = SeparationFigures(5.5, None, -1.0, mix_sdr=None)
    whole = Utterance(text("So far, away"), text(hypothesis), power=(0.1,) * 30, run=RUN, separation=separation)
    songs = [
        SongTexts("a", "en", (whole,)),
        SongTexts("b", "de", (Utterance(text("süß 你好", None), ScoredText(), problem="b.wav: no such file"),)),
        SongTexts("c", "en", (Utterance(ScoredText(), text("la")),)),
    ]
    return score_system(name, songs, "long", unmatched=["d"], settings={"seed": "0"})


@pytest.fixture
def report() -> Report:
    systems = (system("x", "So fair, (away)"), system("y", "so far away la"))
    return compared(Report(SCHEMA, "0.1", "long", references="songs", systems=systems))


def test_there_and_back_is_the_same(report: Report, tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text(to_json(report), encoding="utf-8")
    assert read_report(tmp_path / "report.json") == report
    assert "NaN" not in to_json(report)
    assert json.loads(to_json(report))["systems"][0]["songs"][0]["timing"]["num_pairs"] == 2


def test_word_figures_keep_their_keys(report: Report) -> None:
    words = json.loads(to_json(report))["systems"][0]["words"]
    assert list(words) == [
        *("num_words", "num_heard", "hits", "substitutions", "deletions", "insertions", "num_invented"),
        *("num_characters", "character_errors", "wer", "cer", "invented"),
    ]


def test_an_empty_report_is_a_report(tmp_path: Path) -> None:
    empty = Report(SCHEMA, "0.1", "short", references="songs", systems=(score_system("x", [], "short"),))
    (tmp_path / "report.json").write_text(to_json(empty))
    assert read_report(tmp_path / "report.json") == empty


def test_another_schema_is_reported_even_if_all_else_differs(report: Report, tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    for text_ in (to_json(replace(report, schema=SCHEMA + 1)), f'{{"schema": {SCHEMA + 1}, "new": []}}'):
        path.write_text(text_)
        with pytest.raises(
            DataError, match=rf"report\.json: this report has schema {SCHEMA + 1}, but this version reads"
        ):
            read_report(path)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "no json",
        '{"schema": 1}',
        '{"schema": "one"}',
        "[" * 100_000,
        b"\xff\xfe\x00",
        Transcript("a", 1.0, (), provenance=Provenance("0", "none", "fake", decoder="none")).to_json(),
    ],
)
def test_other_files_are_no_report(tmp_path: Path, text: str | bytes) -> None:
    path = tmp_path / "other.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(DataError, match=r"other\.json: not a report of `lyricsrec score`"):
        read_report(path)


@pytest.mark.parametrize("change", [{"protocol": "medium"}, {"systems": [{"name": "x"}]}, {"systems": {}}])
def test_errors_name_the_problem(report: Report, tmp_path: Path, change: dict[str, object]) -> None:
    path = tmp_path / "report.json"
    path.write_text(json.dumps({**json.loads(to_json(report)), **change}))
    with pytest.raises(DataError, match=next(iter(change))):
        read_report(path)


def test_unreadable_files_are_reported(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.json", tmp_path):
        with pytest.raises(DataError, match="cannot be read"):
            read_report(path)
