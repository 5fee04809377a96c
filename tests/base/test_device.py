"""Number formats by device and processor."""

import pytest

from lyricsrec.base import device
from lyricsrec.base.device import Compute


@pytest.mark.parametrize(
    ("chosen", "dtype", "has_bfloat16", "expected"),
    [
        ("cpu", "auto", True, "bfloat16"),
        ("cpu", "auto", False, "float32"),
        ("cpu", "float32", True, "float32"),
        ("cpu", "bfloat16", False, "bfloat16"),
        ("cpu", "int8", True, "float32"),
        ("cuda", "auto", True, "float16"),
        ("cuda", "float32", True, "float32"),
        ("mps", "auto", True, "float32"),
    ],
)
def test_format_of_convolutions(
    chosen: str, dtype: str, has_bfloat16: bool, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device, "multiplies_bfloat16", lambda: has_bfloat16)
    assert Compute(chosen, dtype).convolution_format == expected  # type: ignore[arg-type]
