"""Claims: which process has which song, without a server and without locks.

The claim on a song is a file that only one process can create (O_EXCL, exclusive on NFS since version 3, too). A
process that ends, in order or not, leaves its claims, which others may take over. Taking over a claim never replaces
it: the next file, with the next number, is created in the same exclusive way, so that two processes cannot both take
it. The number is how often the song was left by a process that ended.

Claims of songs that are done stay until `tidy`. They do not keep others away once their owner has ended: who takes a
song looks for its result afterwards.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from lyricsrec.base.errors import OutputError
from lyricsrec.base.output import display_name
from lyricsrec.catalogue.store.heartbeat import Heartbeat


@dataclass(frozen=True)
class Claim:
    """A song that this process has; `number` is how many processes had it before and ended."""

    key: str
    number: int


class Claims:
    """The claims in a folder, as one process makes and sees them."""

    def __init__(self, folder: Path, heartbeat: Heartbeat) -> None:
        self._folder, self._heartbeat = folder, heartbeat
        self._made: set[str] = set()

    def take(self, key: str) -> Claim | None:
        """Claim a song; None where a process that lives has it or had it.

        Raises OutputError when nothing can be written.
        """
        number = 0
        while not self._create(key, number):
            if self._is_held(key, number):
                return None
            number += 1
        return Claim(key, number)

    def holds(self, claim: Claim) -> bool:
        """Whether nobody took the song over, as happens to a process that was stopped for a while."""
        return not self._path(claim.key, claim.number + 1).exists()

    def forget(self, key: str) -> None:
        """Remove all claims on a song, so that it can be done anew."""
        for path in self._path(key, 0).parent.glob(f"{key}.*"):
            with contextlib.suppress(OSError):
                path.unlink()

    def tidy(self) -> None:
        """Remove all claims, unless another process lives; to be called when all songs are settled."""
        if not self._heartbeat.others():
            shutil.rmtree(self._folder, ignore_errors=True)
            self._made.clear()

    def _create(self, key: str, number: int) -> bool:
        path = self._path(key, number)
        try:
            self._make_folder(key)
            try:
                opened = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666)
            except FileNotFoundError:
                # Another process tidied up.
                self._made.clear()
                self._make_folder(key)
                opened = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666)
        except FileExistsError:
            return False
        except OSError as error:
            raise OutputError(f"cannot write {display_name(path)} ({error.strerror})") from None
        return self._sign(path, opened)

    def _sign(self, path: Path, opened: int) -> bool:
        """Write the name of this process into a claim. A full disk takes the claim back and raises OutputError."""
        try:
            os.write(opened, self._heartbeat.name.encode())
        except OSError as error:
            path.unlink(missing_ok=True)
            raise OutputError(f"cannot write {display_name(path)} ({error.strerror})") from None
        finally:
            os.close(opened)
        return True

    def _is_held(self, key: str, number: int) -> bool:
        path = self._path(key, number)
        try:
            owner = path.read_text("utf-8")
            if owner:
                return self._heartbeat.is_alive(owner)
            # Created a moment ago, or by a process that died at that moment.
            return self._heartbeat.is_recent(path)
        except FileNotFoundError:
            # Tidied up between two looks: it is free again, at the next look.
            return True
        except (OSError, ValueError):
            return self._heartbeat.is_recent(path)

    def _make_folder(self, key: str) -> None:
        if key[:2] not in self._made:
            (self._folder / key[:2]).mkdir(parents=True, exist_ok=True)
            self._made.add(key[:2])

    def _path(self, key: str, number: int) -> Path:
        return self._folder / key[:2] / f"{key}.{number}"
