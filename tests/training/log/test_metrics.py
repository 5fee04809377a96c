"""The metrics file: its content, and that it survives a killed run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lyricsrec.base.errors import OutputError
from lyricsrec.training.log.metrics import MetricsFile, Prediction, StepMetrics, ValidationMetrics, read_metrics


def step(number: int) -> StepMetrics:
    return StepMetrics(
        number,
        0,
        2.5,
        ctc=2.0,
        guard_db=0.5,
        gradient_norm=1.25,
        rates={"head": 1e-3, "separator": 0.0},
        items_per_s=3.0,
        audio_s_per_s=6.0,
        share_infinite=0.25,
        num_unreadable=1,
        num_skipped=0,
    )


def validation(number: int, voice: float | None = None) -> ValidationMetrics:
    predictions = (Prediction("a", "SO FAR", {"greedy": "SO"}, audio="/x.wav", start_s=0.0, end_s=1.0),)
    return ValidationMetrics(
        number,
        1.5,
        {"greedy": 0.5, "beam": 0.25},
        cer={"greedy": 0.2, "beam": 0.3},
        num_words=8,
        si_sdr_db=voice,
        predictions=predictions,
    )


def test_a_line_for_each_step_and_validation(tmp_path: Path) -> None:
    file = MetricsFile(tmp_path)
    file.write(step(1))
    file.write(validation(1, voice=30.5))
    assert list(read_metrics(tmp_path / "metrics.jsonl")) == [
        {
            "kind": "step",
            "step": 1,
            "epoch": 0,
            "loss": 2.5,
            "ctc": 2.0,
            "guard_db": 0.5,
            "stems": None,
            "gradient_norm": 1.25,
            "rates": {"head": 1e-3, "separator": 0.0},
            "items_per_s": 3.0,
            "audio_s_per_s": 6.0,
            "share_infinite": 0.25,
            "num_unreadable": 1,
            "num_skipped": 0,
        },
        {
            "kind": "validation",
            "step": 1,
            "ctc": 1.5,
            "wer": {"greedy": 0.5, "beam": 0.25},
            "cer": {"greedy": 0.2, "beam": 0.3},
            "num_words": 8,
            "num_unreadable": 0,
            "unreadable": [],
            "num_infinite": 0,
            "si_sdr_db": 30.5,
            "stems_db": None,
            "sets": {},
        },
    ]


def test_what_came_after_a_checkpoint_is_forgotten_on_resume(tmp_path: Path) -> None:
    file = MetricsFile(tmp_path)
    file.drop_after(0)
    assert not file.path.exists()
    for number in (1, 2, 3):
        file.write(step(number))
        file.write(validation(number))
    with file.path.open("a") as half:
        half.write('{"kind": "step", "st')
    file.drop_after(2)
    rows = file.path.read_text().splitlines()
    assert [(json.loads(row)["kind"], json.loads(row)["step"]) for row in rows] == [
        ("step", 1),
        ("validation", 1),
        ("step", 2),
        ("validation", 2),
    ]
    file.write(step(3))
    assert [row["step"] for row in read_metrics(file.path)] == [1, 1, 2, 2, 3]
    file.drop_after(0)
    assert file.path.read_text() == ""


def test_the_best_decoder_counts_and_metrics_have_names() -> None:
    assert validation(1).best_wer == 0.25
    flat = {
        "validation/ctc": 1.5,
        "validation/words": 8.0,
        "validation/wer_greedy": 0.5,
        "validation/wer_beam": 0.25,
        "validation/cer_greedy": 0.2,
        "validation/cer_beam": 0.3,
    }
    assert validation(1).flat() == flat
    assert validation(1, voice=0.0).flat() == flat | {"validation/si_sdr_db": 0.0}


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "metrics.jsonl").mkdir()
    with pytest.raises(OutputError, match=r"cannot write .*metrics\.jsonl \(Is a directory\)"):
        MetricsFile(tmp_path).write(step(1))
