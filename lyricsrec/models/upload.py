"""Uploads files to the Hugging Face hub, with the token of the hub's own login."""

from __future__ import annotations

import contextlib
import logging
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from lyricsrec.base.errors import OutputError, UsageError
from lyricsrec.base.progress import SILENT, Progress
from lyricsrec.models.hub import is_repository
from lyricsrec.version import VERSION


def check_repository(repo: str) -> None:
    """Raise UsageError unless a name is one that a repository of the hub can have."""
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.utils._validators import validate_repo_id

    try:
        validate_repo_id(repo)
    except HFValidationError:
        repo = ""
    if not is_repository(repo):
        raise UsageError(
            "a repository of the hub is called owner/name",
            "Letters, digits, '-', '_' and '.' are allowed; owner is your user name or your organisation.",
        )


def upload(
    folder: Path, files: Sequence[Path], repo: str, *, private: bool, message: str, progress: Progress = SILENT
) -> str:
    """Upload files of a folder as one commit to a repository, which is made if needed; returns its address.

    Other files in the repository stay as they are. Raises OutputError when the hub refuses it or cannot be reached,
    UsageError when a repository exists whose visibility is not the one that was asked for.
    """
    import huggingface_hub
    from huggingface_hub import CommitOperationAdd, HfApi, constants

    if constants.HF_HUB_OFFLINE:
        raise OutputError("HF_HUB_OFFLINE is set, so nothing can be uploaded", "Unset it, or use --dry-run.")
    if huggingface_hub.get_token() is None:
        raise OutputError("not logged in to the Hugging Face hub", "Run `hf auth login` with a token that may write.")
    api = HfApi(library_name="lyricsrec", library_version=VERSION)
    with _reported(repo):
        _prepare(api, repo, private=private)
        progress.note(f"uploading {len(files)} files to {repo}")
        operations = [CommitOperationAdd(path.as_posix(), str(folder / path)) for path in files]
        commit = api.create_commit(repo, operations, commit_message=message)
    return str(commit.commit_url).rpartition("/commit/")[0] or f"{api.endpoint}/{repo}"


def _prepare(api: Any, repo: str, *, private: bool) -> None:
    """Make the repository if needed. Raises UsageError for one of another visibility."""
    from huggingface_hub.errors import RepositoryNotFoundError

    try:
        is_private = bool(api.model_info(repo).private)
    except RepositoryNotFoundError:
        # Also what the hub answers for one that the token may not see; then it cannot be made either.
        api.create_repo(repo, private=private)
        return
    if is_private != private:
        shown, flag = ("private", "--private") if is_private else ("public", "--public")
        raise UsageError(
            f"the repository {repo} exists and is {shown}; nothing was uploaded",
            f"Give {flag} to upload to it, or change its visibility on the hub.",
        )


@contextlib.contextmanager
def _reported(repo: str) -> Iterator[None]:
    """Turns errors of the hub into OutputError, and hides its progress bars, messages and warnings."""
    from httpx2 import HTTPError
    from huggingface_hub.errors import HfHubHTTPError
    from huggingface_hub.utils.tqdm import are_progress_bars_disabled, disable_progress_bars, enable_progress_bars

    hidden, logger = are_progress_bars_disabled(), logging.getLogger("huggingface_hub")
    level = logger.level
    disable_progress_bars()
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except HfHubHTTPError as error:
        raise _refusal(repo, error) from None
    except (HTTPError, OSError, ValueError, RuntimeError) as error:
        reason = " ".join(str(error).split())[:300] or type(error).__name__
        raise OutputError(f"cannot upload to {repo} ({reason})", "Try again; what was uploaded is kept.") from None
    finally:
        logger.setLevel(level)
        if not hidden:
            enable_progress_bars()


def _refusal(repo: str, error: Any) -> OutputError:
    status = error.response.status_code
    if status == 401:
        return OutputError("the hub does not accept your token", "Run `hf auth login` again.")
    if status == 403:
        return OutputError(
            f"your token may not write to '{repo}'", "Log in with a token that may write, or choose another owner."
        )
    reason = " ".join(str(getattr(error, "server_message", None) or error).split())[:300]
    return OutputError(f"the hub refused the upload to {repo} ({status}: {reason})")
