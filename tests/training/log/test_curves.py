"""The plot of a run shows the values of its metrics file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

from lyricsrec.base.errors import OutputError
from lyricsrec.training.log.curves import plot_curves
from lyricsrec.training.log.metrics import MetricsFile, StepMetrics, ValidationMetrics

PNG = b"\x89PNG\r\n\x1a\n"


def record(folder: Path, *, steps: int = 10, validations: tuple[int, ...] = (5, 10), voice: bool = False) -> Path:
    file = MetricsFile(folder)
    for i in range(1, steps + 1):
        rates = {"separator": 0.0 if i < 4 else 1e-5, "head": 1e-3}
        file.write(
            StepMetrics(
                i,
                0,
                4.0 / i,
                ctc=4.0 / i,
                guard_db=0.0,
                gradient_norm=1.0,
                rates=rates,
                items_per_s=2.0,
                audio_s_per_s=7.0,
                share_infinite=0.0,
                num_unreadable=0,
                num_skipped=0,
            )
        )
    for i in validations:
        wer, cer = {"greedy": 1 / i, "beam_lm": 0.5 / i}, {"greedy": 0.3 / i, "beam_lm": 0.1}
        file.write(ValidationMetrics(i, 3.0 / i, wer, cer=cer, num_words=9, si_sdr_db=40.0 - i if voice else None))
    return file.path


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Lines by the titles of their axes, as they are when the picture is saved."""
    found: dict[str, Any] = {}
    save = Figure.savefig

    def watched(figure: Figure, *args: Any, **kwargs: Any) -> None:
        found.update({axis.get_title(): axis for axis in figure.axes})
        save(figure, *args, **kwargs)

    monkeypatch.setattr(Figure, "savefig", watched)
    return found


def lines(axis: Any) -> dict[str, tuple[list[float], list[float]]]:
    return {line.get_label(): (list(line.get_xdata()), list(line.get_ydata())) for line in axis.lines}


def test_all_metrics_are_drawn(tmp_path: Path, drawn: dict[str, Any]) -> None:
    metrics = record(tmp_path, voice=True)
    plot_curves(metrics, tmp_path / "curves.png")
    assert (tmp_path / "curves.png").read_bytes().startswith(PNG)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["curves.png", "metrics.jsonl"]
    assert set(drawn) == {"CTC loss", "Validation errors", "Learning rates", "Separated vocals compared with the start"}
    losses = drawn["CTC loss"].lines
    assert list(losses[0].get_ydata()) == pytest.approx([4.0 / i for i in range(1, 11)])
    assert lines(drawn["CTC loss"])["validation"] == ([5, 10], pytest.approx([0.6, 0.3]))
    errors = lines(drawn["Validation errors"])
    assert errors["WER, greedy"] == ([5, 10], pytest.approx([20, 10]))
    assert errors["WER, beam + language model"] == ([5, 10], pytest.approx([10, 5]))
    assert errors["CER, greedy"] == ([5, 10], pytest.approx([6, 3]))
    rates = lines(drawn["Learning rates"])
    assert np.isnan(rates["separator"][1][:3]).all()
    assert rates["separator"][1][3:] == pytest.approx([1e-5] * 7)
    assert next(iter(lines(drawn["Separated vocals compared with the start"]).values())) == ([5, 10], [35.0, 30.0])


def test_the_smoothed_loss_is_a_mean_over_five_steps(tmp_path: Path, drawn: dict[str, Any]) -> None:
    plot_curves(record(tmp_path), tmp_path / "curves.png")
    smoothed = lines(drawn["CTC loss"])["training (smoothed)"][1]
    losses = [4.0 / i for i in range(1, 11)]
    assert smoothed == pytest.approx([np.mean(losses[max(i - 2, 0) : i + 3]) for i in range(10)])
    assert lines(drawn["Speed"])
    assert set(drawn) >= {"Speed"}


@pytest.mark.parametrize(("steps", "validations"), [(0, ()), (1, ()), (3, (3,)), (0, (2,))])
def test_short_runs_are_drawn_too(tmp_path: Path, steps: int, validations: tuple[int, ...]) -> None:
    metrics = record(tmp_path, steps=steps, validations=validations)
    metrics.touch()
    plot_curves(metrics, tmp_path / "curves.png")
    assert (tmp_path / "curves.png").read_bytes().startswith(PNG)


def test_a_picture_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "curves.png").mkdir()
    with pytest.raises(OutputError, match=r"cannot write .*curves\.png"):
        plot_curves(record(tmp_path), tmp_path / "curves.png")
