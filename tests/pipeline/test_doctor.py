from __future__ import annotations

import shutil
import tomllib

import pytest
from helpers.files import ROOT

from lyricsrec.pipeline.doctor import _torch_build

TORCH = "'torch>=2.11,<2.14'"
FOR_CUDA_12 = f"pip install --force-reinstall {TORCH} --index-url https://download.pytorch.org/whl/cu128"


def test_remedies_install_a_torch_that_the_package_allows() -> None:
    assert TORCH.strip("'") in tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]


@pytest.mark.parametrize(
    ("toolkit", "system", "devices", "gpu", "state", "remedy"),
    [
        (None, "linux", ["cpu"], None, "ok", None),
        (None, "darwin", ["mps", "cpu"], None, "ok", None),
        (None, "linux", ["cpu"], "/usr/bin/nvidia-smi", "note", FOR_CUDA_12),
        (None, "win32", ["cpu"], "nvidia-smi.exe", "note", FOR_CUDA_12),
        ("13.0", "linux", ["cuda", "cpu"], "/usr/bin/nvidia-smi", "note", FOR_CUDA_12),
        ("12.8", "linux", ["cuda", "cpu"], "/usr/bin/nvidia-smi", "ok", None),
        ("6.3", "linux", ["cuda", "cpu"], None, "ok", None),
        (
            "13.0",
            "linux",
            ["cpu"],
            None,
            "note",
            f"pip uninstall -y torch triton && pip install {TORCH} --index-url https://download.pytorch.org/whl/cpu",
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
