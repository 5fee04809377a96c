from __future__ import annotations

import shutil

import pytest

from lyricsrec.pipeline.doctor import _torch_build


@pytest.mark.parametrize(
    ("toolkit", "system", "devices", "gpu", "state", "remedy"),
    [
        (None, "linux", ["cpu"], None, "ok", None),
        (None, "darwin", ["mps", "cpu"], None, "ok", None),
        (None, "linux", ["cpu"], "/usr/bin/nvidia-smi", "note", "pip install --force-reinstall torch"),
        ("13.0", "linux", ["cuda", "cpu"], "/usr/bin/nvidia-smi", "ok", None),
        (
            "13.0",
            "linux",
            ["cpu"],
            None,
            "note",
            "pip uninstall -y torch triton && pip install torch --index-url https://download.pytorch.org/whl/cpu",
        ),
    ],
)
def test_the_build_of_torch(
    toolkit: str | None,
    system: str,
    devices: list[str],
    gpu: str | None,
    state: str,
    remedy: str | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: gpu)
    found = _torch_build(toolkit, system, devices)
    assert (found.state, found.remedy) == (state, remedy)
