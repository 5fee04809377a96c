"""Validations of a run that is going on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lyricsrec.training.sweep.validations import Validation, ValidationReader


def row(step: int, wer: float, ctc: float = 2.0, kind: str = "validation") -> str:
    return json.dumps(
        {"kind": kind, "step": step, "ctc": ctc, "wer": {"greedy": wer, "beam": 0.5}, "cer": {"greedy": 0.4}}
    )


def test_each_row_is_read_once_when_it_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    reader = ValidationReader(path)
    assert reader.new() == []
    path.write_text(row(1, 0.9, kind="step") + "\n" + row(2, 0.4) + "\n" + row(3, 0.3)[:20])
    assert reader.new() == [Validation(2, 0.4, 0.4, ctc=2.0)]
    with path.open("a") as file:
        file.write(row(3, 0.6)[20:] + "\n")
    assert reader.new() == [Validation(3, 0.5, 0.4, ctc=2.0)]
    assert reader.new() == []


def test_a_file_that_a_resume_has_written_anew_is_read_from_its_beginning(tmp_path: Path) -> None:
    path, new = tmp_path / "metrics.jsonl", tmp_path / "new"
    path.write_text(row(1, 0.4) + "\n" + row(2, 0.4) + "\n")
    reader = ValidationReader(path)
    assert len(reader.new()) == 2
    new.write_text(row(1, 0.4) + "\n")
    new.replace(path)
    assert [validation.step for validation in reader.new()] == [1]


@pytest.mark.parametrize("line", ["[]", '"validation"', row(1, 0.4, ctc=float("nan")), '{"kind": "validation"}', "{"])
def test_damaged_rows_and_figures_that_are_not_finite_are_skipped(tmp_path: Path, line: str) -> None:
    path = tmp_path / "metrics.jsonl"
    path.write_text(line + "\n" + row(2, 0.4) + "\n")
    assert [validation.step for validation in ValidationReader(path).new()] == [2]


def test_while_nothing_is_recognised_the_loss_decides() -> None:
    blank, better = Validation(1, 1.0, 1.0, ctc=3.0), Validation(1, 1.0, 1.0, ctc=1.0)
    assert (blank.value("wer"), better.value("cer")) == (1.75, 1.5)
    assert blank.is_blank
    babbling = Validation(1, 1.2, 0.8, ctc=3.0)
    assert not babbling.is_blank
    assert (babbling.value("wer"), babbling.value("cer"), babbling.value("loss")) == (1.2, 0.8, 3.0)
