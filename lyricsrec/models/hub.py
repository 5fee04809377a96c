"""The Hugging Face hub and its cache on this machine: the only module, beside `upload`, that uses the network."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lyricsrec.base.errors import ModelError
from lyricsrec.base.progress import SILENT, Progress

_NOT_NEEDED = ("state/*", "raw/*", "ema/*")
"""Folders of a checkpoint that others may have uploaded: the state of training, and weights that are not used."""


def fetch(
    repo: str, patterns: Sequence[str], *, name: str = "", offline: bool = False, progress: Progress = SILENT
) -> Path:
    """The folder of the files of a hub repository that match `patterns`, downloaded unless they are in the cache.

    `name` is what messages call it. Raises ModelError when they are not in the cache and `offline` is set, the hub does
    not answer, or there is no such repository.
    """
    import huggingface_hub
    from huggingface_hub.errors import GatedRepoError, HfHubHTTPError, LocalEntryNotFoundError, RepositoryNotFoundError

    cached = cached_folder(repo, patterns)
    if cached is not None:
        return cached
    if offline:
        raise ModelError(
            f"'{name or repo}' is not on this machine, and --offline forbids downloading it",
            f"Run `lyricsrec models pull {name or repo}` once with network access.",
        )
    progress.note(f"downloading {repo} from the Hugging Face hub")
    try:
        return Path(
            huggingface_hub.snapshot_download(
                repo,
                allow_patterns=list(patterns),
                ignore_patterns=list(_NOT_NEEDED),
                tqdm_class=_download_bar(repo, progress),
            )
        )
    except GatedRepoError:
        raise ModelError(
            f"'{repo}' requires accepting its terms first",
            f"Accept them on https://huggingface.co/{repo}, then run `hf auth login`.",
        ) from None
    except RepositoryNotFoundError:
        raise ModelError(f"the hub has no model '{repo}'", "`lyricsrec models list` shows known models.") from None
    except (LocalEntryNotFoundError, HfHubHTTPError, OSError) as error:
        raise ModelError(
            f"'{repo}' is not on this machine and the hub cannot be reached ({type(error).__name__})",
            "Connect and try again, or name a model that is on this machine, such as those of --preset offline.",
        ) from None


def cached_folder(repo: str, patterns: Sequence[str]) -> Path | None:
    """The folder of a repository in the hub's cache on this machine, or None; uses no network."""
    import huggingface_hub
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        return Path(
            huggingface_hub.snapshot_download(
                repo, allow_patterns=list(patterns), ignore_patterns=list(_NOT_NEEDED), local_files_only=True
            )
        )
    except (LocalEntryNotFoundError, OSError, ValueError):
        return None


def is_repository(name: str) -> bool:
    """Whether a model's name has the form of a repository (`owner/name`) rather than of a path."""
    return name.count("/") == 1 and not name.startswith(("/", ".", "~")) and not name.endswith("/")


def _download_bar(repo: str, progress: Progress) -> Any:
    """A tqdm class that reports its counts to `progress` instead of drawing them."""
    from tqdm.auto import tqdm

    class Bar(tqdm):  # type: ignore[misc, type-arg, unused-ignore]
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            kwargs["disable"] = False
            kwargs["file"] = _NullFile()
            kwargs.pop("name", None)
            super().__init__(*args, **kwargs)

        def update(self, n: float | None = 1) -> bool | None:
            shown: bool | None = super().update(n)
            if self.unit == "B":
                progress.update(f"downloading {repo}", float(self.n), float(self.total) if self.total else None)
            return shown

    return Bar


class _NullFile:
    def write(self, _: str) -> int:
        return 0

    def flush(self) -> None:
        pass
