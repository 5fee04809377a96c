"""Lyrics in other scripts, spoken by espeak-ng, aligned with the built-in models through their romanisation."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from lyricsrec.alignment.align import align
from lyricsrec.alignment.settings import AlignConfig
from lyricsrec.audio.audio import Audio
from lyricsrec.audio.resample import resample
from lyricsrec.base.device import Compute
from lyricsrec.lyrics.transcript import Line, Word
from lyricsrec.recognition.ctc import CtcRecognizer, load_ctc
from lyricsrec.recognition.registry import find_recognizer

RATE = 16_000
PAUSE = np.zeros(RATE, np.float32)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="needs espeak-ng"),
]


@pytest.fixture(scope="module", params=["sung.en", "sung"])
def model(request: pytest.FixtureRequest) -> CtcRecognizer:
    return load_ctc(find_recognizer(request.param, offline=True), Compute("cpu", "float32"))


def spoken(text: str, voice: str, folder: Path) -> np.ndarray:
    """A line without the silence before it."""
    path = folder / "line.wav"
    subprocess.run(["espeak-ng", "-v", voice, "-s", "130", "-w", str(path), text], check=True)
    samples, rate = soundfile.read(path, dtype="float32")
    samples = samples[np.flatnonzero(np.abs(samples) > 0.01)[0] :]
    return resample(torch.from_numpy(samples), rate, RATE).numpy()


@pytest.mark.parametrize(
    ("voice", "lines"),
    [
        ("ru", ("Я помню чудное мгновенье", "передо мной явилась ты", "как мимолётное виденье")),
        ("el", ("Σε γνωρίζω από την κόψη", "του σπαθιού την τρομερή", "σε γνωρίζω από την όψη")),
        ("ko", ("나의 살던 고향은", "꽃 피는 산골", "복숭아꽃 살구꽃")),
        ("ja", ("さくら さくら", "やよいの そらは", "みわたす かぎり")),
        ("he", ("התקווה בת שנות אלפיים", "להיות עם חופשי בארצנו")),
        ("cmn", ("床前明月光", "疑是地上霜", "举头望明月")),
    ],
)
def test_lines_start_where_they_are_spoken(
    voice: str, lines: tuple[str, ...], model: CtcRecognizer, tmp_path: Path
) -> None:
    parts, starts = [PAUSE], []
    for text in lines:
        starts.append(sum(map(len, parts)) / RATE)
        parts += [spoken(text, voice, tmp_path), PAUSE]
    emission = model.emission(Audio(np.concatenate(parts)[None], RATE))
    given = [Line(tuple(Word(word, None, None) for word in text.split())) for text in lines]
    found = align(emission, given, AlignConfig())
    assert [line.text for line in found] == list(lines)
    assert "unplaced" not in [line.placement.band for line in found]
    # Chinese tones and Hebrew vowels are not written: a line may begin with its second syllable.
    assert [line.start_s for line in found] == pytest.approx(starts, abs=1.0 if voice == "cmn" else 0.3)
