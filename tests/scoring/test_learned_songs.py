"""Scores say which of the test songs the models have learned."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree

import pytest
from helpers.data_sets import make_data
from helpers.progress import Warnings
from helpers.tiny_models import save_separator

from lyricsrec.dataset.learned import Learned
from lyricsrec.lyrics.transcript import Provenance, Transcript
from lyricsrec.pipeline.settings import PipelineConfig
from lyricsrec.scoring.recognise import System
from lyricsrec.scoring.report.page import render_page
from lyricsrec.scoring.report.report_file import read_report, to_json
from lyricsrec.scoring.report.tables import to_markdown
from lyricsrec.scoring.score import ScoreConfig, score
from lyricsrec.scoring.texts.manifests import find_split


class Silent:
    provenance = Provenance("0", "none", "fake", decoder="none", settings={"device": "cpu", "seed": 0})

    def transcribe(self, song: object, **_: object) -> Transcript:
        return Transcript("song", 12.0, (), provenance=self.provenance)


def test_learned_songs_are_named_everywhere(tmp_path: Path, ctc_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lyricsrec.scoring.recognise.load_pipeline", lambda config, progress: Silent())
    data = make_data(tmp_path, [{}] * 4)
    model, separator = Path(copytree(ctc_folder, tmp_path / "model")), save_separator(tmp_path / "separator")
    Learned({"a1": (), "elsewhere": ()}, {"a3": ()}).write(model)
    Learned({"a1": (), "a2": ()}).write(separator)
    config = PipelineConfig(model=str(model), separator=str(separator), device="cpu")
    progress = Warnings()
    report = score(
        find_split(data, "train", "long"), [], [System("run/best", config)], config=ScoreConfig(), progress=progress
    )
    (system,) = report.systems
    assert system.learned == ("a1", "a2", "a3")
    end = ": the figures do not show how it does on new songs"
    assert system.warnings == (
        f"run/best: its recogniser was trained on 1 of the 4 songs of this test ('a1'){end}",
        f"run/best: its separator was trained on 1 of the 4 songs of this test ('a2'){end}",
        f"run/best: its checkpoint was chosen by validating on 1 of the 4 songs of this test ('a3'){end}",
    )
    assert set(system.warnings) <= set(progress.warnings)
    (tmp_path / "report.json").write_text(to_json(report))
    assert read_report(tmp_path / "report.json") == report
    page = render_page(report)
    assert page.count('<p class="warning"') == 3
    assert f"separator: {separator}" in page
    assert to_markdown(report).startswith("**Warning:** run/best: its recogniser was trained on")
    assert f"| {'/'.join(separator.parts[-2:])} |" in to_markdown(report)
